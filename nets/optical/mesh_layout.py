"""Which interferometer stands where: the rectangle of Clements and the triangle of Reck.

Guides are counted from the top, 0 to N − 1. Light meets one column of interferometers after the other;
within a column none shares a guide with another. An interferometer at guide k joins guides k and k + 1.
"""

from __future__ import annotations

import functools
from typing import Literal, NamedTuple

import numpy as np

from photonic.errors import ParameterError, unknown_name

__all__ = ["KINDS", "Kind", "Layout", "layout"]

Kind = Literal["clements", "reck"]
KINDS = ("clements", "reck")


class Layout(NamedTuple):
    """Places of the M = N(N − 1)/2 interferometers and of all heaters, in the order light meets them.

    A heater warms one section of a guide. There are 4 M + N sections: upper and lower arm between the two
    couplers, upper and lower guide in front of them (four blocks of M), and the N outputs. A stretch
    of guide without an interferometer counts with the section that follows it on that guide.
    """

    kind: Kind
    modes: int  # N, guides [1]
    upper: np.ndarray  # (M,) upper guide of each interferometer
    starts: np.ndarray  # (depth + 1,) first interferometer of each column; the last entry is M
    places: np.ndarray  # (N − 1, most per pair) index of the j-th interferometer that joins k and k + 1
    own: np.ndarray  # (N²,) section that each heater stands on: inner, outer, output phases
    warming: np.ndarray  # heaters that warm a neighbouring guide too, and
    warmed: np.ndarray  # the sections beside them

    @property
    def interferometers(self) -> int:
        """M [1]."""
        return len(self.upper)

    @property
    def depth(self) -> int:
        """Columns of interferometers [1]."""
        return len(self.starts) - 1

    @property
    def sections(self) -> int:
        """4 M + N [1]."""
        return 4 * self.interferometers + self.modes


def layout(kind: Kind, modes: int) -> Layout:
    """The places of a mesh of ``modes`` guides.

    Rectangle: column c holds the pairs k = c mod 2, c mod 2 + 2, ..., N columns deep (W. R. Clements
    et al., Optica 3, 1460 (2016)). Triangle: the j-th interferometer at k stands in column k + 2j, 2N − 3
    columns deep (M. Reck et al., Phys. Rev. Lett. 73, 58 (1994)). Two guides need one column.

    Raises
    ------
    ParameterError
        Unknown kind; not a whole number of guides >= 1.

    Examples
    --------
    >>> layout("clements", 4).upper.tolist(), layout("reck", 4).upper.tolist()
    ([0, 2, 1, 0, 2, 1], [0, 1, 0, 2, 1, 0])
    """
    if kind not in KINDS:
        raise unknown_name("mesh", kind, KINDS)
    if isinstance(modes, bool) or not isinstance(modes, int | np.integer) or modes < 1:
        raise ParameterError(f"modes must be a whole number >= 1, got {modes!r}")
    return _layout(kind, int(modes))


@functools.lru_cache(maxsize=32)
def _layout(kind: Kind, modes: int) -> Layout:
    seats = sorted(_seats(kind, modes))
    column = np.array([c for c, _ in seats], dtype=np.int64)
    upper = np.array([k for _, k in seats], dtype=np.int64)
    depth = int(column[-1]) + 1 if seats else 0
    starts = np.searchsorted(column, np.arange(depth + 1)).astype(np.int64)
    places = np.zeros((max(modes - 1, 0), max(modes, 1)), dtype=np.int64)
    met = [0] * modes
    for m, k in enumerate(upper):
        places[k, met[k]] = m
        met[k] += 1
    own, warming, warmed = _heaters(modes, upper, column, depth)
    return Layout(kind, modes, upper, starts, places, own, warming, warmed)


def _seats(kind: Kind, modes: int) -> list[tuple[int, int]]:
    """(column, upper guide) of every interferometer."""
    if kind == "clements":
        return [(c, k) for c in range(modes) for k in range(c % 2, modes - 1, 2)]
    return [(k + 2 * j, k) for j in range(modes - 1) for k in range(modes - 1 - j)]


def _heaters(
    modes: int, upper: np.ndarray, column: np.ndarray, depth: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Section of each heater; and pairs (heater, section on the guide next to it)."""
    count = len(upper)
    own = np.concatenate([np.arange(count), 2 * count + np.arange(count), 4 * count + np.arange(modes)])
    # sections at each step along the light: in front of column c at 2c, within it at 2c + 1, outputs last
    section = np.empty((2 * depth + 1, modes), dtype=np.int64)
    section[-1] = 4 * count + np.arange(modes)
    following = section[-1].copy()
    for m in reversed(range(count)):
        c, k = column[m], upper[m]
        section[2 * c, k], section[2 * c, k + 1] = 2 * count + m, 3 * count + m
        section[2 * c + 1, k], section[2 * c + 1, k + 1] = m, count + m
    for c in reversed(range(depth)):
        here = upper[column == c]
        taken = np.concatenate([here, here + 1])
        idle = np.setdiff1d(np.arange(modes), taken)
        section[2 * c, idle] = section[2 * c + 1, idle] = following[idle]
        following[taken] = section[2 * c, taken]
    step = np.concatenate([2 * column + 1, 2 * column, np.full(modes, 2 * depth)])
    guide = np.concatenate([upper, upper, np.arange(modes)])
    warming, warmed = [], []
    for beside in (-1, 1):
        heater = np.flatnonzero((guide + beside >= 0) & (guide + beside < modes))
        warming.append(heater)
        warmed.append(section[step[heater], guide[heater] + beside])
    return own, np.concatenate(warming), np.concatenate(warmed)
