"""Repeated readings: their means and the noise of one reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Noise", "Points", "averaged", "noise_of"]

_LEAST_DEGREES = 3  # of freedom, below which a spread says nothing


@dataclass(frozen=True, eq=False)
class Points:
    """Means of readings at the same input power on the same way.

    Arrays (n,): ``power_in`` and ``power_out`` [W], ``direction``, ``count`` of readings, sample
    ``variance`` [W²] (NaN for one reading); ``rows`` lists the rows that went into each point.
    """

    power_in: np.ndarray
    power_out: np.ndarray
    direction: np.ndarray
    count: np.ndarray
    variance: np.ndarray
    rows: tuple[np.ndarray, ...]


@dataclass(frozen=True)
class Noise:
    """Standard deviation of one reading, σ² = floor² + (relative P)².

    ``floor`` [W], ``relative`` [1] and ``resolution`` [W] (the smallest step between readings);
    ``degrees_of_freedom`` of the variances that it was fitted to.
    """

    floor: float
    relative: float
    resolution: float
    degrees_of_freedom: int

    def sigma(self, power: Any) -> np.ndarray:
        """Standard deviation [W] of a reading at ``power`` [W]; not below that of rounding."""
        variance = self.floor**2 + (self.relative * np.asarray(power)) ** 2
        return np.sqrt(np.maximum(variance, self.resolution**2 / 12))


def averaged(power_in: np.ndarray, readings: np.ndarray, direction: np.ndarray, sort: bool) -> Points:
    """Points of readings (n, k) [W] at ``power_in`` (n,) [W], taken in the ``direction`` (n,).

    Points keep the order of the measurement, unless readings were merged or ``sort``: then each
    direction is sorted the way that it went.
    """
    keys = np.stack([direction.astype(float), power_in])
    _, first, inverse = np.unique(keys, axis=1, return_index=True, return_inverse=True)
    inverse = np.ravel(inverse)
    count = np.bincount(inverse) * readings.shape[1]
    mean = np.bincount(inverse, weights=readings.sum(axis=1)) / count
    squares = ((readings - mean[inverse][:, None]) ** 2).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = np.bincount(inverse, weights=squares) / (count - 1)
    order = np.argsort(first)
    if sort or first.size < power_in.size:
        way = direction[first]
        falls = (way == 0) & (not sort and bool(power_in[0] > power_in[-1]))
        sign = np.where((way < 0) | falls, -1.0, 1.0)
        seen = list(dict.fromkeys(direction.tolist()))
        order = np.lexsort((sign * power_in[first], [seen.index(d) for d in way.tolist()]))
    by_group = np.split(np.argsort(inverse, kind="stable"), np.cumsum(np.bincount(inverse))[:-1])
    return Points(
        power_in[first][order],
        mean[order],
        direction[first][order],
        count[order],
        variance[order],
        tuple(by_group[i] for i in order),
    )


def noise_of(points: Points, readings: np.ndarray) -> Noise | None:
    """Noise of one reading from the spread of repeats, by maximum likelihood; None without a spread.

    A sample variance s² of ν degrees of freedom has the log-likelihood −ν/2 (ln σ² + s²/σ²). With
    σ² = c g(P), g = 1 − m + m (P/P_max)², the best c for a given m is Σν (s²/g)/Σν, so that only
    the share m in [0, 1] has to be searched.
    """
    repeated = points.count > 1
    degrees = points.count[repeated] - 1
    total = int(degrees.sum())
    steps = np.diff(np.unique(readings))
    if total < _LEAST_DEGREES or not np.any(points.variance[repeated] > 0):
        return None
    resolution = float(steps.min())
    power = np.abs(points.power_out[repeated])
    top = float(power.max())
    # Readings that agree to the last digit still differ by up to half of it.
    variance = np.maximum(points.variance[repeated], resolution**2 / 12)
    shape = (power / top) ** 2 if top > 0 else np.zeros_like(power)

    def scale(m: float) -> tuple[float, np.ndarray]:
        g = 1 - m + m * shape
        return float((degrees * variance / g).sum() / total), g

    def cost(m: float) -> float:
        c, g = scale(m)
        return float((degrees * np.log(c * g)).sum())

    highest = 1.0 if shape.min() > 0 else 1 - 1e-12
    m = _least(cost, highest)
    c, _ = scale(m)
    relative = (m * c) ** 0.5 / top if top > 0 else 0.0
    return Noise(((1 - m) * c) ** 0.5, relative, resolution, total)


def _least(cost: Any, highest: float) -> float:
    """Share m in [0, highest] of the least cost; searched in log-odds, the ends included."""
    from scipy.optimize import minimize_scalar

    odds = np.linspace(-27.0, 27.0, 55)
    shares = 1 / (1 + np.exp(-odds))
    inner = [cost(m) if m <= highest else np.inf for m in shares]
    k = int(np.argmin(inner))
    best = shares[k]
    if 0 < k < odds.size - 1 and np.isfinite(inner[k + 1]):
        found = minimize_scalar(
            lambda u: cost(1 / (1 + np.exp(-u))),
            bounds=(odds[k - 1], odds[k + 1]),
            method="bounded",
            options={"xatol": 1e-6},
        )
        best = 1 / (1 + np.exp(-found.x))
    return float(min((0.0, float(best), highest), key=cost))
