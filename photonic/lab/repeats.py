"""Repeated readings: their means and the noise of one reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from photonic.lab.noise import NoiseLaw, noise_law

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
    """The law of the noise, and what it was read from.

    ``resolution`` [W] is the smallest step between readings, ``degrees_of_freedom`` those of the
    variances.
    """

    law: NoiseLaw
    resolution: float
    degrees_of_freedom: int

    def sigma(self, power: Any) -> np.ndarray:
        """Standard deviation [W] of a reading at ``power`` [W]; not below that of rounding."""
        return np.maximum(self.law(power), self.resolution / 12**0.5)


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
    """Noise of one reading from the spread of repeats, by maximum likelihood; None without a spread."""
    repeated = points.count > 1
    degrees = points.count[repeated] - 1
    total = int(degrees.sum())
    if total < _LEAST_DEGREES or not np.any(points.variance[repeated] > 0):
        return None
    resolution = float(np.diff(np.unique(readings)).min())
    # Readings that agree to the last digit still differ by up to half of it.
    variance = np.maximum(points.variance[repeated], resolution**2 / 12)
    return Noise(noise_law(points.power_out[repeated], variance, degrees), resolution, total)
