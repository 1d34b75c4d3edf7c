"""The array library that a value belongs to, so that one formula serves them all."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["is_foreign", "listed", "namespace"]

_NATIVE = (float, int, complex, np.ndarray, np.generic, type(None))


def is_foreign(value: Any) -> bool:
    """Whether ``value`` belongs to another array library than NumPy (a tensor, say)."""
    return not isinstance(value, _NATIVE) and hasattr(value, "shape")


def namespace(*values: Any) -> Any:
    """Array namespace of ``values``: NumPy unless one of them is a foreign array.

    array-api-compat is imported only when a foreign array is met: it costs as much as NumPy.
    """
    foreign = [v for v in values if is_foreign(v)]
    if not foreign:
        return np
    from array_api_compat import array_namespace

    return array_namespace(*foreign)


def listed(value: Any) -> Any:
    """A list or a tuple as a NumPy array, anything else as it is."""
    return np.asarray(value, dtype=float) if isinstance(value, list | tuple) else value
