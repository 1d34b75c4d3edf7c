"""Electrical heater power of many devices at once, as a smooth function of their settings.

`photonic.heaters.Heaters` finds the least power; a phase that crosses a whole turn makes it jump by
2 P_π. Here a phase x costs P_π s(x)/π with the sawtooth x mod 2π rounded off at its jump,

    s(x) = π − 2 arg(1 − r e^(−ix)) = π − 2 arctan2(r sin x, 1 − r cos x),                         (H1)

the sum π − 2 Σ rⁿ sin(nx)/n of a Fourier series that is cut off smoothly (r → 1 is the sawtooth itself);
r = 0.99 here: within 0.02/x of x mod 2π. Each coupler takes its phase in [0, π].
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.coupler import coupling_phase
from photonic.errors import ParameterError, check, real_numbers

if TYPE_CHECKING:
    from photonic.heaters import Heaters
    from photonic.ring import Ring

__all__ = ["smooth_heater_power"]

_ROUNDING = 0.99  # r of (H1) [1]


def smooth_heater_power(heaters: Heaters, ring: Ring, settings: Any) -> tuple[np.ndarray, np.ndarray]:
    """Total heater power of n devices [W], and its slopes by their settings.

    Parameters
    ----------
    heaters : Heaters
    ring : Ring
        The ring in each device.
    settings : array_like, shape (n, 4)
        Detuning [rad/s], arm phase [rad], input and output coupling [1], the couplings inside (0, 1); no
        detuning may lie blue of the unheated ring.

    Returns
    -------
    power : ndarray, shape (n,)
        Sum over the four heaters [W], crosstalk included.
    slopes : ndarray, shape (n, 4)
        [W s/rad], [W/rad], [W], [W].

    Examples
    --------
    >>> from photonic.heaters import Heaters
    >>> from photonic.parameters import RIB_RING
    >>> heaters = Heaters(detuning_unheated=0.0)
    >>> power, _ = smooth_heater_power(heaters, RIB_RING, [[0.0, 3.14, 0.5, 0.5]])
    >>> round(float(power[0]) / heaters.p_pi, 1)  # 1 for the arm, a half for each coupler
    2.0
    """
    settings = real_numbers("settings", settings)
    if settings.ndim != 2 or settings.shape[1] != 4:
        raise ParameterError(f"settings must have shape (devices, 4), got {settings.shape}")
    couplings = settings[:, 2:]
    check("couplings", couplings, above=0.0, below=1.0)
    unheated, per_watt = heaters.ring_tuning(ring)
    ring_power = (settings[:, 0] - unheated) / per_watt
    check("power of the ring heater", ring_power, unit="W", at_least=0.0)
    offsets = np.array([heaters.arm_offset, heaters.input_offset, heaters.output_offset])
    phases = np.column_stack([settings[:, 1], coupling_phase(couplings)]) - offsets
    turned, slope = _sawtooth(phases)
    per_radian = heaters.p_pi / math.pi
    arriving = np.column_stack([ring_power, per_radian * turned])
    slopes = np.empty_like(settings)
    slopes[:, 0], slopes[:, 1:] = 1 / per_watt, per_radian * slope
    slopes[:, 2:] *= -1 / np.sqrt(couplings * (1 - couplings))  # dθ/dk of k = cos²(θ/2)
    shares = np.linalg.solve(heaters.matrix().T, np.ones(4))  # what is sent per watt that arrives
    return arriving @ shares, slopes * shares


def _sawtooth(x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """s(x) of (H1) and its slope."""
    r, cos = _ROUNDING, np.cos(x)
    value = math.pi - 2 * np.arctan2(r * np.sin(x), 1 - r * cos)
    return value, -2 * r * (cos - r) / (1 - 2 * r * cos + r * r)
