"""Sign changes of a function of one variable, where nothing better than looking is known."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

__all__ = ["bisected", "sign_changes"]

_GOLDEN = (5**0.5 - 1) / 2


def sign_changes(
    function: Callable[[np.ndarray, np.ndarray], np.ndarray], grid: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows of ``grid``, and ends (low, high) of intervals in each in which a function changes its sign.

    ``function(row, x)`` is evaluated on the rising rows of ``grid``; where it comes nearer to 0 at
    a point than at both neighbours, without changing sign, its extremum is sought, so that two
    changes between neighbours are found as long as the function has one extremum there.

    Examples
    --------
    >>> grid = np.linspace(0, 1, 11)[None]
    >>> _, low, high = sign_changes(lambda row, x: (x - 0.52) * (x - 0.53), grid)
    >>> low.size, bool(low[0] < 0.52 < high[0] <= low[1] < 0.53 < high[1])
    (2, True)
    """
    value = function(np.broadcast_to(np.arange(len(grid))[:, None], grid.shape), grid)
    positive, size = value >= 0, np.abs(value)
    row, k = np.nonzero(positive[:, 1:] != positive[:, :-1])
    rows, low, high = [row], [grid[row, k]], [grid[row, k + 1]]
    here = positive[:, 1:-1]
    dip = (here == positive[:, :-2]) & (here == positive[:, 2:])
    dip &= (size[:, 1:-1] <= size[:, :-2]) & (size[:, 1:-1] <= size[:, 2:])
    row, k = np.nonzero(dip)
    if row.size:
        before, start, after = grid[row, k], grid[row, k + 1], grid[row, k + 2]
        side = np.where(positive[row, k + 1], 1.0, -1.0)
        a, b, at, least = before, after, start, value[row, k + 1] * side
        for _ in range(50):
            ends = (b - _GOLDEN * (b - a), a + _GOLDEN * (b - a))
            new = [function(row, x) * side for x in ends]
            for x, v in zip(ends, new, strict=True):
                at, least = np.where(v < least, x, at), np.minimum(v, least)
            left = new[0] < new[1]
            a, b = np.where(left, a, ends[0]), np.where(left, ends[1], b)
        real = least < 0
        rows += [row[real], row[real]]
        low += [before[real], at[real]]
        high += [at[real], after[real]]
    found = [np.concatenate(v) for v in (rows, low, high)]
    order = np.lexsort((found[1], found[0]))
    return found[0][order], found[1][order], found[2][order]


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
