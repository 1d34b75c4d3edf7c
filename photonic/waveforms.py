"""Light that varies in time, given in words or in a file: pulses, bits, tables of samples."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from photonic import units
from photonic.drive import Drive
from photonic.errors import DataError, ParameterError, check
from photonic.lab.number_text import alike

__all__ = ["bit_stream", "pulsed", "read_drive", "value_range"]


def pulsed(power: float, pulses: Sequence[str], duration: float) -> Drive:
    """Square pulses on top of a constant ``power`` [W], for ``duration`` [s].

    Each pulse is ``"START, LENGTH, POWER"`` with units, its power on top of what is there; pulses
    may overlap.

    Raises
    ------
    ParameterError
        A pulse is not three values with units, or begins after the end.

    Examples
    --------
    >>> drive = pulsed(0.4e-3, ["20ns, 10ns, 80uW"], 100e-9)
    >>> [round(float(drive(t)) * 1e6, 6) for t in (10e-9, 25e-9, 50e-9)]  # µW
    [400.0, 480.0, 400.0]
    """
    edges, rows = [0.0, duration], []
    for number, text in enumerate(pulses, 1):
        parts = [part.strip() for part in text.split(",")]
        name = f"pulse {number}"
        if len(parts) != 3:
            raise ParameterError(
                f"{name} must be START, LENGTH, POWER, such as '20ns, 10ns, 80uW', got {text!r}"
            )
        start, length = (units.parse(part, "time", name) for part in parts[:2])
        extra = units.parse(parts[2], "power", name)
        check(f"{name}: its start", start, unit="s", at_least=0.0, below=duration)
        check(f"{name}: its length", length, unit="s", above=0.0)
        rows.append((start, start + length, extra))
        edges += [start, min(start + length, duration)]
    grid = np.unique(edges)
    middle = (grid[1:] + grid[:-1]) / 2
    levels = np.full(middle.size, float(power))
    for start, stop, extra in rows:
        levels += np.where((middle >= start) & (middle < stop), extra, 0.0)
    return Drive.held(grid, levels)


def bit_stream(
    bits: str, symbol_time: float, low: float, high: float, duration: float | None = None
) -> Drive:
    """Bits as powers [W], ``low`` for 0 and ``high`` for 1, each held for ``symbol_time`` [s].

    Repeated or cut to ``duration`` [s] if that is given.

    Examples
    --------
    >>> drive = bit_stream("0110", 1e-9, 0.0, 1e-3)
    >>> [round(float(drive(t)), 9) for t in (0.5e-9, 1.5e-9, 3.5e-9)]
    [0.0, 0.001, 0.0]
    """
    if not re.fullmatch("[01]+", bits):
        raise ParameterError(f"bits must be a row of 0 and 1, got {bits!r}")
    check("symbol_time", symbol_time, unit="s", above=0.0)
    count = len(bits) if duration is None else int(np.ceil(duration / symbol_time * (1 - 1e-12)))
    if count > 10_000_000:
        raise ParameterError(f"symbol_time is too short: {count} symbols in {duration:g} s")
    levels = np.where(np.resize(np.array(list(bits)) == "1", count), high, low)
    return Drive.held(symbol_time * np.arange(count + 1), levels)


def read_drive(path: str | Path) -> tuple[np.ndarray, np.ndarray]:
    """Times [s] from 0 and input powers [W] of a table of two columns under headers with units.

    Such as ``time [ns],power [mW]``, separated by a comma; each power is held until the next time.

    Raises
    ------
    DataError
        The file cannot be read, has no such headers, or a row is no pair of rising time and power.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}") from None
    rows = [(number, line.lstrip("# ")) for number, line in enumerate(lines, 1) if line.strip("# ")]
    head = re.fullmatch(r"[^,]*[\[(]([^,]+)[\])] *,[^,]*[\[(]([^,]+)[\])] *", rows[0][1]) if rows else None
    if head is None:
        raise DataError(
            f"{path}: the first row must be headers with units, separated by a comma, such as: "
            "time [ns],power [mW]"
        )
    table: list[tuple[float, float]] = []
    for number, line in rows[1:]:
        cells = [cell.strip() for cell in line.split(",")]
        if len(cells) != 2:
            raise DataError(f"{path}: row {number} must hold a time and a power, got {line!r}")
        try:
            time = units.parse(f"{cells[0]} {head[1].strip()}", "time", "time")
            power = units.parse(f"{cells[1]} {head[2].strip()}", "power", "power")
        except ParameterError as error:
            raise DataError(f"{path}: row {number}: {error}") from None
        if table and time <= table[-1][0]:
            raise DataError(f"{path}: row {number}: times must rise, got {time:g} s after {table[-1][0]:g} s")
        if power < 0:
            raise DataError(f"{path}: row {number}: power must be >= 0 W, got {power:g}")
        table.append((time, power))
    if len(table) < 2:
        raise DataError(f"{path}: two rows of numbers or more are needed, got {len(table)}")
    times, powers = np.array(table).T
    return times - times[0], powers


def value_range(name: str, text: str, parse: Any) -> tuple[float, float]:
    """Two ends in words, ``"0.1mW to 1mW"`` or ``"0.1mW..1mW"``, each read by ``parse``; rising.

    Examples
    --------
    >>> value_range("powers", "50uW..1mW", units.power)
    (5e-05, 0.001)
    """
    ends = re.split(r"\.\.|\bto\b|–", text)
    if len(ends) != 2 or not all(end.strip() for end in ends):
        raise ParameterError(f"{name} must be two values, such as 'A to B' or 'A..B', got {text!r}")
    low, high = sorted(parse(end) for end in alike([end.strip() for end in ends]))
    if not low < high:
        raise ParameterError(f"{name} must have two different ends, got {text!r}")
    return float(low), float(high)
