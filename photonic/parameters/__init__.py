"""Published numbers, one paper a file: the printed value kept, converted once, with its source.

A complete published ring is a `Ring`, named by author and year; it loads on first use. `RIB_RING`
is the default neuron's ring, and no paper's; `RIB_THERMAL_MODES` is how it warms up in time.
`ALDAYA_2017` are the carrier traps of a strip waveguide, `ZHANG_2013` a ring without units
(`photonic.normalised`).

Examples
--------
>>> from photonic.parameters import VAN_VAERENBERGH_2012
>>> round(VAN_VAERENBERGH_2012.quality_factor)
62171
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from photonic.parameters.aldaya_2017 import ALDAYA_2017 as ALDAYA_2017
    from photonic.parameters.giron_castro_2024 import GIRON_CASTRO_2024 as GIRON_CASTRO_2024
    from photonic.parameters.rib_ring import RIB_RING as RIB_RING
    from photonic.parameters.rib_ring import RIB_THERMAL_MODES as RIB_THERMAL_MODES
    from photonic.parameters.van_vaerenbergh_2012 import VAN_VAERENBERGH_2012 as VAN_VAERENBERGH_2012
    from photonic.parameters.zhang_2013 import ZHANG_2013 as ZHANG_2013

# Complete set -> module that defines it.
_EXPORTS = {
    "ALDAYA_2017": "photonic.parameters.aldaya_2017",
    "GIRON_CASTRO_2024": "photonic.parameters.giron_castro_2024",
    "RIB_RING": "photonic.parameters.rib_ring",
    "RIB_THERMAL_MODES": "photonic.parameters.rib_ring",
    "VAN_VAERENBERGH_2012": "photonic.parameters.van_vaerenbergh_2012",
    "ZHANG_2013": "photonic.parameters.zhang_2013",
}

__all__ = sorted(_EXPORTS)


def __getattr__(name: str) -> Any:
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_EXPORTS[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_EXPORTS})
