"""Figures of networks of light."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.plot import COLOURS, new_figure, styled
from photonic.units import engineering

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from nets.optical.budget import PowerBudget, StagePower

__all__ = ["plot_budget"]

_FAINTEST = 1e-6  # share of the strongest channel below which bars are cut off in the figure


@styled
def plot_budget(budget: PowerBudget, size: tuple[float, float] | None = None, title: str = "") -> Figure:
    """Power behind every stage, and what each layer of activations needs.

    Per channel a bar from the smallest to the largest power and a dot at the mean; the total over
    all channels as a step. Bars are cut off 60 dB below the strongest channel.
    """
    lit = [stage for stage in budget.stages if stage.total]
    figure = new_figure(*(size or (max(4.5, 1.6 + 0.62 * len(lit)), 3.9)))
    axes = figure.subplots()
    axes.set_yscale("log")
    totals = [stage.total or 0.0 for stage in lit]
    axes.step(range(len(lit)), totals, where="mid", color=COLOURS["ink"], lw=1.3, label="all channels")
    floor = _FAINTEST * max((s.largest or 0.0) for s in lit) if lit else 0.0
    for k, stage in enumerate(lit):
        _bar(axes, k, stage, floor)
        if stage.is_activation:
            _activation(axes, k, stage)
    names = [s.name for s in lit]
    axes.set_xticks(range(len(lit)), names, rotation=35, ha="right")
    axes.set_xlim(-0.6, len(lit) - 0.4)
    low, high = np.log10(axes.get_ylim())
    decades = 10.0 ** np.arange(math.floor(low), math.ceil(high) + 1)
    axes.set_ylim(decades[0], decades[-1])
    axes.set_yticks(decades, [engineering(decade, "W") for decade in decades])
    axes.minorticks_off()
    axes.set_ylabel("power")
    axes.grid(visible=False, axis="x")
    axes.set_title(title or f"power budget, mean of {budget.rows} examples")
    shown: dict[str, Any] = {}
    for handle, label in zip(*axes.get_legend_handles_labels(), strict=True):
        shown.setdefault(label, handle)
    figure.legend(shown.values(), shown.keys(), loc="outside lower center", ncols=3)
    return figure


def _bar(axes: Any, k: int, stage: StagePower, floor: float) -> None:
    colour = COLOURS["blue"]
    low, high = max(stage.smallest or 0.0, floor), stage.largest or 0.0
    axes.plot([k, k], [low, high], color=colour, lw=4, alpha=0.35, solid_capstyle="butt", label="one channel")
    axes.plot(k, stage.mean, "o", color=colour, ms=4, label="mean of one channel")


def _activation(axes: Any, k: int, stage: StagePower) -> None:
    """What the layer needs stands where its input does, between the two stages."""
    colour = COLOURS["vermilion"] if stage.is_dark else COLOURS["green"]
    left, right = k - 0.78, k - 0.22
    if stage.working_power is not None and math.isfinite(stage.working_power):
        label = "too little light to work" if stage.is_dark else "working power, reached"
        axes.plot([left, right], [stage.working_power] * 2, color=colour, lw=1.6, label=label)
    if stage.power_max is not None and np.isfinite(stage.power_max):
        axes.plot(
            [left, right],
            [stage.power_max] * 2,
            color=COLOURS["grey"],
            lw=1,
            ls=(0, (3, 2)),
            label="valid up to",
        )
    if stage.arriving:
        axes.plot(k - 0.5, stage.arriving, "v", color=colour, ms=5, label="95 % of its inputs get less")
