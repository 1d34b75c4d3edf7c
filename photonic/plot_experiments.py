"""Panels of single experiments: what was read, what the fit gives, and what is left over between them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.fits.problems import prediction
from photonic.lab.measured import Measured
from photonic.lab.number_text import scale
from photonic.lab.port_spectra import PortSpectrum
from photonic.lab.responses import MeasuredResponse
from photonic.plot import COLOURS, power_unit

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from photonic.fits.fitted import Fit

__all__ = ["SWEEPS", "Foretold", "foretold", "label_powers", "panels"]

Foretold = Callable[[int, Any], np.ndarray]
SWEEPS = {"single": ("blue", ""), "up": ("vermilion", "up"), "down": ("blue", "down")}
_DIRECTIONS = {"single": 0, "up": 1, "down": -1}
_FINE = 800  # points of a line, at least
_DEEP = 0.1  # of the largest reading: a spectrum that falls below is drawn in decibels
_FAINT = 0.2  # of the input: output that stays below has the input drawn smaller


@dataclass(frozen=True, eq=False)
class _Group:
    """Readings that share a colour, by a mask, and the fitted line through them [of its axis, W or 1]."""

    name: str
    colour: str
    which: np.ndarray
    line: tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, eq=False)
class _Column:
    """An experiment as it is drawn: places [of their axis], readings [W or 1], and the labels of both."""

    places: np.ndarray
    across: str
    upward: str
    unit: str  # of the readings: "W" or "1"
    groups: list[_Group]
    level: Callable[[Any], np.ndarray]  # readings in the unit of their axis
    bars: bool = True


def foretold(fit: Fit) -> Foretold:
    """What the fitted numbers give for experiment ``index``, had it been taken where ``measured`` was."""
    problem, inner = fit.problem()
    device, values = fit.guess.plain(), problem.values(inner)

    def readings(index: int, measured: Any) -> np.ndarray:
        moved = dataclasses.replace(fit.experiments[index], measured=measured)
        return np.asarray(prediction(device, moved, problem.free, index).value(values))

    return readings


def panels(fit: Fit, readings: Foretold, index: int, upper: Axes, lower: Axes) -> None:
    """Draw an experiment with its fit into ``upper``, and what is left over into ``lower``."""
    measured = fit.experiments[index].measured
    made = next(made for kind, made in _KINDS.items() if isinstance(measured, kind))
    column = made(measured, lambda plain: readings(index, plain))
    sigma = fit.part(fit.sigma, index)
    _fitted(upper, column, measured.power_out, sigma)
    if isinstance(measured, MeasuredResponse):
        _input(upper, measured, column)
    upper.set_ylabel(column.upward)
    upper.legend(loc="best", handlelength=1.4)
    _left_over(lower, column, -fit.part(fit.residuals, index), sigma)
    lower.set_xlabel(column.across)


def label_powers(axes: Axes, data: Measured) -> tuple[float, float]:
    """Label both axes with powers; returns the factors from [W]."""
    (kx, ux), (ky, uy) = (power_unit(float(np.max(p))) for p in (data.power_in, data.power_out))
    axes.set_xlabel(f"input power [{ux}]")
    axes.set_ylabel(f"output power [{uy}]")
    return kx, ky


# --------------------------------------------------------------------------- kinds of measurements
def _curve(data: Measured, readings: Callable[[Any], np.ndarray]) -> _Column:
    (kx, ux), (ky, uy) = (power_unit(float(np.max(p))) for p in (data.power_in, data.power_out))
    groups = []
    for sweep, (colour, way) in SWEEPS.items():
        which = data.direction == _DIRECTIONS[sweep]
        if np.any(which):
            power = data.power_in[which]
            least = float(power.min()) if np.ptp(power) > 0 else 0.0  # a line to one reading begins at 0
            x = np.linspace(least, float(power.max()), _FINE)
            plain = Measured(x, np.zeros(x.size), direction=np.full(x.size, _DIRECTIONS[sweep]))
            x, y = _broken(x, readings(plain))
            groups.append(_Group(way, colour, which, (kx * x, y)))
    across, upward = f"input power [{ux}]", f"output power [{uy}]"
    return _Column(kx * data.power_in, across, upward, "W", groups, lambda power: ky * power)


def _broken(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The same line, NaN where it jumps so that nothing is drawn there."""
    steps = np.abs(np.diff(y))
    jumps = np.flatnonzero(steps > 20 * np.median(steps) + 0.05 * np.ptp(y)) + 1
    return np.insert(x, jumps, np.nan), np.insert(y, jumps, np.nan)


def _spectrum(data: PortSpectrum, readings: Callable[[Any], np.ndarray]) -> _Column:
    fine = _between(data.wavelength)
    power = None if data.relative else data.reference
    plain = PortSpectrum(fine, np.zeros(fine.size), port=data.port, laser_power=power, relative=data.relative)
    line = readings(plain)
    groups = [_Group("", "blue", np.full(len(data), True), (1e9 * fine, line))]
    what, unit = ("transmission", "1") if data.relative else ("output power", "W")
    least, most = float(np.min(data.power_out)), float(np.max(data.power_out))
    deep = 0 < least < _DEEP * most and float(np.min(line)) > 0
    factor, name = (1.0, "1") if data.relative else power_unit(most)
    if deep:
        upward, level = f"{what} [{'dB' if data.relative else 'dBm'}]", _decibels(data.relative)
    else:
        upward, level = f"{what} [{name}]", lambda values: factor * values
    return _Column(1e9 * data.wavelength, "wavelength [nm]", upward, unit, groups, level, bars=not deep)


def _decibels(relative: bool) -> Callable[[Any], np.ndarray]:
    one = 1.0 if relative else 1e-3
    return lambda values: 10 * np.log10(np.asarray(values) / one)


def _response(data: MeasuredResponse, readings: Callable[[Any], np.ndarray]) -> _Column:
    fine = _between(data.times)
    plain = dataclasses.replace(
        data, times=fine, power_in=data.drive, power_out=np.zeros(fine.size), sigma=None, repeats=None
    )
    kt, ut = scale(float(np.ptp(data.times)), "s")
    ky, uy = power_unit(max(float(np.max(data.power_out)), _shrunk(data) * float(np.max(data.power_in))))
    groups = [_Group("", "blue", np.full(len(data), True), (kt * fine, readings(plain)))]
    across, upward = f"time [{ut}]", f"output power [{uy}]"
    return _Column(kt * data.times, across, upward, "W", groups, lambda power: ky * power)


def _between(x: np.ndarray) -> np.ndarray:
    """The places of readings, and as many evenly between each two of them as make a smooth line."""
    pieces = max(len(x) - 1, 1)
    steps = -(-_FINE // pieces)
    return np.interp(np.linspace(0, pieces, pieces * steps + 1), np.arange(len(x)), x)


_KINDS: dict[type, Callable[..., _Column]] = {
    Measured: _curve,
    PortSpectrum: _spectrum,
    MeasuredResponse: _response,
}


# --------------------------------------------------------------------------- what is drawn
def _fitted(axes: Axes, column: _Column, seen: np.ndarray, sigma: np.ndarray) -> None:
    """Readings, with bars of one standard deviation where the scale is even, and the fit through them."""
    for k, group in enumerate(column.groups):
        style: Any = {"color": COLOURS[group.colour], "ms": 2.6, "mew": 0, "lw": 0, "alpha": 0.8}
        along, fitted = group.line
        named: Any = {"label": "fit"} if k == 0 else {}
        x, y, label = column.places[group.which], seen[group.which], _readings(group)
        if column.bars:
            spread = column.level(sigma[group.which])
            axes.errorbar(x, column.level(y), spread, fmt="o", elinewidth=0.7, label=label, **style)
        else:
            axes.plot(x, column.level(y), "o", label=label, **style)
        axes.plot(along, column.level(fitted), color=COLOURS["ink"], lw=1.2, **named)
    if column.across.startswith("input power"):
        axes.set_xlim(left=0)
    else:
        axes.margins(x=0.01)
        axes.ticklabel_format(axis="x", useOffset=False)
        axes.locator_params(axis="x", nbins=5)


def _readings(group: _Group) -> str:
    return f"readings, {group.name}" if group.name else "readings"


def _input(axes: Axes, data: MeasuredResponse, column: _Column) -> None:
    """The input power as a pale line, drawn smaller where it would dwarf the output."""
    times, power = (np.concatenate(part) for part in zip(*_driven(data), strict=True))
    order = np.argsort(times, kind="stable")
    shrunk = _shrunk(data)
    label = "input" if shrunk == 1.0 else f"input × {shrunk:g}"
    k = (column.places[-1] - column.places[0]) / float(np.ptp(data.times))
    drawn = column.level(shrunk * power[order])
    axes.plot(k * times[order], drawn, color=COLOURS["pale"], lw=1.2, zorder=1, label=label)


def _shrunk(data: MeasuredResponse) -> float:
    """Factor by which the input is drawn smaller [1]."""
    share = float(np.max(data.power_out)) / max(float(np.max(data.power_in)), 1e-300)
    return float(f"{share:.0e}") if 0 < share < _FAINT else 1.0


def _driven(data: MeasuredResponse) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Times [s] and input power [W]: on a fine grid, and on both sides of every break of the drive."""
    drive: Any = data.drive
    fine, inner = _between(data.times), np.arange(1, drive.breaks.size - 1)
    breaks = drive.breaks[inner]
    inside = (breaks > data.times[0]) & (breaks < data.times[-1])
    yield fine, drive(fine)
    yield breaks[inside], drive(breaks[inside])
    yield breaks[inside], drive.roots[inner[inside], 0] ** 2


def _left_over(axes: Axes, column: _Column, residuals: np.ndarray, sigma: np.ndarray) -> None:
    """Seen − fit, and the band of one standard deviation around 0."""
    largest = float(max(np.max(np.abs(residuals)), np.max(sigma)))
    factor, unit = power_unit(largest) if column.unit == "W" else (1.0, "1")
    for group in column.groups:
        style: Any = {"color": COLOURS[group.colour], "ms": 2.2, "mew": 0, "alpha": 0.8}
        axes.plot(column.places[group.which], factor * residuals[group.which], "o", **style)
    order = np.argsort(column.places)
    x, band = column.places[order], factor * sigma[order]
    axes.fill_between(x, -band, band, color=COLOURS["pale"], alpha=0.35, lw=0)
    axes.axhline(0, color=COLOURS["grey"], lw=0.7)
    axes.set_ylabel(f"seen − fit [{unit}]")
