"""Uncertainty of a fit from fits of data like its own, made by chance."""

from __future__ import annotations

import copy
import dataclasses
import functools
import math
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

import numpy as np

from photonic.blas import single_threaded_blas
from photonic.errors import ConvergenceError, ParameterError, check, unknown_name
from photonic.fits.diagnostics import ODD
from photonic.fits.problems import problem_of
from photonic.fits.resampled import Bootstrap, Kind
from photonic.fits.sample_store import Outcome, SampleStore, fingerprint
from photonic.fits.uncertainty import covariances

if TYPE_CHECKING:
    from photonic.fits.fitted import Fit

__all__ = ["bootstrap"]

_CHUNK = 25  # samples that are handed out, and stored, together


def bootstrap(
    fit: Fit,
    samples: int = 1000,
    *,
    kind: Kind = "parametric",
    seed: int = 0,
    executor: Any = None,
    progress: Callable[[int, int], None] | None = None,
    store: str | Path | None = None,
) -> Bootstrap:
    """Spread of the fitted numbers over data sets that could have been measured instead.

    Each is fitted from the solution on. Sample i draws from a random stream of its own, so that the numbers
    are the same for any executor and any number of workers, and more samples continue fewer.

    Parameters
    ----------
    fit : Fit
        What to resample.
    samples : int
        How many data sets, 2 or more.
    kind : {"parametric", "residuals", "pairs"}
        The fitted readings with Gaussian noise as the fit has it; with the fit's own residuals (brought to
        one variance by their leverage) in other places; or readings drawn with replacement from each
        experiment, which does not trust the noise model either.
    seed : int
        Of the chance.
    executor : object with ``map``, optional
        A `concurrent.futures` pool or one like it (a Dask client too); the current thread if left out.
        ``ProcessPoolExecutor()`` uses all processors.
    progress : callable, optional
        Called as ``progress(done, samples)`` after every 25 samples.
    store : path, optional
        File to which finished samples are added, and from which a run that was killed goes on.

    Returns
    -------
    Bootstrap

    Raises
    ------
    ParameterError
        Arguments out of bounds; measurements that cannot be drawn from.
    DataError
        The ``store`` belongs to another fit, kind or seed, or is none.
    ConvergenceError
        Fewer than two of the fits came to an end.

    Examples
    --------
    >>> import dataclasses
    >>> import numpy as np
    >>> from photonic import presets
    >>> from photonic.fits.fitting import fit
    >>> from photonic.lab.measured import Measured
    >>> device, power = presets.SIGMOID, np.linspace(10e-6, 2e-3, 60)
    >>> noise = 1e-6 * np.random.default_rng(0).standard_normal(60)
    >>> found = fit(device, Measured(power, device.transfer(power) + noise), ["detuning", "arm_phase"])
    >>> spread = bootstrap(found, 50)
    >>> 0.7 < spread.standard_errors["detuning"] / found.estimates["detuning"].standard_error < 1.4
    True
    """
    if kind not in get_args(Kind):
        raise unknown_name("kind", kind, get_args(Kind))
    for name, value, least in (("samples", samples, 2), ("seed", seed, 0)):
        check(name, value, at_least=least)
        if isinstance(value, bool) or value != int(value):
            raise ParameterError(f"{name} must be a whole number, got {value!r}")
    if executor is not None and not hasattr(executor, "map"):
        raise ParameterError(f"executor must have a method map, got {type(executor).__name__}")
    if kind == "pairs" and not all(hasattr(e.measured, "take") for e in fit.experiments):
        raise ParameterError("kind 'pairs' draws from power curves only: use 'parametric' or 'residuals'")
    kept = SampleStore(store, {"schema": 1, "kind": kind, "seed": int(seed), "fit": fingerprint(fit)})
    outcomes = {i: o for i, o in kept.outcomes.items() if i < samples}
    missing = [i for i in range(int(samples)) if i not in outcomes]
    chunks = [missing[k : k + _CHUNK] for k in range(0, len(missing), _CHUNK)]
    work = functools.partial(_outcomes, fit, kind, int(seed))
    for chunk, found in zip(chunks, _mapped(executor, work, chunks), strict=True):
        kept.add(chunk, found)
        outcomes.update(zip(chunk, found, strict=True))
        if progress is not None:
            progress(len(outcomes), int(samples))
    rows = [o for i in sorted(outcomes) if not isinstance(o := outcomes[i], str)]
    failed = {i: o for i in sorted(outcomes) if isinstance(o := outcomes[i], str)}
    if len(rows) < 2:
        raise ConvergenceError(
            f"{len(failed)} of {samples} fits came to no end: {next(iter(failed.values()))}"
        )
    return Bootstrap(
        fit=fit,
        samples=np.array(rows),
        kind=kind,
        seed=int(seed),
        failed=failed,
        acceleration=_acceleration(fit, kind),
    )


def _mapped(executor: Any, work: Callable[[list[int]], Any], chunks: list[list[int]]) -> Iterator[Any]:
    """Results in the order of ``chunks``; those of a map that gives futures are waited for."""
    for found in map(work, chunks) if executor is None else executor.map(work, chunks):
        yield found.result() if hasattr(found, "result") else found


# ----------------------------------------------------------------------- one data set after another
class _Origin(NamedTuple):
    """The problem at its solution, from which every sample starts."""

    problem: Any
    inner: np.ndarray
    expected: list[np.ndarray]
    sigma: list[np.ndarray]  # [W], of the fit
    widening: float  # by which the residuals exceed a noise that was known
    residuals: np.ndarray  # of unit variance but for the widening, centred


def _outcomes(fit: Fit, kind: Kind, seed: int, indices: Sequence[int]) -> list[Outcome]:
    """Numbers of each sample in ``indices``, or why there are none."""
    with single_threaded_blas():  # small matrices; and the processors have their own samples
        origin = _origin(fit)
        return [_outcome(fit, origin, kind, seed, index) for index in indices]


def _outcome(fit: Fit, origin: _Origin, kind: Kind, seed: int, index: int) -> Outcome:
    rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(index,)))
    try:
        problem = _drawn(fit, origin, rng) if kind == "pairs" else _redone(origin, kind, rng)
        end = problem.checked(problem.solve(origin.inner))
        values = [float(v) for v in problem.values(end.inner)]
        if not (math.isfinite(end.cost) and np.all(np.isfinite(values))):
            raise ConvergenceError("the sum of squares is not finite")
    except (ConvergenceError, ParameterError, np.linalg.LinAlgError) as reason:
        return str(reason) or type(reason).__name__
    return values


def _origin(fit: Fit) -> _Origin:
    problem, inner = fit.problem()
    residuals, jacobian = problem.residuals(inner), problem.jacobian(inner)
    size = np.linalg.norm(jacobian, axis=0)
    left, values, _ = np.linalg.svd(jacobian / np.where(size > 0, size, 1.0), full_matrices=False)
    leverage = np.sum(left[:, values > problem.faintest * values[0]] ** 2, axis=1)
    even = residuals / np.sqrt(np.maximum(1 - leverage, 1e-3))
    return _Origin(
        problem,
        inner,
        problem.expected(inner),
        [s.copy() for s in problem.sigma],
        widening(fit),
        even - even.mean(),
    )


def widening(fit: Fit) -> float:
    """Factor by which a fit takes the noise larger than it was stated, because the residuals are [1]."""
    if not fit.diagnostics.probability < ODD:  # NaN where the noise is an estimate
        return 1.0
    return max(fit.diagnostics.reduced_chi_squared**0.5, 1.0)


def _redone(origin: _Origin, kind: Kind, rng: np.random.Generator) -> Any:
    """The problem with other readings."""
    count = origin.residuals.size
    if kind == "parametric":
        noise = origin.widening * rng.standard_normal(count)
    else:
        noise = -rng.choice(origin.residuals, count)
    parts = np.split(noise, np.cumsum([s.size for s in origin.sigma])[:-1])
    problem = copy.copy(origin.problem)
    problem.predictions = [copy.copy(p) for p in problem.predictions]
    problem.seen = [f + s * z for f, s, z in zip(origin.expected, origin.sigma, parts, strict=True)]
    problem.set_sigma([s.copy() for s in origin.sigma])
    return problem


def _drawn(fit: Fit, origin: _Origin, rng: np.random.Generator) -> Any:
    """The problem of readings drawn with replacement."""
    chosen = [np.sort(rng.integers(s.size, size=s.size)) for s in origin.sigma]
    experiments = [
        dataclasses.replace(e, measured=e.measured.take(which))
        for e, which in zip(fit.experiments, chosen, strict=True)
    ]
    bounds = {name: e.bounds for name, e in fit.estimates.items() if e.bounds is not None}
    start = {name: e.start for name, e in fit.estimates.items()}
    problem, _ = problem_of(fit.guess, experiments, list(fit.estimates), bounds, start, fit.noise, fit.loss)
    problem.set_sigma([s[which] for s, which in zip(origin.sigma, chosen, strict=True)])
    return problem


def _acceleration(fit: Fit, kind: Kind) -> np.ndarray:
    """Σ e³/(6 (Σ e²)^(3/2)) over the pull e of each reading on each number.

    Gaussian noise pulls evenly to both sides, and a robust loss lets nothing pull far: 0 for these.
    """
    if kind == "parametric" or fit.loss != "linear":
        return np.zeros(len(fit.estimates))
    origin = _origin(fit)
    jacobian = origin.problem.jacobian(origin.inner)
    unit, _ = covariances(origin.problem, origin.residuals, jacobian, 1.0)
    pulls = (jacobian @ unit) * -origin.residuals[:, None]
    slopes = [f.slope(float(u)) for f, u in zip(origin.problem.free, origin.inner, strict=True)]
    size = np.maximum(np.sum(pulls**2, axis=0), 1e-300)
    return np.sign(slopes) * np.sum(pulls**3, axis=0) / (6 * size**1.5)
