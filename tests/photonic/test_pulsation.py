"""Limit cycles against the published one, Hopf points, and direct simulation."""

import dataclasses
import math
from types import SimpleNamespace

import numpy as np
import pytest

from photonic import presets
from photonic.devices import RingThrough
from photonic.dynamics import simulate
from photonic.errors import ConvergenceError, ParameterError
from photonic.extensions import ThermalModes
from photonic.parameters import RIB_THERMAL_MODES, VAN_VAERENBERGH_2012
from photonic.pulsation import _cycle, _rest, self_pulsation
from photonic.stability import hopf_points, steady_states
from photonic.trace import Steps

RING = VAN_VAERENBERGH_2012
DETUNING = RING.detuning(62e-12)


@pytest.fixture(scope="module")
def published():
    return self_pulsation(RING, 0.6e-3, detuning=DETUNING, initial={"temperature": 0.7})


def test_the_published_pulsation(published):
    # acceptance A9: Van Vaerenbergh 2012, figure 3, and an independent solver: 78.155 ns, 1.172 to 2.047 K
    assert published.period == pytest.approx(78.2e-9, rel=0.02)
    assert published.period == pytest.approx(78.155e-9, rel=1e-5)
    wave = published.waveform
    assert (wave.temperature.min(), wave.temperature.max()) == pytest.approx((1.172, 2.047), rel=1e-3)
    assert wave.carriers.max() == pytest.approx(1.289e23, rel=1e-3)
    assert published.uncertainty < 1e-6 * published.period
    assert published.irregularity < 1e-6
    assert published.pulses == 1


def test_the_waveform_is_one_period(published):
    wave = published.waveform
    assert wave.times[0] == 0.0
    assert wave.times[-1] == pytest.approx(published.period)
    for name in ("energy", "carriers", "temperature", "power_out"):
        values = getattr(wave, name)
        assert values[-1] == pytest.approx(values[0], rel=1e-5)


def test_harmonics_add_up_to_the_output(published):
    # Parseval: mean square = mean² + Σ amplitude²/2
    power, parts = published.waveform.power_out[:-1], published.harmonics
    assert parts[0] == pytest.approx(np.mean(power))
    assert np.mean(power**2) == pytest.approx(parts[0] ** 2 + np.sum(parts[1:] ** 2) / 2, rel=1e-6)
    assert published.frequencies[1] == pytest.approx(1 / published.period)


def test_duty_cycle_and_extinction(published):
    power = published.waveform.power_out
    assert published.extinction_ratio == pytest.approx(power.max() / power.min())
    above = np.mean(power[:-1] > (power.max() + power.min()) / 2)
    assert published.duty_cycle == pytest.approx(above, abs=1e-3)


def test_duty_cycle_between_coarse_samples(published):
    # by hand: lines from sample to sample stand above 1/2 for 0, 2/3, 1 and 3/7 of the four intervals
    wave = dataclasses.replace(published.waveform, power_out=np.array([0.0, 0.25, 1.0, 0.875, 0.0]))
    found = dataclasses.replace(published, waveform=wave)
    assert found.duty_cycle == pytest.approx((2 / 3 + 1 + 3 / 7) / 4, rel=1e-12)


def _trace(times, values):
    """A trace that is at ``times[k]`` in a state whose variables are all ``values[k]``."""
    series = np.asarray(values)[:, None, None] * np.ones(4)
    steps = Steps(series, np.stack([times - 1e-3, np.full(times.size, 2e-3)], -1))
    return SimpleNamespace(steps_of=lambda: steps)


def test_several_pulses_of_a_period():
    # every other return alike, 1 and 1.5 apart: a period of 2.5
    times = np.cumsum(np.resize([1.0, 1.5], 24))
    trace = _trace(times, np.resize([1.0, 0.8], 24))
    start, period, uncertainty, pulses, spread = _cycle(trace, times, 1e-6, 1e-3, 1e-10)
    assert (period, pulses) == (pytest.approx(2.5, rel=1e-12), 2)
    assert start == pytest.approx(times[-1] - 2.5)
    assert spread == pytest.approx(0.0, abs=1e-12)
    assert uncertainty == pytest.approx(100 * 1e-10 * 2.5, rel=1e-6)
    # every third: known from three periods on
    for count, known in ((9, False), (10, True)):
        times = np.arange(float(count))
        found = _cycle(_trace(times, np.resize([1.0, 0.8, 0.6], count)), times, 1e-6, 1e-3, 1e-10)
        assert (found is not None) == known
    assert found[3] == 3


def test_what_is_left_of_the_way():
    # a distance d that shrinks by q from period to period leaves d q/(1 − q); with the longest lifetime τ
    # q is no less than exp(−T/τ), however fast it looks
    times, values = np.arange(24.0), 1 + 1e-3 * 0.5 ** np.arange(24)
    trace, moved = _trace(times, values), 1e-3 * 0.5**23 / values[0]  # between the last two returns
    slow = math.exp(-1 / 20.0)
    for lifetime, left in ((1e-3, moved), (20.0, moved * slow / (1 - slow))):
        assert _cycle(trace, times, 1.01 * left, lifetime, 1e-14) is not None
        assert _cycle(trace, times, 0.99 * left, lifetime, 1e-14) is None
    # periods that lengthen by 1e-4, 1e-4/2, …: as much again is to come
    times = np.cumsum(1.0 - 1e-4 * 0.5 ** np.arange(24))
    _, _, uncertainty, _, _ = _cycle(_trace(times, values), times, 1.0, 1e-3, 1e-14)
    assert uncertainty == pytest.approx(1e-4 * 0.5**23 + 100e-14, rel=1e-3)


@pytest.mark.parametrize(
    ("far", "rests"),
    [((5e-4, 1e-4), True), ((0.5, 0.4), False), ((1e-4, 5e-4), False), ((5e-8, 9e-8), True)],
)
def test_a_state_is_reached_only_if_it_is_near_and_nearer_than_before(far, rests):
    state = steady_states(RING, 0.1e-3, 0.0)[0]
    assert state.stable
    seen = SimpleNamespace(
        **{name: getattr(state, name) * (1 + np.array(far)) for name in ("energy", "carriers", "temperature")}
    )
    trace = SimpleNamespace(times=np.array([0.0, 1e-6]), at=lambda times: seen)
    assert (_rest(trace, (state,)) is state) == rests
    assert _rest(trace, (dataclasses.replace(state, stable=False),)) is None


def test_without_a_start_the_cycle_beside_a_stable_state_is_found(published):
    found = self_pulsation(RING, 0.6e-3, detuning=DETUNING)
    assert found.period == pytest.approx(published.period, rel=1e-6)


def test_from_the_cold_the_same_ring_rests(published):
    with pytest.raises(ConvergenceError, match=r"settles to a steady state of 3\.746e-15 J") as reason:
        self_pulsation(RING, 0.6e-3, detuning=DETUNING, initial={"temperature": 0.0})
    assert reason.value.partial.energy == pytest.approx(3.746e-15, rel=1e-3)


def test_a_quiet_ring_is_said_to_be_quiet():
    with pytest.raises(ConvergenceError, match="from every start tried"):
        self_pulsation(RING, 0.1e-3, detuning=0.0)


def test_next_to_a_supercritical_hopf_point():
    # the cycle is born at the imaginary part of the eigenvalues, U ≈ U_0 (1 + r cos ωt) with
    # r² = −growth ΔP/lyapunov
    detuning = RING.detuning(18e-12)
    point = hopf_points(RING, detuning, 1e-3)[0]
    assert point.criticality == "supercritical"
    power = point.power * 1.002
    found = self_pulsation(RING, power, detuning=detuning)
    assert found.frequency == pytest.approx(point.frequency, rel=2e-3)
    size = math.sqrt(-point.growth * (power - point.power) / point.lyapunov)
    wave = found.waveform.energy
    assert (wave.max() - wave.min()) / (wave.max() + wave.min()) == pytest.approx(size, rel=0.05)
    with pytest.raises(ConvergenceError):
        self_pulsation(RING, 0.99 * point.power, detuning=detuning)


def test_a_subcritical_onset_is_at_a_finite_size():
    # class II: next to the onset the ring pulses strongly, at a frequency well above 0
    point = hopf_points(RING, 0.0, 2e-3)[0]
    assert point.criticality == "subcritical"
    found = self_pulsation(RING, 0.99 * point.power, detuning=0.0)
    assert found.extinction_ratio > 10
    assert found.frequency > 0.3 * point.frequency


def test_against_a_long_simulation():
    # another region (no stable state), periods counted on samples of a plain run
    detuning, power = RING.detuning(30e-12), 0.5e-3
    assert not any(s.stable for s in steady_states(RING, power, detuning))
    found = self_pulsation(RING, power, detuning=detuning)
    times = np.linspace(0, 6e-6, 120_001)
    trace = simulate(RING, power, times, detuning=detuning)
    late = (
        trace.temperature[40_000:] - (found.waveform.temperature.max() + found.waveform.temperature.min()) / 2
    )
    rises = times[40_000:][1:][(late[1:] >= 0) & (late[:-1] < 0)]
    period = (rises[-1] - rises[0]) / (rises.size - 1)
    assert found.period == pytest.approx(period, rel=1e-4)


def test_a_trace_and_a_state_can_be_the_start(published):
    trace = simulate(RING, 0.6e-3, [0, 0.5e-6], detuning=DETUNING, initial={"temperature": 0.7})
    middle = steady_states(RING, 0.6e-3, DETUNING)[1]
    for start in (trace, middle):
        try:
            found = self_pulsation(RING, 0.6e-3, detuning=DETUNING, initial=start)
        except ConvergenceError:
            assert start is middle  # on the ridge: either side may win
            continue
        assert found.period == pytest.approx(published.period, rel=1e-6)


def test_devices_and_thermal_modes():
    device = RingThrough(RING, DETUNING)
    start = {"temperature": 0.7}
    assert self_pulsation(device, 0.6e-3, initial=start).period == pytest.approx(78.155e-9, rel=1e-4)
    # heat that settles in three steps instead of one; settled, the ring is the same
    modes = ThermalModes(shares=(0.5, 0.3, 0.2), lifetimes=(30e-9, 65e-9, 150e-9))
    several = dataclasses.replace(RING, thermal_modes=modes)
    found = self_pulsation(several, 0.6e-3, detuning=RING.detuning(30e-12))
    trace = simulate(several, 0.6e-3, np.linspace(0, 6e-6, 60_001), detuning=RING.detuning(30e-12))
    late = trace.carriers[30_000:]
    level = (late.max() + late.min()) / 2
    rises = trace.times[30_000:][1:][(late[1:] >= level) & (late[:-1] < level)]
    assert found.period == pytest.approx(float(np.diff(rises).mean()), rel=1e-3)


def test_fast_pulsation_needs_carriers_that_vanish_fast():
    # Chen et al., Opt. Express 20, 7454 (2012): without heat only for lifetimes from several ps to several
    # hundred ps, at several GHz
    fast = dataclasses.replace(RING, carrier_lifetime=0.1e-9).with_effects(heating=False)
    detuning = fast.detuning(half_linewidths=4)
    point = hopf_points(fast, detuning, 20e-3)[0]
    found = self_pulsation(fast, 1.005 * point.power, detuning=detuning)
    assert found.frequency == pytest.approx(point.frequency, rel=5e-3)
    assert 3e9 < found.frequency < 10e9
    for lifetime in (1e-9, 5.3e-9):
        slow = dataclasses.replace(fast, carrier_lifetime=lifetime)
        with pytest.raises(ConvergenceError, match="settles to a steady state"):
            self_pulsation(slow, 1.005 * point.power, detuning=detuning)


def test_bursts_repeat_with_the_heat():
    # fast pulses of the carriers that come and go while a larger ring warms and cools
    ring = dataclasses.replace(RING, carrier_lifetime=0.1e-9, thermal_volume=30 * RING.thermal_volume)
    detuning = ring.detuning(half_linewidths=3)
    found = self_pulsation(ring, 12e-3, detuning=detuning)
    trace = simulate(ring, 12e-3, np.linspace(0, 4e-6, 40_001), detuning=detuning)
    late = trace.temperature[20_000:]
    level = (late.max() + late.min()) / 2
    rises = trace.times[20_001:][(late[1:] >= level) & (late[:-1] < level)]
    assert found.period == pytest.approx(float(np.diff(rises).mean()), rel=1e-3)
    carriers = found.waveform.carriers
    peaks = np.sum((carriers[1:-1] > carriers[:-2]) & (carriers[1:-1] >= carriers[2:]))
    assert peaks > 50


def test_as_dict_is_plain(published):
    found = published.as_dict()
    assert found["extremes"]["temperature"] == pytest.approx([1.172, 2.047], rel=1e-3)
    assert len(found["harmonics"]) == 20


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tolerance": 0.0}, "tolerance must"),
        ({"longest": -1.0}, "longest must be > 0 s"),
        ({"rtol": 1.0}, "rtol must"),
        ({"detuning": None}, "detuning"),
        ({"power": -1.0}, "power must"),
        ({"initial": {"temp": 1.0}}, "initial may name"),
    ],
)
def test_wrong_arguments_are_named(changes, message):
    given = {"ring": RING, "power": 0.6e-3, "detuning": DETUNING, **changes}
    with pytest.raises(ParameterError, match=message):
        self_pulsation(**given)


def test_the_start_must_be_of_the_same_ring():
    ring = dataclasses.replace(RING, thermal_modes=RIB_THERMAL_MODES)
    trace = simulate(ring, 1e-4, [0, 1e-9], detuning=0.0)
    with pytest.raises(ParameterError, match="same kind of ring"):
        self_pulsation(RING, 1e-4, detuning=0.0, initial=trace)


def test_too_short_a_time_is_said():
    with pytest.raises(ConvergenceError, match="within longest = 1e-09 s"):
        self_pulsation(RING, 0.13e-3, detuning=RING.detuning(18e-12), longest=1e-9, tolerance=1e-9)


def test_frozen_heat_does_not_pulse_here():
    with pytest.raises(ConvergenceError, match="no self-pulsation"):
        self_pulsation(presets.SIGMOID, 1e-3)
