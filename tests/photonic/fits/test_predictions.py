"""Foretold readings and their slopes against central differences of independent evaluations."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from photonic import MachZehnder, RingThrough, presets
from photonic.fits.experiments import Experiment
from photonic.fits.free_parameters import FreeParameter, free_parameters
from photonic.fits.predictions import CurvePrediction
from photonic.lab.measured import Measured

DEVICE = dataclasses.replace(presets.SIGMOID, insertion_loss=1.2)
RING = DEVICE.ring
POWER = np.concatenate([[0.0], np.linspace(20e-6, 2e-3, 30)])
NAMES = [
    "carrier_lifetime", "index_per_carrier", "coupling_rate", "detuning", "arm_phase", "input_coupling",
    "insertion_loss", "power_scale", "input_scale", "output_scale", "dark",
]  # fmt: skip


def made(
    device: object, names: list[str], measured: Measured, index: int = 0, **more: dict
) -> tuple[CurvePrediction, list[FreeParameter]]:
    free = free_parameters(device, names, {}, {}, 2, 1e-3)  # type: ignore[arg-type]
    return CurvePrediction(device, Experiment(measured, **more), free, index), free  # type: ignore[arg-type]


@pytest.mark.parametrize("device", [DEVICE, RingThrough(RING, RING.detuning(half_linewidths=1.0))])
def test_slopes(device: object) -> None:
    names = [
        n for n in NAMES if hasattr(device, n) or n not in ("arm_phase", "input_coupling", "insertion_loss")
    ]
    found, free = made(device, names, Measured(POWER, POWER))
    at = [f.start for f in free]
    value, slopes = found.both(at)
    assert value[1:] == pytest.approx(device.transfer(POWER)[1:], rel=1e-12)  # type: ignore[attr-defined]
    for k, f in enumerate(free):
        step = 1e-5 * (abs(f.start) or f.step)
        sides = []
        for sign in (1, -1):
            other, _ = made(device, names, Measured(POWER, POWER))
            sides.append(other.value([v + sign * step * (i == k) for i, v in enumerate(at)]))
        central = (sides[0] - sides[1]) / (2 * step)
        assert slopes[:, k] == pytest.approx(central, rel=1e-5, abs=1e-7 * np.max(np.abs(central)))


def test_scales_of_readings() -> None:
    """P_out read = o f(p i P_read)/p + dark, in so many words."""
    at = {"power_scale": 0.8, "input_scale": 1.5, "output_scale": 0.3, "dark": 2e-6}
    found, _ = made(DEVICE, ["arm_phase"], Measured(POWER, POWER), at=at)
    expected = 0.3 * DEVICE.transfer(1.2 * POWER) / 0.8 + 2e-6
    assert found.value([DEVICE.arm_phase]) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("free_too", [True, False])
def test_settings_lie_above_the_device_by_their_shift(free_too: bool) -> None:
    step = 0.3 * RING.linewidth
    names = ["detuning"] if free_too else ["arm_phase"]
    found, free = made(DEVICE, names, Measured(POWER, POWER), shift={"detuning": step, "dark": 1e-6})
    moved = dataclasses.replace(DEVICE, detuning=DEVICE.detuning + step)
    assert found.value([free[0].start]) == pytest.approx(moved.transfer(POWER) + 1e-6, rel=1e-10)
    if free_too:
        again = dataclasses.replace(DEVICE, detuning=DEVICE.detuning + 2 * step)
        assert found.value([free[0].start + step]) == pytest.approx(again.transfer(POWER) + 1e-6, rel=1e-10)


def test_numbers_of_other_experiments_do_nothing() -> None:
    names = ["arm_phase[0]", "arm_phase[1]", "detuning"]
    found, _ = made(DEVICE, names, Measured(POWER, POWER), index=1)
    value, slopes = found.both([0.1, DEVICE.arm_phase, DEVICE.detuning])
    assert value == pytest.approx(DEVICE.transfer(POWER), rel=1e-12)
    assert np.all(slopes[:, 0] == 0)
    assert np.any(slopes[:, 1] != 0)
    first, _ = made(DEVICE, names, Measured(POWER, POWER), index=0)
    assert first.value([DEVICE.arm_phase, 0.1, DEVICE.detuning]) == pytest.approx(value, rel=1e-12)


def test_a_device_without_a_ring() -> None:
    device = MachZehnder(1.1, 0.4)
    found, _ = made(device, ["arm_phase", "input_coupling"], Measured(POWER, POWER))
    value, slopes = found.both([0.7, 0.4])
    # √((1−k)/2) − e^{iφ}√(k/2) in the bar port of couplers k and 1/2
    a, b = np.sqrt(0.6 * 0.5), np.sqrt(0.4 * 0.5)
    assert value == pytest.approx((a**2 + b**2 - 2 * a * b * np.cos(0.7)) * POWER, rel=1e-12)
    assert slopes[:, 0] == pytest.approx(2 * a * b * np.sin(0.7) * POWER, rel=1e-12)


# ------------------------------------------------------------------------------ bistable
FOLDED = RingThrough(RING, RING.detuning(half_linewidths=4.0))
WIDE = np.linspace(0.1e-3, 11e-3, 60)


@pytest.mark.parametrize("sweep", ["up", "down"])
def test_sweeps_follow_their_branch(sweep: str) -> None:
    clean = FOLDED.transfer(WIDE, sweep=sweep)
    data = Measured(WIDE, clean).swept(sweep)  # type: ignore[arg-type]
    found, free = made(FOLDED, ["detuning", "carrier_lifetime"], data)
    assert found.branches is not None
    assert found.value([f.start for f in free]) == pytest.approx(clean, rel=1e-9)
    smooth = Measured(WIDE, WIDE).swept(sweep)  # type: ignore[arg-type]
    other, free = made(FOLDED, ["detuning"], smooth)  # data without a jump: the sweep of the model counts
    assert other.branches is None
    assert other.value([free[0].start]) == pytest.approx(clean, rel=1e-9)
    assert other.checked([free[0].start])
    once, free = made(FOLDED, ["detuning"], Measured(WIDE, WIDE))  # no direction: as the power rises
    rising = FOLDED.transfer(WIDE, sweep="up")
    assert once.value([free[0].start]) == pytest.approx(rising, rel=1e-9)


def test_states_left_behind_are_found_out() -> None:
    """From 5 half-linewidths back to 4 the upper sweep has jumped where its old states have not."""
    found, free = made(FOLDED, ["detuning"], Measured(WIDE, WIDE).swept("up"))
    start, half = free[0].start, RING.linewidth / 2
    found.value([start - half])
    for share in np.linspace(1, 0, 40):
        found.value([start - share * half])
    assert not found.checked([start])
    assert found.checked([start])
    assert found.value([start]) == pytest.approx(FOLDED.transfer(WIDE, sweep="up"), rel=1e-9)


def test_hinges_pull_the_fold_into_its_gap() -> None:
    both = np.concatenate([FOLDED.transfer(WIDE, sweep="up"), FOLDED.transfer(WIDE, sweep="down")])
    data = Measured(np.tile(WIDE, 2), both, direction=np.repeat([1, -1], 60))
    names = ["detuning", "carrier_lifetime", "coupling_rate", "power_scale", "input_scale"]
    found, free = made(FOLDED, names, data)
    at = [f.start for f in free]
    assert found.hinges(at)[0].tolist() == [0.0, 0.0]
    at[0] *= 1.2  # farther from the resonance: the fold comes at more power
    value, slopes = found.hinges(at)
    assert value[0] > 0
    for k in range(len(at)):
        step = 1e-5 * abs(at[k])
        sides = [found.hinges([v + s * step * (i == k) for i, v in enumerate(at)])[0] for s in (1, -1)]
        central = (sides[0] - sides[1]) / (2 * step)
        assert slopes[:, k] == pytest.approx(central, rel=1e-4, abs=1e-6 * np.max(np.abs(central)))
    moved = dataclasses.replace(FOLDED, detuning=at[0])
    cavity = moved.cavity()
    fold = float(cavity.input_power(cavity.fold_energies()[0]))
    gap = WIDE[1] - WIDE[0]
    end = WIDE[np.searchsorted(WIDE, float(FOLDED.cavity().input_power(FOLDED.cavity().fold_energies()[0])))]
    assert value[0] == pytest.approx((fold - end) / (0.05 * gap), rel=1e-9)
    at[3:] = 0.8, 1.1  # a fold at more power as it is read
    assert found.hinges(at)[0][0] == pytest.approx((fold / 0.88 - end) / (0.05 * gap), rel=1e-9)
