"""Dynamics that papers report, in time: self-pulsation slow and fast, coexisting states, hysteresis.

Digitised figures and the digits of a reference solver that shares no code with this package are named where
they are used; Van Vaerenbergh's ring and its 2012 papers are those of `photonic.parameters`.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from photonic.dynamics import simulate
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.stability import folds, hopf_points, steady_states

RED = VV.detuning(62e-12)


def periods(times: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Times between rises of ``values`` through their middle, in straight lines between samples."""
    middle = (values.max() + values.min()) / 2
    up = np.flatnonzero((values[:-1] < middle) & (values[1:] >= middle))
    at = times[up] + (middle - values[up]) / (values[up + 1] - values[up]) * (times[up + 1] - times[up])
    return np.diff(at)


def test_self_pulsation_of_figure_3() -> None:
    """A9: Opt. Express 20, 20292, Fig. 3: 0.6 mW, +62 pm, from 0.7 K.

    Digitised: period 77.76 ns, ΔT 1.16–2.036 K, N up to 1.298e23; reference solver: 78.155 ns,
    1.172–2.047 K, 1.289e23 1/m³.
    """
    times = np.linspace(0, 1.5e-6, 30_001)
    trace = simulate(VV, 0.6e-3, times, detuning=RED, initial={"temperature": 0.7})
    late = times > 0.5e-6
    period = periods(times[late], trace.temperature[late])
    assert period.size >= 10
    assert np.ptp(period) < 1e-4 * period.mean()
    assert period.mean() == pytest.approx(77.76e-9, rel=0.02)
    assert period.mean() == pytest.approx(78.155e-9, rel=1e-4)
    heat = trace.temperature[late]
    assert (heat.min(), heat.max()) == pytest.approx((1.16, 2.036), rel=0.02)
    assert (heat.min(), heat.max()) == pytest.approx((1.172, 2.047), rel=1e-3)
    assert trace.carriers[late].max() == pytest.approx(1.298e23, rel=0.03)
    assert trace.carriers[late].max() == pytest.approx(1.289e23, rel=1e-3)


def test_a_calm_state_coexists_with_the_pulses() -> None:
    """At the same point a stable low state, in which a cold ring stays.

    Reference solver: U = 3.746e-15 J, ΔT = 0.187 K, transmission 0.937.
    """
    low, *others = steady_states(VV, 0.6e-3, RED)
    assert (low.stable, [s.stable for s in others]) == (True, [False, False])
    for state in (low, simulate(VV, 0.6e-3, [0.0, 2e-6], detuning=RED)):
        assert np.ravel(state.energy)[-1] == pytest.approx(3.746e-15, rel=1e-3)
        assert np.ravel(state.temperature)[-1] == pytest.approx(0.187, rel=3e-3)
    assert low.through / 0.6e-3 == pytest.approx(0.937, rel=1e-3)
    cold = simulate(VV, 0.6e-3, [0.0, 1e-6, 2e-6], detuning=RED)
    assert cold.energy[1] == pytest.approx(low.energy, rel=1e-3)
    assert cold.energy[2] == pytest.approx(low.energy, rel=1e-6)
    assert cold.power_through[-1] == pytest.approx(low.through, rel=1e-6)


def test_following_at_once_hardly_changes_the_pulses() -> None:
    """Photons live 1/50 of a carrier lifetime: 77.4 ns with the field slaved (SciPy), 78.155 ns without."""
    times = np.linspace(0, 1e-6, 20_001)
    trace = simulate(
        VV, 0.6e-3, times, detuning=RED, initial={"temperature": 0.7}, method="slaved", rtol=1e-7
    )
    late = times > 0.4e-6
    assert periods(times[late], trace.temperature[late]).mean() == pytest.approx(77.4036e-9, rel=1e-5)
    assert trace.temperature[late].max() == pytest.approx(2.04032, rel=1e-5)


def test_kerr_hysteresis_under_a_slow_triangle(kerr_ring: Any) -> None:
    """A12: 0–12–0 mW in 8 µs, −3 half-linewidths: up-jump 9.28 mW, down-jump 5.28 mW, near the folds."""
    detuning = kerr_ring.detuning(half_linewidths=-3.0)
    times = np.linspace(0, 8e-6, 40_001)

    def triangle(t: Any) -> Any:
        return 12e-3 * (1 - np.abs(t / 4e-6 - 1))

    trace = simulate(kerr_ring, triangle, times, detuning=detuning)
    steps, half = np.diff(trace.energy), times.size // 2
    up = triangle(times[np.argmax(steps[:half])])
    down = triangle(times[half + np.argmin(steps[half:])])
    assert up == pytest.approx(9.28e-3, rel=0.02)
    assert down == pytest.approx(5.28e-3, rel=0.02)
    high, low = sorted((point.power for point in folds(kerr_ring, detuning)), reverse=True)
    assert up > high
    assert down < low


# ------------------------------------------------------------------ fast self-pulsation
@pytest.mark.parametrize(
    ("lifetime", "half_linewidths", "power", "frequency"),
    [(30e-12, 0.0, 24.9e-3, 8.3e9), (30e-12, 4.0, 21.5e-3, 8.5e9), (100e-12, 4.0, 9.0e-3, 5.4e9)],
)
def test_fast_self_pulsation_without_heat(
    lifetime: float, half_linewidths: float, power: float, frequency: float
) -> None:
    """Several GHz and more with carriers of tens of ps and no heat at all (Opt. Express 20, 7454 (2012)).

    In time: still below the Hopf point, above it an oscillation that grows as the square root, at the
    frequency and with the size that the analysis of the steady state gives.
    """
    ring = dataclasses.replace(VV.with_effects(heating=False), carrier_lifetime=lifetime)
    detuning = ring.detuning(half_linewidths=half_linewidths)
    point = hopf_points(ring, detuning, 50e-3)[0]
    assert point.power == pytest.approx(power, rel=0.01)
    assert point.frequency == pytest.approx(frequency, rel=0.01)
    assert (point.criticality, point.cycle_side) == ("supercritical", "above")
    sizes, frequencies = [], []
    for above in (0.01, 0.04):
        excess = above * point.power
        settle = 8 / (point.growth * excess)
        times = settle + np.linspace(0, 20 / point.frequency, 4001)
        steady = next(
            s for s in steady_states(ring, point.power + excess, detuning)
            if abs(s.energy - point.energy) < 0.1 * point.energy
        )  # fmt: skip
        assert not steady.stable
        size = math.sqrt(point.growth * excess / -point.lyapunov)
        turn = steady_field(ring, detuning, steady)
        start = {"field": turn * (1 + size / 4), "carriers": steady.carriers}
        trace = simulate(
            ring, point.power + excess, np.concatenate([[0.0], times]), detuning=detuning, initial=start
        )
        energy = trace.energy[1:]
        frequencies.append(1 / periods(times, energy).mean())
        sizes.append(np.ptp(energy) / 2 / energy.mean())
        assert sizes[-1] == pytest.approx(size, rel=0.1)
    assert sizes[1] / sizes[0] == pytest.approx(2.0, rel=0.1)
    at_onset = frequencies[0] - (frequencies[1] - frequencies[0]) / 3
    assert at_onset == pytest.approx(point.frequency, rel=5e-4)
    below = simulate(
        ring, 0.96 * point.power, np.concatenate([[0.0], times]), detuning=detuning, initial=start
    )
    assert np.ptp(below.energy[-400:]) < 0.01 * sizes[0] * below.energy[-1]


def steady_field(ring: Any, detuning: float, steady: Any) -> complex:
    """a = √(γ_c P)/(γ/2 − iδ) of a steady state, its phase from the light that goes through."""
    size = math.sqrt(steady.energy)
    root, pull = math.sqrt(steady.power), math.sqrt(ring.coupling_rate)
    cosine = (steady.power + pull**2 * steady.energy - steady.through) / (2 * root * pull * size)
    found = [size * complex(cosine, s * math.sqrt(1 - cosine**2)) for s in (1, -1)]
    moves = [
        abs(np.diff(simulate(ring, steady.power, [0.0, 1e-13], detuning=detuning, initial={
            "field": a, "carriers": steady.carriers, "temperature": steady.temperature}).field)[0])
        for a in found
    ]  # fmt: skip
    return found[int(np.argmin(moves))]


def test_slow_carriers_alone_do_not_pulsate() -> None:
    """Without heat and with carriers of 1 ns or more there is no Hopf point up to 1 W."""
    for half_linewidths in (-4.0, 0.0, 4.0, 8.0):
        ring = dataclasses.replace(VV.with_effects(heating=False), carrier_lifetime=1e-9)
        assert hopf_points(ring, ring.detuning(half_linewidths=half_linewidths), 1.0) == ()
