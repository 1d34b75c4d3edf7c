"""Physical parameters from measured curves."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal, get_args

import numpy as np

from photonic.device import Device
from photonic.errors import ConvergenceError, DataError, ParameterError, unknown_name
from photonic.lab import weights
from photonic.lab.diagnostics import ODD, diagnostics
from photonic.lab.experiments import Experiment, experiments_of
from photonic.lab.fitted import Estimate, Fit
from photonic.lab.free_parameters import READINGS, FreeParameter, changed, free_parameters
from photonic.lab.identifiability import unidentifiable
from photonic.lab.inverse_problem import DISTINCT, Loss, Problem, Solution
from photonic.lab.measured import Measured
from photonic.lab.port_spectra import PortSpectrum
from photonic.lab.predictions import CurvePrediction
from photonic.lab.profiles import BetterFit, Profile, profile
from photonic.lab.response_prediction import ResponsePrediction
from photonic.lab.responses import MeasuredResponse
from photonic.lab.spectrum_prediction import SpectrumPrediction
from photonic.lab.twins import with_twins

__all__ = ["fit", "problem_of"]

LEVEL = 0.95
_NOISELESS = 1e-6  # least standard deviation of a weighted residual: readings can be exact
_KINDS: Mapping[type, Any] = {
    Measured: CurvePrediction,
    MeasuredResponse: ResponsePrediction,
    PortSpectrum: SpectrumPrediction,
}
_ROUNDS = (8, 24)  # starts to try before giving up on residuals that do not look like noise
_SYSTEMATIC = 0.35  # correlation of neighbouring residuals above which other starts are tried


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
        Starts beside the first, quasi-random. "auto" tries 8 if the residuals of the first do not
        look like noise.
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
        Fewer readings than free numbers.
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
    best, others = with_twins(problem, *_best(problem, found_free, starts, seed))
    for _ in range(5):
        try:
            return _judged(device, experiments, problem, best, others, intervals, seed)
        except BetterFit as better:
            best = problem.checked(problem.solve(better.solution.inner))
    return _judged(device, experiments, problem, best, others, "wald", seed)


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
    measured = [e.measured for e in experiments]
    brightest = min((b for m in measured if (b := float(np.max(np.abs(m.power_out)))) > 0), default=1.0)
    found = free_parameters(device, free, bounds, start, len(experiments), brightest)
    kinds = [noise] * len(measured) if noise is None or isinstance(noise, str) else list(noise)
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


def _best(
    problem: Problem, free: Sequence[FreeParameter], starts: int | str, seed: int
) -> tuple[Solution, list[Solution]]:
    """The best solution, and other minima if more than one start was tried."""
    if not (starts == "auto" or (isinstance(starts, int) and starts >= 0)):
        raise ParameterError(f"starts must be 'auto' or an integer >= 0, got {starts!r}")
    found: list[Solution] = []
    try:
        found.append(problem.checked(problem.solve(np.array([f.inner(f.start) for f in free]))))
    except ConvergenceError:
        if starts == 0:
            raise
    minima: list[Solution] = []
    for number, wanted in enumerate(_ROUNDS if starts == "auto" else (int(starts),)):
        if not wanted or (starts == "auto" and found and not _systematic(problem, found[0])):
            break
        minima += problem.minima(problem.starts(wanted, seed + number))
        for one in problem.ranked(minima):
            try:
                checked = problem.checked(problem.solve(one.inner))
            except ConvergenceError:
                continue
            found = problem.ranked([*found, checked])
            break
    if not found:
        raise ConvergenceError("no start led to a solution: give start or bounds nearer to the truth")
    best = found[0] if not minima else problem.checked(problem.solve(found[0].inner))
    apart = [s for s in [*found, *minima] if np.max(np.abs(s.inner - best.inner)) > DISTINCT]
    return best, problem.ranked(apart)


def _systematic(problem: Problem, found: Solution) -> bool:
    residuals = problem.residuals(found.inner)
    judged = diagnostics(residuals, _orders(problem), False, residuals.size, [])
    return abs(judged.correlation) > _SYSTEMATIC and judged.correlation_probability < ODD


def _orders(problem: Problem) -> list[np.ndarray]:
    found = []
    for m in problem.measured:
        sweep = getattr(m, "direction", np.zeros(len(m)))
        found.append(np.lexsort((_coordinate(m), sweep)))
    return found


def _coordinate(measured: Any) -> np.ndarray:
    """What the readings of a measurement follow each other in."""
    for name in ("wavelength", "times"):
        if hasattr(measured, name):
            return np.asarray(getattr(measured, name))
    return np.asarray(measured.power_in)


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
    judged = diagnostics(residuals, _orders(problem), problem.scale_known, dof, raw)
    scale = max(math.sqrt(float(residuals @ residuals) / dof), _NOISELESS)
    if problem.scale_known:
        scale = scale if judged.probability < ODD and scale > 1 else 1.0
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
    estimates = {
        f.label: Estimate.made(
            f, float(u), float(covariance[k, k]) ** 0.5, quantile, profiles[k], f.label in lost
        )
        for k, (f, u) in enumerate(zip(free, best.inner, strict=True))
    }
    spread = np.sqrt(np.diag(covariance))
    with np.errstate(invalid="ignore", divide="ignore"):
        correlation = covariance / np.outer(spread, spread)
    own = {
        f.name: v
        for f, v in zip(free, values, strict=True)
        if f.experiment is None and f.name not in READINGS
    }
    return Fit(
        device=_sound(changed(device.plain(), own)),
        estimates=estimates,
        correlation=correlation,
        unidentifiable=unseen,
        residuals=np.concatenate(raw),
        weighted_residuals=residuals,
        singular_values=np.linalg.svd(np.linalg.qr(by_nature / scale, mode="r"), compute_uv=False),
        diagnostics=judged,
        sigma=np.concatenate(problem.sigma) * (1.0 if problem.scale_known else scale),
        experiments=tuple(experiments),
        guess=device,
        noise=tuple(problem.kinds),
        loss=problem.loss,
        seed=seed,
        alternatives=tuple(
            {f.label: v for f, v in zip(free, problem.values(s.inner), strict=True)}
            | {"cost": s.cost / best.cost}
            for s in others[:5]
        ),
        profiles={f.label: p.tried for f, p in zip(free, profiles, strict=True) if p is not None},
    )


def covariances(
    problem: Problem, residuals: np.ndarray, jacobian: np.ndarray, scale: float
) -> tuple[np.ndarray, np.ndarray]:
    """Covariance of the inner coordinates for residuals of standard deviation 1, and as they are.

    Along directions that the data do not hold, the pseudo-inverse says 0. With a robust loss the second is
    the sandwich A⁻¹ B A⁻¹ of the slopes A of the score and its spread B.
    """
    if problem.loss == "linear":
        unit = _inverse(jacobian, problem.faintest)
        return unit, unit * scale**2
    z = residuals
    weight, curvature = _score(z, problem.loss)
    bread = np.linalg.pinv((jacobian * curvature[:, None]).T @ jacobian, hermitian=True)
    pulls = jacobian * (weight * z)[:, None]
    return bread, bread @ (pulls.T @ pulls) @ bread


def _inverse(jacobian: np.ndarray, faintest: float) -> np.ndarray:
    """(JᵀJ)⁻¹ by singular values, of columns brought to one size."""
    size = np.linalg.norm(jacobian, axis=0)
    size = np.where(size > 0, size, 1.0)
    _, values, rows = np.linalg.svd(np.linalg.qr(jacobian / size, mode="r"))
    keep = values > faintest * max(float(values[0]), 1e-300)
    scaled = rows[keep] / values[keep, None]
    return (scaled.T @ scaled) / np.outer(size, size)


def _score(z: np.ndarray, loss: Loss) -> tuple[np.ndarray, np.ndarray]:
    """ρ′(z²), and half the second derivative of ρ(z²) by z, kept positive."""
    s = z * z
    if loss == "soft_l1":
        first, second = (1 + s) ** -0.5, -0.5 * (1 + s) ** -1.5
    elif loss == "huber":
        inside = s <= 1
        first = np.where(inside, 1.0, np.maximum(s, 1.0) ** -0.5)
        second = np.where(inside, 0.0, -0.5 * np.maximum(s, 1.0) ** -1.5)
    else:
        first, second = 1 / (1 + s), -1 / (1 + s) ** 2
    return first, np.maximum(first + 2 * second * s, 0.0)


def _sound(device: Device) -> Device:
    """The same device, its numbers checked."""
    parts = {
        f.name: dataclasses.replace(getattr(device, f.name))
        for f in dataclasses.fields(device)  # type: ignore[arg-type]
        if dataclasses.is_dataclass(getattr(device, f.name))
    }
    return dataclasses.replace(device, **parts)  # type: ignore[type-var]
