"""Small deviations from a steady state of the ring: Jacobian, stability, Hopf points."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.errors import concrete

if TYPE_CHECKING:
    from photonic.cavity import Cavity

__all__ = ["hopf_energies", "is_stable", "jacobian", "unstable_oscillation"]


def jacobian(cavity: Cavity, energy: Any) -> np.ndarray:
    """Exact Jacobian of equations (1)–(5) at steady states of ``energy`` [J], shape (..., n, n).

    Variables: the field along and across its own phase, in units of √U; the carrier density and
    the temperature, as far as they act, both counted in the rate by which they change the field,
    so that the entries are of one size; eigenvalues [1/s] do not depend on that.
    """
    c, ring = cavity.c, cavity.ring
    energy = np.asarray(energy, dtype=float)
    carriers, (half, offset) = cavity.carriers(energy), cavity.widths(energy)
    if ring.index_law is None:
        pull = c.index * ring.index_per_carrier
    else:
        some = np.maximum(carriers, 1.0)  # [1/m³]; a carrier law may have no slope at 0
        pull = c.index * np.imag(ring.index_change(some * (1 + 1e-30j))) / (1e-30 * some)
    with_carriers = bool(np.any(concrete(c.generation) != 0))
    with_heat = bool(np.any(concrete(c.heating) != 0))
    size = 2 + with_carriers + with_heat
    m = np.zeros((*energy.shape, size, size))
    # x' = -(γ/2) x - δ y, y' = δ x - (γ/2) y at x = √U, y = 0; x is counted in units of √U.
    m[..., 0, 0] = -half - c.two_photon * energy
    m[..., 0, 1] = -offset
    m[..., 1, 0] = offset + 2 * energy * c.kerr
    m[..., 1, 1] = -half
    if with_carriers:  # n = N·k with k [1/s per 1/m³], so that n is a rate
        unit = np.asarray(c.carrier_absorption + np.abs(pull))
        unit = np.where(unit > 0, unit, 1.0)
        m[..., 0, 2] = -c.carrier_absorption / 2 / unit
        m[..., 1, 2] = pull / unit
        m[..., 2, 0] = 4 * c.generation * energy**2 * unit
        m[..., 2, 2] = -1 / c.carrier_lifetime
    if with_heat:  # θ = T·k_T is a rate, too
        heat = size - 1
        unit_t = np.where(np.asarray(c.thermal) != 0, c.thermal, 1.0)
        absorbed = c.absorption + 2 * c.two_photon * energy + c.carrier_absorption * carriers
        m[..., 1, heat] = c.thermal / unit_t
        m[..., heat, 0] = 2 * c.heating * absorbed * energy * unit_t
        if with_carriers:
            m[..., heat, 2] = c.heating * c.carrier_absorption * energy * unit_t / unit
        m[..., heat, heat] = -1 / c.thermal_lifetime
    return m


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
