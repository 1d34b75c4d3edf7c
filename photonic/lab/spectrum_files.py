"""Measured spectra, read from files of the laboratory."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from photonic.errors import DataError, DataWarning, ParameterError, unknown_name
from photonic.lab.headers import role, unit
from photonic.lab.lab_files import metadata_with, table_in
from photonic.lab.measured_spectrum import MeasuredSpectrum
from photonic.lab.tables import Column, Table
from photonic.units import SPEED_OF_LIGHT

__all__ = ["read_spectrum"]

_LEAST_POINTS = 4
_RANGE = (1e-7, 1e-4)  # [m]; beyond it a wavelength is a mistaken unit
_SHOWN = 20  # names in a message
_Units = Mapping[int, str | None]


def read_spectrum(
    path: str | Path,
    *,
    device: str | None = None,
    channels: Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
    delimiter: str | None = None,
    decimal: str | None = None,
) -> MeasuredSpectrum:
    """Power or transmission against wavelength from a file of the laboratory.

    The files are those that `read_curve` reads. One column holds wavelengths (nm, µm, m) or optical
    frequencies (GHz, THz), the others powers (dBm, mW, ...) or transmissions (dB, % or 1). Points
    are sorted by wavelength.

    Parameters
    ----------
    path : str or path
        The file.
    device : str, optional
        Which array (n, channels) to take from a file that holds several.
    channels : sequence of str, optional
        Columns to take; all that have a unit of power or transmission if left out.
    units : mapping, optional
        Unit by name of column; ``"*"`` is for all columns without one, as in ``{"*": "0.01 dBm"}``.
    delimiter, decimal : str, optional
        As in `read_curve`.

    Returns
    -------
    MeasuredSpectrum
        Wavelengths [m] and powers [W], or ratios [1] (``relative``) for columns in dB, % or 1.

    Raises
    ------
    DataError
        The file cannot be read, or a wavelength occurs twice; names file, row and column.
    ParameterError
        An argument that is wrong by itself.

    Warns
    -----
    DataWarning
        A column without a unit beside others that have one is not read.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> text = "wavelength [nm],drop [dBm]\\n1550.0,-30\\n1550.1,-20\\n1550.2,-30\\n1550.3,-40\\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "scan.csv")
    ...     _ = file.write_text(text)
    ...     spectrum = read_spectrum(file)
    >>> spectrum
    MeasuredSpectrum(4 points, 1550 nm to 1550.3 nm, 1 channel: drop)
    """
    table = table_in(path, delimiter, decimal)
    unit_of = table.units(units)
    axis = _axis(table, unit_of)
    picked, named = _device(table, axis, device)
    taken = _channels(table, picked, unit_of, channels)
    for column in taken:
        if column.cells.size != axis.cells.size:
            raise DataError(
                f"{column.where()}: {column.cells.size} numbers, but {axis.cells.size} wavelengths in "
                f"{axis.header.text!r}"
            )
    wavelength = _wavelength(axis, unit_of)
    power = np.stack([_power(column, unit_of) for column in taken], axis=1)
    order = np.argsort(wavelength, kind="stable")
    twice = np.flatnonzero(np.diff(wavelength[order]) == 0)
    if twice.size:
        where = axis.where(np.sort(order[twice[0] : twice[0] + 2]))
        raise DataError(f"{where}: the same wavelength twice, {wavelength[order[twice[0]]] * 1e9:.7g} nm")
    used = (axis, *taken)
    unread = [c for c in picked if c not in taken and channels is None and unit_of[id(c)] is None]
    odd = [f"{c.where()}: no unit of power or transmission: the column is not read" for c in unread]
    own: dict[str, Any] = {
        "file": Path(path).name,
        "columns": [c.header.text for c in used],
        "columns not used": [c.header.text for c in table.columns if c not in used],
        "warnings": odd,
    }
    for words in odd:
        warnings.warn(words, DataWarning, stacklevel=2)
    if named is not None:
        own["device"] = named
    names = _channel_names(taken, named)
    kinds = {_dimension(column, unit_of) for column in taken}
    return MeasuredSpectrum(
        wavelength[order], power[order], names, metadata_with(table.metadata, own), relative="ratio" in kinds
    )


def _axis(table: Table, unit_of: _Units) -> Column:
    """The column of wavelengths or frequencies."""
    found = [c for c in table.columns if _dimension(c, unit_of) in ("length", "frequency")]
    named = [c for c in table.columns if role(c.header) == "wavelength"]
    found = [c for c in found if c in named] or found or named
    if len(found) == 1:
        return found[0]
    listed = _listed([c.header.text for c in (found or table.columns)])
    what = "several columns are" if found else "no column is"
    raise DataError(f"{table.file}: {what} the wavelength or the frequency by name or unit: {listed}")


def _device(table: Table, axis: Column, device: str | None) -> tuple[tuple[Column, ...], str | None]:
    """The columns of one array, and its name; of a file without such arrays, all but the axis."""
    others = tuple(c for c in table.columns if c is not axis)
    groups = {name: columns for name, columns in table.groups.items() if axis not in columns}
    inside = {id(column) for columns in groups.values() for column in columns}
    choices = groups | {c.header.text: (c,) for c in others if groups and id(c) not in inside}
    if device is None:
        if len(groups) > 1:
            listed = _listed(list(choices))
            raise DataError(f"{table.file}: holds several devices: say device=..., one of {listed}")
        return others, next(iter(groups)) if len(choices) == 1 else None
    if device not in choices:
        raise unknown_name(f"device in {table.file}:", device, choices or ["none"])
    return choices[device], device


def _channels(
    table: Table, picked: tuple[Column, ...], unit_of: _Units, names: Sequence[str] | None
) -> tuple[Column, ...]:
    """The columns that ``names`` lists, or all of powers or transmissions; of one kind."""
    if names is not None:
        wanted = Table(table.file, picked)
        listed = (names,) if isinstance(names, str) else tuple(names)
        taken = tuple(dict.fromkeys(c for name in listed for c in _by_name(wanted, name)))
        if not taken:
            raise ParameterError("channels must hold at least one name, got none")
    else:
        fitting = [c for c in picked if _dimension(c, unit_of) in ("power", "ratio")]
        # A column without a known unit is a channel too, if nothing else can be meant.
        unknown = [c for c in picked if unit_of[id(c)] is None or unit(str(unit_of[id(c)])) is None]
        taken = tuple(fitting or unknown)
        if not taken:
            listed_names = _listed([c.header.text for c in table.columns])
            raise DataError(f"{table.file}: no column of powers or transmissions: {listed_names}")
    for column in taken:
        column.unit(unit_of[id(column)], "power", "ratio")
    if len({_dimension(c, unit_of) for c in taken}) > 1:
        listed_names = _listed([c.header.text for c in taken])
        raise DataError(f"{table.file}: powers and ratios side by side: {listed_names}: say channels=...")
    return taken


def _by_name(table: Table, name: str) -> tuple[Column, ...]:
    numbered = [c for j, c in enumerate(table.columns, 1) if name == f"channel_{j}"]
    try:
        return table.named(name, "channels")
    except ParameterError:
        if numbered:
            return tuple(numbered)
        raise


def _channel_names(taken: tuple[Column, ...], device: str | None) -> tuple[str, ...]:
    if device is not None:
        numbers = (c.header.name.rpartition(" ")[2] for c in taken)
        return tuple(f"channel_{number if number.isdigit() else 1}" for number in numbers)
    names = [c.header.name or c.header.text for c in taken]
    return tuple(names if len(set(names)) == len(names) else [c.header.text for c in taken])


def _wavelength(axis: Column, unit_of: _Units) -> np.ndarray:
    """Vacuum wavelengths [m] of the axis."""
    text = unit_of[id(axis)]
    values = axis.si(text, "length", "frequency")
    if values.size < _LEAST_POINTS:
        raise DataError(f"{axis.where()}: {_LEAST_POINTS} points are needed, got {values.size}")
    bad = values <= 0
    if not np.any(bad):
        values = values if _dimension(axis, unit_of) == "length" else SPEED_OF_LIGHT / values
        bad = (values < _RANGE[0]) | (values > _RANGE[1])
    if np.any(bad):
        i = int(np.argmax(bad))
        got = f"{axis.numbers()[i]:g} {text}"
        raise DataError(f"{axis.where(i)}: {got} is not a wavelength of light: is the unit right?")
    return values


def _power(column: Column, unit_of: _Units) -> np.ndarray:
    """Powers [W] or ratios [1] of a channel; negative ones are refused."""
    values = column.si(unit_of[id(column)], "power", "ratio")
    below = np.flatnonzero(values < 0)
    if below.size:
        hint = "did you mean dBm or dB?"
        raise DataError(f"{column.where(below)}: negative powers in {unit_of[id(column)]}: {hint}")
    return values


def _dimension(column: Column, unit_of: _Units) -> str | None:
    text = unit_of[id(column)]
    found = unit(text) if text else None
    return found.dimension if found else None


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(map(repr, names[:_SHOWN])) + more
