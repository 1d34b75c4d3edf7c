"""What the figures of stability show."""

from __future__ import annotations

import numpy as np
import pytest

from photonic import plot, plot_dynamics
from photonic.continuations import continuation
from photonic.devices import CavityLoadedMZI
from photonic.maps import stability_map
from photonic.parameters import VAN_VAERENBERGH_2012 as VV

HALF = float(VV.linewidth) / 2


def labels(legend: object) -> list[str]:
    return [text.get_text() for text in legend.get_texts()]  # type: ignore[attr-defined]


def test_map_names_its_regions_lines_and_units() -> None:
    found = stability_map(VV, np.linspace(0, 1.2e-3, 40), np.linspace(-8, 2, 40) * HALF)
    figure = plot_dynamics.stability_map(found, "ring")
    (axes,) = figure.axes
    assert axes.get_xlabel() == "detuning [half-linewidths], positive = blue"
    assert axes.get_ylabel() == "input power [mW]"
    assert axes.get_xlim() == pytest.approx((-8, 2))
    assert axes.get_ylim() == pytest.approx((0, 1.2))
    assert labels(figure.legends[0]) == [
        "one stable state", "bistable", "stable or pulsing", "self-pulsing", "fold", "Hopf, supercritical",
        "Hopf, subcritical",
    ]  # fmt: skip
    for line in axes.lines:
        soft = {"Hopf, supercritical": "-", "Hopf, subcritical": "--"}.get(str(line.get_label()))
        assert soft is None or line.get_linestyle() == soft
    assert "wavelength offset [pm]" in plot.svg(figure)
    quiet = stability_map(VV, [0.0, 1e-6], [0.0])
    assert labels(plot_dynamics.stability_map(quiet).legends[0]) == ["one stable state"]


def test_top_scale_is_the_wavelength_offset() -> None:
    """62 pm red of the published resonance are −4.97 half-linewidths (linewidth 24.976 pm, physics.md)."""
    found = stability_map(VV, [0.0, 1e-3], np.array([-8, 2]) * HALF)
    figure = plot_dynamics.stability_map(found)
    (top,) = figure.axes[0].child_axes
    figure.draw_without_rendering()
    place = top.transData.transform((62.0, 0.0))[0]
    assert place == pytest.approx(figure.axes[0].transData.transform((-62 / 12.488, 0.0))[0], abs=0.5)


def test_continuation_figure() -> None:
    across = plot_dynamics.continuation(
        continuation(VV, power=0.6e-3, detunings=(-8 * HALF, 2 * HALF)), "0.6 mW"
    )
    upper, lower = across.axes
    assert upper.get_ylabel() == "stored energy [fJ]"
    assert lower.get_xlabel() == "detuning [half-linewidths], positive = blue"
    assert set(labels(upper.get_legend())) == {
        "stable", "unstable", "past a Hopf point", "fold", "Hopf, subcritical"
    }  # fmt: skip
    device = CavityLoadedMZI(VV, -5 * HALF, 1.0)
    upper, lower = plot_dynamics.continuation(continuation(device, power_max=2e-3)).axes
    assert lower.get_xlabel() == "input power [mW]"
    assert labels(lower.get_legend()) == ["bar", "cross"]
    assert "Hopf, supercritical" in labels(upper.get_legend())
