"""Fair timing on a shared machine: the contestants take turns, ratios are medians over the rounds."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from statistics import median


def interleaved(
    contestants: Mapping[str, Callable[[], object]],
    rounds: int = 7,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, list[float]]:
    """Seconds of each contestant in each round, after one uncounted call of each.

    With ``time.process_time`` as the clock, waiting for a processor that others use does not count.
    """
    for run in contestants.values():
        run()
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            start = clock()
            run()
            seconds[name].append(clock() - start)
    return seconds


def ratio(seconds: Mapping[str, list[float]], slow: str, fast: str) -> float:
    """Median over the rounds of slow / fast."""
    return median(a / b for a, b in zip(seconds[slow], seconds[fast], strict=True))


def report(title: str, seconds: Mapping[str, list[float]], reference: str) -> None:
    """Print median and shortest times, and how many times longer than ``reference`` each takes."""
    print(title)
    for name, runs in seconds.items():
        times = f"{median(runs) * 1e3:10.3f} ms, at best {min(runs) * 1e3:10.3f} ms"
        print(f"  {name:<50} {times}   × {ratio(seconds, name, reference):7.2f}")
