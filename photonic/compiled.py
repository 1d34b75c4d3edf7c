"""Loops that NumPy cannot vectorise: compiled by Numba on first use, one source for both."""

from __future__ import annotations

import functools
import hashlib
import types
import warnings
from collections.abc import Callable
from typing import Any

__all__ = ["compiled"]


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Decorate ``function`` so that its first call compiles it (nopython, no GIL, cached on disk).

    Plain Python functions that it calls by name are compiled along with it and stay plain
    Python for everyone else, so one formula serves arrays and loops. ``.py_func`` is the source.
    Where Numba cannot be used, the source itself runs, after one warning.

    Examples
    --------
    >>> import numpy as np
    >>> @compiled
    ... def total(x):
    ...     s = 0.0
    ...     for v in x:
    ...         s += v
    ...     return s
    >>> total(np.ones(3))
    3.0
    """
    kernel: list[Callable[..., Any]] = []

    @functools.wraps(function)
    def call(*args: Any) -> Any:
        if not kernel:
            kernel.append(_compile(function))
        return kernel[0](*args)

    call.py_func = function  # type: ignore[attr-defined]
    return call


def _compile(function: Callable[..., Any]) -> Callable[..., Any]:
    try:
        import numba
        from numba.extending import register_jitable
    except Exception as reason:  # not installed, or built for another NumPy
        warnings.warn(
            f"Numba cannot be used ({reason}): loops run as plain Python, hundreds of times slower",
            RuntimeWarning,
            stacklevel=3,
        )
        return function
    callees = _callees(function)
    for callee in callees:
        register_jitable(callee)
    try:
        return numba.njit(cache=True, nogil=True, error_model="numpy")(_named_by_content(function, callees))
    except RuntimeError:  # no place where a cache can be written
        return numba.njit(nogil=True, error_model="numpy")(function)


def _named_by_content(function: Any, callees: list[types.FunctionType]) -> Any:
    """Copy of ``function`` whose name in the cache changes with what it calls, its constants included.

    The cache looks at the file of the kernel only, not at those of its callees.
    """
    content = "".join(
        f"{c.__code__.co_code!r}{c.__code__.co_consts!r}{c.__code__.co_names!r}{_numbers(c)}" for c in callees
    )
    copy = types.FunctionType(
        function.__code__, function.__globals__, function.__name__, function.__defaults__
    )
    copy.__qualname__ = f"{function.__qualname__}-{hashlib.sha1(content.encode()).hexdigest()[:12]}"
    return copy


def _numbers(function: Any) -> str:
    """The global numbers that ``function`` uses, which are compiled into it."""
    used = ((name, function.__globals__.get(name)) for name in function.__code__.co_names)
    return repr([(name, value) for name, value in used if isinstance(value, int | float | complex)])


def _callees(function: Any) -> list[types.FunctionType]:
    found: list[types.FunctionType] = []
    for name in function.__code__.co_names:
        callee = function.__globals__.get(name)
        if isinstance(callee, types.FunctionType) and not hasattr(callee, "py_func"):
            found += [*_callees(callee), callee]
    return found
