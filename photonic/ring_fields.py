"""The numbers that describe a ring: their units and the bounds that catch a wrong one."""

from __future__ import annotations

from typing import Any

__all__ = ["FIELDS", "LENGTHS", "OFFSETS"]

# Unit of a mistaken number -> factor to SI, for "did you mean".
LENGTHS = {"micrometres": 1e-6, "nanometres": 1e-9}
OFFSETS = {"picometres": 1e-12, "nanometres": 1e-9}
_TIMES = {"nanoseconds": 1e-9, "picoseconds": 1e-12}

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
    "carrier_lifetime": ("s", {"above": 0.0, "plausible": (1e-14, 1e-2), "scales": _TIMES}),
    "thermal_lifetime": ("s", {"above": 0.0, "plausible": (1e-12, 1.0), "scales": _TIMES}),
    "density": ("kg/m³", {"above": 0.0}),
    "heat_capacity": ("J/(kg K)", {"above": 0.0}),
}
