"""Noise from what a fit leaves over: closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from photonic.fits.weights import checked_kind, first_guess, updated
from photonic.lab.measured import Measured

POWER = np.linspace(0.1e-3, 1e-3, 40)
RNG = np.random.default_rng(0)
RESIDUAL = 1e-6 * RNG.standard_normal(40)
REPEATS = RNG.integers(1, 9, 40)
PLAIN, MEANS = Measured(POWER, POWER), Measured(POWER, POWER, repeats=REPEATS, sigma=3e-6)


def noise(kind: str, measured: Measured, expected: np.ndarray, residual: np.ndarray, share: float = 1.0):
    (found,) = updated([kind], [measured], [expected], [residual], share)  # type: ignore[list-item]
    return found


def test_even_noise_has_the_sample_variance() -> None:
    """s² = Σ r²/(n − k), here with k = 4 of n = 40."""
    s = np.sqrt(np.sum(RESIDUAL**2) / 36)
    assert noise("constant", PLAIN, POWER, RESIDUAL, 0.9) == pytest.approx(np.full(40, s), rel=1e-12)


def test_means_of_several_readings_are_surer() -> None:
    """One reading: s² = Σ m r²/(n − k); the mean of m: s/√m."""
    s = np.sqrt(np.sum(REPEATS * RESIDUAL**2) / 36)
    found = noise("constant", MEANS, POWER, RESIDUAL, 0.9)
    assert found == pytest.approx(s / np.sqrt(REPEATS), rel=1e-12)
    assert noise("sigma", MEANS, POWER, RESIDUAL) == pytest.approx(3e-6 / np.sqrt(REPEATS), rel=1e-12)


def test_noise_in_proportion() -> None:
    """Relative error √(mean (r/P)²), not falling any more below 0.1 % of the largest output."""
    share = np.sqrt(np.mean((RESIDUAL / POWER) ** 2))
    assert noise("proportional", PLAIN, POWER, RESIDUAL) == pytest.approx(share * POWER, rel=1e-12)
    assert noise("proportional", PLAIN, -POWER, RESIDUAL) == pytest.approx(share * POWER, rel=1e-12)
    dark = np.where(np.arange(40) == 3, 0.0, POWER)
    found = noise("proportional", PLAIN, dark, RESIDUAL)
    assert found[3] / found[-1] == pytest.approx(1e-3)


def test_mixed_noise() -> None:
    truth = np.hypot(1e-6, 0.01 * POWER)
    found = noise("mixed", PLAIN, POWER, truth)
    assert found == pytest.approx(truth, rel=0.01)
    assert noise("mixed", PLAIN, POWER, truth, 0.25) == pytest.approx(2 * truth, rel=0.01)


@pytest.mark.parametrize("kind", ["constant", "proportional", "mixed"])
def test_exact_readings_have_some_noise(kind: str) -> None:
    found = noise(kind, PLAIN, POWER, np.zeros(40))
    assert np.all(found > 0)
    assert np.all(found < 1e-13 * POWER.max())
    assert np.all(noise(kind, PLAIN, np.zeros(40), np.zeros(40)) > 0)


def test_first_guess_is_a_percent() -> None:
    assert first_guess("constant", PLAIN, POWER) == pytest.approx(np.full(40, 1e-5))
    assert first_guess("proportional", MEANS, POWER) == pytest.approx(0.01 * POWER / np.sqrt(REPEATS))
    assert first_guess("sigma", MEANS, POWER) == pytest.approx(3e-6 / np.sqrt(REPEATS))


def test_what_is_known_of_the_noise() -> None:
    assert checked_kind(None, PLAIN, 0) == "constant"
    assert checked_kind(None, MEANS, 0) == "sigma"
    assert checked_kind("mixed", MEANS, 0) == "mixed"
