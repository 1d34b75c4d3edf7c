"""The same problem in lmfit: its own minimiser, with slopes by differences, ends at the same numbers."""

from __future__ import annotations

import dataclasses
import sys
from typing import Any

import numpy as np
import pytest

from photonic.devices import RingThrough
from photonic.errors import ParameterError
from photonic.fits.experiments import Experiment
from photonic.fits.fitted import Fit
from photonic.fits.fitting import fit
from photonic.lab.measured import Measured
from photonic.mach_zehnder import MachZehnder
from photonic.parameters import VAN_VAERENBERGH_2012

RING = VAN_VAERENBERGH_2012.with_effects(heating=False)
DEVICE = RingThrough(RING, RING.detuning(half_linewidths=-1))
POWER = np.linspace(1e-5, 1e-3, 60)


@pytest.fixture(scope="module")
def lmfit() -> Any:
    return pytest.importorskip("lmfit")


def ring_fit(**options: Any) -> Fit:
    """Two detunings, so that all is held; σ of the data, or what is asked for."""
    rng = np.random.default_rng(5)
    shift = -0.5 * float(RING.linewidth)
    moved = dataclasses.replace(DEVICE, detuning=DEVICE.detuning + shift)
    first, second = (
        Measured(POWER, d.transfer(POWER) + 1e-7 * rng.standard_normal(60)) for d in (DEVICE, moved)
    )
    free = ["detuning[0]", "detuning[1]", "index_per_carrier", "coupling_rate"]  # next to degenerate
    guess = dataclasses.replace(DEVICE, ring=dataclasses.replace(RING, index_per_carrier=-1.5e-27))
    given = [first, Experiment(second)]
    start = {"detuning[1]": float(moved.detuning)}
    return fit(guess, given, free, start=start, intervals="wald", starts=0, **options)


def test_lmfit_ends_at_the_same_numbers(lmfit: Any) -> None:
    found = ring_fit()
    task = found.to_lmfit()
    names = {label: label.replace(".", "_").replace("[", "_").rstrip("]") for label in found.estimates}
    assert list(task.params) == list(names.values())
    for label, name in names.items():
        estimate, parameter = found.estimates[label], task.params[name]
        assert parameter.user_data["label"] == label
        size = parameter.user_data["si"]
        assert parameter.value * size == pytest.approx(estimate.value, rel=1e-14)
        assert parameter.stderr * size == pytest.approx(estimate.standard_error)
        assert parameter.min < parameter.value < parameter.max
        parameter.value += 0.5 * parameter.stderr  # away from the solution
    result = task.minimize()
    assert result.success
    assert result.chisqr == pytest.approx(float(found.weighted_residuals @ found.weighted_residuals), rel=0.2)
    for label, name in names.items():
        estimate, again = found.estimates[label], result.params[name]
        size = again.user_data["si"]
        assert again.value * size == pytest.approx(estimate.value, abs=0.02 * estimate.standard_error)
        # its errors come from differences of residuals, ours from exact slopes
        assert again.stderr * size == pytest.approx(estimate.standard_error, rel=0.05)


def test_correlations_are_those_of_the_numbers(lmfit: Any) -> None:
    task = ring_fit().to_lmfit()
    before = {name: dict(p.correl) for name, p in task.params.items()}
    result = task.minimize()
    for name, correlations in before.items():
        for other, value in correlations.items():
            assert result.params[name].correl[other] == pytest.approx(value, abs=0.02)
    # the index falls as its logarithm rises: with signs forgotten one of these would be off by a factor −1
    assert any(abs(v) > 0.1 for v in before["ring_index_per_carrier"].values())


def test_limits_are_bounds_or_those_of_nature() -> None:
    pytest.importorskip("lmfit")
    noise = 1e-6 * np.random.default_rng(2).standard_normal(60)
    data = Measured(POWER, MachZehnder(1.0).transfer(POWER) + noise, 1e-6)
    free = ["arm_phase", "input_coupling", "insertion_loss"]
    found = fit(
        MachZehnder(0.9, insertion_loss=1.1), data, free, bounds={"arm_phase": (0.5, 2.0)}, intervals="wald"
    )
    limits = {name: (p.min, p.max) for name, p in found.to_lmfit().params.items()}
    assert limits["arm_phase"] == (0.5, 2.0)
    assert limits["input_coupling"] == (0.0, 1.0)
    assert limits["insertion_loss"][0] == 1.0


def test_residuals_at_the_limits_are_finite() -> None:
    pytest.importorskip("lmfit")
    data = Measured(POWER, MachZehnder(1.0).transfer(POWER), 1e-6)
    task = fit(MachZehnder(0.9), data, ["arm_phase", "input_coupling"], intervals="wald").to_lmfit()
    for value in (0.0, 1.0):  # all light in one arm: half of it comes out
        task.params["input_coupling"].value = value
        residuals = task.userfcn(task.params)
        assert residuals == pytest.approx((POWER / 2 - data.power_out) / 1e-6, rel=1e-5, abs=1e-2)


def test_a_robust_loss_is_kept() -> None:
    pytest.importorskip("lmfit")
    out = MachZehnder(1.0).transfer(POWER) + 1e-6 * np.random.default_rng(0).standard_normal(60)
    out[30] += 1e-4
    found = fit(MachZehnder(0.9), Measured(POWER, out, 1e-6), ["arm_phase"], loss="cauchy", intervals="wald")
    task = found.to_lmfit()
    z = found.weighted_residuals
    assert task.userfcn(task.params) ** 2 == pytest.approx(np.log1p(z**2))
    estimate = found.estimates["arm_phase"]
    task.params["arm_phase"].value += 2 * estimate.standard_error
    again = task.minimize().params["arm_phase"].value
    assert again == pytest.approx(estimate.value, abs=0.05 * estimate.standard_error)


def test_numbers_that_are_lost_have_no_error() -> None:
    pytest.importorskip("lmfit")
    data = Measured(POWER, DEVICE.transfer(POWER) + 1e-7 * np.random.default_rng(1).standard_normal(60))
    found = fit(DEVICE, data, ["carrier_lifetime", "index_per_carrier", "free_carrier_cross_section"])
    task = found.to_lmfit()
    assert task.params["ring_carrier_lifetime"].stderr is None


def test_units_are_those_of_the_report() -> None:
    pytest.importorskip("lmfit")
    parameters = ring_fit(bounds={"index_per_carrier": (-4e-27, -1e-27)}).to_lmfit().params
    index, rate, offset = (
        parameters[n] for n in ("ring_index_per_carrier", "ring_coupling_rate", "detuning_1")
    )
    assert (index.user_data["unit"], index.user_data["si"]) == ("10⁻²⁷ m³", pytest.approx(1e-27))
    assert (index.min, index.max) == (pytest.approx(-4.0), pytest.approx(-1.0))
    assert (rate.user_data["unit"], rate.user_data["si"]) == ("10¹⁰ 1/s", pytest.approx(1e10))
    assert (offset.user_data["unit"], offset.user_data["si"]) == ("Grad/s", pytest.approx(1e9))


def test_jumps_of_bistable_sweeps_count_as_well() -> None:
    pytest.importorskip("lmfit")
    device = RingThrough(RING, RING.detuning(half_linewidths=6))
    power = 3 * POWER
    out = np.r_[device.transfer(power, sweep="up"), device.transfer(power[::-1], sweep="down")]
    out = out + 1e-6 * np.random.default_rng(0).standard_normal(120)
    data = Measured(np.r_[power, power[::-1]], out, 1e-6, direction=np.repeat([1, -1], 60))
    found = fit(device, data, ["detuning"], starts=0, intervals="wald")
    task, estimate = found.to_lmfit(), found.estimates["detuning"]
    at_best = task.userfcn(task.params)
    assert float(at_best @ at_best) == pytest.approx(
        float(found.weighted_residuals @ found.weighted_residuals)
    )
    task.params["detuning"].value += 0.5 * task.params["detuning"].stderr
    again = task.minimize().params["detuning"]
    value = again.value * again.user_data["si"]
    assert value == pytest.approx(estimate.value, abs=0.02 * estimate.standard_error)


def test_without_lmfit_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    data = Measured(POWER, MachZehnder(1.0).transfer(POWER), 1e-6)
    found = fit(MachZehnder(0.9), data, ["arm_phase"], intervals="wald")
    monkeypatch.setitem(sys.modules, "lmfit", None)
    with pytest.raises(ParameterError, match="to_lmfit needs lmfit: pip install lmfit"):
        found.to_lmfit()
