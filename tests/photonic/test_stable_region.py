"""Detunings with one stable state: against the closed forms of single effects, and against counted states."""

from __future__ import annotations

import dataclasses
import math
import re

import numpy as np
import pytest

from photonic.errors import ParameterError
from photonic.parameters import RIB_RING
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.stability import folds, hopf_points, steady_states
from photonic.stable_region import check_stable, stable_detunings, stable_power
from photonic.units import SPEED_OF_LIGHT

HALF = float(VV.linewidth) / 2
CARRIERS_ONLY = VV.with_effects(
    kerr=False, two_photon_loss=False, free_carrier_absorption=False, heating=False
)


def in_half_linewidths(ring, power_max, **more):
    half = float(ring.linewidth) / 2
    return [end / half for end in stable_detunings(ring, power_max, **more)]


def test_dispersion_of_carriers_alone_folds_beyond_half_the_root_of_five() -> None:
    found = in_half_linewidths(CARRIERS_ONLY, 5e-3, margin=0.0)
    assert found == pytest.approx([-4.0, math.sqrt(5) / 2], rel=1e-6)


def test_the_margin_is_kept_where_stability_ends_and_only_there() -> None:
    found = in_half_linewidths(CARRIERS_ONLY, 5e-3, margin=0.2 * HALF)
    assert found == pytest.approx([-4.0, math.sqrt(5) / 2 - 0.2], rel=1e-6)
    found = in_half_linewidths(CARRIERS_ONLY, 5e-3)
    assert found == pytest.approx([-4.0, math.sqrt(5) / 2 - 0.05], rel=1e-6)


def test_absorption_of_carriers_moves_the_end_by_its_formula() -> None:
    """|Δ_c| = (9f + 2√5 (1 + f²))/(4 − 5f²), f = Γσc/(2ω|dn/dN|)."""
    ring = VV.with_effects(kerr=False, two_photon_loss=False, heating=False)
    omega = 2 * math.pi * SPEED_OF_LIGHT / 1552.770e-9
    f = 0.9996 * 1.0e-21 * SPEED_OF_LIGHT / (2 * omega * 1.73e-27)
    wanted = (9 * f + 2 * math.sqrt(5) * (1 + f**2)) / (4 - 5 * f**2)
    found = in_half_linewidths(ring, 20e-3, margin=0.0)
    assert found == pytest.approx([-4.0, wanted], rel=1e-5)


def test_kerr_effect_alone_folds_beyond_the_root_of_three_above_its_critical_power(kerr_ring) -> None:
    """P_crit = 2.80216 mW (acceptance test A6)."""
    low, high = in_half_linewidths(kerr_ring, 2.9e-3, margin=0.0)
    assert (low, high) == pytest.approx((-math.sqrt(3), 4.0), rel=1e-6)
    assert in_half_linewidths(kerr_ring, 2.79e-3) == pytest.approx([-4.0, 4.0])


@pytest.mark.parametrize(
    ("ring", "power_max"),
    [(RIB_RING.with_effects(heating=False), 2e-3), (VV, 0.4e-3), (VV, 0.1e-3), (RIB_RING, 1e-3)],
    ids=["rib ring, frozen heat", "VV, cw, 0.4 mW", "VV, cw, 0.1 mW", "rib ring, cw"],
)
def test_inside_there_is_one_stable_state_and_just_outside_there_is_not(ring, power_max: float) -> None:
    half = float(ring.linewidth) / 2
    low, high = stable_detunings(ring, power_max, margin=0.0)

    def sound(detuning: float) -> bool:
        states = [steady_states(ring, p, detuning) for p in np.linspace(0, power_max, 60)[1:]]
        turns = [point.power for point in (*folds(ring, detuning), *hopf_points(ring, detuning, power_max))]
        return all(len(s) == 1 and s[0].stable for s in states) and not any(p <= power_max for p in turns)

    inside = np.linspace(low + 1e-4 * half, high - 1e-4 * half, 9)
    assert all(sound(float(detuning)) for detuning in inside)
    ends = [end for end in (low - 0.02 * half, high + 0.02 * half) if abs(end) < 4 * half]
    assert ends
    assert not any(sound(end) for end in ends)


def test_the_default_neuron_is_stable_up_to_the_same_detuning_at_every_power() -> None:
    """The fold's cusp lies at 0.3 mW: what a larger power adds lies beyond it."""
    ring = RIB_RING.with_effects(heating=False)
    found = [in_half_linewidths(ring, power) for power in (1e-3, 2e-3, 20e-3)]
    assert np.ptp([low for low, _ in found]) == 0
    assert np.ptp([high for _, high in found]) < 1e-6
    assert found[0] == pytest.approx([-4.0, 1.158], abs=2e-3)  # regression


@pytest.mark.parametrize("side", [-1, 1])
def test_a_margin_is_kept_at_both_ends(side: int, kerr_ring) -> None:
    """Carriers alone fold from +√5/2 on, the Kerr effect alone from −√3 on."""
    ring, end = (CARRIERS_ONLY, math.sqrt(5) / 2) if side > 0 else (kerr_ring, -math.sqrt(3))
    found = in_half_linewidths(ring, 5e-3, margin=0.2 * HALF)
    assert found[side > 0] == pytest.approx(end - side * 0.2, rel=1e-6)


def test_a_narrow_fold_between_the_grid_is_seen(kerr_ring) -> None:
    """Just above the critical power of acceptance test A6."""
    low, _ = in_half_linewidths(kerr_ring, 2.80216e-3 * 1.0001, margin=0.0)
    assert low == pytest.approx(-math.sqrt(3), rel=1e-6)


def test_the_interval_is_the_one_around_a_given_detuning() -> None:
    """Between two stable intervals of the hot ring there is self-pulsation."""
    half = float(RIB_RING.linewidth) / 2
    red = in_half_linewidths(RIB_RING, 1e-3, around=-3.0 * half, margin=0.0)
    blue = in_half_linewidths(RIB_RING, 1e-3, around=2.7 * half, margin=0.0)
    assert red[0] == -4.0
    assert red[1] < blue[0] < 2.7
    assert blue[1] == pytest.approx(4.0)
    assert in_half_linewidths(RIB_RING, 1e-3, around=2.7 * half) == pytest.approx([blue[0] + 0.05, 4.0])
    far = in_half_linewidths(RIB_RING, 1e-3, around=7.5 * half, margin=0.0)
    assert far == pytest.approx([blue[0], 8.5], rel=1e-8)


def test_a_self_pulsating_detuning_is_named_with_its_power() -> None:
    """Van Vaerenbergh's hot ring at −1 half-linewidths: the first Hopf point, at 0.169 mW."""
    hopf = min(point.power for point in hopf_points(VV, -HALF, 1e-3))
    assert hopf == pytest.approx(0.169e-3, rel=5e-3)
    words = f"self-pulsates from {hopf:.4g} W; choose another one"
    for call in (lambda: check_stable(VV, 0.6e-3, (-HALF, -HALF)),
                 lambda: stable_detunings(VV, 0.6e-3, around=-HALF)):  # fmt: skip
        with pytest.raises(ParameterError, match=words):
            call()
    check_stable(VV, 0.16e-3, (-HALF, -HALF))


def test_a_range_with_an_unstable_part_is_refused_and_its_stable_part_named() -> None:
    end = math.sqrt(5) / 2 * HALF
    check_stable(CARRIERS_ONLY, 5e-3, (-3 * HALF, 0.999 * end))
    with pytest.raises(ParameterError, match="has several states from") as refused:
        check_stable(CARRIERS_ONLY, 5e-3, (-3 * HALF, 2 * HALF))
    numbers = [float(n) for n in re.findall(r"\[([^],]+), ([^]]+)\] rad/s is stable", str(refused.value))[0]]
    assert numbers == pytest.approx([-3 * HALF, end], rel=1e-5)
    with pytest.raises(ParameterError, match="no detuning of these is stable"):
        check_stable(CARRIERS_ONLY, 5e-3, (1.5 * HALF, 2 * HALF))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"power_max": 0.0}, "power_max must be > 0"),
        ({"power_max": [1e-3, 2e-3]}, "power_max must be one number"),
        ({"within": (1e9, -1e9)}, "within must be two rising detunings"),
        ({"within": 1e9}, "within must be two rising detunings"),
        ({"around": 5 * HALF, "within": (-HALF, 4 * HALF)}, "around must lie in"),
        ({"margin": -1.0}, "margin must be >= 0"),
        ({"margin": 1e12}, "narrower than the margins"),
        ({"within": (1.3 * HALF, 1.4 * HALF)}, "no detuning has one stable state up to 0.005 W"),
        ({"ring": dataclasses.replace(VV, coupling_rate=np.array([1e10, 2e10]))}, "one ring"),
        ({"ring": "VV"}, "ring must be a Ring"),
    ],
)
def test_wrong_input_is_refused(change, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        stable_detunings(**{"ring": CARRIERS_ONLY, "power_max": 5e-3, **change})


def test_power_up_to_which_there_is_one_stable_state() -> None:
    """Against the folds and Hopf points of each detuning alone."""
    detunings = np.array([-2.5, -1.0, 0.0, 3.0]) * HALF
    found = stable_power(VV, 2e-3, detunings)
    for power, detuning in zip(found, detunings, strict=True):
        hopf = [point.power for point in hopf_points(VV, detuning, 2e-3)]
        fold = [point.power for point in folds(VV, detuning)]
        assert power == pytest.approx(min([2e-3, *hopf, *fold]), rel=1e-6)
    assert len(set(found)) > 2
    assert stable_power(VV, 0.05e-3, 0.0).tolist() == [0.05e-3]
    with pytest.raises(ParameterError, match="detuning must be finite"):
        stable_power(VV, 1e-3, math.nan)
