"""Readings in order of power: one point a power, its noise, and where they jump."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from photonic.lab.noise import noise_law
from photonic.lab.smoothing import least_value, smooth

if TYPE_CHECKING:
    from photonic.lab.measured import Measured

__all__ = ["SweepPoints", "jump_places", "points_in_order"]

_FEWEST, _MOST = 2, 4  # points on either side that say what a step would be without a jump
_NEAR = 12  # points that say what the noise is


@dataclass(frozen=True, eq=False, kw_only=True)
class SweepPoints:
    """One point for each power, by rising power.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        Input power and mean output power [W].
    count : ndarray, shape (n,)
        Readings behind each point [1].
    scatter : ndarray, shape (n,)
        Variance of one reading [W²], from those at the same power, with ``freedom`` [1].
    freedom : ndarray, shape (n,)
        Degrees of freedom of ``scatter``; 0 where a power stands in one row only.
    sigma : ndarray, shape (n,), optional
        Standard deviation of one reading [W] as it came with the data.
    repeated : bool
        Whether rows of the data are means of several readings.
    """

    x: np.ndarray
    y: np.ndarray
    count: np.ndarray
    scatter: np.ndarray
    freedom: np.ndarray
    sigma: np.ndarray | None
    repeated: bool

    def band(self) -> np.ndarray | None:
        """``sigma``, without scatter of its own where it may have been found from a few readings.

        It is taken as it is where points are single readings. Otherwise a floor and a part in
        proportion to the power stand for it if they are within 2 %; if not, its ratio to them is
        smoothed.
        """
        if self.sigma is None or not self.repeated or np.all(self.sigma == self.sigma[0]):
            return self.sigma
        law = noise_law(np.maximum(self.y, 0.0), self.sigma**2)(np.maximum(self.y, 0.0))
        ratio = (self.sigma / law) ** 2
        if self.x.size < 8 or np.all(np.abs(ratio - 1.0) < 0.04):
            return law
        fit = smooth(self.x / self.x[-1], ratio, np.ones(self.x.size), (self.x[0] / self.x[-1], 1.0))
        return law * np.sqrt(fit.fitted) if least_value(fit) > 0 and fit.fitted.min() > 0 else law


def points_in_order(measured: Measured) -> SweepPoints:
    """Points of readings, those at exactly the same power taken together."""
    x, group = np.unique(measured.power_in, return_inverse=True)

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(group, values, x.size)

    rows = total(np.ones(group.size))
    count = total(measured.repeats.astype(float))
    y = total(measured.repeats * measured.power_out) / count
    deviations = total(measured.repeats * (measured.power_out - y[group]) ** 2)
    sigma = None
    if measured.sigma is not None:
        sigma = np.sqrt(total(measured.repeats * measured.sigma**2) / count)
    freedom = rows - 1.0
    scatter = deviations / np.maximum(freedom, 1.0)
    return SweepPoints(
        x=x,
        y=y,
        count=count,
        scatter=scatter,
        freedom=freedom,
        sigma=sigma,
        repeated=bool(np.any(measured.repeats > 1)),
    )


def jump_places(x: np.ndarray, y: np.ndarray) -> list[int]:
    """Gaps (i, between points i and i + 1) at which a sweep jumps from one branch to another.

    Straight lines through the (two to four) nearest points on either side are prolonged to the middle
    of the gap. At a jump they miss each other by more than three times what the steeper of them rises
    over the gap, and six standard deviations more. Behind the last jump stand two points at least.
    """
    gaps = range(_FEWEST - 1, x.size - _FEWEST)
    if not len(gaps):
        return []
    noise = _noise(x, y)
    excess = [_excess(x, y, i, float(noise[i])) for i in gaps]
    i = gaps[int(np.argmax(excess))]
    if max(excess) <= 0.0:
        return []
    left, right = jump_places(x[: i + 1], y[: i + 1]), jump_places(x[i + 1 :], y[i + 1 :])
    return [*left, i, *(i + 1 + j for j in right)]


def _excess(x: np.ndarray, y: np.ndarray, i: int, noise: float) -> float:
    """By how much the miss at gap ``i`` exceeds what slopes and noise explain [W]."""
    middle, slopes, levels, variance = 0.5 * (x[i] + x[i + 1]), [], [], 0.0
    for side in (slice(max(i + 1 - _MOST, 0), i + 1), slice(i + 1, i + 1 + _MOST)):
        dx, dy = x[side] - x[side].mean(), y[side] - y[side].mean()
        reach = middle - x[side].mean()
        slopes.append(float(dx @ dy / (dx @ dx)))
        levels.append(float(y[side].mean() + slopes[-1] * reach))
        variance += 1.0 / dx.size + float(reach**2 / (dx @ dx))
    rise = max(map(abs, slopes)) * float(x[i + 1] - x[i])
    return abs(levels[1] - levels[0]) - 3.0 * rise - 6.0 * variance**0.5 * noise


def _noise(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Standard deviation of a point [W] near each gap, from how far points lie off their neighbours' line."""
    share = (x[1:-1] - x[:-2]) / (x[2:] - x[:-2])
    off = y[1:-1] - (1 - share) * y[:-2] - share * y[2:]
    size = 1.4826 * np.abs(off) / np.sqrt(1.0 + share**2 + (1 - share) ** 2)
    first = np.clip(np.arange(x.size - 1) - _NEAR // 2, 0, max(size.size - _NEAR, 0))
    return np.array([np.median(size[i : i + _NEAR]) for i in first])
