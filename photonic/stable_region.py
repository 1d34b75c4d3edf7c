"""Detunings at which a ring has one stable state, whatever the power up to a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.cavity import Cavity
from photonic.critical_lines import fold_lines, hopf_lines
from photonic.device import check_power
from photonic.errors import ParameterError, check, one_number, real_numbers
from photonic.small_signal import hopf_table
from photonic.stability import plain_ring

if TYPE_CHECKING:
    from photonic.ring import Ring

__all__ = ["check_stable", "stable_detunings", "stable_power"]

_SPAN = 4.0  # half-linewidths to either side that are looked at
_MARGIN = 0.05  # half-linewidths
_GRID = 161  # detunings looked at beside those of the critical lines


def stable_detunings(
    ring: Ring,
    power_max: float,
    within: tuple[float, float] | None = None,
    margin: float | None = None,
    around: float | None = None,
) -> tuple[float, float]:
    """Detunings (low, high) [rad/s] with one stable state at every power from 0 to ``power_max``.

    There is no fold and no Hopf point of any state up to that power.

    Parameters
    ----------
    ring : Ring
        One ring; its heat counts unless frozen (``ring.with_effects(heating=False)``).
    power_max : float
        Highest power in the bus of the ring [W].
    within : (float, float), optional
        Detunings that are looked at [rad/s]; 4 half-linewidths to either side if left out, and a
        half-linewidth beyond ``around``.
    margin : float, optional
        Distance that is kept from an end where a fold or a Hopf point sets in [rad/s]; 0.05 half-linewidths
        if left out. An end of ``within`` is given as it is.
    around : float, optional
        Detuning [rad/s] that the interval must hold, before its margins. Without it the stable interval
        nearest to resonance is given.

    Raises
    ------
    ParameterError
        Wrong numbers; no stable interval, or none wider than its margins; ``around`` is not stable.

    Notes
    -----
    The ends are those of the lines of folds and Hopf points (`photonic.critical_lines`), bisected with the
    folds and Hopf points of single detunings to 1e-9 of the linewidth.

    Examples
    --------
    >>> from photonic.parameters import VAN_VAERENBERGH_2012 as ring
    >>> low, high = stable_detunings(ring.with_effects(heating=False), 0.1e-3)
    >>> [round(end / (ring.linewidth / 2), 2) for end in (low, high)]
    [-4.0, 4.0]
    """
    ring, power_max = _checked(ring, power_max)
    half = float(ring.linewidth) / 2
    here = 0.0 if around is None else one_number("around", around, unit="rad/s")
    usual = min(-_SPAN * half, here - half), max(_SPAN * half, here + half)
    first, last = _pair("within", usual if within is None else within)
    kept = _MARGIN * half if margin is None else one_number("margin", margin, unit="rad/s", at_least=0.0)
    looked, limit = _looked(ring, power_max, first, last)
    stable = limit > power_max
    runs = [
        run for run in np.split(np.arange(looked.size), np.flatnonzero(np.diff(stable)) + 1) if stable[run[0]]
    ]
    if not runs:
        raise ParameterError(
            f"no detuning has one stable state up to {power_max:g} W: choose a smaller power_max, "
            "or freeze the heat"
        )
    if around is None:
        run = min(runs, key=lambda r: max(looked[r[0]], -looked[r[-1]], 0.0))
    else:
        check("around", here, unit="rad/s", at_least=first, at_most=last)
        check_stable(ring, power_max, (here, here))
        run = min(runs, key=lambda r: max(looked[r[0]] - here, here - looked[r[-1]], 0.0))
    low, high = float(looked[run[0]]), float(looked[run[-1]])
    middle = (low + high) / 2
    if run[0] > 0:
        low = _edge(ring, power_max, float(looked[run[0] - 1]), low) + kept
    if run[-1] < looked.size - 1:
        high = _edge(ring, power_max, float(looked[run[-1] + 1]), high) - kept
    if not low < high:
        raise ParameterError(
            f"the detunings with one stable state about {middle:.4g} rad/s are narrower than the margins "
            f"of {kept:.4g} rad/s: choose a smaller power_max or margin"
        )
    return low, high


def check_stable(ring: Ring, power_max: float, detunings: tuple[float, float]) -> None:
    """Raise unless every detuning from the first to the last has one stable state up to ``power_max``.

    Parameters
    ----------
    ring, power_max
        As for `stable_detunings`.
    detunings : (float, float)
        First and last [rad/s]; they may be equal.

    Raises
    ------
    ParameterError
        Wrong numbers; a fold or a Hopf point: at which detuning and from which power, and what is stable.

    Examples
    --------
    >>> from photonic.parameters import VAN_VAERENBERGH_2012 as ring
    >>> check_stable(ring, 0.1e-3, ring.detuning(half_linewidths=np.array([1.0, 2.0])))
    """
    ring, power_max = _checked(ring, power_max)
    first, last = _pair("detunings", detunings)
    looked, limit = _looked(ring, power_max, first, last)
    worst = int(np.argmin(limit))
    if limit[worst] > power_max:
        return
    pulsating = _pulsation(ring, power_max, looked[worst : worst + 1])[0] <= limit[worst]
    stable = looked[limit > power_max]
    where = "no detuning of these is stable" if first < last else "choose another one or a smaller power"
    if stable.size:
        low, high = stable_detunings(ring, power_max, (first, last), margin=0.0)
        where = f"[{low:.6g}, {high:.6g}] rad/s is stable"
    span = f"detunings [{first:.6g}, {last:.6g}]" if first < last else f"detuning {first:.6g}"
    raise ParameterError(
        f"{span} rad/s must have one stable state up to {power_max:g} W: at {looked[worst]:.6g} rad/s the "
        f"ring {'self-pulsates' if pulsating else 'has several states'} from {limit[worst]:.4g} W; {where}"
    )


def stable_power(ring: Ring, power_max: float, detuning: Any) -> np.ndarray:
    """Power in the bus [W] up to which a ring has one stable state; ``power_max`` where it has up to there.

    Parameters
    ----------
    ring, power_max
        As for `stable_detunings`.
    detuning : array_like
        [rad/s].

    Raises
    ------
    ParameterError
        Wrong numbers.

    Examples
    --------
    >>> from photonic.parameters import VAN_VAERENBERGH_2012 as ring
    >>> found = stable_power(ring, 5e-3, ring.detuning(half_linewidths=np.array([-2.5, 0.0])))
    >>> (found * 1e3).round(3).tolist()
    [0.089, 0.628]
    """
    ring, power_max = _checked(ring, power_max)
    detuning = np.atleast_1d(real_numbers("detuning", detuning, unit="rad/s"))
    return np.minimum(_limit(ring, power_max, detuning), power_max)


def _checked(ring: Ring, power_max: float) -> tuple[Ring, float]:
    """The ring with plain numbers, and the power [W]."""
    ring = plain_ring(ring)[0]
    Cavity(ring, 0.0).require_one()
    check_power("power_max", power_max, above=0.0)
    return ring, one_number("power_max", power_max)


def _pair(name: str, given: Any) -> tuple[float, float]:
    """Two detunings [rad/s] that do not fall."""
    pair = real_numbers(name, given, unit="rad/s")
    if pair.shape != (2,) or pair[0] > pair[1]:
        raise ParameterError(f"{name} must be two rising detunings [rad/s], got {given!r}")
    return float(pair[0]), float(pair[1])


def _looked(ring: Ring, power_max: float, first: float, last: float) -> tuple[np.ndarray, np.ndarray]:
    """Rising detunings, ends of critical lines up to ``power_max`` among them, and the limit of each."""
    if first == last:
        looked = np.array([first])
        return looked, _limit(ring, power_max, looked)
    lines = [
        piece.detuning
        for critical in (fold_lines, hopf_lines)
        for line in critical(ring, (first, last), power_max)
        for piece in line.below(power_max)
    ]
    ends = [end for line in lines for end in (line.min(), line.max()) if first < end < last]
    looked = np.unique(np.concatenate([np.linspace(first, last, _GRID), ends]))
    return looked, _limit(ring, power_max, looked)


def _limit(ring: Ring, power_max: float, detuning: np.ndarray) -> np.ndarray:
    """Power [W] from which there are several states or self-pulsation, at each detuning."""
    several = Cavity(ring, detuning).single_valued_limit()
    return np.minimum(several, _pulsation(ring, power_max, detuning))


def _pulsation(ring: Ring, power_max: float, detuning: np.ndarray) -> np.ndarray:
    """Power [W] of the first Hopf point up to ``power_max``, infinite without one."""
    cavity = Cavity(ring, detuning)
    energies = hopf_table(cavity, float(cavity.largest_energy(power_max)))[0]
    powers = [cavity.input_power(energy) for energy in np.moveaxis(energies, -1, 0)]
    return np.fmin.reduce([np.full(detuning.shape, np.inf), *powers])  # NaN is none


def _edge(ring: Ring, power_max: float, unstable: float, stable: float) -> float:
    """The stable side of the end of stability between two detunings."""
    for _ in range(60):
        middle = (unstable + stable) / 2
        if abs(stable - unstable) <= 1e-9 * float(ring.linewidth):
            break
        if _limit(ring, power_max, np.array([middle]))[0] > power_max:
            stable = middle
        else:
            unstable = middle
    return stable
