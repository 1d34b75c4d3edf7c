"""The noise law from variances: exact ones, sampled ones, and where one number is enough."""

import numpy as np
import pytest

from photonic.lab.noise import NoiseLaw, noise_law

POWER = np.linspace(0, 1e-3, 200)


@pytest.mark.parametrize(("floor", "relative"), [(1e-6, 0.02), (5e-9, 0.1), (1e-6, 0.0)])
def test_exact_variances_give_the_law(floor: float, relative: float) -> None:
    found = noise_law(POWER, floor**2 + (relative * POWER) ** 2)
    assert found.floor == pytest.approx(floor, rel=0.01)
    assert found.relative == pytest.approx(relative, rel=0.01)
    assert found(POWER[50]) == pytest.approx(np.hypot(floor, relative * POWER[50]), rel=0.01)


def test_sampled_variances_give_it_on_average() -> None:
    """Squares of Gaussian numbers: standard deviations of floor and relative part within 5 %."""
    truth = NoiseLaw(floor=2e-6, relative=0.01)
    found = [
        noise_law(POWER, (truth(POWER) * np.random.default_rng(seed).normal(size=200)) ** 2)
        for seed in range(100)
    ]
    assert np.mean([law.floor for law in found]) == pytest.approx(2e-6, rel=0.05)
    assert np.mean([law.relative for law in found]) == pytest.approx(0.01, rel=0.05)


def test_variances_count_by_their_freedom() -> None:
    """One variance of 900 degrees of freedom outweighs many of one: (900·1 + 100·4)/1000 = 1.3."""
    variances = np.concatenate([[1e-12], np.full(100, 4e-12)])
    found = noise_law(np.full(101, 1e-3), variances, np.concatenate([[900.0], np.ones(100)]))
    assert found(1e-3) ** 2 == pytest.approx(1.3e-12, rel=1e-9)


def test_an_even_noise_is_a_floor_alone() -> None:
    """Chance pays for a second number by Akaike's criterion in 16 % of the cases, half of them rising."""
    even = [
        noise_law(POWER, 1e-12 * np.random.default_rng(seed).chisquare(1, 200)).relative == 0
        for seed in range(200)
    ]
    assert 0.85 < np.mean(even) < 0.98


def test_no_noise_and_no_light() -> None:
    assert noise_law(POWER, np.zeros(200)) == NoiseLaw(floor=0.0, relative=0.0)
    dark = noise_law(np.zeros(3), np.array([1.0, 2.0, 3.0]) * 1e-12)
    assert (dark.floor, dark.relative) == (pytest.approx(2**0.5 * 1e-6), 0.0)
