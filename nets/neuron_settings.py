"""From the free numbers that training changes to the settings and the encoding of each neuron."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nets.setting_maps import Bounded, Positive, SettingMap, Shifted
from photonic.device_response import SETTINGS
from photonic.devices import CavityLoadedMZI

__all__ = ["COUPLINGS", "NAMES", "NeuronMaps", "Neurons"]

NAMES = (*SETTINGS, "scale", "bias")
COUPLINGS = (0.02, 0.98)  # [1], couplings that are kept to, away from where √k has no slope
_NEAR = 1e-3  # [1], share of a range that a start is kept from its ends


class Neurons(NamedTuple):
    """What n neurons are set to."""

    settings: np.ndarray  # (n, 4), columns of `photonic.device_response.SETTINGS`
    scale: np.ndarray  # power per unit of z in full scales [1], (n,)
    bias: np.ndarray  # power at z = 0 in full scales [1], (n,)


@dataclass(frozen=True)
class NeuronMaps:
    """One smooth map for each of `NAMES`, of the free number times ``rate``.

    Parameters
    ----------
    detunings : (float, float)
        Detunings that are kept to [rad/s].
    phase_unit : float
        Arm phase per unit of its free number [rad].
    bias_unit : float
        Bias per unit of its free number, in full scales [1].
    rate : float
        How fast settings learn beside the weights [1]: the free numbers are multiplied by it.
    """

    detunings: tuple[float, float]
    rate: float = 1.0
    phase_unit: float = 1.0
    bias_unit: float = 1.0

    @property
    def each(self) -> tuple[SettingMap, ...]:
        """The maps, in the order of `NAMES`."""
        coupling = Bounded(*COUPLINGS)
        phase, bias = Shifted(0.0, self.phase_unit), Shifted(0.0, self.bias_unit)
        return Bounded(*self.detunings), phase, coupling, coupling, Positive(1.0), bias

    def free(self, devices: list[CavityLoadedMZI], scale: float, bias: float) -> np.ndarray:
        """Free numbers (n, 6) of the settings of ``devices`` and one encoding; inside the ranges."""
        rows = [[float(getattr(device, name)) for name in SETTINGS] + [scale, bias] for device in devices]
        found = np.array(rows)
        for k, smooth in enumerate(self.each):
            column = found[:, k]
            if isinstance(smooth, Bounded):
                near = _NEAR * (smooth.high - smooth.low)
                column = np.clip(column, smooth.low + near, smooth.high - near)
            found[:, k] = smooth.free(column)
        return found / self.rate

    def neurons(self, free: np.ndarray) -> Neurons:
        """Settings and encoding at the free numbers (n, 6)."""
        columns = [smooth.value(self.rate * free[:, k]) for k, smooth in enumerate(self.each)]
        return Neurons(np.column_stack(columns[:4]), columns[4], columns[5])

    def slopes(self, free: np.ndarray) -> np.ndarray:
        """Derivative of each setting by its free number, (n, 6)."""
        columns = [self.rate * smooth.slope(self.rate * free[:, k]) for k, smooth in enumerate(self.each)]
        return np.column_stack(columns)
