"""Positive real roots of polynomials in floating point, none missed."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np

__all__ = ["positive_roots"]


def positive_roots(coefficients: np.ndarray) -> np.ndarray:
    """Positive roots of Σ a_k u^k at which the sign changes, rising, for a_0 > 0.

    Roots come from the companion matrix. They are accepted if the polynomial alternates in sign
    between them and their number is that of Descartes' rule or of Sturm's theorem; otherwise
    they are bracketed by the roots of the derivatives, which cannot miss one.

    Parameters
    ----------
    coefficients : ndarray, shape (..., n + 1)
        a_0 … a_n, rising powers.

    Returns
    -------
    ndarray, shape (..., n)
        Padded with NaN.

    Examples
    --------
    >>> positive_roots(np.array([2.0, -3.0, 1.0]))
    array([1., 2.])
    """
    coefficients = np.asarray(coefficients, dtype=float)
    if not np.any(coefficients < 0):  # Descartes: no change of sign, no root
        return np.full((*coefficients.shape[:-1], coefficients.shape[-1] - 1), np.nan)
    degree = coefficients.shape[-1] - 1
    scaled = coefficients.reshape(-1, degree + 1) / coefficients.reshape(-1, degree + 1)[:, :1]
    orders = np.arange(1, degree + 1)
    with np.errstate(divide="ignore"):  # unit of u: where the first term reaches a_0
        unit = np.min(np.abs(scaled[:, 1:]) ** (-1 / orders), axis=-1)
    unit = np.where(np.isfinite(unit), unit, 1.0)
    scaled[:, 1:] *= unit[:, None] ** orders
    roots = np.full((scaled.shape[0], degree), np.nan)
    signs = np.sign(scaled)
    # Descartes: sign changes among the coefficients that are not 0 bound the number of roots.
    kept = np.where(signs == 0, np.nan, signs)
    rows = np.flatnonzero(np.any(signs < 0, axis=-1))
    if rows.size:
        roots[rows], sure = _from_companion(scaled[rows], kept[rows])
        for row in rows[~sure]:
            found = roots[row][np.isfinite(roots[row])]
            alternating = _alternates(scaled[row].tolist(), found.tolist())
            if not alternating or _sturm_count(scaled[row].tolist()) != found.size:
                found = np.array(_bracketed(scaled[row].tolist()))
            roots[row] = np.nan
            roots[row, : found.size] = found
    return (roots * unit[:, None]).reshape(*coefficients.shape[:-1], degree)


def _from_companion(a: np.ndarray, signs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Polished positive roots (sorted, NaN-padded) and whether Descartes' rule proves them all."""
    degree = a.shape[-1] - 1
    # Companion matrix of the reversed polynomial: its leading coefficient, a_0 = 1, never vanishes.
    companion = np.zeros((a.shape[0], degree, degree))
    companion[:, 0, :] = -a[:, 1:]
    companion[:, np.arange(1, degree), np.arange(degree - 1)] = 1.0
    inverse = np.linalg.eigvals(companion)
    real = (inverse.imag == 0) & (inverse.real > 1e-9)
    u = np.sort(np.where(real, 1 / np.where(real, inverse.real, 1.0), np.nan), axis=-1)
    for _ in range(2):  # polish
        value, slope = _horner(a, u)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = value / slope
        u = np.where(np.abs(step) < 1e-3 * u, u - step, u)
    count = np.sum(np.isfinite(u), axis=-1)
    changes = np.zeros(a.shape[0], dtype=int)
    last = signs[:, 0]
    for k in range(1, degree + 1):
        changes += signs[:, k] == -last
        last = np.where(np.isnan(signs[:, k]), last, signs[:, k])
    between = np.sqrt(u[:, :-1] * u[:, 1:])
    middle = np.sign(_horner(a, between)[0]) * (-1.0) ** np.arange(1, degree)
    alternating = np.all((middle > 0) | np.isnan(between), axis=-1)
    return u, alternating & (count == changes)


def _horner(a: np.ndarray, u: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Values and slopes of polynomials ``a`` (m, n + 1) at ``u`` (m, any)."""
    value, slope = np.zeros_like(u), np.zeros_like(u)
    for k in range(a.shape[-1] - 1, -1, -1):
        slope = slope * u + value
        value = value * u + a[:, k, None]
    return value, slope


def _value(a: list[float], u: float) -> float:
    value = 0.0
    for c in reversed(a):
        value = value * u + c
    return value


def _alternates(a: list[float], roots: list[float]) -> bool:
    """Whether ``a`` is +, −, +, … before, between and after its sorted ``roots``."""
    if len(roots) % 2 != (_trimmed(a)[-1] < 0):
        return False
    knots = [roots[0] / 2, *roots, roots[-1] * 2] if roots else []
    middles = [math.sqrt(x * y) for x, y in pairwise(knots)]
    return all(_value(a, u) * (-1) ** k > 0 for k, u in enumerate(middles))


def _sturm_count(a: list[float]) -> int:
    """Number of distinct positive roots by Sturm's theorem, in floating point."""
    chain = [_trimmed(a)]
    chain.append([k * c for k, c in enumerate(chain[0])][1:])
    while len(chain[-1]) > 1:
        chain.append([-c for c in _remainder(chain[-2], chain[-1])])
        if not chain[-1]:
            chain.pop()
            break
    at_zero = [next((c for c in p if c != 0), 0.0) if k else p[0] for k, p in enumerate(chain)]
    return _changes(at_zero) - _changes([p[-1] for p in chain])


def _trimmed(a: list[float]) -> list[float]:
    while a and abs(a[-1]) < 1e-290:
        a = a[:-1]
    return a


def _remainder(top: list[float], bottom: list[float]) -> list[float]:
    rest = list(top)
    size = max(abs(c) for c in rest)
    while len(rest) >= len(bottom):
        share = rest[-1] / bottom[-1]
        shift = len(rest) - len(bottom)
        for k, c in enumerate(bottom):
            rest[shift + k] -= share * c
        rest.pop()
    left = max((abs(c) for c in rest), default=0.0)
    if left <= 1e-14 * size:
        return []
    return _trimmed([c / left for c in rest])


def _changes(values: list[float]) -> int:
    signs = [v > 0 for v in values if v != 0]
    return sum(x != y for x, y in pairwise(signs))


def _bracketed(a: list[float]) -> list[float]:
    """Roots between the roots of the derivative, from the highest derivative down."""
    a = _trimmed(a)
    if len(a) < 2:
        return []
    low = 1 / (1 + max(abs(c / a[0]) for c in a[1:]))  # Cauchy's bounds
    high = 1 + max(abs(c / a[-1]) for c in a[:-1])
    derivatives = [a]
    while len(derivatives[-1]) > 1:
        derivatives.append([k * c for k, c in enumerate(derivatives[-1])][1:])
    roots: list[float] = []
    for p in reversed(derivatives):
        knots = [low, *roots, high]
        values = [_value(p, u) for u in knots]
        roots = [
            _bisected(p, knots[k], knots[k + 1], values[k] > 0)
            for k in range(len(knots) - 1)
            if values[k] * values[k + 1] < 0
        ]
    return roots


def _bisected(p: list[float], low: float, high: float, positive: bool) -> float:
    while True:
        middle = math.sqrt(low) * math.sqrt(high)
        if not low < middle < high:
            middle = (low + high) / 2
            if not low < middle < high:
                return middle
        if (_value(p, middle) > 0) == positive:
            low = middle
        else:
            high = middle
