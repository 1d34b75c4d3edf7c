"""Excitability of the published ring beside its subcritical onset of self-pulsation."""

import dataclasses
import math

import numpy as np
import pytest

from photonic.drive import Drive
from photonic.dynamics import simulate
from photonic.errors import ConvergenceError, ParameterError
from photonic.excitability import excitability_threshold
from photonic.parameters import VAN_VAERENBERGH_2012 as RING
from photonic.stability import hopf_points, steady_states

POWER, DURATION = 0.4e-3, 10e-9  # at zero detuning the ring pulses from 0.628 mW on


@pytest.fixture(scope="module")
def found():
    return excitability_threshold(RING, POWER, DURATION, detuning=0.0)


def _largest(extra, delays=(0.0,)):
    """Largest carrier density after pulses of ``extra`` power, from a plain simulation on samples."""
    rest = steady_states(RING, POWER, 0.0)[0]
    times = np.linspace(0, 1e-6, 20_001)
    power = np.full(times.size, POWER)
    for delay in delays:
        power[(times >= 20e-9 + delay) & (times < 20e-9 + delay + DURATION)] += extra
    trace = simulate(RING, power, times, detuning=0.0, initial=rest)
    return trace.carriers[times > 20e-9 + max(delays) + DURATION].max()


def test_the_answer_is_all_or_nothing(found):
    # the same from a drive given as samples, by eye on the grid
    below, above, far = (_largest(f * found.threshold_power) for f in (0.95, 1.05, 2.0))
    rest = found.rest.carriers
    assert below - rest == pytest.approx(found.answer_below, rel=1e-3)
    assert above - rest == pytest.approx(found.answer_above, rel=1e-3)
    assert above - rest > 4 * (below - rest)
    assert far == pytest.approx(above, rel=0.01)  # whatever the pulse, the same spike
    assert found.threshold_energy == pytest.approx(found.threshold_power * DURATION)
    assert below - rest < found.level < above - rest


def test_one_pulse_makes_one_spike(found):
    assert len(found.spike) == 1
    assert DURATION < found.latency < 100e-9
    assert 0 < found.spike.widths[0] < 100e-9


def test_latency_counts_from_the_start_of_the_pulse(found):
    # the top of the answer to 1.05 of the threshold, from a plain simulation on samples 5 ps apart
    times = np.linspace(0, 200e-9, 40_001)
    power = np.where((times >= 20e-9) & (times < 30e-9), POWER + 1.05 * found.threshold_power, POWER)
    trace = simulate(RING, power, times, detuning=0.0, initial=found.rest)
    top = times[np.argmax(trace.carriers)]
    assert found.latency == pytest.approx(top - 20e-9, abs=10e-12)


@pytest.mark.parametrize("quantity", ["energy", "power_through"])
def test_the_answer_counts_from_the_end_of_the_pulse(found, quantity):
    # light at the port goes down with the pulse at once, stored light within photon lifetimes: the first
    # value after the end is 1 fs later, and what the port showed before it does not count
    pulse = 0.5 * found.threshold_power
    bench = dataclasses.replace(found._bench, quantity=quantity)
    trace = simulate(
        RING, Drive.held([0.0, 20e-9, 30e-9, 1e-6], [POWER, POWER + pulse, POWER]), [0.0, 1e-6],
        detuning=0.0, initial=found.rest, dense=True,
    )  # fmt: skip
    times = 30e-9 + np.concatenate([[1e-15], np.linspace(0.01e-9, 900e-9, 90_001)])
    rest = {"energy": found.rest.energy, "power_through": found.rest.through}[quantity]
    after = getattr(trace.at(times), quantity).max() - rest
    during = getattr(trace.at(np.linspace(20.01e-9, 30e-9, 1001)), quantity).max() - rest
    assert bench.answer(pulse) == pytest.approx(after, rel=1e-3)
    if quantity == "power_through":
        assert during > 1.5 * after


def test_the_ring_rests_beside_a_subcritical_onset(found):
    point = hopf_points(RING, 0.0, 2e-3)[0]
    assert point.criticality == "subcritical"
    assert point.power > POWER
    assert found.rest.stable


def test_it_resonates_with_pairs_of_pulses(found):
    # class II: disturbances ring with the imaginary part ω of the eigenvalues; a pair that is each too
    # small fires when it comes one period apart, not at half a period
    period = 2 * math.pi / max(abs(v.imag) for v in found.rest.eigenvalues if abs(v.imag) < 1e9)
    assert 60e-9 < period < 80e-9
    small = 0.8 * found.threshold_power
    level = found.rest.carriers + found.level
    assert found.response([small]).carriers.max() < level
    assert found.response([small, small], [0.0, period / 2]).carriers.max() < level
    assert found.response([small, small], [0.0, 0.95 * period]).carriers.max() > level


def test_after_a_spike_it_is_refractory(found):
    wait = found.refractory_time()
    assert found.latency < wait < 200e-9
    pulse = 1.5 * found.threshold_power
    level = found.rest.carriers + found.level
    counts = []
    for delay in (0.93 * wait, 1.03 * wait):
        carriers = found.response([pulse, pulse], [0.0, delay]).carriers
        counts.append(np.sum((carriers[1:] >= level) & (carriers[:-1] < level)))
    assert counts == [1, 2]


def test_far_from_the_onset_there_is_no_threshold():
    with pytest.raises(ConvergenceError, match=r"grows gradually.*a threshold: p\^5"):
        excitability_threshold(
            RING, 0.02e-3, DURATION, detuning=RING.detuning(half_linewidths=2), window=2e-7
        )


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"power": 0.0}, "power must be > 0"),
        ({"duration": 0.0}, "duration must be > 0 s"),
        ({"quantity": "heat"}, "quantity must be one of"),
        ({"power_max": -1.0}, "power_max must"),
        ({"window": 0.0}, "window must be > 0 s"),
        ({"power": 0.8e-3}, "the ring pulses by itself"),
    ],
)
def test_wrong_arguments_are_named(changes, message):
    given = {"ring": RING, "power": POWER, "duration": DURATION, "detuning": 0.0, **changes}
    with pytest.raises(ParameterError, match=message):
        excitability_threshold(**given)


def test_wrong_factors_are_named(found):
    with pytest.raises(ParameterError, match="factor must be > 1"):
        found.refractory_time(factor=0.9)
    assert found.as_dict()["quantity"] == "carriers"
