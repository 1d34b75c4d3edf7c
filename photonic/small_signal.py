"""Small deviations from a steady state of the ring: Jacobian, stability, Hopf points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.errors import concrete
from photonic.rate_equations import slopes

if TYPE_CHECKING:
    from photonic.cavity import Cavity

__all__ = ["hopf_energies", "is_stable", "jacobian", "unstable_oscillation"]


def jacobian(cavity: Cavity, energy: Any) -> np.ndarray:
    """Exact Jacobian of equations (1)–(5) at steady states of ``energy`` [J], shape (..., n, n).

    Variables: the field along and across its own phase, in units of √U; the carrier density and
    the temperature, as far as they act, both counted in the rate by which they change the field,
    so that the entries are of one size; eigenvalues [1/s] do not depend on that.
    """
    c, e = cavity.c, cavity.terms
    energy = np.asarray(energy, dtype=float)
    state, known, pull = cavity.linearised(energy)
    first = 3 + e.traps
    m = np.zeros((len(state), *state.shape))
    slopes(state, known, pull, c, e, m)
    units = [np.sqrt(np.where(energy > 0, energy, 1.0))] * 2
    units += [_rate(c.carrier_absorption + np.abs(pull[0] + pull[1]))] * (1 + e.traps)
    units += [_rate(c.thermal)] * (len(state) - first)
    for k, unit in enumerate(units):
        m[:, k] *= unit
        m[k] /= unit
    acting = np.ones(len(state), dtype=bool)
    acting[2:first] = np.any(concrete(c.generation) != 0)
    acting[first:] = np.any(concrete(c.heating) != 0)
    if not np.all(acting):
        m = m[acting][:, acting]
    return np.moveaxis(m, (0, 1), (-2, -1))


def _rate(per_unit: Any) -> Any:
    """Unit of a variable that changes the field at the rate ``per_unit``; 1 where it does not."""
    per_unit = np.abs(per_unit)
    return 1 / np.where(per_unit > 0, per_unit, 1.0)


def is_stable(cavity: Cavity, energy: Any) -> np.ndarray:
    """Whether the state of each ``energy`` [J] is stable (any shape)."""
    return np.all(np.linalg.eigvals(jacobian(cavity, energy)).real < 0, axis=-1)


def hopf_energies(cavity: Cavity, grid: np.ndarray) -> list[tuple[float, float]]:
    """(energy [J], frequency [Hz]) of Hopf points between neighbours of a rising energy grid."""
    if grid.size < 2 or (m := jacobian(cavity, grid)).shape[-1] < 3:
        return []
    test, _ = _hurwitz(m)
    crossing = np.flatnonzero(np.sign(test[:-1]) != np.sign(test[1:]))
    found = []
    for i in crossing:
        low, high = float(grid[i]), float(grid[i + 1])
        for _ in range(80):
            middle = (low + high) / 2
            value, _ = _hurwitz(jacobian(cavity, np.asarray(middle)))
            low, high = (middle, high) if np.sign(value) == np.sign(test[i]) else (low, middle)
        _, squared = _hurwitz(jacobian(cavity, np.asarray(high)))
        if squared > 0:  # else two real eigenvalues of opposite sign: a neutral saddle
            found.append((high, float(np.sqrt(squared)) / (2 * np.pi)))
    return found


def unstable_oscillation(cavity: Cavity, energy: np.ndarray) -> np.ndarray:
    """Whether the state of each ``energy`` [J] has gone through a Hopf bifurcation (any shape)."""
    m = jacobian(cavity, energy)
    return _hurwitz(m)[0] < 0 if m.shape[-1] > 2 else np.zeros(m.shape[:-2], dtype=bool)


def _hurwitz(m: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Last-but-one Hurwitz determinant, zero where λ₁ + λ₂ = 0, and the ω² of that pair."""
    n = m.shape[-1]
    if n == 3:  # written out: the usual case, a third of the time
        trace = m[..., 0, 0] + m[..., 1, 1] + m[..., 2, 2]
        first = m[..., 1, 1] * m[..., 2, 2] - m[..., 1, 2] * m[..., 2, 1]  # cofactors of the first row
        second = m[..., 1, 0] * m[..., 2, 2] - m[..., 1, 2] * m[..., 2, 0]
        third = m[..., 1, 0] * m[..., 2, 1] - m[..., 1, 1] * m[..., 2, 0]
        minors = first + m[..., 0, 0] * (m[..., 1, 1] + m[..., 2, 2])
        minors = minors - m[..., 0, 1] * m[..., 1, 0] - m[..., 0, 2] * m[..., 2, 0]
        determinant = m[..., 0, 0] * first - m[..., 0, 1] * second + m[..., 0, 2] * third
        return determinant - trace * minors, minors
    identity, power, a = np.eye(n), np.zeros_like(m), [np.ones(m.shape[:-2])]
    for k in range(1, n + 1):  # Faddeev–LeVerrier: coefficients of the characteristic polynomial
        power = m @ power + a[-1][..., None, None] * identity
        a.append(-np.trace(m @ power, axis1=-2, axis2=-1) / k)
    return a[1] * a[2] * a[3] - a[3] ** 2 - a[1] ** 2 * a[4], a[3] / a[1]
