"""Figures of networks: activations, training curves, accuracies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from nets.elementwise import Activation
from nets.plot_arguments import checked_kind, wrong_kind
from nets.plot_legend import legend_below
from photonic.plot import COLOURS, CYCLE, new_figure, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from nets.outcomes import Comparison, Outcome

__all__ = ["accuracies", "activation_card", "colour_of", "marks", "shapes", "training"]

# Light gets colours, digital references get greys, in every figure the same ones.
_SOLID, _DASHED, _DOTTED, _MIXED = "-", (0, (3, 1.5)), (0, (1, 1.2)), (0, (5, 1, 1, 1))
_FIXED: dict[str, tuple[str, Any]] = {
    "relu": (COLOURS["ink"], _SOLID),
    "sigmoid": (COLOURS["grey"], _SOLID),
    "identity": (COLOURS["pale"], _DASHED),
    "linear": (COLOURS["pale"], _DASHED),
    "photonic:sigmoid": (COLOURS["blue"], _SOLID),
    "photonic:radial-basis": (COLOURS["vermilion"], _SOLID),
    "photonic:clamped-relu": (COLOURS["green"], _SOLID),
    "photonic:softplus": (COLOURS["purple"], _SOLID),
    "photonic:leaky-relu": (COLOURS["orange"], _SOLID),
    "photonic:trained": (COLOURS["sky"], _SOLID),
    # P. Tol's muted colours, which go with those of Okabe and Ito
    "mesh:linear": ("#AAAA00", _MIXED),
    "mesh:electro-optic": ("#332288", _MIXED),
    "mesh:photonic": ("#882255", _MIXED),
    "mesh:photonic-trained": ("#CC6677", _MIXED),
    "bank:photonic": ("#117733", _MIXED),
    "cascade:photonic": ("#44AA99", _MIXED),
    "svd:saturable": ("#999933", _MIXED),
}


class Mark(NamedTuple):
    """How a contestant is drawn."""

    colour: str
    line: Any
    marker: str = "o"
    face: str | None = None  # of the marker; None for its colour


def colour_of(name: str, position: int = 0) -> tuple[str, Any]:
    """Colour and line style of an activation, the same in every figure."""
    return _FIXED.get(name, (CYCLE[position % len(CYCLE)], _MIXED))


def marks(outcomes: Sequence[Outcome]) -> list[Mark]:
    """Mark of each outcome: no two contestants of one colour while there are enough of them.

    A digital network as large as a contestant has its colour, dotted, and a hollow marker; whole networks
    of light are diamonds.
    """
    found: dict[str, Mark] = {}
    for k, outcome in enumerate(o for o in outcomes if not o.as_large_as):
        colour, line = colour_of(outcome.name, k)
        taken = {mark.colour for mark in found.values()}
        if outcome.name not in _FIXED:
            known = {_FIXED[o.name][0] for o in outcomes if o.name in _FIXED}
            free = [c for c in (colour, *CYCLE, *(c for c, _ in _FIXED.values())) if c not in taken | known]
            colour = free[0] if free else colour
        found[outcome.name] = Mark(colour, line, "o" if outcome.activation is not None else "D")
    return [
        found[o.name] if not o.as_large_as else Mark(found[o.as_large_as].colour, _DOTTED, "s", "white")
        for o in outcomes
    ]


@styled
def activation_card(
    activation: Any, size: tuple[float, float] = (3.6, 2.3), colour: str | None = None
) -> Figure:
    """Value and slope of an activation over pre-activations from −4 to 4 standard deviations."""
    checked_kind("activation", activation, Activation, "nets.activations holds some")
    figure = new_figure(*size)
    left, right = figure.subplots(1, 2)
    z = np.linspace(-4, 4, 801)
    colour = colour or colour_of(activation.name)[0]
    shade = np.exp(-(z**2) / 2)
    for axes, values, title in (
        (left, activation.value(z), "value"),
        (right, activation.derivative(z), "slope"),
    ):
        low, high = float(np.min(values)), float(np.max(values))
        margin = 0.08 * (high - low) or 0.5
        axes.fill_between(
            z, low - margin, low - margin + (high - low + 2 * margin) * shade, color="#F1F1F1", lw=0
        )
        axes.plot(z, values, color=colour)
        axes.set_ylim(low - margin, high + margin)
        axes.set_xlim(-4, 4)
        axes.set_xticks([-4, -2, 0, 2, 4])
        axes.set_title(title, fontsize=9, fontweight="normal")
        axes.set_xlabel("pre-activation z [1]")
    return figure


@styled
def training(comparison: Comparison, size: tuple[float, float] = (7.6, 3.0)) -> Figure:
    """Training loss and test accuracy by epoch: mean over seeds, band from lowest to highest seed.

    A single epoch is a marker, with a bar from the lowest to the highest seed.
    """
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    outcomes = _outcomes(comparison)
    figure = new_figure(*size)
    left, right = figure.subplots(1, 2)
    places = np.linspace(-0.3, 0.3, len(outcomes) + 2)[1:-1]  # of contestants beside each other
    for outcome, mark, place in zip(outcomes, marks(outcomes), places, strict=True):
        colour, ls = mark.colour, mark.line
        for axes, quantity, factor in ((left, "loss", 1.0), (right, "test_accuracy", 100.0)):
            values = factor * np.array([getattr(h, quantity) for h in outcome.histories])
            epoch = np.arange(1, values.shape[1] + 1)
            least, most = values.min(axis=0), values.max(axis=0)
            style: dict[str, Any] = {}
            if len(epoch) == 1:  # no line goes through one point
                epoch = epoch + place
                style = {"marker": mark.marker, "mfc": mark.face or colour, "ms": 5}
                axes.vlines(epoch, least, most, color=colour, alpha=0.4, lw=3)
            else:
                axes.fill_between(epoch, least, most, color=colour, alpha=0.15, lw=0)
            axes.plot(epoch, values.mean(axis=0), color=colour, ls=ls, lw=1.5, label=outcome.name, **style)
    left.set_yscale("log")
    left.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    left.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    left.yaxis.set_minor_formatter(NullFormatter())
    left.set_title("training loss")
    left.set_ylabel("cross-entropy [nat]")
    right.set_title("test accuracy")
    right.set_ylabel("right answers [%]")
    for axes in (left, right):
        axes.set_xlabel("epoch")
        axes.xaxis.get_major_locator().set_params(integer=True)
        if comparison.settings.epochs == 1:
            axes.set_xlim(0.5, 1.5)
            axes.set_xticks([1])
    handles, labels = right.get_legend_handles_labels()
    legend_below(figure, handles, labels, grow=True)
    return figure


@styled
def accuracies(comparison: Comparison, size: tuple[float, float] | None = None) -> Figure:
    """Test accuracy of each activation: every seed a tick, the mean a marker, its 95 % interval a line.

    Where few seeds make an interval wider than accuracies can be, it goes on to the edge.
    """
    outcomes = _outcomes(comparison)
    figure = new_figure(*(size or (7.6, 0.9 + 0.34 * len(outcomes))))
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(1.15, 1))
    for row, (outcome, mark) in enumerate(zip(outcomes, marks(outcomes), strict=True)):
        seeds = 100 * np.array(outcome.per_seed)
        left.plot(seeds, [row] * len(seeds), "|", color=mark.colour, ms=9, mew=1)
        _interval(left, row, outcome.accuracy, mark)
        difference = comparison.difference(outcome.name)
        if difference is not None and outcome.name != comparison.baseline:
            _interval(right, row, difference, mark)
    left.set_yticks(range(len(outcomes)), [o.name for o in outcomes])
    left.set_ylim(len(outcomes) - 0.5, -0.5)
    left.set_xlabel("test accuracy [%]")
    right.set_xlabel("difference to ReLU [percentage points]")
    right.axvline(0, color=COLOURS["ink"], lw=0.8)
    for axes in (left, right):
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="y", length=0)
    _hold(left, 0.0, 100.0)
    _hold(right, -100.0, 100.0)
    left.set_title("accuracy")
    right.set_title("paired difference")
    return figure


@styled
def shapes(layer: Mapping[str, Any], size: tuple[float, float] = (4.4, 2.9), colour: str = "") -> Figure:
    """What the neurons of a layer made of their shape: each learned curve, and the starting ones.

    ``layer`` is an entry of `nets.architecture.learned_shapes`.
    """
    checked_kind("layer", layer, Mapping, "an entry of nets.architecture.learned_shapes(network)")
    figure = new_figure(*size)
    axes = figure.subplots()
    z = np.array(layer["z"])
    for k, values in enumerate(layer["learned"]):
        axes.plot(z, values, color=colour or COLOURS["blue"], lw=0.8, alpha=0.6, label="" if k else "learned")
    starts = {tuple(values) for values in layer["start"]}
    for k, values in enumerate(sorted(starts)[:12]):
        axes.plot(z, values, color=COLOURS["ink"], lw=1.4, ls=(0, (4, 2)), label="" if k else "start")
    axes.set_xlim(z[0], z[-1])
    axes.set_xlabel("pre-activation z [1]")
    axes.set_ylabel("output y [1]")
    axes.set_title(
        f"layer {layer['layer']}, {len(layer['learned'])} neurons", fontsize=9, fontweight="normal"
    )
    axes.legend(loc="best")
    return figure


def _outcomes(comparison: Comparison) -> tuple[Outcome, ...]:
    """What is drawn, unless it is no comparison; its class stands above this module."""
    if not hasattr(comparison, "outcomes"):
        raise wrong_kind("comparison", comparison, "Comparison", "nets.compare makes one")
    return comparison.outcomes


def _hold(axes: Any, least: float, most: float) -> None:
    """No part of the horizontal axis beyond what can be, but a margin for what stands at its end."""
    low, high = axes.get_xlim()
    margin = 0.02 * (min(high, most) - max(low, least))
    axes.set_xlim(max(low, least - margin), min(high, most + margin))


def _interval(axes: Any, row: int, estimate: Any, mark: Mark) -> None:
    mean, low, high = estimate
    if low is not None:
        axes.plot(
            [100 * low, 100 * high], [row, row], color=mark.colour, lw=2.2, solid_capstyle="butt", alpha=0.55
        )
    axes.plot(100 * mean, row, mark.marker, color=mark.colour, mfc=mark.face or mark.colour, ms=5)
