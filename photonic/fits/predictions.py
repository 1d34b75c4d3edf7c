"""What a device would have given in an experiment, with the slope by every free number.

All slopes come from one evaluation: each free number gets a row of its own in which it, and it alone, has
a tiny imaginary part (complex step: f′(x) = Im f(x + ih)/h, exact to round-off).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from photonic.branches import swept_energies
from photonic.cavity import STEP, Cavity
from photonic.device import Device
from photonic.errors import OutsideValidityWarning, ParameterError
from photonic.fits.bistable import branches_of
from photonic.fits.experiments import Experiment, set_for
from photonic.fits.free_parameters import READINGS, FreeParameter, changed, number
from photonic.ring_device import RingDevice

__all__ = ["CurvePrediction", "Prediction", "placed"]

_TINY = 1e-30  # of the step in a number, as a share of it


def placed(free: Sequence[FreeParameter], experiment: int) -> list[int]:
    """Which of the free numbers act in ``experiment``."""
    return [k for k, f in enumerate(free) if f.experiment is None or f.experiment == experiment]


class Prediction:
    """What all kinds of experiments have in common: numbers of their own, shared ones, readings."""

    def __init__(
        self, device: Device, experiment: Experiment, free: Sequence[FreeParameter], index: int
    ) -> None:
        self.device, self.readings, self.shift = set_for(device, experiment)
        self.free = free
        self.own = placed(free, index)
        fixed = [free[k].name for k in self.own if free[k].name in experiment.at]
        if fixed:
            raise ParameterError(f"{fixed[0]} is both free and set in experiment {index}: leave out one")
        self.energy: np.ndarray | None = None  # [J], of the last solution: the next one is near

    # ------------------------------------------------------------------- numbers
    def numbers(self, values: Sequence[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Numbers of the device, and of the readings, when the free ones have ``values``."""
        own: dict[str, Any] = {self.free[k].name: values[k] for k in self.own}
        for name, offset in self.shift.items():
            base = self.readings[name] if name in READINGS else number(self.device, name)
            own[name] = own.get(name, base) + offset
        readings = {name: own.pop(name, value) for name, value in self.readings.items()}
        return own, readings

    def set_to(self, values: Sequence[float]) -> tuple[Any, dict[str, float]]:
        """The device and the readings' numbers at ``values``."""
        numbers, readings = self.numbers(values)
        return changed(self.device, numbers), readings

    def complex_slopes(
        self, values: Sequence[float], size: int, output: Callable[[Any, dict[str, Any]], Any]
    ) -> np.ndarray:
        """Slopes of an ``output`` of ``size`` readings by the free numbers, (n, k), by complex step."""
        jacobian = np.zeros((size, len(values)))
        if self.own:
            rows = np.eye(len(self.own)) * _TINY
            steps = np.array([abs(values[k]) or self.free[k].step for k in self.own])
            moved: list[Any] = list(values)
            for row, k in enumerate(self.own):
                moved[k] = values[k] + 1j * (rows[row] * steps[row])[:, None]
            numbers, readings = self.numbers(moved)
            both = output(changed(self.device, numbers), readings)
            rows_of = np.broadcast_to(np.imag(both), (len(self.own), size))
            jacobian[:, self.own] = rows_of.T / (_TINY * steps)
        return jacobian

    def checked(self, values: Sequence[float]) -> bool:
        """Whether the states in use are those that the sweeps lead to; they are from now on."""
        return True


class CurvePrediction(Prediction):
    """Output readings of a power curve under a device, as a function of the free numbers."""

    def __init__(
        self, device: Device, experiment: Experiment, free: Sequence[FreeParameter], index: int
    ) -> None:
        super().__init__(device, experiment, free, index)
        measured = experiment.measured
        self.power = measured.power_in
        self.parts = [
            (np.flatnonzero(measured.direction == d), sweep)
            for d, sweep in ((0, "up"), (1, "up"), (-1, "down"))
            if np.any(measured.direction == d)
        ]
        self.branches = branches_of(measured) if isinstance(self.device, RingDevice) else None

    # ------------------------------------------------------------------- prediction
    def value(self, values: Sequence[float]) -> np.ndarray:
        """Output readings [W] at ``values`` of the free numbers."""
        device, readings = self.set_to(values)
        return self._output(device, readings, *self._solved(device, readings))

    def both(self, values: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
        """Output readings [W], shape (n,), and their slopes by the free numbers, shape (n, k)."""
        device, readings = self.set_to(values)
        energy, slope = self._solved(device, readings)
        value = self._output(device, readings, energy, slope)
        slopes = self.complex_slopes(
            values, self.power.size, lambda device, readings: self._output(device, readings, energy, slope)
        )
        return value, slopes

    def hinges(self, values: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
        """Residuals of the powers at which the sweeps jump, shape (j,), and their slopes (j, k)."""
        if self.branches is None:
            return np.zeros(0), np.zeros((0, len(values)))
        device, readings = self.set_to(values)
        scale = readings["power_scale"] * readings["input_scale"] * float(device.ring_fraction)
        energy = self.branches.folds(device.cavity(), float(self.power.max()) * scale)

        def powers(device: Any, readings: dict[str, Any]) -> Any:  # at a fold, energy moves them in 2nd order
            share = readings["power_scale"] * readings["input_scale"] * device.ring_fraction
            return device.cavity().input_power(energy) / share

        value, slope = self.branches.hinges(powers(device, readings))
        return value, self.complex_slopes(values, energy.size, powers) * slope[:, None]

    def _output(self, device: Any, readings: dict[str, Any], energy: Any, slope: Any) -> Any:
        power = readings["power_scale"] * readings["input_scale"] * self.power
        if isinstance(device, RingDevice):
            cavity = device.cavity()
            re, im = device.field(cavity, device.refined(power, energy, cavity, slope))
        else:
            re, im = device.output_field(power)
        out = (re * re + im * im) * power
        return readings["output_scale"] * out / readings["power_scale"] + readings["dark"]

    # ------------------------------------------------------------------- steady states
    def _solved(self, device: Any, readings: dict[str, float]) -> tuple[Any, Any]:
        """Energies [J] and slopes dP_in/dU [1/s] of the ring at every point; None without a ring."""
        if not isinstance(device, RingDevice):
            return None, None
        cavity = device.cavity()
        share = float(device.ring_fraction)
        driven = self.power * (readings["power_scale"] * readings["input_scale"] * share)
        if self.branches is not None:
            found = self.branches.energies(cavity, driven)
        else:
            found = None if self.energy is None else _followed(cavity, driven, self.energy)
        if found is None:
            found = self._searched(cavity, driven, share)
        self.energy = found[0]
        return found

    def _searched(self, cavity: Cavity, driven: np.ndarray, share: float) -> tuple[np.ndarray, np.ndarray]:
        energy = np.empty(driven.shape)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OutsideValidityWarning)
            for points, sweep in self.parts:
                energy[points] = swept_energies(cavity, driven[points], sweep, share)  # type: ignore[arg-type]
        return energy, cavity.power_slope(energy)

    def checked(self, values: Sequence[float]) -> bool:
        device, readings = self.set_to(values)
        if not isinstance(device, RingDevice) or self.energy is None or self.branches is not None:
            return True
        share = float(device.ring_fraction)
        driven = self.power * (readings["power_scale"] * readings["input_scale"] * share)
        energy, _ = self._searched(device.cavity(), driven, share)
        dark = 1e-12 * float(energy.max())
        same = bool(np.allclose(energy, self.energy, rtol=1e-6, atol=dark))
        self.energy = energy
        return same


def _followed(cavity: Cavity, driven: np.ndarray, energy: np.ndarray) -> tuple[np.ndarray, np.ndarray] | None:
    """Newton's method from the states of near-by numbers; None where it leaves its branch."""
    energy = np.where(driven > 0, energy, 0.0)  # in the dark no step is small beside the energy
    for _ in range(12):
        value = cavity.input_power(energy + 1j * STEP)
        slope = value.imag / STEP
        if not np.all(slope > 0):
            return None
        step = (value.real - driven) / slope
        new = energy - step
        if not np.all(new >= 0):
            return None
        if np.all(np.abs(step) <= 1e-9 * new):  # squared to round-off by the step just made
            return new, slope
        energy = new
    return None
