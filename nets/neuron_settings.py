"""From the free numbers that training changes to the settings and the encoding of each neuron."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from nets.setting_maps import Bounded, Positive, SettingMap, Shifted
from photonic.device_response import SETTINGS
from photonic.devices import CavityLoadedMZI
from photonic.errors import ParameterError, real_numbers
from photonic.heater_slopes import least_detuning
from photonic.heaters import Heaters
from photonic.ring import Ring
from photonic.stable_region import check_stable, stable_detunings

__all__ = ["COUPLINGS", "NAMES", "NeuronMaps", "Neurons", "kept_detunings"]

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


def kept_detunings(
    device: CavityLoadedMZI,
    power_max: float,
    given: tuple[float, float] | None,
    heaters: Heaters | None,
) -> tuple[float, float]:
    """Detunings (low, high) [rad/s] that training keeps to, with one stable state up to ``power_max`` [W].

    Those ``given``, or the interval around the device's own if None, whatever the couplings. ``heaters``
    that are paid for must reach all of them.

    Raises
    ------
    ParameterError
        Several states or self-pulsation at one of them; one out of the heaters' reach.

    Examples
    --------
    >>> from photonic.presets import SOFTPLUS
    >>> low, high = kept_detunings(SOFTPLUS, 2e-3, None, None)
    >>> [round(end / (SOFTPLUS.ring.linewidth / 2), 2) for end in (low, high)]
    [-4.0, 1.16]
    """
    ring, highest = device.ring, float(power_max / device.insertion_loss)
    if given is None:
        low, high = stable_detunings(ring, highest, around=float(device.detuning))
    else:
        ends = real_numbers("detunings", given, unit="rad/s")
        if ends.shape != (2,) or not ends[0] < ends[1]:
            raise ParameterError(f"detunings must be two rising numbers [rad/s], got {given!r}")
        low, high = map(float, ends)
        _check_stable_once(ring, highest, low, high)
    least = low if heaters is None else least_detuning(heaters, ring)
    if low < least:
        raise ParameterError(
            f"detunings begin at {low:.6g} rad/s, but the ring heater reaches {least:.6g} rad/s and above: "
            "give detunings, a smaller detuning_unheated of the heaters, or the ring's circumference [m]"
        )
    return low, high


@lru_cache(maxsize=64)  # copies of an activation for other widths ask again
def _check_stable_once(ring: Ring, power_max: float, low: float, high: float) -> None:
    check_stable(ring, power_max, (low, high))
