"""Standard errors of robust fits against the theory of M-estimates, by quadrature."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from photonic import MachZehnder, presets
from photonic.fits.fitting import fit
from photonic.lab.measured import Measured

# Slope of half the loss ρ(z²) by z, and its slope, as tabled for scipy.optimize.least_squares.
SCORES = {
    "soft_l1": (lambda z: z / np.sqrt(1 + z**2), lambda z: (1 + z**2) ** -1.5),
    "huber": (lambda z: np.clip(z, -1, 1), lambda z: float(abs(z) < 1)),
    "cauchy": (lambda z: z / (1 + z**2), lambda z: (1 - z**2) / (1 + z**2) ** 2),
}


@pytest.mark.parametrize("loss", SCORES)
def test_error_of_a_mean(loss: str) -> None:
    """σ √E[ψ²]/(E[ψ′] √n) for Gaussian noise (P. J. Huber, Ann. Math. Stat. 35, 73 (1964))."""
    n, sigma = 8000, 1e-6
    device, power = MachZehnder(1.0), np.linspace(0.1e-3, 1e-3, n)
    noise = sigma * np.random.default_rng(0).standard_normal(n)
    data = Measured(power, device.transfer(power) + 5e-6 + noise, sigma=sigma)
    found = fit(device, data, ("dark",), loss=loss).estimates["dark"]
    score, slope = SCORES[loss]
    spread = quad(lambda z: score(z) ** 2 * norm.pdf(z), -9, 9, points=(-1, 1))[0]
    mean = quad(lambda z: slope(z) * norm.pdf(z), -9, 9, points=(-1, 1))[0]
    expected = sigma * spread**0.5 / (mean * n**0.5)
    assert found.standard_error == pytest.approx(expected, rel=0.03)
    half = (found.interval[1] - found.interval[0]) / 2
    assert half == pytest.approx(norm.ppf(0.975) * expected, rel=0.04)


@pytest.mark.parametrize("loss", SCORES)
def test_a_degenerate_direction_leaves_the_errors_of_the_others(loss: str) -> None:
    """One of three numbers that only act by a product, or all three: the others are as sure."""
    device, power = presets.SIGMOID, np.linspace(10e-6, 2e-3, 100)
    clean = device.transfer(power)
    data = Measured(power, clean + 0.01 * clean.max() * np.random.default_rng(1).standard_normal(100))
    some = ("index_per_carrier", "free_carrier_cross_section", "detuning", "arm_phase")
    known = fit(device, data, some, loss=loss, intervals="wald").estimates
    more = fit(device, data, ("carrier_lifetime", *some), loss=loss, intervals="wald").estimates
    assert np.isinf(more["ring.carrier_lifetime"].standard_error)
    for name in ("detuning", "arm_phase"):
        assert more[name].standard_error == pytest.approx(known[name].standard_error, rel=0.02)
        assert more[name].value == pytest.approx(known[name].value, rel=1e-3)
