"""Measured power curves, read from files of the laboratory."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

from photonic import units as conversions
from photonic.errors import DataError, DataWarning, ParameterError, one_number
from photonic.lab.chosen_columns import Chosen, chosen_columns, directions, joined_metadata, side_by_side
from photonic.lab.lab_files import metadata_with, table_in
from photonic.lab.measured import Measured
from photonic.lab.oddities import copied, gained, looks_like_dbm, saturated, uneven
from photonic.lab.planes import ReferencePlane
from photonic.lab.repeats import Noise, Points, averaged, noise_of
from photonic.lab.sweep_order import sweep_order
from photonic.lab.tables import Column
from photonic.lab.two_way_columns import joined_sweeps

__all__ = ["read_curve"]

_AS_READ = ReferencePlane()
_LEAST_POINTS = 4
_HIGHEST = 10.0  # [W]; more than a silicon waveguide survives, so a mistaken unit
_BRIGHT = 1.0  # [W]
_DARK = 0.2  # share of the largest output that readings may lie below 0


def read_curve(
    path: str | Path,
    second: str | Path | None = None,
    *,
    input: str | None = None,
    output: str | Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
    plane: ReferencePlane = _AS_READ,
    saturation: float | str | None = None,
    negative: Literal["refuse", "keep"] = "refuse",
    delimiter: str | None = None,
    decimal: str | None = None,
) -> Measured:
    """Output power against input power from a file of the laboratory.

    Text (CSV and its relatives, rows or columns of numbers), .npy, .npz and .mat files are read.
    Each power needs a unit: ``P in [mW]``, ``P_in (dBm)``, ``P_in_uW``, a row of units, or ``units``.
    The direction comes from a column (up, down), from the names of outputs (``P out up``, ``P out
    down``; rising, falling, forward, backward), or from the order of the input powers. Readings at the
    same input on the same way are averaged; their spread gives the noise of one reading,
    σ² = floor² + (relative P)², fitted to all sample variances by maximum likelihood, unless the
    file has a column of standard deviations.

    Parameters
    ----------
    path : str or path
        The file.
    second : str or path, optional
        A second file with the outputs, if ``path`` holds the inputs only; put side by side by an
        index column that both have, otherwise row by row.
    input, output : str, optional
        Names of columns, where the headers do not say which is which. Several ``output`` columns
        are repeats, but for those whose names say up and down.
    units : mapping, optional
        Unit by name of column, as in ``{"P in": "mW"}``; ``"*"`` is for all columns without one.
    plane : ReferencePlane
        What lies between the readings and the device; taken off.
    saturation : float or str, optional
        Reading of the output [W], or text such as ``"2 mW"``, at which the detector saturates.
    negative : {"refuse", "keep"}
        What to do with output powers below 0 W, as after a dark level was taken off.
    delimiter, decimal : str, optional
        What separates cells (``" "``: any white space), and ``"."`` or ``","``; recognised if left out.

    Returns
    -------
    Measured
        Powers [W] at the device. Its ``metadata`` holds the words of the file, ``file``, ``columns``,
        ``plane``, ``noise`` (``floor`` [W], ``relative`` [1], ``degrees_of_freedom``; None without
        repeats) and ``warnings``.

    Raises
    ------
    DataError
        The file cannot be read, or not in one way only; names file, row and column.
    ParameterError
        An argument that is wrong by itself.

    Warns
    -----
    DataWarning
        Unsorted or copied rows, a saturated detector, more light out than in.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> text = "# Laser: 1550 nm\\nin [mW];out [µW]\\n0,1;10\\n0,2;30\\n0,3;70\\n0,4;90\\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = pathlib.Path(folder, "sweep.csv")
    ...     _ = file.write_text(text, encoding="utf-8")
    ...     data = read_curve(file)
    >>> data, data.metadata["Laser"]
    (Measured(4 points, 0.1 mW to 0.4 mW, single), '1550 nm')
    """
    limit = _saturation(saturation)
    if negative not in ("refuse", "keep"):
        raise ParameterError(f"negative must be 'refuse' or 'keep', got {negative!r}")
    if not isinstance(plane, ReferencePlane):
        raise ParameterError(f"plane must be a ReferencePlane, got {plane!r}")
    table = table_in(path, delimiter, decimal)
    beside = side_by_side(table, table_in(second, delimiter, decimal)) if second is not None else None
    every = table if beside is None else type(table)(table.file, table.columns + beside.columns)
    unit_of: Mapping[int, str | None] = every.units(units)
    chosen = chosen_columns(table, unit_of, input, output, beside, sweeps=True)
    names = chosen.names()
    chosen, unit_of = joined_sweeps(chosen, unit_of)
    power_in = _powers(chosen.input, unit_of, keep=False)
    readings = np.stack([_powers(c, unit_of, keep=negative == "keep") for c in chosen.outputs], axis=1)
    _check_levels(chosen, readings)
    if np.unique(power_in).size < _LEAST_POINTS:
        raise DataError(
            f"{chosen.input.where()}: {_LEAST_POINTS} different input powers are needed, got "
            f"{np.unique(power_in).size}"
        )
    direction, ordered, disorder = _ways(chosen, power_in)
    points = averaged(power_in, readings, direction, sort=not ordered)
    noise, sigma = None, None
    if chosen.sigma is not None:
        sigma = _given_sigma(chosen.sigma, unit_of[id(chosen.sigma)], readings, points)
    else:
        noise = noise_of(points, readings)
        sigma = None if noise is None else noise.sigma(points.power_out)
    seen = chosen.outputs[0]
    at_device = points.power_in * plane.input_factor, points.power_out * plane.output_factor
    odd = (
        disorder,
        _bright(chosen.input, power_in),
        uneven(points, chosen.input),
        copied(points, readings, seen),
        saturated(points, readings, seen, limit),
        gained(*at_device, points, seen),
    )
    own = {
        "file": " and ".join(Path(p).name for p in (path, second) if p is not None),
        "columns": names,
        "columns not used": [c.header.text for c in chosen.others],
        "noise": _noise_words(noise, plane),
        "plane": plane.as_dict(),
        "warnings": [words for words in odd if words],
    }
    for words in odd:
        if words:
            warnings.warn(words, DataWarning, stacklevel=2)
    try:
        read = Measured(
            points.power_in,
            points.power_out,
            sigma,
            metadata_with(joined_metadata(table, beside), own),
            points.count,
            points.direction,
        )
        return read if plane == _AS_READ else read.at_device(plane)
    except ParameterError as error:
        raise DataError(f"{table.file}: {error}") from None


def _saturation(given: float | str | None) -> float | None:
    if given is None:
        return None
    value = conversions.parse(given, "power", "saturation") if isinstance(given, str) else given
    return one_number("saturation", value, unit="W", above=0.0)


def _powers(column: Column, unit_of: Mapping[int, str | None], keep: bool) -> np.ndarray:
    """Powers [W] of a column; negative ones are refused unless to ``keep``."""
    text = unit_of[id(column)]
    unit = column.unit(text, "power")
    if not unit.level:
        values = column.numbers()
        below = np.flatnonzero(values < 0)
        if below.size and looks_like_dbm(values):
            raise DataError(f"{column.where(below)}: negative powers in {text}: did you mean dBm?")
        if below.size and not keep:
            hint = (
                "negative='keep' (--negative keep) keeps those of an output after a dark level was taken off"
            )
            raise DataError(f"{column.where(below)}: negative powers, {values[below[0]]:g} {text}; {hint}")
    powers = column.si(text, "power")
    high = np.flatnonzero(powers > _HIGHEST)
    if high.size:
        raise DataError(
            f"{column.where(high)}: {powers[high[0]]:.4g} W is more than a silicon waveguide survives: is "
            f"the unit {text!r} right?"
        )
    return powers


def _check_levels(chosen: Chosen, readings: np.ndarray) -> None:
    low, high = float(readings.min()), float(readings.max())
    if low < -_DARK * max(high, 0.0):
        row, column = np.unravel_index(int(np.argmin(readings)), readings.shape)
        raise DataError(
            f"{chosen.outputs[column].where(row)}: {low:.4g} W is more below 0 than noise would be, next to "
            f"a largest output of {high:.4g} W"
        )


def _ways(chosen: Chosen, power: np.ndarray) -> tuple[np.ndarray, bool, str | None]:
    """Direction of each reading, whether they stand in order, and what is odd about that."""
    if chosen.direction is not None:
        given = directions(chosen.direction)
        return given, True, _against(chosen.direction, given, power)
    direction, ordered = sweep_order(power)
    if ordered:
        return direction, True, None
    words = (
        f"{chosen.input.where()}: the inputs are in no order of a sweep, and there is no column 'direction' "
        "(up, down): sorted, and taken for a response without hysteresis"
    )
    return direction, False, words


def _against(column: Column, direction: np.ndarray, power: np.ndarray) -> str | None:
    """The direction column says one thing, the order of the input powers the other."""
    agreement = np.sign(np.diff(power)) * direction[1:] * (direction[1:] == direction[:-1])
    wrong = np.flatnonzero(agreement < 0)
    if wrong.size <= 0.1 * np.count_nonzero(agreement > 0):
        return None
    return f"{column.where(wrong + 1)}: the input power goes the other way than the column says"


def _bright(column: Column, powers: np.ndarray) -> str | None:
    high = np.flatnonzero(powers > _BRIGHT)
    if not high.size:
        return None
    return (
        f"{column.where(high)}: up to {powers.max():.3g} W: more than a silicon waveguide is known to carry"
    )


def _given_sigma(column: Column, text: str | None, readings: np.ndarray, points: Points) -> np.ndarray:
    """Standard deviation [W] of one reading at each point; a column in dB or % counts from the output."""
    unit = column.unit(text, "power", "ratio")
    values = column.numbers()
    bad = np.flatnonzero(values <= 0)
    if bad.size:
        raise DataError(f"{column.where(bad)}: a standard deviation must be > 0, got {values[bad[0]]:g}")
    if unit.level and unit.dimension == "power":
        raise DataError(f"{column.where()}: a deviation cannot be in {text}: mW, dB or % is needed")
    if unit.dimension == "power":
        deviation = unit.si(values)
    else:
        share = values * unit.size * (np.log(10) / 10 if unit.level else 1.0)
        deviation = share * np.abs(readings.mean(axis=1))
        bad = np.flatnonzero(deviation == 0)
        if bad.size:
            raise DataError(f"{column.where(bad)}: a share of an output of 0 W is no deviation")
    return np.array([float(np.sqrt(np.mean(deviation[group] ** 2))) for group in points.rows])


def _noise_words(noise: Noise | None, plane: ReferencePlane) -> dict[str, Any] | None:
    if noise is None:
        return None
    return {
        "model": "sigma^2 = floor^2 + (relative P)^2",
        "floor": noise.law.floor * plane.output_factor,
        "relative": noise.law.relative,
        "resolution": noise.resolution * plane.output_factor,
        "degrees_of_freedom": noise.degrees_of_freedom,
    }
