"""Figures of measurements and of what was fitted to them."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.errors import ParameterError
from photonic.lab.derived_figures import inner_covariance
from photonic.lab.experiments import Experiment
from photonic.lab.measured import Measured
from photonic.lab.number_text import scale, short
from photonic.lab.predictions import CurvePrediction
from photonic.plot import COLOURS, new_figure, power_unit, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from photonic.lab.fitted import Fit
    from photonic.lab.free_parameters import FreeParameter

__all__ = ["corner", "fit_curve", "measured"]

_SWEEPS = {"single": ("blue", ""), "up": ("vermilion", "up"), "down": ("blue", "down")}
_SPREAD = 1.96  # standard deviations of a band that holds 95 % of the readings
_REGIONS = ((0.95, 0.18), (0.68, 0.35))  # share of a joint region, and how opaque it is drawn
_WIDE = 0.75  # half the width of an axis whose number the data do not hold, in inner units
_REACH = 3.2  # the same in standard errors where they do
_FARTHEST = 3.0  # and at most, in inner units of a logarithm or a logit


# --------------------------------------------------------------------------- measured curves
@styled
def measured(
    data: Measured, title: str = "", size: tuple[float, float] = (5.2, 3.4), smooth: bool = True
) -> Figure:
    """Readings in the order of their sweeps, with the curve through them and the band of their noise.

    ``smooth=False`` leaves out the curve, which needs four different powers in each sweep.
    """
    figure = new_figure(*size)
    axes = figure.add_subplot()
    kx, ky = _labelled(axes, data)
    for sweep, part in data.parts():
        colour, way = _SWEEPS[sweep]
        colour = COLOURS[colour]
        label = f"readings, {way}" if way else "readings"
        axes.plot(
            kx * part.power_in, ky * part.power_out, "o", ms=2.6, color=colour, alpha=0.75, mew=0, label=label
        )
        if smooth and np.unique(part.power_in).size >= 4:
            _band(axes, part.curve(), kx, ky, colour)
        if way:
            _arrow(axes, kx * part.power_in, ky * part.power_out, colour)
    axes.set_title(title)
    axes.set_xlim(left=0)
    axes.legend(loc="best", handlelength=1.6)
    return figure


def _labelled(axes: Axes, data: Measured) -> tuple[float, float]:
    """Label both axes with powers; returns the factors from [W]."""
    (kx, ux), (ky, uy) = (power_unit(float(np.max(p))) for p in (data.power_in, data.power_out))
    axes.set_xlabel(f"input power [{ux}]")
    axes.set_ylabel(f"output power [{uy}]")
    return kx, ky


def _band(axes: Axes, curve: Any, kx: float, ky: float, colour: str) -> None:
    """A curve piece by piece, and 95 % of readings around it."""
    edges = [curve.domain[0], *curve.jumps, curve.domain[1]]
    for low, high in pairwise(edges):
        x = np.linspace(low, high, 401)[1:-1]
        y = curve(x)
        axes.plot(kx * x, ky * y, color=colour, lw=1.2)
        if curve.sigma is not None:
            spread = _SPREAD * curve.band(x)
            axes.fill_between(kx * x, ky * (y - spread), ky * (y + spread), color=colour, alpha=0.15, lw=0)


def _arrow(axes: Axes, x: np.ndarray, y: np.ndarray, colour: str) -> None:
    """An arrow along the sweep, in the middle of its path."""
    k, step = len(x) // 2, max(len(x) // 10, 1)
    if k < step:
        return
    ends = (x[k - step], y[k - step]), (x[k], y[k])
    style: Any = {"arrowstyle": "-|>", "color": colour, "mutation_scale": 18, "lw": 0}
    axes.annotate("", xy=ends[1], xytext=ends[0], arrowprops=style)


# --------------------------------------------------------------------------- fitted curves
@styled
def fit_curve(fit: Fit, title: str = "", size: tuple[float, float] | None = None) -> Figure:
    """Power curves with the fitted one through them, a column each, and below them what is left over.

    Error bars and the band around 0 are one standard deviation of a point.
    """
    indices = [k for k, e in enumerate(fit.experiments) if isinstance(e.measured, Measured)]
    if not indices:
        raise ParameterError("fit must have a power curve to draw, got none")
    columns = len(indices)
    figure = new_figure(*(size or (min(4.4, 1.2 + 10 / columns) * columns, 3.9)))
    grid = figure.subplots(2, columns, sharex="col", squeeze=False, height_ratios=(3.0, 1.0))
    for k, (upper, lower) in zip(indices, grid.T, strict=True):
        _data_and_curve(fit, k, upper, lower)
        if columns > 1:
            upper.set_title(f"experiment {k}")
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontweight="bold", fontsize=10)
    figure.align_ylabels()
    return figure


def _data_and_curve(fit: Fit, index: int, upper: Axes, lower: Axes) -> None:
    data = fit.experiments[index].measured
    sigma, residuals = fit.part(fit.sigma, index), fit.part(fit.residuals, index)
    kx, ky = _labelled(upper, data)
    upper.set_xlabel("")
    kr, ur = power_unit(float(max(np.max(np.abs(residuals)), np.max(sigma))))
    for sweep, which in _ways(data):
        colour, way = _SWEEPS[sweep]
        style: Any = {"color": COLOURS[colour], "ms": 2.6, "mew": 0, "lw": 0, "elinewidth": 0.7, "alpha": 0.8}
        x = kx * data.power_in[which]
        label = f"readings, {way}" if way else "readings"
        upper.errorbar(x, ky * data.power_out[which], ky * sigma[which], fmt="o", label=label, **style)
        power, out = _drawn(fit, index, sweep, data.power_in[which])
        upper.plot(kx * power, ky * out, color=COLOURS["ink"], lw=1.2, label="fit" if way != "down" else None)
        lower.plot(x, -kr * residuals[which], "o", color=COLOURS[colour], ms=2.2, mew=0, alpha=0.8)
    order = np.argsort(data.power_in)
    x, band = kx * data.power_in[order], kr * sigma[order]
    lower.fill_between(x, -band, band, color=COLOURS["pale"], alpha=0.35, lw=0)
    lower.axhline(0, color=COLOURS["grey"], lw=0.7)
    lower.set_ylabel(f"seen − fit [{ur}]")
    lower.set_xlabel(f"input power [{power_unit(float(np.max(data.power_in)))[1]}]")
    upper.set_xlim(left=0)
    upper.legend(loc="best", handlelength=1.4)


def _ways(data: Measured) -> list[tuple[str, np.ndarray]]:
    names = {0: "single", 1: "up", -1: "down"}
    return [(name, data.direction == d) for d, name in names.items() if np.any(data.direction == d)]


def _drawn(fit: Fit, index: int, sweep: str, power: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fitted readings of one sweep on a fine grid, NaN where it jumps so that no line is drawn there."""
    x = np.linspace(float(power.min()), float(power.max()), 500)
    device, readings = fit.device_of(index)
    ways = {"single": 0, "up": 1, "down": -1}
    plain = Measured(x, np.zeros(x.size), direction=np.full(x.size, ways[sweep]))
    y = CurvePrediction(device, Experiment(plain, at=readings), [], 0).value([])
    steps = np.abs(np.diff(y))
    jumps = np.flatnonzero(steps > 20 * np.median(steps) + 0.05 * np.ptp(y)) + 1
    return np.insert(x, jumps, np.nan), np.insert(y, jumps, np.nan)


# --------------------------------------------------------------------------- what numbers go together
@dataclass(frozen=True, eq=False)
class _Axis:
    """One number of a fit: its scale, its estimate and error [inner units], and what is shown of it."""

    name: str
    free: FreeParameter
    at: float
    error: float
    low: float
    high: float
    factor: float
    label: str

    def shown(self, inner: Any) -> np.ndarray:
        """Values, in the unit of the axis, at inner coordinates."""
        return self.factor * np.array([self.free.value(float(u)) for u in np.atleast_1d(inner)])

    @property
    def held(self) -> bool:
        return math.isfinite(self.error)


@styled
def corner(fit: Fit, size: float | None = None) -> Figure:
    """Pairs of numbers with the regions that hold both in 68 and 95 of 100 cases; each on the diagonal.

    The regions follow from the curvature, in the coordinates of the search. The diagonal shows how the sum of
    squares rises, over its noise, when one number is moved and the others follow: its profile, and what the
    curvature alone would say. Where numbers undo each other a line stands for the region.
    """
    problem, inner = fit.problem()
    covariance = inner_covariance(fit, problem.free, inner)
    axes = [
        _axis(fit, free, float(u), float(variance))
        for free, u, variance in zip(problem.free, inner, np.diag(covariance), strict=True)
    ]
    count = len(axes)
    side = size or max(3.4, 1.75 * count + 0.6)
    figure = new_figure(side, side)
    grid = figure.subplots(count, count, squeeze=False)
    for i, row in enumerate(axes):
        for j, column in enumerate(axes):
            panel = grid[i, j]
            if j > i:
                panel.set_visible(False)
                continue
            if i == j:
                _diagonal(panel, fit, row, problem.scale_known)
            else:
                _pair(panel, fit, row, column, covariance[np.ix_([j, i], [j, i])])
            _finish(panel, row, column, bottom=i == count - 1, left=j == 0, square=i != j)
    _legend(figure, grid, axes)
    return figure


def _axis(fit: Fit, free: FreeParameter, at: float, variance: float) -> _Axis:
    error = math.sqrt(variance) if math.isfinite(variance) else math.inf
    reach = _REACH * error if math.isfinite(error) else _WIDE * (1.0 if free.kind != "linear" else 4.0)
    if free.kind != "linear" or free.bounds is not None:
        reach = min(reach, _FARTHEST)
    low, high = at - reach, at + reach
    tried = fit.profiles.get(free.label)
    if tried is not None and math.isfinite(error):
        inside = tried[np.isfinite(tried[:, 1]) & (tried[:, 1] < 30), 0]
        low, high = min(low, float(inside.min())), max(high, float(inside.max()))
    value = fit.estimates[free.label].value
    factor, unit = scale(value, free.unit)
    return _Axis(free.label, free, at, error, low, high, factor, _label(short(free.label), unit))


def _label(name: str, unit: str) -> str:
    """A name in lines that are no longer than a panel, and the unit."""
    lines = textwrap.wrap(name.replace("_", "_ "), 17)
    lines = [line.replace("_ ", "_") for line in lines]
    return "\n".join([*lines, f"[{unit}]"] if unit else lines)


def _squared_radius(fit: Fit, share: float, known: bool) -> float:
    """Of the joint region of two Gaussian numbers: χ² with 2 degrees of freedom, or 2 F."""
    if known:
        return -2 * math.log(1 - share)
    freedom = fit.residuals.size - len(fit.estimates)
    return freedom * ((1 - share) ** (-2 / freedom) - 1)


def _diagonal(panel: Axes, fit: Fit, axis: _Axis, known: bool) -> None:
    if not axis.held:
        panel.text(0.5, 0.5, "not held", transform=panel.transAxes, ha="center", color=COLOURS["vermilion"])
        panel.set_yticks([])
        return
    u = np.linspace(axis.low, axis.high, 201)
    panel.plot(
        axis.shown(u), ((u - axis.at) / axis.error) ** 2, color=COLOURS["pale"], lw=1.2, ls=(0, (3, 2))
    )
    tried = fit.profiles.get(axis.name)
    noise = 1.0 if known else float(fit.weighted_residuals @ fit.weighted_residuals)
    noise /= 1.0 if known else fit.residuals.size - len(fit.estimates)
    if tried is not None:
        at, rise = tried[np.isfinite(tried[:, 1])].T
        root = np.interp(u, at, np.sign(at - axis.at) * np.sqrt(np.maximum(rise, 0.0) / noise))
        inside = (u >= at.min()) & (u <= at.max())
        panel.plot(axis.shown(u[inside]), root[inside] ** 2, color=COLOURS["blue"], lw=1.6)
    for end in fit.estimates[axis.name].interval:
        panel.axvline(axis.factor * end, color=COLOURS["vermilion"], lw=0.9)
    panel.axhline(_SPREAD**2, color=COLOURS["grey"], lw=0.7, ls=":")
    panel.set_ylim(0, 9)
    panel.yaxis.tick_right()


def _pair(panel: Axes, fit: Fit, row: _Axis, column: _Axis, covariance: np.ndarray) -> None:
    point: Any = {"color": COLOURS["ink"], "ms": 3.5, "zorder": 4}
    panel.plot(column.shown(column.at), row.shown(row.at), "o", **point)
    known = "sigma" in fit.noise
    if row.held and column.held:
        angle = np.linspace(0, 2 * np.pi, 181)
        values, vectors = np.linalg.eigh(covariance)
        circle = (vectors * np.sqrt(np.maximum(values, 0.0))) @ np.array([np.cos(angle), np.sin(angle)])
        for share, opacity in _REGIONS:
            x, y = math.sqrt(_squared_radius(fit, share, known)) * circle
            edge: Any = {"ec": COLOURS["blue"], "lw": 0.8}
            panel.fill(
                column.shown(column.at + x), row.shown(row.at + y), alpha=opacity, fc=COLOURS["blue"], **edge
            )
    elif row.held or column.held:
        held, span = (row, panel.axhspan) if row.held else (column, panel.axvspan)
        for reach, (_, opacity) in zip((_SPREAD, 1.0), _REGIONS, strict=True):
            ends = held.shown([held.at - reach * held.error, held.at + reach * held.error])
            span(*ends, color=COLOURS["blue"], alpha=opacity, lw=0)
    else:
        _degenerate(panel, fit, row, column)


def _degenerate(panel: Axes, fit: Fit, row: _Axis, column: _Axis) -> None:
    """A line for each direction in which both numbers change, in powers of one or in steps."""
    t = np.linspace(-20, 20, 2001)
    for direction in fit.unidentifiable:
        powers = direction.exponents
        if direction.kind != "practical" and {row.name, column.name} <= set(powers):
            x, y = (_along(axis, powers[axis.name] * t) for axis in (column, row))
            panel.plot(x, y, color=COLOURS["vermilion"], lw=1.6)


def _along(axis: _Axis, steps: np.ndarray) -> np.ndarray:
    """Values, in the unit of the axis, at natural steps from its estimate."""
    value = axis.free.value(axis.at)
    moved = value * np.exp(steps) if axis.free.positive else value + axis.free.step * steps
    return axis.factor * np.asarray(moved)


def _finish(panel: Axes, row: _Axis, column: _Axis, *, bottom: bool, left: bool, square: bool) -> None:
    panel.grid(False)
    panel.set_xlim(*sorted(column.shown([column.low, column.high])))
    panel.locator_params(axis="x", nbins=3)
    if square:
        panel.set_ylim(*sorted(row.shown([row.low, row.high])))
        panel.locator_params(axis="y", nbins=3)
    if bottom:
        panel.set_xlabel(column.label)
    else:
        panel.set_xticklabels([])
    if left and square:
        panel.set_ylabel(row.label)
    elif square:
        panel.set_yticklabels([])


def _legend(figure: Figure, grid: np.ndarray, axes: list[_Axis]) -> None:
    """What the colours mean, in the empty corner; its examples are drawn nowhere."""
    spare = grid[0, -1]
    handles: list[Any] = []

    def line(label: str, colour: str, width: float, **style: Any) -> None:
        handles.extend(spare.plot([], [], color=COLOURS[colour], lw=width, label=label, **style))

    held = [axis for axis in axes if axis.held]
    if len(held) > 1:
        handles += [
            spare.fill([0, 0], [0, 0], fc=COLOURS["blue"], alpha=opacity, label=f"{100 * share:g} %, both")[0]
            for share, opacity in ((0.68, 0.45), (0.95, 0.18))
        ]
    if held:
        line("profile: rise of χ²", "blue", 1.6)
        line("by the curvature", "pale", 1.2, ls=(0, (3, 2)))
        line("95 % interval", "vermilion", 0.9)
    if len(held) < len(axes):
        line("undo each other", "vermilion", 1.6)
    if len(axes) > 1:
        figure.legend(handles=handles, loc="upper right")
    else:
        spare.legend(handles=handles, loc="best")
