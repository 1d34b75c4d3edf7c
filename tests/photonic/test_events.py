"""Events in time against signals whose crossings, peaks and widths are known in closed form."""

import dataclasses
import math

import numpy as np
import pytest

from photonic.drive import Drive
from photonic.dynamics import simulate
from photonic.errors import ParameterError
from photonic.events import crossings, jumps, longest_lifetime, spikes
from photonic.extensions import ThermalModes
from photonic.parameters import ALDAYA_2017
from photonic.parameters import VAN_VAERENBERGH_2012 as RING
from photonic.piecewise import QUANTITIES, Signal, signal
from photonic.stability import folds

DETUNING = RING.detuning(62e-12)


@pytest.fixture(scope="module")
def pulsing():
    """Van Vaerenbergh's ring where it pulses, 1 µs."""
    times = np.linspace(0, 1e-6, 3001)
    return simulate(RING, 0.6e-3, times, detuning=DETUNING, initial={"temperature": 0.7}, dense=True)


@pytest.fixture(scope="module")
def dark():
    """Carriers and heat decaying without light: N = 1e23 e^(−t/τ_fc), T = 2 e^(−t/τ_th)."""
    start = {"carriers": 1e23, "temperature": 2.0}
    return simulate(RING, 0.0, [0.0, 100e-9], detuning=0.0, initial=start, dense=True)


def test_decay_crosses_a_level_when_the_logarithm_says(dark):
    assert crossings(dark, "carriers", 0.3e23) == pytest.approx(
        [RING.carrier_lifetime * math.log(1 / 0.3)], rel=1e-8
    )
    assert crossings(dark, "temperature", 1.0, "falling") == pytest.approx([65e-9 * math.log(2)], rel=1e-8)
    assert crossings(dark, "temperature", 1.0, "rising").size == 0


def test_a_sine_in_the_drive():
    period, cycles = 10e-9, 7
    trace = simulate(
        RING, lambda t: 1e-4 * (1 - np.cos(2 * np.pi * t / period)), [0, cycles * period], detuning=0.0,
        dense=True,
    )  # fmt: skip
    up = crossings(trace, "power_in", 1e-4, "rising")
    assert up == pytest.approx(period * (np.arange(cycles) + 0.25), rel=1e-8)
    assert crossings(trace, "power_in", 1.5e-4).size == 2 * cycles
    found = spikes(trace, "power_in")
    assert found.times == pytest.approx(period * (np.arange(cycles) + 0.5), rel=1e-6)
    assert found.heights == pytest.approx(2e-4)
    assert found.prominences == pytest.approx(2e-4, rel=1e-6)
    assert found.widths == pytest.approx(period / 2, rel=1e-6)
    assert len(spikes(trace, "power_in", dips=True)) == cycles - 1
    assert len(spikes(trace, "power_in", height=3e-4)) == 0


def test_a_gaussian_pulse_has_its_textbook_width():
    sigma = 3e-9
    trace = simulate(
        RING,
        lambda t: 1e-4 * np.exp(-(((t - 50e-9) / sigma) ** 2) / 2),
        [0, 100e-9],
        detuning=0.0,
        dense=True,
    )
    found = spikes(trace, "power_in")
    assert found.times == pytest.approx([50e-9], rel=1e-6)
    assert found.widths == pytest.approx([2 * math.sqrt(2 * math.log(2)) * sigma], rel=1e-6)


def test_prominence_separates_a_shoulder_from_a_spike():
    # steps of the drive 0, 3, 2, 2.5, 0 (1e-4 W): the second peak stands 0.5 above its valley
    drive = Drive.held(np.arange(6) * 1e-9, 1e-4 * np.array([0, 3, 2, 2.5, 0]))
    trace = simulate(RING, drive, [0, 5e-9], detuning=0.0, dense=True)
    both = spikes(trace, "power_in", prominence=0.4e-4)
    assert both.prominences == pytest.approx([3e-4, 0.5e-4])
    assert both.times == pytest.approx([1.5e-9, 3.5e-9])
    assert both.starts == pytest.approx([1e-9, 3e-9])  # at half of the first, and of the second
    assert both.ends == pytest.approx([4e-9, 4e-9])
    assert both.widths == pytest.approx([3e-9, 1e-9])
    assert len(spikes(trace, "power_in")) == 1
    # jumps over 2.25: up, down, up, down
    assert crossings(trace, "power_in", 2.25e-4) == pytest.approx([1e-9, 2e-9, 3e-9, 4e-9])


@pytest.mark.parametrize("quantity", sorted(QUANTITIES))
def test_the_polynomials_are_the_trace(pulsing, quantity):
    values = signal(pulsing, quantity).at(pulsing.times)
    expected = getattr(pulsing, quantity)
    assert np.max(np.abs(values - expected)) <= 1e-12 * np.max(np.abs(expected)) + 1e-30


@pytest.mark.parametrize("quantity", ["energy", "carriers", "power_through"])
def test_crossings_are_those_of_a_fine_sampling_and_lie_on_the_level(pulsing, quantity):
    fine = signal(pulsing, quantity).at(np.linspace(0, 1e-6, 400_001)[1:])
    level = float(0.3 * fine.max() + 0.7 * fine.min())
    found = crossings(pulsing, quantity, level)
    assert found.size == np.sum((fine[1:] >= level) != (fine[:-1] >= level))
    values = getattr(pulsing.at(found), quantity)
    assert values == pytest.approx(level, rel=1e-9)


def test_crossings_do_not_depend_on_the_steps():
    # two accuracies, other steps: the same times
    runs = [
        simulate(RING, 0.6e-3, [0, 0.3e-6], detuning=DETUNING, initial={"temperature": 0.7}, rtol=tol,
                 dense=True)
        for tol in (1e-8, 1e-12)
    ]  # fmt: skip
    one, two = (crossings(run, "temperature", 1.5) for run in runs)
    assert one == pytest.approx(two, rel=1e-6)


def test_roots_of_polynomials_against_companion_matrices():
    rng = np.random.default_rng(0)
    for _ in range(200):
        roots = rng.uniform(-0.3, 1.3, size=rng.integers(1, 7))
        series = np.poly(roots)[::-1]
        found = Signal("energy", np.zeros(1), np.ones(1), series[None])
        wanted = np.sort(roots[(roots > 0) & (roots < 1)])
        _, share, rising = found.crossings(0.0)
        assert share == pytest.approx(wanted, abs=1e-6)
        assert np.all(rising[1:] != rising[:-1])


def test_what_touches_is_no_crossing():
    touch = Signal("energy", np.zeros(1), np.ones(1), np.array([[0.25, -1.0, 1.0]]))  # (s − 1/2)²
    assert touch.crossings(0.0)[0].size == 0
    assert touch.crossings(1e-12)[0].size == 2
    assert touch.points()[1] == pytest.approx([0, 0.5, 1])


def test_a_crossing_on_the_seam_of_two_steps_counts_once():
    rising = np.array([[-1.0, 1.0], [0.0, 1.0]])
    for seam in (0.0, 1e-16, -1e-16):
        series = rising + np.array([[0.0, 0.0], [seam, 0.0]])
        found = Signal("energy", np.array([0.0, 1.0]), np.ones(2), series)
        assert found.times(*found.crossings(0.0)[:2]) == pytest.approx([1.0])


def test_a_steady_ring_has_no_events():
    trace = simulate(RING, 1e-4, [0, 3e-6], detuning=0.0, initial=None, dense=True)
    late = trace.at([2e-6, 3e-6])
    start = {"field": late.field[-1], "carriers": late.carriers[-1], "temperature": late.temperature[-1]}
    rest = simulate(RING, 1e-4, [0, 1e-6], detuning=0.0, initial=start, dense=True)
    assert jumps(rest) == ()
    assert crossings(rest, "energy", 2 * float(late.energy[-1])).size == 0


def test_jumps_of_a_bistable_ring_lie_at_its_folds():
    ring = RING.with_effects(heating=False)
    detuning = ring.detuning(half_linewidths=5)
    high, low = (point.power for point in folds(ring, detuning))
    duration = 40e-6

    def triangle(t):
        return 2e-3 * (1 - np.abs(2 * t / duration - 1))

    trace = simulate(ring, triangle, [0, duration / 2, duration], detuning=detuning, dense=True)
    up, down = jumps(trace)
    assert up.up
    assert not down.up
    assert up.power == pytest.approx(high, rel=0.02)
    assert down.power == pytest.approx(low, rel=0.05)
    assert up.start <= up.time <= up.end <= duration / 2 <= down.start
    assert up.end - up.start < 20 * ring.carrier_lifetime


def test_a_slow_drive_on_one_branch_makes_no_jump():
    trace = simulate(
        RING.with_effects(heating=False), lambda t: 1e-3 * np.sin(np.pi * t / 10e-6) ** 2, [0, 10e-6],
        detuning=0.0, dense=True,
    )  # fmt: skip
    assert jumps(trace) == ()


def test_wrong_arguments_are_named(pulsing):
    bare = simulate(RING, 1e-4, [0, 1e-9], detuning=0.0)
    with pytest.raises(ParameterError, match="dense=True"):
        crossings(bare, "energy", 1e-15)
    with pytest.raises(ParameterError, match="did you mean 'temperature'"):
        crossings(pulsing, "temperatur", 1.0)
    with pytest.raises(ParameterError, match="level must be finite"):
        crossings(pulsing, "temperature", math.nan)
    with pytest.raises(ParameterError, match="direction"):
        crossings(pulsing, "temperature", 1.0, "up")
    with pytest.raises(ParameterError, match="prominence must be > 0"):
        spikes(pulsing, "temperature", prominence=0.0)
    with pytest.raises(ParameterError, match="ratio must be > 1"):
        jumps(pulsing, ratio=0.5)
    with pytest.raises(ParameterError, match="trace must be a Trace"):
        crossings(dataclasses.replace(RING), "energy", 1.0)


def test_dips_below_a_value(pulsing):
    # transmission falls to about the same value in each pulse
    dips = spikes(pulsing, "power_through", dips=True)
    assert len(dips) > 5
    assert np.all(dips.heights > 0)
    assert len(spikes(pulsing, "power_through", dips=True, height=1.01 * dips.heights.max())) == len(dips)
    assert len(spikes(pulsing, "power_through", dips=True, height=0.99 * dips.heights.min())) == 0


def test_the_longest_lifetime_is_of_what_acts():
    # 1/γ of photons; 5.3 ns of carriers, or 1/(c_n N_t) + 1/(c_p N_t) among traps; 65 ns of heat, or of the
    # slowest mode
    cold = RING.with_effects(heating=False)
    linear = dataclasses.replace(RING, two_photon_absorption=0.0).with_effects(heating=False)
    modes = ThermalModes(shares=(0.5, 0.5), lifetimes=(30e-9, 200e-9))
    for ring, expected in (
        (linear, 1 / float(RING.linewidth)),
        (cold, 5.3e-9),
        (RING, 65e-9),
        (dataclasses.replace(RING, thermal_modes=modes), 200e-9),
        (dataclasses.replace(cold, carrier_lifetime=None, traps=ALDAYA_2017), 0.5e-9 + 1e-9 / 1.4),
    ):
        assert longest_lifetime(ring) == pytest.approx(expected, rel=1e-9)


def test_where_a_jump_begins_and_ends(kerr_ring):
    # by its definition: where |dU/dt| passes 20 times the pace of the ramp, 1/T of the range of U, and, after
    # the ringing (a lull of ten photon lifetimes), where it falls below that for good
    span = 2e-6
    ramp = simulate(
        kerr_ring,
        lambda t: 12e-3 * t / span,
        [0, span],
        detuning=kerr_ring.detuning(half_linewidths=-3),
        dense=True,
    )
    (jump,) = jumps(ramp)
    stored = signal(ramp, "energy")
    limit = 20 / span * np.ptp(stored.points()[2])
    rate = stored.rate()
    assert np.abs(rate.at(np.array([jump.start, jump.end]))) == pytest.approx([limit, limit], rel=1e-6)
    later = np.linspace(jump.end, span, 20_001)[1:]
    assert np.all(np.abs(rate.at(later)) < limit)
    strokes = [one.end for one in jumps(ramp, lull=0.0, least=0.01)]
    assert len(strokes) > 2
    assert jump.end >= strokes[-1] > jump.start
