"""What frozen heat asks of a layer of neurons: which symbols, and how much the ring heaters make up for."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from photonic.errors import ParameterError
from photonic.units import engineering

__all__ = ["FrozenHeat", "frozen_heat_of"]

_QUANTILES = 33  # powers that stand for those which arrive at a neuron
_TOLERANCE = 0.05  # of the output range [1]


@dataclass(frozen=True, kw_only=True)
class FrozenHeat:
    """Symbol times and mean heating of a layer of neurons whose heat is frozen.

    Attributes
    ----------
    symbol_window : tuple of float or None
        Shortest and longest symbol [s] for which the neuron that heats most keeps its curve within 5 %
        of its range; 0 or infinite where the bound lies outside what is looked at. None: no symbol
        does, or it cannot be told.
    unknown : str or None
        Why the symbol window cannot be told.
    mean_heating : tuple of float or None
        Smallest and largest offset by the mean heat among the neurons [half-linewidths], which the
        heater of each ring, or its laser, must make up for.
    """

    symbol_window: tuple[float, float] | None = None
    unknown: str | None = None
    mean_heating: tuple[float, float] | None = None

    @property
    def is_idealised(self) -> bool | None:
        """Whether no symbol time at all suits frozen heat; None where that cannot be told."""
        return None if self.unknown is not None else self.symbol_window is None

    def words(self) -> str:
        """One line on both."""
        if self.unknown is not None:
            text = f"symbol times cannot be told: {self.unknown}"
        elif self.symbol_window is None:
            text = "an idealisation: no symbol time keeps the hottest neuron within 5 % of its curve"
        else:
            text = f"{_times(*self.symbol_window)} at the hottest neuron"
        if self.mean_heating is None:
            return text
        low, high = self.mean_heating
        return f"{text}; ring heaters make up for {low:.2g} to {high:.2g} half-linewidths of mean heat"


def frozen_heat_of(stage: Any, arriving: np.ndarray) -> FrozenHeat:
    """Of the ``devices()`` of a stage and the powers [W] that arrive at them, shape (rows, channels).

    Each neuron is judged by 33 quantiles of its own powers, one as likely as the other. Neurons at
    which nothing changes are left out.
    """
    shares = (np.arange(_QUANTILES) + 0.5) / _QUANTILES
    powers = np.quantile(arriving, shares, axis=0)
    lit = np.flatnonzero(np.ptp(powers, axis=0) > 0)
    if not lit.size:
        return FrozenHeat(unknown="the powers that arrive do not change")
    try:
        devices = stage.devices()
        offsets = [_half_linewidths(devices[k], powers[:, k]) for k in lit]
        heated = (min(offsets), max(offsets))
    except ParameterError as error:
        return FrozenHeat(unknown=str(error))
    hottest = lit[int(np.argmax(offsets))]
    try:
        window = devices[hottest].symbol_window(powers[:, hottest], _TOLERANCE)
    except ParameterError as error:
        return FrozenHeat(unknown=str(error), mean_heating=heated)
    return FrozenHeat(
        symbol_window=None if window is None else (window.shortest, window.longest), mean_heating=heated
    )


def _half_linewidths(device: Any, powers: np.ndarray) -> float:
    """Offset of the resonance by the mean heat [half-linewidths]."""
    return float(device.mean_heating(powers)[1] / (device.ring.linewidth / 2))


def _times(shortest: float, longest: float) -> str:
    least, most = (engineering(time, "s", 2) for time in (shortest, longest))
    if shortest == 0:
        return "symbols of any length" if math.isinf(longest) else f"symbols up to {most}"
    return f"symbols from {least} on" if math.isinf(longest) else f"symbols of {least} to {most}"
