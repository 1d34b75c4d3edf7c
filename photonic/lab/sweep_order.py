"""Which way the power went, from the order of the readings."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

__all__ = ["Order", "sweep_order"]

_RETURN = 0.1  # share of the range within which a sweep that starts anew comes back to its start


class Order(NamedTuple):
    """``direction`` (n,) of each reading, +1, −1 or 0; ``ordered`` is False where the order is no sweep."""

    direction: np.ndarray
    ordered: bool


class _Leg(NamedTuple):
    sign: int
    start: int  # plateau
    stop: int


def sweep_order(power: np.ndarray) -> Order:
    """Direction of each of the input powers (n,) [W], taken in this order.

    Sweeps up and down in turns have two directions; one sweep, or the same sweep again and again,
    has none (0). A turning point that was read twice as often as the others belongs half to the
    way there and half to the way back; otherwise to the way there.

    Examples
    --------
    >>> sweep_order(np.array([0.0, 1.0, 2.0, 3.0, 2.0, 1.0, 0.0])).direction.tolist()
    [1, 1, 1, 1, -1, -1, -1]
    """
    starts = np.flatnonzero(np.diff(power, prepend=np.nan) != 0)
    level, count = power[starts], np.diff(starts, append=power.size)
    signs = np.sign(np.diff(level)).astype(int)
    none = np.zeros(power.size, dtype=int)
    if np.unique(signs).size < 2:
        return Order(none, True)
    edges = np.flatnonzero(np.diff(signs, prepend=0) != 0)
    legs = [
        _Leg(int(signs[a]), int(a), int(b))
        for a, b in zip(edges, np.append(edges[1:], signs.size), strict=True)
    ]
    back = [_flies_back(legs, i, level) for i in range(len(legs))]
    if any(leg.stop - leg.start < 2 and not flies for leg, flies in zip(legs, back, strict=True)):
        return Order(none, False)
    if len({leg.sign for leg, flies in zip(legs, back, strict=True) if not flies}) == 1:
        return Order(none, True)
    direction = np.zeros(level.size, dtype=int)
    turning = {leg.start for i, leg in enumerate(legs) if i and not back[i] and not back[i - 1]}
    for leg, flies in zip(legs, back, strict=True):
        if not flies:
            first = leg.start + (leg.start in turning)
            direction[first : leg.stop + 1] = leg.sign
    each = np.repeat(direction, count)
    usual = float(np.median([c for k, c in enumerate(count) if k not in turning]))
    for k in turning:
        if count[k] >= 2 * usual and count[k] % 2 == 0:
            each[starts[k] + count[k] // 2 : starts[k] + count[k]] *= -1
    return Order(each, True)


def _flies_back(legs: list[_Leg], i: int, level: np.ndarray) -> bool:
    """Whether a leg is one step from the end of a sweep to the start of the same sweep again."""
    if not 0 < i < len(legs) - 1 or legs[i].stop - legs[i].start != 1:
        return False
    if legs[i - 1].stop - legs[i - 1].start < 2:
        return False
    begun = level[legs[i - 1].start]
    span = abs(level[legs[i - 1].stop] - begun)
    return bool(abs(level[legs[i].stop] - begun) <= _RETURN * span)
