"""Eigenvalues, folds and Hopf points against an independently written rate equation."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from photonic.cavity import Cavity
from photonic.devices import CavityLoadedMZI, RingDrop, RingThrough
from photonic.errors import ParameterError
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.ring import Ring
from photonic.silicon import NEDELJKOVIC_2011
from photonic.small_signal import _none_below
from photonic.stability import folds, hopf_points, jacobian, steady_states, unstable_oscillation

RED = float(VV.detuning(62e-12))
FAST = dataclasses.replace(VV, carrier_lifetime=0.2e-9)  # carriers that keep pace with the light


def eigenvalues_of(model: Any, ring: Ring, detuning: float, energy: float) -> np.ndarray:
    return np.sort_complex(np.linalg.eigvals(scaled(model, ring, detuning, energy)))


def scaled(model: Any, ring: Ring, detuning: float, energy: float) -> np.ndarray:
    """The independent Jacobian in units that make its entries of one size, as eigenvalues need."""
    unit = np.array([np.sqrt(energy), np.sqrt(energy), 1e22, 0.1])
    return model(ring, detuning).jacobian(energy) * unit / unit[:, None]


def test_eigenvalues_against_complex_step_of_the_rate_equations(
    model: Any, random_ring: Callable[..., Ring]
) -> None:
    rng = np.random.default_rng(21)
    for _ in range(200):
        ring = random_ring(rng).with_effects(heating=True)
        if not (ring.two_photon_absorption and ring.thermo_optic):
            continue
        detuning = float(rng.uniform(-5, 5) * ring.linewidth / 2)
        energy = float(10 ** rng.uniform(-16, -12))
        ours = np.sort_complex(np.linalg.eigvals(jacobian(Cavity(ring, detuning), energy)))
        theirs = eigenvalues_of(model, ring, detuning, energy)
        assert np.max(np.abs(ours - theirs)) < 1e-7 * np.max(np.abs(theirs))
        # The slow pair is far smaller than the fast one: compare it to its own size, through det.
        slow = np.linalg.det(scaled(model, ring, detuning, energy) / ring.linewidth)
        assert np.prod(ours / ring.linewidth).real == pytest.approx(slow, rel=1e-6, abs=0)


def test_frozen_heat_leaves_three_variables(model: Any) -> None:
    cold = VV.with_effects(heating=False)
    ours = np.linalg.eigvals(jacobian(Cavity(cold, 0.0), 2e-14))
    assert ours.size == 3
    theirs = eigenvalues_of(model, cold, 0.0, 2e-14)
    extra = -1 / VV.thermal_lifetime  # the independent model keeps a temperature that decays
    rest = theirs[np.argsort(np.abs(theirs - extra))][1:]
    assert np.allclose(np.sort_complex(ours), np.sort_complex(rest), rtol=1e-9)
    linear = dataclasses.replace(VV, two_photon_absorption=0.0).with_effects(heating=False)
    assert np.allclose(
        np.sort_complex(np.linalg.eigvals(jacobian(Cavity(linear, 1e10), 1e-15))),
        [-VV.linewidth / 2 - 1e10j, -VV.linewidth / 2 + 1e10j],
    )


def test_jacobian_with_a_carrier_law() -> None:
    """dΔn/dN of the law against a finite difference, through the entry that holds it."""
    ring = dataclasses.replace(VV, index_law=NEDELJKOVIC_2011)
    cavity = Cavity(ring, RED)
    energy = 2e-14
    n = float(cavity.carriers(energy))
    difference = (ring.index_change(n * (1 + 1e-5)) - ring.index_change(n * (1 - 1e-5))) / (2e-5 * n)
    flat = dataclasses.replace(VV, index_per_carrier=float(difference))
    shifted = RED + float(cavity.c.index) * (float(ring.index_change(n)) - float(difference) * n)
    ours = jacobian(cavity, energy)
    assert np.allclose(ours, jacobian(Cavity(flat, shifted), energy), rtol=1e-6)


def test_folds_are_where_an_eigenvalue_crosses_zero(random_ring: Callable[..., Ring]) -> None:
    rng = np.random.default_rng(22)
    seen = 0
    while seen < 40:
        ring = random_ring(rng)
        detuning = float(rng.uniform(-8, 8) * ring.linewidth / 2)
        cavity = Cavity(ring, detuning)
        for fold in folds(ring, detuning):
            if fold.energy > 1e-11:
                continue
            determinant = np.linalg.det(
                jacobian(cavity, fold.energy * np.array([1 - 1e-4, 1, 1 + 1e-4])) / ring.linewidth
            )
            assert determinant[0] * determinant[2] < 0
            assert abs(determinant[1]) < 1e-3 * np.max(np.abs(determinant))
            seen += 1


def test_falling_branch_is_always_unstable() -> None:
    states = steady_states(VV, 0.4e-3, RED)
    assert len(states) == 3
    assert not states[1].stable
    assert any(abs(v.imag) < 1 and v.real > 0 for v in states[1].eigenvalues)
    assert states[0].stable
    assert [s.energy for s in states] == sorted(s.energy for s in states)


def test_published_low_state_coexists_with_the_limit_cycle() -> None:
    """physics.md §3.2 at 0.6 mW and +62 pm: U = 3.746e-15 J, ΔT = 0.187 K, T_through = 0.937."""
    low, _, high = steady_states(VV, 0.6e-3, RED)
    assert low.stable
    assert low.energy == pytest.approx(3.746e-15, rel=1e-3, abs=0)
    assert low.temperature == pytest.approx(0.187, rel=3e-3, abs=0.0)
    assert low.through / 0.6e-3 == pytest.approx(0.937, rel=1e-3, abs=0.0)
    assert not high.stable  # there the ring pulsates instead


def test_hopf_points_are_where_a_pair_crosses(model: Any) -> None:
    found = hopf_points(VV, RED)
    assert len(found) == 2
    for point in found:
        turn = 2j * np.pi * point.frequency
        near = [eigenvalues_of(model, VV, RED, point.energy * (1 + sign * 1e-3)) for sign in (-1, 1)]
        pair = [v[np.argmin(np.abs(v - turn))] for v in near]
        assert pair[0].real * pair[1].real < 0
        at = eigenvalues_of(model, VV, RED, point.energy)
        nearest = at[np.argmin(np.abs(at - 2j * np.pi * point.frequency))]
        assert abs(nearest.real) < 1e-6 * abs(nearest.imag)
        assert nearest.imag == pytest.approx(2 * np.pi * point.frequency, rel=1e-6, abs=0.0)
    assert [p.power for p in hopf_points(VV, RED, power_max=1e-3)] == pytest.approx(
        [found[0].power], rel=1e-9
    )
    with pytest.raises(ParameterError, match="power_max must be > 0 W"):
        hopf_points(VV, RED, power_max=-1.0)


def test_no_self_pulsation_without_carriers_or_heat(kerr_ring: Ring) -> None:
    """A Kerr ring has a two-dimensional phase space with constant contraction: no limit cycle."""
    assert hopf_points(kerr_ring, -3 * kerr_ring.linewidth / 2) == ()
    linear = Ring(wavelength=1.55e-6, group_index=4.0, coupling_rate=1e10)
    assert hopf_points(linear, 0.0) == ()


def test_unstable_oscillation_agrees_with_the_eigenvalues() -> None:
    cavity = Cavity(VV, RED)
    energy = np.geomspace(1e-16, 1e-11, 300)
    pairs = np.linalg.eigvals(jacobian(cavity, energy))
    ours = unstable_oscillation(cavity, energy)
    count = np.sum(pairs.real > 0, axis=-1)
    assert np.array_equal(ours[count != 1], (count == 2)[count != 1])
    assert 0 < np.sum(count == 2) < 300
    batch = Cavity(VV, np.array([[RED], [0.0]]))
    both = unstable_oscillation(batch, np.stack([energy, energy]))
    assert np.array_equal(both[0], ours)
    assert np.array_equal(both[1], unstable_oscillation(Cavity(VV, 0.0), energy))


def test_states_of_devices_are_those_of_the_ring_behind_the_coupler() -> None:
    device = CavityLoadedMZI(VV, RED, 1.0, input_coupling=0.25, insertion_loss=2.0)
    ours = steady_states(device, 1e-3)
    theirs = steady_states(VV, 1e-3 * 0.75 / 2, RED)
    assert [s.energy for s in ours] == pytest.approx([s.energy for s in theirs], rel=1e-12, abs=0)
    assert [f.power for f in folds(device)] == pytest.approx(
        [f.power * 2 / 0.75 for f in folds(VV, RED)], rel=1e-12
    )
    assert ours[0].power == 1e-3
    response = device.response(1e-4)
    (state,) = steady_states(device, 1e-4)
    assert state.through == pytest.approx(abs(response) ** 2 * 1e-4, rel=1e-12, abs=0.0)
    other = dataclasses.replace(device, port="cross")
    assert state.drop == pytest.approx(float(other.transfer(1e-4)), rel=1e-12, abs=0.0)
    ring = dataclasses.replace(VV, drop_coupling_rate=3e9)
    (through,) = steady_states(RingThrough(ring, 0.0), 1e-4)
    assert through.drop == pytest.approx(float(RingDrop(ring, 0.0).transfer(1e-4)), rel=1e-12, abs=0.0)
    with pytest.raises(ParameterError, match="detuning is only for a bare ring"):
        steady_states(device, 1e-3, 0.0)


def test_zero_power_and_the_power_of_a_fold() -> None:
    (dark,) = steady_states(VV, 0.0, RED)
    assert dark.energy == 0.0
    assert dark.stable
    assert dark.through == 0.0
    up, down = folds(VV, RED)
    at_up = steady_states(VV, up.power, RED)
    assert at_up[0].energy == pytest.approx(up.energy, rel=1e-6, abs=0)
    assert len(at_up) in (2, 3)
    at_down = steady_states(VV, down.power, RED)
    assert len(at_down) in (1, 2, 3)
    with pytest.raises(ParameterError, match=r"power must be >= 0 W, got -1\.0"):
        steady_states(VV, -1.0, RED)
    with pytest.raises(ParameterError, match=r"got 200\.0: did you mean 0\.2 \(milliwatts\)"):
        steady_states(VV, 200.0, RED)


def test_hopf_points_of_a_device_end_at_its_own_power() -> None:
    """A quarter of the light is lost to the other arm: the device needs 4/3 of the ring's power."""
    device = CavityLoadedMZI(VV, RED, 1.0, 0.25)
    ring = hopf_points(VV, RED)[0].power
    assert [p.power for p in hopf_points(device, power_max=1.4 * ring)] == pytest.approx([ring * 4 / 3])
    assert hopf_points(device, power_max=1.3 * ring) == ()


# ------------------------------------------------------------------------- completeness and speed of carriers
def test_no_hopf_point_is_missed(model: Any, random_ring: Callable[..., Ring]) -> None:
    """Against the sign of the Hurwitz determinant of the independent equations on a far finer grid."""
    rng = np.random.default_rng(23)
    seen = 0
    for _ in range(40):
        ring = random_ring(rng).with_effects(heating=True, free_carrier_dispersion=True)
        if not (ring.two_photon_absorption and ring.thermo_optic):
            continue
        detuning = float(rng.uniform(-6, 6) * ring.linewidth / 2)
        top = 30 * float(Cavity(ring, detuning).onset_energy())
        grid = np.geomspace(1e-4 * top, top, 600)
        other = np.array([eigenvalues_of(model, ring, detuning, u) for u in grid])
        steps = np.diff(np.sum(other.real > 0, axis=-1))  # 2 at a Hopf point, 1 at a fold
        turns = np.flatnonzero(np.abs(steps) == 2)
        found = np.array([p.energy for p in hopf_points(ring, detuning)])
        for k in turns:
            assert np.any((found >= grid[k]) & (found <= grid[k + 1]))
        seen += turns.size
        inside = found[(found > grid[0]) & (found < top)]
        places = np.searchsorted(grid, inside)
        assert all(steps[p - 1] for p in places if np.sum(places == p) == 1)
    assert seen >= 10


def test_two_hopf_points_between_neighbours_of_a_grid_are_found(model: Any) -> None:
    """Where the second pair is born, 2,000 energies over seven decades see neither of the two points."""
    ring = dataclasses.replace(VV.with_effects(heating=False), carrier_lifetime=150e-12)
    half = float(ring.linewidth) / 2
    low, high = 0.0, 7 * half  # points exist at the second, none at the first
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (low, middle) if hopf_points(ring, middle) else (middle, high)
    points = hopf_points(ring, high)
    assert len(points) == 2
    first, second = (p.energy for p in points)
    assert second / first - 1 < 0.008  # a step of that grid
    grow = [
        np.max(eigenvalues_of(model, ring, high, u).real)
        for u in (first * 0.99, np.sqrt(first * second), second * 1.01)
    ]
    assert grow[1] > max(grow[0], grow[2])


def test_fast_pulsation_needs_short_carrier_lifetimes(model: Any) -> None:
    """With heat frozen, up to 100 mW, this ring can pulse for 11 to 190 ps only, at several GHz.

    Chen et al., Opt. Express 20, 7454 (2012), abstract: from several ps to several hundred ps, at
    several GHz to more than 10 GHz. The limits are regressions; that there is a growing pair inside
    and none outside is looked at with the independent equations.
    """
    cold = VV.with_effects(heating=False)
    half = float(cold.linewidth) / 2
    detunings = np.arange(-4.0, 40.0, 1.0) * half

    def fastest(lifetime: float) -> float:
        ring = dataclasses.replace(cold, carrier_lifetime=lifetime)
        points = [p for d in detunings for p in hopf_points(ring, float(d), 0.1)]
        return max((p.frequency for p in points), default=0.0)

    def pulses(lifetime: float) -> bool:
        ring = dataclasses.replace(cold, carrier_lifetime=lifetime)
        for detuning in detunings[::2]:
            for energy in np.geomspace(1e-15, 3e-12, 60):
                if model(ring, detuning).power(energy) < 0.1:
                    values = eigenvalues_of(model, ring, float(detuning), energy)
                    if np.sum(values.real > 0) == 2 and np.any(np.abs(values.imag[values.real > 0]) > 0):
                        return True
        return False

    for lifetime, expected in (
        (9e-12, False),
        (14e-12, True),
        (60e-12, True),
        (170e-12, True),
        (230e-12, False),
        (5.3e-9, False),
    ):
        assert (fastest(lifetime) > 0) == expected
        assert pulses(lifetime) == expected
    assert 4e9 < fastest(100e-12) < 2e10
    assert fastest(14e-12) > 1e10


def test_the_quick_proof_of_no_hopf_point_is_one(random_ring: Callable[..., Ring]) -> None:
    """Where the Bernstein coefficients promise stability, 20,000 energies show no oscillation."""
    rng, proved = np.random.default_rng(31), 0
    for _ in range(150):
        ring = random_ring(rng)
        cavity = Cavity(ring, float(rng.uniform(-6, 3) * ring.linewidth / 2))
        top = float(cavity.onset_energy() * 10 ** rng.uniform(-1, 1))
        size = jacobian(cavity, top).shape[-1]
        if size in (3, 4) and _none_below(cavity, top):
            proved += 1
            assert not np.any(unstable_oscillation(cavity, np.linspace(0, top, 20_001)[1:]))
    assert proved > 30
