"""Every figure of this package; each function returns a Matplotlib `Figure` and leaves no global state."""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import cycle, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

import numpy as np

from photonic.errors import DataError, ParameterError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from photonic.curve import Curve
    from photonic.devices import RingDevice
    from photonic.programming import Programmed

__all__ = [
    "COLOURS",
    "branches",
    "check_path",
    "curves",
    "new_figure",
    "power_unit",
    "programmed",
    "reachability",
    "regimes",
    "save",
    "styled",
    "svg",
]

# Okabe and Ito's colours, told apart with any colour vision; ink and greys for what is given.
COLOURS = {
    "blue": "#0072B2",
    "vermilion": "#D55E00",
    "green": "#009E73",
    "purple": "#AA4499",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "ink": "#222222",
    "grey": "#767676",
    "pale": "#A8A8A8",
}
CYCLE = tuple(COLOURS[name] for name in ("blue", "vermilion", "green", "purple", "orange", "sky"))
_STYLE: Any = {
    "font.family": "sans-serif",
    "font.size": 9.0,
    "axes.titlesize": 10.0,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 9.0,
    "axes.labelcolor": COLOURS["ink"],
    "axes.edgecolor": COLOURS["grey"],
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "#E8E8E8",
    "grid.linewidth": 0.6,
    "xtick.color": COLOURS["grey"],
    "ytick.color": COLOURS["grey"],
    "xtick.labelcolor": COLOURS["ink"],
    "ytick.labelcolor": COLOURS["ink"],
    "xtick.labelsize": 8.0,
    "ytick.labelsize": 8.0,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "xtick.major.size": 3.0,
    "ytick.major.size": 3.0,
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "legend.fontsize": 8.0,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "svg.fonttype": "none",
    "svg.hashsalt": "photonic-neuron",
}
_P = ParamSpec("_P")
_R = TypeVar("_R")


def styled(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Let ``function`` draw in the style of this project, without changing Matplotlib's settings."""

    @functools.wraps(function)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        from matplotlib import rc_context

        with rc_context(_STYLE):
            return function(*args, **kwargs)

    return call


def new_figure(width: float, height: float) -> Figure:
    """Empty figure of that size [inch], laid out without overlaps."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    # a little more room than usual: readers' browsers have other fonts
    return Figure(figsize=(width, height), layout=ConstrainedLayoutEngine(w_pad=0.07, h_pad=0.06))


def check_path(path: str | Path) -> None:
    """Raise where `save` cannot write a figure: better before a long computation than after it."""
    path = Path(path)
    if path.suffix.lower() not in (".svg", ".png", ".pdf"):
        raise ParameterError(f"a figure is saved as .svg, .png or .pdf, got {path.name!r}")
    if not path.absolute().parent.is_dir():
        raise DataError(f"{path}: cannot be written (No such file or directory)")


@styled
def save(figure: Figure, path: str | Path) -> None:
    """Write ``figure`` to ``path``: .svg, .png or .pdf."""
    path = Path(path)
    check_path(path)
    try:
        if path.suffix.lower() == ".svg":
            path.write_text(svg(figure), encoding="utf-8")
        else:
            figure.draw_without_rendering()
            figure.savefig(path, dpi=200)
    except OSError as reason:
        raise DataError(f"{path}: cannot be written ({reason.strerror or reason})") from None


@styled
def svg(figure: Figure) -> str:
    """``figure`` as the text of one <svg> element, to stand in a page or a file."""
    buffer = io.StringIO()
    figure.draw_without_rendering()  # twice: tick labels that the first layout changed need room too
    figure.savefig(buffer, format="svg", metadata={"Date": None, "Creator": None})
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    return re.sub(r"<metadata>.*?</metadata>\s*", "", text, flags=re.DOTALL)


def power_unit(power: float) -> tuple[float, str]:
    """Factor from [W] and name of the unit in which ``power`` reads best.

    Examples
    --------
    >>> power_unit(0.2e-3)
    (1000000.0, 'µW')
    """
    for unit, factor in (("W", 1.0), ("mW", 1e3), ("µW", 1e6), ("nW", 1e9)):
        if power * factor >= 0.9995:
            return factor, unit
    return 1e9, "nW"


def _power_axes(axes: Axes, power_in: float, power_out: float | None = None) -> tuple[float, float]:
    """Label both axes with powers; returns the factors from [W]."""
    kx, ux = power_unit(power_in)
    ky, uy = (kx, ux) if power_out is None or power_out > power_in / 50 else power_unit(power_out)
    axes.set_xlabel(f"input power [{ux}]")
    axes.set_ylabel(f"output power [{uy}]")
    return kx, ky


@styled
def curves(
    given: Mapping[str, Curve],
    title: str = "",
    colours: Sequence[str] = CYCLE,
    size: tuple[float, float] = (5.2, 3.4),
) -> Figure:
    """Transfer curves by name; the samples of a jump are joined by a dotted line."""
    if not given:
        raise ParameterError("curves must name at least one curve")
    figure = new_figure(*size)
    axes = figure.add_subplot()
    top = max(c.domain[1] for c in given.values())
    kx, ky = _power_axes(axes, top, max(float(np.max(c.power_out)) for c in given.values()))
    for (name, curve), colour in zip(given.items(), cycle(colours), strict=False):
        edges = [curve.domain[0], *curve.jumps, curve.domain[1]]
        for k, (low, high) in enumerate(pairwise(edges)):
            inside = (curve.power_in >= low) & (curve.power_in <= high)
            x, y = curve.power_in[inside], curve.power_out[inside]
            if k and x[0] == x[1]:
                x, y = x[1:], y[1:]  # the sample after the jump
            if k < len(edges) - 2 and x[-1] == x[-2]:
                x, y = x[:-1], y[:-1]
            dense = np.linspace(x[0], x[-1], 400)[1:-1]
            axes.plot(
                kx * np.r_[x[0], dense, x[-1]],
                ky * np.r_[y[0], curve(dense), y[-1]],
                color=colour,
                label=f"{name} ({curve.regime})" if k == 0 else None,
            )
        for jump in curve.jumps:
            both = curve.power_out[curve.power_in == jump]
            axes.plot(kx * np.array([jump, jump]), ky * both, color=colour, ls=":", lw=1.0)
    axes.set_title(title)
    axes.set_xlim(0, kx * top)
    axes.set_ylim(bottom=0)
    axes.legend(loc="best")
    return figure


@styled
def programmed(
    found: Programmed, colour: str = COLOURS["blue"], size: tuple[float, float] = (3.6, 3.5)
) -> Figure:
    """Target and reached curve on the read-out scale, with the residual below."""
    figure = new_figure(*size)
    upper, lower = figure.subplots(2, 1, sharex=True, height_ratios=(3.2, 1))
    x = np.linspace(0, 1, 401)
    wanted, reached = found.wanted(x), found.reached(x)
    k, unit = power_unit(found.power_max)
    power = x * found.power_max * k
    upper.plot(power, wanted, color=COLOURS["ink"], lw=1.2, ls=(0, (4, 2)), label="target")
    upper.plot(power, reached, color=colour, label="reached")
    slope, intercept = np.polyfit(x, wanted, 1)
    upper.plot(power, slope * x + intercept, color=COLOURS["pale"], lw=1.0, zorder=1, label="best line")
    upper.set_title(found.target.name)
    upper.set_ylabel("output, scaled [1]")
    upper.legend(loc="best", handlelength=1.8)
    lower.axhline(0, color=COLOURS["grey"], lw=0.7)
    lower.plot(power, 100 * (reached - wanted) / np.ptp(wanted), color=colour, lw=1.2)
    lower.set_ylabel("error [%]")
    lower.set_xlabel(f"input power [{unit}]")
    lower.set_xlim(0, power[-1])
    figure.align_ylabels()
    return figure


@styled
def regimes(
    frozen: Curve, settled: Mapping[str, Curve], colour: str = COLOURS["blue"], title: str = "",
    size: tuple[float, float] = (3.6, 2.7), note: str = "",
) -> Figure:  # fmt: skip
    """The same bias in two regimes: ``frozen`` heat, and ``settled`` (cw) curves by name."""
    figure = new_figure(*size)
    axes = figure.add_subplot()
    top = frozen.domain[1]
    largest = max(float(np.max(c.power_out)) for c in (frozen, *settled.values()))
    kx, ky = _power_axes(axes, top, largest)
    axes.plot(kx * frozen.power_in, ky * frozen.power_out, color=colour, label="frozen heat")
    for (name, curve), ls in zip(settled.items(), ((0, (4, 1.6)), (0, (1, 1.2))), strict=False):
        axes.plot(kx * curve.power_in, ky * curve.power_out, color=COLOURS["ink"], ls=ls, lw=1.3, label=name)
    if note:
        axes.text(0.5, 0.5, note, transform=axes.transAxes, ha="center", color=COLOURS["grey"], fontsize=8)
    axes.set_title(title)
    axes.set_xlim(0, kx * top)
    axes.set_ylim(bottom=0)
    axes.legend(loc="best", handlelength=1.8)
    return figure


@styled
def branches(
    device: RingDevice, power_max: float, title: str = "", size: tuple[float, float] = (5.2, 3.4)
) -> Figure:
    """All steady states up to ``power_max`` [W]: stable solid, unstable dashed, folds and Hopf points."""
    from photonic.stability import folds, hopf_points, jacobian, steady_states

    cavity = device.cavity()
    fraction = float(device.ring_fraction)
    energy = np.linspace(0, 1, 3001) ** 2 * steady_states(device, power_max)[-1].energy
    power = cavity.input_power(energy) / fraction
    re, im = device.field(cavity, energy)
    out = (re * re + im * im) * power
    stable = np.max(np.linalg.eigvals(jacobian(cavity, energy)).real, axis=-1) < 0
    keep = power <= power_max * (1 + 1e-9)
    last = int(np.max(np.flatnonzero(keep))) + 1
    figure = new_figure(*size)
    axes = figure.add_subplot()
    kx, ky = _power_axes(axes, power_max, float(np.max(out[:last][keep[:last]])))
    for flag, ls, label in ((True, "-", "stable"), (False, (0, (2, 1.5)), "unstable")):
        shown = np.where(_widened(stable == flag) & keep, out, np.nan)
        if np.any(np.isfinite(shown)):
            axes.plot(
                kx * power, ky * shown, color=COLOURS["blue"] if flag else COLOURS["grey"], ls=ls, label=label
            )
    for points, mark, label in ((folds(device), "o", "fold"), (hopf_points(device), "D", "Hopf point")):
        inside = [p for p in points if p.power <= power_max]
        if inside:
            at = np.array([p.energy for p in inside])
            re, im = device.field(cavity, at)
            p = np.array([p.power for p in inside])
            axes.plot(
                kx * p, ky * (re * re + im * im) * p, mark, color=COLOURS["vermilion"], ms=5, mfc="white",
                mew=1.4, label=label, ls="none",
            )  # fmt: skip
    axes.set_title(title or f"steady states, {device.regime}")
    axes.set_xlim(0, kx * power_max)
    axes.set_ylim(bottom=0)
    axes.legend(loc="best")
    return figure


@styled
def reachability(
    scores: np.ndarray, rows: Sequence[str], columns: Sequence[str], title: str = "R² of the best bias",
    unit: str = "R² [1]", size: tuple[float, float] | None = None,
) -> Figure:  # fmt: skip
    """Heat map of a score in [0, 1], shape (rows, columns), with its numbers; NaN is left empty."""
    table = np.asarray(scores, dtype=float)
    if table.shape != (len(rows), len(columns)):
        raise ParameterError(f"scores must have shape ({len(rows)}, {len(columns)}), got {table.shape}")
    figure = new_figure(*(size or (1.6 + 0.75 * len(columns), 1.1 + 0.36 * len(rows))))
    axes = figure.add_subplot()
    low = min(0.9, float(np.nanmin(table))) if np.any(np.isfinite(table)) else 0.0
    image = axes.imshow(table, cmap="cividis", vmin=low, vmax=1.0, aspect="auto")
    for (i, j), value in np.ndenumerate(table):
        bright = not np.isfinite(value) or (value - low) / max(1 - low, 1e-12) > 0.55
        text = f"{value:.4f}" if np.isfinite(value) else "–"
        axes.text(
            j, i, text, ha="center", va="center", fontsize=8, color=COLOURS["ink"] if bright else "white"
        )
    axes.set_xticks(range(len(columns)), list(columns))
    axes.set_yticks(range(len(rows)), list(rows))
    axes.grid(False)
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0)
    axes.set_title(title)
    figure.colorbar(image, ax=axes, label=unit, fraction=0.05)
    return figure


def _widened(flag: np.ndarray) -> np.ndarray:
    """``flag`` and its neighbours on the right, so that pieces of a line meet."""
    wide = flag.copy()
    wide[1:] |= flag[:-1]
    return wide
