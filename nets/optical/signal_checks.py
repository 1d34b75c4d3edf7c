"""What a stage may be given: the check at the door of every `forward`."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from nets.optical.stage import Kind
from photonic.errors import ParameterError

__all__ = ["checked_signal"]


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
    try:
        array = np.asarray(signal)
    except ValueError:  # rows of different lengths
        raise ParameterError(f"{name}: signal must have shape (rows, {inputs})") from None
    if array.ndim != 2 or array.shape[1] != inputs:
        raise ParameterError(f"{name}: signal must have shape (rows, {inputs}), got {array.shape}")
    if array.dtype.kind not in "fc":
        if array.dtype.kind not in "iub":
            raise ParameterError(f"{name} takes {kind}, got an array of {array.dtype}")
        array = array.astype(np.float64)
    if (array.dtype.kind == "c") != (kind == "fields"):
        if kind == "fields":
            raise ParameterError(f"{name} takes fields, got an array of {array.dtype}, not complex")
        raise ParameterError(f"{name} takes {kind}, got complex fields: detect them, or take |z|²")
    flat = array.ravel()
    # one pass says that all is well; where it does not (squares may overflow), look closer
    if not math.isfinite(np.vdot(flat, flat).real) and not np.all(np.isfinite(array)):
        raise ParameterError(f"{name}: signal must be finite, got {_first(array, ~np.isfinite(array))}")
    if kind == "powers" and flat.size and flat.min() < 0:
        raise ParameterError(f"{name}: a power must be >= 0 W, got {_first(array, array < 0)}")
    return array


def _first(array: np.ndarray, wrong: np.ndarray) -> str:
    row, column = np.argwhere(wrong)[0]
    return f"{array[row, column]:g} in row {row}, column {column}"
