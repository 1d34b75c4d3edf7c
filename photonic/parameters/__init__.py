"""Published numbers, one paper a file: the printed value kept, converted once, with its source.

A complete published ring is a `Ring`, named by author and year; it loads on first use. `RIB_RING`
is the default neuron's ring, and no paper's.

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
    from photonic.parameters.giron_castro_2024 import GIRON_CASTRO_2024 as GIRON_CASTRO_2024
    from photonic.parameters.rib_ring import RIB_RING as RIB_RING
    from photonic.parameters.van_vaerenbergh_2012 import VAN_VAERENBERGH_2012 as VAN_VAERENBERGH_2012

# Complete published set -> module that defines it.
_EXPORTS = {
    "GIRON_CASTRO_2024": "photonic.parameters.giron_castro_2024",
    "RIB_RING": "photonic.parameters.rib_ring",
    "VAN_VAERENBERGH_2012": "photonic.parameters.van_vaerenbergh_2012",
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
