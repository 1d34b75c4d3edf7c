"""Intervals by profile likelihood against a search of the same numbers by hand."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import norm, t

from photonic import RingThrough, presets
from photonic.fits.fitting import fit
from photonic.lab.measured import Measured

DEVICE = presets.SIGMOID
POWER = np.linspace(0.1e-3, 1.4e-3, 14)
CLEAN = DEVICE.transfer(POWER)
NOISE = 0.08 * CLEAN.max()
OUT = CLEAN + NOISE * np.random.default_rng(5).standard_normal(14)


def changed(lifetime: float, phase: float) -> Any:
    ring = dataclasses.replace(DEVICE.ring, carrier_lifetime=lifetime)
    return dataclasses.replace(DEVICE, ring=ring, arm_phase=phase)


def squares(lifetime: float) -> float:
    """Least sum of squares over the phase, at a lifetime [s]."""

    def of(phase: float) -> float:
        return float(np.sum((changed(lifetime, phase).transfer(POWER) - OUT) ** 2)) / NOISE**2

    middle = min(np.linspace(1.2, 3.2, 21), key=of)
    return float(minimize_scalar(of, bounds=(middle - 0.15, middle + 0.15), method="bounded").fun)


@pytest.fixture(scope="module")
def best() -> tuple[float, float]:
    found = minimize_scalar(
        lambda u: squares(np.exp(u)), bounds=(np.log(0.5e-9), np.log(2e-9)), method="bounded"
    )
    return float(np.exp(found.x)), float(found.fun)


@pytest.mark.parametrize("known", [True, False])
def test_ends_of_a_curved_profile(best: tuple[float, float], known: bool) -> None:
    """Squares rise by 1.96² if the noise is known, else by t² s² of 12 degrees of freedom."""
    lifetime, least = best
    rise = norm.ppf(0.975) ** 2 if known else t.ppf(0.975, 12) ** 2 * least / 12
    ends = [
        np.exp(brentq(lambda u: squares(np.exp(u)) - least - rise, np.log(lifetime), np.log(far), xtol=1e-4))
        for far in (0.2e-9, 6e-9)
    ]
    data = Measured(POWER, OUT, sigma=NOISE if known else None)
    found = fit(DEVICE, data, ("carrier_lifetime", "arm_phase"))
    estimate = found.estimates["ring.carrier_lifetime"]
    assert estimate.value == pytest.approx(lifetime, rel=1e-3)
    assert estimate.profile_interval == pytest.approx(ends, rel=0.01)
    assert estimate.interval == estimate.profile_interval
    wald = np.log(np.array(estimate.wald_interval) / estimate.value)
    assert np.abs(wald).max() > 1.05 * np.abs(np.log(np.array(ends) / lifetime)).min()  # it is curved
    tried = found.profiles["ring.carrier_lifetime"]
    assert np.all(np.diff(tried[:, 0]) > 0)
    for u, risen in tried[[1, -2]]:
        assert risen == pytest.approx(
            (squares(np.exp(u)) - least) * (1 if known else 12 / least), abs=0.01 * max(rise, risen)
        )


def test_an_end_that_the_data_do_not_set() -> None:
    """Where carriers do next to nothing, a short lifetime is as good as none."""
    device = RingThrough(DEVICE.ring, DEVICE.ring.detuning(half_linewidths=1.0))
    power = np.linspace(0.01e-3, 0.1e-3, 30)
    clean = device.transfer(power)
    data = Measured(power, clean + 0.02 * clean.max() * np.random.default_rng(1).standard_normal(30))
    low, high = fit(device, data, ("carrier_lifetime",)).estimates["ring.carrier_lifetime"].interval
    assert low == 0.0
    assert 1e-9 < high < 50e-9


def test_a_better_solution_on_the_way_is_taken() -> None:
    """Started at the wrong one of two minima; the profile of one number comes by the right one."""
    power = np.linspace(10e-6, 2e-3, 120)
    clean = DEVICE.transfer(power)
    data = Measured(power, clean + 0.01 * clean.max() * np.random.default_rng(0).standard_normal(120))
    rights = fit(DEVICE, data, ("detuning", "arm_phase"))
    for factor in np.linspace(0.2, 2.0, 7):
        start = {"detuning": factor * DEVICE.detuning, "arm_phase": DEVICE.arm_phase + 0.6}
        found = fit(DEVICE, data, ("detuning", "arm_phase"), start=start)
        assert np.sum(found.residuals**2) == pytest.approx(np.sum(rights.residuals**2), rel=1e-6)
