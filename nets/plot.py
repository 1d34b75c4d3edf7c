"""Figures of networks: activations, training curves, accuracies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.plot import COLOURS, CYCLE, new_figure, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from nets.outcomes import Comparison

__all__ = ["accuracies", "activation_card", "colour_of", "shapes", "training"]

# Light gets colours, digital references get greys, in every figure the same ones.
_FIXED: dict[str, tuple[str, Any]] = {
    "relu": (COLOURS["ink"], "-"),
    "sigmoid": (COLOURS["grey"], "-"),
    "identity": (COLOURS["pale"], (0, (3, 1.5))),
    "linear": (COLOURS["pale"], (0, (3, 1.5))),
    "photonic:sigmoid": (COLOURS["blue"], "-"),
    "photonic:radial-basis": (COLOURS["vermilion"], "-"),
    "photonic:clamped-relu": (COLOURS["green"], "-"),
    "photonic:softplus": (COLOURS["purple"], "-"),
    "photonic:leaky-relu": (COLOURS["orange"], "-"),
    "photonic:trained": (COLOURS["sky"], "-"),
}


def colour_of(name: str, position: int = 0) -> tuple[str, Any]:
    """Colour and line style of an activation, the same in every figure."""
    return _FIXED.get(name, (CYCLE[position % len(CYCLE)], (0, (5, 1, 1, 1))))


@styled
def activation_card(
    activation: Any, size: tuple[float, float] = (3.6, 2.3), colour: str | None = None
) -> Figure:
    """Value and slope of an activation over pre-activations from −4 to 4 standard deviations."""
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
def training(comparison: Comparison, size: tuple[float, float] = (7.6, 3.4)) -> Figure:
    """Training loss and test accuracy by epoch: mean over seeds, band from lowest to highest seed."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    figure = new_figure(*size)
    left, right = figure.subplots(1, 2)
    for k, outcome in enumerate(comparison.outcomes):
        colour, ls = colour_of(outcome.name, k)
        for axes, quantity, factor in ((left, "loss", 1.0), (right, "test_accuracy", 100.0)):
            values = factor * np.array([getattr(h, quantity) for h in outcome.histories])
            epoch = np.arange(1, values.shape[1] + 1)
            axes.fill_between(epoch, values.min(axis=0), values.max(axis=0), color=colour, alpha=0.15, lw=0)
            axes.plot(epoch, values.mean(axis=0), color=colour, ls=ls, lw=1.5, label=outcome.name)
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
    figure.legend(*right.get_legend_handles_labels(), loc="outside lower center", ncols=4)
    return figure


@styled
def accuracies(comparison: Comparison, size: tuple[float, float] | None = None) -> Figure:
    """Test accuracy of each activation: every seed a dot, the mean and its 95 % interval a line."""
    outcomes = comparison.outcomes
    figure = new_figure(*(size or (7.6, 0.9 + 0.34 * len(outcomes))))
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=(1.15, 1))
    for row, outcome in enumerate(outcomes):
        colour, _ = colour_of(outcome.name, row)
        estimate = outcome.accuracy
        left.plot(
            100 * np.array(outcome.per_seed), [row] * len(outcome.per_seed), "|", color=colour, ms=9, mew=1
        )
        _interval(left, row, estimate, colour)
        difference = comparison.difference(outcome.name)
        if difference is not None and outcome.name != comparison.baseline:
            _interval(right, row, difference, colour)
    left.set_yticks(range(len(outcomes)), [o.name for o in outcomes])
    left.set_ylim(len(outcomes) - 0.5, -0.5)
    left.set_xlabel("test accuracy [%]")
    right.set_xlabel("difference to ReLU [percentage points]")
    right.axvline(0, color=COLOURS["ink"], lw=0.8)
    for axes in (left, right):
        axes.grid(visible=False, axis="y")
        axes.tick_params(axis="y", length=0)
    left.set_title("accuracy")
    right.set_title("paired difference")
    return figure


@styled
def shapes(layer: Mapping[str, Any], size: tuple[float, float] = (4.4, 2.9), colour: str = "") -> Figure:
    """What the neurons of a layer made of their shape: each learned curve, and the starting ones.

    ``layer`` is an entry of `nets.architecture.learned_shapes`.
    """
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
    axes.legend(loc="upper left")
    return figure


def _interval(axes: Any, row: int, estimate: Any, colour: str) -> None:
    mean, low, high = estimate
    if low is not None:
        axes.plot(
            [100 * low, 100 * high], [row, row], color=colour, lw=2.2, solid_capstyle="butt", alpha=0.55
        )
    axes.plot(100 * mean, row, "o", color=colour, ms=5)
