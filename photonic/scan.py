"""Sign changes of a function of one variable, where nothing better than looking is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["bisected", "sign_changes"]

_GOLDEN = (5**0.5 - 1) / 2


def sign_changes(
    function: Callable[[np.ndarray], np.ndarray], grid: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Ends (low, high) of intervals in which ``function`` changes its sign, rising.

    It is evaluated on a rising ``grid``; where it comes nearer to 0 at a point than at both
    neighbours, without changing sign, its extremum is sought, so that two changes between
    neighbours are found as long as the function has one extremum there.

    Examples
    --------
    >>> low, high = sign_changes(lambda x: (x - 0.52) * (x - 0.53), np.linspace(0, 1, 11))
    >>> low.size, bool(low[0] < 0.52 < high[0] <= low[1] < 0.53 < high[1])
    (2, True)
    """
    value = function(grid)
    sign = np.where(value >= 0, 1.0, -1.0)
    found = np.flatnonzero(sign[1:] != sign[:-1])
    low, high = [grid[found]], [grid[found + 1]]
    size = np.abs(value)
    dip = np.flatnonzero(
        (size[1:-1] <= size[:-2]) & (size[1:-1] <= size[2:])
        & (sign[1:-1] == sign[:-2]) & (sign[1:-1] == sign[2:])
    ) + 1  # fmt: skip
    if dip.size:
        side, a, b = sign[dip], grid[dip - 1], grid[dip + 1]
        least, at = value[dip] * side, grid[dip]
        for _ in range(50):
            ends = np.stack([b - _GOLDEN * (b - a), a + _GOLDEN * (b - a)])
            new = np.stack([function(ends[0]), function(ends[1])]) * side
            for x, v in zip(ends, new, strict=True):
                at, least = np.where(v < least, x, at), np.minimum(v, least)
            left = new[0] < new[1]
            a, b = np.where(left, a, ends[0]), np.where(left, ends[1], b)
        real = least < 0
        low += [grid[dip - 1][real], at[real]]
        high += [at[real], grid[dip + 1][real]]
    starts, stops = np.concatenate(low), np.concatenate(high)
    order = np.argsort(starts, kind="stable")
    return starts[order], stops[order]


def bisected(function: Callable[[np.ndarray], np.ndarray], low: np.ndarray, high: np.ndarray) -> np.ndarray:
    """Where ``function`` changes sign between ``low`` and ``high``, to round-off, all at once."""
    side = function(low) >= 0
    for _ in range(100):
        middle = (low + high) / 2
        if np.all((middle <= low) | (middle >= high)):
            break
        same = (function(middle) >= 0) == side
        low, high = np.where(same, middle, low), np.where(same, high, middle)
    return high
