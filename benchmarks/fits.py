"""Physical parameters of 200 points against closed-form curves fitted by SciPy and lmfit; bootstraps."""

from __future__ import annotations

import dataclasses
import importlib.util
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from statistics import median
from typing import Any

import numpy as np
from scipy.optimize import curve_fit
from timing import interleaved, ratio, report

from photonic import Fit, Measured, bootstrap, fit, presets
from photonic.blas import single_threaded_blas

POINTS, ROUNDS, SAMPLES = 200, 21, 1000
FREE = ["arm_phase", "detuning", "carrier_lifetime", "output_scale"]
SHAPE = ("low", "high", "centre", "width", "skew")
START = (0.05, 1.1, 0.9, 0.3, 1.0)  # [mW], [mW], [mW], [mW], [1]


def richards(x: Any, low: Any, high: Any, centre: Any, width: Any, skew: Any) -> Any:
    """Generalised logistic curve (five numbers)."""
    return low + (high - low) * (1 + np.exp(-(x - centre) / width)) ** -np.abs(skew)


def data() -> Measured:
    power = np.linspace(10e-6, 2e-3, POINTS)
    noise = 1e-6 * np.random.default_rng(0).standard_normal(POINTS)
    return Measured(power, presets.SIGMOID.transfer(power) + noise)


def closed_form(measured: Measured) -> dict[str, Callable[[], object]]:
    """Fits of the generalised logistic to the same points, in mW."""
    x, y = measured.power_in * 1e3, measured.power_out * 1e3
    contestants: dict[str, Callable[[], object]] = {
        "curve_fit, 5 numbers": lambda: curve_fit(richards, x, y, START, maxfev=5000)
    }
    if importlib.util.find_spec("lmfit"):
        import lmfit

        model = lmfit.Model(richards)
        begin = dict(zip(SHAPE, START, strict=True))
        contestants["lmfit, 5 numbers"] = lambda: model.fit(y, x=x, **begin)
        contestants["lmfit, 5 numbers, profile intervals"] = lambda: lmfit.conf_interval(
            *_minimised(lmfit, x, y, begin), sigmas=[0.95]
        )
    return contestants


def _minimised(lmfit: Any, x: Any, y: Any, begin: dict[str, float]) -> tuple[Any, Any]:
    parameters = lmfit.create_params(**begin)
    search = lmfit.Minimizer(lambda p: richards(x, *(p[n].value for n in SHAPE)) - y, parameters)
    return search, search.minimize()


def bootstraps(found: Fit) -> None:
    """Seconds of so many refits on one processor and on two, in turns."""
    with ProcessPoolExecutor(2) as pool:
        bootstrap(found, 50, executor=pool)
        seconds: dict[str, list[float]] = {"one": [], "two": []}
        for _ in range(3):
            for name, executor in (("one", None), ("two", pool)):
                start = time.perf_counter()
                bootstrap(found, SAMPLES, executor=executor)
                seconds[name].append(time.perf_counter() - start)
    one, two = (median(times) for times in seconds.values())
    print(f"{SAMPLES} bootstrap fits: {one:.2f} s, with two processes {two:.2f} s ({one / two:.2f} times)")


def main() -> None:
    measured = data()
    guess = dataclasses.replace(presets.SIGMOID, arm_phase=presets.SIGMOID.arm_phase + 0.2)
    contestants: dict[str, Callable[[], object]] = {
        "physical fit, 4 numbers": lambda: fit(guess, measured, FREE, intervals="wald"),
        "physical fit, 4 numbers, profile intervals": lambda: fit(guess, measured, FREE),
        **closed_form(measured),
    }
    with single_threaded_blas():
        seconds = interleaved(contestants, rounds=ROUNDS)
    first, second = list(contestants)[:2]
    report(f"fits of {POINTS} points (the first call not counted)", seconds, "curve_fit, 5 numbers")
    print(f"  profile intervals take {ratio(seconds, second, first):.2f} times the fit without them")
    bootstraps(fit(guess, measured, FREE))


if __name__ == "__main__":
    main()
