"""Matrix products on one thread, so that results do not depend on the number of cores."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator

__all__ = ["single_threaded_blas"]

_lock = threading.Lock()
_users = 0
_release = threading.Event()
_holder: threading.Thread | None = None


@contextlib.contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Matrix products on one thread inside the ``with`` block, whichever thread enters it.

    Some BLAS libraries keep one limit for the process, and let only the thread that set it change
    it again; others keep one for each thread. A thread of our own holds the limit while anyone
    is inside; everyone who enters also sets his own.

    Examples
    --------
    >>> with single_threaded_blas():
    ...     pass
    """
    from threadpoolctl import threadpool_limits

    global _users, _release, _holder
    with _lock:
        if _users == 0:
            held, _release = threading.Event(), threading.Event()
            _holder = threading.Thread(target=_hold, args=(held, _release), daemon=True)
            _holder.start()
            held.wait()
        _users += 1
    try:
        with threadpool_limits(limits=1, user_api="blas"):
            yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0 and _holder is not None:
                _release.set()
                _holder.join()


def _hold(held: threading.Event, release: threading.Event) -> None:
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=1, user_api="blas"):
        held.set()
        release.wait()
