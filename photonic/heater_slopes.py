"""Electrical heater power of many devices at once, with its slopes by their settings.

`photonic.heaters.Heaters` finds the least power P >= 0 of each heater that gives a setting. It jumps where a
heater would have to go below 0 W: by a whole turn, 2 P_π, or by a free spectral range of the ring. Here each
heater's power costs

    w(P) = P + J·max(0, 1 − P/ε)²,                                                                 (H1)

J being its jump (with crosstalk: of all together), and the cheapest way is taken, among whole turns of each
phase and of the ring and both phases ±θ of each coupler: a steep wall that training can walk down instead of
a jump. The price is never less than the least power, and is that power exactly where each of its heaters
gets ε or more: 0.02 P_π (0.06 rad) for a phase, what shifts the ring by 0.05 half-linewidths. (Where
uneven crosstalk of tens of per cent lets one heater spare another, only ways within a turn of the fewest
turns are looked at.)
"""

from __future__ import annotations

import itertools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.coupler import coupling_phase
from photonic.errors import ParameterError, check, real_numbers

if TYPE_CHECKING:
    from photonic.heaters import Heaters
    from photonic.ring import Ring

__all__ = ["least_detuning", "smooth_heater_power"]

_PHASE_WALL = 0.02  # ε of (H1) [P_π]
_RING_WALL = 0.05  # ε of (H1) [half-linewidths]
_ROUND_OFF = 1e-9  # [ε]; what is less below 0 is taken for 0
_MOST_TURNS = 100  # of any heater, to come to powers >= 0
_SIGNS = np.array(list(itertools.product((1.0, -1.0), repeat=2)))  # of the phases of both couplers


def smooth_heater_power(heaters: Heaters, ring: Ring, settings: Any) -> tuple[np.ndarray, np.ndarray]:
    """Price of the heater power of n devices [W], continuous in their settings, and its slopes.

    Parameters
    ----------
    heaters : Heaters
    ring : Ring
        The ring in each device.
    settings : array_like, shape (n, 4)
        Detuning [rad/s], arm phase [rad], input and output coupling [1], the couplings inside (0, 1).

    Returns
    -------
    power : ndarray, shape (n,)
        Sum over the four heaters [W], crosstalk and offsets included: `Heaters.power(device).total`,
        except near its jumps, (H1).
    slopes : ndarray, shape (n, 4)
        [W s/rad], [W/rad], [W], [W].

    Raises
    ------
    ParameterError
        Wrong numbers; a ring without a circumference blue of what its heater reaches; crosstalk that leaves
        no way.

    Examples
    --------
    >>> from photonic.heaters import Heaters
    >>> from photonic.parameters import RIB_RING
    >>> heaters = Heaters(detuning_unheated=-1e10)
    >>> power, _ = smooth_heater_power(heaters, RIB_RING, [[0.0, 3.14, 0.5, 0.5]])
    >>> round(float(power[0]) / heaters.p_pi, 1)  # 1 for the arm, a half for each coupler
    2.0
    """
    settings = real_numbers("settings", settings)
    if settings.ndim != 2 or settings.shape[1] != 4:
        raise ParameterError(f"settings must have shape (devices, 4), got {settings.shape}")
    check("couplings", settings[:, 2:], above=0.0, below=1.0)
    needed, period = _needed(heaters, ring, settings)
    inverse = np.linalg.inv(heaters.matrix())
    sent = _ways(needed, period, inverse)
    per_watt = heaters.ring_tuning(ring)[1]
    wall = np.full(4, _PHASE_WALL * heaters.p_pi)
    wall[0] = _RING_WALL * float(ring.linewidth) / 2 / per_watt
    jump = np.where(period > 0, period, 2 * heaters.p_pi)
    if np.count_nonzero(inverse) > 4:  # crosstalk: a turn of one can ask for turns of the others
        jump[:] = jump.sum()
    below = np.maximum(1 - sent / wall, 0.0)
    price = np.sum(sent + jump * below**2, axis=-1)
    best = np.argmin(price, axis=-1)
    device = np.arange(len(settings))
    sent, below = sent[device, best], below[device, best]
    if period[0] == 0.0 and np.any(sent[:, 0] < -_ROUND_OFF * wall[0]):
        raise ParameterError(
            "the detuning lies blue of what the ring heater reaches: set detuning_unheated, or the ring's "
            "circumference [m] so that it can go a free spectral range round"
        )
    slope = (1 - 2 * jump / wall * below) @ inverse  # by what arrives
    slope[:, 2:] *= _SIGNS[best * len(_SIGNS) // price.shape[1]]
    couplings = settings[:, 2:]
    slope[:, 2:] *= -1 / np.sqrt(couplings * (1 - couplings))  # dθ/dk of k = cos²(θ/2)
    per_radian = heaters.p_pi / math.pi
    units = np.array([1 / per_watt, per_radian, per_radian, per_radian])
    return price[device, best], slope * units


def least_detuning(heaters: Heaters, ring: Ring) -> float:
    """Detuning [rad/s] above which the ring heater reaches its setting whatever the others do.

    −∞ for a ring with a circumference: its heater can go a free spectral range round.

    Examples
    --------
    >>> from photonic.heaters import Heaters
    >>> from photonic.parameters import RIB_RING
    >>> least_detuning(Heaters(), RIB_RING)
    -inf
    """
    if ring.circumference is not None:
        return -math.inf
    unheated, per_watt = heaters.ring_tuning(ring)
    matrix = heaters.matrix()
    most = 2 * heaters.p_pi * np.diag(np.linalg.inv(matrix))[1:]  # less than a turn is sent to each
    return unheated + per_watt * float(matrix[0, 1:] @ most)


def _needed(heaters: Heaters, ring: Ring, settings: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Powers [W] that must arrive, (n, 4 ways of the couplers, 4), and their periods [W]; 0 is none."""
    unheated, per_watt = heaters.ring_tuning(ring)
    spacing = 0.0 if ring.circumference is None else 2 * math.pi / float(ring.round_trip_time())
    theta = coupling_phase(settings[:, None, 2:]) * _SIGNS
    turned = settings[:, 1:2] - math.pi * np.sum(_SIGNS < 0, axis=1)  # sin θ < 0 turns the sign of arm 2
    phases = np.concatenate([turned[..., None], theta], axis=-1)
    offsets = np.array([heaters.arm_offset, heaters.input_offset, heaters.output_offset])
    needed = np.empty((*phases.shape[:2], 4))
    needed[..., 0] = (settings[:, :1] - unheated) / per_watt
    needed[..., 1:] = (phases - offsets) * heaters.p_pi / math.pi
    period = np.array([spacing / per_watt, *[2 * heaters.p_pi] * 3])
    whole = np.divide(needed, period, out=np.zeros_like(needed), where=period > 0)
    return needed - np.floor(whole) * period, period


def _ways(needed: np.ndarray, period: np.ndarray, inverse: np.ndarray) -> np.ndarray:
    """Powers [W] that are sent, (n, ways, 4): about the fewest turns, up to one more of each."""
    arriving = needed.copy()
    for _ in range(_MOST_TURNS):
        negative = (arriving @ inverse.T < 0) & (period > 0)
        if not np.any(negative):
            break
        arriving += negative * period
    else:
        raise ParameterError("crosstalk is so large that no heater powers >= 0 give these settings")
    # where no heater's crosstalk helps another, the fewest turns that do are the cheapest ones
    steps = (0, 1) if np.all(inverse[~np.eye(4, dtype=bool)] <= 0) else (0, -1, 1)
    turns = np.array(list(itertools.product(*[steps if p > 0 else (0,) for p in period])))
    every = arriving[:, :, None, :] + turns * period
    return (every @ inverse.T).reshape(len(needed), -1, 4)
