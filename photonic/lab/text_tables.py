"""Tables in text files: separators, decimal marks, headers and layout, recognised or refused.

Every way to read the text that makes sense is tried; two ways that disagree are an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath

import numpy as np

from photonic.errors import DataError
from photonic.lab.headers import Header, header, unit
from photonic.lab.tables import Column, Table, is_number
from photonic.lab.text_lines import Line, cell_splitter, content_and_notes, decoded, metadata_of

__all__ = ["text_table"]

_DELIMITERS = ("\t", ";", ",", "|", " ", None)
_SAMPLE = 60  # lines at either end that are looked at first
_TIME = re.compile(r"(?=.*[:/T-])\d[\d:/.T+Z -]*")
_WAYS = {"up", "down", "rising", "falling", "forward", "backward", "fwd", "bwd", "↑", "↓"}
_THOUSANDS = re.compile(r"[-+−]?[1-9]\d{0,2},\d{3}")
_Split = Callable[[Line], list[str]]


def text_table(raw: bytes, file: str, delimiter: str | None = None, decimal: str | None = None) -> Table:
    """The table in the bytes of a text file.

    Parameters
    ----------
    raw : bytes
        The whole file.
    file : str
        What the messages call it.
    delimiter, decimal : str, optional
        What separates cells (``" "``: any white space), and ``"."`` or ``","``; recognised if left out.

    Raises
    ------
    DataError
        Not text, no table, rows of unequal length, or two ways to read it.

    Examples
    --------
    >>> table = text_table(b"in [mW];out [mW]\\n0,5;0,25\\n", "sweep.csv")
    >>> [(c.header.name, float(c.numbers()[0])) for c in table.columns]
    [('in', 0.5), ('out', 0.25)]
    """
    content, notes = content_and_notes(decoded(raw, file))
    if content and (told := re.fullmatch(r"\"?sep=(.)\"?", content[0].text.strip())):
        delimiter, content = delimiter or told[1], content[1:]
    sample = content if len(content) <= 2 * _SAMPLE else content[:_SAMPLE] + content[-_SAMPLE:]
    quoted = any('"' in line.text for line in sample)
    trials = []
    for mark in (decimal,) if decimal else (".", ","):
        for d in (delimiter,) if delimiter else _DELIMITERS:
            if (d == mark == "," and not quoted) or not (delimiter or _occurs(d, sample)):
                continue
            score = _score(sample, cell_splitter(d, file), mark)
            if score > 0:
                trials.append(_Trial(file, content, notes, d, mark, decimal is not None, score))
    if not trials:
        raise DataError(f"{file}: no table of numbers found")
    trials.sort(key=lambda trial: -trial.score)
    read = []
    for trial in trials:
        try:
            table = trial.table()
        except DataError:
            continue
        # A way that sees fewer numbers counts only if it leaves nothing over.
        if trial.score == trials[0].score or _share(table) == 1:
            read.append((trial, table))
    if not read:
        return trials[0].table(loose=True)  # or its error
    shares = [_share(table) for _, table in read]
    trial, table = read[int(np.argmax(shares))]
    for share, (other, rival) in zip(shares, read, strict=True):
        if share == max(shares) and not _agree(table, rival):
            line = trial.content[-1]
            raise DataError(
                f"{file}: row {line.row}: {line.text.strip()!r} can be read with {trial.words} and with "
                f"{other.words}: say which with delimiter= and decimal= (--delimiter, --decimal)"
            )
    return table


def _occurs(delimiter: str | None, lines: Sequence[Line]) -> bool:
    if delimiter is None:
        return True
    return any(delimiter in line.text.strip() for line in lines)


def _score(lines: Sequence[Line], split: _Split, decimal: str) -> float:
    total = 0.0
    for line in lines:
        try:
            cells = split(line)
        except DataError:
            continue
        numbers = sum(is_number(cell, decimal) for cell in cells)
        total += numbers / max(len(cells), 1) * (1.0 if numbers >= 2 else 0.5 if len(cells) == 1 else 0.25)
    return total


def _share(table: Table) -> float:
    """Share of the cells that are numbers."""
    total = sum(column.cells.size for column in table.columns)
    return sum(int(column.are_numbers().sum()) for column in table.columns) / max(total, 1)


def _agree(table: Table, other: Table) -> bool:
    if len(table.columns) != len(other.columns):
        return False
    for a, b in zip(table.columns, other.columns, strict=True):
        if a.header != b.header:
            return False
        try:
            same = np.array_equal(a.numbers(), b.numbers())
        except DataError:
            same = bool(np.all(a.are_numbers() == b.are_numbers())) and list(a.cells) == list(b.cells)
        if not same:
            return False
    return True


@dataclass(frozen=True)
class _Trial:
    """One way to take the lines apart."""

    file: str
    content: list[Line]
    notes: list[Line]
    delimiter: str | None
    decimal: str
    decimal_given: bool
    score: float

    @property
    def words(self) -> str:
        names = {"\t": "tabs", " ": "spaces", None: "one column"}
        mark = "points" if self.decimal == "." else "commas"
        return f"{names.get(self.delimiter, f'{self.delimiter!r} between cells')} and decimal {mark}"

    def table(self, loose: bool = False) -> Table:
        """The table; if ``loose``, of rows too in which only half of the cells are numbers."""
        split = cell_splitter(self.delimiter, self.file)
        is_row = self._half_data if loose else self._is_data
        first = next((i for i, line in enumerate(self.content) if is_row(split(line))), None)
        across = self._across(split) if first is None or loose else None
        if across is not None:
            return across
        if first is None:
            raise DataError(f"{self.file}: no table of numbers found")
        return self._down(split, first)

    def _number(self, cell: str) -> bool:
        return is_number(cell, self.decimal)

    def _is_data(self, cells: list[str]) -> bool:
        rest = [cell for cell in cells if cell and not self._number(cell)]
        numbers = sum(1 for cell in cells if cell) - len(rest)
        return numbers > 0 and all(cell.lower() in _WAYS or _TIME.fullmatch(cell) for cell in rest)

    def _half_data(self, cells: list[str]) -> bool:
        return 2 * sum(map(self._number, cells)) >= max(sum(1 for cell in cells if cell), 2)

    def _is_text(self, cells: list[str]) -> bool:
        letters = any(character.isalpha() for cell in cells for character in cell)
        return letters and not any(map(self._number, cells))

    def _down(self, split: _Split, first: int) -> Table:
        """Rows are points: names above, numbers below."""
        width = len(_bare_end(split(self.content[first])))
        if width == 1 and self.delimiter == " ":
            raise DataError(f"{self.file}: row {self.content[first].row}: one column of numbers only")
        heads = [i for i in range(first) if self._is_text(split(self.content[i]))]
        if not heads and first:
            raise DataError(f"{self.file}: row {self.content[0].row}: neither a header nor numbers")
        begin = heads[-1] + 1 if heads else 0
        body, preamble, notes = self.content[begin:], self.content[: max(begin - 1, 0)], self.notes
        if not heads:
            words = next((line.row for line in body if self._is_text(split(line))), None)
            if words is not None:
                raise DataError(f"{self.file}: row {words}: words below numbers: a header must come first")
            names, notes = self._noted(split, width, body[0].row)
        else:
            cells = self._name_cells(self.content[begin - 1], split, width)
            self._check_one_column(self.content[begin - 1])
            names = [header(cell) for cell in cells]
            only_units = all(unit(_inside(cell)) for cell in cells if cell)
            if only_units and len(heads) > 1 and heads[-2] == heads[-1] - 1:
                above = self._name_cells(preamble[-1], split, width)
                if len(above) >= len(cells):
                    cells += [""] * (len(above) - len(cells))
                    names = [_joined(name, cell) for name, cell in zip(above, cells, strict=True)]
                    preamble = preamble[:-1]
        columns = self._columns(names, body, split)
        return Table(self.file, columns, metadata_of(notes, preamble, split))

    def _columns(self, names: list[Header], body: list[Line], split: _Split) -> tuple[Column, ...]:
        rows = [line.row for line in body]
        block = self._block(body, len(names))
        if block is not None:
            return tuple(Column(self.file, name, block[:, j], rows) for j, name in enumerate(names))
        table = [self._fitted(split(line), line.row, len(names)) for line in body]
        self._check_marks(cell for cells in table for cell in cells)
        columns = [
            Column(self.file, name, _texts([cells[j] for cells in table]), rows, decimal=self.decimal)
            for j, name in enumerate(names)
        ]
        return tuple(c for c in columns if c.header.text or any(c.cells))

    def _block(self, body: list[Line], width: int) -> np.ndarray | None:
        """The numbers (rows, width) of a sound table, quickly; None if anything is unusual."""
        if self.delimiter in (None, " ") or self.decimal != "." or not body:
            return None
        if any(line.text.count(self.delimiter) != width - 1 for line in body):
            return None
        joined = self.delimiter.join([line.text for line in body])
        if not joined.isascii() or re.search(r"[_\"a-df-zA-DF-Z]", joined):
            return None
        try:
            values = np.array(list(map(float, joined.split(self.delimiter))))
        except ValueError:
            return None
        return values.reshape(len(body), width) if np.all(np.isfinite(values)) else None

    def _fitted(self, cells: list[str], row: int, width: int) -> list[str]:
        while len(cells) > width and not cells[-1]:
            cells = cells[:-1]
        if len(cells) == width:
            return cells
        hint = ""
        if self.delimiter == "," and len(cells) == 2 * width:
            hint = ": if these are decimal commas, separate the columns by ; or tabs"
        raise DataError(f"{self.file}: row {row}: {len(cells)} cells under {width} headers{hint}")

    def _check_marks(self, cells: Iterable[str]) -> None:
        if self.decimal != "," or self.decimal_given:
            return
        marked = [cell for cell in cells if "," in cell and self._number(cell)]
        if marked and all(map(_THOUSANDS.fullmatch, marked)):
            raise DataError(
                f"{self.file}: {marked[0]!r} may have a decimal comma or be in thousands: say decimal=',' "
                "(--decimal ,) or remove the commas"
            )

    def _check_one_column(self, names: Line) -> None:
        """Raise if one column of numbers stands under several names."""
        if self.delimiter is not None:
            return
        pieces = re.split(r"[,;\t|]", names.text)
        if len(pieces) > 1 and (self.decimal == "," or sum(header(p).unit is not None for p in pieces) > 1):
            raise DataError(f"{self.file}: row {names.row}: {len(pieces)} names above one column")

    def _name_cells(self, line: Line, split: _Split, width: int) -> list[str]:
        """Names; between white space they may hold spaces themselves: two, or brackets, then end one."""
        cells = _bare_end(split(line))
        if self.delimiter == " " and len(cells) != width:
            for pattern in (r"\s{2,}|\t", r"(?<=[\])])\s+"):
                wider = [cell for cell in re.split(pattern, line.text.strip()) if cell]
                if len(wider) == width:
                    return wider
        return cells

    def _noted(self, split: _Split, width: int, row: int) -> tuple[list[Header], list[Line]]:
        """Names from the last note above the numbers, if it fits them; made up otherwise."""
        above = [line for line in self.notes if line.row < row and line.text]
        if above:
            cells = self._name_cells(above[-1], split, width)
            self._check_one_column(above[-1])
            alone = width == 1 and re.search(r"[:=]", above[-1].text)
            if len(cells) == width and self._is_text(cells) and not alone:
                return [header(cell) for cell in cells], [n for n in self.notes if n is not above[-1]]
        if width == 1:
            return [header(PurePath(self.file).stem)], self.notes
        return [Header(f"column {j}", f"column {j}", None) for j in range(1, width + 1)], self.notes

    def _across(self, split: _Split) -> Table | None:
        """Rows are quantities: a name, perhaps a unit, and numbers. None if fewer than two are."""
        columns, rest = [], []
        for line in self.content:
            cells = _bare_end(split(line))
            lead = next((i for i, cell in enumerate(cells) if self._number(cell)), 0)
            if self.delimiter != " " and lead:
                lead = 2 if unit(_inside(cells[1])) and not self._number(cells[1]) else 1
            numbers = cells[lead:]
            if not lead or 2 * sum(map(self._number, numbers)) <= max(len(numbers), 5):
                rest.append(line)
                continue
            if self.delimiter == " ":
                name = header(" ".join(cells[:lead]))
            else:
                name = _joined(cells[0], cells[1] if lead == 2 else "")
            at, place = range(lead + 1, len(cells) + 1), f"row {line.row}, cell"
            columns.append(Column(self.file, name, _texts(numbers), at, place, self.decimal))
        if len(columns) < 2 or len({column.header.text for column in columns}) < len(columns):
            return None
        for column in columns:
            if column.cells.size != columns[0].cells.size:
                raise DataError(
                    f"{self.file}: {column.place.split(',')[0]}: {column.cells.size} numbers, "
                    f"but {columns[0].cells.size} in {columns[0].place.split(',')[0]}"
                )
        self._check_marks(cell for column in columns for cell in column.cells)
        return Table(self.file, tuple(columns), metadata_of(self.notes, rest, split))


def _texts(cells: Sequence[str]) -> np.ndarray:
    array = np.empty(len(cells), dtype=object)
    array[:] = cells
    return array


def _bare_end(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells = cells[:-1]
    return cells


def _inside(cell: str) -> str:
    """A unit without its brackets."""
    found = re.fullmatch(r"[\[({](.*)[\])}]", cell.strip())
    return found[1].strip() if found else cell.strip()


def _joined(name: str, unit_cell: str) -> Header:
    return header(f"{name} [{_inside(unit_cell)}]") if unit_cell else header(name)
