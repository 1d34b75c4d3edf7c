"""The numbers that describe a ring: their units and the bounds that catch a wrong one."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.effects import Effects
from photonic.errors import TIMES, ParameterError, check, concrete, shown
from photonic.extensions import ThermalModes, Traps

if TYPE_CHECKING:
    from photonic.ring import Ring

__all__ = ["FIELDS", "LENGTHS", "OFFSETS", "check_fields"]

# Unit of a mistaken number -> factor to SI, for "did you mean".
LENGTHS = {"micrometres": 1e-6, "nanometres": 1e-9}
OFFSETS = {"picometres": 1e-12, "nanometres": 1e-9}

# Field of `Ring` -> unit, keywords of `check`. The optional ones may also be None.
FIELDS: dict[str, tuple[str, dict[str, Any]]] = {
    "wavelength": ("m", {"above": 0.0, "plausible": (0.4e-6, 20e-6), "scales": LENGTHS}),
    "group_index": ("[1]", {"at_least": 1.0}),
    "circumference": ("m", {"above": 0.0, "plausible": (1e-6, 1.0), "scales": LENGTHS}),
    "coupling_rate": ("1/s", {"above": 0.0}),
    "drop_coupling_rate": ("1/s", {"at_least": 0.0}),
    "absorption_rate": ("1/s", {"at_least": 0.0}),
    "scattering_rate": ("1/s", {"at_least": 0.0}),
    "backscatter_rate": ("rad/s", {"at_least": 0.0}),
    "two_photon_absorption": ("m/W", {"at_least": 0.0, "at_most": 1e-8}),
    "kerr_index": ("m²/W", {"at_least": 0.0, "at_most": 1e-14}),
    "free_carrier_cross_section": ("m²", {"at_least": 0.0, "at_most": 1e-18}),
    "index_per_carrier": ("m³", {"at_most": 0.0, "at_least": -1e-23}),
    "thermo_optic": ("1/K", {"plausible": (-1e-1, 1e-1), "scales": {"1e-6/K": 1e-6}}),
    "index_confinement": ("[1]", {"above": 0.0}),
    "kerr_volume": ("m³", {"above": 0.0, "at_most": 1e-9}),
    "tpa_volume": ("m³", {"above": 0.0, "at_most": 1e-9}),
    "fca_volume": ("m³", {"above": 0.0, "at_most": 1e-9}),
    "thermal_volume": ("m³", {"above": 0.0, "at_most": 1e-9}),
    "tpa_confinement": ("[1]", {"above": 0.0}),
    "fca_confinement": ("[1]", {"above": 0.0}),
    "thermal_confinement": ("[1]", {"above": 0.0}),
    "carrier_lifetime": ("s", {"above": 0.0, "plausible": (1e-14, 1e-2), "scales": TIMES}),
    "thermal_lifetime": ("s", {"above": 0.0, "plausible": (1e-12, 1.0), "scales": TIMES}),
    "density": ("kg/m³", {"above": 0.0}),
    "heat_capacity": ("J/(kg K)", {"above": 0.0}),
}


def check_fields(ring: Ring) -> None:
    """Raise `ParameterError` unless every field of a ``ring`` is sound and none that acts is missing."""
    for name, kind in (("effects", Effects), ("traps", Traps), ("thermal_modes", ThermalModes)):
        value = getattr(ring, name)
        if not isinstance(value, kind) and (value is not None or name == "effects"):
            article = "an" if name == "effects" else "a"
            raise ParameterError(f"{name} must be {article} {kind.__name__}, got {shown(value)}")
    for name, (unit, bounds) in FIELDS.items():
        value = getattr(ring, name)
        if value is not None and not (name == "carrier_lifetime" and _only_traps(ring)):
            check(name, value, unit=unit, **bounds)
    if ring.index_law is not None and not hasattr(ring.index_law, "index_change"):
        raise ParameterError(f"index_law must be a carrier law, got {ring.index_law!r}")
    _require(ring, "kerr_index", "kerr_volume")
    _require(ring, "two_photon_absorption", "tpa_volume", "fca_volume")
    if ring.traps is None:
        _require(ring, "two_photon_absorption", "carrier_lifetime")
    if ring.effects.heating:
        _require(ring, "thermo_optic", "thermal_volume", "thermal_lifetime", "density", "heat_capacity")
    if ring.thermal_modes is not None and ring.thermal_lifetime is None:
        raise ParameterError("thermal_lifetime [s] is needed with thermal_modes, got None")


def _only_traps(ring: Ring) -> bool:
    """Whether carriers vanish through traps alone, said by an infinite lifetime."""
    return ring.traps is not None and bool(np.all(concrete(ring.carrier_lifetime) == math.inf))


def _require(ring: Ring, cause: str, *needed: str) -> None:
    if np.any(concrete(getattr(ring, cause)) != 0):
        for name in needed:
            if getattr(ring, name) is None:
                unit = FIELDS[name][0]
                raise ParameterError(f"{name} [{unit}] is needed where {cause} is not 0, got None")
