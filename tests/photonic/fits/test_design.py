"""Plans: designs known in closed form, promises kept by fits of simulated data, what cannot be told."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest

from photonic import (
    Heaters,
    MachZehnder,
    OutsideValidityWarning,
    ParameterError,
    RingThrough,
    folds,
    hopf_points,
    presets,
)
from photonic.fits.design import next_measurement
from photonic.fits.experiments import Experiment
from photonic.fits.fitting import fit
from photonic.lab.measured import Measured
from photonic.lab.noise import NoiseLaw
from photonic.parameters import VAN_VAERENBERGH_2012

LINE = MachZehnder(math.pi / 2, input_coupling=0.5, output_coupling=0.5)  # half of the input comes out
SHARE = 0.5
FREE = ["detuning", "arm_phase", "carrier_lifetime"]
SIGMA = 1e-6


# ------------------------------------------------------------------- closed forms
def line(criterion, count=10, **options):
    """Plan for gain and dark level of a straight line, with readings from 0 to 1 mW."""
    powers = np.linspace(0, 1e-3, 21)
    free = ["output_scale", "dark"]
    plan = next_measurement(
        LINE, free, powers=powers, noise=SIGMA, settings={}, count=count, criterion=criterion, **options
    )
    (curve,) = plan.curves
    return plan, dict(zip(curve.power.tolist(), curve.repeats.tolist(), strict=True))


def test_a_straight_line_is_measured_at_its_ends():
    # D-optimal for a line: half of the readings at each end (e.g. Atkinson and Donev, 1992).
    plan, taken = line("d")
    assert taken == {0.0: 5, 1e-3: 5}
    # Errors of intercept and slope from five readings at each of two points.
    assert plan.after["dark"] == pytest.approx(SIGMA / math.sqrt(5), rel=1e-9)
    assert plan.after["output_scale"] == pytest.approx(SIGMA * math.sqrt(2 / 5) / (SHARE * 1e-3), rel=1e-9)
    assert plan.efficiency == pytest.approx(1.0, abs=1e-6)
    assert plan.before == {"output_scale": math.inf, "dark": math.inf}
    assert plan.curves[0].expected == pytest.approx([0.0, SHARE * 1e-3], rel=1e-9)


def test_mean_relative_variance_weighs_the_ends_by_their_roots():
    # Two points: Var(dark)/d² + Var(gain) = a/n₀ + b/n₁ is least for n₀ : n₁ = √a : √b.
    step = 0.1 * 1e-3  # natural step of the dark level: a tenth of the brightest light
    a, b = (SIGMA / step) ** 2 + (SIGMA / (SHARE * 1e-3)) ** 2, (SIGMA / (SHARE * 1e-3)) ** 2
    _, taken = line("a", count=60)
    assert set(taken) == {0.0, 1e-3}
    assert taken[0.0] == pytest.approx(60 * math.sqrt(a) / (math.sqrt(a) + math.sqrt(b)), abs=1)


def test_one_number_gets_the_readings_that_tell_it():
    plan, taken = line("dark")
    assert taken == {0.0: 10}
    assert plan.after["dark"] == pytest.approx(SIGMA / math.sqrt(10), rel=1e-9)
    assert plan.after["output_scale"] == math.inf
    assert plan.factors["output_scale"] == 1.0
    assert line("output_scale")[1] == {0.0: 5, 1e-3: 5}


def test_a_fringe_is_measured_sixty_degrees_off_its_bright_point():
    # y = a(1 + cos x)/2: det of the information on a and x at ±x is ∝ (cos³(x/2) sin(x/2))², largest where
    # tan²(x/2) = 1/3. The bright point of the bar port is at an arm phase of π.
    device = dataclasses.replace(LINE, arm_phase=2.0)
    phases = np.pi * np.arange(24) / 12
    plan = next_measurement(
        device, ["arm_phase", "output_scale"], powers=[1e-4, 1e-3], noise=SIGMA,
        settings={"arm_phase": phases}, count=8,
    )  # fmt: skip
    assert [c.settings["arm_phase"] for c in plan.curves] == pytest.approx([2 * np.pi / 3, 4 * np.pi / 3])
    assert [c.power.tolist() for c in plan.curves] == [[1e-3], [1e-3]]
    assert [c.repeats.tolist() for c in plan.curves] == [[4], [4]]
    # A step of a phase that is free is a known shift from where it is.
    assert [c.experiment.shift["arm_phase"] for c in plan.curves] == pytest.approx(
        [2 * np.pi / 3 - 2.0, 4 * np.pi / 3 - 2.0]
    )
    assert "count as known exactly" in plan.table()
    # There cos = 1/2 and sin = ±√3/2: Var(a) = σ²/(n (3/4)²), Var(x) = σ²/(n P² 3/16), n = 8.
    assert plan.after["output_scale"] == pytest.approx(SIGMA / 1e-3 / math.sqrt(8) / 0.75, rel=1e-9)
    assert plan.after["arm_phase"] == pytest.approx(SIGMA / 1e-3 / math.sqrt(8 * 3 / 16), rel=1e-9)


def test_what_is_known_beforehand_adds_up():
    # One reading P·gain/2 + dark, with prior errors: information adds (linear Bayes, closed form).
    prior = {"output_scale": 2e-3, "dark": 1e-6}
    plan = next_measurement(
        LINE, ["output_scale", "dark"], uncertainty=prior, powers=[1e-3], noise=SIGMA, settings={}, count=1
    )
    assert plan.before == pytest.approx(prior, rel=1e-9)
    reading = np.array([SHARE * 1e-3, 1.0]) / SIGMA
    information = np.diag([2e-3**-2, 1e-6**-2]) + np.outer(reading, reading)
    errors = np.sqrt(np.diag(np.linalg.inv(information)))
    assert list(plan.after.values()) == pytest.approx(errors.tolist(), rel=1e-9)
    same = next_measurement(
        LINE, ["output_scale", "dark"], uncertainty=np.diag([4e-6, 1e-12]), powers=[1e-3], noise=SIGMA,
        settings={}, count=1,
    )  # fmt: skip
    assert same.after == pytest.approx(plan.after, rel=1e-9)


def test_noise_in_proportion_moves_readings_away_from_the_bright_end():
    # Gain alone, y = gP/2 with σ² = f² + (ry)²: the information y²/σ² rises with y; where r = 0 by
    # (y/f)², else to 1/r² at most. The dark level alone wants the darkest reading.
    powers = np.linspace(1e-5, 1e-3, 12)
    law = NoiseLaw(floor=1e-6, relative=0.05)
    plan = next_measurement(LINE, ["output_scale"], powers=powers, noise=law, settings={}, count=4)
    y = SHARE * 1e-3
    assert plan.after["output_scale"] == pytest.approx(
        math.hypot(1e-6, 0.05 * y) / y / math.sqrt(4), rel=1e-9
    )
    dark = next_measurement(LINE, ["dark"], powers=powers, noise=law, settings={}, count=4)
    assert dark.curves[0].power.tolist() == [1e-5]


# ------------------------------------------------------------------- promises and fits
def measured(device, power, rng):
    return Measured(power, device.transfer(power) + SIGMA * rng.standard_normal(power.size), sigma=SIGMA)


def taken(plan, device, rng):
    """The planned measurements on the true ``device``."""
    found = []
    for curve in plan.curves:
        experiment = curve.experiment
        changes = {n: getattr(device, n) + by for n, by in experiment.shift.items()} | dict(experiment.at)
        there = dataclasses.replace(device, **changes)
        power = np.repeat(curve.power, curve.repeats)
        found.append(dataclasses.replace(experiment, measured=measured(there, power, rng)))
    return found


@pytest.fixture(scope="module")
def first():
    """A first sweep, and its fit."""
    data = measured(presets.SIGMOID, np.linspace(5e-5, 2e-3, 20), np.random.default_rng(5))
    return data, fit(presets.SIGMOID, data, FREE, intervals="wald")


@pytest.fixture(scope="module")
def plan(first):
    linewidth = float(presets.SIGMOID.ring.linewidth)
    settings = {
        "detuning": first[1].device.detuning + linewidth * np.array([-0.5, 0.0, 0.5]),
        "output_coupling": [0.3, presets.SIGMOID.output_coupling, 0.7],
    }
    return next_measurement(first[1], settings=settings, count=10, curves=2)


def test_a_fit_knows_as_much_as_its_plan_says(first, plan):
    found = first[1]
    for name, estimate in found.estimates.items():
        assert plan.before[name] == pytest.approx(estimate.standard_error, rel=1e-6)
    both = fit(
        presets.SIGMOID, [first[0], *taken(plan, presets.SIGMOID, np.random.default_rng(6))], FREE,
        intervals="wald", noise="sigma",
    )  # fmt: skip
    for name, estimate in both.estimates.items():
        assert plan.after[name] == pytest.approx(estimate.standard_error, rel=0.1)


def test_estimates_scatter_as_the_plan_says(plan):
    errors = []
    for seed in range(80):
        rng = np.random.default_rng(100 + seed)
        data = measured(presets.SIGMOID, np.linspace(5e-5, 2e-3, 20), rng)
        every = [data, *taken(plan, presets.SIGMOID, rng)]
        result = fit(presets.SIGMOID, every, FREE, intervals="wald", noise="sigma", starts=0)
        errors.append([result.estimates[name].value for name in plan.after])
    scatter = np.std(errors, axis=0, ddof=1)  # of 80: known to 8 %
    assert scatter == pytest.approx(np.array(list(plan.after.values())), rel=0.2)


def volume(found):
    """Volume of the confidence ellipsoid, but for a constant."""
    errors = np.prod([e.standard_error for e in found.estimates.values()])
    return errors * math.sqrt(np.linalg.det(found.correlation))


def test_the_plan_beats_even_powers(first, plan):
    rng = np.random.default_rng(7)
    even = measured(presets.SIGMOID, np.linspace(2e-4, 2e-3, 10), rng)
    dull = fit(presets.SIGMOID, [first[0], even], FREE, intervals="wald")
    every = [first[0], *taken(plan, presets.SIGMOID, rng)]
    planned = fit(presets.SIGMOID, every, FREE, intervals="wald", noise="sigma")
    assert plan.readings == 10
    assert volume(planned) < 0.5 * volume(dull)
    # At the present setting alone it is the powers that make the difference, for each number by itself.
    for name in plan.after:
        aimed = next_measurement(first[1], settings={}, count=10, criterion=name)
        assert aimed.after[name] < 0.9 * dull.estimates[name].standard_error


def test_numbers_of_one_measurement_stay_with_what_is_like_it():
    rng = np.random.default_rng(0)
    power = np.linspace(1e-4, 1e-3, 12)
    parts = [Experiment(measured(LINE, power, rng), at={"arm_phase": phase}) for phase in (1.0, 2.0)]
    found = fit(LINE, parts, ["output_scale[0]", "output_scale[1]"], intervals="wald")
    last = next_measurement(found, settings={}, count=5)
    assert last.after["output_scale[0]"] == pytest.approx(last.before["output_scale[0]"], rel=1e-9)
    assert last.factors["output_scale[1]"] > 1.2
    assert last.curves[0].experiment.at == {"arm_phase": 2.0}
    other = next_measurement(found, settings={"arm_phase": [2.5]}, count=5, like=0)
    assert other.factors["output_scale[0]"] > 1.2
    assert other.curves[0].experiment.at == {"arm_phase": 2.5}


def test_noise_that_was_too_small_and_robust_losses_count_as_in_the_fit():
    rng = np.random.default_rng(3)
    power = np.linspace(5e-5, 2e-3, 40)
    seen = presets.SIGMOID.transfer(power) + 4 * SIGMA * rng.standard_normal(40)
    for loss in ("linear", "soft_l1"):
        data = Measured(power, seen, sigma=SIGMA if loss == "linear" else None)
        found = fit(presets.SIGMOID, data, FREE, loss=loss, intervals="wald")
        after = next_measurement(found, settings={}, count=1)
        for name, estimate in found.estimates.items():
            assert after.before[name] == pytest.approx(estimate.standard_error, rel=0.05)
        reading = next_measurement(LINE, ["dark"], powers=[0.0], noise=1e-6, settings={}, count=1)
        assert reading.after["dark"] == pytest.approx(1e-6, rel=1e-9)


# ------------------------------------------------------------------- what cannot be told or used
def test_an_exact_degeneracy_is_named_with_what_would_lift_it(first):
    free = ["carrier_lifetime", "index_per_carrier", "free_carrier_cross_section"]
    settings = {"detuning": presets.SIGMOID.detuning + np.array([-1e10, 0, 1e10])}
    plan = next_measurement(presets.SIGMOID, free, powers=2e-3, noise=SIGMA, settings=settings)
    assert all(math.isinf(error) for error in plan.after.values())
    (direction,) = [d for d in plan.unidentifiable if d.kind == "exact"]
    assert set(direction.exponents) == {f"ring.{name}" for name in free}
    assert "time response" in direction.remedy
    assert "no static reading at these settings can tell:" in plan.table()
    assert plan.as_dict()["estimates"]["ring.carrier_lifetime"]["after"] is None
    with pytest.raises(ParameterError, match=r"no static reading can tell it: .*time response"):
        next_measurement(
            presets.SIGMOID, free, powers=2e-3, noise=SIGMA, settings=settings, criterion="carrier_lifetime"
        )
    # Known from elsewhere, it frees the others; the readings themselves still cannot tell it.
    known = next_measurement(
        presets.SIGMOID, free, powers=2e-3, noise=SIGMA, settings=settings,
        uncertainty={"carrier_lifetime": 0.02 * presets.SIGMOID.ring.carrier_lifetime},
    )  # fmt: skip
    assert known.after["ring.carrier_lifetime"] == pytest.approx(known.before["ring.carrier_lifetime"])
    for name in free[1:]:
        relative = known.after[f"ring.{name}"] / abs(getattr(presets.SIGMOID.ring, name))
        assert 0.02 <= relative < 0.03
    assert any(d.kind == "exact" for d in known.unidentifiable)


def test_what_is_held_of_a_degeneracy_is_that_of_the_planned_readings(first):
    free = ["carrier_lifetime", "index_per_carrier", "free_carrier_cross_section"]
    found = fit(presets.SIGMOID, first[0], free, intervals="wald")
    plan = next_measurement(found, settings={}, count=6)
    rng = np.random.default_rng(8)
    every = [first[0], *taken(plan, presets.SIGMOID, rng)]
    both = fit(presets.SIGMOID, every, free, intervals="wald", noise="sigma")
    promised, reached, before = (
        {c.text.partition(" =")[0]: c.relative_error for c in f.unidentifiable[0].known}
        for f in (plan, both, found)
    )
    assert len(promised) == 2
    assert promised == pytest.approx(reached, rel=0.1)
    assert all(promised[name] < 0.9 * before[name] for name in promised)


def test_bistable_and_self_pulsing_readings_are_left_out():
    # Folds and Hopf points of the Van Vaerenbergh ring, from the stability analysis.
    ring = VAN_VAERENBERGH_2012
    cold = RingThrough(ring.with_effects(heating=False), float(ring.detuning(half_linewidths=4.0)))
    ends = sorted(point.power for point in folds(cold))
    assert len(ends) == 2
    powers = np.array([0.5 * ends[0], 0.8 * ends[0], 0.5 * (ends[0] + ends[1]), 1.2 * ends[1], 1.5 * ends[1]])
    plan = next_measurement(
        cold, ["carrier_lifetime"], powers=powers, noise=SIGMA, settings={}, count=9, repeats=1
    )
    assert plan.left_out == {"bistable": 1}
    assert plan.curves[0].power.tolist() == powers[[0, 1, 3, 4]].tolist()
    with pytest.raises(ParameterError, match="leave no reading that can be used: 1 bistable"):
        next_measurement(cold, ["carrier_lifetime"], powers=[powers[2]], noise=SIGMA, settings={})

    hot = RingThrough(ring, 0.0)
    onset = min(point.power for point in hopf_points(hot))
    powers = np.array([0.5 * onset, 1.3 * onset])
    plan = next_measurement(hot, ["carrier_lifetime"], powers=powers, noise=SIGMA, settings={}, count=2)
    assert plan.left_out == {"self-pulsing": 1}
    assert plan.curves[0].power.tolist() == [powers[0]]
    assert "candidates left out: 1 self-pulsing" in plan.table()


def test_only_settings_that_the_heaters_reach():
    # The heater moves the resonance red, so the laser cannot end up redder than without heat.
    linewidth = float(presets.SIGMOID.ring.linewidth)
    heaters = Heaters(detuning_unheated=0.0)
    plan = next_measurement(
        presets.SIGMOID, ["carrier_lifetime"], powers=[1e-3, 2e-3], noise=SIGMA, count=40, repeats=1,
        settings={"detuning": linewidth * np.array([-1.0, -0.2, 0.3])}, heaters=heaters,
    )  # fmt: skip
    assert plan.left_out == {"out of reach of the heaters": 4}
    assert [c.settings["detuning"] for c in plan.curves] == pytest.approx([0.3 * linewidth])


def test_default_settings_hold_the_present_one(first):
    plan = next_measurement(first[1], count=3)
    linewidth = float(presets.SIGMOID.ring.linewidth)
    for curve in plan.curves:
        steps = (curve.settings["detuning"] - first[1].device.detuning) / (linewidth / 2)
        turns = (curve.settings["arm_phase"] - first[1].device.arm_phase) / (np.pi / 4)
        for found in (steps, turns):
            assert found == pytest.approx(round(found), abs=1e-6)
        assert abs(steps) <= 4.001
    assert next_measurement(LINE, ["dark"], powers=1e-3, noise=SIGMA).curves[0].settings.keys() == {
        "arm_phase"
    }


def test_words_and_numbers_of_a_plan(plan):
    json.dumps(plan.as_dict(), allow_nan=False)
    stored = plan.as_dict()
    assert sum(sum(c["repeats"]) for c in stored["curves"]) == stored["readings"] == 10
    assert repr(plan) == f"Plan(10 readings at {len(plan.curves)} settings, criterion 'd')"
    text = plan.table()
    assert "10 readings for the least volume of uncertainty" in text
    assert "half-linewidths" in text
    assert len(plan.experiments) == len(plan.curves)
    assert plan.experiments[0].measured.standard_error == pytest.approx(
        SIGMA / np.sqrt(plan.curves[0].repeats), rel=1e-6
    )


def test_rough_estimates_are_said():
    device, free = presets.SIGMOID, ["carrier_lifetime"]
    lifetime = device.ring.carrier_lifetime
    for share, said in ((0.5, True), (0.05, False)):
        plan = next_measurement(
            device,
            free,
            uncertainty={"carrier_lifetime": share * lifetime},
            powers=1e-3,
            noise=SIGMA,
            settings={},
        )
        assert ("plan again" in plan.table()) is said


def test_wrong_input(first):
    found = first[1]
    ready = {"powers": 1e-3, "noise": 1e-6, "settings": {}}
    for known, free, options, message in (
        (found, FREE, {}, "free must be left out for a fit"),
        (LINE, None, ready, "free must name the numbers"),
        ("fit.json", None, {}, "known must be a Fit or a device, got str"),
        (LINE, ["dark"], ready | {"like": 0}, "like counts the measurements of a fit"),
        (LINE, ["dark"], ready | {"powers": None}, "powers must be input powers"),
        (LINE, ["dark"], ready | {"powers": 5.0e2}, "did you mean 0.5 \\(milliwatts\\)"),
        (LINE, ["dark"], ready | {"powers": -1e-3}, "powers must"),
        (LINE, ["dark"], ready | {"powers": [[1e-3]]}, "powers must be a list"),
        (LINE, ["dark"], ready | {"noise": None}, "noise must be the standard deviation"),
        (LINE, ["dark"], ready | {"noise": 0.0}, "noise must be > 0"),
        (LINE, ["dark"], ready | {"count": 0}, "count must be >= 1"),
        (LINE, ["dark"], ready | {"count": 1.5}, "count must be a whole number"),
        (LINE, ["dark"], ready | {"curves": 0}, "curves must be >= 1"),
        (LINE, ["dark"], ready | {"criterion": "e"}, "unknown criterion 'e'"),
        (LINE, ["dark"], ready | {"settings": {"detuning": [0.0]}}, "unknown setting 'detuning'"),
        (LINE, ["dark"], ready | {"settings": {"arm_phase": []}}, "must be a list of values"),
        (LINE, ["dark"], ready | {"settings": {"input_coupling": [1.2]}}, "input_coupling must lie in"),
        (LINE, ["dark"], ready | {"uncertainty": {"drak": 1.0}}, "did you mean 'dark'"),
        (LINE, ["dark"], ready | {"uncertainty": {"dark": 0.0}}, "must be > 0"),
        (LINE, ["dark"], ready | {"uncertainty": np.eye(2)}, "symmetric covariance \\(1, 1\\)"),
        (LINE, ["dark"], ready | {"uncertainty": [[-1.0]]}, "positive definite"),
        (LINE, ["output_scale"], ready | {"powers": [0.0]}, "tell nothing of the free numbers"),
        (found, None, {"like": 3}, "like must be the number of a power curve"),
        (found, None, {"settings": {"arm_phase": np.zeros(9)}, "criterion": "gain"}, "unknown criterion"),
    ):
        with pytest.raises(ParameterError, match=message):
            next_measurement(known, free, **options)
    with pytest.raises(ParameterError, match="200000 readings at most"):
        next_measurement(LINE, ["dark"], **ready | {"settings": {"arm_phase": np.linspace(0, 6, 6000)}})


def test_a_power_too_bright_is_told_once():
    with pytest.warns(OutsideValidityWarning) as told:
        next_measurement(presets.SIGMOID, ["detuning"], powers=2.0, noise=1e-6, settings={}, count=3)
    assert len(told) == 1
