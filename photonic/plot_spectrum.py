"""The figure of a measured spectrum and the resonances found in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.lab.number_text import number
from photonic.plot import COLOURS, new_figure, styled

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from photonic.lab.spectrum_result import SpectrumFit

__all__ = ["spectrum"]

_PORTS = (("through", "blue"), ("drop", "vermilion"))
_DEEPEST = 60.0  # [dB] below the brightest: what is fainter is not drawn


@styled
def spectrum(found: SpectrumFit, title: str = "", size: tuple[float, float] = (6.4, 4.6)) -> Figure:
    """Through and drop port with each resonance marked, and below the one at which the numbers hold.

    Decibels count from the brightest sample of both.
    """
    figure = new_figure(*size)
    upper, lower = figure.subplots(2, 1, height_ratios=(1.2, 1.0))
    shown = {name: getattr(found, name) for name, _ in _PORTS if getattr(found, name) is not None}
    brightest = max(float(np.max(power)) for power in shown.values())
    for name, colour in _PORTS:
        if name in shown:
            decibels = _decibels(shown[name], brightest)
            upper.plot(1e9 * found.wavelength, decibels, color=COLOURS[colour], lw=0.8, label=name)
    if found.baseline is not None:
        base = _decibels(found.baseline.power, brightest)
        upper.plot(
            1e9 * found.baseline.wavelength, base, color=COLOURS["ink"], lw=0.8, ls=":", label="baseline"
        )
    places = [1e9 * r.wavelength.value for r in found.resonances]
    marks: Any = {"marker": 7, "color": COLOURS["ink"], "ls": "none", "ms": 4, "clip_on": False}
    upper.plot(places, np.full(len(places), 1.02), transform=upper.get_xaxis_transform(), **marks)
    upper.set_ylabel("power [dB]")
    upper.set_xlabel("wavelength [nm]")
    upper.set_xlim(*(1e9 * found.wavelength[[0, -1]]))
    upper.legend(loc="lower right", bbox_to_anchor=(1.0, 1.03), ncols=3, handlelength=1.4)
    upper.set_title(title, pad=10)
    _one(lower, found, brightest)
    return figure


def _one(axes: Axes, found: SpectrumFit, brightest: float) -> None:
    """The samples of the reference and the line fitted to them."""
    line = found.reference.fit
    x = 1e9 * line.wavelength
    name, colour = next((n, c) for n, c in _PORTS if getattr(found, n) is not None)
    axes.plot(x, _decibels(line.power, brightest), "o", ms=2.6, mew=0, color=COLOURS[colour], label=name)
    axes.plot(x, _decibels(line.fitted, brightest), color=COLOURS["ink"], lw=1.2, label="fit")
    axes.set_xlabel("wavelength [nm]")
    axes.set_ylabel("power [dB]")
    axes.set_xlim(x[0], x[-1])
    axes.ticklabel_format(axis="x", useOffset=False)
    quality = f"Q = {number(found.quality_factor, '1', 3)}"
    axes.set_title(f"{1e9 * found.reference.wavelength.value:.3f} nm, {quality}", fontweight="normal")
    axes.legend(loc="best", handlelength=1.4)


def _decibels(power: np.ndarray, brightest: float) -> np.ndarray:
    """Over the brightest sample; NaN, so that nothing is drawn, in the dark."""
    ratio = np.asarray(power, dtype=float) / brightest
    lit = ratio > 10 ** (-_DEEPEST / 10)
    return np.where(lit, 10 * np.log10(np.where(lit, ratio, 1.0)), np.nan)
