"""Figures of measurements and of what was fitted to them."""

from __future__ import annotations

import math
import textwrap
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.errors import ParameterError
from photonic.fits.derived_figures import inner_covariance
from photonic.fits.diagnostics import ODD
from photonic.fits.labels import experiment_names
from photonic.fits.uncertainty import covariances
from photonic.lab.number_text import scale, short
from photonic.plot import COLOURS, new_figure, styled
from photonic.plot_experiments import SWEEPS, foretold, label_powers, panels

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from photonic.fits.fitted import Fit
    from photonic.fits.free_parameters import FreeParameter
    from photonic.fits.inverse_problem import Problem
    from photonic.lab.measured import Measured

__all__ = ["corner", "fit_curve", "measured"]

_LETTERS = 9.0  # of a title, per inch
_SPREAD = 1.96  # standard deviations of a band that holds 95 % of the readings
_REGIONS = ((0.95, 0.18), (0.68, 0.35))  # share of a joint region, and how opaque it is drawn
_WIDE = 0.75  # half the width of an axis whose number the data do not hold, in inner units
_EXACT = 1e-12  # least variance of a weighted residual
_HIGHEST = 9.0  # rise of a profile that is shown
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
    _check_title(title)
    figure = new_figure(*size)
    axes = figure.add_subplot()
    kx, ky = label_powers(axes, data)
    for sweep, part in data.parts():
        colour, way = SWEEPS[sweep]
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


# --------------------------------------------------------------------------- fitted experiments
@styled
def fit_curve(fit: Fit, *, title: str = "", size: tuple[float, float] | None = None) -> Figure:
    """Every experiment of a fit with the fitted line, a column each, and below it what is left over.

    Power curves stand over the input power, spectra over the wavelength, in decibels where they fall below a
    tenth of their brightest reading, answers in time over the time, with the input as a pale line. Error bars
    and the band around 0 are one standard deviation of a point; there are no bars in decibels.

    Raises
    ------
    ParameterError
        ``title`` is no text.
    """
    _check_title(title)
    columns = len(fit.experiments)
    width = min(4.4, 1.2 + 10 / columns)
    figure = new_figure(*(size or (width * columns, 3.9)))
    grid = figure.subplots(2, columns, sharex="col", squeeze=False, height_ratios=(3.0, 1.0))
    readings, names = foretold(fit), experiment_names(fit.experiments)
    for k, (upper, lower) in enumerate(grid.T):
        panels(fit, readings, k, upper, lower)
        if columns > 1 or fit.experiments[k].measured.metadata.get("file"):
            upper.set_title(textwrap.fill(names[k], int(_LETTERS * width)), parse_math=False)
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontweight="bold", fontsize=10)
    figure.align_ylabels()
    return figure


def _check_title(title: str) -> None:
    if not isinstance(title, str):
        raise ParameterError(f"title must be text, got {title!r}")


# --------------------------------------------------------------------------- what numbers go together
@dataclass(frozen=True, eq=False)
class _Axis:
    """One number of a fit: its scale, its estimate and error [inner units], and what is shown of it."""

    name: str
    free: FreeParameter
    at: float
    error: float
    noise: float  # what the rise of its profile is over
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
def corner(fit: Fit, *, size: float | None = None) -> Figure:
    """Pairs of numbers with the regions that hold both in 68 and 95 of 100 cases; each on the diagonal.

    The regions follow from the curvature, in the coordinates of the search. The diagonal shows how the sum of
    squares rises, over its noise, when one number is moved and the others follow: its profile, and what the
    curvature alone would say. Intervals of 95 % end at the dotted line, t² of the degrees of freedom. Where
    numbers undo each other a line stands for the region.
    """
    problem, inner = fit.problem()
    covariance = inner_covariance(fit, problem.free, inner)
    noise, limit = _noise(fit, problem, inner, covariance), _limit(fit, problem.scale_known)
    axes = [
        _axis(fit, free, float(u), float(variance), float(part))
        for free, u, variance, part in zip(problem.free, inner, np.diag(covariance), noise, strict=True)
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
                _diagonal(panel, fit, row, limit)
            else:
                _pair(panel, fit, row, column, covariance[np.ix_([j, i], [j, i])])
            _finish(panel, row, column, bottom=i == count - 1, left=j == 0, square=i != j)
    _legend(figure, grid, axes)
    return figure


def _limit(fit: Fit, known: bool) -> float:
    """Rise of the sum of squares, over its noise, at which 95 % intervals end: t² [1]."""
    from scipy.special import stdtrit

    freedom = 1e9 if known else fit.residuals.size - len(fit.estimates)
    return float(stdtrit(freedom, 0.975)) ** 2


def _noise(fit: Fit, problem: Problem, inner: np.ndarray, covariance: np.ndarray) -> np.ndarray:
    """What the rise of the sum of squares is over, for each number: the variance of a weighted residual [1].

    With a robust loss each number has its own, that of its scatter over that of its curvature.
    """
    if fit.loss != "linear":
        unit, _ = covariances(problem, fit.weighted_residuals, problem.jacobian(inner), 1.0)
        with np.errstate(invalid="ignore", divide="ignore"):
            return np.diag(covariance) / np.diag(unit)
    squares = float(fit.weighted_residuals @ fit.weighted_residuals)
    reduced = squares / (fit.residuals.size - len(fit.estimates))
    if problem.scale_known:
        reduced = max(reduced, 1.0) if fit.diagnostics.probability < ODD else 1.0
    return np.full(inner.size, max(reduced, _EXACT))


def _axis(fit: Fit, free: FreeParameter, at: float, variance: float, noise: float) -> _Axis:
    error = math.sqrt(variance) if math.isfinite(variance) else math.inf
    reach = _REACH * error if math.isfinite(error) else _WIDE * (1.0 if free.kind != "linear" else 4.0)
    if free.kind != "linear" or free.bounds is not None:
        reach = min(reach, _FARTHEST)
    low, high = at - reach, at + reach
    tried = fit.profiles.get(free.label)
    if tried is not None and math.isfinite(error):
        inside = tried[np.isfinite(tried[:, 1]) & (tried[:, 1] < 30 * noise), 0]
        low, high = min(low, float(inside.min())), max(high, float(inside.max()))
    value = fit.estimates[free.label].value
    factor, unit = scale(value, free.unit)
    return _Axis(free.label, free, at, error, noise, low, high, factor, _label(short(free.label), unit))


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


def _diagonal(panel: Axes, fit: Fit, axis: _Axis, limit: float) -> None:
    if not axis.held:
        panel.text(0.5, 0.5, "not held", transform=panel.transAxes, ha="center", color=COLOURS["vermilion"])
        panel.set_yticks([])
        return
    u = np.linspace(axis.low, axis.high, 201)
    panel.plot(
        axis.shown(u), ((u - axis.at) / axis.error) ** 2, color=COLOURS["pale"], lw=1.2, ls=(0, (3, 2))
    )
    tried = fit.profiles.get(axis.name)
    if tried is not None:
        at, rise = tried[np.isfinite(tried[:, 1])].T
        root = np.interp(u, at, np.sign(at - axis.at) * np.sqrt(np.maximum(rise, 0.0) / axis.noise))
        inside = (u >= at.min()) & (u <= at.max())
        panel.plot(axis.shown(u[inside]), root[inside] ** 2, color=COLOURS["blue"], lw=1.6)
    for end in fit.estimates[axis.name].interval:
        panel.axvline(axis.factor * end, color=COLOURS["vermilion"], lw=0.9)
    panel.axhline(limit, color=COLOURS["grey"], lw=0.7, ls=":")
    panel.set_ylim(0, max(_HIGHEST, 2 * limit))
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
