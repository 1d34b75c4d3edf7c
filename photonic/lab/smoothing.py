"""Penalised cubic splines: how smooth a curve through noisy readings is, the readings say themselves."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

__all__ = ["Constraint", "Smooth", "constrained", "foretold", "least_value", "slope_range", "smooth"]

Constraint = Literal["none", "not negative", "rising", "falling"]

_SITES = (
    48,
    96,
    160,
)  # knots: more of them where the curve turns out to use a third; work grows with the cube
_STRENGTHS = np.logspace(-10, 8, 73)
_ROWS = 4096  # readings looked at together
_GAUSS = (0.5 - 0.5 / 3**0.5, 0.5 + 0.5 / 3**0.5)


@dataclass(frozen=True, eq=False, kw_only=True)
class Smooth:
    """A cubic spline and what it cost; powers and readings in the units they came in.

    ``knots``, ``values`` and ``slopes`` are all there is to know of the spline: between two knots
    it is the cubic of their values and slopes. ``leverage`` is the weight of each reading in the
    value there [1], ``freedom`` their sum [1], ``strength`` the factor of the penalty [1], and
    ``score`` the weighted mean square of the leave-one-out errors.
    """

    knots: np.ndarray
    values: np.ndarray
    slopes: np.ndarray
    fitted: np.ndarray
    leverage: np.ndarray
    strength: float
    score: float
    problem: _Problem

    @property
    def freedom(self) -> float:
        return float(self.leverage.sum())


@dataclass(frozen=True, eq=False, kw_only=True)
class _Problem:
    """Normal equations of min Σ w (y − f)² + strength ∫ s³ f″² in the coefficients of f."""

    x: np.ndarray
    y: np.ndarray
    weights: np.ndarray
    corners: np.ndarray
    matrix: np.ndarray
    penalty: np.ndarray
    right: np.ndarray

    def coefficients(self, strength: float, constraint: Constraint) -> np.ndarray:
        from scipy import linalg

        size = len(self.right)
        whole = self.matrix + strength * self.penalty
        whole[np.diag_indices(size)] *= 1.0 + 1e-13  # readings left out may leave a spline undetermined
        if constraint == "none":
            return np.asarray(linalg.cho_solve(linalg.cho_factor(whole), self.right))
        steps = np.eye(size) if constraint == "not negative" else np.tri(size)
        if constraint == "falling":
            steps = steps.T
        return np.asarray(steps @ _not_negative(steps.T @ whole @ steps, steps.T @ self.right))

    def values(self, coefficients: np.ndarray, x: np.ndarray, derivative: int = 0) -> np.ndarray:
        from scipy.interpolate import BSpline

        return np.asarray(BSpline(self.corners, coefficients, 3)(x, nu=derivative))


def smooth(x: np.ndarray, y: np.ndarray, weights: np.ndarray, domain: tuple[float, float]) -> Smooth:
    """Cubic spline over ``domain`` that foretells readings best which it has not seen.

    Least squares with a penalty on the curvature, min Σ w (y − f)² + strength ∫ s³ f″² dx
    (P. H. C. Eilers and B. D. Marx, Stat. Sci. 11, 89 (1996), with the integral as penalty). The
    local distance s between readings makes the penalty one per reading: a sweep in even steps of
    dBm is as free in each decade. The knots lie at the readings, up to 160 of them, and near the ends
    as if there were no knot at the second reading, so that noise-free data are interpolated to fourth
    order up to their ends.

    ``strength`` has the least exact leave-one-out error Σ w (y − f)²/(1 − h)², h the leverage.
    Leaving one reading out leaves its neighbours, which is how the curve is used; leaving out a
    stretch would ask for an extrapolation. Of minima that chance could have put in either order the
    strongest counts, and of the strengths round it the largest within one reading's share: on the
    weak side lie curves that follow the noise.

    Parameters
    ----------
    x : ndarray, shape (n,)
        Rising and different, n >= 4.
    y, weights : ndarray, shape (n,)
        Readings and their weights, > 0.
    domain : (float, float)
        Interval on which the spline is wanted; it holds all ``x``.
    """
    fit = _smooth(x, y, weights, domain, _SITES[0])
    for sites in _SITES[1:]:
        if 3.0 * fit.freedom <= fit.problem.right.size or fit.problem.right.size == x.size:
            break
        finer = _smooth(x, y, weights, domain, sites)
        used_up = fit.freedom > 0.9 * fit.problem.right.size
        if finer.score * _chance(x.size) >= fit.score and not used_up:
            break
        fit = finer
    return fit


def _chance(readings: int) -> float:
    """Factor between errors of two curves that chance could have put in either order.

    Ten units of log-likelihood, 15 % at most.
    """
    return float(min(np.exp(10.0 / readings), 1.15))


def _smooth(
    x: np.ndarray, y: np.ndarray, weights: np.ndarray, domain: tuple[float, float], sites: int
) -> Smooth:
    from scipy import linalg

    problem = _problem(x, y, weights, domain, sites)
    total = problem.matrix + problem.penalty
    lower = linalg.cholesky(total, lower=True)
    half = linalg.solve_triangular(lower, problem.matrix, lower=True)
    share, vectors = linalg.eigh(linalg.solve_triangular(lower, half.T, lower=True), driver="evd")
    share = np.clip(share, 0.0, 1.0)
    modes = linalg.solve_triangular(lower, vectors, lower=True, trans="T")
    factors = 1.0 / (share[:, None] + _STRENGTHS * np.maximum(1.0 - share, 1e-16)[:, None])
    amplitudes = modes.T @ problem.right
    errors = np.zeros(_STRENGTHS.size)
    for rows in _pieces(x.size):
        design = _design(problem.corners, x[rows]) @ modes
        fitted = design @ (factors * amplitudes[:, None])
        left = 1.0 - weights[rows, None] * (design**2 @ factors)
        errors += weights[rows] @ ((y[rows, None] - fitted) / np.maximum(left, 1e-12)) ** 2
    best = _strongest(errors, x.size)
    return _found(problem, modes, factors[:, best], float(_STRENGTHS[best]), errors[best] / weights.sum())


def _strongest(errors: np.ndarray, readings: int) -> int:
    """Index of the strongest penalty whose error is as good as the least."""
    padded = np.concatenate([[np.inf], errors, [np.inf]])
    lows = np.flatnonzero((errors <= padded[:-2]) & (errors <= padded[2:]))
    low = lows[errors[lows] <= errors.min() * _chance(readings)].max()
    return int(np.flatnonzero(errors <= errors[low] * (1.0 + 1.0 / readings))[-1])


def _found(
    problem: _Problem, modes: np.ndarray, factors: np.ndarray, strength: float, score: float
) -> Smooth:
    coefficients = modes @ (factors * (modes.T @ problem.right))
    leverage = [
        problem.weights[rows] * ((_design(problem.corners, problem.x[rows]) @ modes) ** 2 @ factors)
        for rows in _pieces(problem.x.size)
    ]
    return _assembled(problem, coefficients, np.concatenate(leverage), strength, score)


def _assembled(
    problem: _Problem, coefficients: np.ndarray, leverage: np.ndarray, strength: float, score: float
) -> Smooth:
    knots = problem.corners[3:-3]
    return Smooth(
        knots=knots,
        values=problem.values(coefficients, knots),
        slopes=problem.values(coefficients, knots, 1),
        fitted=problem.values(coefficients, problem.x),
        leverage=leverage,
        strength=strength,
        score=score,
        problem=problem,
    )


def constrained(free: Smooth, constraint: Constraint) -> Smooth:
    """The same fit, of the same strength, that never goes below zero and, if wanted, only one way.

    The constraint is on the coefficients of the B-splines, which is enough for it to hold between
    the knots; ``leverage`` stays that of the free fit, of which it is the upper bound.
    """
    problem = free.problem
    coefficients = problem.coefficients(free.strength, constraint)
    return _assembled(problem, coefficients, free.leverage, free.strength, free.score)


def foretold(free: Smooth, constraint: Constraint, folds: int) -> np.ndarray:
    """What fits of the same strength to the other readings foretell, every ``folds``-th left out in turn."""
    p = free.problem
    values = np.empty_like(p.y)
    for first in range(folds):
        left = np.arange(p.x.size) % folds == first
        matrix, right = _normal(p.corners, p.x[~left], p.y[~left], p.weights[~left])
        part = replace(p, matrix=matrix, right=right)
        values[left] = part.values(part.coefficients(max(free.strength, 1e-8), constraint), p.x[left])
    return values


def slope_range(fit: Smooth) -> tuple[float, float]:
    """Lowest and highest slope of the spline, between the knots too."""
    _, secant, start, end = _spans(fit)
    bend = 3.0 * (start + end - 2.0 * secant)  # slope = start + tilt t + bend t²
    tilt = 6.0 * secant - 4.0 * start - 2.0 * end
    with np.errstate(divide="ignore", invalid="ignore"):
        place = np.where(bend != 0, -tilt / (2.0 * bend), 0.0)
    place = np.clip(np.nan_to_num(place), 0.0, 1.0)
    inside = start + place * (tilt + place * bend)
    slopes = np.concatenate([inside, fit.slopes])
    return float(slopes.min()), float(slopes.max())


def least_value(fit: Smooth) -> float:
    """Lowest value of the spline, between the knots too."""
    h, secant, start, end = _spans(fit)
    bend = 3.0 * (start + end - 2.0 * secant)
    tilt = 6.0 * secant - 4.0 * start - 2.0 * end
    root = np.sqrt(np.maximum(tilt**2 - 4.0 * bend * start, 0.0))
    lowest = float(fit.values.min())
    for q in (-0.5 * (tilt + root), -0.5 * (tilt - root)):  # either root, in a form without cancellation
        for top, bottom in ((q, bend), (start, q)):
            with np.errstate(divide="ignore", invalid="ignore"):
                t = np.clip(np.nan_to_num(top / bottom), 0.0, 1.0)
            between = fit.values[:-1] + h * t * (start + t * (tilt / 2.0 + t * bend / 3.0))
            lowest = min(lowest, float(between.min()))
    return lowest


def _spans(fit: Smooth) -> tuple[np.ndarray, ...]:
    h = np.diff(fit.knots)
    return h, np.diff(fit.values) / h, fit.slopes[:-1], fit.slopes[1:]


def _problem(
    x: np.ndarray, y: np.ndarray, weights: np.ndarray, domain: tuple[float, float], most: int
) -> _Problem:
    from scipy.interpolate import BSpline

    sites = _sites(x, most)
    low, high = domain
    corners = np.concatenate([[low] * 4, sites[2:-2], [high] * 4])
    matrix, right = _normal(corners, x, y, weights)
    ends = corners[3:-3]
    points = np.concatenate([ends[:-1] + g * np.diff(ends) for g in _GAUSS])
    scale = _spacing(sites, points) ** 3 * np.tile(np.diff(ends), 2) / 2.0
    bends = BSpline(corners, np.eye(len(right)), 3)(points, nu=2)
    penalty = bends.T @ (scale[:, None] * bends)
    penalty *= np.trace(matrix) / np.trace(penalty)
    return _Problem(x=x, y=y, weights=weights, corners=corners, matrix=matrix, penalty=penalty, right=right)


def _normal(
    corners: np.ndarray, x: np.ndarray, y: np.ndarray, weights: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    design = _design(corners, x)
    return (design.T @ design.multiply(weights[:, None])).toarray(), design.T @ (weights * y)


def _design(corners: np.ndarray, x: np.ndarray) -> Any:
    from scipy.interpolate import BSpline

    return BSpline.design_matrix(x, corners, 3)


def _pieces(size: int) -> list[slice]:
    return [slice(start, start + _ROWS) for start in range(0, size, _ROWS)]


def _sites(x: np.ndarray, most: int) -> np.ndarray:
    """Places of knots among the readings, one where several lie close together, ``most`` at most.

    Close together: a tenth of a gap that is not far, on either side. Even and geometric steps are not.
    """
    gaps = np.diff(x)
    reach = min(6, gaps.size - 1)
    widest = np.lib.stride_tricks.sliding_window_view(np.pad(gaps, reach, mode="reflect"), reach).max(axis=1)
    inside = 10.0 * gaps < np.minimum(widest[: gaps.size], widest[reach + 1 :])
    chosen = np.flatnonzero(np.concatenate([[True], ~inside]))
    if inside[-1]:
        chosen[-1] = x.size - 1
    if chosen.size < 6:
        chosen = np.arange(x.size)
    if chosen.size > most:
        return np.interp(np.linspace(0, chosen.size - 1, most), np.arange(chosen.size), x[chosen])
    return x[chosen]


def _spacing(sites: np.ndarray, points: np.ndarray) -> np.ndarray:
    """Distance between neighbouring sites at the ``points``, averaged over five gaps."""
    padded = np.pad(np.log(np.diff(sites)), 2, mode="edge")
    even = np.exp(np.convolve(padded, np.full(5, 0.2), mode="valid"))
    return np.asarray(even[np.clip(np.searchsorted(sites, points) - 1, 0, even.size - 1)])


def _not_negative(matrix: np.ndarray, right: np.ndarray) -> np.ndarray:
    """argmin ½ d·M·d − r·d with d >= 0, by block principal pivoting.

    L. F. Portugal, J. J. Júdice and L. N. Vicente, Math. Comput. 63, 625 (1994): all signs that are
    wrong change at once, and one at a time when that does not help. Rounding can make it go round
    in circles; then SciPy's slower method of active sets decides.
    """
    from scipy import linalg, optimize

    free = np.ones(right.size, dtype=bool)
    fewest, patience = right.size + 1, 3
    for _ in range(2 * right.size):
        d = np.zeros(right.size)
        if free.any():
            d[free] = linalg.cho_solve(linalg.cho_factor(matrix[np.ix_(free, free)]), right[free])
        pull = matrix @ d - right
        wrong = (free & (d < -1e-13 * np.abs(d).max())) | (~free & (pull < -1e-11 * np.abs(right).max()))
        count = int(wrong.sum())
        if not count:
            return np.maximum(d, 0.0)
        if count < fewest:
            fewest, patience = count, 3
        elif patience:
            patience -= 1
        else:
            wrong[: np.flatnonzero(wrong)[-1]] = False
        free ^= wrong
    factor = linalg.cholesky(matrix)
    return np.asarray(optimize.nnls(factor, linalg.solve_triangular(factor, right, trans="T"))[0])
