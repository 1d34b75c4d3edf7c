"""Figures of where a ring is stable, bistable or pulses by itself."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.plot import COLOURS, new_figure, power_unit, styled
from photonic.units import SPEED_OF_LIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from photonic.continuations import Continuation
    from photonic.maps import StabilityMap

__all__ = ["continuation", "stability_map"]

# Told apart by lightness as well as by hue; from what is always safe to what never rests.
_REGIONS = (
    ("one stable state", "#FFFFFF"),
    ("bistable", "#CFE6F5"),
    ("stable or pulsing", "#F2CF8A"),
    ("self-pulsing", "#D98B5F"),
)
_DASH = (0, (4, 1.6))
_DOT = (0, (1, 1.2))


@styled
def stability_map(found: StabilityMap, title: str = "", size: tuple[float, float] = (5.6, 3.9)) -> Figure:
    """Regions of a `photonic.StabilityMap` with its lines of folds and Hopf points.

    "Stable or pulsing": one stable state or more beside one that has gone through a Hopf point;
    "self-pulsing": no stable state. The Hopf line is solid where the onset is supercritical and
    dashed where it is subcritical: just outside a dashed line pulsation exists beside the stable
    state, too, which a map of steady states does not show.
    """
    figure = new_figure(*size)
    axes = figure.add_subplot()
    half = found.linewidth / 2
    k, unit = power_unit(float(found.powers[-1]))
    region = np.zeros(found.states.shape, dtype=int)
    region[found.bistable] = 1
    region[found.may_pulse] = 2
    region[found.self_pulsing] = 3
    shades = np.array([[int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)] for _, colour in _REGIONS])
    axes.pcolormesh(
        _edges(found.detunings) / half, k * _edges(found.powers), shades[region.T], rasterized=True, zorder=0
    )
    for line in found.folds:
        axes.plot(line.detuning / half, k * line.power, color=COLOURS["ink"], lw=1.1, ls=_DOT, label="fold")
    for line in found.hopf:
        for soft, dash, label in ((True, "-", "Hopf, supercritical"), (False, _DASH, "Hopf, subcritical")):
            for piece in _stretches((line.lyapunov < 0) == soft):
                x, y = line.detuning[piece] / half, k * line.power[piece]
                axes.plot(x, y, color=COLOURS["blue"], ls=dash, lw=1.6, label=label)
    axes.set_xlim(_limits(found.detunings / half))
    axes.set_ylim(_limits(k * found.powers))
    axes.set_xlabel("detuning [half-linewidths], positive = blue")
    axes.set_ylabel(f"input power [{unit}]")
    axes.grid(False)
    _picometres(axes, found.linewidth, found.wavelength)
    axes.set_title(title)
    seen = [float(np.any(region == n)) for n in range(4)]
    patches = [
        axes.fill_between([], [], color=colour, ec=COLOURS["pale"], lw=0.6, label=label)
        for (label, colour), here in zip(_REGIONS, seen, strict=True)
        if here
    ]
    handles, labels = axes.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    for patch in patches:
        unique[str(patch.get_label())] = patch
    order = [name for name, _ in _REGIONS if name in unique]
    order += [name for name in unique if name not in order]
    figure.legend(
        [unique[name] for name in order], order, loc="outside lower center", ncols=4, handlelength=1.8,
        columnspacing=1.2,
    )  # fmt: skip
    return figure


@styled
def continuation(found: Continuation, title: str = "", size: tuple[float, float] = (5.4, 4.4)) -> Figure:
    """A `photonic.Continuation`: energy and output against power or detuning, with its special points."""
    figure = new_figure(*size)
    upper, lower = figure.subplots(2, 1, sharex=True)
    half = found.linewidth / 2
    k, unit = power_unit(float(np.max(found.power, initial=0.0)))
    across = found.along == "detuning"
    x = found.detuning / half if across else k * found.power
    ports = [(found.through, found.ports[0], COLOURS["blue"])]
    if np.any(found.drop > 0):
        ports.append((found.drop, found.ports[1], COLOURS["green"]))
    scale, out = power_unit(max(float(np.max(values, initial=0.0)) for values, _, _ in ports))
    _branch(upper, x, 1e15 * found.energy, found, COLOURS["blue"], "")
    for values, name, colour in ports:
        _branch(lower, x, scale * values, found, colour, name if len(ports) > 1 else "")
    for points, detunings, mark, label in (
        (found.folds, found.fold_detunings, "o", "fold"),
        (tuple(p for p in found.hopf if p.criticality != "subcritical"), None, "D", "Hopf, supercritical"),
        (tuple(p for p in found.hopf if p.criticality == "subcritical"), None, "s", "Hopf, subcritical"),
    ):
        places = detunings or [
            d for p, d in zip(found.hopf, found.hopf_detunings, strict=True) if p in points
        ]
        if points:
            at = np.array(places) / half if across else k * np.array([p.power for p in points])
            upper.plot(
                at, [1e15 * p.energy for p in points], mark, color=COLOURS["vermilion"], mfc="white", mew=1.4,
                ms=5, ls="none", label=label,
            )  # fmt: skip
    upper.set_ylabel("stored energy [fJ]")
    lower.set_ylabel(f"output power [{out}]")
    if across:
        lower.set_xlabel("detuning [half-linewidths], positive = blue")
        _picometres(upper, found.linewidth, found.wavelength)
    else:
        lower.set_xlabel(f"input power [{unit}]")
        lower.set_xlim(left=0)
    for axes in (upper, lower):
        axes.set_ylim(bottom=0)
    upper.set_title(title)
    upper.legend(loc="best", handlelength=1.8)
    if len(ports) > 1:
        lower.legend(loc="best", handlelength=1.8)
    figure.align_ylabels()
    return figure


def _branch(axes: Axes, x: np.ndarray, y: np.ndarray, found: Continuation, colour: str, name: str) -> None:
    """Stable stretches solid; dashed where one eigenvalue grows, dotted past a Hopf point."""
    kinds = (("-", "stable"), (_DASH, "unstable"), (_DOT, "past a Hopf point"))
    kind = np.minimum(found.growing, 2)
    for piece in np.unique(found.piece):
        here = np.flatnonzero(found.piece == piece)
        for n, (dash, label) in enumerate(kinds):
            for part in _stretches(kind[here] == n):
                colours: dict[str, Any] = {
                    "color": colour if n == 0 else COLOURS["grey"] if not name else colour
                }
                axes.plot(
                    x[here[part]], y[here[part]], ls=dash, **colours, label=name if name and n == 0 else label
                )
    handles, labels = axes.get_legend_handles_labels()
    kept: set[str] = set()
    for handle, text in zip(handles, labels, strict=True):
        if text in kept or (name and text in {label for _, label in kinds}):
            handle.set_label("_")  # once is enough
        kept.add(text)


def _stretches(flag: np.ndarray) -> list[np.ndarray]:
    """Indices of each run of True, with the next point, so that stretches of a line meet."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flag, [False]]).astype(int)))
    return [np.arange(a, min(b + 1, flag.size)) for a, b in pairwise(edges.tolist()) if flag[a]]


def _limits(centres: np.ndarray) -> tuple[float, float]:
    ends = centres if centres.size > 1 else _edges(centres)
    return float(ends[0]), float(ends[-1])


def _edges(centres: np.ndarray) -> np.ndarray:
    """Edges of cells about ``centres``; a lone one gets a cell of its own size."""
    if centres.size == 1:
        width = abs(float(centres[0])) or 1.0
        return np.array([centres[0] - width / 2, centres[0] + width / 2])
    middle = (centres[1:] + centres[:-1]) / 2
    return np.concatenate([[2 * centres[0] - middle[0]], middle, [2 * centres[-1] - middle[-1]]])


def _picometres(axes: Axes, linewidth: float, wavelength: float) -> None:
    """Second scale on top: laser wavelength minus cold resonance [pm]."""
    per_half = wavelength**2 * linewidth / 2 / (2 * np.pi * SPEED_OF_LIGHT) * 1e12
    both: Any = (lambda x: -x * per_half, lambda x: -x / per_half)
    top = axes.secondary_xaxis("top", functions=both)
    top.set_xlabel("wavelength offset [pm], positive = red")
