"""What a slow sweep of the power follows: branches of the response, and its jumps between them."""

from __future__ import annotations

import warnings
from typing import Literal, NamedTuple, get_args

import numpy as np

from photonic.cavity import FAINT, Cavity
from photonic.errors import OutsideValidityWarning, ParameterError, check
from photonic.small_signal import is_stable

__all__ = ["Piece", "Sweep", "check_sweep", "pieces", "swept_energies"]

Sweep = Literal["single", "up", "down"]


class Piece(NamedTuple):
    """A stretch of one branch on which the input power rises with the energy."""

    energies: tuple[float, float]  # [J], rising
    powers: tuple[float, float]  # [W], rising


def check_sweep(sweep: str) -> None:
    if sweep not in get_args(Sweep):
        raise ParameterError(f"sweep must be 'single', 'up' or 'down', got {sweep!r}")


def pieces(cavity: Cavity, power_max: float, sweep: Sweep, share: float = 1.0) -> list[Piece]:
    """Stretches of branch that a slow sweep between 0 and ``power_max`` [W] follows, by rising power.

    A falling sweep starts on the branch of highest energy at ``power_max``. A jump lands on the
    nearest stable branch in the direction of the sweep (on the nearest rising one if none is
    stable); where several branches could catch it, an `OutsideValidityWarning` says so. Messages
    name powers before the ``share`` [1] that drives the ring is split off.

    Raises
    ------
    ParameterError
        With ``sweep="single"`` where the response is multivalued in the range.
    """
    cavity.require_one()
    check_sweep(sweep)
    check("power_max", power_max, unit="W", above=0.0)
    folds = cavity.fold_energies()
    if not folds.size:
        return [Piece((0.0, float(cavity.largest_energy(power_max))), (0.0, power_max))]
    powers = cavity.input_power(folds)
    if sweep == "single" and np.any(powers[1::2] < power_max):
        listed = ", ".join(f"{p:.6g} W" for p in np.sort(powers) / share)
        raise ParameterError(
            f"the response is multivalued below {power_max / share:.6g} W: folds at {listed}; "
            "choose sweep='up' or 'down' (--sweep), a smaller power or another detuning"
        )
    rising = _rising(cavity, folds, power_max)
    if sweep == "down":
        return _down(cavity, rising, power_max, share)
    return _up(cavity, rising, power_max, share)


def swept_energies(
    cavity: Cavity, power: np.ndarray, sweep: Sweep = "single", share: float = 1.0
) -> np.ndarray:
    """Energy U [J] on the branch of ``sweep`` at each ``power`` [W] (any shape) of one ring.

    At the power of a jump the sweep has not jumped yet.
    """
    power = np.asarray(power, dtype=float)
    check_sweep(sweep)
    highest = float(np.max(power, initial=0.0))
    if highest < FAINT:
        cavity.require_one()
        return power / cavity.power_slope(np.zeros(()))
    found = pieces(cavity, highest, sweep, share)
    ends = np.array([piece.powers[1] for piece in found])
    side: Literal["left", "right"] = "right" if sweep == "down" else "left"
    which = np.minimum(np.searchsorted(ends, power, side=side), len(found) - 1)
    energy = np.empty(power.shape)
    for index, piece in enumerate(found):
        chosen = which == index
        energy[chosen] = cavity.invert(power[chosen], *piece.energies)
    return energy


def _rising(cavity: Cavity, folds: np.ndarray, power_max: float) -> list[Piece]:
    """All stretches with rising P_in, from U = 0 to beyond ``power_max``."""
    starts = np.concatenate([[0.0], folds[1::2]])
    top = max(float(cavity.largest_energy(power_max)), 2 * float(starts[-1]))
    ends = np.concatenate([folds[::2], [top]])
    return [
        Piece((float(a), float(b)), (float(cavity.input_power(a)), float(cavity.input_power(b))))
        for a, b in zip(starts, ends, strict=True)
    ]


def _up(cavity: Cavity, rising: list[Piece], power_max: float, share: float) -> list[Piece]:
    power, branch, found = 0.0, 0, []
    while True:
        energies, (_, top) = rising[branch]
        found.append(Piece(energies, (power, min(top, power_max))))
        if top >= power_max:
            return found
        power = top
        branch = _landing(cavity, rising, power, range(branch + 1, len(rising)), share)


def _down(cavity: Cavity, rising: list[Piece], power_max: float, share: float) -> list[Piece]:
    # At the very power of a jump the sweep has not jumped yet.
    branch = max(b for b, piece in enumerate(rising) if piece.powers[0] <= power_max * (1 + 1e-14))
    power, found = power_max, []
    while True:
        energies, (bottom, _) = rising[branch]
        found.append(Piece(energies, (min(bottom, power), power)))
        if branch == 0:
            return found[::-1]
        power = bottom
        branch = _landing(cavity, rising, power, range(branch - 1, -1, -1), share)


def _landing(cavity: Cavity, rising: list[Piece], power: float, order: range, share: float) -> int:
    """The branch that a jump at ``power`` [W] lands on, out of those in ``order``, nearest first."""
    able = [b for b in order if rising[b].powers[0] < power < rising[b].powers[1]]
    if len(able) < 2:
        return able[0] if able else order[0]
    stable = [
        b for b in able if is_stable(cavity, cavity.invert(np.asarray(power), *rising[b].energies)).all()
    ]
    text = f"the jump at {power / share:.6g} W could land on {len(able)} branches: the nearest is taken"
    warnings.warn(text, OutsideValidityWarning, stacklevel=6)
    return (stable or able)[0]
