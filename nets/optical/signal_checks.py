"""What a stage may be given: the check at the door of every `forward`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nets.optical.stage import Kind
from photonic.errors import ParameterError

__all__ = ["checked_signal"]

_FLOATS = {"numbers": "fd", "powers": "fd", "fields": "FD"}  # single and double precision


def checked_signal(signal: Any, inputs: int, kind: Kind, name: str) -> np.ndarray:
    """``signal`` as an array of shape (rows, inputs) of that kind; floats keep their precision.

    Parameters
    ----------
    signal : array_like
        What goes into a stage: numbers [1], powers [W] or complex fields [√W].
    inputs : int
        Channels of the stage [1].
    kind : {"numbers", "powers", "fields"}
        What it takes.
    name : str
        What errors call it.

    Raises
    ------
    ParameterError
        Another shape, real fields, complex powers or numbers, powers below 0 W, NaN, infinity.

    Examples
    --------
    >>> checked_signal([[0, 1e-3]], 2, "powers", "loss")
    array([[0.   , 0.001]])
    """
    array = signal
    if not (
        type(signal) is np.ndarray
        and signal.ndim == 2
        and signal.shape[1] == inputs
        and signal.dtype.char in _FLOATS[kind]
    ):
        array = _as_kind(signal, inputs, kind, name)
    flat = array.ravel()
    # one pass says that all is well; where it does not (squares may overflow), look closer
    if not math.isfinite(np.vdot(flat, flat).real) and not np.all(np.isfinite(array)):
        raise ParameterError(f"{name}: signal must be finite, got {_first(array, ~np.isfinite(array))}")
    if kind == "powers" and flat.size and np.minimum.reduce(flat) < 0:
        raise ParameterError(f"{name}: a power must be >= 0 W, got {_first(array, array < 0)}")
    return array


def _as_kind(signal: Any, inputs: int, kind: Kind, name: str) -> np.ndarray:
    """Array of floats of that shape and kind, whatever is in them."""
    try:
        array = np.asarray(signal)
    except ValueError:  # rows of different lengths
        raise ParameterError(f"{name}: signal must have shape (rows, {inputs})") from None
    if array.ndim != 2 or array.shape[1] != inputs:
        raise ParameterError(f"{name}: signal must have shape (rows, {inputs}), got {array.shape}")
    if array.dtype.kind not in "iubfc":
        raise ParameterError(f"{name} takes {kind}, got an array of {array.dtype}")
    if (array.dtype.kind == "c") != (kind == "fields"):
        if kind == "fields":
            raise ParameterError(f"{name} takes fields, got an array of {array.dtype}, not complex")
        raise ParameterError(f"{name} takes {kind}, got complex fields: detect them, or take |z|²")
    return array if array.dtype.char in _FLOATS[kind] else array.astype("D" if kind == "fields" else "d")


def _first(array: np.ndarray, wrong: np.ndarray) -> str:
    row, column = np.argwhere(wrong)[0]
    return f"{array[row, column]:g} in row {row}, column {column}"
