"""Figures in time: what they are given is what they draw, in units that read well."""

import dataclasses

import numpy as np
import pytest

from photonic import plot, plot_time
from photonic.dynamics import simulate
from photonic.errors import ParameterError
from photonic.modulation import frequency_response
from photonic.parameters import VAN_VAERENBERGH_2012 as RING
from photonic.pulsation import self_pulsation
from photonic.ramps import hysteresis
from photonic.stability import steady_states

DETUNING = RING.detuning(62e-12)


@pytest.fixture(scope="module")
def trace():
    times = np.linspace(0, 300e-9, 601)
    return simulate(RING, 0.6e-3, times, detuning=DETUNING, initial={"temperature": 0.7})


@pytest.fixture(scope="module")
def cycle():
    return self_pulsation(RING, 0.6e-3, detuning=DETUNING)


def test_traces_are_stacked_over_one_time_axis(trace):
    figure = plot_time.traces(trace, "a ring", marks=[100e-9])
    assert [axes.get_ylabel().split("[")[1] for axes in figure.axes] == ["µW]", "10²³ 1/m³]", "K]"]
    assert figure.axes[-1].get_xlabel() == "time [ns]"
    x, y = figure.axes[2].lines[0].get_data()
    assert x == pytest.approx(1e9 * trace.times)
    assert y == pytest.approx(trace.temperature)
    assert 1e23 * figure.axes[1].lines[0].get_ydata() == pytest.approx(trace.carriers)
    assert figure.axes[0].get_xlim() == pytest.approx((0, 300))


def test_frozen_heat_has_no_temperature_panel():
    cold = simulate(RING.with_effects(heating=False), 1e-4, [0, 1e-9], detuning=0.0)
    assert len(plot_time.traces(cold).axes) == 2
    batch = simulate(RING, np.array([[1e-4], [2e-4]]), [0, 1e-9], detuning=0.0)
    with pytest.raises(ParameterError, match="batch"):
        plot_time.traces(batch)


def test_a_phase_portrait_shows_the_states(trace, cycle):
    states = steady_states(RING, 0.6e-3, DETUNING)
    figure = plot_time.phase_portrait({"start": trace, "cycle": cycle.waveform}, states=states)
    labels = {line.get_label() for line in figure.axes[0].lines}
    assert {"start", "cycle", "stable state", "unstable state"} <= labels
    points = [line for line in figure.axes[0].lines if line.get_linestyle() == "None"]
    assert sorted(float(p.get_xdata()[0]) for p in points) == pytest.approx([s.temperature for s in states])
    with pytest.raises(ParameterError, match="power_through and power_drop"):
        plot_time.phase_portrait(trace, "power_out", states=states)
    with pytest.raises(ParameterError, match="at least one"):
        plot_time.phase_portrait({})


def test_a_spectrum_has_its_lines_at_the_harmonics(cycle):
    axes = plot_time.spectrum(cycle, harmonics=5).axes[0]
    dots = next(line for line in axes.lines if line.get_label() == "harmonics")
    assert dots.get_xdata() == pytest.approx(1e-6 * np.arange(1, 6) / cycle.period)
    assert dots.get_ydata() == pytest.approx(1e6 * cycle.harmonics[1:6])


def test_a_bode_diagram():
    frequencies = np.geomspace(1e4, 1e9, 50)
    found = frequency_response(RING, 1e-6, frequencies, detuning=0.0, input="heat")
    figure = plot_time.bode(found, ["temperature", "power_drop"])
    gain = figure.axes[0].lines[0]
    expected = -10 * np.log10(1 + (2 * np.pi * frequencies * 65e-9) ** 2)  # a single pole
    assert gain.get_ydata() == pytest.approx(expected, abs=0.5)
    assert len([line for line in figure.axes[0].lines if line.get_label() == "second port"]) == 0
    with pytest.raises(ParameterError, match="two or more"):
        plot_time.bode(found.at([1e6]))


def test_a_loop_stands_before_its_steady_states(kerr_ring):
    found = hysteresis(kerr_ring, 12e-3, 0.5e-6, detuning=kerr_ring.detuning(half_linewidths=-3))
    for quantity in ("power_out", "energy", "carriers", "power_in", "power_drop"):
        axes = plot_time.loop(found, quantity).axes[0]
        labels = {line.get_label() for line in axes.lines}
        assert {"stable states", "unstable states", "power up", "power down"} <= labels
    lines = {line.get_label(): line for line in plot_time.loop(found).axes[0].lines}
    x, y = lines["stable states"].get_data()
    low = np.isfinite(y) & (x < 5)
    rising = lines["power up"].get_data()
    assert np.interp(x[low], *rising) == pytest.approx(y[low], abs=0.02)  # mW


@pytest.mark.parametrize(
    ("quantity", "largest", "unit"),
    [
        ("power_in", 2e-3, "mW"), ("energy", 3e-15, "fJ"), ("energy", 3e-18, "aJ"),
        ("carriers", 5e22, "10²² 1/m³"), ("carriers", 0.0, "10²² 1/m³"), ("temperature", 1e-3, "mK"),
    ],
)  # fmt: skip
def test_units_fit_the_numbers(quantity, largest, unit):
    assert plot_time.scale(quantity, largest)[1] == unit
    with pytest.raises(ParameterError, match="did you mean"):
        plot_time.scale("carrier", 1.0)


def test_figures_are_saved(trace, tmp_path):
    plot.save(plot_time.traces(dataclasses.replace(trace)), tmp_path / "a.svg")
    assert (tmp_path / "a.svg").read_text(encoding="utf-8").startswith("<svg")
