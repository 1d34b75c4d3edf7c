"""Changes of a device that no static measurement of it can see, and what would show them.

Each is a set of numbers and the powers in which they change together. They follow from the steady state:
in U, P → s U, s P leaves (6)–(8) of `photonic.cavity` as they are if every coefficient of U is divided by s,
and the carriers enter only as τ dn/dN and τ σ.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["SYMMETRIES", "Symmetry", "remedy"]


@dataclass(frozen=True)
class Symmetry:
    """``exponents``: name → power in which it changes; ``why`` it cannot be seen; what ``breaks`` it.

    ``told`` is whether a fit says so even if only some of the numbers were free.
    """

    exponents: Mapping[str, float]
    why: str
    breaks: str
    told: bool = False


_POWER = Symmetry(
    {
        "power_scale": 1.0,
        "ring.two_photon_absorption": -1.0,
        "ring.kerr_index": -1.0,
        "ring.index_per_carrier": -1.0,
        "ring.free_carrier_cross_section": -1.0,
        "ring.thermal_lifetime": -1.0,
    },
    "a scale of the power maps two-photon absorption, Kerr index, dispersion and absorption by carriers and "
    "thermal resistance each by its inverse",
    "a calibration of the power at the device (reference plane), or one of these numbers from elsewhere",
    told=True,
)
_LIFETIME = Symmetry(
    {"ring.carrier_lifetime": 1.0, "ring.index_per_carrier": -1.0, "ring.free_carrier_cross_section": -1.0},
    "a static curve holds only the products of the carrier lifetime τ with dn/dN and with the "
    "cross-section σ",
    "a time response (the answer to a step or a pulse, or a bandwidth), which shows τ by itself",
    told=True,
)
_HEAT = Symmetry(
    {"ring.thermal_lifetime": 1.0, "ring.thermo_optic": -1.0},
    "a static curve holds only the product of thermal resistance and thermo-optic coefficient",
    "the shift of the resonance with a known temperature of the chip",
    told=True,
)
_VOLUME = Symmetry(
    {"ring.thermal_volume": 1.0, "ring.thermal_lifetime": 1.0},
    "a static curve holds only the thermal resistance τ_th Γ_th/(ρ c V_th)",
    "a time response, which shows τ_th by itself",
)
_DENSITY = Symmetry(
    {"ring.density": 1.0, "ring.thermal_lifetime": 1.0}, _VOLUME.why, "tables of the material"
)
_CAPACITY = Symmetry(
    {"ring.heat_capacity": 1.0, "ring.thermal_lifetime": 1.0}, _VOLUME.why, "tables of the material"
)
_LOSS = Symmetry(
    {"insertion_loss": 1.0, "power_scale": 1.0, "output_scale": 1.0},
    "light lost in front of the device is the same as less light with a brighter reading behind it",
    "a measurement of the loss, on a straight guide beside the device",
)
_INPUT = Symmetry(
    {"power_scale": 1.0, "input_scale": -1.0, "output_scale": 1.0},
    "the three scales of the readings are two",
    "fixing one of them",
)
_TPA_VOLUME = Symmetry(
    {"ring.tpa_volume": 1.0, "ring.two_photon_absorption": 1.0, "ring.fca_volume": 0.5},
    "only β/V_TPA and β/V_FCA² enter",
    "a mode solver, which gives the volumes",
)
_FCA_VOLUME = Symmetry(
    {
        "ring.fca_volume": 1.0,
        "ring.index_per_carrier": 2.0,
        "ring.free_carrier_cross_section": 2.0,
    },
    "only τ dn/dN β/V_FCA² and τ σ β/V_FCA² enter",
    "a mode solver, which gives the volumes",
)
_KERR_VOLUME = Symmetry(
    {"ring.kerr_volume": 1.0, "ring.kerr_index": 1.0},
    "only n_2/V_K enters",
    "a mode solver, which gives the volumes",
)
SYMMETRIES = (
    _POWER, _LIFETIME, _HEAT, _VOLUME, _DENSITY, _CAPACITY, _LOSS, _INPUT,
    _TPA_VOLUME, _FCA_VOLUME, _KERR_VOLUME,
)  # fmt: skip

# What shows a number by itself, for directions that are no single one of the symmetries.
_ALONE = (
    (("power_scale", "input_scale"), _POWER.breaks),
    (("ring.carrier_lifetime",), _LIFETIME.breaks),
    (("ring.thermal_lifetime", "ring.thermo_optic"), _HEAT.breaks),
    (("insertion_loss", "output_scale", "arm_loss"), _LOSS.breaks),
    (("ring.absorption_rate", "ring.scattering_rate"), "a thermal measurement: only absorbed light heats"),
    (
        ("ring.coupling_rate", "ring.drop_coupling_rate", "ring.scattering_rate"),
        "a spectrum at low power, and of the other port",
    ),
    (("detuning", "arm_phase", "input_coupling", "output_coupling"), "a second curve at another setting"),
)


def remedy(names: set[str]) -> str:
    """What extra measurement tells ``names`` apart."""
    for symmetry in SYMMETRIES:
        if names <= set(symmetry.exponents):
            return symmetry.breaks
    for some, breaks in _ALONE:
        if names & set(some):
            return breaks
    return "a measurement in which they act apart from each other, or fixing one of them"
