"""Lowest Fourier coefficients of images, as features."""

from __future__ import annotations

import math

import numpy as np

from photonic.errors import DataError, ParameterError

__all__ = ["fourier_coefficients"]

_CHUNK = 4096  # images transformed at once


def fourier_coefficients(images: np.ndarray, modes: int, name: str = "images") -> np.ndarray:
    """Lowest coefficients of the two-dimensional transform of each image, its mean modulus made 1.

    c[u, v] = Σ x[r, s] exp(−2πi(u r + v s)/n), u, v from −⌊m/2⌋ to ⌈m/2⌉ − 1 with m = √modes:
    the centre of the transform after its zero frequency was shifted to n/2. Few frequencies are
    wanted, so two small products are faster than a whole fast transform.

    Parameters
    ----------
    images : ndarray, shape (rows, n²)
        Square images, row by row [1].
    modes : int
        m².
    name : str
        What errors call the images.

    Returns
    -------
    ndarray of float32, shape (rows, 2·modes)
        Re c and Im c in turn [1], u slowest; divided by the mean of |c| of the row.

    Raises
    ------
    ParameterError
        Images that are not square; ``modes`` not a square number in [1, n²].
    DataError
        A row whose coefficients are all zero.

    Examples
    --------
    >>> fourier_coefficients(np.eye(16)[:1], 4).tolist()  # one bright corner: all frequencies alike
    [[1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0]]
    """
    pixels = images.shape[1]
    side, wanted = math.isqrt(pixels), math.isqrt(max(int(modes), 0))
    if side**2 != pixels:
        raise ParameterError(f"{name} must be square images, got {pixels} features")
    if isinstance(modes, bool) or wanted**2 != modes or not 1 <= modes <= pixels:
        raise ParameterError(f"modes must be a square number in [1, {pixels}], got {modes!r}")
    frequencies = np.arange(wanted) - wanted // 2
    wave = np.exp(-2j * np.pi / side * np.outer(frequencies, np.arange(side)))
    out = np.empty((len(images), 2 * wanted**2), np.float32)
    for start in range(0, len(images), _CHUNK):
        part = images[start : start + _CHUNK].reshape(-1, side).astype(np.float64)
        columns = (part @ wave.T).reshape(-1, side, wanted)
        found = np.einsum("ur,nrv->nuv", wave, columns, optimize=True).reshape(-1, wanted**2)
        size = np.abs(found).mean(axis=1)
        if not size.all():
            row = start + int(np.argmin(size))
            raise DataError(f"{name}: row {row} has no light at these frequencies, so no scale")
        rows = out[start : start + _CHUNK]
        rows[:, 0::2] = found.real / size[:, None]
        rows[:, 1::2] = found.imag / size[:, None]
    return out
