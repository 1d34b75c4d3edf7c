"""Figures of networks of light."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from nets.optical.budget import PowerBudget, StagePower
from nets.plot_arguments import checked_kind
from nets.plot_legend import legend_below
from photonic.plot import COLOURS, new_figure, styled
from photonic.units import engineering

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["plot_budget"]

_FAINTEST = 1e-6  # share of the strongest channel below which bars are cut off in the figure


@styled
def plot_budget(budget: PowerBudget, size: tuple[float, float] | None = None, title: str = "") -> Figure:
    """Power behind every stage, and what each layer of activations needs.

    Per channel a bar from the smallest to the largest power and a dot at the mean; the total over
    all channels as a step. Bars that go on further down than 60 dB below the strongest channel end in
    an arrow there. What a layer needs is green where 5 % of its inputs reach it, orange where they do not
    but the layer is nonlinear by 1 % or more, and red where it is dark.

    Parameters
    ----------
    budget : PowerBudget
        Of `nets.OpticalNetwork.budget`.
    size : (float, float), optional
        Width and height [inch].
    title : str
        In place of one that tells the number of examples.

    Raises
    ------
    ParameterError
        Something else than a budget, a network say.
    """
    checked_kind("budget", budget, PowerBudget, "network.budget(inputs) makes one")
    lit = [stage for stage in budget.stages if stage.total]
    figure = new_figure(*(size or (max(5.0, 1.6 + 0.62 * len(lit)), 3.4)))
    axes = figure.subplots()
    axes.set_title(title or f"power budget, mean of {budget.rows} examples")
    if not lit:
        axes.set_axis_off()
        axes.text(0.5, 0.5, "no light behind any stage", ha="center", transform=axes.transAxes)
        return figure
    axes.set_yscale("log")
    totals = [stage.total or 0.0 for stage in lit]
    axes.step(range(len(lit)), totals, where="mid", color=COLOURS["ink"], lw=1.3, label="all channels")
    floor = _FAINTEST * max(stage.largest or 0.0 for stage in lit)
    for k, stage in enumerate(lit):
        _bar(axes, k, stage, floor)
        if stage.is_activation:
            _activation(axes, k, stage)
    axes.set_xticks(range(len(lit)), [stage.name for stage in lit], rotation=35, ha="right")
    axes.set_xlim(-0.6, len(lit) - 0.4)
    low, high = np.log10(axes.get_ylim())
    decades = 10.0 ** np.arange(math.floor(low), math.ceil(high) + 1)
    axes.set_ylim(decades[0], decades[-1])
    axes.set_yticks(decades, [engineering(decade, "W") for decade in decades])
    axes.minorticks_off()
    axes.set_ylabel("power")
    axes.grid(visible=False, axis="x")
    handles, labels = axes.get_legend_handles_labels()
    legend_below(figure, handles, labels, grow=size is None)
    return figure


def _bar(axes: Any, k: int, stage: StagePower, floor: float) -> None:
    colour, least = COLOURS["blue"], stage.smallest or 0.0
    ends = [max(least, floor), stage.largest or 0.0]
    label = "one channel, smallest to largest"
    axes.plot([k, k], ends, color=colour, lw=4, alpha=0.35, solid_capstyle="butt", label=label)
    if least < floor:
        axes.plot(k, floor, "v", color=colour, mfc="white", ms=7, label="that goes on further down", zorder=3)
    axes.plot(k, stage.mean, "o", color=colour, ms=4, label="mean of one channel")


def _activation(axes: Any, k: int, stage: StagePower) -> None:
    """What the layer needs stands where its input does, between the two stages."""
    name, words = _state(stage)
    colour = COLOURS[name]
    left, right = k - 0.78, k - 0.22
    if stage.working_power is not None and math.isfinite(stage.working_power):
        axes.plot([left, right], [stage.working_power] * 2, color=colour, lw=1.6, label=words)
    if stage.power_max is not None and np.isfinite(stage.power_max):
        axes.plot(
            [left, right],
            [stage.power_max] * 2,
            color=COLOURS["grey"],
            lw=1,
            ls=(0, (3, 2)),
            label="one stable state up to",
        )
    if stage.arriving:
        axes.plot(k - 0.5, stage.arriving, "<", color=colour, ms=5, label="95 % of its inputs get less")


def _state(stage: StagePower) -> tuple[str, str]:
    """Colour of what a layer of activations needs, and what it says."""
    if stage.is_dark:
        return "vermilion", "working power, not reached: dark"
    if stage.is_lit:
        return "green", "working power, reached"
    return "orange", "working power, not reached, but nonlinear"
