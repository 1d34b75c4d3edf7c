"""Curves, spectra and answers in time fitted together: what none of them holds alone."""

from __future__ import annotations

import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photonic import Drive, Fit, Measured, MeasuredResponse, PortSpectrum, RingThrough, fit, presets

DEVICE = presets.SIGMOID
POWER = np.linspace(20e-6, 2e-3, 60)
TIMES = np.linspace(-0.4e-9, 8e-9, 64)
STEP = Drive.held([-1e-9, 0.0, 9e-9], [0.3e-3, 1.3e-3])
NOISE = 2e-6  # [W], 0.2 % of full scale
CARRIERS = ("carrier_lifetime", "index_per_carrier", "free_carrier_cross_section")
FREE = (*CARRIERS, "detuning", "arm_phase")


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def changed(device: Any, factors: dict[str, float], **more: Any) -> Any:
    """The same device with numbers of its ring multiplied, and others set."""
    ring = {name: getattr(device.ring, name) * factor for name, factor in factors.items()}
    return dataclasses.replace(device, ring=dataclasses.replace(device.ring, **ring), **more)


def curve(device: Any, seed: int, power: np.ndarray = POWER, noise: float = NOISE) -> Measured:
    """Static readings: by parametric inversion, checked against independent models elsewhere."""
    return Measured(
        power, device.transfer(power) + noise * rng(seed).standard_normal(power.size), sigma=noise
    )


def truth(device: Any, result: Fit) -> dict[str, float]:
    found = {}
    for name in result.estimates:
        owner = device.ring if name.startswith("ring.") else device
        found[name] = float(getattr(owner, name.removeprefix("ring.")))
    return found


def pulls(device: Any, result: Fit) -> list[float]:
    """(Estimate − truth)/standard error of each number."""
    true = truth(device, result)
    return [(e.value - true[name]) / e.standard_error for name, e in result.estimates.items()]


GUESS = changed(
    DEVICE,
    {"carrier_lifetime": 2.0, "index_per_carrier": 0.7, "free_carrier_cross_section": 1.5},
    arm_phase=DEVICE.arm_phase + 0.1,
)


@pytest.fixture(scope="module")
def step(answer: Any) -> np.ndarray:
    """The true answer to `STEP` [W]."""
    return np.asarray(answer(DEVICE, TIMES, 0.3e-3, 1.3e-3))


def answered(clean: np.ndarray, seed: int, **more: Any) -> MeasuredResponse:
    noisy = clean + 2 * NOISE * rng(1000 + seed).standard_normal(clean.size)
    return MeasuredResponse(TIMES, STEP, noisy, sigma=2 * NOISE, **more)


def test_a_static_curve_alone_does_not_hold_the_lifetime() -> None:
    result = fit(GUESS, curve(DEVICE, 0), FREE, intervals="wald")
    [direction] = result.unidentifiable
    assert direction.kind == "exact"
    assert set(direction.exponents) == {f"ring.{name}" for name in CARRIERS}
    assert "time response" in direction.remedy


def test_with_an_answer_in_time_the_truth_is_found(step: np.ndarray) -> None:
    """All five numbers over ten sets of noise; 50 pulls of standard deviation 1 ± 0.1."""
    found = []
    for seed in range(10):
        result = fit(GUESS, [curve(DEVICE, seed), answered(step, seed)], FREE, intervals="wald")
        assert result.unidentifiable == ()
        found += pulls(DEVICE, result)
    assert 0.7 < np.std(found) < 1.35
    assert np.mean(np.abs(found) > 1.96) <= 0.12
    assert result.estimates["ring.carrier_lifetime"].standard_error < 0.02e-9


def test_intervals_of_a_joint_fit_are_those_of_its_profile(step: np.ndarray) -> None:
    result = fit(GUESS, [curve(DEVICE, 1), answered(step, 1)], FREE)
    for name, true in truth(DEVICE, result).items():
        e = result.estimates[name]
        assert e.profile_interval is not None
        assert e.interval[0] < true < e.interval[1]
        assert np.array(e.profile_interval) == pytest.approx(e.wald_interval, rel=0.01)  # next to linear


def test_a_slow_detector_left_out_is_taken_for_a_long_lifetime(step: np.ndarray, answer: Any) -> None:
    """The pole of a 0.5 GHz detector, 0.32 ns, is applied to the true answer by SciPy's filter."""
    from scipy.signal import lfilter

    fine = np.linspace(0.0, 8e-9, 1601)
    clean = answer(DEVICE, fine, 0.3e-3, 1.3e-3)
    pole = 2 * math.pi * 0.5e9
    keep = math.exp(-pole * (fine[1] - fine[0]))
    middle = (clean[1:] + clean[:-1]) / 2
    start = clean[0]
    seen = np.concatenate([[start], lfilter([1 - keep], [1, -keep], middle, zi=[keep * start])[0]])
    slow = np.interp(TIMES, fine, seen)
    known = fit(GUESS, [curve(DEVICE, 2), answered(slow, 2, bandwidth=0.5e9)], FREE, intervals="wald")
    assert np.max(np.abs(pulls(DEVICE, known))) < 3.0
    assert known.diagnostics.sound
    left_out = fit(GUESS, [curve(DEVICE, 2), answered(slow, 2)], FREE, starts=0, intervals="wald")
    assert not left_out.diagnostics.sound
    assert left_out.estimates["ring.carrier_lifetime"].value > 1.2e-9


def test_a_delay_of_the_output_is_found(step: np.ndarray) -> None:
    late = dataclasses.replace(answered(step, 3), times=TIMES + 0.15e-9)
    late = MeasuredResponse(
        late.times, Drive.held([-1e-9, 0.0, 9e-9], [0.3e-3, 1.3e-3]), late.power_out, late.sigma
    )
    result = fit(GUESS, [curve(DEVICE, 3), late], [*FREE, "delay[1]"], intervals="wald")
    delay = result.estimates["delay[1]"]
    assert abs(delay.value - 0.15e-9) < 3 * delay.standard_error < 0.02e-9
    assert abs(result.estimates["ring.carrier_lifetime"].value - 1e-9) < 0.04e-9


@pytest.mark.parametrize(
    "tied",
    [
        {"input_scale": 1.0, "insertion_loss": 1.0},
        {"ring.tpa_volume": 1.0, "ring.two_photon_absorption": 1.0, "ring.fca_volume": 0.5},
        {"ring.kerr_volume": 1.0, "ring.kerr_index": 1.0},
    ],
)
def test_what_even_time_does_not_hold_is_told(step: np.ndarray, tied: dict[str, float]) -> None:
    """Only P/L enters, only β/V_TPA and β/V_FCA², only n_2/V_K; and the rest is still found."""
    guess = dataclasses.replace(DEVICE, insertion_loss=1.05)
    result = fit(guess, answered(step, 4), ["carrier_lifetime", "arm_phase", *tied], intervals="wald")
    exact = [d for d in result.unidentifiable if d.kind == "exact"]
    assert len(exact) == 1
    [first, *_] = exact[0].exponents
    scaled = {name: v / exact[0].exponents[first] * tied[first] for name, v in exact[0].exponents.items()}
    assert scaled == pytest.approx(tied, abs=1e-3)
    assert math.isfinite(result.estimates["ring.carrier_lifetime"].standard_error)
    assert all(math.isinf(result.estimates[name].standard_error) for name in tied)


# ------------------------------------------------------------------- heat
HOT = dataclasses.replace(
    DEVICE.with_effects(heating=True),
    ring=dataclasses.replace(DEVICE.ring.with_effects(heating=True), absorption_rate=2e9),
)
HOT = dataclasses.replace(HOT, detuning=HOT.ring.detuning(half_linewidths=0.2))
SLOW = np.concatenate([[-50e-9, -1e-9], np.geomspace(5e-9, 1.2e-6, 30)])
HEAT = ("thermal_lifetime", "thermo_optic", "detuning", "arm_phase")
HOT_GUESS = changed(HOT, {"thermal_lifetime": 0.6, "thermo_optic": 1.4}, arm_phase=HOT.arm_phase - 0.1)


def test_a_slow_step_tells_thermal_lifetime_from_thermo_optic_effect(answer: Any) -> None:
    power = np.linspace(10e-6, 0.6e-3, 40)
    alone = fit(HOT_GUESS, curve(HOT, 0, power), HEAT, intervals="wald")
    assert [d.kind for d in alone.unidentifiable] == ["exact"]
    assert set(alone.unidentifiable[0].exponents) == {"ring.thermal_lifetime", "ring.thermo_optic"}
    clean = answer(HOT, SLOW, 0.1e-3, 0.5e-3)
    drive = Drive.held([-60e-9, 0.0, 1.3e-6], [0.1e-3, 0.5e-3])
    found = []
    for seed in range(5):
        noisy = clean + NOISE * rng(seed).standard_normal(clean.size)
        slow = MeasuredResponse(SLOW, drive, noisy, sigma=NOISE)
        result = fit(HOT_GUESS, [curve(HOT, seed, power), slow], HEAT, starts=0, intervals="wald")
        assert result.unidentifiable == ()
        found += pulls(HOT, result)
    assert 0.4 < np.std(found) < 1.6  # five independent ones at least
    assert result.estimates["ring.thermal_lifetime"].standard_error < 0.1 * HOT.ring.thermal_lifetime


# ------------------------------------------------------------------- spectra
RING = dataclasses.replace(DEVICE.ring, scattering_rate=1.2e10)  # over-coupled: 24.7/ns against 12.4/ns
THROUGH = RingThrough(RING, RING.detuning(half_linewidths=-0.6))
RATES = ("coupling_rate", "scattering_rate", "carrier_lifetime", "detuning")


def spectrum(seed: int) -> PortSpectrum:
    """Through port by its Lorentzian, read 3 µW off resonance."""
    half = RING.wavelength**2 * RING.linewidth / (4 * math.pi * 299_792_458.0)
    offset = np.linspace(-8, 8, 160)
    transmission = np.abs(1 - RING.coupling_rate / (RING.linewidth / 2 * (1 + 1j * offset))) ** 2
    noise = 0.005 * rng(seed).standard_normal(160)
    return PortSpectrum(RING.wavelength + offset * half, 3e-6 * (transmission + noise), sigma=1.5e-8)


def through(seed: int) -> Measured:
    noise = NOISE / 2 * rng(seed).standard_normal(POWER.size)
    return Measured(POWER, THROUGH.transfer(POWER) + noise, sigma=NOISE / 2)


def test_a_spectrum_sharpens_what_the_curve_says_of_carriers() -> None:
    alone = fit(THROUGH, through(5), RATES, intervals="wald")
    both = fit(
        THROUGH, [spectrum(5), through(5)], [*RATES, "ring.wavelength", "output_scale[0]"], intervals="wald"
    )
    lifetimes = [result.estimates["ring.carrier_lifetime"].standard_error for result in (alone, both)]
    assert lifetimes[1] < lifetimes[0] / 10
    for name in RATES[:3]:
        e = both.estimates[f"ring.{name}"]
        assert abs(e.value - getattr(RING, name)) < 3 * e.standard_error < 0.1 * getattr(RING, name)


def test_a_power_curve_tells_over_from_under_coupling() -> None:
    """Started from the under-coupled twin of the spectrum, with the lifetime known and with it free."""
    guess = changed(THROUGH, {"coupling_rate": 0.4, "scattering_rate": 1.8})
    alone = fit(guess, spectrum(6), ["coupling_rate", "scattering_rate", "output_scale"], intervals="wald")
    assert alone.device.ring.coupling_regime == "under"
    assert alone.alternatives[0]["cost"] == pytest.approx(1.0, abs=1e-6)
    scale = ["output_scale[0]", "ring.wavelength"]
    for free in ((*RATES[:2], "detuning"), RATES):
        both = fit(guess, [spectrum(6), through(6)], [*free, *scale], intervals="wald")
        assert both.device.ring.coupling_regime == "over"
        assert both.estimates["ring.coupling_rate"].value == pytest.approx(RING.coupling_rate, rel=0.03)
        squares = float(np.sum(both.weighted_residuals**2))
        assert all(squares * (other["cost"] - 1) > 10 for other in both.alternatives)


# ------------------------------------------------------------------- all of it
def test_a_fit_of_three_kinds_is_reported_saved_and_read_back(step: np.ndarray, tmp_path: Path) -> None:
    half = DEVICE.ring.wavelength**2 * DEVICE.ring.linewidth / (4 * math.pi * 299_792_458.0)
    offset = np.linspace(-6, 6, 60)
    field = 1 - DEVICE.ring.coupling_rate / (DEVICE.ring.linewidth / 2 * (1 + 1j * offset))
    k_in, k_out = DEVICE.input_coupling, DEVICE.output_coupling
    arms = math.sqrt((1 - k_in) * k_out) * field + math.sqrt(k_in * (1 - k_out)) * np.exp(
        1j * DEVICE.arm_phase
    )
    seen = np.abs(arms) ** 2 + 0.005 * rng(7).standard_normal(60)
    line = PortSpectrum(
        DEVICE.ring.wavelength + offset * half, seen, sigma=0.005, relative=True, port="cross"
    )
    free = [*FREE, "coupling_rate", "ring.wavelength", "output_scale[1]"]
    result = fit(GUESS, [curve(DEVICE, 7), line, answered(step, 7, bandwidth=1e12)], free, intervals="wald")
    assert np.max(np.abs(pulls(DEVICE, _without(result, "output_scale[1]")))) < 3.5
    text = result.report()
    assert all(word in text for word in ("power curve", "spectrum", "time response"))
    result.save(tmp_path / "fit.json")
    again = Fit.load(tmp_path / "fit.json")
    assert json.dumps(again.as_dict()) == json.dumps(result.as_dict())
    problem, inner = again.problem()
    assert problem.residuals(inner) == pytest.approx(result.weighted_residuals, rel=1e-6, abs=1e-6)
    assert result.curve(1e-3) == pytest.approx(float(DEVICE.transfer(1e-3)), rel=0.01)


def _without(result: Fit, name: str) -> Fit:
    return dataclasses.replace(result, estimates={k: e for k, e in result.estimates.items() if k != name})
