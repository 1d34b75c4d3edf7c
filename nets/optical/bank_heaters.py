"""Electrical power of the ring heaters of a weight bank."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING

import numpy as np

from nets.optical.bank_channels import Channels
from photonic.errors import OutsideValidityWarning

if TYPE_CHECKING:
    from photonic.heaters import Heaters

__all__ = ["ring_powers"]

_ROUND_OFF = 1e-10  # [1] of a free spectral range; so little blue is taken for 0, not for a way round


def ring_powers(channels: Channels, detunings: np.ndarray, heaters: Heaters) -> np.ndarray:
    """P = ((δ γ/2 − Δ_0) mod FSR) λ_0/(ω_0 η) [W] of each ring, eq. 1 of `photonic.heaters.Heaters`.

    Parameters
    ----------
    channels : Channels
        With the ring, its linewidth γ [rad/s] and its free spectral range FSR [rad/s].
    detunings : ndarray
        δ > 0 to the red [half-linewidths].
    heaters : Heaters
        With η [m/W]; Δ_0 [rad/s] is its ``detuning_unheated`` and 0 where that is None: cold rings
        stand on their channels.

    Warns
    -----
    OutsideValidityWarning
        Rings blue of where they stand unheated.
    """
    ring = channels.ring
    spacing, slope = 2 * math.pi / ring.round_trip_time(), heaters.ring_tuning(ring)[1]
    shift = (detunings * ring.linewidth / 2 - (heaters.detuning_unheated or 0.0)) / spacing
    share = shift % 1.0
    share[share > 1.0 - _ROUND_OFF] = 0.0
    if blue := int(np.sum(shift < -_ROUND_OFF)):
        warnings.warn(
            f"{blue} of {shift.size} rings stand blue of where they are unheated: their heaters, which only "
            f"move them red, go a free spectral range of {spacing / slope:.3g} W round; detuning_unheated "
            "of photonic.Heaters says how far blue of their channels cold rings are",
            OutsideValidityWarning,
            stacklevel=3,
        )
    return share * spacing / slope
