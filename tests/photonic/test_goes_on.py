"""`simulate` and what stands on it go on from the end of an earlier `Trace`."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from photonic.drive import Drive
from photonic.dynamics import simulate
from photonic.errors import ParameterError
from photonic.parameters import ALDAYA_2017, RIB_THERMAL_MODES
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.ramps import hysteresis

RED = VV.detuning(62e-12)
WARM = {"temperature": 0.7}
FULL = dataclasses.replace(VV, traps=ALDAYA_2017, thermal_modes=RIB_THERMAL_MODES)


@pytest.mark.parametrize("ring", [VV, FULL], ids=["ring", "traps and modes"])
def test_two_halves_are_the_whole(ring) -> None:
    # independent of each other: one run, and two of which the second starts in the state of the first
    times = np.linspace(0, 200e-9, 41)
    whole = simulate(ring, 0.6e-3, times, detuning=RED, initial=WARM)
    half = simulate(ring, 0.6e-3, times[:21], detuning=RED, initial=WARM)
    rest = simulate(ring, 0.6e-3, times[20:], detuning=RED, initial=half)
    assert np.array_equal(rest.states[0], half.states[-1])
    largest = np.max(np.abs(whole.states), axis=0)
    assert np.max(np.abs(rest.states - whole.states[20:]) / largest) < 1e-7


def test_the_new_times_may_begin_anywhere() -> None:
    half = simulate(VV, 0.6e-3, [0.0, 100e-9], detuning=RED, initial=WARM)
    one = simulate(VV, 0.6e-3, [100e-9, 150e-9], detuning=RED, initial=half)
    two = simulate(VV, 0.6e-3, [0.0, 50e-9], detuning=RED, initial=half)
    assert one.states == pytest.approx(two.states, rel=1e-7)


def test_a_batch_goes_on_ring_by_ring() -> None:
    rings = dataclasses.replace(VV, carrier_lifetime=np.array([1e-9, 5.3e-9]))
    half = simulate(rings, 0.6e-3, [0.0, 20e-9], detuning=RED)
    rest = simulate(rings, 0.6e-3, [0.0, 20e-9], detuning=RED, initial=half)
    for k, lifetime in enumerate((1e-9, 5.3e-9)):
        ring = dataclasses.replace(VV, carrier_lifetime=lifetime)
        alone = simulate(ring, 0.6e-3, [0.0, 20e-9], detuning=RED)
        alone = simulate(ring, 0.6e-3, [0.0, 20e-9], detuning=RED, initial=alone)
        assert np.array_equal(rest.states[k], alone.states)


def test_a_loop_starts_where_a_trace_ended() -> None:
    before = simulate(VV, 0.0, [0.0, 10e-9], detuning=RED, initial=WARM)
    loop = hysteresis(VV, 0.1e-3, 100e-9, detuning=RED, initial=before, points=5)
    assert loop.trace.temperature[0] == before.temperature[-1]


def test_another_kind_of_ring_is_refused() -> None:
    before = simulate(FULL, 0.1e-3, [0.0, 1e-9], detuning=RED)
    message = "initial must be of the same kind of ring, with 4 variables, got a trace of 13"
    with pytest.raises(ParameterError, match=message):
        simulate(VV, Drive.constant(0.1e-3, 0, 1e-9), [0.0, 1e-9], detuning=RED, initial=before)
