"""Simulation in time against closed forms, steady states and SciPy on equations written out apart."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest

from photonic.cavity import Cavity
from photonic.devices import CavityLoadedMZI, RingDrop, RingThrough
from photonic.drive import Drive
from photonic.dynamics import simulate
from photonic.errors import ConvergenceError
from photonic.extensions import ThermalModes
from photonic.parameters import ALDAYA_2017, GIRON_CASTRO_2024, RIB_RING, RIB_THERMAL_MODES
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.silicon import SOREF_BENNETT_1987
from photonic.stability import steady_states

RED = VV.detuning(62e-12)
hot = pytest.mark.filterwarnings("ignore::photonic.errors.OutsideValidityWarning")  # random rings may be


def sizes(states: np.ndarray) -> np.ndarray:
    """Largest size of each variable, the field as one; 1 where there is none."""
    size = np.max(np.abs(states), axis=0)
    size[:2] = math.hypot(size[0], size[1])
    size[size == 0] = 1.0
    return size


def onset_power(ring: Any, detuning: float, most: float = 0.3) -> float:
    """A power at which the ring is clearly nonlinear, 1e-4 W for a linear one."""
    half = float(ring.linewidth) / 2
    power = float(Cavity(ring, detuning).onset_energy()) * (half**2 + detuning**2 / 4) / ring.coupling_rate
    return min(power, most) if math.isfinite(power) else 1e-4


# ------------------------------------------------------------------ closed forms
def test_free_decay() -> None:
    """A8: carriers, heat and (all effects off) the field fall to e⁻¹ in their lifetimes; phase turns."""
    times = np.array([0.0, 5.3e-9, 65e-9])
    start = {"carriers": 1e23, "temperature": 2.0}
    trace = simulate(VV, 0.0, times, detuning=0.0, initial=start)
    assert trace.carriers[1] == pytest.approx(1e23 / math.e, rel=1e-9)
    assert trace.temperature[2] == pytest.approx(2.0 / math.e, rel=1e-9)
    off = VV.with_effects(
        kerr=False,
        two_photon_loss=False,
        free_carrier_absorption=False,
        free_carrier_dispersion=False,
        heating=False,
    )
    off = dataclasses.replace(off, thermo_optic=0.0)
    times = np.array([0.0, 51.25e-12])
    trace = simulate(off, 0.0, times, detuning=3e10, initial={"field": 1e-8j})
    expected = 1e-8j * np.exp((1j * 3e10 - off.linewidth / 2) * times)
    assert trace.energy[1] / 1e-16 == pytest.approx(1 / math.e, rel=1e-4)
    assert np.allclose(trace.field, expected, rtol=1e-9, atol=0.0)


def test_thermal_modes_cool_each_at_its_own_rate() -> None:
    """An initial temperature is shared out as it settles: T(t) = T(0) Σ share exp(−t/τ)."""
    modes = ThermalModes(shares=(0.2, 0.5, 0.3), lifetimes=(5e-9, 60e-9, 900e-9))
    ring = dataclasses.replace(VV, thermal_modes=modes)
    times = np.linspace(0, 1e-6, 21)
    trace = simulate(ring, 0.0, times, detuning=0.0, initial={"temperature": 1.5})
    shares, taus = np.array(modes.shares), np.array(modes.lifetimes)
    assert np.allclose(trace.temperature, 1.5 * (shares * np.exp(-times[:, None] / taus)).sum(1), rtol=1e-8)


def test_linear_ring_superposes() -> None:
    """Without effects the field is linear in the drive: a pulse and its tail, by the closed form."""
    ring = dataclasses.replace(
        VV, two_photon_absorption=0.0, kerr_index=0.0, thermo_optic=0.0, drop_coupling_rate=2e9
    )
    rate = ring.linewidth / 2 - 1j * RED
    edges = np.array([0.0, 0.1e-9, 0.7e-9, 2e-9])
    times = np.linspace(0, 2e-9, 41)
    trace = simulate(ring, Drive.held(edges, [1e-3, 0.0, 2e-3]), times, detuning=RED, rtol=1e-11)
    expected = np.zeros(times.size, dtype=complex)
    for low, high, power in zip(edges[:-1], edges[1:], (1e-3, 0.0, 2e-3), strict=True):
        drive = math.sqrt(ring.coupling_rate * power)
        since, past = np.clip(times - low, 0, None), np.clip(times - high, 0, None)
        expected += drive / rate * (np.exp(-rate * past) - np.exp(-rate * since))
    assert np.max(np.abs(trace.field - expected)) < 1e-10 * np.max(np.abs(expected))
    root = np.sqrt(np.concatenate([[1e-3], trace.power_in[1:]]))
    assert np.allclose(
        trace.power_through, np.abs(root - math.sqrt(ring.coupling_rate) * trace.field) ** 2, rtol=1e-12
    )
    assert np.allclose(trace.power_drop, 2e9 * trace.energy, rtol=1e-12)


# ------------------------------------------------------------------ steady states stand still
@hot
@pytest.mark.parametrize("seed", range(40))
def test_steady_states_are_fixed_points(seed: int, random_extended: Any) -> None:
    """Every branch, stable or not, moves by less than 1e-9 in a photon lifetime.

    A power law of the densities turns straight below 1e16 1/m³ in time; its share (1e16/N)² is allowed.
    """
    rng = np.random.default_rng(seed)
    ring = random_extended(rng)
    detuning = float(rng.uniform(-6, 6) * ring.linewidth / 2)
    power = onset_power(ring, detuning) * float(10 ** rng.uniform(-1, 1))
    for steady in steady_states(ring, power, detuning):
        trace = simulate(
            ring, power, [0.0, 1 / ring.linewidth], detuning=detuning, initial=steady, rtol=1e-12
        )
        bound = 1e-9
        if ring.index_law is not None and steady.carriers > 0:
            bound += 10 * (1e16 / steady.carriers) ** 2
        assert abs(trace.field[1] - trace.field[0]) < bound * abs(trace.field[0])
        assert trace.energy == pytest.approx(steady.energy, rel=2 * bound)
        assert trace.carriers == pytest.approx(steady.carriers, rel=bound)
        assert trace.temperature == pytest.approx(steady.temperature, rel=bound)
        assert trace.power_through[1] == pytest.approx(steady.through, rel=bound, abs=bound * power)
        assert trace.power_drop[1] == pytest.approx(steady.drop, rel=2 * bound, abs=0.0)


@pytest.mark.parametrize("heating", [True, False])
def test_devices_settle_at_their_steady_states(heating: bool) -> None:
    """Through, drop, bar and cross power in time end where `steady_states` says."""
    two_buses = GIRON_CASTRO_2024.with_effects(heating=heating)
    ring = VV.with_effects(heating=heating)
    devices = [
        RingThrough(two_buses, two_buses.detuning(half_linewidths=2.0)),
        RingDrop(two_buses, two_buses.detuning(half_linewidths=2.0)),
        CavityLoadedMZI(ring, ring.detuning(half_linewidths=1.0), 0.875 * math.pi, 0.3, 0.5, port="cross"),
        CavityLoadedMZI(ring, ring.detuning(half_linewidths=2.0), 0.2, 0.6, 0.3, port="bar"),
    ]
    for device in devices:
        steady = steady_states(device, 1e-4)[0]
        assert steady.stable
        trace = simulate(device, 1e-4, [0.0, 3e-6], rtol=1e-10)
        assert trace.energy[-1] == pytest.approx(steady.energy, rel=1e-8)
        assert trace.power_through[-1] == pytest.approx(steady.through, rel=1e-8)
        assert trace.power_drop[-1] == pytest.approx(steady.drop, rel=1e-8)
        first = isinstance(device, RingThrough) or getattr(device, "port", "") == "bar"
        assert np.array_equal(trace.power_out, trace.power_through if first else trace.power_drop)
        assert trace.power_out[-1] == pytest.approx(float(device.transfer(1e-4)), rel=1e-8)
        still = simulate(device, 1e-4, np.linspace(0, 1e-9, 5), initial=steady)
        assert np.allclose(still.energy, steady.energy, rtol=1e-9, atol=0.0)
        assert np.allclose(still.power_drop, steady.drop, rtol=1e-8, atol=0.0)


def test_powers_of_an_interferometer_add_up() -> None:
    """Bar + cross = P (k + (1 − k)|t|²): couplers lose nothing."""
    device = CavityLoadedMZI(VV, RED, 0.4, 0.3, 0.7, port="bar")
    times = np.linspace(0, 5e-9, 101)
    trace = simulate(device, 1e-3, times)
    arm = math.sqrt(0.7e-3) - math.sqrt(VV.coupling_rate) * trace.field
    assert np.allclose(trace.power_through + trace.power_drop, 0.3e-3 + np.abs(arm) ** 2, rtol=1e-12)


# ------------------------------------------------------------------ against SciPy
@hot
@pytest.mark.parametrize("seed", range(12))
def test_random_rings_under_random_steps(
    seed: int, random_extended: Any, reference: Any, true_error: Any
) -> None:
    """True error below 10 rtol, from 1e-4 to 1e-11, for every variable."""
    rng = np.random.default_rng(100 + seed)
    ring = random_extended(rng)
    detuning = float(rng.uniform(-6, 6) * ring.linewidth / 2)
    span, steps = float(10 ** rng.uniform(-9, -8)), 8
    power = onset_power(ring, detuning) * 10 ** rng.uniform(-1, 1.5, steps)
    power[rng.random(steps) < 0.2] = 0.0
    edges = np.concatenate([[0.0], np.sort(rng.uniform(0, span, steps - 1)), [span]])
    times = np.sort(np.concatenate([edges, rng.uniform(0, span, 4)]))
    found = {
        rtol: simulate(ring, Drive.held(edges, power), times, detuning=detuning, rtol=rtol).states
        for rtol in (1e-4, 1e-6, 1e-8, 1e-11)
    }
    model = reference(ring, detuning)
    exact = model.solve(lambda t, k: power[k], times, sizes(found[1e-8]), edges[1:-1])
    for rtol, states in found.items():
        assert true_error(states, exact) < 10 * rtol


@pytest.mark.parametrize("method", ["DOP853", "Radau"])
def test_all_effects_and_extensions_at_once(method: str, reference: Any, true_error: Any) -> None:
    """Two integrators that share nothing with this one, on the ring with everything in it."""
    modes = ThermalModes(shares=(0.2, 0.5, 0.3), lifetimes=(5e-9, 60e-9, 900e-9))
    ring = dataclasses.replace(
        VV,
        kerr_index=4.5e-18,
        kerr_volume=2.59e-18,
        drop_coupling_rate=3e9,
        traps=ALDAYA_2017,
        thermal_modes=modes,
        index_law=SOREF_BENNETT_1987,
    )
    times = np.linspace(0, 3e-9, 4)
    trace = simulate(ring, 2e-3, times, detuning=RED, rtol=1e-11)
    exact = reference(ring, RED).solve(lambda t, k: 2e-3, times, sizes(trace.states), method=method)
    assert true_error(trace.states, exact) < 1e-10


def test_smooth_drive(reference: Any, true_error: Any) -> None:
    """A function of time that touches 0, where √P has a kink."""
    times = np.linspace(0, 6e-9, 13)

    def power(t: Any) -> Any:
        return 1.5e-3 * np.sin(2 * np.pi * 0.31e9 * t) ** 2

    kinks = np.arange(1, 5) / (2 * 0.31e9)
    for rtol in (1e-5, 1e-8, 1e-10):
        trace = simulate(VV, power, times, detuning=RED, rtol=rtol)
        exact = reference(VV, RED).solve(lambda t, k: power(t), times, sizes(trace.states), kinks)
        assert true_error(trace.states, exact) < 10 * rtol
        assert np.allclose(trace.power_in, power(times), rtol=0, atol=1e-3 * rtol + 1e-14)


def test_jumps_of_a_function_are_found(reference: Any, true_error: Any) -> None:
    """Where a function of time jumps, whether it takes arrays or one number at a time."""
    at = np.array([0.7134e-9, 2.2718e-9, 3.1e-9])
    powers = np.array([0.2e-3, 2e-3, 0.0, 1e-3])
    times = np.linspace(0, 4e-9, 9)

    def by_hand(t: float) -> float:
        return float(powers[0] if t < at[0] else powers[1] if t < at[1] else powers[2] if t < at[2] else 1e-3)

    traces = [
        simulate(VV, f, times, detuning=RED, rtol=1e-10)
        for f in (by_hand, lambda t: powers[np.searchsorted(at, t, side="right")])
    ]
    exact = reference(VV, RED).solve(lambda t, k: powers[k], times, sizes(traces[0].states), at)
    for trace in traces:
        assert true_error(trace.states, exact) < 1e-9
    held = simulate(VV, Drive.held([0.0, *at, 4e-9], powers), times, detuning=RED, rtol=1e-10)
    assert true_error(traces[0].states, held.states) < 1e-9


def test_samples_are_held_until_the_next(reference: Any, true_error: Any) -> None:
    rng = np.random.default_rng(5)
    times = np.cumsum(rng.uniform(0.05e-9, 0.5e-9, 12))
    power = rng.uniform(0, 2e-3, 12)
    trace = simulate(VV, power, times, detuning=RED, rtol=1e-9)
    model = reference(VV, RED)
    exact = model.solve(lambda t, k: power[k], times, sizes(trace.states), times[1:-1])
    assert true_error(trace.states, exact) < 1e-8
    assert np.array_equal(trace.power_in[1:], np.sqrt(power[:-1]) ** 2)  # at a jump what was before
    assert trace.power_in[0] == pytest.approx(power[0], rel=1e-15)
    again = simulate(VV, list(power), list(times), detuning=RED, rtol=1e-9)
    assert np.array_equal(again.states, trace.states)


def test_start_from_any_state(reference: Any, true_error: Any) -> None:
    """Complex field, carriers and heat; and a steady state, which then feels another power."""
    times = np.array([0.0, 0.4e-9, 3e-9])
    start = {"field": (3 - 2j) * 1e-8, "carriers": 4e22, "temperature": -0.5}
    trace = simulate(VV, 1e-3, times, detuning=RED, initial=start, rtol=1e-10)
    first = np.array([3e-8, -2e-8, 4e22, -0.5])
    exact = reference(VV, RED).solve(lambda t, k: 1e-3, times, sizes(trace.states), start=first)
    assert np.allclose(trace.states[0], first, rtol=1e-14)
    assert true_error(trace.states, exact) < 1e-9

    ring = dataclasses.replace(VV, traps=ALDAYA_2017, thermal_modes=RIB_THERMAL_MODES)
    steady = steady_states(ring, 1e-4, RED)[0]
    trace = simulate(ring, 3e-4, times, detuning=RED, initial=steady, rtol=1e-10)
    first = trace.states[0]
    assert trace.carriers[0] == pytest.approx(steady.carriers, rel=1e-12)
    exact = reference(ring, RED).solve(lambda t, k: 3e-4, times, sizes(trace.states), start=first)
    assert true_error(trace.states, exact) < 1e-9


def test_short_pulse_into_a_slow_ring(reference: Any, true_error: Any) -> None:
    """1 ps in a ring of 103 ps: next to nothing gets in, and even that is right to rtol."""
    edges, powers = np.array([0.0, 1e-12, 40e-12]), (1.0, 0.0)
    times = np.array([0.0, 1e-12, 20e-12, 40e-12])
    for rtol in (1e-4, 1e-8):
        trace = simulate(VV, Drive.held(edges, powers), times, detuning=0.0, rtol=rtol)
        exact = reference(VV, 0.0).solve(lambda t, k: powers[k], times, sizes(trace.states), edges[1:-1])
        assert true_error(trace.states, exact) < 10 * rtol


def test_heat_that_only_carriers_bring(reference: Any, true_error: Any) -> None:
    """No linear absorption and no two-photon loss: nothing says at the start how hot it will get."""
    ring = dataclasses.replace(
        VV, absorption_rate=0.0, scattering_rate=9.7561e9, index_law=SOREF_BENNETT_1987
    ).with_effects(two_photon_loss=False)
    times = np.array([0.0, 1e-10, 2e-9])
    trace = simulate(ring, 1e-3, times, detuning=RED)
    exact = reference(ring, RED).solve(lambda t, k: 1e-3, times, sizes(trace.states))
    assert true_error(trace.states, exact) < 1e-8


# ------------------------------------------------------------------ batches
def test_a_batch_is_its_rings_one_by_one() -> None:
    """Bit for bit, on any number of threads, in every shape."""
    lifetimes = np.array([[3e-9], [5.3e-9]])
    ring = dataclasses.replace(
        VV, carrier_lifetime=lifetimes, coupling_rate=np.array([9e9, 9.7561e9, 1.1e10])
    )
    times = np.linspace(0, 5e-9, 30)
    powers = np.random.default_rng(2).uniform(0, 2e-3, (3, 30))
    start = {"temperature": np.array([[0.2], [0.4]]), "field": np.array([0.0, 1e-8j, 1e-8])}
    traces = [
        simulate(ring, powers, times, detuning=RED, initial=start, workers=workers)
        for workers in (None, 1, 5)
    ]
    for other in traces[1:]:
        assert np.array_equal(other.states, traces[0].states)
        assert np.array_equal(other.power_out, traces[0].power_out)
    assert traces[0].carriers.shape == (2, 3, 30)
    for i in range(2):
        for j in range(3):
            one = dataclasses.replace(
                VV, carrier_lifetime=float(lifetimes[i, 0]), coupling_rate=float(ring.coupling_rate[j])
            )
            begin = {"temperature": (0.2, 0.4)[i], "field": (0.0, 1e-8j, 1e-8)[j]}
            alone = simulate(one, powers[j], times, detuning=RED, initial=begin)
            assert np.array_equal(alone.states, traces[0].states[i, j])
            assert np.array_equal(alone.power_through, traces[0].power_through[i, j])
            assert alone.steps == traces[0].steps[i, j]


def test_batches_of_powers_detunings_and_devices() -> None:
    times = np.linspace(0, 2e-9, 11)
    powers, detunings = np.array([[1e-4], [1e-3]]), np.array([0.0, RED])
    batch = simulate(VV, powers[..., None], times, detuning=detunings)
    assert batch.energy.shape == (2, 2, 11)
    alone = simulate(VV, 1e-3, times, detuning=RED)
    assert np.array_equal(batch.states[1, 1], alone.states)
    phases = np.array([0.0, 1.0])
    devices = simulate(CavityLoadedMZI(VV, RED, phases, 0.3, port="cross"), 1e-3, times)
    alone = simulate(CavityLoadedMZI(VV, RED, 1.0, 0.3, port="cross"), 1e-3, times)
    assert np.array_equal(devices.states[0], devices.states[1])
    assert np.array_equal(devices.power_drop[1], alone.power_drop)


# ------------------------------------------------------------------ traces
def test_dense_output_meets_the_times(true_error: Any) -> None:
    times = np.linspace(0, 20e-9, 101)
    between = (times[1:] + times[:-1]) / 2
    trace = simulate(VV, 1e-3, times, detuning=RED, dense=True, rtol=1e-9)
    fine = simulate(VV, 1e-3, np.sort(np.concatenate([times, between])), detuning=RED, rtol=1e-12)
    assert true_error(trace.at(times).states, trace.states) < 1e-13
    assert true_error(trace.at(between).states, fine.states[1::2]) < 1e-8
    assert np.array_equal(trace.at(between).power_in, np.full(100, trace.power_in[0]))


def test_only_wanted_times_change_nothing() -> None:
    """The steps of the integrator do not depend on where the result is read."""
    few = simulate(VV, 1e-3, [0.0, 20e-9], detuning=RED)
    many = simulate(VV, 1e-3, np.linspace(0, 20e-9, 1001), detuning=RED)
    assert few.steps == many.steps
    assert np.array_equal(few.states[-1], many.states[-1])


def test_times_may_start_anywhere() -> None:
    times = np.linspace(0, 5e-9, 11)
    early = simulate(VV, 1e-3, times, detuning=RED)
    late = simulate(VV, 1e-3, times + 3e-6, detuning=RED)
    before = simulate(VV, Drive.constant(1e-3, -1.0, 1.0), times - 2e-9, detuning=RED)
    for other in (late, before):
        assert np.allclose(other.field, early.field, rtol=0, atol=1e-8 * np.abs(early.field).max())


def test_longest_step_is_kept() -> None:
    trace = simulate(VV, 1e-4, [0.0, 50e-9], detuning=RED, max_step=20e-12, dense=True)
    assert trace.steps_of().spans[:, 1].max() <= 20e-12 * (1 + 1e-12)
    assert trace.steps >= 2500


def test_progress_is_told() -> None:
    told: list[float] = []
    simulate(VV, np.full((4, 1), 1e-4), [0.0, 1e-9], detuning=RED, progress=told.append)
    assert told == [0.25, 0.5, 0.75, 1.0]


def test_quiet_stretches_of_fast_rings_are_short_work() -> None:
    """Q of 5,000 for 0.2 ms, 2.4 × 10⁷ photon lifetimes: the stiff method takes over, and agrees."""
    rate = 2 * math.pi * 299_792_458.0 / VV.wavelength / 5e3
    ring = dataclasses.replace(
        VV,
        coupling_rate=rate / 2,
        scattering_rate=0.3 * rate,
        absorption_rate=0.2 * rate,
        two_photon_absorption=0.0,
        thermal_lifetime=1e-6,
    )
    span = 2e-4
    times = np.linspace(0, span, 21)
    trace = simulate(
        ring, lambda t: 1e-2 * np.sin(np.pi * t / span) ** 2, times, detuning=-0.5 * rate, rtol=1e-7
    )
    assert trace.method == "full"
    assert trace.steps < 10_000
    for k in (5, 10, 15):  # slow against everything: the steady state of each moment
        steady = steady_states(ring, float(trace.power_in[k]), -0.5 * rate)[0]
        assert trace.energy[k] == pytest.approx(steady.energy, rel=0.03)
    slaved = simulate(
        ring, lambda t: 1e-2 * np.sin(np.pi * t / span) ** 2, times, detuning=-0.5 * rate, rtol=1e-4
    )
    assert slaved.method == "slaved"
    assert 0 < slaved.estimate < 1e-4
    assert np.allclose(slaved.energy, trace.energy, rtol=0, atol=1e-4 * trace.energy.max())


def test_following_at_once_says_where_it_cannot() -> None:
    """A strong Kerr effect makes the field alone bistable: no massless field goes over that edge."""
    ring = dataclasses.replace(VV, kerr_index=4.5e-18, kerr_volume=2.59e-18, two_photon_absorption=0.0)
    ring = ring.with_effects(heating=False)
    detuning = ring.detuning(half_linewidths=-3.0)
    times = np.linspace(0, 1e-6, 101)

    def ramp(t: Any) -> Any:
        return 12e-3 * t / 1e-6

    with pytest.raises(
        ConvergenceError, match=r"stalls at 7\.[67]\d*e-07 s: .* method='full' knows how"
    ) as told:
        simulate(ring, ramp, times, detuning=detuning, method="slaved")
    assert np.all(np.isfinite(told.value.partial[:70]))
    full = simulate(ring, ramp, times, detuning=detuning, rtol=1e-6)
    assert full.energy[-1] > 3 * full.energy[70]


def test_rib_ring_with_its_nine_thermal_modes(reference: Any, true_error: Any) -> None:
    ring = dataclasses.replace(RIB_RING, thermal_modes=RIB_THERMAL_MODES)
    detuning = ring.detuning(half_linewidths=-1.0)
    powers = (5e-3, 0.0, 10e-3)
    edges, times = np.array([0.0, 0.3e-9, 0.5e-9, 1e-9]), np.array([0.0, 0.3e-9, 0.5e-9, 0.8e-9, 1e-9])
    trace = simulate(ring, Drive.held(edges, powers), times, detuning=detuning, rtol=1e-10)
    model = reference(ring, detuning)
    exact = model.solve(lambda t, k: powers[k], times, sizes(trace.states), edges[1:-1])
    assert trace.states.shape == (5, 12)
    assert true_error(trace.states, exact) < 1e-9
