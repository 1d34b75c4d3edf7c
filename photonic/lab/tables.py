"""Tables of measured numbers, each cell of which knows where it stood in its file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from photonic.errors import DataError, unknown_name
from photonic.lab.headers import Header, unit

__all__ = ["Column", "Table", "is_number", "listed_rows"]

NO_READING = 9e37  # instruments write 9.9e37 and 9.91e37 for overflow and for no reading
_NUMBER = {
    mark: re.compile(rf"[-+−]?(?:\d+{mark}?\d*|{mark}\d+)(?:[eE][-+−]?\d+)?", re.ASCII)
    for mark in (r"\.", ",")
}
_SHOWN = 6  # rows in a message
_LEVELS = (-200.0, 100.0)  # [dBm] or [dB]; no instrument reads beyond


def is_number(cell: str, decimal: str = ".") -> bool:
    """Whether a cell holds a number with this decimal mark, and nothing else."""
    return _NUMBER[r"\." if decimal == "." else decimal].fullmatch(cell) is not None


@dataclass(frozen=True, eq=False)
class Column:
    """One quantity of a table.

    ``cells`` (n,) are floats or text; ``place`` and ``rows`` say where they stand: the i-th at
    ``"{place} {rows[i]}"``.
    """

    file: str
    header: Header
    cells: np.ndarray
    rows: Sequence[int]
    place: str = "row"
    decimal: str = "."

    def where(self, which: Any = None) -> str:
        """File, row or rows, and column, for a message; ``which`` is an index, several or None."""
        column = f"column {self.header.text!r}"
        if which is None:
            return f"{self.file}: {column}"
        rows = [self.rows[int(i)] for i in np.atleast_1d(which)]
        return f"{self.file}: {listed_rows(rows, self.place)}, {column}"

    def numbers(self) -> np.ndarray:
        """The cells as floats (n,).

        Raises
        ------
        DataError
            A cell that is empty, not a number, not finite or an instrument's mark of no reading.
        """
        if self.cells.dtype.kind == "f":
            values = self.cells
        else:
            values = np.empty(self.cells.size)
            for i, cell in enumerate(self.cells):
                if not is_number(cell, self.decimal):
                    got = repr(cell) if cell else "an empty cell"
                    raise DataError(f"{self.where(i)}: a number is needed, got {got}")
                values[i] = float(cell.replace("−", "-").replace(self.decimal, "."))
        bad = ~(np.abs(values) < NO_READING)
        if np.any(bad):
            i = int(np.argmax(bad))
            got = f"{values[i]:g}" if self.cells.dtype.kind == "f" else repr(self.cells[i])
            raise DataError(f"{self.where(i)}: no reading (overflow, or nothing measured): {got}")
        return values

    def si(self, *dimensions: str, given: str | None = None) -> np.ndarray:
        """The cells in SI units (n,); the unit is that of the header unless ``given``.

        Raises
        ------
        DataError
            No unit, or not one of these ``dimensions``; a level that no instrument reads.
        """
        text = given if given is not None else self.header.unit
        names = {"power": "W, mW, µW, nW or dBm", "length": "nm, µm or m", "frequency": "GHz or THz"}
        allowed = " or ".join(names.get(dimension, "dB, % or 1") for dimension in dimensions)
        if text is None:
            name = self.header.name or self.header.text
            raise DataError(
                f"{self.where()}: the unit is missing: write it into the header ({allowed}), or give it, "
                f"as in units={{{name!r}: 'mW'}}"
                if "power" in dimensions
                else f"{self.where()}: the unit is missing ({allowed}): give units={{{name!r}: ...}}"
            )
        found = unit(text)
        if found is None or found.dimension not in dimensions:
            what = "is not known" if found is None else "does not fit"
            raise DataError(f"{self.where()}: unit {text!r} {what}: {allowed} is needed")
        values = self.numbers()
        if found.level:
            level = values * found.size
            bad = (level < _LEVELS[0]) | (level > _LEVELS[1])
            if np.any(bad):
                i = int(np.argmax(bad))
                raise DataError(f"{self.where(i)}: {values[i]:g} {text} is not a level that anything reads")
        return found.si(values)


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal or unequal length from one file, and the words that stood around them.

    ``groups`` are the columns that came as one array of two dimensions, by the array's name.
    """

    file: str
    columns: tuple[Column, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    groups: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)

    def column(self, name: str, argument: str = "column") -> Column:
        """The column of this header, name, or last part of a dotted name; capitals do not matter.

        Raises
        ------
        ParameterError
            No such column.
        DataError
            Several of them.
        """
        same = [c for c in self.columns if name in (c.header.text, c.header.name)]
        if not same:
            small = name.strip().lower()
            same = [
                c
                for c in self.columns
                if small
                in (c.header.text.lower(), c.header.name.lower(), c.header.name.lower().split(".")[-1])
            ]
        if not same:
            known = [c.header.name or c.header.text for c in self.columns]
            raise unknown_name(f"{argument} of {self.file}", name, known)
        if len(same) > 1:
            listed = ", ".join(repr(c.header.text) for c in same)
            raise DataError(f"{self.file}: {name!r} is the name of several columns: {listed}")
        return same[0]


def listed_rows(rows: Sequence[int], place: str = "row") -> str:
    """``row 3`` or ``rows 3, 4 and 9``; of many, the first few and how many more."""
    if len(rows) == 1:
        return f"{place} {rows[0]}"
    shown = [str(row) for row in rows[:_SHOWN]]
    if len(rows) > _SHOWN:
        return f"{place}s {', '.join(shown)} and {len(rows) - _SHOWN} more"
    return f"{place}s {', '.join(shown[:-1])} and {shown[-1]}"
