"""One self-pulsing ring in time, and many different ones: against SciPy's LSODA at a known true error.

Problem P is Fig. 3 of Van Vaerenbergh et al. 2012 (acceptance test A9): 0.6 mW, 62 pm to the red, 0.7 K at
the start, 1 µs or about 13 periods. The true error is the largest distance to a reference solution, in units
of the largest value of that variable, over field, energy, carriers and temperature. SciPy's tolerances are
the cheapest of a small search with a true error of at most 1e-6; its right-hand side is in Python floats.

``dynamics.py --reference FILE.npz`` writes the reference for `dynamics_diffrax.py` and stops.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

import numpy as np
from dynamics_problem import Problem, Solution, integrated, random_problems, reference
from timing import interleaved, report

import photonic
from photonic.parameters import VAN_VAERENBERGH_2012

TRUE_ERROR = 1e-6  # [1]
DURATION = 1e-6  # [s]

Known = list[tuple[Problem, Solution]]


def ours(problem: Problem, times: np.ndarray) -> Solution:
    """The package's own integrator: the one place that knows how it is called."""
    start = {"temperature": problem.start}
    trace = photonic.simulate(problem.ring, problem.power, times, detuning=problem.detuning, initial=start)
    return Solution(trace.field, trace.carriers, trace.temperature)


def cheapest(method: str, times: np.ndarray, known: Known) -> tuple[float, float]:
    """Relative and absolute tolerance of the fewest evaluations that meet the true error in every problem."""
    found = []
    for share in (1.0, 0.1, 0.01):  # every variable is about 1 in the units of `Problem.scales`
        for rtol in 10 ** -np.arange(8, 12.1, 0.25):
            total = 0
            for problem, exact in known:
                got, evaluations = integrated(problem, times, method, rtol, share * rtol)
                total += evaluations
                if got.true_error(exact) > TRUE_ERROR:
                    break
            else:
                found.append((total, float(rtol), float(share * rtol)))
                break
    total, rtol, atol = min(found)
    print(f"  {method}: {total / len(known):.0f} evaluations each")
    return rtol, atol


def compare(title: str, times: np.ndarray, known: Known, rounds: int) -> None:
    """Times of all contestants, each through all known problems one after the other."""
    print(f"{title}, {times.size} times")
    runs: dict[str, Callable[[], list[Solution]]] = {}
    if hasattr(photonic, "simulate"):
        runs["photonic.simulate"] = lambda: [ours(p, times) for p, _ in known]
    for method in ("odeint", "LSODA"):
        for rtol, atol in (cheapest(method, times, known), (1e-6, 1e-6)):
            runs[f"{method} {rtol:.1e}/{atol:.1e}"] = lambda how=(method, rtol, atol): [
                integrated(p, times, *how)[0] for p, _ in known
            ]
    labelled = {}
    for name, run in runs.items():
        error = max(got.true_error(exact) for got, (_, exact) in zip(run(), known, strict=True))
        labelled[f"{name}, true error {error:.1e}"] = run
    report(f"  {len(known)} in all", interleaved(labelled, rounds), next(iter(labelled)))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reference", metavar="FILE.npz", help="write the reference solution, and stop")
    parser.add_argument("--points", type=int, default=2001, help="output times")
    parser.add_argument("--rings", type=int, default=20, help="different rings")
    options = parser.parse_args()

    times, ring = np.linspace(0, DURATION, options.points), VAN_VAERENBERGH_2012
    problem = Problem(ring, 0.6e-3, ring.detuning(62e-12))
    exact = reference(problem, times)
    if options.reference:
        units = {"scales": problem.scales(), "coefficients": problem.coefficients()}
        np.savez(options.reference, times=times, start=problem.start, **exact._asdict(), **units)
        return
    radau, _ = integrated(problem, times, "Radau", 1e-11, 1e-12)
    print(f"reference: Radau differs by {radau.true_error(exact):.1e}")
    compare("problem P", times, [(problem, exact)], 7)
    known = [(other, reference(other, times)) for other in random_problems(options.rings)]
    compare("different rings", times, known, 3)


if __name__ == "__main__":
    main()
