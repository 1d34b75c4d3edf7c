"""Smooth maps from a free number, which training may change at will, to a setting with bounds.

Each has ``value(free)``, its ``slope(free)`` and the inverse ``free(value)``, all elementwise and in
float64; the free number is without a unit [1] and of order 1, so one learning rate serves them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from photonic.errors import ParameterError, one_number, real_numbers

__all__ = ["Bounded", "Positive", "SettingMap", "Shifted"]


class SettingMap(Protocol):
    """What stands between a trained number and a physical setting."""

    def value(self, free: Any) -> np.ndarray:
        """The setting."""
        ...

    def slope(self, free: Any) -> np.ndarray:
        """Its derivative by the free number."""
        ...

    def free(self, value: Any) -> np.ndarray:
        """The free number that gives the setting ``value``."""
        ...


@dataclass(frozen=True)
class Bounded:
    """Between ``low`` and ``high``, both in the unit of the setting: low + (high − low)/(1 + e^−u).

    Examples
    --------
    >>> coupling = Bounded(0.02, 0.98)
    >>> float(coupling.value(0.0)), float(coupling.slope(0.0))
    (0.5, 0.24)
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        one_number("low", self.low)
        one_number("high", self.high, above=self.low)

    def value(self, free: Any) -> np.ndarray:
        return self.low + (self.high - self.low) * _logistic(free)

    def slope(self, free: Any) -> np.ndarray:
        return (self.high - self.low) * _logistic(free) * _logistic(np.negative(free))

    def free(self, value: Any) -> np.ndarray:
        value = real_numbers("value", value)
        if np.any(value <= self.low) or np.any(value >= self.high):
            got = float(value[(value <= self.low) | (value >= self.high)].ravel()[0])
            raise ParameterError(f"value must lie in ({self.low:g}, {self.high:g}), got {got:g}")
        return np.log((value - self.low) / (self.high - value))


@dataclass(frozen=True)
class Positive:
    """Above 0: unit · e^u, with ``unit`` in the unit of the setting.

    Examples
    --------
    >>> float(Positive(3.0).value(0.0))
    3.0
    """

    unit: float

    def __post_init__(self) -> None:
        one_number("unit", self.unit, above=0.0)

    def value(self, free: Any) -> np.ndarray:
        return self.unit * np.exp(np.asarray(free, dtype=float))

    slope = value  # an exponential is its own derivative

    def free(self, value: Any) -> np.ndarray:
        return np.log(real_numbers("value", value, above=0.0) / self.unit)


@dataclass(frozen=True)
class Shifted:
    """Any real number, such as a phase: start + unit · u, both in the unit of the setting.

    Examples
    --------
    >>> float(Shifted(1.0, 2.0).value(0.5))
    2.0
    """

    start: float
    unit: float = 1.0

    def __post_init__(self) -> None:
        one_number("start", self.start)
        one_number("unit", self.unit, above=0.0)

    def value(self, free: Any) -> np.ndarray:
        return self.start + self.unit * np.asarray(free, dtype=float)

    def slope(self, free: Any) -> np.ndarray:
        return np.full(np.shape(free), self.unit)

    def free(self, value: Any) -> np.ndarray:
        return (real_numbers("value", value) - self.start) / self.unit


def _logistic(free: Any) -> np.ndarray:
    """1/(1 + e^−u) without overflow."""
    small = np.exp(-np.abs(np.asarray(free, dtype=float)))
    return np.where(np.asarray(free) >= 0, 1.0, small) / (1.0 + small)
