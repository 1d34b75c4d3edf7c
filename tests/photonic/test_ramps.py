"""Loops in time against the folds of the steady states, and how fast they get there."""

import math

import numpy as np
import pytest

from photonic.devices import RingThrough
from photonic.errors import ParameterError
from photonic.parameters import VAN_VAERENBERGH_2012 as RING
from photonic.ramps import hysteresis


@pytest.fixture(scope="module")
def loop(kerr_ring):
    return hysteresis(kerr_ring, 12e-3, 8e-6, detuning=kerr_ring.detuning(half_linewidths=-3))


def test_the_kerr_loop(loop):
    # acceptance A12: an independent solver jumps at 9.28 and 5.28 mW; folds (A6) at 9.26165 and 5.29880 mW
    assert loop.up_power == pytest.approx(9.28e-3, rel=0.02)
    assert loop.down_power == pytest.approx(5.28e-3, rel=0.02)
    assert (loop.up_power, loop.down_power) == pytest.approx((9.28e-3, 5.28e-3), rel=1e-3)
    assert [point.power for point in loop.folds] == pytest.approx([9.26165e-3, 5.29880e-3], rel=1e-4)
    assert loop.up_jumps[0].up
    assert not loop.down_jumps[0].up


def test_jumps_come_late_by_the_law_of_the_saddle_node(kerr_ring, loop):
    # delay ∝ (ramp rate)^(2/3): an eighth of the rate, a quarter of the delay
    detuning = kerr_ring.detuning(half_linewidths=-3)
    quick = hysteresis(kerr_ring, 12e-3, 1e-6, detuning=detuning)
    late = [(abs(one.up_power - one.folds[0].power), abs(one.down_power - one.folds[1].power))
            for one in (quick, loop)]  # fmt: skip
    assert np.divide(*late) == pytest.approx([4, 4], rel=0.05)
    assert loop.up_power > loop.folds[0].power
    assert loop.down_power < loop.folds[1].power


def test_both_branches_are_there(loop):
    up, down = loop.branch("power_out", "up"), loop.branch("power_out", "down")
    assert up[0][0] == 0.0
    assert up[0][-1] == down[0][0] == pytest.approx(12e-3)
    assert np.all(np.diff(up[0]) > 0)
    assert np.all(np.diff(down[0]) < 0)
    inside = np.interp(7e-3, *up), np.interp(7e-3, down[0][::-1], down[1][::-1])
    device = RingThrough(loop.trace.source.device.ring, loop.trace.source.device.detuning)
    static = [float(device.transfer(7e-3, sweep=way)) for way in ("up", "down")]
    assert inside == pytest.approx(static, rel=1e-3)


def test_the_power_goes_up_and_down_in_straight_lines(loop):
    times, power = loop.trace.times, loop.trace.power_in
    assert power == pytest.approx(12e-3 * (1 - np.abs(times / 4e-6 - 1)), abs=1e-9 * 12e-3)
    assert np.argmax(power) == loop.turn
    assert loop.trace.at([1e-6, 6.5e-6]).power_in == pytest.approx([3e-3, 4.5e-3], rel=1e-9)


def test_a_single_valued_ring_has_no_loop():
    loop = hysteresis(RING.with_effects(heating=False), 0.5e-3, 10e-6, detuning=0.0)
    assert loop.jumps == loop.folds == ()
    assert math.isnan(loop.up_power)
    assert math.isnan(loop.down_power)
    up, down = loop.branch("power_out", "up"), loop.branch("power_out", "down")
    assert down[1][::-1] == pytest.approx(up[1], rel=0.02, abs=1e-6)


def test_where_the_upper_branch_pulses_the_way_up_still_ends_at_the_fold():
    loop = hysteresis(RingThrough(RING, RING.detuning(62e-12)), 1e-3, 30e-6, ratio=10.0)
    # 30 µs are 460 thermal lifetimes: late by about 460^(−2/3) of the range
    assert loop.folds[0].power < loop.up_power < loop.folds[0].power * 1.15
    assert loop.as_dict()["folds"][0]["power"] == pytest.approx(0.68565e-3, rel=1e-4)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"power_max": 0.0}, "power_max must be > 0"),
        ({"duration": 0.0}, "duration must be > 0 s"),
        ({"points": 1}, "points must be an integer >= 3"),
        ({"detuning": None}, "detuning"),
    ],
)
def test_wrong_arguments_are_named(changes, message):
    given = {"ring": RING, "power_max": 1e-3, "duration": 1e-6, "detuning": 0.0, **changes}
    with pytest.raises(ParameterError, match=message):
        hysteresis(**given)
