"""Readings that could be taken next: what each would tell, and those that had better not be taken."""

from __future__ import annotations

import dataclasses
import itertools
import warnings
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from photonic.branches import swept_energies
from photonic.cavity import Cavity
from photonic.device import Device
from photonic.errors import OutsideValidityWarning, ParameterError, real_numbers, unknown_name
from photonic.fits.experiments import Experiment
from photonic.fits.free_parameters import number
from photonic.fits.knowledge import Knowledge
from photonic.fits.predictions import CurvePrediction
from photonic.heaters import Heaters
from photonic.lab.measured import Measured
from photonic.lab.noise import NoiseLaw
from photonic.regime import outside_validity
from photonic.ring_device import RingDevice
from photonic.sensitivity import parameter_names
from photonic.small_signal import unstable_oscillation

__all__ = ["Candidates", "candidates_of", "default_settings", "present_device"]

_MARGIN = 0.05  # of a fold's power, and of an unstable energy, within which no reading is planned
_MOST = 200_000  # readings to choose from


@dataclass(frozen=True, eq=False)
class Candidates:
    """``settings`` of the device and, of each reading, which of them, its powers [W] and its row.

    ``rows`` (n, k) are slopes over the noise by natural coordinates; ``left_out`` counts, by reason, readings
    that are no candidates; ``doubts`` are sentences on the model at those that are.
    """

    settings: tuple[dict[str, float], ...]
    which: np.ndarray
    power: np.ndarray
    expected: np.ndarray
    rows: np.ndarray
    left_out: Mapping[str, int]
    doubts: Mapping[int, tuple[str, ...]]  # by setting
    experiments: tuple[Experiment, ...]  # one for each setting, with all powers


def default_settings(device: Device) -> dict[str, np.ndarray]:
    """Detunings up to two linewidths to either side of the present one, and phases all round.

    A ring heater and a laser reach the first, an arm heater the second; the present setting is among them.
    """
    found: dict[str, np.ndarray] = {}
    if isinstance(device, RingDevice):
        linewidth = float(device.ring.linewidth)
        found["detuning"] = number(device, "detuning") + linewidth * np.linspace(-2, 2, 9)
    if hasattr(device, "arm_phase"):
        found["arm_phase"] = number(device, "arm_phase") + np.pi * np.arange(-3, 5) / 4
    return found


def candidates_of(
    known: Knowledge,
    power: np.ndarray,
    settings: Mapping[str, Any],
    noise: NoiseLaw,
    heaters: Heaters | None,
) -> Candidates:
    """Every power at every combination of ``settings``, but for those that cannot be used.

    Raises
    ------
    ParameterError
        A setting that the device does not have or cannot have, too many combinations, none that can be used.
    """
    present = present_device(known)
    grid = _grid(present, settings)
    if len(grid) * power.size > _MOST:
        text = f"{len(grid)} settings × {power.size} powers"
        raise ParameterError(f"settings and powers must make {_MOST} readings at most, got {text}")
    left_out: dict[str, int] = {}
    kept: list[dict[str, float]] = []
    parts: list[tuple[np.ndarray, ...]] = []
    experiments, doubts = [], {}
    for setting in grid:
        device = dataclasses.replace(present, **setting)  # type: ignore[type-var]
        if heaters is not None and not _reached(heaters, device):
            _count(left_out, "out of reach of the heaters", power.size)
            continue
        experiment = _experiment(known, present, setting, power)
        prediction = CurvePrediction(known.device, experiment, known.free, known.index)
        expected, slopes = prediction.both(known.values)
        good = np.ones(power.shape, dtype=bool)
        changed, readings = prediction.set_to(known.values)
        if isinstance(changed, RingDevice):
            scale = readings["power_scale"] * readings["input_scale"] * float(changed.ring_fraction)
            cavity = changed.cavity()
            energy = swept(cavity, power * scale)
            several, wild = _several(cavity, power * scale), _wild(cavity, energy)
            _count(left_out, "bistable", int(np.sum(several)))
            _count(left_out, "self-pulsing", int(np.sum(wild & ~several)))
            good = ~several & ~wild
            doubts[len(kept)] = tuple(outside_validity(cavity, energy[good]))
        rows = slopes * known.natural / noise(expected)[:, None]
        good &= np.all(np.isfinite(rows), axis=1)
        parts.append((np.full(int(good.sum()), len(kept)), power[good], expected[good], rows[good]))
        kept.append(setting)
        experiments.append(experiment)
    if not any(part[0].size for part in parts):
        reasons = ", ".join(f"{count} {reason}" for reason, count in left_out.items())
        raise ParameterError(f"settings and powers leave no reading that can be used: {reasons}")
    which, powers, expected, rows = (np.concatenate(column) for column in zip(*parts, strict=True))
    return Candidates(tuple(kept), which, powers, expected, rows, left_out, doubts, tuple(experiments))


def present_device(known: Knowledge) -> Device:
    """The device as it stands: with its numbers as they are known, at the setting of the last measurement."""
    empty = Measured([0.0], [0.0])
    base = known.base or Experiment(empty)
    same = dataclasses.replace(base, measured=empty)
    device, _ = CurvePrediction(known.device, same, known.free, known.index).set_to(known.values)
    found: Device = device
    return found


def _grid(device: Device, settings: Mapping[str, Any]) -> list[dict[str, float]]:
    """All combinations of the values of ``settings``."""
    known = [name for name in parameter_names(device) if "." not in name]
    columns = []
    for name, values in settings.items():
        if name not in known:
            raise unknown_name("setting", name, known)
        column = np.atleast_1d(real_numbers(f"settings[{name!r}]", values))
        if column.ndim != 1 or not column.size:
            raise ParameterError(f"settings[{name!r}] must be a list of values, got shape {column.shape}")
        columns.append(np.unique(column))
    return [dict(zip(settings, map(float, row), strict=True)) for row in itertools.product(*columns)]


def _experiment(
    known: Knowledge, present: Device, setting: Mapping[str, float], power: np.ndarray
) -> Experiment:
    """A measurement at ``setting``: a free number moves by as much as the present value is away from it."""
    at = dict(known.base.at) if known.base else {}
    shift = dict(known.base.shift) if known.base else {}
    acting = [f.name for f in known.free if f.experiment in (None, known.index)]
    for name, value in setting.items():
        if name in acting:
            shift[name] = shift.get(name, 0.0) + value - number(present, name)
        else:
            shift.pop(name, None)
            at[name] = value
    return Experiment(Measured(power, np.zeros(power.size)), at=at, shift=shift)


def _reached(heaters: Heaters, device: Device) -> bool:
    """Whether the heaters give the setting without going a free spectral range round."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OutsideValidityWarning)
        try:
            return heaters.power(device).turns == 0
        except ParameterError:
            return False


def swept(cavity: Cavity, driven: np.ndarray) -> np.ndarray:
    """Energy [J] at each power in the ring [W], on the branch that rising power leads to."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OutsideValidityWarning)
        return swept_energies(cavity, driven, "up")


def _several(cavity: Cavity, driven: np.ndarray) -> np.ndarray:
    """Whether more than one branch exists at each power [W], or nearly so."""
    folds = cavity.fold_energies()
    if not folds.size:
        return np.zeros(driven.shape, dtype=bool)
    powers = np.asarray(cavity.input_power(folds))
    starts = np.concatenate([[-np.inf], powers[1::2] * (1 - _MARGIN)])
    ends = np.concatenate([powers[::2] * (1 + _MARGIN), [np.inf]])
    inside = (driven[:, None] > starts) & (driven[:, None] < ends)
    found: np.ndarray = inside.sum(axis=1) > 1
    return found


def _wild(cavity: Cavity, energy: np.ndarray) -> np.ndarray:
    """Whether the state of each energy [J] oscillates by itself, or nearly so."""
    around = energy[:, None] * np.array([1 - _MARGIN, 1.0, 1 + _MARGIN])
    found: np.ndarray = np.any(unstable_oscillation(cavity, around), axis=1)
    return found


def _count(left_out: dict[str, int], reason: str, count: int) -> None:
    if count:
        left_out[reason] = left_out.get(reason, 0) + count
