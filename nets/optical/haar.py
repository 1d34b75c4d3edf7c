"""Unitary matrices drawn without preference."""

from __future__ import annotations

from typing import Any

import numpy as np

from photonic.errors import ParameterError, checked_seed

__all__ = ["ginibre", "random_unitary"]


def random_unitary(modes: int, seed: Any) -> np.ndarray:
    """Random unitary matrix from the Haar measure, shape (modes, modes), complex.

    U = Q diag(R_ii/|R_ii|) of a matrix of normal numbers, Q R; without the diagonal it would not be uniform
    (F. Mezzadri, Notices of the AMS 54, 592 (2007)).

    Parameters
    ----------
    modes : int
        Rows and columns [1].
    seed : int or numpy.random.Generator
        What the draws come from.

    Raises
    ------
    ParameterError
        Not a whole number of modes >= 1.

    Examples
    --------
    >>> u = random_unitary(3, seed=1)
    >>> bool(np.allclose(u @ u.conj().T, np.eye(3)))
    True
    """
    if isinstance(modes, bool) or not isinstance(modes, int | np.integer) or modes < 1:
        raise ParameterError(f"modes must be a whole number >= 1, got {modes!r}")
    q, r = np.linalg.qr(ginibre(modes, modes, np.random.default_rng(checked_seed("seed", seed))))
    phase = np.diag(r) / np.abs(np.diag(r))
    return q * phase


def ginibre(rows: int, columns: int, generator: np.random.Generator) -> np.ndarray:
    """Complex matrix of independent normal numbers, ⟨|z|²⟩ = 1."""
    real, imaginary = generator.standard_normal((2, rows, columns))
    return (real + 1j * imaginary) * 0.5**0.5
