"""Drives: constant, held and sampled light, where it jumps, and what is refused."""

from __future__ import annotations

import math
import warnings
from typing import Any

import numpy as np
import pytest

import photonic
from photonic.drive import Drive, warn_coarse
from photonic.errors import OutsideValidityWarning, ParameterError

SPAN = 100e-9


def inside(count: int = 20_001) -> np.ndarray:
    return np.random.default_rng(0).uniform(0, SPAN, count)


def test_exported() -> None:
    assert photonic.Drive is Drive


def test_constant() -> None:
    drive = Drive.constant(2e-3, -1e-9, 4e-9)
    assert drive.span == (-1e-9, 4e-9)
    assert drive(np.array([-1e-9, 0.0, 4e-9])) == pytest.approx(2e-3, rel=1e-15)
    batch = Drive.constant([[1e-3], [2e-3]], 0.0, 1e-9)
    assert batch(np.array([0.0, 1e-9])).shape == (2, 1, 2)
    assert batch.highest[:, 0] == pytest.approx([1e-3, 2e-3], rel=1e-15)


def test_steps_hold_until_the_next() -> None:
    edges = [0.0, 1e-9, 2e-9, 3e-9, 4e-9]
    drive = Drive.held(edges, [1e-3, 1e-3, 0.0, 2e-3])
    assert drive.breaks.tolist() == [0.0, 2e-9, 3e-9, 4e-9]  # equal neighbours are one piece
    at = np.array([0.0, 0.5e-9, 1e-9, 1.5e-9, 2e-9, 2.5e-9, 3e-9, 4e-9])
    assert drive(at) == pytest.approx([1e-3, 1e-3, 1e-3, 1e-3, 1e-3, 0.0, 0.0, 2e-3], rel=1e-15)
    batch = Drive.held(edges, [[1e-3, 1e-3, 0.0, 2e-3], [0.0, 1e-3, 1e-3, 1e-3]])
    assert batch.breaks.tolist() == edges
    assert batch(1.5e-9) == pytest.approx([1e-3, 1e-3], rel=1e-15)
    assert batch.highest == pytest.approx([2e-3, 1e-3], rel=1e-15)


FUNCTIONS: dict[str, Any] = {
    "touches zero": lambda t: 1e-3 * np.sin(2e8 * t) ** 2,
    "triangle": lambda t: 1e-3 * (1 - np.abs(2 * t / SPAN - 1)),
    "jump": lambda t: np.where(t < 0.3137e-7, 1e-4, 1e-3),
    "bits": lambda t: 1e-3 * ((np.floor(t / 1e-9) * 7919) % 2),
    "narrow pulse": lambda t: 1e-3 * np.exp(-(((t - 50.03e-9) / 0.2e-9) ** 2)),
    "10 GHz": lambda t: 1e-3 * (1 + np.cos(2 * np.pi * 10e9 * t)) / 2,
    "fast rise": lambda t: 1e-3 * (1 - np.exp(-t / 1e-12)),
    "constant": lambda t: 1e-3,
    "dark": lambda t: 0.0 * t,
    "one time at a time": lambda t: 1e-3 if t > 0.7e-7 else 2e-4 * math.exp(-t / 1e-8),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_to_their_tolerance(name: str) -> None:
    """√P to 1e-9 of its largest value, up to tenfold between the points looked at."""
    function, at = FUNCTIONS[name], inside()
    drive = Drive.sampled(function, 0.0, SPAN)
    expected = np.sqrt([float(function(t)) for t in at])
    top = max(float(np.max(expected)), 1e-12)
    assert np.max(np.abs(np.sqrt(drive(at)) - expected)) < 1e-8 * top
    assert float(drive.highest) == pytest.approx(float(np.max(expected)) ** 2, rel=2e-3)
    rough = Drive.sampled(function, 0.0, SPAN, tolerance=1e-4)
    assert np.max(np.abs(np.sqrt(rough(at)) - expected)) < 1e-3 * top
    assert rough.breaks.size <= drive.breaks.size


def test_a_jump_is_where_it_is() -> None:
    at = 31.370_123e-9
    drive = Drive.sampled(lambda t: np.where(t < at, 0.0, 1e-3), 0.0, SPAN)
    assert drive(at - 2e-12 * SPAN) == 0.0
    assert drive(at + 2e-12 * SPAN) == pytest.approx(1e-3, rel=1e-12)


def test_known_times_show_what_is_narrow() -> None:
    """A pulse between the points looked at is missed, unless a time in it is named."""

    def power(t: Any) -> Any:
        return np.where(np.abs(t - 50.0312e-9) < 0.3e-12, 1e-3, 0.0)

    assert float(Drive.sampled(power, 0.0, SPAN).highest) < 1e-6
    assert Drive.sampled(power, 0.0, SPAN, known=[50.0312e-9])(50.0312e-9) == pytest.approx(1e-3, rel=1e-8)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Drive.constant(-1e-3, 0.0, 1e-9), "power_in must be >= 0 W, got -0.001"),
        (lambda: Drive.constant(math.nan, 0.0, 1e-9), "power_in must be finite in W"),
        (lambda: Drive.constant(600.0, 0.0, 1e-9), r"did you mean 0\.6 \(milliwatts\)"),
        (lambda: Drive.constant(1e-3, 1e-9, 0.0), "breaks must increase"),
        (lambda: Drive.held([0.0, 1e-9], [1e-3, 1e-3]), "power_in holds 2 steps, 2 edges have 1 between"),
        (lambda: Drive.held([0.0, 1e-9], 1e-3), "power_in holds 1 steps|power_in must"),
        (lambda: Drive.held([0.0, 1e-9, 1e-9], [1e-3, 1e-3]), r"edges must increase.*\(place 2\)"),
        (lambda: Drive.held([0.0], []), "edges must be a list of 2 or more times"),
        (lambda: Drive([0.0, 1e-9], [[[1.0], [1.0]]]), r"roots must have shape \(..., 1, d \+ 1\)"),
        (lambda: Drive([0.0, 1e-9], [[math.inf]]), "roots must be finite"),
        (
            lambda: Drive.sampled(lambda t: t - 1e-9, 0.0, 2e-9),
            r"power_in must be >= 0 W, got -9.95e-10 W at|got -9.95e-10 at",
        ),
        (lambda: Drive.sampled(lambda t: t * math.nan, 0.0, 2e-9), "power_in must be >= 0 W, got nan"),
        (lambda: Drive.sampled(lambda t: 1j * t, 0.0, 2e-9), "gives complex numbers"),
        (lambda: Drive.constant(1e-3, 0.0, 1e-9)(2e-9), r"times must lie in \[0, 1e-09\] s"),
    ],
)
def test_refusals(call: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        call()


def test_too_rough_a_function_is_refused(monkeypatch: Any) -> None:
    monkeypatch.setattr("photonic.drive._MOST", 20_000)
    rng = np.random.default_rng(0)
    with pytest.raises(ParameterError, match="power_in is too rough: more than 20000 pieces"):
        Drive.sampled(lambda t: 1e-3 * rng.random(np.shape(t)), 0.0, SPAN)


def test_errors_of_the_function_come_through() -> None:
    def broken(t: Any) -> Any:
        raise ZeroDivisionError("in the user's function")

    with pytest.raises(ZeroDivisionError, match="user's function"):
        Drive.sampled(broken, 0.0, SPAN)


# ------------------------------------------------------------------ too coarse
RESPONSE = 100e-12


@pytest.mark.parametrize("step", [40e-12, 400e-12])
def test_smooth_signals_in_coarse_steps_are_told(step: float) -> None:
    times = np.arange(0, 200) * step
    power = 1e-3 * (1 + np.sin(2 * np.pi * times / (20 * step)))
    with pytest.warns(OutsideValidityWarning, match="sampled too coarsely for its bandwidth: it is held for"):
        warn_coarse(times, power, RESPONSE)


@pytest.mark.parametrize(
    "make",
    [
        lambda t, rng: 1e-3 * rng.integers(0, 2, t.size),  # bits
        lambda t, rng: 1e-3 * np.repeat(rng.integers(0, 2, t.size), 4)[: t.size],  # bits, oversampled
        lambda t, rng: 1e-3 * rng.random(t.size),  # levels
        lambda t, rng: 1e-3 * (np.sin(np.repeat(np.arange(t.size), 8)[: t.size]) + 1) * rng.random(t.size),
        lambda t, rng: np.full(t.size, 1e-3),
        lambda t, rng: 1e-3 * (t > t[t.size // 2]),  # one step
        lambda t, rng: 1e-3 * t / t[-1] / 2,  # slow: 0.5 % a step
    ],
)
def test_symbols_and_slow_signals_are_left_alone(make: Any) -> None:
    times = np.arange(1, 401) * 1e-9
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_coarse(times, make(times, np.random.default_rng(3)), RESPONSE)


def test_fine_samples_are_left_alone() -> None:
    times = np.arange(0, 2000) * 5e-12
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warn_coarse(times, 1e-3 * (1 + np.sin(2 * np.pi * times / 100e-12)), RESPONSE)
