"""Intervals from an inner coordinate and its error, in closed form; and where an end is not set."""

from __future__ import annotations

import math

import numpy as np
import pytest

from photonic import RingThrough, presets
from photonic.fits.estimates import Estimate
from photonic.fits.fitting import fit
from photonic.fits.free_parameters import FreeParameter
from photonic.fits.profiles import Profile
from photonic.lab.measured import Measured

LIFETIME = FreeParameter("ring.carrier_lifetime", None, "log", 2e-9, 1.0)
INDEX = FreeParameter("ring.index_per_carrier", None, "log", -2e-27, 1.0)
PHASE = FreeParameter("arm_phase", 1, "linear", 0.5, 1.0)
BOUNDED = FreeParameter("arm_phase", None, "linear", 0.5, 1.0, (0.0, 2.0))
INF = math.inf


def made(free: FreeParameter, value: float, error: float, profile: Profile | None = None, lost: bool = False):
    return Estimate.made(free, free.inner(value), error, 2.0, profile, lost)


def test_two_errors_to_either_side() -> None:
    found = made(LIFETIME, 3e-9, 0.1)
    assert (found.name, found.unit, found.start) == ("ring.carrier_lifetime", "s", 2e-9)
    assert found.value == pytest.approx(3e-9)
    assert found.standard_error == pytest.approx(0.3e-9)
    assert found.wald_interval == pytest.approx((3e-9 * math.exp(-0.2), 3e-9 * math.exp(0.2)))
    assert found.interval == found.wald_interval
    below = made(INDEX, -3e-27, 0.1)
    assert below.standard_error == pytest.approx(0.3e-27)
    assert below.interval == pytest.approx((-3e-27 * math.exp(0.2), -3e-27 * math.exp(-0.2)))
    assert made(PHASE, 0.7, 0.1).interval == pytest.approx((0.5, 0.9))
    assert made(PHASE, 0.7, 0.1).name == "arm_phase[1]"
    middle = made(BOUNDED, 1.0, 0.1)
    assert middle.standard_error == pytest.approx(2 * 0.25 * 0.1)  # width/4 by the coordinate
    assert middle.interval == pytest.approx((2 / (1 + math.exp(0.2)), 2 / (1 + math.exp(-0.2))))


@pytest.mark.parametrize(
    ("free", "ends"),
    [(LIFETIME, (0, INF)), (INDEX, (-INF, 0)), (PHASE, (-INF, INF)), (BOUNDED, (0.0, 2.0))],
)
def test_ends_that_are_not_set(free: FreeParameter, ends: tuple[float, float]) -> None:
    value = free.value(free.inner(free.start))
    lost = made(free, value, 0.1, lost=True)
    assert lost.standard_error == INF
    assert lost.interval == pytest.approx(ends)
    at = free.inner(value)
    points = np.zeros((1, 2))
    low = made(free, value, 0.1, Profile(-INF, at + 0.5, points))
    high = made(free, value, 0.1, Profile(at - 0.5, INF, points))
    near = sorted([free.value(at - 0.5), free.value(at + 0.5)])
    if free is INDEX:  # its value falls as the coordinate rises
        low, high = high, low
    assert low.interval == pytest.approx((ends[0], near[1]))
    assert high.interval == pytest.approx((near[0], ends[1]))
    assert low.wald_interval == made(free, value, 0.1).wald_interval


def test_at_a_bound() -> None:
    assert not made(BOUNDED, 1.9999, 0.1).at_bound
    assert made(BOUNDED, 2 - 1e-6, 0.1).at_bound
    assert made(BOUNDED, 1e-6, 0.1).at_bound
    assert not made(LIFETIME, 2e-9 * 250, 0.1).at_bound
    assert made(LIFETIME, 2e-9 * 299, 0.1).at_bound  # searched within a factor of 300
    assert made(LIFETIME, 2e-9 / 299, 0.1).at_bound


def test_numbers_of_one_experiment_are_not_those_of_the_device() -> None:
    device, power = presets.SIGMOID, np.linspace(10e-6, 2e-3, 60)
    clean = device.transfer(power)
    data = [Measured(power, clean + 2e-6 * np.random.default_rng(s).standard_normal(60)) for s in (0, 1)]
    found = fit(device, data, ("arm_phase[1]", "detuning"), start={"arm_phase[1]": 2.3}, intervals="wald")
    assert found.device.arm_phase == device.arm_phase
    assert found.device.detuning == found.estimates["detuning"].value
    assert found.device_of(1)[0].arm_phase == found.estimates["arm_phase[1]"].value != device.arm_phase


def test_singular_values_are_one_over_the_errors() -> None:
    """Of a single number: by its logarithm, so one over its relative error."""
    device, power = presets.SIGMOID, np.linspace(10e-6, 2e-3, 60)
    noise = 2e-6 * np.random.default_rng(0).standard_normal(60)
    for sigma in (None, 2e-6, 0.5e-6):  # as estimated, as it is, and four times too small: widened
        data = Measured(power, device.transfer(power) + noise, sigma=sigma)
        found = fit(device, data, ("carrier_lifetime",), intervals="wald")
        estimate = found.estimates["ring.carrier_lifetime"]
        assert found.singular_values == pytest.approx([estimate.value / estimate.standard_error], rel=1e-6)


def test_a_weak_number_has_a_finite_error() -> None:
    device = RingThrough(presets.SIGMOID.ring, presets.SIGMOID.ring.linewidth / 2)
    power = np.linspace(1e-6, 40e-6, 50)
    clean = device.transfer(power)
    data = Measured(power, clean + 0.01 * clean.max() * np.random.default_rng(0).standard_normal(50))
    found = fit(device, data, ("carrier_lifetime", "detuning"), intervals="wald")
    assert [d.kind for d in found.unidentifiable] == ["practical"]
    assert 2e-9 < found.estimates["ring.carrier_lifetime"].standard_error < INF
