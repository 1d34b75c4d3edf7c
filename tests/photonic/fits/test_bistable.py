"""Where a sweep jumps, on which branch its points lie, and what holds the model to it."""

from __future__ import annotations

import numpy as np
import pytest

from photonic import RingThrough, presets
from photonic.fits.bistable import Branches, Jump, branches_of
from photonic.lab.measured import Measured

RING = presets.SIGMOID.ring
DEVICE = RingThrough(RING, RING.detuning(half_linewidths=4.0))
CAVITY = DEVICE.cavity()
GRID = np.linspace(0, 2e-12, 2_000_001)[1:]
FED = CAVITY.input_power(GRID)
FIRST = int(np.argmax(np.diff(FED) < 0))  # where P_in(U) turns, on a grid
LAST = FIRST + int(np.argmax(np.diff(FED[FIRST:]) > 0))
TOP, BOTTOM = float(FED[FIRST]), float(FED[LAST])
POWER = np.linspace(0.1e-3, 2.4 * TOP, 90)


def loop(noise: float = 0.0, seed: int = 0, order: int = 1) -> Measured:
    out = np.concatenate([DEVICE.transfer(POWER, sweep="up"), DEVICE.transfer(POWER, sweep="down")])
    out = out + noise * out.max() * np.random.default_rng(seed).standard_normal(180)
    data = Measured(np.tile(POWER, 2), out, direction=np.repeat([1, -1], 90))
    return data.take(slice(None, None, order))


@pytest.mark.parametrize("noise", [0.0, 0.01])
@pytest.mark.parametrize("order", [1, -1])
def test_jumps_are_between_the_readings_round_the_folds(noise: float, order: int) -> None:
    assert BOTTOM < 0.5 * TOP
    data = loop(noise, 1, order)
    found = branches_of(data)
    assert found is not None
    rising, falling = sorted(found.jumps, key=lambda j: not j.rising)
    step = POWER[1] - POWER[0]
    assert rising.low <= TOP <= rising.high == pytest.approx(rising.low + step)
    assert falling.low <= BOTTOM <= falling.high == pytest.approx(falling.low + step)
    assert (rising.rising, falling.rising) == (True, False)
    high = np.where(data.direction == 1, data.power_in > TOP, data.power_in > BOTTOM)
    assert np.array_equal(found.upper, high)


def test_one_sweep_alone_has_its_jump() -> None:
    data = loop(0.003, 2)
    for way, fold in ((1, TOP), (-1, BOTTOM)):
        found = branches_of(data.take(data.direction == way))
        assert found is not None
        (jump,) = found.jumps
        assert jump.low <= fold <= jump.high


def test_a_jump_the_wrong_way_round_is_no_hysteresis() -> None:
    data = loop(0.003, 3)
    assert branches_of(Measured(data.power_in, data.power_out, direction=-data.direction)) is None


def test_what_does_not_jump() -> None:
    """Smooth sweeps of 100 points with noise: one in twenty at most is taken for a jump."""
    power = np.linspace(0, 1e-3, 100)
    taken = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        out = power / (1 + np.exp(-(power - 0.4e-3) / 0.1e-3)) + 0.02e-3 * rng.standard_normal(100)
        taken += branches_of(Measured(power, np.maximum(out, 0.0)).swept("up")) is not None
    assert taken <= 3
    assert branches_of(Measured(power, power)) is None
    assert branches_of(loop().swept("single")) is None


def test_energies_on_their_branches() -> None:
    """Each solves P_in(U) = P below the first fold or above the last; at the fold where there is none."""
    power = np.array([0.5 * TOP, 0.9 * TOP, 1.2 * TOP, 1.2 * TOP, 1.1 * BOTTOM, 0.9 * BOTTOM])
    upper = np.array([False, False, False, True, True, True])
    energy, slope = Branches(upper, ()).energies(CAVITY, power)  # type: ignore[misc]
    inside = [0, 1, 3, 4]
    assert CAVITY.input_power(energy[inside]) == pytest.approx(power[inside], rel=1e-12)
    assert np.all(energy[[0, 1]] < GRID[FIRST])
    assert np.all(energy[[3, 4]] > GRID[LAST])
    assert energy[[2, 5]] == pytest.approx([GRID[FIRST], GRID[LAST]], rel=1e-4)
    assert np.all(np.isinf(slope[[2, 5]]))
    near = np.abs(GRID[:, None] - energy[inside]).argmin(axis=0)
    central = (FED[near + 1] - FED[near - 1]) / (GRID[near + 1] - GRID[near - 1])
    assert slope[inside] == pytest.approx(central, rel=1e-3)
    cold = RingThrough(RING, RING.detuning(half_linewidths=0.5)).cavity()
    assert Branches(upper, ()).energies(cold, power) is None


def test_folds_at_which_jumps_happen() -> None:
    jumps = (Jump(1.0, 2.0, True), Jump(0.5, 0.7, False))
    found = Branches(np.zeros(1, dtype=bool), jumps).folds(CAVITY, 2 * TOP)
    assert found == pytest.approx([GRID[FIRST], GRID[LAST]], rel=1e-4)
    # without folds: where P_in(U) is flattest
    cold = RingThrough(RING, RING.detuning(half_linewidths=1.2)).cavity()
    assert not cold.fold_energies().size
    fed = cold.input_power(GRID)
    within = fed < 2 * TOP
    flattest = GRID[np.argmin(np.where(within[:-1], np.diff(fed), np.inf))]
    found = Branches(np.zeros(1, dtype=bool), jumps).folds(cold, 2 * TOP)
    assert found == pytest.approx(np.full(2, flattest), rel=0.1)


def test_hinges() -> None:
    """0 inside the gap of 1 mW, 1 per 5 % of it outside, either side."""
    jumps = (Jump(2e-3, 3e-3, True), Jump(1e-3, 2e-3, False))
    held = Branches(np.zeros(1, dtype=bool), jumps)
    value, slope = held.hinges(np.array([2.2e-3, 1.9e-3]))
    assert value.tolist() == slope.tolist() == [0, 0]
    value, slope = held.hinges(np.array([3.1e-3, 0.8e-3]))
    assert value == pytest.approx([2.0, -4.0])
    assert slope == pytest.approx([2e4, 2e4])
