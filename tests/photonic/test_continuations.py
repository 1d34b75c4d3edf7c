"""Branches in power and in detuning against `steady_states`, folds and Hopf points solved one by one."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable

import numpy as np
import pytest

from photonic.continuations import Continuation, continuation
from photonic.devices import CavityLoadedMZI, RingDrop, RingThrough
from photonic.errors import ParameterError
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.ring import Ring
from photonic.stability import folds, hopf_points, steady_states

HALF = float(VV.linewidth) / 2


def crossings(found: Continuation, values: np.ndarray, at: float) -> list[float]:
    """Energies at which the branch passes ``at``, by linear interpolation within its pieces."""
    energies: list[float] = []
    for piece in np.unique(found.piece):
        here = found.piece == piece
        x, u = values[here] - at, found.energy[here]
        k = np.flatnonzero(x[1:] * x[:-1] < 0)
        energies += (u[k] - x[k] * (u[k + 1] - u[k]) / (x[k + 1] - x[k])).tolist()
    return sorted(energies)


@pytest.mark.parametrize("device", [
    CavityLoadedMZI(VV, -5 * HALF, 1.0, 0.3, 0.6, insertion_loss=1.3),
    RingThrough(VV, -5 * HALF),
    RingDrop(dataclasses.replace(VV, drop_coupling_rate=4e9), -4 * HALF),
])  # fmt: skip
def test_branch_in_power(device: CavityLoadedMZI | RingThrough | RingDrop) -> None:
    found = continuation(device, power_max=2e-3)
    assert found.folds == folds(device)
    assert [p.power for p in found.hopf] == [p.power for p in hopf_points(device, power_max=2e-3)]
    assert np.all(np.diff(found.energy) > 0)
    assert found.energy[0] == found.power[0] == 0.0
    assert np.max(found.power) == pytest.approx(2e-3, rel=1e-9)
    for power in (0.2e-3, 0.7e-3, 1.9e-3):
        states = steady_states(device, power)
        assert crossings(found, found.power, power) == pytest.approx([s.energy for s in states], rel=1e-3)
        for state in states:
            k = int(np.argmin(np.abs(found.energy - state.energy)))
            if (
                np.min(np.abs(np.array([p.energy for p in (*found.folds, *found.hopf)]) - state.energy))
                > 1e-16
            ):
                assert bool(found.stable[k]) == state.stable
            near = steady_states(device, float(found.power[k]))
            same = min(near, key=lambda s, u=found.energy[k]: abs(s.energy - u))  # type: ignore[misc]
            for name in ("through", "drop", "carriers", "temperature"):
                assert getattr(found, name)[k] == pytest.approx(getattr(same, name), rel=1e-6, abs=1e-12)


def test_branch_in_detuning_of_the_published_ring() -> None:
    power, ends = 0.6e-3, (-12 * HALF, 4 * HALF)
    found = continuation(VV, power=power, detunings=ends)
    assert found.piece[-1] == 1  # the low branch, and the rest, which comes from further red
    assert found.detuning[[0, -1]] == pytest.approx(ends, rel=1e-9)
    for detuning in np.linspace(-11.5, 3.5, 12) * HALF:
        states = steady_states(VV, power, float(detuning))
        energies = [s.energy for s in states]
        assert crossings(found, found.detuning, float(detuning)) == pytest.approx(energies, rel=1e-3)
    (detuning,) = found.fold_detunings
    assert min(abs(f.power - power) for f in folds(VV, detuning)) < 1e-9 * power
    (detuning,), (point,) = found.hopf_detunings, found.hopf
    same = min(hopf_points(VV, detuning), key=lambda p: abs(p.power - power))
    assert same.power == pytest.approx(power, rel=1e-9)
    assert point.frequency == pytest.approx(same.frequency, rel=1e-6)
    assert point.criticality == same.criticality == "subcritical"


def test_branches_in_detuning_of_random_rings(random_ring: Callable[..., Ring]) -> None:
    rng = np.random.default_rng(41)
    turns = 0
    for _ in range(30):
        ring = random_ring(rng)
        half = float(ring.linewidth) / 2
        power = float(10 ** rng.uniform(-4, -2))
        found = continuation(ring, power=power, detunings=(-8 * half, 8 * half))
        turns += len(found.folds)
        for detuning in rng.uniform(-7.9, 7.9, 3) * half:
            states = steady_states(ring, power, float(detuning))
            ours = crossings(found, found.detuning, float(detuning))
            assert len(ours) == len(states)
            assert ours == pytest.approx([s.energy for s in states], rel=5e-3)
    assert turns > 5


def test_branch_in_detuning_of_a_device() -> None:
    """Half of the input is lost, 0.7 of the rest goes to the arm with the ring: power at the input, ports of
    the device."""
    device = CavityLoadedMZI(VV, 0.0, 1.0, 0.3, 0.6, insertion_loss=2.0)
    found = continuation(device, power=1.2e-3, detunings=(-6 * HALF, 2 * HALF))
    assert np.all(found.power == 1.2e-3)
    assert found.fold_detunings
    for detuning in (-5.3 * HALF, -2.0 * HALF, 1.1 * HALF):
        states = steady_states(dataclasses.replace(device, detuning=detuning), 1.2e-3)
        ours = crossings(found, found.detuning, detuning)
        assert ours == pytest.approx([s.energy for s in states], rel=1e-3)
        for state in states:
            k = int(
                np.argmin(np.abs(found.energy - state.energy) + 1e-25 * np.abs(found.detuning - detuning))
            )
            same = min(
                steady_states(dataclasses.replace(device, detuning=float(found.detuning[k])), 1.2e-3),
                key=lambda s, u=found.energy[k]: abs(s.energy - u),  # type: ignore[misc]
            )
            assert found.through[k] == pytest.approx(same.through, rel=1e-6)
            assert found.drop[k] == pytest.approx(same.drop, rel=1e-6)
    for point, detuning in zip(found.folds, found.fold_detunings, strict=True):
        at = folds(dataclasses.replace(device, detuning=detuning))
        assert point.power == pytest.approx(1.2e-3, rel=1e-9)
        assert min(abs(p.power / 1.2e-3 - 1) for p in at) < 1e-9


def test_the_two_halves_meet_at_the_tip() -> None:
    """A linear ring: U = γ_c P/((γ/2)² + δ²), largest at resonance."""
    ring = Ring(wavelength=1.55e-6, group_index=4.0, coupling_rate=1e10, scattering_rate=1e10)
    found = continuation(ring, power=1e-6, detunings=(-3e10, 2e10))
    assert np.all(np.diff(found.detuning) > 0)
    assert found.energy == pytest.approx(1e10 * 1e-6 / (1e20 + found.detuning**2), rel=1e-9)
    assert np.max(np.diff(found.energy)) < 0.02 * np.max(found.energy)
    assert found.folds == found.hopf == ()


def test_plain_forms() -> None:
    found = continuation(VV, power=0.6e-3, detunings=(-6 * HALF, HALF))
    given = json.loads(found.to_json())
    assert given["schema"] == 1
    assert given["energy"] == found.energy.tolist()
    assert given["folds"][0]["detuning"] == found.fold_detunings[0]
    assert given["folds"][0]["lyapunov"] is None
    assert given["hopf"][0]["criticality"] == "subcritical"
    assert found.rows()[3]["energy"] == found.energy[3]
    assert found.rows()[3]["stable"] == bool(found.stable[3])


def test_wrong_questions() -> None:
    for wrong in ({}, {"power": 1e-3}, {"power_max": 1e-3, "power": 1e-3, "detunings": (0.0, 1e10)}):
        with pytest.raises(ParameterError, match="continuation takes power_max"):
            continuation(VV, **wrong)  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match=r"detunings must be \(low, high\)"):
        continuation(VV, power=1e-3, detunings=(1e10, 0.0))
    with pytest.raises(ParameterError, match=r"detuning .* is needed"):
        continuation(VV, power_max=1e-3)
    with pytest.raises(ParameterError, match="power must be > 0 W"):
        continuation(VV, power=0.0, detunings=(0.0, 1e10))
