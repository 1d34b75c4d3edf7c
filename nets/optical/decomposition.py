"""Phases of a mesh that make a given unitary matrix."""

from __future__ import annotations

import cmath
import math
from typing import Any

import numpy as np

from nets.optical.mesh_layout import Layout
from photonic.compiled import compiled
from photonic.errors import ParameterError

__all__ = ["checked_unitary", "phases_of"]

_UNITARY = 1e-6  # [1], largest entry of U^H U − 1 that is taken for round-off (of single precision)


def phases_of(unitary: np.ndarray, places: Layout) -> np.ndarray:
    """Phases [rad] in [0, 2π), shape (N²,): inner θ, outer φ and outputs, of the ideal mesh.

    Rotations null one entry after the other until a diagonal of phases is left: for the triangle all from
    the side of the inputs (M. Reck et al., Phys. Rev. Lett. 73, 58 (1994)), for the rectangle from both
    sides in turns (W. R. Clements et al., Optica 3, 1460 (2016)). Where nothing is to be nulled
    the interferometer is set to its bar state, θ = π.
    """
    modes, count = places.modes, places.interferometers
    rest = np.array(unitary, dtype=np.complex128, order="C")
    phases = np.zeros(modes**2)
    null = null_both_sides if places.kind == "clements" else null_from_inputs
    null(rest, places.places, phases[:count], phases[count : 2 * count])
    phases[2 * count :] = np.angle(np.diag(rest))
    phases %= 2 * math.pi
    return phases


def checked_unitary(matrix: Any) -> np.ndarray:
    """``matrix`` as complex128.

    Raises
    ------
    ParameterError
        Not a square, finite, unitary matrix (U^H U within 1e-6 of 1).
    """
    try:
        found = np.asarray(matrix, dtype=np.complex128)
    except (TypeError, ValueError):
        raise ParameterError("matrix must be a square array of numbers") from None
    if found.ndim != 2 or found.shape[0] != found.shape[1] or found.size == 0:
        raise ParameterError(
            f"matrix must be square to be unitary, got shape {found.shape}: "
            "MatrixMesh.from_matrix takes any matrix"
        )
    if not np.all(np.isfinite(found)):
        raise ParameterError("matrix must be finite, got NaN or infinity")
    apart = float(np.max(np.abs(found.conj().T @ found - np.eye(len(found)))))
    if apart > _UNITARY:
        raise ParameterError(
            f"matrix must be unitary, but U^H U differs from 1 by up to {apart:.3g} (> {_UNITARY:g}): "
            "MatrixMesh.from_matrix takes any matrix"
        )
    return found


@compiled
def null_from_inputs(u: Any, places: Any, theta: Any, phi: Any) -> None:
    """Write the phases of the triangle; ``u`` is left with its diagonal of output phases."""
    n = u.shape[0]
    for j in range(n - 1):
        for k in range(n - 1 - j):
            m = places[k, j]
            theta[m], phi[m] = null_in_row(u, n - 1 - j, k)


@compiled
def null_both_sides(u: Any, places: Any, theta: Any, phi: Any) -> None:
    """Write the phases of the rectangle; ``u`` is left with its diagonal of output phases."""
    n = u.shape[0]
    met = [0] * n  # interferometers at each pair so far, seen from the inputs
    behind = [(0, 0.0, 0.0)]
    for i in range(1, n):
        for j in range(i):
            if i % 2 == 1:
                k = i - 1 - j
                m = places[k, met[k]]
                theta[m], phi[m] = null_in_row(u, n - 1 - j, k)
                met[k] += 1
            else:
                k = n - 1 - i + j
                t, p = null_in_column(u, j, k)
                behind.append((k, t, p))
    # T⁻¹(θ, φ) D = D' T(θ, φ') carries what acts behind the diagonal to its front, innermost first
    for b in range(len(behind) - 1, 0, -1):
        k, t, _ = behind[b]
        m = places[k, met[k]]
        met[k] += 1
        upper, lower = u[k, k], u[k + 1, k + 1]
        theta[m], phi[m] = t, cmath.phase(upper) - cmath.phase(lower)
        turn = -cmath.exp(-1j * t)
        u[k, k], u[k + 1, k + 1] = turn * cmath.exp(-1j * behind[b][2]) * lower, turn * lower


def null_in_row(u: Any, row: int, k: int) -> tuple[float, float]:
    """θ and φ whose T⁻¹ on columns k and k + 1 of ``u`` nulls u[row, k]; applied in place."""
    a, b = u[row, k], u[row, k + 1]
    t, p = math.pi, 0.0
    if a != 0 or b != 0:
        t, p = 2 * math.atan2(abs(b), abs(a)), cmath.phase(a) - cmath.phase(-b)
    s, c = math.sin(t / 2), math.cos(t / 2)
    turn = -1j * cmath.exp(-0.5j * t)
    x, y = turn * s, turn * c
    back = cmath.exp(-1j * p)
    for r in range(u.shape[0]):
        v, w = back * u[r, k], u[r, k + 1]
        u[r, k], u[r, k + 1] = x * v + y * w, y * v - x * w
    u[row, k] = 0.0
    return t, p


def null_in_column(u: Any, column: int, k: int) -> tuple[float, float]:
    """θ and φ whose T on rows k and k + 1 of ``u`` nulls u[k + 1, column]; applied in place."""
    a, b = u[k, column], u[k + 1, column]
    t, p = math.pi, 0.0
    if a != 0 or b != 0:
        t, p = 2 * math.atan2(abs(a), abs(b)), cmath.phase(b) - cmath.phase(a)
    s, c = math.sin(t / 2), math.cos(t / 2)
    turn = 1j * cmath.exp(0.5j * t)
    x, y = turn * s, turn * c
    ahead = cmath.exp(1j * p)
    for r in range(u.shape[1]):
        v, w = ahead * u[k, r], u[k + 1, r]
        u[k, r], u[k + 1, r] = x * v + y * w, y * v - x * w
    u[k + 1, column] = 0.0
    return t, p
