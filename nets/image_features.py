"""Fewer numbers of an image: lowest Fourier coefficients, and averages of pixels."""

from __future__ import annotations

import math

import numpy as np

from photonic.errors import DataError, ParameterError

__all__ = ["fourier_coefficients", "pixel_averages"]

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
    side, wanted = _sides(images, modes, name, "modes")
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


def pixel_averages(images: np.ndarray, pixels: int, name: str = "images") -> np.ndarray:
    """Averages of square images over a coarser grid, each over its own square of the image.

    Parts of pixels count by their area, so that the mean brightness stays as it is.

    Parameters
    ----------
    images : ndarray, shape (rows, n²)
        Square images, row by row [1].
    pixels : int
        How many averages.
    name : str
        What errors call the images.

    Returns
    -------
    ndarray of float64, shape (rows, pixels)

    Raises
    ------
    ParameterError
        Images that are not square; ``pixels`` not a square number in [1, n²].

    Examples
    --------
    >>> pixel_averages(np.arange(9.0)[None], 4)[0].round(3).tolist()  # 1.5 × 1.5 pixels each
    [1.333, 2.667, 5.333, 6.667]
    """
    side, wanted = _sides(images, pixels, name, "pixels")
    edge, cells = np.arange(side + 1), np.arange(wanted + 1) * (side / wanted)
    overlap = np.minimum(edge[1:], cells[1:, None]) - np.maximum(edge[:-1], cells[:-1, None])
    average = np.maximum(overlap, 0.0) / (side / wanted)
    out = np.empty((len(images), wanted**2))
    for start in range(0, len(images), _CHUNK):
        part = images[start : start + _CHUNK].reshape(-1, side, side).astype(np.float64)
        out[start : start + _CHUNK] = (average @ part @ average.T).reshape(len(part), -1)
    return out


def _sides(images: np.ndarray, wanted: int, name: str, what: str) -> tuple[int, int]:
    """Side of the images and of what is wanted of them."""
    pixels = images.shape[1]
    side, fewer = math.isqrt(pixels), math.isqrt(max(int(wanted), 0))
    if side**2 != pixels:
        raise ParameterError(f"{name} must be square images, got {pixels} features")
    if isinstance(wanted, bool) or fewer**2 != wanted or not 1 <= wanted <= pixels:
        raise ParameterError(f"{what} must be a square number in [1, {pixels}], got {wanted!r}")
    return side, fewer
