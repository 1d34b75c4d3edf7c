"""The penalised spline: limits of its penalty, leverage, leave-one-out, constraints, knots."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from scipy.interpolate import make_smoothing_spline

from photonic.lab.smoothing import constrained, foretold, least_value, slope_range, smooth


def data(points: int = 60, noise: float = 0.05, seed: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    x = np.linspace(0, 1, points)
    return x, np.sin(5 * x) + 1.2 + noise * np.random.default_rng(seed).normal(size=points), np.ones(points)


def test_it_is_the_smoothing_spline_of_the_same_penalty() -> None:
    """Independent: SciPy's natural smoothing spline, its λ found by equal residuals; nearly the same curve.

    Ours has its knots at an interior choice of the readings and is not natural at the ends.
    """
    x, y, w = data(40)
    fit = smooth(x, y, w, (0.0, 1.0))
    wanted = np.sum((y - fit.fitted) ** 2)
    lams = np.logspace(-8, 0, 400)
    curves = [make_smoothing_spline(x, y, lam=lam)(x) for lam in lams]
    best = min(curves, key=lambda c: abs(np.sum((y - c) ** 2) - wanted))
    assert np.std(best[3:-3] - fit.fitted[3:-3]) < 0.1 * 0.05


def test_leave_one_out_is_what_fitting_without_one_gives() -> None:
    """The closed form Σ (r/(1 − h))² against 60 fits that each leave a reading out."""
    x, y, w = data()
    fit = smooth(x, y, w, (0.0, 1.0))
    left_out = foretold(fit, "none", x.size)
    assert left_out == pytest.approx(y - (y - fit.fitted) / (1 - fit.leverage), rel=1e-6)
    assert fit.score == pytest.approx(np.mean((y - left_out) ** 2), rel=1e-6)


def test_leverage_is_the_response_to_a_reading() -> None:
    x, y, w = data()
    fit = smooth(x, y, w, (0.0, 1.0))
    for k in (0, 20, 59):
        moved = y.copy()
        moved[k] += 1e-6
        part = dataclasses.replace(fit.problem, y=moved, right=fit.problem.right.copy())
        design = part.values(np.eye(len(part.right)), x)
        part = dataclasses.replace(part, right=design.T @ (w * moved))
        again = part.values(part.coefficients(fit.strength, "none"), x)
        assert (again[k] - fit.fitted[k]) / 1e-6 == pytest.approx(fit.leverage[k], rel=1e-4)
    assert fit.freedom == pytest.approx(fit.leverage.sum())


def test_a_straight_line_and_a_cubic_are_reproduced() -> None:
    """A line costs nothing; a cubic is a spline, and without noise the penalty goes."""
    x, _, w = data()
    for y in (1 + 2 * x, 1 + x - 3 * x**2 + 2.5 * x**3):
        assert smooth(x, y, w, (0.0, 1.0)).fitted == pytest.approx(y, abs=1e-9)
    line = smooth(x, 1 + 2 * x + 0.1 * np.random.default_rng(1).normal(size=60), w, (0.0, 1.0))
    expected = np.polynomial.Polynomial.fit(x, line.problem.y, 1)(x)
    assert line.fitted == pytest.approx(expected, abs=0.05)
    assert line.freedom < 4


def test_weights_act_as_repeated_readings() -> None:
    """A weight of 3 on a reading is the reading three times."""
    x, y, w = data()
    w[::2] = 3.0
    fit = smooth(x, y, w, (0.0, 1.0))
    whole = fit.problem
    design = whole.values(np.eye(len(whole.right)), np.repeat(x, w.astype(int)))
    repeated = np.repeat(y, w.astype(int))
    solved = np.linalg.solve(design.T @ design + fit.strength * whole.penalty, design.T @ repeated)
    assert whole.values(solved, x) == pytest.approx(fit.fitted, rel=1e-8)


# ------------------------------------------------------------------ constraints
def test_extremes_between_knots() -> None:
    """Lowest value and slopes against a fine grid."""
    for seed in range(5):
        x, y, w = data(30, 0.3, seed)
        fit = smooth(x, y, w, (0.0, 1.0))
        grid = np.linspace(0, 1, 20001)
        spline = fit.problem.coefficients(fit.strength, "none")
        values, slopes = fit.problem.values(spline, grid), fit.problem.values(spline, grid, 1)
        assert least_value(fit) == pytest.approx(values.min(), abs=1e-6)
        assert slope_range(fit) == pytest.approx((slopes.min(), slopes.max()), abs=1e-3)


@pytest.mark.parametrize("constraint", ["not negative", "rising", "falling"])
def test_constrained_fits_are_optimal(constraint: str) -> None:
    """No feasible step lowers the cost: it rises along 300 random changes that keep the constraint."""
    x, y, w = data(40, 0.3)
    y = y - 1.0
    free = smooth(x, y, w, (0.0, 1.0))
    held = constrained(free, constraint)  # type: ignore[arg-type]
    p = free.problem
    found = p.coefficients(free.strength, constraint)  # type: ignore[arg-type]

    def cost(c: np.ndarray) -> float:
        return float(c @ (p.matrix + free.strength * p.penalty) @ c - 2 * p.right @ c)

    assert least_value(held) >= -1e-12
    low, high = slope_range(held)
    assert low >= -1e-9 or constraint != "rising"
    assert high <= 1e-9 or constraint != "falling"
    rng = np.random.default_rng(0)
    for _ in range(300):
        other = found + rng.normal(size=found.size) * 10 ** rng.uniform(-6, 0)
        other = np.maximum(other, 0.0)
        if constraint != "not negative":
            other = np.maximum.accumulate(other) if constraint == "rising" else np.minimum.accumulate(other)
        assert cost(other) >= cost(found) * (1 - 1e-12 * np.sign(cost(found)))
    assert cost(found) > cost(p.coefficients(free.strength, "none"))


# ------------------------------------------------------------------ knots
def test_knots_keep_away_from_each_other() -> None:
    """Twenty powers read five times with 0.1 % jitter: one knot a power, and a smooth curve."""
    rng = np.random.default_rng(0)
    x = np.sort(np.repeat(np.linspace(0.05, 1, 20), 5) * (1 + 1e-3 * rng.normal(size=100)))
    fit = smooth(x, np.sin(5 * x) + 0.02 * rng.normal(size=100), np.ones(100), (x[0], x[-1]))
    assert fit.knots.size <= 20
    assert np.diff(fit.knots).min() > 0.02
    assert np.sqrt(np.mean((fit.fitted - np.sin(5 * x)) ** 2)) < 0.012
    geometric = np.logspace(-3, 0, 31)
    assert smooth(geometric, geometric**2, np.ones(31), (1e-3, 1.0)).knots.size == 29


def test_many_readings_few_knots() -> None:
    """20,000 readings: error σ √(k/n), and no more knots than the curve needs."""
    x = np.linspace(0, 1, 20_000)
    y = np.sin(5 * x) + np.random.default_rng(0).normal(size=x.size)
    fit = smooth(x, y, np.ones(x.size), (0.0, 1.0))
    assert fit.knots.size <= 48
    expected = (fit.freedom / x.size) ** 0.5
    assert np.sqrt(np.mean((fit.fitted - np.sin(5 * x)) ** 2)) == pytest.approx(expected, rel=0.5)
