"""Physical parameters from measured curves."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np

from photonic.device import Device
from photonic.errors import DataError, ParameterError, unknown_name
from photonic.fits.diagnostics import ODD, diagnostics
from photonic.fits.estimates import Estimate, Estimates
from photonic.fits.experiments import Experiment, experiments_of
from photonic.fits.fitted import Fit
from photonic.fits.fitted_devices import fitted_device
from photonic.fits.free_parameters import READINGS
from photonic.fits.identifiability import unidentifiable
from photonic.fits.inverse_problem import DISTINCT, Loss, Problem, Solution
from photonic.fits.problems import problem_of
from photonic.fits.profiles import BetterFit, Profile, profile
from photonic.fits.searches import best_solution, orders
from photonic.fits.twins import with_twins
from photonic.fits.uncertainty import covariances

__all__ = ["fit"]

LEVEL = 0.95
_NOISELESS = 1e-6  # least standard deviation of a weighted residual: readings can be exact


def fit(
    device: Device,
    measured: Any,
    free: Sequence[str],
    *,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    start: Mapping[str, float] | None = None,
    noise: str | Sequence[str] | None = None,
    loss: Loss = "linear",
    starts: int | Literal["auto"] = "auto",
    seed: int = 0,
    intervals: Literal["profile", "wald"] = "profile",
) -> Fit:
    """Numbers of a device for which it gives what was measured.

    Least squares of (expected − seen)/σ over all experiments, with exact slopes, in coordinates in which
    every value is allowed: logarithms of what must be positive, logits of what lies between bounds.

    Parameters
    ----------
    device : Device
        The model, with the best guess of its numbers; those that are not free stay as they are.
    measured : Measured, PortSpectrum, MeasuredResponse, Experiment, or a list of these
        What was measured: power curves, spectra at low power, answers in time. Several are fitted
        together, and share every free number that is not named with the number of its experiment.
    free : sequence of str
        Names of fields, dotted for parts ("detuning", "ring.carrier_lifetime", or "carrier_lifetime" for
        short); "detuning[1]" is that of experiment 1 alone. Beside them "power_scale" (true power over both
        readings), "input_scale" and "output_scale" (true over read, read over true), "dark" [W], and
        "delay" [s], of output readings in time behind those of the input.
    bounds : mapping, optional
        Name to (low, high) [SI].
    start : mapping, optional
        Name to the value to start from, instead of that of ``device``.
    noise : {"sigma", "constant", "proportional", "mixed"}, optional
        Standard deviation of a reading: that of the data (default where they have one); the same everywhere
        (default else), a share of the power, or floor² + (share · power)², each as large as the residuals
        say. One, or one per experiment.
    loss : {"linear", "soft_l1", "huber", "cauchy"}
        Squares, or a loss that outliers weigh less in (scipy.optimize.least_squares).
    starts : int or "auto"
        Starts beside the first, quasi-random. "auto" tries 8, then 24 more, as long as the residuals
        do not look like noise.
    seed : int
        Of the starts.
    intervals : {"profile", "wald"}
        95 % intervals by profile likelihood, or from the curvature alone (quicker).

    Returns
    -------
    Fit

    Raises
    ------
    ParameterError
        An unknown name, a start outside its bounds, an unknown option.
    DataError
        Fewer readings than free numbers, or no light in any of them.
    ConvergenceError
        The search ends nowhere: bistable data without their sweep directions, mostly.

    Examples
    --------
    >>> import dataclasses
    >>> import numpy as np
    >>> from photonic import presets
    >>> from photonic.lab.measured import Measured
    >>> device, power = presets.SIGMOID, np.linspace(10e-6, 2e-3, 100)
    >>> noise = 1e-6 * np.random.default_rng(0).standard_normal(100)
    >>> data = Measured(power, device.transfer(power) + noise)
    >>> guess = dataclasses.replace(device, arm_phase=device.arm_phase + 0.2)
    >>> result = fit(guess, data, ["arm_phase", "detuning"])
    >>> phase = result.estimates["arm_phase"]
    >>> phase.interval[0] < device.arm_phase < phase.interval[1]
    True
    """
    if not isinstance(device, Device):
        raise ParameterError(f"device must be a device such as RingThrough, got {type(device).__name__}")
    for name, value, known in (("loss", loss, get_args(Loss)), ("intervals", intervals, ("profile", "wald"))):
        if value not in known:
            raise unknown_name(name, value, known)
    experiments = experiments_of(measured)
    problem, found_free = problem_of(device, experiments, free, bounds or {}, start or {}, noise, loss)
    if problem.size <= len(found_free):
        text = f"{len(found_free)} free parameters need more than {len(found_free)} readings"
        raise DataError(f"{text}, got {problem.size}")
    best, others = with_twins(problem, *best_solution(problem, found_free, starts, seed))
    for _ in range(5):
        try:
            return _judged(device, experiments, problem, best, others, intervals, seed)
        except BetterFit as better:
            best = problem.checked(problem.solve(better.solution.inner))
    return _judged(device, experiments, problem, best, others, "wald", seed)


def _judged(
    device: Device,
    experiments: list[Experiment],
    problem: Problem,
    best: Solution,
    others: list[Solution],
    intervals: str,
    seed: int,
) -> Fit:
    """Everything that there is to say about a solution."""
    from scipy.special import stdtrit

    free, values = problem.free, problem.values(best.inner)
    residuals, jacobian = problem.residuals(best.inner), problem.jacobian(best.inner)
    dof = residuals.size - len(free)
    raw = [f - y for f, y in zip(problem.expected(best.inner), problem.seen, strict=True)]
    judged = diagnostics(residuals, orders(problem), problem.scale_known, dof, raw)
    scale = max(math.sqrt(float(residuals @ residuals) / dof), _NOISELESS)
    if problem.scale_known:
        scale = scale if judged.probability < ODD and scale > 1 else 1.0
    unscaled = not problem.scale_known and problem.loss == "linear"
    quantile = float(stdtrit(1e9 if problem.scale_known else dof, 0.5 + LEVEL / 2))
    slopes = np.array([f.slope(float(u)) for f, u in zip(free, best.inner, strict=True)])
    natural = np.array([f.natural(v) for f, v in zip(free, values, strict=True)])
    by_nature = jacobian * (natural / np.where(slopes == 0, np.inf, slopes))
    unseen = unidentifiable(free, values, by_nature, scale, problem.simulated)
    lost = {name for d in unseen if d.kind != "practical" for name in d.exponents}
    unit, covariance = covariances(problem, residuals, jacobian, scale)
    profiles: list[Profile | None] = [None] * len(free)
    if intervals == "profile":
        errors = np.sqrt(np.maximum(np.diag(covariance), 0.0) / np.maximum(np.diag(unit), 1e-300))
        for k, f in enumerate(free):
            if f.label not in lost:
                profiles[k] = profile(problem, best, unit, k, (quantile * float(errors[k])) ** 2)
    spread = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    estimates = {
        f.label: Estimate.made(f, float(u), float(error), quantile, made, f.label in lost)
        for f, u, error, made in zip(free, best.inner, spread, profiles, strict=True)
    }
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = covariance / np.outer(spread, spread)
    own = {
        f.name: v
        for f, v in zip(free, values, strict=True)
        if f.experiment is None and f.name not in READINGS
    }
    return Fit(
        device=fitted_device(device.plain(), own, experiments),
        estimates=Estimates(estimates),
        correlation=correlation,
        unidentifiable=unseen,
        residuals=np.concatenate(raw),
        weighted_residuals=residuals,
        singular_values=np.linalg.svd(np.linalg.qr(by_nature / scale, mode="r"), compute_uv=False),
        diagnostics=judged,
        sigma=np.concatenate(problem.sigma) * (scale if unscaled else 1.0),
        experiments=tuple(experiments),
        guess=device,
        noise=tuple(problem.kinds),
        loss=problem.loss,
        seed=seed,
        starts=problem.starts_tried,
        alternatives=_alternatives(problem, best, others, spread),
        profiles={f.label: p.tried for f, p in zip(free, profiles, strict=True) if p is not None},
    )


def _alternatives(
    problem: Problem, best: Solution, others: list[Solution], spread: np.ndarray
) -> tuple[dict[str, float], ...]:
    """Numbers and relative costs of other minima, a standard error or more from the best and each other."""
    near = np.maximum(np.where(np.isfinite(spread), spread, 0.0), DISTINCT)
    kept = [best]
    for one in others:
        if all(np.max(np.abs(one.inner - other.inner) / near) > 1 for other in kept):
            kept.append(one)
    labels = [f.label for f in problem.free]
    least = max(best.cost, 1e-300)  # exact readings leave nothing
    return tuple(
        {**dict(zip(labels, problem.values(s.inner), strict=True)), "cost": max(s.cost, 1e-300) / least}
        for s in kept[1:6]
    )
