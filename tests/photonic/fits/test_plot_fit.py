"""Figures of fits: what is drawn is what was measured and fitted, in the units of the labels."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photonic import plot, presets
from photonic.devices import RingThrough
from photonic.drive import Drive
from photonic.dynamics import simulate
from photonic.errors import ParameterError
from photonic.fits.experiments import Experiment
from photonic.fits.fitted import Fit
from photonic.fits.fitting import fit
from photonic.lab.measured import Measured
from photonic.lab.port_spectra import PortSpectrum
from photonic.lab.responses import MeasuredResponse
from photonic.mach_zehnder import MachZehnder
from photonic.parameters import VAN_VAERENBERGH_2012
from photonic.plot_fit import corner, fit_curve, measured

RING = VAN_VAERENBERGH_2012.with_effects(heating=False)
BISTABLE = RingThrough(RING, RING.detuning(half_linewidths=6))  # folds at 2.16 and 0.41 mW


def sweeps() -> Measured:
    """Up and down through both folds."""
    power = np.linspace(2e-5, 3e-3, 80)
    out = np.r_[BISTABLE.transfer(power, sweep="up"), BISTABLE.transfer(power[::-1], sweep="down")]
    noise = 5e-6 * np.random.default_rng(0).standard_normal(160)
    return Measured(np.r_[power, power[::-1]], out + noise, direction=np.repeat([1, -1], 80))


@pytest.fixture(scope="module")
def sound() -> Fit:
    """Two numbers of a neuron, noise of 1 µW known."""
    device, power = presets.SIGMOID, np.linspace(5e-6, 2e-3, 80)
    noise = 1e-6 * np.random.default_rng(0).standard_normal(80)
    data = Measured(power, device.transfer(power) + noise, 1e-6)
    guess = dataclasses.replace(device, arm_phase=device.arm_phase + 0.1)
    return fit(guess, data, ["arm_phase", "detuning"], starts=0)


@pytest.fixture(scope="module")
def degenerate() -> Fit:
    """Lifetime and index undo each other, the detuning is held."""
    free = ["detuning", "carrier_lifetime", "index_per_carrier", "free_carrier_cross_section"]
    return fit(BISTABLE, sweeps(), free, starts=0)


def lines(axes: Any) -> dict[str, Any]:
    return {line.get_label(): line for line in axes.lines}


def test_readings_and_their_band() -> None:
    power = np.linspace(1e-5, 1e-3, 40)
    noise = 2e-6 * np.random.default_rng(1).standard_normal(40)
    data = Measured(power, 0.4 * power + noise, 2e-6)
    axes = measured(data, "a line").axes[0]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("input power [mW]", "output power [µW]")
    points = lines(axes)["readings"]
    assert points.get_xdata() == pytest.approx(1e3 * power)
    assert points.get_ydata() == pytest.approx(1e6 * data.power_out)
    # 95 % of readings: 1.96 standard deviations of 2 µW on either side
    (band,) = axes.collections
    heights = band.get_paths()[0].get_extents()
    assert heights.height == pytest.approx(0.4 * 990 + 2 * 1.96 * 2.0, rel=0.03)


def test_sweeps_have_colours_and_arrows_and_a_gap_where_they_jump() -> None:
    axes = measured(sweeps()).axes[0]
    shown = lines(axes)
    assert {"readings, up", "readings, down"} <= set(shown)
    assert shown["readings, up"].get_color() != shown["readings, down"].get_color()
    up, down = axes.texts  # each arrow points the way of its sweep
    assert up.xy[0] > up.xyann[0]
    assert down.xy[0] < down.xyann[0]
    curves = [line for name, line in shown.items() if name.startswith("_")]
    assert len(curves) == 4  # two pieces each
    assert len(axes.collections) == 4


def test_few_readings_are_drawn_without_a_curve() -> None:
    axes = measured(Measured([1e-3, 2e-3], [1e-4, 3e-4])).axes[0]
    assert len(axes.lines) == 1
    assert not axes.collections
    data = Measured(np.linspace(1e-3, 2e-3, 9), np.linspace(1e-4, 2e-4, 9))
    assert len(measured(data, smooth=False).axes[0].lines) == 1


def test_a_fit_with_its_residuals(sound: Fit) -> None:
    upper, lower = fit_curve(sound, title="sigmoid").axes
    data = sound.experiments[0].measured
    assert (lower.get_xlabel(), lower.get_ylabel()) == ("input power [mW]", "seen − fit [µW]")
    assert upper.get_ylabel() == "output power [mW]"
    points = lower.lines[0]
    assert points.get_xdata() == pytest.approx(1e3 * data.power_in)
    expected = sound.device.transfer(data.power_in)
    assert points.get_ydata() == pytest.approx(1e6 * (data.power_out - expected), rel=1e-6)
    drawn = lines(upper)["fit"]
    fitted = 1e3 * sound.device.transfer(1e-3 * drawn.get_xdata())
    assert drawn.get_ydata() == pytest.approx(fitted, rel=1e-8)
    band = lower.collections[0].get_paths()[0].get_extents()
    assert (band.y0, band.y1) == pytest.approx((-1.0, 1.0))  # one standard deviation, 1 µW


def test_a_bistable_fit_is_not_joined_where_it_jumps(degenerate: Fit) -> None:
    upper = fit_curve(degenerate).axes[0]
    up = lines(upper)["fit"]
    x, gap = up.get_xdata(), np.flatnonzero(np.isnan(up.get_ydata()))
    assert gap.size == 1
    # the readings fall by half a milliwatt where they jump
    data = sweeps().swept("up").take(slice(0, 80))
    place = int(np.argmin(np.diff(data.power_out)))
    low, high = 1e3 * data.power_in[[place, place + 1]]
    assert low - 0.01 < x[gap[0] - 1] < high + 0.01


def test_each_experiment_has_a_column() -> None:
    power = np.linspace(1e-5, 1e-3, 30)
    noise = 1e-6 * np.random.default_rng(0).standard_normal((2, 30))
    given = [Measured(power, MachZehnder(1.0).transfer(power) + e, 1e-6) for e in noise]
    figure = fit_curve(fit(MachZehnder(0.9), given, ["arm_phase"], starts=0))
    assert [a.get_title(loc="left") for a in figure.axes[:2]] == ["experiment 0", "experiment 1"]
    assert len(figure.axes) == 4


def test_a_line_to_readings_at_one_power_begins_in_the_dark() -> None:
    data = Measured([1e-3] * 4, [2.29e-4, 2.30e-4, 2.31e-4, 2.30e-4])
    upper = fit_curve(fit(MachZehnder(0.9), data, ["arm_phase"], starts=0, intervals="wald")).axes[0]
    x, y = lines(upper)["fit"].get_data()
    assert (x[0], y[0]) == (0.0, 0.0)
    assert (x[-1], y[-1]) == pytest.approx((1.0, 230.0), rel=1e-6)  # the mean, in mW and µW


def test_regions_hold_what_they_say(sound: Fit) -> None:
    figure = corner(sound)
    panel = figure.axes[2]
    assert panel.get_xlabel() == "arm_phase\n[rad]"
    assert panel.get_ylabel() == "detuning\n[Grad/s]"
    phase, offset = sound.estimates["arm_phase"], sound.estimates["detuning"]
    outer, inner = (patch.get_path().vertices for patch in panel.patches)
    # 95 and 68 % of a Gaussian in two dimensions: χ² of 5.991 and 2.279
    for region, square in ((outer, 5.991), (inner, 2.279)):
        half = np.ptp(region, axis=0) / 2
        assert half[0] == pytest.approx(square**0.5 * phase.standard_error, rel=0.01)
        assert half[1] == pytest.approx(square**0.5 * 1e-9 * offset.standard_error, rel=0.01)
    tilt = np.corrcoef(outer.T)[0, 1]
    assert np.sign(tilt) == np.sign(sound.correlation[0, 1])


def test_profiles_and_intervals(sound: Fit) -> None:
    panel = corner(sound).axes[0]
    parabola, profile, low, high, level = panel.lines
    assert low.get_xdata()[0] == pytest.approx(sound.estimates["arm_phase"].interval[0])
    assert high.get_xdata()[0] == pytest.approx(sound.estimates["arm_phase"].interval[1])
    assert level.get_ydata()[0] == pytest.approx(3.84, abs=0.01)
    # at the ends of a 95 % interval χ² has risen by 3.84
    ends = np.interp([low.get_xdata()[0], high.get_xdata()[0]], profile.get_xdata(), profile.get_ydata())
    assert ends == pytest.approx(3.84, rel=0.05)
    assert parabola.get_ydata().min() == pytest.approx(0.0, abs=1e-12)


def test_numbers_that_undo_each_other_are_a_line(degenerate: Fit) -> None:
    figure = corner(degenerate)
    axes = np.empty((4, 4), dtype=object)
    for k, panel in enumerate(figure.axes):
        axes[k // 4, k % 4] = panel
    assert axes[1, 1].texts[0].get_text() == "not held"
    # τ dn/dN is what the data hold: the product is the same all along
    _, line = axes[2, 1].lines
    product = line.get_xdata() * line.get_ydata()
    assert product == pytest.approx(product[0], rel=1e-9)
    assert axes[2, 1].get_visible()
    assert not axes[1, 2].get_visible()
    # the detuning is held whatever the others do: a band of 1.96 standard errors on either side
    wide = axes[1, 0].patches[0].get_extents().transformed(axes[1, 0].transData.inverted())
    error = 1e-9 * degenerate.estimates["detuning"].standard_error
    assert wide.width == pytest.approx(2 * 1.96 * error, rel=0.02)
    assert axes[3, 3].get_xlabel().startswith("free_carrier_\ncross_section\n[10⁻²")


def test_one_number_and_no_profile(tmp_path: Path) -> None:
    power = np.linspace(1e-5, 1e-3, 30)
    noise = 1e-6 * np.random.default_rng(0).standard_normal(30)
    data = Measured(power, MachZehnder(1.0).transfer(power) + noise)
    found = fit(MachZehnder(0.9), data, ["arm_phase"], starts=0, intervals="wald")
    figure = corner(found)
    assert len(figure.axes) == 1
    assert figure.axes[0].get_xlabel() == "arm_phase\n[rad]"
    for name, drawn in (("corner", figure), ("fit", fit_curve(found)), ("measured", measured(data))):
        plot.save(drawn, tmp_path / f"{name}.svg")
        assert (tmp_path / f"{name}.svg").stat().st_size > 5000


# --------------------------------------------------------------------------- other kinds of measurements
STEP = Drive.held([-1e-9, 0.0, 9e-9], [0.3e-3, 1.3e-3])
TIMES = np.linspace(-0.4e-9, 8e-9, 43)
DULL = dataclasses.replace(RING, scattering_rate=1.2e10)
HALF = RING.wavelength**2 * DULL.linewidth / (4 * np.pi * 299_792_458.0)  # half a linewidth [m]
OFFSET = np.linspace(-4, 4, 41)


def lorentzian(offset: np.ndarray) -> np.ndarray:
    """Through port, at an offset in half-linewidths."""
    return np.abs(1 - DULL.coupling_rate / (DULL.linewidth / 2 * (1 + 1j * offset))) ** 2


@pytest.fixture(scope="module")
def joint() -> Fit:
    """A curve, a line and a step of one ring, with files and without, all exact."""
    device, power = RingThrough(DULL, DULL.detuning(half_linewidths=-0.6)), np.linspace(2e-5, 2e-3, 30)
    curve = Measured(power, device.transfer(power), 1e-6, {"file": "sweep.csv"})
    line = PortSpectrum(DULL.wavelength + OFFSET * HALF, lorentzian(OFFSET), 0.005, relative=True)
    settled = simulate(device, 0.3e-3, [0.0, 100e-9])
    out = simulate(device, STEP, np.r_[-1e-9, TIMES], initial=settled).power_out[1:]
    step = MeasuredResponse(TIMES, STEP, 0.05 * out, 1e-7, {"file": "scope$1$.csv"})
    at = {"output_scale": 0.05}
    given = [curve, line, Experiment(step, at=at)]
    return fit(device, given, ["carrier_lifetime"], starts=0, intervals="wald")


def test_every_kind_of_measurement_is_drawn(joint: Fit) -> None:
    figure = fit_curve(joint)
    upper, lower = figure.axes[:3], figure.axes[3:]
    assert len(figure.axes) == 6
    assert [a.get_title(loc="left") for a in upper] == ["sweep.csv", "experiment 1", "scope$1$.csv"]
    svg = plot.svg(figure)
    assert "scope$1$.csv" in svg  # a name is no formula
    assert [a.get_xlabel() for a in lower] == ["input power [mW]", "wavelength [nm]", "time [ns]"]
    assert [a.get_ylabel() for a in upper] == ["output power [mW]", "transmission [dB]", "output power [µW]"]
    assert [a.get_ylabel()[:12] for a in lower] == ["seen − fit ["] * 3
    assert lower[1].get_ylabel() == "seen − fit [1]"
    shown = [sorted(text.get_text() for text in a.get_legend().get_texts()) for a in upper]
    assert shown == [["fit", "readings"], ["fit", "readings"], ["fit", "input × 0.04", "readings"]]
    for panel in lower:
        assert panel.lines[0].get_ydata() == pytest.approx(0.0, abs=1e-3)


def test_a_deep_line_is_drawn_in_decibels_and_smoothly(joint: Fit) -> None:
    panel = fit_curve(joint).axes[1]
    points, curve = (lines(panel)[name] for name in ("readings", "fit"))
    assert points.get_xdata() == pytest.approx(1e9 * (DULL.wavelength + OFFSET * HALF), rel=1e-12)
    assert points.get_ydata() == pytest.approx(10 * np.log10(lorentzian(OFFSET)))
    x = curve.get_xdata()
    assert x.size >= 800
    offset = (1e-9 * x - DULL.wavelength) / HALF
    assert curve.get_ydata() == pytest.approx(10 * np.log10(lorentzian(offset)), abs=0.02)


@pytest.mark.parametrize(
    ("floor", "relative", "label", "left"),
    [
        (0.3, True, "transmission [1]", "1"),
        (0.3, False, "output power [µW]", "nW"),
        (0.0, False, "output power [dBm]", "nW"),
        (-0.06, True, "transmission [1]", "1"),  # noise below 0 has no level
    ],
)
def test_units_of_a_spectrum(floor: float, relative: bool, label: str, left: str) -> None:
    seen = lorentzian(OFFSET) + floor
    seen = seen if relative else 3e-6 * seen
    line = PortSpectrum(DULL.wavelength + OFFSET * HALF, seen, relative=relative)
    found = fit(RingThrough(DULL, 0.0), line, ["output_scale"], starts=0, intervals="wald")
    upper, lower = fit_curve(found).axes
    assert upper.get_ylabel() == label
    assert lower.get_ylabel() == f"seen − fit [{left}]"
    # in decibels readings are but points, elsewhere they have bars
    assert len(upper.collections) == (0 if "dB" in label else 1)


def test_an_answer_in_time_has_its_input(joint: Fit) -> None:
    panel = fit_curve(joint).axes[2]
    data = joint.experiments[2].measured
    drawn = lines(panel)
    (name,) = [label for label in drawn if label.startswith("input")]
    shrunk = float(name.removeprefix("input × "))
    assert shrunk == pytest.approx(data.power_out.max() / 1.3e-3, rel=0.1)
    x, y = drawn[name].get_data()
    assert y[x < 0] == pytest.approx(300 * shrunk)
    assert y[x > 0] == pytest.approx(1300 * shrunk)
    assert y[x == 0] == pytest.approx([300 * shrunk, 300 * shrunk, 1300 * shrunk])  # upright
    x, y = drawn["fit"].get_data()
    shown = y[np.searchsorted(x, 1e9 * TIMES - 1e-9)]
    assert shown == pytest.approx(1e6 * data.power_out, rel=1e-3)


def test_an_output_of_the_size_of_its_input_shares_its_scale() -> None:
    device = RingThrough(DULL, DULL.detuning(half_linewidths=-0.6))
    out = simulate(device, STEP, np.r_[-1e-9, TIMES]).power_out[1:]
    step = MeasuredResponse(TIMES, STEP, out, 1e-6)
    panel = fit_curve(fit(device, step, ["output_scale"], starts=0, intervals="wald")).axes[0]
    assert panel.get_title(loc="left") == ""
    assert panel.get_ylabel() == "output power [mW]"
    assert lines(panel)["input"].get_ydata().max() == pytest.approx(1.3)


def test_a_title_is_text(sound: Fit) -> None:
    with pytest.raises(ParameterError, match="title must be text, got 1"):
        fit_curve(sound, title=1)  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="title must be text, got 1"):
        measured(sweeps(), 1)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="positional"):
        fit_curve(sound, 1)  # type: ignore[misc]


# --------------------------------------------------------------------------- where intervals end
def threshold(found: Fit) -> tuple[float, Any]:
    """Height of the dotted line, and of the profile of the first number at the ends of its interval."""
    _, profile, low, high, level = corner(found).axes[0].lines
    ends = [low.get_xdata()[0], high.get_xdata()[0]]
    return level.get_ydata()[0], np.interp(ends, profile.get_xdata(), profile.get_ydata())


@pytest.mark.parametrize(
    ("size", "sigma", "loss", "square"),
    [
        (10, None, "linear", 2.306**2),  # t of 8 degrees of freedom, from tables
        (10, 1e-6, "linear", 1.960**2),  # three times too small: the intervals are widened
        (80, None, "cauchy", 1.991**2),  # 78 degrees
    ],
)
def test_the_dotted_line_is_where_intervals_end(size: int, sigma: Any, loss: Any, square: float) -> None:
    device, power = presets.SIGMOID, np.linspace(5e-6, 2e-3, size)
    out = device.transfer(power) + 3e-6 * np.random.default_rng(0).standard_normal(size)
    found = fit(device, Measured(power, out, sigma), ["arm_phase", "detuning"], starts=0, loss=loss)
    level, ends = threshold(found)
    assert level == pytest.approx(square, rel=1e-3)
    assert ends == pytest.approx([square, square], rel=0.05)
