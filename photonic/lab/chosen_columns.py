"""Which columns of a table are the input power, the output power, its deviation and the direction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from photonic.errors import DataError, ParameterError
from photonic.lab.headers import WAY_WORDS, Role, role, unit, way, words
from photonic.lab.lab_files import metadata_with
from photonic.lab.tables import Column, Table, is_number

__all__ = ["Chosen", "chosen_columns", "directions", "joined_metadata", "side_by_side"]

_COUNTED = {"run", "rep", "repeat", "trial", "reading", "scan", "average", "no", "nr"}
# Numbered things of these names are different things, not the same one read again.
_THINGS = {"port", "channel", "ch", "detector", "det", "pd", "photodiode", "drop", "device", "ring", "fibre"}
_INDEX = {"index", "point", "points", "no", "nr", "n", "i", "#", "step", "time", "t", "timestamp", "sample"}
_WAYS = {
    **dict.fromkeys(("up", "rising", "forward", "fwd", "↑", "+", "1", "+1"), 1),
    **dict.fromkeys(("down", "falling", "backward", "bwd", "↓", "-", "−", "-1", "−1"), -1),
    **dict.fromkeys(("single", "0"), 0),
}


@dataclass(frozen=True, eq=False)
class Chosen:
    """The columns of a power curve; several ``outputs`` are readings of the same power.

    Where sweeps up and down stand in columns of their own, ``inputs`` and ``sigmas`` may be two as well.
    """

    inputs: tuple[Column, ...]
    outputs: tuple[Column, ...]
    sigmas: tuple[Column, ...]
    direction: Column | None
    others: tuple[Column, ...]

    @property
    def input(self) -> Column:
        """The input power."""
        return self.inputs[0]

    @property
    def sigma(self) -> Column | None:
        """The deviation of the output power, if there is one."""
        return self.sigmas[0] if self.sigmas else None

    def names(self) -> dict[str, str | list[str]]:
        """Headers of the columns by the part they play."""
        found: dict[str, str | list[str]] = {"output": [c.header.text for c in self.outputs]}
        ways = () if self.direction is None else (self.direction,)
        for part, columns in (("input", self.inputs), ("sigma", self.sigmas), ("direction", ways)):
            texts = [c.header.text for c in columns]
            if texts:
                found[part] = texts[0] if len(texts) == 1 else texts
        return found


def chosen_columns(
    table: Table,
    units: Mapping[int, str | None],
    input: str | None,
    output: str | Sequence[str] | None,
    beside: Table | None = None,
    sweeps: bool = False,
) -> Chosen:
    """The columns by name where given, by the words of their headers otherwise.

    With a second table ``beside``, the input is in the first one and the output in the second. With
    ``sweeps``, columns whose names say up and down belong together.

    Raises
    ------
    DataError
        No such column, or several; the message lists them.
    ParameterError
        A name that no column has.
    """
    parts = {id(c): _part(c, units) for t in (table, beside) if t for c in t.columns}
    if beside is not None:
        both = Table(table.file, table.columns + beside.columns)
        for here, meant in ((table, "input"), (beside, "output")):
            loose = [c for c in here.columns if parts[id(c)] is None and _is_power(c, units)]
            if len(loose) == 1 and meant not in {parts[id(c)] for c in here.columns}:
                parts[id(loose[0])] = "input" if meant == "input" else "output"
    else:
        both = table
    outputs = _named(both, output, "output") if output is not None else _powers(both, parts, "output", units)
    inputs = _named(both, input, "input") if input is not None else _powers(both, parts, "input", units)
    inputs = tuple(c for c in inputs if input is not None or c not in outputs)
    outputs = tuple(c for c in outputs if output is not None or c not in inputs)
    loose = [c for c in both.columns if c not in inputs + outputs and parts[id(c)] is None]
    loose = [c for c in loose if _is_power(c, units)]
    if sweeps and not outputs and {way(c.header) for c in loose} >= {1, -1}:
        outputs = tuple(c for c in loose if way(c.header))
        loose = [c for c in loose if c not in outputs]
    if outputs and not inputs and len(loose) == 1:
        inputs = tuple(loose)
    elif inputs and not outputs and len(loose) == 1:
        outputs = tuple(loose)
    told = sweeps and all(way(c.header) for c in outputs)
    if len(inputs) != 1 and not (told and _paired(inputs, outputs)):
        raise _unclear(both, "input", inputs)
    # The same power in two units is no repeat.
    if not outputs or (output is None and len({(_stem(c, told), units[id(c)]) for c in outputs}) > 1):
        raise _unclear(both, "output", outputs)
    if sweeps and not told and len(outputs) > 1:
        _check_no_way(outputs)
    for column in inputs:
        if column in outputs:
            raise ParameterError(
                f"input and output must be different columns, got {column.header.text!r} twice"
            )
    deviations = _with(both, parts, "sigma", but=inputs + outputs)
    ways = _with(both, parts, "direction", but=inputs + outputs)
    ways = tuple(c for c in ways if _says_ways(c))
    for what, found in (("standard deviation", deviations), ("direction", ways)):
        if len(found) > 1 and not (told and found is deviations and _paired(found, outputs)):
            listed = ", ".join(repr(c.header.text) for c in found)
            raise DataError(f"{both.file}: several columns for the {what}: {listed}: remove all but one")
    used = (*inputs, *outputs, *deviations, *ways)
    for column in used:
        like = next((c for c in inputs if way(c.header) == way(column.header)), inputs[0])
        if column.cells.size != like.cells.size:
            raise DataError(
                f"{column.where()}: {column.cells.size} numbers, but {like.cells.size} in column "
                f"{like.header.text!r}"
            )
    others = tuple(c for c in both.columns if c not in used)
    return Chosen(inputs, outputs, deviations, next(iter(ways), None), others)


def directions(column: Column) -> np.ndarray:
    """The cells of a direction column as +1, −1 or 0 (n,)."""
    return np.array([_WAYS[str(cell).strip().lower()] for cell in _plain(column)], dtype=int)


def side_by_side(first: Table, second: Table) -> Table:
    """The second table, its rows put beside those of the first: by an index that both have, or in order.

    Raises
    ------
    DataError
        Unequal numbers of rows; an index that differs or holds a value twice.
    """
    for column in second.columns:
        if not set(words(column.header.name) or [column.header.text]) & _INDEX or _power_unit(
            column.header.unit
        ):
            continue
        twins = [c for c in first.columns if c.header == column.header]
        if len(twins) != 1:
            continue
        here, there = list(_plain(twins[0])), list(_plain(column))
        for index, c in ((here, twins[0]), (there, column)):
            if len(set(index)) < len(index):
                raise DataError(f"{c.where()}: an index that holds a value twice")
        if set(here) != set(there):
            odd = sorted(map(str, set(here) ^ set(there)))[:5]
            raise DataError(f"{column.where()}: not the index of {first.file}: only in one: {', '.join(odd)}")
        order = [there.index(value) for value in here]
        moved = tuple(
            replace(c, cells=c.cells[order], rows=[c.rows[i] for i in order])
            for c in second.columns
            if c is not column
        )
        return replace(second, columns=moved)
    lengths = [t.columns[0].cells.size for t in (first, second)]
    if lengths[0] != lengths[1]:
        raise DataError(f"{second.file}: {lengths[1]} rows, but {lengths[0]} in {first.file}")
    return second


def joined_metadata(first: Table, second: Table | None) -> dict[str, object]:
    """Words of both files; where they differ, those of the second file are marked with its name."""
    if second is None:
        return dict(first.metadata)
    new = {k: v for k, v in second.metadata.items() if first.metadata.get(k) != v}
    return metadata_with(first.metadata, {}) | {
        f"{k} ({second.file})" if k in first.metadata else k: v for k, v in new.items()
    }


def _plain(column: Column) -> Sequence[object]:
    """Cells that compare equal where they mean the same: whole floats as integers, the rest as they are."""
    if column.cells.dtype.kind != "f":
        return column.cells.tolist()
    return [int(v) if float(v).is_integer() else v for v in column.cells.tolist()]


def _says_ways(column: Column) -> bool:
    """Whether a column says up and down; False if it counts sweeps."""
    cells = [str(cell).strip().lower() for cell in _plain(column)]
    strange = [i for i, cell in enumerate(cells) if cell not in _WAYS]
    for i in strange:
        if not is_number(cells[i], column.decimal):
            raise DataError(f"{column.where(i)}: 'up' or 'down' is needed, got {cells[i]!r}")
    return not strange


def _part(column: Column, units: Mapping[int, str | None]) -> Role | None:
    """The part by the words of the header; a power called "sweep up" is no column of directions."""
    found = role(column.header)
    return None if found == "direction" and _is_power(column, units) else found


def _paired(columns: Sequence[Column], outputs: Sequence[Column]) -> bool:
    """Whether there is one of the columns for each sweep that the outputs name."""
    ways = [way(c.header) for c in columns]
    return sorted(ways) == [-1, 1] and set(ways) == {way(c.header) for c in outputs}


def _check_no_way(outputs: Sequence[Column]) -> None:
    """Refuse to average an output that names its sweep with one that names none."""
    named = [c for c in outputs if way(c.header)]
    if named:
        other = next(c for c in outputs if c not in named)
        raise DataError(
            f"{named[0].where()}: names its sweep, but column {other.header.text!r} names none: they are no "
            "repeats of the same: choose with output=... (--output ...)"
        )


def _with(
    table: Table, parts: Mapping[int, Role | None], wanted: Role, but: Sequence[Column] = ()
) -> tuple[Column, ...]:
    return tuple(c for c in table.columns if parts[id(c)] == wanted and c not in but)


def _powers(
    table: Table, parts: Mapping[int, Role | None], wanted: Role, units: Mapping[int, str | None]
) -> tuple[Column, ...]:
    """The columns that play a part, without those in units of something else if others remain."""
    found = _with(table, parts, wanted)
    return tuple(c for c in found if units[id(c)] is None or _is_power(c, units)) or found


def _named(table: Table, names: str | Sequence[str], argument: str) -> tuple[Column, ...]:
    listed = (names,) if isinstance(names, str) else tuple(names)
    return tuple(dict.fromkeys(c for name in listed for c in table.named(name, argument)))


def _power_unit(text: str | None) -> bool:
    found = unit(text) if text else None
    return found is not None and found.dimension == "power"


def _is_power(column: Column, units: Mapping[int, str | None]) -> bool:
    return _power_unit(units[id(column)])


def _stem(column: Column, told: bool) -> tuple[str, ...]:
    """What is left of a name without the number of a repeat, and without the sweep if that is ``told``."""
    said = [word for word in words(column.header.name) if not (told and word in WAY_WORDS)]
    if set(said) & _THINGS:
        return tuple(said)
    return tuple(word for word in said if not word.isdigit() and word not in _COUNTED)


def _unclear(table: Table, part: Role, found: Sequence[Column]) -> DataError:
    every = ", ".join(repr(c.header.text) for c in (found or table.columns))
    what = (
        f"several columns may be the {part} power" if found else f"no column is the {part} power by its name"
    )
    return DataError(f"{table.file}: {what}: {every}: say {part}=... (--{part} ...)")
