"""What residuals say: probabilities against SciPy's distributions, and how often chance raises an alarm."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import chi2, norm

from photonic.fits.diagnostics import Diagnostics, diagnostics

N = 400


def judged(z: np.ndarray, known: bool = True, orders: list[np.ndarray] | None = None) -> Diagnostics:
    return diagnostics(z, orders or [np.arange(z.size)], known, z.size - 4, [z])


def noise(seed: int = 0, size: int = N) -> np.ndarray:
    return np.random.default_rng(seed).standard_normal(size)


def test_chi_squared() -> None:
    z = 1.1 * noise()
    found = judged(z)
    assert found.reduced_chi_squared == pytest.approx(np.sum(z**2) / (N - 4), rel=1e-12)
    assert found.probability == pytest.approx(chi2.sf(np.sum(z**2), N - 4), rel=1e-9)
    unknown = judged(z, known=False)
    assert unknown.reduced_chi_squared == 1.0
    assert np.isnan(unknown.probability)


def test_residuals_larger_than_the_noise_are_told_with_their_size() -> None:
    z = noise()
    z *= 3 / np.sqrt(np.sum(z**2) / (N - 4))
    (text, *_) = judged(z).words()
    assert text.startswith("residuals are 3 times as large as the noise")
    assert not judged(z).sound


def test_neighbours() -> None:
    """A first-order process of correlation 0.5: told; its probability is that of ±r√n of a Gaussian."""
    e, z = noise(1, 4000), np.zeros(4000)
    for k in range(1, 4000):
        z[k] = 0.5 * z[k - 1] + np.sqrt(0.75) * e[k]
    found = judged(z)
    assert found.correlation == pytest.approx(0.5, abs=0.05)
    assert "go together" in found.words()[-1]
    falling = judged(z * (-1) ** np.arange(4000))
    assert falling.correlation == pytest.approx(-0.5, abs=0.05)
    assert "alternate" in falling.words()[-1]
    weak = judged(noise(2))
    expected = 2 * norm.sf(abs(weak.correlation + 1 / N) * np.sqrt(N))
    assert weak.correlation_probability == pytest.approx(expected, rel=1e-9)


def test_the_mean_is_no_correlation() -> None:
    assert abs(judged(noise(3) + 5.0).correlation) < 0.15


def test_experiments_are_judged_in_their_own_order() -> None:
    z = np.concatenate([np.sort(noise(4, 50)), np.sort(noise(5, 50))])
    shuffled = [np.random.default_rng(k).permutation(50) for k in (6, 7)]
    mixed = np.concatenate([z[:50][shuffled[0]], z[50:][shuffled[1]]])
    found = judged(mixed, orders=[np.argsort(p) for p in shuffled])
    assert found.correlation > 0.8
    apart = judged(np.concatenate([noise(8, 50), 6 + noise(9, 50)]), orders=[np.arange(50), np.arange(50)])
    assert abs(apart.correlation) < 0.3  # a step from one experiment to the next is none


def test_chance_raises_few_alarms() -> None:
    """One in a hundred by correlation, one in a hundred by an outlier."""
    found = [judged(noise(seed, 60), known=False) for seed in range(2000)]
    correlated = np.mean([f.correlation_probability < 0.01 for f in found])
    far = np.mean([len(judged(noise(seed, 60)).outliers) > 0 for seed in range(2000)])
    assert 0.003 < correlated < 0.02
    assert 0.003 < far < 0.02


def test_outliers_on_both_sides() -> None:
    """Beyond the two-sided 1 % quantile of the largest of n: 4.2 for 400 (Bonferroni)."""
    limit = norm.isf(0.005 / N)
    z = np.clip(noise(10), -2, 2)
    z[[7, 30, 90]] = limit * 1.01, -limit * 1.01, limit * 0.99
    assert judged(z).outliers == (7, 30)
    assert "7, 30 " in judged(z).words()[-1]
    assert not judged(z).sound
    z = noise(10)
    z[7] = 2 * limit
    assert judged(5 * z, known=False).outliers == (7,)
    assert len(judged(5 * noise(10)).outliers) > 50


def test_size_of_residuals() -> None:
    parts = [np.array([3e-6, -4e-6]), np.array([1e-6])]
    found = diagnostics(np.ones(3), [np.arange(2), np.arange(1)], True, 2, parts)
    assert found.rms == pytest.approx((np.sqrt(12.5) * 1e-6, 1e-6))
    assert found.correlation_probability == 1.0  # three residuals say nothing


@pytest.mark.parametrize("size", [0.0, 0.01])
def test_rounding_is_no_misfit(size: float) -> None:
    """Exact readings leave less than the least noise there is; spikes in that mean nothing."""
    z = size * np.where(np.arange(N) == 5, 9.0, noise(11) * 0.1)
    assert judged(z, known=False).outliers == ()
