"""How near a mesh comes to the matrix that is wanted."""

from __future__ import annotations

from typing import Any

import numpy as np

from photonic.errors import ParameterError

__all__ = ["fidelity"]


def fidelity(mesh: Any, wanted: Any) -> float:
    """F = |tr(W^H U)|²/(tr(W^H W) tr(U^H U)) [1], 1 where U is W but for one factor.

    A loss and a phase that all paths share do not count; for two unitary matrices F = |tr(W^H U)|²/N²
    (as in W. R. Clements et al., Optica 3, 1460 (2016), here with a normalisation for losses).

    Parameters
    ----------
    mesh : MZIMesh, MatrixMesh or array_like, shape (M, N)
        What there is: something with a ``matrix()``, or the matrix U.
    wanted : array_like, shape (M, N)
        W.

    Raises
    ------
    ParameterError
        Matrices of different shapes, not finite, or all zero.

    Examples
    --------
    >>> from nets import MZIMesh, random_unitary
    >>> u = random_unitary(4, seed=0)
    >>> mesh = MZIMesh.from_unitary(u, insertion_loss=1.05)
    >>> round(fidelity(mesh, u), 2), round(fidelity(mesh.with_phase_error(0.1, seed=1), u), 2)
    (1.0, 0.99)
    """
    made = _matrix("mesh", mesh.matrix() if hasattr(mesh, "matrix") else mesh)
    asked = _matrix("wanted", wanted)
    if made.shape != asked.shape:
        raise ParameterError(f"wanted must be of shape {made.shape}, that of the mesh, got {asked.shape}")
    overlap, powers = np.vdot(asked, made), np.vdot(asked, asked) * np.vdot(made, made)
    if not powers.real > 0:
        raise ParameterError("mesh and wanted must not be zero everywhere")
    return float(abs(overlap) ** 2 / powers.real)


def _matrix(name: str, value: Any) -> np.ndarray:
    try:
        found = np.asarray(value, dtype=np.complex128)
    except (TypeError, ValueError):
        raise ParameterError(f"{name} must be a matrix of numbers, or have one in matrix()") from None
    if found.ndim != 2 or not found.size:
        raise ParameterError(f"{name} must be a matrix, got shape {found.shape}")
    if not np.all(np.isfinite(found)):
        raise ParameterError(f"{name} must be finite, got NaN or infinity")
    return found
