"""Named starting points: one silicon neuron, biased as five activations.

The neuron is `photonic.parameters.RIB_RING` in arm 1 of a Mach–Zehnder interferometer, heat frozen,
full scale `POWER_MAX`. The biases are what `photonic.program` finds with its default search,
rounded; ``preset("sigmoid")`` tells target, shape and read-out with the device.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from photonic.curve import Curve
from photonic.devices import CavityLoadedMZI
from photonic.errors import unknown_name
from photonic.parameters import RIB_RING

__all__ = [
    "CLAMPED_RELU",
    "LEAKY_RELU",
    "POWER_MAX",
    "PRESETS",
    "RADIAL_BASIS",
    "SIGMOID",
    "SOFTPLUS",
    "Preset",
    "preset",
]

POWER_MAX = 2e-3  # [W], full scale of every preset

_FROZEN = RIB_RING.with_effects(heating=False)


def _biased(half_linewidths: float, arm_phase: float, k_in: float, k_out: float) -> CavityLoadedMZI:
    """The neuron at a detuning in half-linewidths and an arm phase in units of π."""
    detuning = _FROZEN.detuning(half_linewidths=half_linewidths)
    return CavityLoadedMZI(_FROZEN, detuning, arm_phase * math.pi, k_in, k_out, port="cross")


SIGMOID = _biased(0.7494, 0.6949, 0.7065, 0.7205)
RADIAL_BASIS = _biased(0.6067, 1.6828, 0.6725, 0.7975)
CLAMPED_RELU = _biased(0.7183, 0.3217, 0.3171, 0.4360)
SOFTPLUS = _biased(0.5577, 0.3601, 0.7517, 0.8003)
LEAKY_RELU = _biased(0.7272, 0.2378, 0.4024, 0.0699)


@dataclass(frozen=True, kw_only=True)
class Preset:
    """A biased device, the target it stands for and the shape parameters of that target."""

    name: str
    device: CavityLoadedMZI
    power_max: float
    shape: tuple[float, ...]

    def curve(self, points: int = 401) -> Curve:
        """Transfer curve up to full scale."""
        return self.device.curve(self.power_max, points)


PRESETS: Mapping[str, Preset] = MappingProxyType(
    {
        name: Preset(name=name, device=device, power_max=POWER_MAX, shape=shape)
        for name, device, shape in (
            ("sigmoid", SIGMOID, (0.7000, 0.1200)),
            ("radial-basis", RADIAL_BASIS, (0.3564, 0.2441)),
            ("clamped-relu", CLAMPED_RELU, (0.6000, 0.7000)),
            ("softplus", SOFTPLUS, (0.5870, 0.0649)),
            ("leaky-relu", LEAKY_RELU, (0.3040, 0.3000)),
        )
    }
)


def preset(name: str) -> Preset:
    """The preset called ``name``.

    Examples
    --------
    >>> preset("softplus").curve().regime
    'frozen heat'
    """
    if name not in PRESETS:
        raise unknown_name("preset", name, PRESETS)
    return PRESETS[name]
