"""The ring of a microring weight bank, where no other is given: small, strongly coupled to both buses.

No paper's ring: an assumed silicon strip ring of 5 µm radius. Nearly all light that it stores leaves
through its couplers, so that a weight can come close to both 1 and −1.
"""

import math

from photonic.provenance import Sourced
from photonic.ring import Ring
from photonic.transfer_matrix import coupling_decay
from photonic.units import SPEED_OF_LIGHT, loss_from_db_per_cm

__all__ = ["BANK_RING"]

_WAVELENGTH = 1.55e-6  # [m]
_GROUP_INDEX = 4.2
_LENGTH = 2 * math.pi * 5e-6  # [m]
_COUPLING = coupling_decay(0.026, _LENGTH * _GROUP_INDEX / SPEED_OF_LIGHT)  # [1/s]
_LOSS = loss_from_db_per_cm(2.0) * SPEED_OF_LIGHT / _GROUP_INDEX  # [1/s]


def _assumed(value: float, unit: str, why: str) -> Sourced:
    return Sourced(value, unit, None, why, "assumed")


SOURCES = {
    "wavelength": _assumed(_WAVELENGTH, "m", "middle of the C band"),
    "group_index": _assumed(_GROUP_INDEX, "1", "500 nm × 220 nm strip, 1.55 µm"),
    "circumference": _assumed(_LENGTH, "m", "radius 5 µm: free spectral range 18 nm"),
    "coupling_rate": _assumed(_COUPLING, "1/s", "power coupling 2.6 %: loaded quality factor 1e4"),
    "drop_coupling_rate": _assumed(_COUPLING, "1/s", "as the input coupler: the deepest through port"),
    "scattering_rate": _assumed(_LOSS, "1/s", "2 dB/cm, bends included"),
}

BANK_RING = Ring(**{name: s.value for name, s in SOURCES.items()}, sources=SOURCES)
