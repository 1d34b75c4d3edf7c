"""Where a pair of eigenvalues of the ring can cross the imaginary axis, as roots of polynomials.

With λ₁ … λ_n the eigenvalues of the Jacobian and a_k the coefficients of its characteristic
polynomial λⁿ + a_1 λⁿ⁻¹ + … + a_n, Orlando's formula says

    Δ_{n−1}(a_1 … a_n) = (−1)^{n(n−1)/2} Π_{i<j} (λ_i + λ_j)                          (H1)

(Gantmacher, The Theory of Matrices II, Chelsea (1959), ch. XV §7). It is positive where all decay,
and every Hopf point is a root of it. Along the steady states of a ring without traps, whose index
follows the carriers linearly, the Jacobian is a polynomial in the energy U, and so is Δ_{n−1}: of
degree 2 + 6(n − 2), since for large U two eigenvalues go as U² ± iU³ and the others stay finite.
At one U, whatever the law, the detuning enters through δ = ω_L − ω_r only and the a_k are of degree
2 in it: Δ_{n−1} is a polynomial of degree 2(n − 2) in δ.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.errors import concrete
from photonic.rate_equations import Units, scaled

if TYPE_CHECKING:
    from photonic.cavity import Cavity

__all__ = [
    "MOST",
    "bernstein",
    "characteristic",
    "determinant",
    "energy_knots",
    "hopf_test",
    "is_polynomial",
    "squared_frequency",
    "times",
]


MOST = 5  # variables, up to which Δ_{n−1} is expanded as a polynomial


def characteristic(m: np.ndarray) -> list[np.ndarray]:
    """a_0 = 1, a_1 … a_n of matrices of shape (..., n, n), by Faddeev and LeVerrier's recursion."""
    n = m.shape[-1]
    identity, power, a = np.eye(n), np.zeros_like(m), [np.ones(m.shape[:-2], dtype=m.dtype)]
    for k in range(1, n + 1):
        power = m @ power + a[-1][..., None, None] * identity
        a.append(-np.trace(m @ power, axis1=-2, axis2=-1) / k)
    return a


def hopf_test(m: np.ndarray) -> np.ndarray:
    """Δ_{n−1} of equation (H1) up to a positive factor, of Jacobians ``m`` of shape (..., n, n), n > 2."""
    n = m.shape[-1]
    if n == 3:  # written out: the usual case, a third of the time
        trace = m[..., 0, 0] + m[..., 1, 1] + m[..., 2, 2]
        first = m[..., 1, 1] * m[..., 2, 2] - m[..., 1, 2] * m[..., 2, 1]  # cofactors of the first row
        second = m[..., 1, 0] * m[..., 2, 2] - m[..., 1, 2] * m[..., 2, 0]
        third = m[..., 1, 0] * m[..., 2, 1] - m[..., 1, 1] * m[..., 2, 0]
        minors = first + m[..., 0, 0] * (m[..., 1, 1] + m[..., 2, 2])
        minors = minors - m[..., 0, 1] * m[..., 1, 0] - m[..., 0, 2] * m[..., 2, 0]
        whole = m[..., 0, 0] * first - m[..., 0, 1] * second + m[..., 0, 2] * third
        return np.asarray(whole - trace * minors)
    if n == 4:
        _, a1, a2, a3, a4 = characteristic(m)
        return np.asarray(a1 * a2 * a3 - a3**2 - a1**2 * a4)
    sums, sizes, _ = _pairs(m)
    return np.asarray((-1) ** (n * (n - 1) // 2) * np.prod(sums / sizes, axis=-1).real)


def squared_frequency(m: np.ndarray) -> np.ndarray:
    """ω² [1/s²] of the pair of eigenvalues whose sum is 0 at a root of `hopf_test`, any shape.

    Below 0 two real eigenvalues of opposite sign: a neutral saddle, at which nothing happens.
    """
    sums, sizes, products = _pairs(m)
    nearest = np.argmin(np.abs(sums) / sizes, axis=-1)[..., None]
    return np.asarray(np.take_along_axis(products, nearest, axis=-1)[..., 0].real)


def _pairs(m: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """λ_i + λ_j, |λ_i| + |λ_j| and λ_i λ_j of all pairs of eigenvalues, last axis."""
    values = np.linalg.eigvals(m)
    i, j = np.triu_indices(m.shape[-1], 1)
    a, b = values[..., i], values[..., j]
    return a + b, np.abs(a) + np.abs(b), a * b


def times(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Product of polynomials in one variable, coefficients of rising powers along the last axis."""
    shape = np.broadcast_shapes(a.shape[:-1], b.shape[:-1])
    out = np.zeros((*shape, a.shape[-1] + b.shape[-1] - 1))
    for k in range(a.shape[-1]):
        out[..., k : k + b.shape[-1]] += a[..., k, None] * b
    return out


def determinant(a: list[np.ndarray]) -> np.ndarray:
    """Δ_{n−1} where the a_0 … a_n are polynomials in one variable (last axis), as such a polynomial."""
    n = len(a) - 1
    if n == 3:
        return _minus(times(a[1], a[2]), a[3])
    if n == 4:
        rest = times(a[1], _minus(times(a[2], a[3]), times(a[1], a[4])))
        return _minus(rest, times(a[3], a[3]))
    rows = [[2 * j - i if 0 <= 2 * j - i <= n else None for j in range(1, n)] for i in range(1, n)]
    return _expanded(a, rows)


def _expanded(a: list[np.ndarray], rows: list[list[int | None]]) -> np.ndarray:
    """Determinant of the matrix of ``a`` with the indices ``rows``, along its first column."""
    if len(rows) == 1:
        return a[rows[0][0]] if rows[0][0] is not None else np.zeros(1)
    total = np.zeros(1)
    for i, row in enumerate(rows):
        if row[0] is not None:
            minor = _expanded(a, [other[1:] for k, other in enumerate(rows) if k != i])
            total = _minus(total, times(a[row[0]], minor) * (-1) ** (i + 1))
    return total


def _minus(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    shape = np.broadcast_shapes(a.shape[:-1], b.shape[:-1])
    out = np.zeros((*shape, max(a.shape[-1], b.shape[-1])))
    out[..., : a.shape[-1]] += a
    out[..., : b.shape[-1]] -= b
    return out


@functools.cache
def bernstein(degree: int) -> tuple[np.ndarray, np.ndarray]:
    """Nodes on [0, 1], and the matrix from a polynomial's values there to its Bernstein coefficients.

    Where all of these are positive, so is the polynomial on [0, 1].
    """
    nodes = (1 - np.cos(np.pi * np.arange(degree + 1) / degree)) / 2
    k = np.arange(degree + 1)
    basis = (
        np.array([math.comb(degree, i) for i in k])
        * nodes[:, None] ** k
        * (1 - nodes[:, None]) ** (degree - k)
    )
    return nodes, np.linalg.inv(basis)


# --------------------------------------------------------------------------- polynomials in the energy
def is_polynomial(cavity: Cavity) -> bool:
    """Whether Δ_{n−1} is a polynomial in U along the steady states, of a degree that is of use."""
    e = cavity.terms
    return cavity.ring.index_law is None and not e.traps and 3 + len(e.heat_lifetimes) <= MOST


def energy_knots(cavity: Cavity) -> np.ndarray:
    """Energies [J] at or near every sign change of Δ_{n−1}, rising, NaN-padded, last axis.

    The positive real parts of all its complex roots: between neighbours it has the sign that it
    has in the middle, up to round-off in the roots.
    """
    polynomial, unit = _energy_polynomial(cavity)
    return real_knots(polynomial) * unit[..., None]


def real_knots(a: np.ndarray) -> np.ndarray:
    """Positive real parts of the roots of Σ a_k u^k, rising, NaN-padded; a_0 must not be 0."""
    degree = a.shape[-1] - 1
    a = a / a[..., :1]
    orders = np.arange(1, degree + 1)
    with np.errstate(divide="ignore"):
        unit = np.min(np.abs(a[..., 1:]) ** (-1 / orders), axis=-1)
    unit = np.where(np.isfinite(unit), unit, 1.0)[..., None]
    # Companion matrix of the reversed polynomial: its leading coefficient, a_0 = 1, never vanishes.
    companion = np.zeros((*a.shape[:-1], degree, degree))
    companion[..., 0, :] = -a[..., 1:] * unit**orders
    companion[..., np.arange(1, degree), np.arange(degree - 1)] = 1.0
    inverse = np.linalg.eigvals(companion)
    found = np.abs(inverse) > 1e-12
    roots = np.real(1 / np.where(found, inverse, 1.0))
    return np.sort(np.where(found & (roots > 0), roots * unit, np.nan), axis=-1)


def _energy_polynomial(cavity: Cavity) -> tuple[np.ndarray, np.ndarray]:
    """Coefficients of Δ_{n−1} in U/unit, shape (..., degree + 1), and the unit [J]."""
    time = 1 / _plain(cavity.c.linear_loss)
    unit = np.asarray(cavity.onset_energy(), dtype=float)
    generation = _plain(cavity.c.generation) * _plain(cavity.c.carrier_lifetime)
    carriers = np.where(generation > 0, generation, 1.0) * unit * unit
    plain = type(cavity.c)(*(_plain(v) for v in cavity.c))
    c, e = scaled(plain, cavity.terms, Units(time=time, energy=unit, carriers=carriers, temperature=1.0))
    density = np.where(generation > 0, 1.0, 0.0)  # N = density·U²
    shape = np.broadcast_shapes(unit.shape, *(np.shape(v) for v in c), np.shape(cavity.detuning))

    def polynomial(*terms: Any) -> np.ndarray:
        return np.stack([np.broadcast_to(np.asarray(v, dtype=float), shape) for v in terms], axis=-1)

    blue = c.index * (e.electron_index + e.hole_index)
    settled = sum(w * t for w, t in zip(e.heat_shares, e.heat_lifetimes, strict=True)) * c.heating
    warm = c.thermal * settled
    heats = bool(np.any(c.heating != 0))
    absorbed = polynomial(c.absorption, c.two_photon, c.carrier_absorption * density)
    half = polynomial(c.linear_loss / 2, c.two_photon / 2, c.carrier_absorption * density / 2)
    offset = polynomial(
        _plain(cavity.detuning) * time,
        c.kerr + warm * c.absorption,
        warm * c.two_photon - blue * density,
        warm * c.carrier_absorption * density,
    )
    # Entries of the Jacobian with the field along its phase, in units of √U.
    zero = 0.0 * unit
    along = half + polynomial(zero, c.two_photon, zero)
    across = offset + polynomial(zero, 2 * c.kerr, zero, zero)
    made = polynomial(zero, zero, 4 * c.generation)  # carriers by field
    heat = times(polynomial(zero, 2 * c.heating), absorbed + polynomial(zero, c.two_photon, zero))
    by_pair = polynomial(zero, c.heating * c.carrier_absorption)
    decay = 1 / c.carrier_lifetime
    rates = [1 / t for t in e.heat_lifetimes] if heats else []

    def factor(rate: Any) -> list[np.ndarray]:  # λ + rate
        return [polynomial(rate), polynomial(1.0)]

    # Polynomials in λ are lists of polynomials in U. The slow variables follow the field:
    # N = made X/(λ + decay), T_k = w_k (heat X + by_pair N)/(λ + rate_k).
    cooling = _product([factor(rate) for rate in rates], polynomial(1.0))
    carrier = factor(decay)
    first = _lambda_times([along, polynomial(1.0)], carrier)
    first = _plus(first, [made * np.asarray(c.carrier_absorption / 2)[..., None]])
    whole = _lambda_times(_lambda_times(first, [half, polynomial(1.0)]), cooling)
    turned = _plus([times(across, part) for part in carrier], [made * -np.asarray(blue)[..., None]])
    second = _lambda_times(turned, cooling)
    for k, share in enumerate(e.heat_shares if heats else ()):
        others = _product([factor(r) for i, r in enumerate(rates) if i != k], polynomial(1.0))
        driven = _plus([times(heat, part) for part in carrier], [times(by_pair, made)])
        pulled = [part * np.asarray(share * c.thermal)[..., None] for part in driven]
        second = _plus(second, _lambda_times(pulled, others))
    # m_01 = −offset: χ = whole + offset · second.
    chi = _plus(whole, [times(offset, part) for part in second])
    n = len(chi) - 1
    return determinant([chi[n - k] for k in range(n + 1)]), unit


def _lambda_times(a: list[np.ndarray], b: list[np.ndarray]) -> list[np.ndarray]:
    out: list[np.ndarray] = [np.zeros(1)] * (len(a) + len(b) - 1)
    for i, x in enumerate(a):
        for j, y in enumerate(b):
            out[i + j] = _minus(out[i + j], -times(x, y))
    return out


def _plus(a: list[np.ndarray], b: list[np.ndarray]) -> list[np.ndarray]:
    longer, shorter = (a, b) if len(a) >= len(b) else (b, a)
    return [_minus(x, -shorter[k]) if k < len(shorter) else x for k, x in enumerate(longer)]


def _product(factors: list[list[np.ndarray]], one: np.ndarray) -> list[np.ndarray]:
    out = [one]
    for part in factors:
        out = _lambda_times(out, part)
    return out


def _plain(value: Any) -> Any:
    return concrete(value).astype(float)
