"""One measurement and the settings it was taken at, ready to be compared with a device."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from photonic.device import Device
from photonic.errors import ParameterError, one_number
from photonic.fits.free_parameters import READINGS, changed, full_name, number, settable
from photonic.lab.measured_spectrum import MeasuredSpectrum
from photonic.lab.port_spectra import port_spectrum

__all__ = ["Experiment", "experiments_of", "set_for"]


@dataclass(frozen=True, eq=False)
class Experiment:
    """A measurement with the settings at which it differs from the device that is fitted.

    Parameters
    ----------
    measured : Measured, PortSpectrum, MeasuredSpectrum of one channel, or MeasuredResponse
        A power curve, a spectrum at low power, or an answer in time.
    at : mapping
        Parameters of the device, by name, and what they were during this measurement.
    shift : mapping
        Parameters and how much they lay above their value in the device, free or not: the detuning
        [rad/s] by which the laser was moved between two curves, say.

    Examples
    --------
    >>> from photonic.lab.measured import Measured
    >>> data = Measured([0.0, 1e-3], [0.0, 1e-4])
    >>> Experiment(data, at={"arm_phase": 1.0}, shift={"detuning": -2e10}).shift["detuning"]
    -20000000000.0
    """

    measured: Any
    at: Mapping[str, float] = field(default_factory=dict)
    shift: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not (hasattr(self.measured, "power_in") or hasattr(self.measured, "wavelength")):
            raise ParameterError(f"measured must be what was measured, got {type(self.measured).__name__}")
        for name in ("at", "shift"):
            given = getattr(self, name)
            if not isinstance(given, Mapping):
                raise ParameterError(f"{name} must map names to numbers, got {given!r}")
            values = {key: one_number(f"{name}[{key!r}]", value) for key, value in given.items()}
            object.__setattr__(self, name, values)


def experiments_of(measured: Any) -> list[Experiment]:
    """What a fit was given, one measurement or several, as experiments."""
    several = isinstance(measured, Sequence) and not isinstance(measured, str)
    given = list(measured) if several else [measured]
    if not given:
        raise ParameterError("measured must hold at least one measurement, got none")
    for one in given:
        if isinstance(one, np.ndarray | str | float | int):
            text = "measured must be a Measured (photonic.read_curve, or Measured(power_in, power_out))"
            raise ParameterError(f"{text}, got {type(one).__name__}")
    experiments = [one if isinstance(one, Experiment) else Experiment(one) for one in given]
    return [_of_one_port(e) for e in experiments]


def _of_one_port(experiment: Experiment) -> Experiment:
    if not isinstance(experiment.measured, MeasuredSpectrum):
        return experiment
    return dataclasses.replace(experiment, measured=port_spectrum(experiment.measured))


def set_for(device: Device, experiment: Experiment) -> tuple[Device, dict[str, float], dict[str, float]]:
    """The device as it was set, the readings' numbers set with it, and the shifts by full name."""
    known = settable(device)
    at = {full_name(name, known): value for name, value in experiment.at.items()}
    shift = {full_name(name, known): value for name, value in experiment.shift.items()}
    readings = {name: at.pop(name, value) for name, value in READINGS.items()}
    for name in at:
        number(device, name)
    return changed(device, at), readings, shift
