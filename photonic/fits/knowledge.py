"""What is known of the free numbers of a device before the next measurement."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from photonic.device import Device
from photonic.errors import ParameterError, one_number, real_numbers, unknown_name
from photonic.fits.experiments import Experiment
from photonic.fits.fitted import Fit
from photonic.fits.free_parameters import FreeParameter, free_parameters
from photonic.fits.identifiability import EXACT, SIMULATED
from photonic.fits.resampling import widening
from photonic.fits.uncertainty import covariances
from photonic.lab.measured import Measured
from photonic.lab.noise import NoiseLaw, noise_law

__all__ = ["Knowledge", "knowledge_of", "standard_errors"]

Uncertainty = Mapping[str, float] | Any
_TOUCHED = 1e-6  # share of a number in a direction that nothing holds, from which on it is lost


@dataclass(frozen=True, kw_only=True, eq=False)
class Knowledge:
    """Free numbers, and rows of information on them.

    A row is the slope of a reading over its standard deviation by the natural coordinate of each number:
    its logarithm, or its steps. ``measured`` (m, k) are rows of data that were taken, ``stated`` (j, k)
    those that stand for standard errors that were given.
    """

    device: Device
    free: Sequence[FreeParameter]
    values: Sequence[float]
    measured: np.ndarray
    stated: np.ndarray
    simulated: bool  # whether some rows are exact only to the accuracy of a simulation
    base: Experiment | None  # the measurement that the next one is like
    index: int
    noise: NoiseLaw | None

    @property
    def rows(self) -> np.ndarray:
        """All rows of information, (m + j, k)."""
        return np.concatenate([self.measured, self.stated])

    @property
    def faintest(self) -> float:
        """Share of the largest singular value below which those of rows mean nothing [1]."""
        return SIMULATED if self.simulated else EXACT

    @property
    def natural(self) -> np.ndarray:
        """Size of a natural unit of each number [SI], (k,)."""
        return np.array([f.natural(v) for f, v in zip(self.free, self.values, strict=True)])

    def errors(self, rows: np.ndarray) -> dict[str, float]:
        """Standard error of each number [SI] that ``rows`` of information leave, infinite if none hold it."""
        found = standard_errors(rows, self.faintest) * np.abs(self.natural)
        return {f.label: float(e) for f, e in zip(self.free, found, strict=True)}


def knowledge_of(
    known: Fit | Device,
    free: Sequence[str] | None,
    uncertainty: Uncertainty,
    like: int | None,
    brightest: float,
) -> Knowledge:
    """What a fit, or a device with standard errors, says of its free numbers; ``brightest`` light [W].

    Raises
    ------
    ParameterError
        ``free`` is missing for a device or given for a fit, ``like`` is no power curve of the fit, or the
        ``uncertainty`` is none.
    """
    if isinstance(known, Fit):
        if free is not None:
            raise ParameterError("free must be left out for a fit, which has its free numbers")
        return _of_fit(known, uncertainty, like)
    if not isinstance(known, Device):
        raise ParameterError(f"known must be a Fit or a device, got {type(known).__name__}")
    if free is None:
        raise ParameterError("free must name the numbers of a device that are to be measured, got None")
    if like is not None:
        raise ParameterError("like counts the measurements of a fit: leave it out for a device")
    device = known.plain()
    found = free_parameters(device, free, {}, {}, 1, brightest)
    values = [f.start for f in found]
    return Knowledge(
        device=device,
        free=found,
        values=values,
        measured=np.zeros((0, len(found))),
        stated=_stated(uncertainty, found, values),
        simulated=False,
        base=None,
        index=0,
        noise=None,
    )


def _of_fit(fit: Fit, uncertainty: Uncertainty, like: int | None) -> Knowledge:
    problem, inner = fit.problem()
    values = problem.values(inner)
    index = _curve(fit, like)
    slopes = np.array([f.slope(float(u)) for f, u in zip(problem.free, inner, strict=True)])
    natural = np.array([f.natural(v) for f, v in zip(problem.free, values, strict=True)])
    by_nature = natural / np.where(slopes == 0, np.inf, slopes)
    experiment = fit.experiments[index]
    sigma = problem.sigma[index] * np.sqrt(experiment.measured.repeats) * widening(fit)
    return Knowledge(
        device=fit.guess.plain(),
        free=problem.free,
        values=values,
        measured=_rows(fit, problem, inner) * by_nature,
        stated=_stated(uncertainty, problem.free, values),
        simulated=problem.simulated,
        base=experiment,
        index=index,
        noise=noise_law(problem.expected(inner)[index], sigma**2),
    )


def _rows(fit: Fit, problem: Any, inner: np.ndarray) -> np.ndarray:
    """Rows of information in inner coordinates; for a robust loss such as make its covariance."""
    jacobian = problem.jacobian(inner)
    if problem.loss == "linear":
        return jacobian / widening(fit)
    residuals = problem.residuals(inner)
    dof = max(residuals.size - inner.size, 1)
    scale = widening(fit) if problem.scale_known else math.sqrt(float(residuals @ residuals) / dof)
    covariance = covariances(problem, residuals, jacobian, scale)[1]
    return _square_root(covariance)


def _square_root(covariance: np.ndarray) -> np.ndarray:
    """Rows R with RᵀR the pseudo-inverse of a covariance."""
    size = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    size = np.where(size > 0, size, 1.0)
    values, columns = np.linalg.eigh(covariance / np.outer(size, size))
    keep = values > 1e-13 * max(float(values[-1]), 1e-300)
    return (columns[:, keep] / np.sqrt(values[keep])).T / size


def _curve(fit: Fit, like: int | None) -> int:
    """The measurement that the next one is like: the last power curve unless another is named."""
    curves = [k for k, e in enumerate(fit.experiments) if isinstance(e.measured, Measured)]
    if not curves:
        raise ParameterError("known must be a fit of a power curve at least: this one has none")
    if like is None:
        return curves[-1]
    if like not in curves:
        raise ParameterError(f"like must be the number of a power curve, one of {curves}, got {like!r}")
    return int(like)


def _stated(uncertainty: Uncertainty, free: Sequence[FreeParameter], values: Sequence[float]) -> np.ndarray:
    """Rows that stand for standard errors, or for a covariance, that somebody gave."""
    natural = np.array([f.natural(v) for f, v in zip(free, values, strict=True)])
    count = len(free)
    if uncertainty is None:
        return np.zeros((0, count))
    if not isinstance(uncertainty, Mapping):
        covariance = real_numbers("uncertainty", uncertainty)
        if covariance.shape != (count, count) or not np.allclose(covariance, covariance.T, rtol=1e-9, atol=0):
            text = f"a mapping of names to standard errors or a symmetric covariance ({count}, {count})"
            raise ParameterError(f"uncertainty must be {text}, got shape {covariance.shape}")
        scaled = covariance / np.outer(natural, natural)
        if np.any(np.linalg.eigvalsh(scaled) <= 0):
            raise ParameterError("uncertainty must be positive definite: leave out numbers known exactly")
        return _square_root(scaled)
    rows = []
    for name, value in uncertainty.items():
        places = [k for k, f in enumerate(free) if name in (f.label, f.name, f.name.removeprefix("ring."))]
        if not places:
            raise unknown_name("free parameter", name, [f.label for f in free])
        error = one_number(f"uncertainty[{name!r}]", value, above=0.0, unit=free[places[0]].unit)
        rows.append(np.where(np.arange(count) == places[0], natural / error, 0.0))
    return np.array(rows).reshape(-1, count)


def standard_errors(rows: np.ndarray, faintest: float = EXACT) -> np.ndarray:
    """Square roots of the diagonal of (RᵀR)⁻¹ for ``rows`` R (n, k); infinite for what no row holds."""
    size = np.linalg.norm(rows, axis=0)
    unit = np.where(size > 0, size, 1.0)
    _, found, axes = np.linalg.svd(rows / unit, full_matrices=True)
    values = np.zeros(rows.shape[1])
    values[: found.size] = found
    held = values > faintest * max(float(values.max(initial=0.0)), 1e-300)
    errors = np.sqrt(np.sum((axes[held] / values[held, None]) ** 2, axis=0)) / unit
    lost = np.any(np.abs(axes[~held]) > _TOUCHED, axis=0)
    return np.where(lost, np.inf, errors)
