"""What a session with a ring in time costs: first call, a reservoir's input, a thousand rings, a map.

The thousand rings are those of `dynamics_problem.py`; LSODA's time for them is taken from the first few,
at the tolerance at which the worst of 20 has a true error of 1e-6 (`dynamics.py` finds it).
"""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
from dynamics_problem import Problem, integrated, random_problems, reference

import photonic
from photonic.parameters import VAN_VAERENBERGH_2012 as RING

RINGS, LOOPED = 1_000, 12
LSODA = 3.2e-11, 3.2e-12  # rtol, atol: the worst of 20 rings is within 9e-7
FIRST = """
import time, numpy, photonic
from photonic.parameters import VAN_VAERENBERGH_2012 as ring
start = time.perf_counter()
photonic.simulate(ring, 0.6e-3, numpy.linspace(0, 1e-8, 11), detuning=-1e10)
print(time.perf_counter() - start)
"""


def seconds(run: object, rounds: int = 3) -> float:
    """Shortest of a few calls [s]."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        run()  # type: ignore[operator]
        times.append(time.perf_counter() - start)
    return min(times)


def batch(problems: list[Problem]) -> tuple[photonic.Ring, np.ndarray, np.ndarray]:
    """One ring of arrays, its powers [W] (a column) and detunings [rad/s]."""
    names = [
        f.name for f in dataclasses.fields(RING) if len({str(getattr(p.ring, f.name)) for p in problems}) > 1
    ]
    arrays = {name: np.array([getattr(p.ring, name) for p in problems]) for name in names}
    ring = dataclasses.replace(RING, **arrays, sources={})
    power = np.array([[p.power] for p in problems])
    return ring, power, np.array([p.detuning for p in problems])


def main() -> None:
    with tempfile.TemporaryDirectory() as cache:
        for what in ("empty", "filled"):
            done = subprocess.run(
                [sys.executable, "-c", FIRST], capture_output=True, text=True, check=True,
                env={**os.environ, "NUMBA_CACHE_DIR": cache},
            )  # fmt: skip
            print(f"first call, kernel cache {what}: {float(done.stdout):.2f} s")

    rng, times = np.random.default_rng(0), np.linspace(0, 1e-6, 2001)
    detuning = RING.detuning(62e-12)
    for width in (50e-12, 1e-9):
        drive = photonic.Drive.held(np.arange(100_001) * width, rng.random(100_000) * 0.3e-3)
        ends = np.concatenate([[0.0], np.arange(1, 100_001) * width])
        took = seconds(lambda drive=drive, ends=ends: photonic.simulate(RING, drive, ends, detuning=detuning))
        print(f"drive of 100,000 steps of {width * 1e12:.0f} ps, read after each: {took:.2f} s")

    problems = list(random_problems(RINGS))
    ring, power, detunings = batch(problems)
    start = {"temperature": 0.7}
    trace = photonic.simulate(ring, power, times, detuning=detunings, initial=start)
    worst = 0.0
    for k in range(LOOPED):
        exact = reference(problems[k], times)
        got = type(exact)(trace.field[k], trace.carriers[k], trace.temperature[k])
        worst = max(worst, got.true_error(exact))
    for workers in (1, os.cpu_count()):
        took = seconds(
            lambda w=workers: photonic.simulate(
                ring, power, times, detuning=detunings, initial=start, workers=w
            ),
            2,
        )
        looped = seconds(lambda: [integrated(p, times, "LSODA", *LSODA) for p in problems[:LOOPED]], 2)
        share = looped / LOOPED * RINGS / took
        print(f"{RINGS} rings for 1 µs, {workers} threads: {took:.2f} s, true error {worst:.0e};", end=" ")
        print(f"a loop over LSODA takes {share:.0f} times as long")

    powers = np.linspace(0, 2e-3, 201)[1:]
    detunings = RING.detuning(half_linewidths=np.linspace(-8, 2, 200))
    print(
        f"stability map 200 × 200: {seconds(lambda: photonic.stability_map(RING, powers, detunings)):.2f} s"
    )


if __name__ == "__main__":
    main()
