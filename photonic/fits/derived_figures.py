"""Figures of a ring that follow from fitted numbers, with their intervals."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.errors import ParameterError
from photonic.fits.free_parameters import READINGS, FreeParameter, changed

if TYPE_CHECKING:
    from photonic.fits.fitted import Fit

__all__ = ["Derived", "derived_figures", "inner_covariance"]

_FIGURES = (
    ("quality factor", "quality_factor", "1"),
    ("intrinsic quality factor", "intrinsic_quality_factor", "1"),
    ("thermal resistance", "thermal_resistance", "K/W"),
)
_STEP = 1e-5  # inner units, of the central difference


@dataclass(frozen=True, kw_only=True)
class Derived:
    """``value`` [``unit``] of a figure that follows from others, its standard error and 95 % interval."""

    name: str
    value: float
    unit: str
    standard_error: float
    interval: tuple[float, float]


def derived_figures(fit: Fit) -> tuple[Derived, ...]:
    """Figures of the ring that the free numbers of a fit move, by propagation of their errors.

    Their logarithm is taken to be Gaussian. Figures that rest on a number the data do not hold are left out.
    """
    problem, inner = fit.problem()
    if not hasattr(fit.device, "ring"):
        return ()
    covariance, quantile = inner_covariance(fit, problem.free, inner), _quantile(fit)
    found = []
    for name, attribute, unit in _FIGURES:
        value = _figure(fit.device, attribute)
        slopes = np.array(
            [_slope(fit.device, f, u, attribute) for f, u in zip(problem.free, inner, strict=True)]
        )
        acting = slopes != 0
        part = covariance[np.ix_(acting, acting)]
        if value is None or not np.any(acting) or not np.all(np.isfinite(part)):
            continue
        error = math.sqrt(max(float(slopes[acting] @ part @ slopes[acting]), 0.0))
        reach = math.exp(min(quantile * error, 300.0))
        interval = (value / reach, value * reach)
        found.append(
            Derived(name=name, value=value, unit=unit, standard_error=value * error, interval=interval)
        )
    return tuple(found)


def inner_covariance(fit: Fit, free: list[FreeParameter], inner: np.ndarray) -> np.ndarray:
    """Covariance of the inner coordinates (k, k); not finite where the data do not hold a number."""
    slopes = np.array([abs(f.slope(float(u))) for f, u in zip(free, inner, strict=True)])
    errors = np.array([e.standard_error for e in fit.estimates.values()]) / slopes
    with np.errstate(invalid="ignore"):
        return np.asarray(fit.correlation * np.outer(errors, errors))


def _quantile(fit: Fit) -> float:
    from scipy.special import stdtrit

    freedom = 1e9 if "sigma" in fit.noise else fit.residuals.size - len(fit.estimates)
    return float(stdtrit(freedom, 0.975))


def _figure(device: Any, attribute: str) -> float | None:
    try:
        value = getattr(device.ring, attribute)
    except ParameterError:  # the ring has not what it takes
        return None
    return None if value is None or not (math.isfinite(value) and value > 0) else float(value)


def _slope(device: Any, free: FreeParameter, inner: float, attribute: str) -> float:
    """Of the logarithm of a figure by an inner coordinate; 0 where it does not depend on it."""
    if free.experiment is not None or free.name in READINGS:
        return 0.0
    ends = [
        _figure(changed(device, {free.name: free.value(inner + step)}), attribute) for step in (-_STEP, _STEP)
    ]
    if ends[0] is None or ends[1] is None or ends[0] == ends[1]:
        return 0.0
    return (math.log(ends[1]) - math.log(ends[0])) / (2 * _STEP)
