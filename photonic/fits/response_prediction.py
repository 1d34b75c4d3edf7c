"""What a device would have answered in time, with the slope by every free number."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any, cast

import numpy as np

from photonic.device import Device
from photonic.drive import Drive
from photonic.dynamics import simulate
from photonic.errors import OutsideValidityWarning, ParameterError
from photonic.fits.detection import detected_power
from photonic.fits.experiments import Experiment
from photonic.fits.free_parameters import FreeParameter
from photonic.fits.predictions import Prediction
from photonic.lab.responses import MeasuredResponse
from photonic.ring_device import RingDevice
from photonic.stability import SteadyState, steady_states

__all__ = ["ResponsePrediction"]

_TOLERANCE = 1e-12  # of the integration
_STEP = 1e-4  # of a difference: cut off and round-off both cost about 1e-8 of a slope


class ResponsePrediction(Prediction):
    """Output readings of an answer in time under a device, as a function of the free numbers.

    Slopes are central differences, in the logarithm of what has a logarithmic scale, so that products of
    powers that leave the readings as they are do so in the slopes, too.
    """

    simulated = True  # the slopes are not exact to round-off

    def __init__(
        self, device: Device, experiment: Experiment, free: Sequence[FreeParameter], index: int
    ) -> None:
        super().__init__(device, experiment, free, index)
        if not isinstance(device, RingDevice):
            kind = type(device).__name__
            raise ParameterError(f"device must have a ring to have an answer in time, got {kind}")
        self.measured: MeasuredResponse = experiment.measured
        self.drive = cast(Drive, self.measured.drive)

    def value(self, values: Sequence[float]) -> np.ndarray:
        """Output readings [W] at ``values`` of the free numbers."""
        device, readings = self.set_to(values)
        return _read(self._light(device, readings), readings)

    def both(self, values: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
        """Output readings [W], shape (n,), and their slopes by the free numbers, shape (n, k)."""
        device, readings = self.set_to(values)
        light = self._light(device, readings)
        slopes = np.zeros((light.size, len(values)))
        for k in self.own:
            name = self.free[k].name
            if name == "dark":
                slopes[:, k] = 1.0
            elif name == "output_scale":
                slopes[:, k] = light / readings["power_scale"]
            else:
                slopes[:, k] = self._difference(values, k)
        return _read(light, readings), slopes

    def _difference(self, values: Sequence[float], k: int) -> np.ndarray:
        free, at = self.free[k], values[k]
        if free.positive:
            ends, width = (at * math.exp(-_STEP), at * math.exp(_STEP)), 2 * _STEP * at
        else:
            step = _STEP * (at * (1 - at) if free.kind == "share" else free.step)
            ends, width = (at - step, at + step), 2 * step
        low, high = (self.value([*values[:k], end, *values[k + 1 :]]) for end in ends)
        return (high - low) / width

    def _light(self, device: Any, readings: dict[str, float]) -> np.ndarray:
        """Power at the output of the device [W] at the times of the readings."""
        m = self.measured
        scale = readings["power_scale"] * readings["input_scale"]
        times = m.times - readings["delay"]
        drive = _lasting(Drive(self.drive.breaks, self.drive.roots * scale**0.5), float(times[-1]))
        start = drive.span[0]
        inside = times[times > start]  # before, the device is settled
        wanted = np.concatenate([[start], inside if inside.size else drive.breaks[-1:]])
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", OutsideValidityWarning)
            state = _settled(device, float(drive(start)), m.initial == "up")
            slow = m.bandwidth is not None
            trace = simulate(device, drive, wanted, initial=state, rtol=_TOLERANCE, dense=slow)
        light = trace.power_out if m.bandwidth is None else detected_power(trace, drive, wanted, m.bandwidth)
        return np.concatenate([np.full(times.size - inside.size, light[0]), light[1 : 1 + inside.size]])


def _lasting(drive: Drive, end: float) -> Drive:
    """The same drive, its last power held until ``end`` [s] if it stops before."""
    last = drive.span[1]
    if end <= last:
        return drive
    root = np.zeros(drive.roots.shape[-1])
    root[0] = float(drive(last)) ** 0.5
    return Drive(np.append(drive.breaks, end), np.vstack([drive.roots, root]))


def _settled(device: RingDevice, power: float, lower: bool) -> SteadyState | None:
    """The steady state at a ``power`` [W] that raising it from 0 leads to, or that lowering it does."""
    if power == 0.0:
        return None
    return steady_states(device, power)[0 if lower else -1]


def _read(light: np.ndarray, readings: dict[str, float]) -> np.ndarray:
    return readings["output_scale"] * light / readings["power_scale"] + readings["dark"]
