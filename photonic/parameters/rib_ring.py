"""The default neuron's ring: a silicon rib ring of 10 µm radius, whose heat is slow enough.

Not a measured device: a realistic one, chosen so that its frozen-heat curve holds over a window of
symbol times. What decides that is the heat capacity which a symbol meets. In a rib, slab and
oxide take heat out of the core within nanoseconds, so that a single time constant cannot be
the core's alone. The one here is equivalent to the two-dimensional heat equation of the cross-
section in two respects: the settled temperature, and the variance of the temperature under
independent random symbols, R²/(2τ_th) = ∫h² dt with h the impulse response. The calculation is in
``docs/default_neuron/``; every number of the guide that is not a law of silicon is an assumption.

`RIB_THERMAL_MODES` is the whole response of that cross-section as nine exponentials, for
``dataclasses.replace(RIB_RING, thermal_modes=RIB_THERMAL_MODES)``. They sum to 0.168 K m/W, 6 % less
than the settled 0.178 K m/W, since the fit ends at 20 µs; their shares are of that sum, and the ring
keeps its resistance.
"""

import math

from photonic.extensions import ThermalModes
from photonic.parameters.nedeljkovic_2011 import SOURCE as NEDELJKOVIC
from photonic.parameters.van_vaerenbergh_2012 import SOURCE as VAN_VAERENBERGH
from photonic.provenance import Source, Sourced
from photonic.ring import Ring
from photonic.units import SPEED_OF_LIGHT, loss_from_db_per_cm

DINU = Source(
    "M. Dinu, F. Quochi, H. Garcia",
    2003,
    "Third-order nonlinearities in silicon at telecom wavelengths",
    "Appl. Phys. Lett. 82, 2954",
    "10.1063/1.1571665",
)
_JOHNSON = "β of Johnson 2006 and of this paper; published values scatter by a factor of two"


def _assumed(value: float, unit: str, why: str) -> Sourced:
    return Sourced(value, unit, None, why, "assumed")


def _derived(value: float, unit: str, how: str, source: Source | None = None) -> Sourced:
    return Sourced(value, unit, source, how, "derived")


# The rib: 500 nm × 220 nm on a 90 nm slab, oxide-clad, TE0 at 1.55 µm.
_LENGTH = 2 * math.pi * 10e-6  # [m]
_GROUP_INDEX = 3.9
_INDEX_CONFINEMENT = 1.05
_EFFECTIVE_AREA = 0.10e-12  # [m²]
_CORE_AREA = 0.11e-12  # [m²]
_COUPLING = 0.02  # power, to the bus
_INTRINSIC_RATE = loss_from_db_per_cm(2.0) * SPEED_OF_LIGHT / _GROUP_INDEX  # [1/s]
_ABSORBED_SHARE = 0.1
# Heat equation of the cross-section, per metre of guide: settled resistance and ∫h² dt.
_RESISTANCE = 0.178  # [K m/W]
_SQUARED_RESPONSE = 6.04e4  # [K² m²/(J² s⁻¹)]
_THERMAL_LIFETIME = _RESISTANCE**2 / (2 * _SQUARED_RESPONSE)  # [s]
_DENSITY, _HEAT_CAPACITY = 2330.0, 700.0
_THERMAL_VOLUME = _THERMAL_LIFETIME * _LENGTH / _RESISTANCE / (_DENSITY * _HEAT_CAPACITY)
_VOLUME = _EFFECTIVE_AREA * _LENGTH

_RIB = "500 nm × 220 nm rib on a 90 nm slab, oxide-clad, TE0"
_LINEAR = "chord of the power laws from 0 to 1e17 cm⁻³ pairs at 1.55 µm"

SOURCES = {
    "wavelength": _assumed(1.55e-6, "m", "middle of the C band"),
    "group_index": _assumed(_GROUP_INDEX, "1", f"{_RIB}: mode calculation, rounded"),
    "circumference": _assumed(_LENGTH, "m", "radius 10 µm"),
    "coupling_rate": _assumed(
        -math.log(1 - _COUPLING) * SPEED_OF_LIGHT / _GROUP_INDEX / _LENGTH,
        "1/s",
        "power coupling 0.02, overcoupled: loaded Q about 4.3e4",
    ),
    "drop_coupling_rate": _assumed(0.0, "1/s", "all-pass"),
    "absorption_rate": _assumed(
        _ABSORBED_SHARE * _INTRINSIC_RATE, "1/s", "a tenth of 2 dB/cm turns into heat, Q_abs about 3.4e6"
    ),
    "scattering_rate": _assumed((1 - _ABSORBED_SHARE) * _INTRINSIC_RATE, "1/s", "the rest of 2 dB/cm"),
    "backscatter_rate": _assumed(0.0, "rad/s", "a smooth ring of this Q shows no splitting"),
    "two_photon_absorption": Sourced(8.4e-12, "m/W", VAN_VAERENBERGH, _JOHNSON, "published"),
    "kerr_index": Sourced(4.5e-18, "m²/W", DINU, "n₂ at 1.54 µm, not confirmed in the paper", "assumed"),
    "free_carrier_cross_section": _derived(1.02924e-21, "m²", _LINEAR, NEDELJKOVIC),
    "index_per_carrier": _derived(-3.5264e-27, "m³", _LINEAR, NEDELJKOVIC),
    "thermo_optic": Sourced(1.86e-4, "1/K", VAN_VAERENBERGH, "dn/dT", "published"),
    "index_confinement": _assumed(_INDEX_CONFINEMENT, "1", f"{_RIB}: mode calculation, rounded"),
    "kerr_volume": _assumed(_VOLUME, "m³", "effective area 0.10 µm² times length"),
    "tpa_volume": _assumed(_VOLUME, "m³", "effective area 0.10 µm² times length"),
    "fca_volume": _assumed(
        math.sqrt(_INDEX_CONFINEMENT * _EFFECTIVE_AREA * _CORE_AREA) * _LENGTH,
        "m³",
        "carriers fill the 500 nm × 220 nm under the ridge",
    ),
    "thermal_volume": _derived(
        _THERMAL_VOLUME, "m³", "silicon of the heat capacity τ_th/R_th; two-dimensional heat equation"
    ),
    "tpa_confinement": _assumed(1.0, "1", "contained in the effective area"),
    "fca_confinement": _assumed(_INDEX_CONFINEMENT, "1", f"{_RIB}: the same overlap as the index"),
    "thermal_confinement": _assumed(1.0, "1", "contained in the thermal volume"),
    "carrier_lifetime": _assumed(1e-9, "s", "0.5–1 ns in sub-micron guides; carriers stay under the ridge"),
    "thermal_lifetime": _derived(
        _THERMAL_LIFETIME, "s", "same temperature variance under random symbols as the heat equation"
    ),
    "density": _assumed(_DENSITY, "kg/m³", "bulk silicon"),
    "heat_capacity": _assumed(_HEAT_CAPACITY, "J/(kg K)", "bulk silicon"),
}

RIB_RING = Ring(**{name: s.value for name, s in SOURCES.items()}, sources=SOURCES)

# Impulse response of the core Σ w exp(−t/τ), per metre of guide: docs/default_neuron/heat_equation.py.
_RESPONSE_WEIGHTS = (
    16.087e5,
    3.4384e5,
    13.955e5,
    6.2566e5,
    7.4249e5,
    2.1160e5,
    2.9488e5,
    1.2302e5,
    0.31388e5,
)
_RESPONSE_LIFETIMES = (
    0.5e-9, 1.1027e-9, 2.4317e-9, 5.3626e-9, 11.826e-9, 26.080e-9, 57.515e-9, 279.72e-9, 3e-6
)  # fmt: skip
_MODES = ThermalModes.from_response(_RESPONSE_WEIGHTS, _RESPONSE_LIFETIMES)
_HEAT_EQUATION = "two-dimensional heat equation of the cross-section, nine exponentials to 20 µs"

RIB_THERMAL_MODES = ThermalModes(
    shares=_MODES.shares,
    lifetimes=_MODES.lifetimes,
    sources={
        "shares": Sourced(_MODES.shares, "1", None, f"w τ/Σ w τ of the {_HEAT_EQUATION}", "derived"),
        "lifetimes": Sourced(_MODES.lifetimes, "s", None, _HEAT_EQUATION, "derived"),
    },
)
