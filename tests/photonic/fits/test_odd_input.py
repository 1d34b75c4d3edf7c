"""Readings and settings that real data bring: found, or refused in words."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from photonic import MachZehnder, presets
from photonic.errors import DataError, ParameterError
from photonic.fits.fitting import fit
from photonic.lab.measured import Measured

DEVICE = presets.SIGMOID
POWER = np.linspace(10e-6, 2e-3, 120)
FREE = ("arm_phase", "detuning")


def noisy(power: np.ndarray = POWER) -> Measured:
    clean = DEVICE.transfer(power)
    return Measured(power, clean + 0.01 * clean.max() * np.random.default_rng(0).standard_normal(power.size))


@pytest.mark.parametrize("noise", ["constant", "mixed"])
@pytest.mark.parametrize("dark", [1, 4])
def test_readings_in_the_dark_are_readings(noise: str, dark: int) -> None:
    found = fit(DEVICE, noisy(np.concatenate([np.zeros(dark), POWER])), FREE, noise=noise, starts=0)
    for name in FREE:
        estimate = found.estimates[name]
        assert abs(estimate.value - getattr(DEVICE, name)) < 4 * estimate.standard_error
        assert estimate.standard_error < 0.05 * getattr(DEVICE, name)


def test_the_order_of_readings_does_not_matter() -> None:
    data = noisy()
    shuffled = data.take(np.random.default_rng(1).permutation(POWER.size))
    found = [fit(DEVICE, some, FREE).estimates["arm_phase"] for some in (data, shuffled)]
    assert found[1].interval == pytest.approx(found[0].interval, rel=1e-6)


def test_exact_readings_look_like_no_misfit() -> None:
    found = fit(DEVICE, Measured(POWER, DEVICE.transfer(POWER)), FREE)
    assert found.diagnostics.outliers == ()
    assert found.estimates["arm_phase"].standard_error < 1e-9


def test_one_power_holds_one_number() -> None:
    """Thirty readings at one power: one equation for two numbers."""
    found = fit(DEVICE, Measured(np.full(30, 1e-3), np.full(30, 3e-4)), FREE)
    assert [d.kind for d in found.unidentifiable] == ["exact"]
    assert all(np.isinf(e.standard_error) for e in found.estimates.values())


@pytest.mark.parametrize("above", [0.0, 1e-15, 1e-12, 1e-6])
def test_a_start_next_to_its_bound(above: float) -> None:
    """As good an answer as from the middle, the bound being far from it."""
    start = {"carrier_lifetime": 0.5e-9 * (1 + above) if above else np.nextafter(0.5e-9, 1)}
    bounds = {"carrier_lifetime": (0.5e-9, 3e-9)}
    found = fit(DEVICE, noisy(), ("carrier_lifetime",), bounds=bounds, start=start, starts=0)
    free = fit(DEVICE, noisy(), ("carrier_lifetime",), starts=0)
    name = "ring.carrier_lifetime"
    assert found.estimates[name].value == pytest.approx(free.estimates[name].value, rel=1e-6)
    assert found.estimates[name].interval == pytest.approx(free.estimates[name].interval, rel=1e-3)


@pytest.mark.parametrize(("bounds", "open_end"), [((0.5e-9, 0.8e-9), 0), ((1.1e-9, 5e-9), 1)])
def test_the_far_end_at_an_active_bound_is_that_of_the_data(
    bounds: tuple[float, float], open_end: int
) -> None:
    """Where squares have risen by 3.86 variances (t of 119 readings, squared): found by bisection."""
    data, name = noisy(), "ring.carrier_lifetime"
    start = {"carrier_lifetime": sum(bounds) / 2}
    found = fit(
        DEVICE, data, ("carrier_lifetime",), bounds={"carrier_lifetime": bounds}, start=start, starts=0
    )
    estimate = found.estimates[name]
    assert estimate.at_bound

    def squares(lifetime: float) -> float:
        ring = dataclasses.replace(DEVICE.ring, carrier_lifetime=lifetime)
        return float(np.sum((dataclasses.replace(DEVICE, ring=ring).transfer(POWER) - data.power_out) ** 2))

    bound = bounds[1 - open_end]
    least = squares(bound)
    near, far = bound, bounds[open_end]
    for _ in range(40):
        middle = (near + far) / 2
        near, far = (middle, far) if squares(middle) < least * (1 + 3.9208 / 119) else (near, middle)
    assert abs(estimate.interval[open_end] - bound) == pytest.approx(abs(near - bound), rel=0.03)
    assert estimate.interval[1 - open_end] == pytest.approx(bound)


ARRAY = dataclasses.replace(DEVICE, arm_phase=np.array([2.0, 2.1]))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"device": ARRAY}, r"arm_phase must be one number in a fit, got an array of shape \(2,\)"),
        ({"device": ARRAY, "free": ("detuning",)}, "arm_phase must be one number"),
        ({"device": MachZehnder(1.0), "free": ("carrier_lifetime",)}, "unknown parameter 'carrier_lifetime'"),
        ({"seed": -1}, "seed must be an integer >= 0, got -1"),
        ({"seed": "x"}, "seed must be an integer >= 0, got 'x'"),
        ({"noise": 3}, "noise must be one of .*, got 3"),
    ],
)
def test_refused(change: dict, message: str) -> None:
    given = {"device": DEVICE, "measured": noisy(), "free": FREE, **change}
    with pytest.raises(ParameterError, match=message):
        fit(given.pop("device"), given.pop("measured"), given.pop("free"), **given)


def test_nothing_to_fit() -> None:
    with pytest.raises(DataError, match="every output reading is 0 W"):
        fit(DEVICE, Measured(POWER, 0 * POWER), FREE)
