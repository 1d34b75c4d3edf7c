"""Tables in files of arrays: NumPy's .npy and .npz, MATLAB's .mat. Nothing in them is ever executed."""

from __future__ import annotations

import io
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

import numpy as np

from photonic.errors import DataError
from photonic.lab.headers import Header, header
from photonic.lab.matlab_files import matlab_variables
from photonic.lab.tables import Column, Table

__all__ = ["array_table", "holds_arrays"]

_HDF = b"\x89HDF"


def holds_arrays(raw: bytes, file: str) -> bool:
    """Whether a file is one for `array_table`, by its first bytes or its name."""
    named = PurePath(file).suffix.lower() in (".npy", ".npz", ".mat")
    return named or raw.startswith((b"\x93NUMPY", b"MATLAB "))


def array_table(raw: bytes, file: str) -> Table:
    """The arrays in the bytes of a .npy, .npz or .mat file as columns.

    Names carry units (``power_in_mW``), or a text variable ``power_in_unit`` does. An array (n, k)
    is k columns. Fields of structures get dotted names. Numbers and texts become metadata, which
    also lists what is not read: objects, complex and square arrays, more than two dimensions.

    Raises
    ------
    DataError
        A damaged file, pickled objects, MATLAB 7.3 (HDF5), no array of real numbers.
    """
    if not raw:
        raise DataError(f"{file}: the file is empty")
    variables = dict(_leaves("", _loaded(raw, file)))
    arrays = {name: value for name, value in variables.items() if isinstance(value, np.ndarray)}
    texts = {name: value for name, value in variables.items() if name not in arrays}
    length = Counter(array.size for array in arrays.values() if array.ndim == 1).most_common(1)
    columns: list[Column] = []
    groups: dict[str, tuple[Column, ...]] = {}
    unread: list[str] = []
    for name, array in arrays.items():
        head = _header(name, texts)
        points = _points_down(array, length[0][0] if length else None)
        if points is None:
            unread.append(f"{name} {array.shape}")
        elif points.ndim == 1:
            columns.append(_column(file, head, points))
        else:
            made = tuple(_column(file, _numbered(head, j), part) for j, part in enumerate(points.T, 1))
            groups[name] = made
            columns.extend(made)
    if not columns:
        others = f"; not read: {', '.join(unread)}" if unread else ""
        raise DataError(f"{file}: no arrays of numbers found{others}")
    metadata = {"variables not read": unread} if unread else {}
    return Table(file, tuple(columns), {**texts, **metadata}, groups)


def _loaded(raw: bytes, file: str) -> Mapping[str, Any]:
    kind = PurePath(file).suffix.lower()
    if raw.startswith((_HDF, b"MATLAB 7.3")):
        raise DataError(f"{file}: a MATLAB 7.3 (HDF5) file: save it again in MATLAB with -v7, or as CSV")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # duplicate names and the like
            if kind == ".mat" or raw.startswith(b"MATLAB "):
                return matlab_variables(raw)
            loaded = np.load(io.BytesIO(raw), allow_pickle=False)
            if isinstance(loaded, np.ndarray):
                return _fields(loaded, file)
            with loaded:
                return {name: loaded[name] for name in loaded.files}
    except Exception as error:  # NumPy raises whatever a damaged byte leads it to
        if "allow_pickle" in str(error) or "pickle" in str(error):
            raise DataError(
                f"{file}: holds pickled objects, which are not read (they could run code): save plain arrays"
            ) from None
        raise DataError(f"{file}: not a sound file of arrays: {error}") from None


def _fields(array: np.ndarray, file: str) -> dict[str, Any]:
    if array.dtype.names:
        return {name: array[name] for name in array.dtype.names}
    if array.ndim == 2:
        return {f"column {j}": part for j, part in enumerate(array.T, 1)}
    return {PurePath(file).stem: array}


def _leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Arrays of one dimension or more, and everything else as text or a number, by dotted names."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _leaves(f"{path}.{name}" if path else str(name), part)
    elif isinstance(value, list):
        for i, part in enumerate(value, 1):
            yield from _leaves(f"{path}[{i}]", part)
    elif value is None:
        yield path, np.zeros(1, dtype=object)
    else:
        array = np.squeeze(np.asarray(value))
        if array.ndim and array.dtype.kind not in "US":
            yield path, array
        elif array.dtype.kind in "iufb":
            yield path, array.item()
        else:
            yield path, str(array) if array.ndim == 0 else [str(item) for item in array.ravel()]


def _header(name: str, texts: Mapping[str, Any]) -> Header:
    """Header of a variable; a unit may stand beside it: ``P_unit``, ``units.P``."""
    path, _, leaf = name.rpartition(".")
    stem = f"{path}." if path else ""
    beside = [f"{name}_unit", f"{name}_units", f"{stem}units.{leaf}", f"{stem}unit.{leaf}"]
    said = [texts[key] for key in beside if isinstance(texts.get(key), str)]
    return header(f"{name} [{said[0]}]") if said else header(name)


def _numbered(head: Header, j: int) -> Header:
    return Header(f"{head.text}[:, {j}]", f"{head.name} {j}", head.unit)


def _column(file: str, head: Header, values: np.ndarray) -> Column:
    cells = np.array(values, dtype=float)
    return Column(file, head, cells, range(1, cells.size + 1), "element")


def _points_down(array: np.ndarray, length: int | None) -> np.ndarray | None:
    """The array (n,) or (n, k), n the number of points; None if that cannot be told, or no real numbers."""
    if array.dtype.kind not in "iuf" or array.ndim > 2:
        return None
    if array.ndim == 1 or array.shape[0] == array.shape[1]:
        return array if array.ndim == 1 else None
    if length in array.shape:
        return array if array.shape[0] == length else array.T
    return array if array.shape[0] > array.shape[1] else array.T
