"""Figures of symbols in time: the error of a static curve against the symbol rate, and outputs on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from photonic.plot import COLOURS, new_figure, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from photonic.symbol_rates import SymbolRateLimit

__all__ = ["error_against_rate"]

_UNITS = (("GBd", 1e-9), ("MBd", 1e-6), ("kBd", 1e-3), ("Bd", 1.0))


@styled
def error_against_rate(
    found: SymbolRateLimit, title: str = "", size: tuple[float, float] = (5.2, 3.6)
) -> Figure:
    """Measured rms error at each rate with its first-order estimate; the rates that hold are shaded."""
    figure = new_figure(*size)
    axes = figure.add_subplot()
    listed = sorted(found.scanned, key=lambda e: e.rate)
    rates = np.array([e.rate for e in listed])
    unit, factor = next(((u, f) for u, f in _UNITS if np.min(rates) * f >= 0.0995), _UNITS[-1])
    x = factor * rates
    rms, largest, still, estimate = (
        100 * np.array([getattr(e, name) for e in listed])
        for name in ("rms", "largest", "without_heat", "estimate")
    )
    if found.highest is not None and found.lowest is not None:
        edges = factor * found.lowest, factor * found.highest
        axes.axvspan(*edges, color=COLOURS["sky"], alpha=0.22, lw=0, label="holds")
    axes.axhline(100 * found.tolerance, color=COLOURS["grey"], lw=0.9, ls=(0, (4, 2)))
    estimate = np.where(np.isfinite(estimate), estimate, np.nan)
    if np.any(np.isfinite(estimate)):
        axes.plot(x, estimate, color=COLOURS["orange"], lw=1.4, label="first-order estimate")
    bars = 200 * np.array([e.standard_error for e in listed])
    axes.errorbar(x, rms, bars, color=COLOURS["blue"], fmt="o", ms=4, lw=1.2, label="rms, measured (±2 s.e.)")
    axes.plot(x, largest, "^", color=COLOURS["pale"], ms=3.5, label="largest, measured")
    if not np.array_equal(still, rms):
        axes.plot(x, np.where(still > 0, still, np.nan), "o", color=COLOURS["vermilion"], ms=4, mfc="white",
                  label="rms, heat standing still")  # fmt: skip
    floor = min(0.3 * 100 * found.tolerance, 0.5 * float(np.min(rms)))
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_ylim(bottom=max(floor, 1e-3))
    axes.set_xlabel(f"symbol rate [{unit}]")
    axes.set_ylabel("error of the static curve [% of range]")
    axes.text(
        0.995, 100 * found.tolerance, f"tolerance {100 * found.tolerance:g} %", ha="right", va="bottom",
        fontsize=8, color=COLOURS["grey"], transform=axes.get_yaxis_transform(),
    )  # fmt: skip
    axes.set_title(title)
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), ncols=2)
    return figure
