"""Detunings at which a ring has one stable state, whatever the power up to a limit."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from photonic.cavity import Cavity
from photonic.critical_lines import fold_lines, hopf_lines
from photonic.device import check_power
from photonic.errors import ParameterError, one_number
from photonic.small_signal import hopf_table
from photonic.stability import plain_ring

if TYPE_CHECKING:
    from photonic.ring import Ring

__all__ = ["stable_detunings"]

_SPAN = 4.0  # half-linewidths to either side that are looked at
_MARGIN = 0.05  # half-linewidths
_GRID = 161  # detunings looked at beside those of the critical lines


def stable_detunings(
    ring: Ring,
    power_max: float,
    within: tuple[float, float] | None = None,
    margin: float | None = None,
) -> tuple[float, float]:
    """Detunings (low, high) [rad/s] with one stable state at every power from 0 to ``power_max``.

    There is no fold and no Hopf point of any state up to that power. Of several such intervals the one
    nearest to resonance is given.

    Parameters
    ----------
    ring : Ring
        One ring; its heat counts unless frozen (``ring.with_effects(heating=False)``).
    power_max : float
        Highest power in the bus of the ring [W].
    within : (float, float), optional
        Detunings that are looked at [rad/s]; 4 half-linewidths to either side if left out.
    margin : float, optional
        Distance that is kept from an end where a fold or a Hopf point sets in [rad/s]; 0.05 half-linewidths
        if left out. An end of ``within`` is given as it is.

    Raises
    ------
    ParameterError
        Wrong numbers; no stable interval, or none wider than its margins.

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
    ring = plain_ring(ring)[0]
    Cavity(ring, 0.0).require_one()
    check_power("power_max", power_max, above=0.0)
    power_max = one_number("power_max", power_max)
    half = float(ring.linewidth) / 2
    first, last = (-_SPAN * half, _SPAN * half) if within is None else within
    first = one_number("within", first, unit="rad/s")
    last = one_number("within", last, unit="rad/s", above=first)
    kept = _MARGIN * half if margin is None else one_number("margin", margin, unit="rad/s", at_least=0.0)
    looked, stable = _looked(ring, power_max, first, last)
    runs = [
        run for run in np.split(np.arange(looked.size), np.flatnonzero(np.diff(stable)) + 1) if stable[run[0]]
    ]
    if not runs:
        raise ParameterError(
            f"no detuning has one stable state up to {power_max:g} W: choose a smaller power_max, "
            "or freeze the heat"
        )
    run = min(runs, key=lambda r: max(looked[r[0]], -looked[r[-1]], 0.0))
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


def _looked(ring: Ring, power_max: float, first: float, last: float) -> tuple[np.ndarray, np.ndarray]:
    """Rising detunings, ends of critical lines up to ``power_max`` among them, and whether each is stable."""
    grid = np.linspace(first, last, _GRID)
    lines = [
        piece.detuning
        for critical in (fold_lines, hopf_lines)
        for line in critical(ring, (first, last), power_max)
        for piece in line.below(power_max)
    ]
    ends = [end for line in lines for end in (line.min(), line.max()) if first < end < last]
    looked = np.unique(np.concatenate([grid, ends]))
    return looked, _stable(ring, power_max, looked)


def _stable(ring: Ring, power_max: float, detuning: np.ndarray) -> np.ndarray:
    """Whether there is neither a fold nor a Hopf point up to ``power_max`` [W], at each detuning."""
    cavity = Cavity(ring, detuning)
    energies = hopf_table(cavity, float(cavity.largest_energy(power_max)))[0]
    powers = [cavity.input_power(energy) for energy in np.moveaxis(energies, -1, 0)]
    pulsating = np.any([power <= power_max for power in powers], axis=0)  # NaN is not
    return (cavity.single_valued_limit() > power_max) & ~pulsating


def _edge(ring: Ring, power_max: float, unstable: float, stable: float) -> float:
    """The stable side of the end of stability between two detunings."""
    for _ in range(60):
        middle = (unstable + stable) / 2
        if abs(stable - unstable) <= 1e-9 * float(ring.linewidth):
            break
        if _stable(ring, power_max, np.array([middle]))[0]:
            stable = middle
        else:
            unstable = middle
    return stable
