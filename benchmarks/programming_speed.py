"""Heater settings for one target shape, in units of one transfer curve; processor time."""

from __future__ import annotations

import time

from timing import interleaved, report

from photonic import program
from photonic.presets import POWER_MAX, SIGMOID


def main() -> None:
    contestants = {
        f"program {target}": lambda target=target: program(SIGMOID, target, power_max=POWER_MAX)
        for target in ("sigmoid", "relu", "radial-basis")
    }
    contestants["transfer curve of 101 points"] = lambda: SIGMOID.curve(POWER_MAX, 101)
    report("one target", interleaved(contestants, 9, time.process_time), "transfer curve of 101 points")


if __name__ == "__main__":
    main()
