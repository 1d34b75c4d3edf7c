"""Other numbers that an experiment by itself cannot tell from those of a solution."""

from __future__ import annotations

import numpy as np

from photonic.fits.inverse_problem import DISTINCT, Problem, Solution

__all__ = ["with_twins"]


def with_twins(problem: Problem, best: Solution, others: list[Solution]) -> tuple[Solution, list[Solution]]:
    """The best solution and other minima, those among them that the twins of the best one lead to.

    A twin that fits better takes its place.
    """
    values = problem.values(best.inner)
    twins = [p.twin(values) for p in problem.predictions if hasattr(p, "twin")]
    starts = [np.array([f.inner(v) for f, v in zip(problem.free, t, strict=True)]) for t in twins if t]
    if not starts:
        return best, others
    found = [s for s in problem.minima(starts) if np.max(np.abs(s.inner - best.inner)) > DISTINCT]
    if found and found[0].cost < best.cost - DISTINCT:
        best, others = problem.checked(problem.solve(found[0].inner)), [best, *found[1:], *others]
    else:
        others = [*found, *others]
    others = problem.ranked(others)
    problem.ranked([best])  # back to its own states
    return best, others
