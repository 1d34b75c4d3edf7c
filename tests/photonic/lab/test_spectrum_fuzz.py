"""fit_spectrum on hundreds of spectra that are hardly any: nothing is raised but its own errors."""

from __future__ import annotations

import json
import warnings

import numpy as np
import pytest

from photonic import DataError, DataWarning, ParameterError, fit_spectrum

SEEDS, STEPS = 160, 8


def wavelengths(rng):
    n = int(rng.choice([32, 33, 34, 41, 51, 64, 81, 96, 100, 150, 256, 401, 801]))
    even = np.linspace(1.54e-6, 1.56e-6, n)
    match rng.integers(0, 7):
        case 1:
            return np.sort(rng.uniform(1.54e-6, 1.56e-6, n))
        case 2:
            return 1.54e-6 * np.exp(np.linspace(0, 0.013, n) ** 1.5)
        case 3:
            return np.concatenate([even[: n // 2], even[n // 2 - 1 : -1]])  # one of them twice
        case 4:
            return np.concatenate([even[:20], even[-20:]])  # a hole
        case 5:
            return np.linspace(1.55e-6, 1.55e-6 + 1e-13 * n, n)
    return even


def dips(rng, x):
    light = np.ones_like(x)
    for _ in range(int(rng.integers(1, 12))):
        place = rng.choice([rng.uniform(-0.02, 1.02), 0.0, 1.0])  # at an end too
        width = 10 ** rng.uniform(-3.0, -0.5)
        light *= 1 - rng.choice([1, 0.9, 0.5, 0.05]) / (1 + (2 * (x - place) / width) ** 2)
    return light


def column(rng, n):
    x = np.linspace(0, 1, n)
    light = np.ones(n)
    match rng.integers(0, 10):
        case 0 | 1 | 2:
            light = dips(rng, x)
        case 3:
            light = 1 - dips(rng, x)
        case 4:
            light = np.zeros(n)
        case 5:
            light = rng.exponential(size=n)
        case 6:
            light[rng.integers(0, n, 3)] = rng.choice([0, 100, 1e6])
        case 7:
            light = 1 + 0.9 * np.sin(2 * np.pi * x * rng.uniform(0.2, 80))
        case 8:
            light = np.prod(
                [1 - 0.8 / (1 + (2 * (x - c) / 0.01) ** 2) for c in np.arange(0.02, 1, 0.1)], axis=0
            )
        case 9:
            light = np.exp(-(((x - 0.5) / 0.1) ** 2)) * (rng.random(n) < 0.5)
    return light + rng.choice([0, 0, 1e-9, 1e-6, 1e-3, 0.03, 0.3]) * rng.standard_normal(n)


def made(seed):
    rng = np.random.default_rng(seed)
    x = wavelengths(rng)
    columns = [10 ** rng.uniform(-1, 1) * column(rng, x.size) for _ in range(rng.choice([1, 1, 2, 3]))]
    if len(columns) > 1 and rng.random() < 0.2:
        columns[1] = columns[0]
    options = {}
    if rng.random() < 0.3:
        options["circumference"] = 10 ** rng.uniform(-5, -2)
    if rng.random() < 0.2:
        options["kind"] = str(rng.choice(["ring", "mzi"]))
    if rng.random() < 0.2:
        options["through"] = 0
    if rng.random() < 0.2:
        options["drop"] = len(columns) - 1
    power = np.column_stack(columns) * 10.0 ** rng.choice([0, -5, -5, -5, -12, -30, -200, -310, 15, 200])
    return x, power, options


def outcome(seed):
    x, power, options = made(seed)
    try:
        found = fit_spectrum(x, power, **options)
    except DataError:
        return "no spectrum"
    except ParameterError:
        return "refused"
    assert "resonances of" in found.report()
    json.dumps(found.as_dict(), allow_nan=False)
    for regime in ("under", "over", "symmetric"):
        try:
            found.ring(regime=regime, group_index=4.2)
        except (DataError, ParameterError):
            continue
    return "fitted"


@pytest.mark.parametrize("first", range(STEPS))
def test_any_spectrum_is_fitted_or_refused(first):
    """Every warning but `DataWarning` is an error here, NumPy's included."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        seen = [outcome(seed) for seed in range(first, SEEDS, STEPS)]
    assert {"no spectrum", "refused"} <= set(seen)


def test_some_of_them_are_fitted():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DataWarning)
        assert "fitted" in {outcome(seed) for seed in range(SEEDS, SEEDS + 40)}
