"""The electronics behind photodiodes: shot noise and thermal noise of what they read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from photonic.errors import ParameterError, one_number
from photonic.units import BOLTZMANN, ELEMENTARY_CHARGE

__all__ = ["Receiver"]


@dataclass(frozen=True, kw_only=True)
class Receiver:
    """Bandwidth B, load R_L and temperature T of the electronics of photodiodes.

    Parameters
    ----------
    bandwidth : float, optional
        B [Hz]; without it there is no noise.
    load_resistance : float, optional
        R_L of each photodiode [Ω]; without it there is no thermal noise.
    temperature : float
        T of the load [K].

    Examples
    --------
    >>> receiver = Receiver(bandwidth=10e9, load_resistance=50.0)
    >>> round(float(receiver.variance(1e-3)) ** 0.5 * 1e6, 3)  # µA, at 1 mA
    2.553
    """

    bandwidth: float | None = None
    load_resistance: float | None = None
    temperature: float = 300.0

    def __post_init__(self) -> None:
        one_number("temperature", self.temperature, unit="K", above=0.0)
        if self.bandwidth is not None:
            one_number("bandwidth", self.bandwidth, unit="Hz", above=0.0)
        if self.load_resistance is not None:
            one_number("load_resistance", self.load_resistance, unit="ohm", above=0.0)
            if self.bandwidth is None:
                raise ParameterError("load_resistance needs the bandwidth [Hz]: there is no noise without it")

    def variance(self, current: Any, photodiodes: int = 1) -> Any:
        """σ² = 2 q I B + n 4 k_B T B/R_L [A²] of n ``photodiodes`` whose mean currents add up to I [A]."""
        thermal = 0.0
        if self.load_resistance is not None and self.bandwidth is not None:
            thermal = 4 * BOLTZMANN * self.temperature * self.bandwidth / self.load_resistance
        return self.slope * current + photodiodes * thermal

    @property
    def slope(self) -> float:
        """dσ²/dI = 2 q B [A]."""
        return 2 * ELEMENTARY_CHARGE * (self.bandwidth or 0.0)

    def draw(
        self, current: np.ndarray, generator: np.random.Generator, photodiodes: int = 1
    ) -> tuple[np.ndarray, np.ndarray]:
        """Noise of readings of mean currents I [A], [A], and its slope by I with the numbers drawn kept [1].

        Without any current there is no shot noise, and its slope, infinite there, counts as 0.
        """
        drawn = generator.standard_normal(current.shape)
        sigma = np.sqrt(self.variance(current, photodiodes))
        slope = np.divide(0.5 * self.slope, sigma, out=np.zeros_like(sigma), where=sigma > 0)
        return sigma * drawn, slope * drawn
