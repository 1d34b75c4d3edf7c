"""Figures of fitted spectra: the whole span with what was found, and resonances with fit and residual."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from photonic.errors import ParameterError
from photonic.plot import COLOURS, new_figure, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from photonic.lab.spectrum_result import Resonance, SpectrumFit

__all__ = ["resonances", "spectrum"]

_DB = 10 / math.log(10)
_DEEPEST = 60.0  # dB below the brightest sample that are shown


@styled
def spectrum(found: SpectrumFit, title: str = "", size: tuple[float, float] = (7.2, 3.0)) -> Figure:
    """The whole measured span [dBm], its baseline, and the resonances that were found.

    Powers are drawn as levels in dBm; those of a relative spectrum are dB above one thousandth.
    """
    figure = new_figure(*size)
    axes = figure.add_subplot()
    x = 1e9 * found.wavelength
    given = [("drop", found.drop, "sky"), ("through", found.through, "blue")]
    top = max(float(power.max()) for _, power, _ in given if power is not None)
    light = np.full(x.size, top) if found.baseline is None else found.baseline.power
    for label, power, colour in given:
        if power is not None:
            axes.plot(x, _level(power, top), color=COLOURS[colour], lw=0.8, label=label)
    if found.baseline is not None:
        axes.plot(x, _level(light, top), color=COLOURS["ink"], lw=1.0, ls="--", label="baseline")
    for family in range(found.families):
        own = [r for r in found.resonances if r.family == family]
        at = np.array([1e9 * r.wavelength.value for r in own])
        label = "resonances" if found.families == 1 else f"family {family + 1}"
        levels = np.interp(at, x, _level(light, top))
        colour = COLOURS[("vermilion", "green", "purple", "orange")[family % 4]]
        axes.plot(at, levels + 2.0, "v", color=colour, ms=4, label=label)
    axes.set_xlim(x[0], x[-1])
    axes.set_xlabel("wavelength [nm]")
    axes.set_ylabel("power [dBm]")
    axes.set_title(title)
    figure.legend(loc="outside lower center", ncols=5)
    return figure


@styled
def resonances(
    found: SpectrumFit,
    chosen: Sequence[Resonance] | None = None,
    title: str = "",
    size: tuple[float, float] | None = None,
) -> Figure:
    """Some resonances (those next to the reference without) with their fit, and the residual below.

    Every sample is drawn, nothing taken off. The dashed lines in the residual are ±3 linewidths, the range
    over which its rms is told; between them, a line shows the ripple that the samples outside let expect.
    """
    if chosen is None:
        place = found.resonances.index(found.reference)
        first = max(0, min(place - 1, len(found.resonances) - 3))
        chosen = found.resonances[first : first + 3]
    if not chosen:
        raise ParameterError("chosen must name at least one resonance")
    figure = new_figure(*(size or (2.4 * len(chosen) + 0.6, 3.6)))
    grid = figure.add_gridspec(2, len(chosen), height_ratios=[2.4, 1])
    for column, one in enumerate(chosen):
        upper = figure.add_subplot(grid[0, column])
        lower = figure.add_subplot(grid[1, column], sharex=upper)
        _drawn(upper, lower, one)
        if column == 0:
            upper.set_ylabel("power [dBm]")
            lower.set_ylabel("residual [dB]")
    handles = [line for axes in figure.axes[:2] for line in axes.lines[:2]]
    figure.legend(handles=handles, loc="outside lower center", ncols=4)
    if title:
        figure.suptitle(title, x=0.01, ha="left", fontsize=10, fontweight="bold")
    return figure


def _drawn(upper: Axes, lower: Axes, one: Resonance) -> None:
    curve, middle = one.curve, one.wavelength.value
    linewidth = one.fit.width * middle / one.fit.frequency
    x, fine = ((at - middle) / linewidth for at in (curve.wavelength, curve.grid))
    top = float(curve.power.max())
    upper.plot(x, _level(curve.power, top), ".", color=COLOURS["blue"], ms=2.5, label="measured")
    upper.plot(fine, _level(curve.drawn, top), color=COLOURS["vermilion"], lw=1.2, label="fit")
    split = "" if one.splitting is None else f"\nsplit {one.splitting.value / 2e9 / math.pi:.2f} GHz"
    upper.set_title(
        f"{1e9 * one.wavelength.value:.2f} nm\nQ {one.quality_factor.value:.0f}{split}", fontsize=9
    )
    upper.tick_params(labelbottom=False)
    lower.plot(x, _DB * curve.residual, ".", color=COLOURS["sky"], ms=2.5, label="measured − fit")
    expected = np.where(curve.near, _DB * curve.ripple, math.nan)
    lower.plot(x, expected, color=COLOURS["ink"], lw=1.0, label="ripple expected from beyond ±3 linewidths")
    for edge in (-3, 3):
        lower.axvline(edge, color=COLOURS["grey"], lw=0.7, ls="--")
    far = max(0.5, 1.1 * _DB * float(np.max(np.abs(curve.residual[curve.near]))))
    lower.set_ylim(-far, far)
    lower.set_xlabel("offset [linewidths]")


def _level(power: np.ndarray, top: float) -> np.ndarray:
    """Level [dBm], nothing further than 60 dB below the ``top`` [W]."""
    return 30 + 10 * np.log10(np.maximum(power, top * 10 ** (-_DEEPEST / 10)))
