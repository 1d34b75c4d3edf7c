"""Answers in time that a fit expects: light, detector, delay and slopes against independent computations."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from photonic import Drive, MachZehnder, MeasuredResponse, Ring, RingDrop, RingThrough, presets
from photonic.errors import ParameterError
from photonic.fits.experiments import Experiment
from photonic.fits.free_parameters import free_parameters
from photonic.fits.response_prediction import ResponsePrediction
from photonic.parameters import GIRON_CASTRO_2024, VAN_VAERENBERGH_2012

DEVICE = presets.SIGMOID
TIMES = np.linspace(-0.5e-9, 6e-9, 40)
STEP = Drive.held([-1e-9, 0.0, 8e-9], [0.3e-3, 1.3e-3])
LINEAR = Ring(wavelength=1.55e-6, group_index=3.9, coupling_rate=1.5e10, scattering_rate=0.5e10)


def prediction(
    device: Any, response: MeasuredResponse, free: dict[str, float], **settings: float
) -> tuple[ResponsePrediction, list[float]]:
    found = free_parameters(device, list(free), {}, free, 1, 1e-3)
    return ResponsePrediction(device, Experiment(response, at=settings), found, 0), list(free.values())


def response(times: np.ndarray, power: Any, **more: Any) -> MeasuredResponse:
    return MeasuredResponse(times, power, np.zeros(times.size), **more)


def value(device: Any, measured: MeasuredResponse, **settings: float) -> np.ndarray:
    found, values = prediction(device, measured, {"output_scale": 1.0}, **settings)
    return found.value(values)


def test_the_answer_to_a_step_is_that_of_the_rate_equations(answer: Any) -> None:
    expected = answer(DEVICE, TIMES, 0.3e-3, 1.3e-3)
    seen = value(DEVICE, response(TIMES, STEP))
    assert seen == pytest.approx(expected, rel=1e-6)
    assert np.ptp(expected) > 0.3e-3  # an answer worth the name


def test_scales_stand_between_readings_and_device(answer: Any) -> None:
    """P_in = s_P s_in P_read, P_read,out = s_out P_out/s_P + dark."""
    half = Drive.held([-1e-9, 0.0, 8e-9], [0.15e-3, 0.65e-3])
    seen = value(DEVICE, response(TIMES, half), power_scale=1.25, input_scale=1.6, dark=2e-5)
    plain = answer(DEVICE, TIMES, 0.3e-3, 1.3e-3)
    assert seen == pytest.approx(plain / 1.25 + 2e-5, rel=1e-6)


def test_constant_light_leaves_the_settled_state_as_it_is() -> None:
    """Against the static response, on both branches of a bistable one, and with heat."""
    ring = VAN_VAERENBERGH_2012.with_effects(heating=False)
    bistable = RingThrough(ring, ring.detuning(half_linewidths=4.0))
    power = 0.55e-3
    up, down = (float(bistable.transfer(np.array([0.0, power, 2e-3]), s)[1]) for s in ("up", "down"))
    assert abs(up - down) > 0.05 * power
    for initial, expected in (("up", up), ("down", down)):
        seen = value(bistable, response(TIMES, power, initial=initial))
        assert seen == pytest.approx(np.full(TIMES.size, expected), rel=1e-8)
    drop = RingDrop(GIRON_CASTRO_2024, 1e9)
    seen = value(drop, response(TIMES, 1e-4))
    assert seen == pytest.approx(np.full(TIMES.size, float(drop.transfer(1e-4))), rel=1e-8)


def linear_answer(times: np.ndarray, power: float, pole: float | None) -> np.ndarray:
    """Through port of `LINEAR` on resonance when light of ``power`` comes on at 0 s, in closed form.

    s − √γ_c a = √P (α + β e^{−γt/2}) with β = 2γ_c/γ, α = 1 − β; its square, behind dy/dt = p (P − y).
    """
    beta = 2 * 1.5e10 / 2e10
    terms = {0.0: (1 - beta) ** 2, 1e10: 2 * (1 - beta) * beta, 2e10: beta**2}
    t = np.maximum(times, 0.0)
    if pole is None:
        shape = sum(a * np.exp(-k * t) for k, a in terms.items())
    else:
        shape = sum(a * pole * (np.exp(-k * t) - np.exp(-pole * t)) / (pole - k) for k, a in terms.items())
    return np.where(times > 0, power * shape, 0.0)


@pytest.mark.parametrize("bandwidth", [None, 0.1e9, 1e9, 5e9, 100e9, 5e12])
def test_a_detector_is_a_single_pole(bandwidth: float | None) -> None:
    device = RingThrough(LINEAR, 0.0)
    times = np.array([-0.5e-9, -0.1e-9, 0.0, 1e-12, 5e-12, 0.03e-9, 0.2e-9, 0.21e-9, 1e-9, 4e-9, 7e-9])
    step = Drive.held([-1e-9, 0.0, 8e-9], [0.0, 2e-5])
    seen = value(device, response(times, step, bandwidth=bandwidth))
    pole = None if bandwidth is None else 2 * math.pi * bandwidth
    assert seen == pytest.approx(linear_answer(times, 2e-5, pole), rel=1e-9, abs=1e-9 * 2e-5)


def test_at_its_bandwidth_a_detector_shows_half_the_electrical_power() -> None:
    """A sine of the light at that frequency is 1/√2 as large and 45° late."""
    bandwidth, depth = 2e9, 0.1
    fast = RingThrough(
        dataclasses.replace(LINEAR, coupling_rate=1e5, scattering_rate=1e15), 0.0
    )  # passes light
    turn = 2 * math.pi * bandwidth

    def light(t: Any) -> Any:
        return 1e-4 * (1 + depth * np.sin(turn * np.asarray(t)))

    times = np.linspace(6e-9, 7e-9, 50)
    drive = Drive.sampled(light, 0.0, 7e-9)
    seen = value(fast, response(times, drive, bandwidth=bandwidth)) / 1e-4 - 1
    assert seen == pytest.approx(depth / math.sqrt(2) * np.sin(turn * times - math.pi / 4), abs=1e-4 * depth)


@pytest.mark.parametrize("delay", [-0.7e-9, 0.0, 0.4e-9])
def test_readings_may_come_late_or_early(delay: float) -> None:
    device, times = RingThrough(LINEAR, 0.0), np.linspace(-0.9e-9, 3e-9, 30)
    step = Drive.held([-1e-9, 0.0, 3e-9], [0.0, 2e-5])
    seen = value(device, response(times, step, bandwidth=3e9), delay=delay)
    expected = linear_answer(times - delay, 2e-5, 2 * math.pi * 3e9)
    assert seen == pytest.approx(expected, rel=1e-9, abs=1e-9 * 2e-5)


def test_a_delay_past_all_readings_leaves_the_settled_state() -> None:
    device, times = RingThrough(LINEAR, 0.0), np.linspace(-0.9e-9, 3e-9, 30)
    step = Drive.held([-1e-9, 0.0, 3e-9], [1e-5, 2e-5])
    seen = value(device, response(times, step), delay=10e-9)
    assert seen == pytest.approx(np.full(30, 1e-5 * (1 - 2 * 1.5e10 / 2e10) ** 2))


FREE = {
    "carrier_lifetime": 1e-9, "index_per_carrier": -3.5e-27, "free_carrier_cross_section": 1e-21,
    "coupling_rate": 2.4e10, "detuning": float(DEVICE.detuning), "arm_phase": float(DEVICE.arm_phase),
    "input_coupling": 0.7, "insertion_loss": 1.2, "input_scale": 1.0, "power_scale": 1.0,
    "output_scale": 1.0, "dark": 0.0,
}  # fmt: skip


def test_once_settled_slopes_are_those_of_the_static_response() -> None:
    """By complex step through the steady state, which shares no line with the integration."""
    times = np.array([0.0, 40e-9, 41e-9])
    measured = response(times, Drive.held([0.0, 1e-12, 50e-9], [0.3e-3, 1.1e-3]))
    found, values = prediction(DEVICE, measured, FREE)
    slopes = found.both(values)[1][2]
    device, readings = found.set_to(values)
    names = [f.name for f in found.free]
    exact = device.gradient(1.1e-3, [n for n in names if n not in readings] + ["power"])
    out = float(device.transfer(1.1e-3))
    exact["input_scale"] = exact["power"] * 1.1e-3
    exact["power_scale"] = exact["power"] * 1.1e-3 - out  # brighter inside, and read as before
    exact["output_scale"], exact["dark"] = out, 1.0
    sizes = np.array([abs(v) or 1.0 for v in values])
    expected = np.array([float(exact[name]) for name in names])
    assert slopes * sizes == pytest.approx(expected * sizes, rel=1e-5)


def test_slopes_on_the_way_are_those_of_the_rate_equations(answer: Any) -> None:
    times = np.array([-0.2e-9, 0.05e-9, 0.3e-9, 1e-9, 3e-9])
    found, values = prediction(DEVICE, response(times, STEP), {"carrier_lifetime": 1e-9, "arm_phase": 2.1831})
    slopes = found.both(values)[1]
    device = dataclasses.replace(DEVICE, arm_phase=2.1831)

    def at(lifetime: float) -> np.ndarray:
        ring = dataclasses.replace(device.ring, carrier_lifetime=lifetime)
        return np.asarray(answer(dataclasses.replace(device, ring=ring), times, 0.3e-3, 1.3e-3))

    wide, narrow = ((at(1e-9 * (1 + h)) - at(1e-9 * (1 - h))) / (2e-9 * h) for h in (4e-3, 2e-3))
    expected = (4 * narrow - wide) / 3  # Richardson
    assert slopes[:, 0] == pytest.approx(expected, rel=1e-4, abs=1e-5 * np.max(np.abs(expected)))


def test_slopes_with_a_slow_detector_and_a_delay() -> None:
    """A delay moves the closed form along in time: its slope is −dP/dt."""
    device, times = RingThrough(LINEAR, 0.0), np.linspace(0.05e-9, 3e-9, 30)
    step = Drive.held([-1e-9, 0.0, 4e-9], [0.0, 2e-5])
    found, values = prediction(device, response(times, step, bandwidth=3e9), {"delay": 0.0})
    h, pole = 1e-14, 2 * math.pi * 3e9
    expected = (linear_answer(times - h, 2e-5, pole) - linear_answer(times + h, 2e-5, pole)) / (2 * h)
    seen = found.both(values)[1][:, 0]
    assert seen == pytest.approx(expected, rel=1e-5, abs=1e-6 * np.max(np.abs(expected)))


def test_numbers_of_other_experiments_have_no_slope_here() -> None:
    free = free_parameters(DEVICE, ["dark[0]", "dark[1]", "arm_phase"], {}, {}, 2, 1e-3)
    found = ResponsePrediction(DEVICE, Experiment(response(TIMES, STEP), shift={"arm_phase": 0.1}), free, 1)
    value, slopes = found.both([f.start for f in free])
    assert not np.any(slopes[:, 0])
    assert np.all(slopes[:, 1] == 1.0)
    moved = dataclasses.replace(DEVICE, arm_phase=DEVICE.arm_phase + 0.1)
    assert value[:3] == pytest.approx(np.full(3, float(moved.transfer(0.3e-3))), rel=1e-8)


def test_a_device_without_a_ring_has_no_answer_in_time() -> None:
    with pytest.raises(ParameterError, match="device must have a ring to have an answer in time"):
        prediction(MachZehnder(1.0), response(TIMES, STEP), {"arm_phase": 1.0})
