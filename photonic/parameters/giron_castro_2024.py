"""Giron Castro et al. 2024: the add-drop silicon ring of a time-delay reservoir.

Amplitude lifetimes as in Van Vaerenbergh et al. 2012, whose mode volumes, overlaps and material
constants the paper takes over. The heated mass is given directly.
"""

import math

from photonic.parameters import van_vaerenbergh_2012
from photonic.provenance import Source, Sourced
from photonic.ring import Ring
from photonic.units import SPEED_OF_LIGHT, loss_from_db_per_cm

SOURCE = Source(
    "B. J. Giron Castro, C. Peucheret, D. Zibar, F. Da Ros",
    2024,
    "Effects of cavity nonlinearities and linear losses on silicon microring-based reservoir computing",
    "Opt. Express 32, 2039",
    "10.1364/OE.509437",
)
_PLACE = "simulated ring"


def _published(value: float, unit: str, printed: str) -> Sourced:
    return Sourced(value, unit, SOURCE, _PLACE, "published", printed)


_INDEX = 3.485
_INTRINSIC_RATE = loss_from_db_per_cm(0.8) * SPEED_OF_LIGHT / _INDEX  # [1/s], γ_i = α c/n
_ABSORBED_SHARE = 0.4
_DENSITY = 2330.0  # [kg/m³]

SOURCES = {
    **van_vaerenbergh_2012.SOURCES,
    "wavelength": _published(1552.89e-9, "m", "1552.89 nm"),
    "group_index": _published(_INDEX, "1", "n_Si = 3.485"),
    "circumference": _published(2 * math.pi * 7.5e-6, "m", "radius 7.5 µm"),
    "coupling_rate": _published(2 / 54.7e-12, "1/s", "τ_c = 54.7 ps (amplitude, each bus)"),
    "drop_coupling_rate": _published(2 / 54.7e-12, "1/s", "τ_c = 54.7 ps (amplitude, each bus)"),
    "absorption_rate": _published(_ABSORBED_SHARE * _INTRINSIC_RATE, "1/s", "0.4 of 0.8 dB/cm"),
    "scattering_rate": _published((1 - _ABSORBED_SHARE) * _INTRINSIC_RATE, "1/s", "the rest of 0.8 dB/cm"),
    "thermal_volume": _published(1.2e-14 / _DENSITY, "m³", "mass 1.2e-14 kg at 2330 kg/m³"),
    "carrier_lifetime": _published(10e-9, "s", "10 ns"),
    "thermal_lifetime": _published(50e-9, "s", "50 ns"),
}

GIRON_CASTRO_2024 = Ring(**{name: s.value for name, s in SOURCES.items()}, sources=SOURCES)
