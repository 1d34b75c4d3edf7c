"""Measured answers in time, read from files of the laboratory."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from photonic import units as conversions
from photonic.drive import Drive
from photonic.errors import DataError, ParameterError
from photonic.lab.chosen_columns import chosen_columns
from photonic.lab.headers import words
from photonic.lab.lab_files import metadata_with, table_in
from photonic.lab.responses import MeasuredResponse
from photonic.lab.tables import Column, Table

__all__ = ["read_response"]

_TIME = {"time", "times", "t", "zeit"}
_TAIL = re.compile(r"[\s_/,.]\s*([A-Za-zµμ]+)$")


def read_response(
    path: str | Path,
    *,
    bandwidth: float | None = None,
    input: str | None = None,
    output: str | Sequence[str] | None = None,
    time_unit: str | None = None,
    held: bool = False,
    units: Mapping[str, str] | None = None,
    delimiter: str | None = None,
    decimal: str | None = None,
) -> MeasuredResponse:
    """Times, input and output power of an oscilloscope from a file of the laboratory.

    The files are those that `read_curve` reads, with a column of times beside: "time [ns]".

    Parameters
    ----------
    path : str or path
        The file.
    bandwidth : float, optional
        3 dB bandwidth of the detector [Hz]; see `MeasuredResponse`.
    input, output : str, optional
        Names of the columns where their words do not say so; several outputs are traces of the same,
        and their mean is taken.
    time_unit : str, optional
        Unit of the times where their header has none, such as "ns".
    held : bool
        Whether the input power is constant about each sample and leaps halfway between two; otherwise its
        root goes straight from one to the next, and a `DataWarning` says where it leaps.
    units : mapping, optional
        Unit of power by name of column; ``"*"`` is for all columns without one.
    delimiter, decimal : str, optional
        As in `read_curve`.

    Raises
    ------
    DataError
        The file cannot be read, has no column of times or powers, or times that do not rise; names file,
        row and column.
    ParameterError
        An argument that is wrong by itself.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> text = "time [ns],in [mW],out [mW]\\n0,0.1,0.02\\n1,0.1,0.02\\n2,0.9,0.41\\n3,0.9,0.52\\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "step.csv")
    ...     _ = file.write_text(text)
    ...     read_response(file, bandwidth=20e9, held=True)
    MeasuredResponse(4 points, 0 s to 3 ns, 0.1 mW to 0.9 mW, detector 20 GHz)
    """
    table = table_in(path, delimiter, decimal)
    axis = _axis(table)
    others = Table(table.file, tuple(c for c in table.columns if c is not axis), table.metadata)
    unit_of = others.units(units)
    chosen = chosen_columns(others, unit_of, input, output)
    times = _times(axis, time_unit)
    used = (chosen.input, *chosen.outputs, *([] if chosen.sigma is None else [chosen.sigma]))
    powers = []
    for column in used:
        if column.cells.size != times.size:
            raise DataError(f"{column.where()}: {column.cells.size} numbers, but {times.size} times")
        text = unit_of[id(column)]
        if column is chosen.sigma and column.unit(text, "power").level:
            raise DataError(f"{column.where()}: a standard deviation is needed in W, not in {text}")
        powers.append(column.si(text, "power"))
        below = np.flatnonzero(powers[-1] < 0)
        if below.size and column not in chosen.outputs:
            value = column.numbers()[below[0]]
            raise DataError(f"{column.where(below)}: negative powers, {value:g} {text}")
    count = len(chosen.outputs)
    own = {
        "file": Path(path).name,
        "columns": [c.header.text for c in (axis, *used)],
        "columns not used": [c.header.text for c in others.columns if c not in used],
    }
    try:
        between = np.concatenate([times[:1], (times[1:] + times[:-1]) / 2, times[-1:]])
        drive = Drive.held(between, powers[0]) if held else powers[0]
        return MeasuredResponse(
            times,
            drive,
            np.mean(powers[1 : 1 + count], axis=0),
            None if chosen.sigma is None else powers[-1],
            metadata_with(table.metadata, own),
            count,
            bandwidth,
        )
    except ParameterError as error:
        if str(error).startswith("bandwidth"):
            raise
        raise DataError(f"{table.file}: {error}") from None


def _axis(table: Table) -> Column:
    """The column of times."""
    found = [c for c in table.columns if set(words(c.header.name)) & _TIME]
    if len(found) == 1:
        return found[0]
    listed = ", ".join(repr(c.header.text) for c in (found or table.columns))
    what = "several columns are" if found else "no column is"
    raise DataError(f"{table.file}: {what} the time by name: {listed}: call one of them 'time [ns]'")


def _unit_in(name: str) -> str | None:
    """Unit of time at the end of a name such as "t_ns" or "t/ns"."""
    tail = _TAIL.search(name)
    if tail is None:
        return None
    try:
        conversions.parse(f"1 {tail[1]}", "time")
    except ParameterError:
        return None
    return tail[1]


def _times(axis: Column, given: str | None) -> np.ndarray:
    """Times [s], rising."""
    text = axis.header.unit or given or _unit_in(axis.header.name)
    if text is None:
        hint = "write it into the header, as in 'time [ns]', or say time_unit='ns'"
        raise DataError(f"{axis.where()}: the unit is missing: {hint}")
    try:
        size = conversions.parse(f"1 {text}", "time")
    except ParameterError:
        raise DataError(
            f"{axis.where()}: {text!r} is no unit of time: s, ms, µs, ns or ps is needed"
        ) from None
    times = axis.numbers() * size
    back: Any = np.flatnonzero(np.diff(times) <= 0)
    if back.size:
        i = int(back[0]) + 1
        numbers = axis.numbers()
        raise DataError(
            f"{axis.where(i)}: times must rise, got {numbers[i]:g} after {numbers[i - 1]:g} {text}"
        )
    return times
