"""From a device and what was measured to a least-squares problem."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from photonic.device import Device
from photonic.errors import DataError, ParameterError, unknown_name
from photonic.fits import weights
from photonic.fits.experiments import Experiment
from photonic.fits.free_parameters import FreeParameter, free_parameters, number
from photonic.fits.inverse_problem import Loss, Problem
from photonic.fits.predictions import CurvePrediction
from photonic.fits.response_prediction import ResponsePrediction
from photonic.fits.spectrum_prediction import SpectrumPrediction
from photonic.lab.measured import Measured
from photonic.lab.port_spectra import PortSpectrum
from photonic.lab.responses import MeasuredResponse
from photonic.sensitivity import parameter_names

__all__ = ["prediction", "problem_of"]

_KINDS: Mapping[type, Any] = {
    Measured: CurvePrediction,
    MeasuredResponse: ResponsePrediction,
    PortSpectrum: SpectrumPrediction,
}


def problem_of(
    device: Device,
    experiments: Sequence[Experiment],
    free: Sequence[str],
    bounds: Mapping[str, tuple[float, float]],
    start: Mapping[str, float],
    noise: str | Sequence[str] | None,
    loss: Loss = "linear",
) -> tuple[Problem, list[FreeParameter]]:
    """The least-squares problem of `fit`, and its free numbers."""
    device = device.plain()
    for name in parameter_names(device):
        number(device, name)  # no array
    measured = [e.measured for e in experiments]
    if not any(np.any(m.power_out) for m in measured):
        raise DataError("there is nothing to fit: every output reading is 0 W")
    brightest = min((b for m in measured if (b := float(np.max(np.abs(m.power_out)))) > 0), default=1.0)
    found = free_parameters(device, free, bounds, start, len(experiments), brightest)
    several = isinstance(noise, Sequence) and not isinstance(noise, str)
    kinds = list(noise or ()) if several else [noise] * len(measured)
    if len(kinds) != len(measured):
        raise ParameterError(f"noise must name one model, or one for each of {len(measured)} experiments")
    checked = [weights.checked_kind(k, m, i) for i, (k, m) in enumerate(zip(kinds, measured, strict=True))]
    predictions = [prediction(device, e, found, i) for i, e in enumerate(experiments)]
    return Problem(found, predictions, measured, checked, loss), found


def prediction(device: Device, experiment: Experiment, free: Sequence[FreeParameter], index: int) -> Any:
    """What foretells the readings of an experiment, by its kind."""
    measured = experiment.measured
    for kind, made in _KINDS.items():
        if isinstance(measured, kind):
            return made(device, experiment, free, index)
    raise unknown_name("measurement", type(measured).__name__, [kind.__name__ for kind in _KINDS])
