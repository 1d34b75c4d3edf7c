"""Arguments of figures, refused by name where they are another thing."""

from __future__ import annotations

from typing import Any

from photonic.errors import ParameterError

__all__ = ["checked_kind", "wrong_kind"]


def checked_kind(name: str, value: Any, kind: type, hint: str = "") -> None:
    """Raise a ParameterError unless ``value`` is a ``kind``; ``hint`` says where one comes from.

    Examples
    --------
    >>> checked_kind("budget", 3, dict, "see plan()")
    Traceback (most recent call last):
    photonic.errors.ParameterError: budget must be a dict, got int: see plan()
    """
    if not isinstance(value, kind):
        raise wrong_kind(name, value, kind.__name__, hint)


def wrong_kind(name: str, value: Any, kind: str, hint: str = "") -> ParameterError:
    """Error to raise for a ``value`` that is not of the ``kind`` named."""
    article = "an" if kind[0] in "AEIO" else "a"
    after = f": {hint}" if hint else ""
    return ParameterError(f"{name} must be {article} {kind}, got {type(value).__name__}{after}")
