"""The best solution of a least-squares problem, and the others that were come by."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from photonic.errors import ConvergenceError, ParameterError
from photonic.fits.diagnostics import ODD, diagnostics
from photonic.fits.free_parameters import FreeParameter
from photonic.fits.inverse_problem import DISTINCT, Problem, Solution

__all__ = ["best_solution", "orders"]

_ROUNDS = (8, 24)  # starts to try before giving up on residuals that do not look like noise
_SYSTEMATIC = 0.35  # correlation of neighbouring residuals above which other starts are tried


def best_solution(
    problem: Problem, free: Sequence[FreeParameter], starts: int | str, seed: int
) -> tuple[Solution, list[Solution]]:
    """The best solution, and other minima if more than one start was tried."""
    if not (starts == "auto" or (isinstance(starts, int) and starts >= 0)):
        raise ParameterError(f"starts must be 'auto' or an integer >= 0, got {starts!r}")
    if not (isinstance(seed, int | np.integer) and seed >= 0):
        raise ParameterError(f"seed must be an integer >= 0, got {seed!r}")
    found: list[Solution] = []
    try:
        found.append(problem.checked(problem.solve(np.array([f.inner(f.start) for f in free]))))
    except ConvergenceError:
        if starts == 0:
            raise
    minima: list[Solution] = []
    for number, wanted in enumerate(_ROUNDS if starts == "auto" else (int(starts),)):
        if not wanted or (starts == "auto" and found and not _systematic(problem, found[0])):
            break
        minima += problem.minima(problem.starts(wanted, seed + number))
        for one in problem.ranked(minima):
            try:
                checked = problem.checked(problem.solve(one.inner))
            except ConvergenceError:
                continue
            found = problem.ranked([*found, checked])
            break
    if not found:
        raise ConvergenceError("no start led to a solution: give start or bounds nearer to the truth")
    best = found[0] if not minima else problem.checked(problem.solve(found[0].inner))
    apart = [s for s in [*found, *minima] if np.max(np.abs(s.inner - best.inner)) > DISTINCT]
    others = problem.ranked(apart)
    problem.ranked([best])  # back to its own states
    return best, others


def _systematic(problem: Problem, found: Solution) -> bool:
    residuals = problem.residuals(found.inner)
    judged = diagnostics(residuals, orders(problem), False, residuals.size, [])
    return abs(judged.correlation) > _SYSTEMATIC and judged.correlation_probability < ODD


def orders(problem: Problem) -> list[np.ndarray]:
    """Indices that put the readings of each experiment side by side as they follow each other."""
    found = []
    for m in problem.measured:
        sweep = getattr(m, "direction", np.zeros(len(m)))
        found.append(np.lexsort((_coordinate(m), sweep)))
    return found


def _coordinate(measured: Any) -> np.ndarray:
    """What the readings of a measurement follow each other in."""
    for name in ("wavelength", "times"):
        if hasattr(measured, name):
            return np.asarray(getattr(measured, name))
    return np.asarray(measured.power_in)
