"""Sweeps that jump: fitted on the branches they were taken on."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from photonic import RingThrough, presets
from photonic.fits.fitting import fit
from photonic.lab.measured import Measured

RIB = presets.SIGMOID.ring
BISTABLE = RingThrough(RIB, RIB.detuning(half_linewidths=4.0))  # folds at 4.45 and 1.18 mW


def loop(device: RingThrough, seed: int, level: float = 0.01) -> Measured:
    power = np.linspace(0.1e-3, 11e-3, 100)
    clean = np.concatenate([device.transfer(power, sweep="up"), device.transfer(power, sweep="down")[::-1]])
    noise = level * clean.max() * np.random.default_rng(seed).standard_normal(200)
    direction = np.repeat([1, -1], 100)
    return Measured(np.concatenate([power, power[::-1]]), clean + noise, direction=direction)


def test_a_bistable_loop_is_fitted_on_its_branches() -> None:
    hits, runs = np.zeros(3), 6
    for seed in range(runs):
        start = {"carrier_lifetime": 1.15e-9, "detuning": 0.93 * BISTABLE.detuning}
        found = fit(
            BISTABLE, loop(BISTABLE, seed), ("coupling_rate", "carrier_lifetime", "detuning"), start=start
        )
        truth = (RIB.coupling_rate, RIB.carrier_lifetime, BISTABLE.detuning)
        for k, (e, true) in enumerate(zip(found.estimates.values(), truth, strict=True)):
            assert abs(e.value - true) < 4 * e.standard_error
            hits[k] += e.interval[0] <= true <= e.interval[1]
    assert np.all(hits >= runs - 2)


def test_a_sweep_of_one_direction_keeps_its_jump() -> None:
    data = loop(BISTABLE, 3, 0.003)
    up = data.take(data.direction == 1)
    found = fit(BISTABLE, up, ("carrier_lifetime", "detuning"), start={"detuning": 0.95 * BISTABLE.detuning})
    assert found.estimates["detuning"].value == pytest.approx(BISTABLE.detuning, rel=0.01)
    jump = found.curve.jumps
    assert jump.size == 1
    assert 4.34e-3 < jump[0] < 4.56e-3  # the readings before and behind it
    assert found.curve.branch == "up"


def test_bistable_data_without_directions_are_not_forced_on_one_branch() -> None:
    data = loop(BISTABLE, 3, 0.003)
    mixed = dataclasses.replace(data, direction=None)
    found = fit(BISTABLE, mixed, ("carrier_lifetime", "detuning"))
    assert any("alternate" in text and "sweep directions" in text for text in found.diagnostics.words())


def test_a_sweep_that_ends_before_its_jump_lies_on_one_branch() -> None:
    """Up to 2.5 mW, below the fold at 4.45 mW: only the falling sweep, which came from 11 mW, jumps."""
    data = loop(BISTABLE, 2, 0.0005)
    kept = data.take((data.direction == -1) | (data.power_in < 2.5e-3))
    found = fit(
        BISTABLE, kept, ("carrier_lifetime", "detuning"), start={"detuning": 0.97 * BISTABLE.detuning}
    )
    for name, truth in (("carrier_lifetime", RIB.carrier_lifetime), ("detuning", BISTABLE.detuning)):
        estimate = found.estimates[name]
        assert abs(estimate.value - truth) < 4 * estimate.standard_error < 0.05 * truth
