"""Numbers read from a spectrum, with what is known of their errors."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

__all__ = ["Z95", "Quantity", "from_samples", "logarithmic", "normal_points", "plain"]

Z95 = 1.959963984540054  # two-sided 95 % of a normal distribution


@dataclass(frozen=True)
class Quantity:
    """A number [``unit``], its standard error, and the ends of its 95 % interval.

    An end that the data do not set is infinite; so is the standard error of a number without any.
    """

    value: float
    standard_error: float
    low: float
    high: float
    unit: str

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval."""
        return self.low, self.high

    def as_dict(self) -> dict[str, float | str | None]:
        """The numbers, fit for JSON: null where the data say nothing."""
        numbers = {name: getattr(self, name) for name in ("value", "standard_error", "low", "high")}
        return {**{k: v if math.isfinite(v) else None for k, v in numbers.items()}, "unit": self.unit}


def plain(value: float, error: float, unit: str, quantile: float = Z95) -> Quantity:
    """A number whose error is normal."""
    return Quantity(float(value), float(error), value - quantile * error, value + quantile * error, unit)


def logarithmic(value: float, relative: float, unit: str) -> Quantity:
    """A positive number whose logarithm has the normal error ``relative`` [1]."""
    factor = math.exp(min(Z95 * relative, 300.0))
    return Quantity(float(value), float(value * relative), value / factor, value * factor, unit)


def from_samples(value: float, samples: np.ndarray, unit: str) -> Quantity:
    """A number whose possible values are the ``samples``."""
    low, high = (float(end) for end in np.quantile(samples, [0.025, 0.975]))
    return Quantity(float(value), float(np.std(samples)), min(low, value), max(high, value), unit)


def normal_points(mean: np.ndarray, covariance: np.ndarray, count: int = 1024) -> np.ndarray:
    """Points, shape (count, k), that fill a normal distribution evenly: a lattice, nothing random.

    Multiples of powers of the root of g^{k+1} = g + 1, modulo 1, are spread evenly in k dimensions.
    """
    from scipy.special import ndtri

    k = len(mean)
    g = 2.0
    for _ in range(60):
        g = (1 + g) ** (1 / (k + 1))
    share = (0.5 + np.arange(1, count + 1)[:, None] * g ** -np.arange(1, k + 1)) % 1
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0.0))
    return np.asarray(mean + ndtri(share) @ root.T)
