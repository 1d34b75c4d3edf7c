"""Tables of measured numbers, each cell of which knows where it stood in its file."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from photonic.errors import DataError, ParameterError, unknown_name
from photonic.lab.headers import Header, Unit, unit

__all__ = ["Column", "Table", "is_number", "listed_rows"]

NO_READING = 9e37  # instruments write 9.9e37 and 9.91e37 for overflow and for no reading
_NUMBER = {
    mark: re.compile(rf"[-+−]?(?:\d+{mark}?\d*|{mark}\d+)(?:[eE][-+−]?\d+)?", re.ASCII)
    for mark in (r"\.", ",")
}
_UNITS = {
    "power": "mW, W, µW, nW, pW, dBm or a multiple such as 0.01 dBm",
    "length": "nm, µm or m",
    "frequency": "THz, GHz or Hz",
    "ratio": "dB, % or 1",
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
        rows = sorted({self.rows[int(i)] for i in np.atleast_1d(which)})
        return f"{self.file}: {listed_rows(rows, self.place)}, {column}"

    def are_numbers(self) -> np.ndarray:
        """Which cells are numbers (n,)."""
        if self.cells.dtype.kind == "f":
            return np.ones(self.cells.size, dtype=bool)
        return np.array([is_number(cell, self.decimal) for cell in self.cells], dtype=bool)

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

    def si(self, text: str | None, *dimensions: str) -> np.ndarray:
        """The cells (n,) in SI units, read in the unit ``text`` of one of the ``dimensions``.

        Raises
        ------
        DataError
            No unit, or another one; a level that no instrument reads.
        """
        found = self.unit(text, *dimensions)
        values = self.numbers()
        if found.level:
            level = values * found.size
            bad = (level < _LEVELS[0]) | (level > _LEVELS[1])
            if np.any(bad):
                i = int(np.argmax(bad))
                raise DataError(f"{self.where(i)}: {values[i]:g} {text} is not a level that anything reads")
        return found.si(values)

    def unit(self, text: str | None, *dimensions: str) -> Unit:
        """The unit ``text``, if it is one of the ``dimensions``; a `DataError` otherwise."""
        allowed = " or ".join(_UNITS[dimension] for dimension in dimensions)
        if text is None:
            name, example = self.header.name or self.header.text, _UNITS[dimensions[0]].split(",")[0]
            raise DataError(
                f"{self.where()}: the unit is missing ({allowed}): write it into the header, as in "
                f"{f'{name} [{example}]'!r}, or say units={{{name!r}: {example!r}}} "
                f"(--unit '{name}={example}')"
            )
        found = unit(text)
        if found is None or found.dimension not in dimensions:
            what = "is not known" if found is None else "does not fit"
            raise DataError(f"{self.where()}: the unit {text!r} {what}: {allowed} is needed")
        return found


@dataclass(frozen=True, eq=False)
class Table:
    """Columns of equal or unequal length from one file, and the words that stood around them.

    ``groups`` are the columns that came as one array of two dimensions, by the array's name.
    """

    file: str
    columns: tuple[Column, ...]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    groups: Mapping[str, tuple[Column, ...]] = field(default_factory=dict)

    def named(self, name: str, argument: str) -> tuple[Column, ...]:
        """The columns of this header, name, last part of a dotted name, or array; capitals do not matter.

        Raises
        ------
        ParameterError
            No such column; the message calls it ``argument``.
        """
        same = [c for c in self.columns if name in (c.header.text, c.header.name)]
        same = same or list(self.groups.get(name, ()))
        if not same:
            small = str(name).strip().lower()
            same = [c for c in self.columns if small in _small_names(c.header)]
            for group, columns in self.groups.items():
                same += [c for c in columns if group.lower().rpartition(".")[2] == small and c not in same]
        if not same:
            known = [c.header.name or c.header.text for c in self.columns]
            raise unknown_name(f"column in {argument}, of {self.file}:", name, known)
        return tuple(same)

    def units(self, given: Mapping[str, str] | None) -> dict[int, str | None]:
        """Unit of each column by its ``id``: its own, or that in ``given``; ``"*"`` is for those without.

        Raises
        ------
        ParameterError
            A column that does not exist, or a unit that is not known.
        """
        given = dict(given or {})
        for text in given.values():
            if not isinstance(text, str) or unit(text) is None:
                raise ParameterError(
                    f"units must be names such as 'mW', 'dBm', 'nm' or '0.01 dBm', got {text!r}"
                )
        others = given.pop("*", None)
        found = {id(c): c.header.unit or others for c in self.columns}
        for name, text in given.items():
            found.update({id(column): text for column in self.named(name, "units")})
        return found


def _small_names(head: Header) -> tuple[str, ...]:
    name = head.name.lower()
    return head.text.lower(), name, name.rpartition(".")[2]


def listed_rows(rows: Sequence[int], place: str = "row") -> str:
    """``row 3`` or ``rows 3, 4 and 9``; of many, the first few and how many more."""
    if len(rows) == 1:
        return f"{place} {rows[0]}"
    shown = [str(row) for row in rows[:_SHOWN]]
    if len(rows) > _SHOWN:
        return f"{place}s {', '.join(shown)} and {len(rows) - _SHOWN} more"
    return f"{place}s {', '.join(shown[:-1])} and {shown[-1]}"
