"""Sweeps up and down in columns of their own, made one sweep there and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from photonic.errors import DataError
from photonic.lab.chosen_columns import Chosen
from photonic.lab.headers import Header, way
from photonic.lab.sweep_order import sweep_order
from photonic.lab.tables import Column

__all__ = ["joined_sweeps"]

_Units = Mapping[int, str | None]
_NAMES = {1: "up", -1: "down"}


def joined_sweeps(chosen: Chosen, units: _Units) -> tuple[Chosen, _Units]:
    """One input, one output and a column of directions, where the outputs name their sweep; else as given.

    The rows of each sweep are put in the order in which its power went. The units, by the ``id`` of the
    columns, are returned with those of the new columns.

    Raises
    ------
    DataError
        Names that contradict the order of the inputs or a column of directions; different units; a cell
        that is no number.
    """
    outputs = sorted(
        chosen.outputs, key=lambda c: [way(o.header) for o in chosen.outputs].index(way(c.header))
    )
    ways = [way(c.header) for c in outputs]
    if 0 in ways:
        return chosen, units
    inputs = [_of_way(chosen.inputs, sign) for sign in ways]
    turned = [c for c in inputs if {1, -1} <= set(sweep_order(c.numbers()).direction.tolist())]
    against = chosen.direction or next(iter(turned), None)
    if against is not None:
        if len(set(ways)) == 1:
            return chosen, units
        listed = " and ".join(repr(c.header.text) for c in outputs)
        raise DataError(f"{against.where()}: goes up and down, but {listed} are a sweep each by their names")
    signs = np.repeat(ways, [c.cells.size for c in outputs])
    order = _order(np.concatenate([c.numbers() for c in inputs]), signs)
    whole = [_joined(columns, order, units, "power") for columns in (inputs, outputs)]
    sigmas: tuple[Column, ...] = ()
    if chosen.sigmas:
        own = [_of_way(chosen.sigmas, sign) for sign in ways]
        sigmas = (_joined(own, order, units, "power", "ratio"),)
    cells = np.array([_NAMES[sign] for sign in signs[order].tolist()], dtype=object)
    direction = Column(whole[0].file, Header("sweep", "sweep", None), cells, whole[1].rows, whole[1].place)
    new = Chosen((whole[0],), (whole[1],), sigmas, direction, chosen.others)
    return new, {**units, **{id(c): c.header.unit for c in (*whole, *sigmas)}}


def _order(power: np.ndarray, signs: np.ndarray) -> np.ndarray:
    """Rows of one sweep after the other, each in the order in which its power went."""
    found = []
    for sign in dict.fromkeys(signs.tolist()):
        own = np.flatnonzero(signs == sign)
        found.append(own[np.argsort(sign * power[own], kind="stable")])
    return np.concatenate(found)


def _of_way(columns: Sequence[Column], sign: int) -> Column:
    """The one that names this sweep, or the one for all."""
    return next((c for c in columns if way(c.header) == sign), columns[0])


def _joined(columns: Sequence[Column], order: np.ndarray, units: _Units, *kinds: str) -> Column:
    """The columns one below the other, their rows in this order."""
    for column in columns:
        column.unit(units[id(column)], *kinds)
    name = " and ".join(dict.fromkeys(c.header.text for c in columns))
    texts = {units[id(c)]: None for c in columns}
    if len(texts) > 1:
        listed = " and ".join(str(text) for text in texts)
        raise DataError(f"{columns[0].file}: columns {name!r}: one unit is needed, got {listed}")
    rows, places = [row for c in columns for row in c.rows], {c.place for c in columns}
    return Column(
        columns[0].file,
        Header(name, name, next(iter(texts))),
        np.concatenate([c.numbers() for c in columns])[order],
        [rows[i] for i in order.tolist()],
        places.pop() if len(places) == 1 else "cell",
    )
