"""Figures: they draw what they are given and leave Matplotlib as it was."""

import matplotlib
import numpy as np
import pytest

from photonic import plot
from photonic.curve import Curve
from photonic.devices import RingThrough
from photonic.errors import ParameterError
from photonic.parameters import VAN_VAERENBERGH_2012 as RING


def test_units_are_chosen_by_size():
    assert [plot.power_unit(p)[1] for p in (2.0, 1e-3, 0.9e-3, 2e-7, 1e-12)] == ["W", "mW", "µW", "nW", "nW"]


def test_curves_keep_their_jumps_apart():
    device = RingThrough(RING.with_effects(heating=False), RING.detuning(half_linewidths=6))
    down = device.curve(1e-3, sweep="down")
    assert down.jumps.size == 1
    axes = plot.curves({"down": down}).axes[0]
    solid = [line for line in axes.lines if line.get_linestyle() == "-"]
    assert len(solid) == 2
    assert axes.get_xlabel() == "input power [mW]"
    ends = sorted(line.get_xdata()[-1] for line in solid)
    assert ends == pytest.approx([1e3 * down.jumps[0], 1.0])


def test_branches_show_stability_and_folds():
    device = RingThrough(RING, RING.detuning(62e-12))
    axes = plot.branches(device, 1e-3).axes[0]
    labels = {line.get_label() for line in axes.lines}
    assert {"stable", "unstable", "fold", "Hopf point"} <= labels


def test_a_table_of_scores():
    figure = plot.reachability([[0.99, np.nan], [0.5, 1.0]], ["a", "b"], ["0.1 mW", "0.2 mW"])
    texts = [t.get_text() for t in figure.axes[0].texts]
    assert texts == ["0.9900", "–", "0.5000", "1.0000"]
    with pytest.raises(ParameterError, match="shape"):
        plot.reachability([[1.0]], ["a", "b"], ["x"])


def test_no_setting_of_matplotlib_is_changed():
    before = dict(matplotlib.rcParams)
    p = np.linspace(0, 1e-3, 20)
    plot.svg(plot.curves({"line": Curve(p, 0.5 * p)}))
    assert dict(matplotlib.rcParams) == before
    assert "matplotlib.pyplot" not in plot.new_figure.__globals__


def test_the_same_figure_gives_the_same_file():
    p = np.linspace(0, 1e-3, 20)
    one, two = (plot.svg(plot.curves({"line": Curve(p, 0.5 * p)})) for _ in range(2))
    assert one == two
    assert "<metadata" not in one
    assert "http://" not in one.replace("http://www.w3.org", "")


def test_unknown_figure_formats_are_refused(tmp_path):
    p = np.linspace(0, 1e-3, 20)
    with pytest.raises(ParameterError, match="bmp"):
        plot.save(plot.curves({"line": Curve(p, 0.5 * p)}), tmp_path / "a.bmp")
