"""The map of stability against `steady_states`, and its lines against the folds and Hopf points."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from photonic.devices import CavityLoadedMZI, RingDrop
from photonic.errors import DataError, ParameterError
from photonic.extensions import ThermalModes, Traps
from photonic.maps import StabilityMap, stability_map
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.parameters.rib_ring import RIB_THERMAL_MODES
from photonic.ring import Ring
from photonic.silicon import NEDELJKOVIC_2011
from photonic.stability import folds, hopf_points, steady_states

HALF = float(VV.linewidth) / 2


def counted(found: StabilityMap, i: int, j: int) -> tuple[int, int, int]:
    return int(found.states[i, j]), int(found.stable_states[i, j]), int(found.oscillating[i, j])


def by_solving(ring: Ring, power: float, detuning: float) -> tuple[int, int, int]:
    states = steady_states(ring, power, detuning)
    pairs = sum(sum(v.real >= 0 for v in s.eigenvalues) >= 2 for s in states)
    return len(states), sum(s.stable for s in states), pairs


def test_map_agrees_with_the_states_of_random_rings(random_ring: Callable[..., Ring]) -> None:
    """Solved for point by point: numbers of states, of stable ones, of those past a Hopf point."""
    rng = np.random.default_rng(31)
    seen = set()
    for _ in range(60):
        ring = random_ring(rng)
        powers = np.sort(10 ** rng.uniform(-5, -1, 6))
        detunings = np.sort(rng.uniform(-8, 8, 6)) * float(ring.linewidth) / 2
        found = stability_map(ring, powers, detunings)
        for i, j in np.ndindex(found.states.shape):
            expected = by_solving(ring, float(powers[j]), float(detunings[i]))
            assert counted(found, i, j) == expected
            seen.add(expected)
    assert len(seen) >= 6


LAW = dataclasses.replace(VV, index_law=NEDELJKOVIC_2011)


TRAPPED = dataclasses.replace(
    VV, carrier_lifetime=None, traps=Traps(density=1e23, electron_capture=2e-15, hole_capture=2e-15)
)
TWO = dataclasses.replace(VV, thermal_modes=ThermalModes(shares=[0.5, 0.5], lifetimes=[30e-9, 100e-9]))
NINE = dataclasses.replace(VV, thermal_modes=RIB_THERMAL_MODES)


@pytest.mark.parametrize("ring", [VV, VV.with_effects(heating=False), LAW, TRAPPED, TWO, NINE])
def test_map_of_the_published_ring(ring: Ring) -> None:
    powers, detunings = np.linspace(0, 2e-3, 41), np.linspace(-8, 4, 25) * HALF
    found = stability_map(ring, powers, detunings)
    rng = np.random.default_rng(32)
    for i, j in zip(rng.integers(25, size=60), rng.integers(41, size=60), strict=True):
        assert counted(found, i, j) == by_solving(ring, float(powers[j]), float(detunings[i]))
    assert np.all(found.states[:, 0] == 1)
    assert np.all(found.states % 2 == 1)


def test_published_coexistence_of_a_low_state_with_pulsation() -> None:
    """physics.md §3.2: at 0.6 mW and +62 pm the ring stays low or pulses, as it starts."""
    found = stability_map(VV, [0.1e-3, 0.6e-3, 0.7e-3], [float(VV.detuning(62e-12))])
    assert found.may_pulse.tolist() == [[False, True, False]]
    assert found.self_pulsing.tolist() == [[False, False, True]]  # above the fold at 0.686 mW


def test_bistable_wants_two_stable_states(kerr_ring: Ring) -> None:
    """Three states between the folds: two stable ones with the Kerr effect alone (`physics.md` §7.5, folds at
    9.26 and 5.30 mW), one of the published ring at +62 pm and 0.4 mW, whose upper one pulses."""
    plane = stability_map(kerr_ring, [4e-3, 7e-3, 10e-3], [float(kerr_ring.detuning(half_linewidths=-3))])
    assert plane.states.tolist() == [[1, 3, 1]]
    assert plane.bistable.tolist() == [[False, True, False]]
    published = stability_map(VV, [0.4e-3], [float(VV.detuning(62e-12))])
    assert (published.states.tolist(), published.bistable.tolist()) == ([[3]], [[False]])


def test_devices_count_the_power_at_their_input() -> None:
    device = CavityLoadedMZI(VV, 0.3, 1.0, input_coupling=0.25, insertion_loss=2.0)
    powers, detunings = np.linspace(0, 2e-3, 9), np.linspace(-6, 0, 7) * HALF
    ours = stability_map(device, powers, detunings)
    theirs = stability_map(VV, powers * 0.375, detunings)
    for name in ("states", "stable_states", "oscillating"):
        assert np.array_equal(getattr(ours, name), getattr(theirs, name))
    assert np.allclose(ours.hopf[0].power * 0.375, theirs.hopf[0].power, rtol=1e-12)
    states = steady_states(dataclasses.replace(device, detuning=float(detunings[1])), float(powers[4]))
    assert len(states) == ours.states[1, 4]
    dropped = RingDrop(dataclasses.replace(VV, drop_coupling_rate=1e9), 0.0)
    assert np.all(stability_map(dropped, [1e-6], [0.0]).states == 1)


def test_lines_go_through_the_folds_and_hopf_points(random_ring: Callable[..., Ring]) -> None:
    """Each point found at a fixed detuning lies on a line drawn at fixed energies."""
    rng = np.random.default_rng(33)
    found = {"folds": 0, "hopf": 0}
    for _ in range(80):
        ring = random_ring(rng)
        half = float(ring.linewidth) / 2
        detunings, power = np.linspace(-8, 8, 3) * half, 20e-3
        plane = stability_map(ring, [0.0, power], detunings)
        for name, search in (("folds", folds), ("hopf", hopf_points)):
            for detuning in rng.uniform(-7.5, 7.5, 3) * half:
                for point in search(ring, float(detuning)):
                    if not 1e-6 * power < point.power < 0.9 * power:
                        continue
                    crossings = [
                        u
                        for line in getattr(plane, name)
                        for u in energies_at(line.detuning, line.energy, float(detuning))
                    ]
                    near = min(abs(u / point.energy - 1) for u in crossings)
                    assert near < 0.02
                    found[name] += 1
    assert min(found.values()) > 20


@pytest.mark.parametrize("modes", [None, RIB_THERMAL_MODES], ids=["one pole", "nine"])
def test_fast_pulsation_on_the_lines(modes: ThermalModes | None) -> None:
    """Carriers of 0.1 ns in a ring that hardly warms pulse at several GHz, well above the linewidth over 2π;
    the lines carry the frequencies that the eigenvalues have at one detuning, heat in one mode or in nine."""
    fast = dataclasses.replace(
        VV, carrier_lifetime=0.1e-9, thermal_volume=1e4 * VV.thermal_volume, thermal_modes=modes
    )
    detuning = 4 * HALF
    plane = stability_map(fast, [0.0, 20e-3], [detuning - HALF, detuning + HALF])
    points = [p for p in hopf_points(fast, detuning, 15e-3) if p.frequency > 3e9]
    assert points
    for point in points:
        (state,) = (
            s for s in steady_states(fast, point.power, detuning) if abs(s.energy / point.energy - 1) < 1e-6
        )
        turning = min((v for v in state.eigenvalues if v.imag > 0), key=lambda v: abs(v.real))
        assert point.frequency == pytest.approx(turning.imag / (2 * np.pi), rel=1e-6)
        near = [
            (line.energy[k], line.frequency[k])
            for line in plane.hopf
            for k in np.flatnonzero((line.detuning[1:] > detuning) != (line.detuning[:-1] > detuning))
            if abs(line.energy[k] / point.energy - 1) < 0.02
        ]
        assert near
        assert near[0][1] == pytest.approx(point.frequency, rel=0.02)


def energies_at(detuning: np.ndarray, energy: np.ndarray, at: float) -> np.ndarray:
    """Energies at which a line crosses a detuning, between its points."""
    side = detuning - at
    k = np.flatnonzero(side[1:] * side[:-1] <= 0)
    share = side[k] / np.where(side[k] == side[k + 1], 1.0, side[k] - side[k + 1])
    return np.asarray(energy[k] + share * (energy[k + 1] - energy[k]))


def test_saved_and_read_back(tmp_path: Path) -> None:
    found = stability_map(VV, np.linspace(0, 1e-3, 5), np.linspace(-5, 0, 4) * HALF)
    found.save(tmp_path / "map.json")
    again = StabilityMap.load(tmp_path / "map.json")
    assert again.to_json() == found.to_json()
    assert np.array_equal(again.states, found.states)
    assert np.array_equal(again.folds[0].lyapunov, found.folds[0].lyapunov, equal_nan=True)
    given = json.loads(found.to_json())
    assert given["schema"] == 1
    rows = found.rows()
    assert len(rows) == 20
    assert rows[7] == {
        "detuning": found.detunings[1], "power": found.powers[2], "states": int(found.states[1, 2]),
        "stable_states": int(found.stable_states[1, 2]), "oscillating": int(found.oscillating[1, 2]),
        "self_pulsing": bool(found.self_pulsing[1, 2]),
    }  # fmt: skip
    for text, message in (
        ("{", "not JSON"),
        ("[]", "kind must be 'StabilityMap'"),
        (json.dumps({**given, "schema": 9}), "schema must be 1, got 9"),
        (json.dumps({**given, "states": [[1]]}), r"every table must have shape \(4, 5\)"),
        (json.dumps({k: v for k, v in given.items() if k != "powers"}), "not a map saved"),
    ):
        (tmp_path / "bad.json").write_text(text)
        with pytest.raises(DataError, match=message):
            StabilityMap.load(tmp_path / "bad.json")
    with pytest.raises(DataError, match="cannot be read"):
        StabilityMap.load(tmp_path / "none.json")


def test_wrong_axes() -> None:
    with pytest.raises(ParameterError, match="powers must be a rising sequence"):
        stability_map(VV, [1e-3, 0.5e-3], [0.0])
    with pytest.raises(ParameterError, match=r"powers must be >= 0 W, got -0\.001"):
        stability_map(VV, [-1e-3], [0.0])
    with pytest.raises(ParameterError, match="detunings must be finite"):
        stability_map(VV, [1e-3], [np.nan])
    with pytest.raises(ParameterError, match="ring must be a Ring or a ring device"):
        stability_map("ring", [1e-3], [0.0])  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="one ring at one detuning"):
        stability_map(dataclasses.replace(VV, coupling_rate=np.array([1e9, 1e10])), [1e-3], [0.0])


def test_forty_thousand_points_in_two_seconds() -> None:
    """Processor time, so that a busy machine does not count; 0.2 s where this was written."""
    start = time.process_time()
    stability_map(VV, np.linspace(0, 2e-3, 200), np.linspace(-8, 4, 200) * HALF)
    assert time.process_time() - start < 2.0
