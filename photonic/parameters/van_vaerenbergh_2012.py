"""Van Vaerenbergh et al. 2012: the all-pass silicon ring that self-pulses.

The paper writes amplitude lifetimes, da/dt = −a/τ: an energy rate is 2/τ. Its index 3.476 is that
of silicon and stands for the group index too; a real strip of this radius has about 4.25, so the
free spectral range of this set is too wide. The Kerr effect is neglected. With these numbers the
paper's Fig. 3 comes out within 0.5 %.
"""

import math

from photonic.provenance import Source, Sourced
from photonic.ring import Ring

SOURCE = Source(
    "T. Van Vaerenbergh, M. Fiers, P. Mechet, T. Spuesens, R. Kumar, G. Morthier, B. Schrauwen, "
    "J. Dambre, P. Bienstman",
    2012,
    "Cascadable excitability in microrings",
    "Opt. Express 20, 20292",
    "10.1364/OE.20.020292",
)
_PLACE = "simulated ring"


def _published(value: float, unit: str, printed: str) -> Sourced:
    return Sourced(value, unit, SOURCE, _PLACE, "published", printed)


_INTRINSIC_RATE = 2 / 205e-12  # [1/s], τ_r = 205 ps
_ABSORBED_SHARE = 0.4  # of the linear loss

SOURCES = {
    "wavelength": _published(1552.770e-9, "m", "1552.770 nm"),
    "group_index": _published(3.476, "1", "n_Si = 3.476"),
    "circumference": _published(2 * math.pi * 4.0e-6, "m", "radius 4.0 µm"),
    "coupling_rate": _published(2 / 205e-12, "1/s", "τ_c = 205 ps (amplitude)"),
    "drop_coupling_rate": _published(0.0, "1/s", "all-pass"),
    "absorption_rate": _published(
        _ABSORBED_SHARE * _INTRINSIC_RATE, "1/s", "η_lin = 0.4 of τ_r = 205 ps (amplitude)"
    ),
    "scattering_rate": _published(
        (1 - _ABSORBED_SHARE) * _INTRINSIC_RATE, "1/s", "the rest of τ_r = 205 ps (amplitude)"
    ),
    "backscatter_rate": Sourced(0.0, "rad/s", None, "not part of the paper's model", "assumed"),
    "two_photon_absorption": _published(8.4e-12, "m/W", "8.4e-12 m/W"),
    "kerr_index": _published(0.0, "m²/W", "Kerr effect neglected"),
    "free_carrier_cross_section": _published(1.0e-21, "m²", "1e-21 m²"),
    "index_per_carrier": _published(-1.73e-27, "m³", "−1.73e-27 m³"),
    "thermo_optic": _published(1.86e-4, "1/K", "1.86e-4 1/K"),
    "index_confinement": _published(1.0, "1", "no overlap factor in the detuning"),
    "kerr_volume": Sourced(
        2.59e-18, "m³", None, "equal to the two-photon volume; acts only with a Kerr index", "assumed"
    ),
    "tpa_volume": _published(2.59e-18, "m³", "2.59 µm³"),
    "fca_volume": _published(2.36e-18, "m³", "2.36 µm³"),
    "thermal_volume": _published(3.19e-18, "m³", "3.19 µm³"),
    "tpa_confinement": _published(0.9964, "1", "0.9964"),
    "fca_confinement": _published(0.9996, "1", "0.9996"),
    "thermal_confinement": _published(0.9355, "1", "0.9355"),
    "carrier_lifetime": _published(5.3e-9, "s", "5.3 ns"),
    "thermal_lifetime": _published(65e-9, "s", "65 ns"),
    "density": _published(2330.0, "kg/m³", "2330 kg/m³"),
    "heat_capacity": _published(700.0, "J/(kg K)", "700 J/(kg K)"),
}

VAN_VAERENBERGH_2012 = Ring(**{name: s.value for name, s in SOURCES.items()}, sources=SOURCES)
