"""Points of a bistable sweep on the branch that they were taken on.

Where a sweep jumps is read off the data: between two neighbouring readings. Points before and behind it
belong to the lower and the upper branch, and the fold at which the model jumps must lie between these two
readings. That is held by residuals which are 0 as long as it does, so that a search sees no discontinuity.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from photonic.cavity import Cavity

__all__ = ["Branches", "Jump", "branches_of"]

_CLEAR, _ALONE, _LEAST = 6.0, 8.0, 2.5  # oddness of a jump: of two sweeps together, of one alone, of each
_ALIKE = 0.1  # of the oddness of the other sweep's jump: less is chance
_AROUND = 11  # steps whose median is what a step should be
_HINGE = 0.05  # of the gap between the readings: how far past it the fold may lie for a residual of 1
_LOOK = 256  # energies among which the steepest place of a response without folds is looked for


@dataclass(frozen=True)
class Jump:
    """A sweep that jumps: the readings' powers [W] between which it does, and which fold ends it."""

    low: float
    high: float
    rising: bool


@dataclass(frozen=True, eq=False)
class Branches:
    """Which points lie on the upper branch, and the jumps between."""

    upper: np.ndarray  # (n,) of bool
    jumps: tuple[Jump, ...]

    def energies(self, cavity: Cavity, driven: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
        """Energy [J] and slope dP_in/dU of each point on its branch; at the fold where it has ended.

        There the slope is infinite, so that such a point pulls at nothing. None without two branches.
        """
        folds = cavity.fold_energies()
        if folds.size < 2:
            return None
        first, last = float(folds[0]), float(folds[-1])
        top, bottom = (float(cavity.input_power(u)) for u in (first, last))
        energy = np.empty(driven.shape)
        lower, past = ~self.upper, np.where(self.upper, driven <= bottom, driven >= top)
        inside = lower & ~past
        energy[inside] = cavity.invert(driven[inside], 0.0, first)
        inside = self.upper & ~past
        if np.any(inside):
            most = max(float(cavity.largest_energy(float(driven[inside].max()))), 2 * last)
            energy[inside] = cavity.invert(driven[inside], last, most)
        energy[past] = np.where(self.upper, last, first)[past]
        slope = np.where(past, np.inf, cavity.power_slope(energy))
        return energy, slope

    def folds(self, cavity: Cavity, power_max: float) -> np.ndarray:
        """Energy [J] at which each of the jumps happens; the steepest place if there are no folds."""
        found = cavity.fold_energies()
        if found.size >= 2:
            return np.array([found[0] if jump.rising else found[-1] for jump in self.jumps])
        grid = np.linspace(0.0, float(cavity.largest_energy(power_max)), _LOOK + 1)[1:]
        return np.full(len(self.jumps), grid[int(np.argmin(cavity.power_slope(grid)))])

    def hinges(self, powers: Any) -> tuple[np.ndarray, np.ndarray]:
        """Residuals of jumps at ``powers`` [W] of the readings, 0 inside their gaps; and their slopes."""
        low, high = (np.array([getattr(j, name) for j in self.jumps]) for name in ("low", "high"))
        width = _HINGE * (high - low)
        value = (powers - np.clip(powers, low, high)) / width
        return value, np.where(value != 0, 1 / width, 0.0)


def branches_of(measured: Any) -> Branches | None:
    """The branches of a swept measurement; None where nothing in it jumps.

    Of two sweeps both must jump, the rising one at the higher power, or one of them clearly: then the other
    ends before it would, and lies on one branch as a whole.
    """
    orders = {
        direction: points[np.argsort(measured.power_in[points], kind="stable")]
        for direction in (1, -1)
        if (points := np.flatnonzero(measured.direction == direction)).size >= 4
    }
    places, clearness = {}, {}
    for direction, order in orders.items():
        odd = _oddness(measured.power_out[order])
        odd[np.diff(measured.power_in[order]) <= 0] = 0.0
        places[direction] = int(np.argmax(odd))
        clearness[direction] = float(np.max(odd))
    clearest = max(clearness.values(), default=0.0)
    least = max(_LEAST, _ALIKE * clearest)
    jumping = [direction for direction in orders if clearness[direction] > least]
    together = np.linalg.norm([clearness[direction] for direction in jumping])
    if not jumping or together < (_CLEAR if len(jumping) == 2 else _ALONE):
        return None
    upper = np.zeros(len(measured), dtype=bool)
    jumps = []
    for direction, order in orders.items():
        if direction not in jumping:
            upper[order] = direction == -1
            continue
        place, power = places[direction], measured.power_in[order]
        jumps.append(Jump(float(power[place]), float(power[place + 1]), direction == 1))
        upper[order[place + 1 :]] = True
    if len(jumps) == 2 and jumps[0].low < jumps[1].high:
        return None
    return Branches(upper, tuple(jumps))


def _oddness(power_out: np.ndarray) -> np.ndarray:
    """How far each step between neighbours lies from those around it, in robust standard deviations."""
    steps = np.diff(power_out)
    half = _AROUND // 2
    padded = np.pad(steps, half, mode="edge")
    usual = np.median(np.lib.stride_tricks.sliding_window_view(padded, _AROUND), axis=1)
    away = np.abs(steps - usual)
    spread = 1.4826 * float(np.median(away))
    return away / max(spread, 1e-6 * float(np.ptp(power_out)), 1e-300)
