"""The residuals of a fit for lmfit, an optional library: its minimisers, its confidence maps, its emcee."""

from __future__ import annotations

import importlib
import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.errors import ParameterError
from photonic.fits.diagnostics import ODD
from photonic.fits.inverse_problem import Problem, losses
from photonic.lab.number_text import scale

if TYPE_CHECKING:
    from photonic.fits.fitted import Fit
    from photonic.fits.free_parameters import FreeParameter

__all__ = ["minimizer"]


def minimizer(fit: Fit) -> Any:
    """An ``lmfit.Minimizer`` of the same residuals, at the solution of ``fit``.

    Its parameters are named as in the fit, with underscores for dots and brackets: ``ring_coupling_rate``,
    ``detuning_1``. They are counted in the units of the report, since lmfit takes numbers below 1e-15 for
    0; ``user_data`` of each holds its ``label``, its ``unit`` and ``si``, the size of that unit in SI.
    Limits are the bounds, those of nature, or else those of the search. With a robust loss the residuals
    are such that their squares are that loss.

    Raises
    ------
    ParameterError
        lmfit is not installed.
    """
    try:
        lmfit = importlib.import_module("lmfit")
    except ImportError:
        raise ParameterError("to_lmfit needs lmfit: pip install lmfit") from None
    problem, inner = fit.problem()
    parameters = lmfit.Parameters()
    names, sizes = [_identifier(label) for label in fit.estimates], []
    for name, free, estimate in zip(names, problem.free, fit.estimates.values(), strict=True):
        factor, unit = scale(estimate.value, estimate.unit)
        low, high = (factor * end for end in _limits(free))
        words = {"label": estimate.name, "unit": unit, "si": 1 / factor}
        parameters.add(name, value=factor * estimate.value, min=low, max=high, user_data=words)
        if math.isfinite(estimate.standard_error):
            parameters[name].stderr = factor * estimate.standard_error
        sizes.append(factor)
    _correlate(parameters, fit.correlation, problem.free, inner)

    def residuals(trial: Any) -> np.ndarray:
        values = [float(trial[name].value) / factor for name, factor in zip(names, sizes, strict=True)]
        return _residuals(
            problem, np.array([_inner(f, v) for f, v in zip(problem.free, values, strict=True)])
        )

    widened = not problem.scale_known or fit.diagnostics.probability < ODD
    return lmfit.Minimizer(residuals, parameters, scale_covar=widened)


def _identifier(label: str) -> str:
    """The label as a name in Python: "ring.traps.density" and "detuning[1]" have no such."""
    return re.sub(r"\W+", "_", label).strip("_")


def _limits(free: FreeParameter) -> tuple[float, float]:
    if free.bounds is not None:
        return free.bounds
    if free.kind == "share":
        return free.ends
    low, high = sorted(free.value(wall) for wall in free.walls)
    return free.ends[0] if free.kind == "loss" else low, high


def _correlate(
    parameters: Any, correlation: np.ndarray, free: list[FreeParameter], inner: np.ndarray
) -> None:
    """Correlations of the numbers themselves: some fall where their inner coordinate rises."""
    signs = [math.copysign(1.0, f.slope(float(u))) for f, u in zip(free, inner, strict=True)]
    for i, parameter in enumerate(parameters.values()):
        found = {
            other: float(correlation[i, j] * signs[i] * signs[j])
            for j, other in enumerate(parameters)
            if j != i and math.isfinite(correlation[i, j])
        }
        parameter.correl = found or None


def _inner(free: FreeParameter, value: float) -> float:
    """Inner coordinate of ``value``, which may lie at a limit, where the coordinate is infinite."""
    (low, at_low), (high, at_high) = sorted((free.value(wall), wall) for wall in free.walls)
    if value <= low:
        return at_low
    return at_high if value >= high else free.inner(value)


def _residuals(problem: Problem, inner: np.ndarray) -> np.ndarray:
    """Whose squares sum up to the cost of the fit, whatever was asked for before."""
    for prediction in problem.predictions:
        prediction.energy = None  # no state is carried over from one trial to the next
    expected = problem.expected(inner)
    z = np.concatenate([(f - y) / s for f, y, s in zip(expected, problem.seen, problem.sigma, strict=True)])
    squares = np.maximum(z * z, 1e-300)
    return np.append(z * np.sqrt(losses(squares, problem.loss) / squares), problem.hinges(inner)[0])
