"""Profile likelihood: how far a number can move while all the others follow it."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from photonic.errors import ConvergenceError
from photonic.fits.inverse_problem import Problem, Solution

__all__ = ["BetterFit", "Profile", "profile"]

_ROUNDS = 24
_STUCK = 4  # rounds in which the same end of the bracket moved, before it is halved
_CLOSE = 0.02  # of the root of the rise aimed at: interpolation does the rest


class BetterFit(Exception):
    """The profile came by a better solution than the one it started from."""

    def __init__(self, solution: Solution) -> None:
        super().__init__("a better solution was found on the way")
        self.solution = solution


@dataclass(frozen=True, eq=False)
class Profile:
    """Ends [inner coordinate] of an interval, infinite where the data set none, and what was tried."""

    low: float
    high: float
    tried: np.ndarray  # (m, 2): inner coordinate and rise of the sum of squares over its noise


def profile(problem: Problem, best: Solution, covariance: np.ndarray, index: int, rise: float) -> Profile:
    """Where the sum of squares, least over all other numbers, has risen by ``rise``.

    ``covariance`` is that of the inner coordinates for residuals of standard deviation 1.

    Raises
    ------
    BetterFit
        The sum of squares fell below that of ``best``.
    """
    ends, tried = [], [np.array([best.inner[index], 0.0])]
    for side in (-1.0, 1.0):
        end, points = _side(problem, best, covariance[:, index], index, rise, side)
        ends.append(end)
        tried += points
    order = np.argsort([p[0] for p in tried])
    return Profile(float(ends[0]), float(ends[1]), np.array(tried)[order])


def _side(
    problem: Problem, best: Solution, column: np.ndarray, index: int, rise: float, side: float
) -> tuple[float, list[np.ndarray]]:
    """One end: Newton-like steps in √rise, which is next to linear, inside a bracket."""
    wanted = math.sqrt(rise)
    error = math.sqrt(column[index])
    along = column / column[index]
    step, low, high = wanted * error, (0.0, 0.0), None
    start, points, stuck = best.inner, [], 0
    for _ in range(_ROUNDS):
        at = best.inner[index] + side * step
        wall = problem.free[index].walls[0 if side < 0 else 1]
        if high is None and side * (at - wall) > 0:
            at, step = wall, max(abs(wall - best.inner[index]), 1e-9)
        root, end = math.inf, None
        if problem.free[index].within(at):
            guess = start + along * (at - start[index])
            end, root = _at(problem, best, guess, index)
            points.append(np.array([at, root**2]))
        if high is None and at == wall and root < wanted:
            return side * math.inf, points
        if abs(root / wanted - 1) < _CLOSE:
            other = low if root > wanted or high is None else high
            slope = (root - other[1]) / (step - other[0])
            last = step + (wanted - root) / slope if slope > 0 else step
            return best.inner[index] + side * last, points
        if root < wanted:
            low, start, stuck = (step, root), (end.inner if end is not None else start), max(stuck, 0) + 1
        else:
            high, stuck = (step, root), min(stuck, 0) - 1
        if high is None:
            step = step * min(max(wanted / root, 1.1), 3.0) if root > 0 else 3 * step
        elif math.isfinite(high[1]) and abs(stuck) < _STUCK:
            share = (wanted - low[1]) / (high[1] - low[1])
            step = low[0] + (high[0] - low[0]) * min(max(share, 0.05), 0.95)
        else:
            step = (low[0] + high[0]) / 2
    if high is None:
        return side * math.inf, points
    return best.inner[index] + side * high[0], points  # at a jump of the sum of squares: the far side


def _at(problem: Problem, best: Solution, guess: np.ndarray, index: int) -> tuple[Solution | None, float]:
    """The best solution with one number held, and the root of how much worse it is."""
    if not problem.sound(guess):
        guess = np.where(np.arange(guess.size) == index, guess, best.inner)
    try:
        found = problem.search(guess, held=index, tolerance=1e-5)
    except ConvergenceError:
        return None, math.inf
    rise = found.cost - best.cost
    if not math.isfinite(rise):
        return None, math.inf
    if rise < -1e-3:
        raise BetterFit(found)
    return found, math.sqrt(max(rise, 0.0))
