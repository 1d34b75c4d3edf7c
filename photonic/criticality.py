"""Whether an oscillation sets in softly or with a jump: the first Lyapunov coefficient of a Hopf point.

Near a Hopf point the state moves as x = x_0 + 2 Re(z q) + …, where

    dz/dt = (σ + iω) z + c_1 z |z|² + …                                                (C1)
    c_1 = ½ p̄·[C(q, q, q̄) − 2 B(q, A⁻¹ B(q, q̄)) + B(q̄, (2iω − A)⁻¹ B(q, q))]          (C2)

with A q = iω q, Aᵀ p̄ = iω p̄, p̄·q = 1, and B and C the second and third derivatives of the
right-hand side (Kuznetsov, Elements of Applied Bifurcation Theory, 3rd ed., Springer (2004),
section 5.4; his l_1 is Re c_1/ω). Where Re c_1 < 0 the oscillation is born stable on the side on
which the state is unstable, with |z|² = −σ/Re c_1: supercritical. Where Re c_1 > 0 an unstable
cycle surrounds the stable state and shrinks onto it: subcritical, the ring jumps to something far
away.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from photonic.errors import ParameterError, concrete
from photonic.rate_equations import Units, change, scaled
from photonic.small_signal import jacobian

if TYPE_CHECKING:
    from photonic.cavity import Cavity

__all__ = ["Onset", "normal_form", "onset"]

_CIRCLE = 16  # points on which a Taylor coefficient is taken, exact for polynomials of degree < 13
_REACH = 0.25  # radius of the circle in units of the state, well inside the poles of a power law


class Onset(NamedTuple):
    """How an oscillation sets in at Hopf points; arrays of one shape."""

    lyapunov: np.ndarray  # [1/s], cubic coefficient for the relative swing r of the energy
    growth: np.ndarray  # [1/(s W)], dσ/dP_in of the growth rate σ with the power that drives the ring


def normal_form(
    rhs: Callable[[np.ndarray], np.ndarray], state: Any, scale: Any = None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Eigenvalue iω, eigenvector q with |q| = 1, and c_1 of equation (C2) for dx/dt = ``rhs(x)``.

    Parameters
    ----------
    rhs : callable
        Analytic right-hand side for complex arrays of shape (n, ...), to the same shape.
    state : array, shape (n,) or (n, batch)
        Steady states at Hopf points.
    scale : array, shape of ``state``, optional
        Sizes over which ``rhs`` varies, ``state`` if left out; it must be analytic within a quarter
        of it. For a polynomial of degree < 13 only round-off depends on it.

    Returns
    -------
    (eigenvalue, q, c_1), shapes (batch,), (n, batch), (batch,)
        First Lyapunov coefficient: l_1 = Re c_1/ω.

    Raises
    ------
    ParameterError
        No pair of eigenvalues is complex.

    Examples
    --------
    The van der Pol oscillator x'' = (μ − x²) x' − x at μ = 0, whose cycle is stable:

    >>> def rhs(x):
    ...     return np.stack([x[1], -x[0] - x[0] ** 2 * x[1]])
    >>> eigenvalue, _, c_1 = normal_form(rhs, np.zeros(2), np.ones(2))
    >>> round(float(eigenvalue[0].imag), 12), round(float(c_1[0].real), 12)
    (1.0, -0.25)
    """
    state = np.asarray(state, dtype=float)
    x = state.reshape(state.shape[0], -1)
    size = np.abs(x if scale is None else np.asarray(scale, dtype=float).reshape(x.shape))
    size = np.where(size > 0, size, np.max(size, axis=0, initial=0.0) + (np.max(size, axis=0) == 0))
    n, turn = len(x), np.exp(2j * np.pi * np.arange(_CIRCLE) / _CIRCLE)[:, None]

    def taylor(direction: np.ndarray, order: int) -> np.ndarray:
        """Coefficient of s^order in rhs(x + s·direction), by Cauchy's integral on a circle."""
        longest = np.max(np.abs(direction) / size, axis=0)
        radius = _REACH / np.where(longest > 0, longest, 1.0)
        value = rhs(x[:, None] + radius * turn * direction[:, None])
        return np.asarray(np.mean(value * turn**-order, axis=1) / radius**order)

    def second(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return (taylor(a + b, 2) - taylor(a - b, 2)) / 2

    def third(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return taylor(a + b, 3) - taylor(a - b, 3) - 2 * taylor(b, 3)  # C(a, a, b)

    matrix = np.stack([taylor(np.eye(n)[:, [k]] * size, 1).real / size[k] for k in range(n)], axis=1)
    matrix = np.moveaxis(matrix, -1, 0)
    values, right = np.linalg.eig(matrix / size.T[:, :, None] * size.T[:, None, :])
    if not np.all(np.any(values.imag > 0, axis=-1)):
        raise ParameterError("state must be at a Hopf point, got one without complex eigenvalues")
    rows, chosen = np.arange(len(values)), _turning(values)
    q = right[rows, :, chosen].T * size
    p = np.linalg.inv(right)[rows, chosen].T / size
    length = np.sqrt(np.sum(np.abs(q) ** 2, axis=0))
    q, p, turns = q / length, p * length, values[rows, chosen].imag

    def solved(shift: np.ndarray, b: np.ndarray) -> np.ndarray:
        """(shift − A)⁻¹ b, balanced."""
        left = shift[:, None, None] * np.eye(n) - matrix
        left = left / size.T[:, :, None] * size.T[:, None, :]
        return np.linalg.solve(left, (b / size).T[..., None])[..., 0].T * size

    def balanced(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        """B(a, b) with b brought to the length of a, so that nothing cancels."""
        ratio = np.max(np.abs(b) / size, axis=0) / np.max(np.abs(a) / size, axis=0)
        ratio = np.where(ratio > 0, ratio, 1.0)
        return second(a, b / ratio) * ratio

    rest = -solved(np.zeros_like(turns), second(q, q.conj()))  # A⁻¹ B(q, q̄)
    double = solved(2j * turns, 2 * taylor(q, 2))
    total = third(q, q.conj()) - 2 * balanced(q, rest) + balanced(q.conj(), double)
    return 1j * turns, q, np.sum(p * total, axis=0) / 2  # (C2)


def onset(cavity: Cavity, energy: Any) -> Onset:
    """How oscillation sets in at the Hopf points of ``energy`` [J], any shape that fits the detuning.

    ``lyapunov`` [1/s] belongs to the amplitude r of the relative swing of the stored energy,
    U ≈ U_0 (1 + r cos ωt): dr/dt = σ r + lyapunov r³ [from (C1)], so that the cycle has
    r² = −growth (P − P_Hopf)/lyapunov. Negative: supercritical.
    """
    energy, detuning = np.broadcast_arrays(np.asarray(energy, dtype=float), concrete(cavity.detuning))
    shape, energy = energy.shape, energy.ravel()
    one = type(cavity)(cavity.ring, detuning.ravel())
    state = one.state(energy)
    first = 3 + one.terms.traps
    warm = np.sum(state[first:], axis=0)
    carriers, kelvin = (np.where(v > 0, v, 1.0) for v in (state[2], warm))
    time = 1 / float(concrete(one.c.linear_loss))
    unit = Units(time=time, energy=energy, carriers=carriers, temperature=kelvin)
    if not np.all(np.isfinite(one.terms.electron_index + one.terms.hole_index)):
        return Onset(*np.full((2, *shape), np.nan))  # a law that is no sum of powers
    c, e = scaled(one.c, one.terms, unit)
    size = np.stack([np.sqrt(energy)] * 2 + [carriers] * (first - 2) + [kelvin] * (len(state) - first))
    offset = one.detuning * time

    def rhs(x: np.ndarray) -> np.ndarray:
        out = np.zeros_like(x)
        change(x, 0.0, offset, c, e, out)  # the drive is constant: it has no derivative
        return out

    _, q, cubic = normal_form(rhs, state / size)
    # x = 1 + 2 Re(z q_x): the energy swings by 4 |z| |q_x|.
    lyapunov = cubic.real / (4 * np.abs(q[0])) ** 2 / time
    slope = one.power_slope(energy)
    growth = _growth(one, energy) / np.where(slope == 0, np.nan, slope)
    return Onset(lyapunov.reshape(shape), growth.reshape(shape))


def _growth(cavity: Cavity, energy: np.ndarray) -> np.ndarray:
    """dσ/dU [1/(s J)] of the pair on the imaginary axis, by first-order perturbation."""
    step = 1e-5
    values, right = np.linalg.eig(jacobian(cavity, energy))
    rows, chosen = np.arange(len(values)), _turning(values)
    q, p = right[rows, :, chosen], np.linalg.inv(right)[rows, chosen]
    change = jacobian(cavity, energy * (1 + step)) - jacobian(cavity, energy * (1 - step))
    return np.asarray(np.einsum("bi,bij,bj->b", p, change, q).real / (2 * step * energy))


def _turning(values: np.ndarray) -> np.ndarray:
    """Which eigenvalue, of shape (batch, n), is nearest to the positive imaginary axis."""
    with np.errstate(divide="ignore", invalid="ignore"):
        lean = np.where(values.imag > 0, np.abs(values.real) / values.imag, np.inf)
    return np.argmin(lean, axis=-1)
