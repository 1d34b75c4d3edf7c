"""Slopes of the light of a line against differences, and residuals of lines in samples that are known."""

from __future__ import annotations

import math

import numpy as np
import pytest

from photonic.lab.baselines import LocalRipple, baseline
from photonic.lab.resonances import Line
from photonic.lab.spectrum_channels import channels_of
from photonic.lab.spectrum_light import light
from photonic.lab.spectrum_lines import fitted_line
from photonic.lab.spectrum_residuals import line_curve
from photonic.lab.spectrum_shapes import line, split_through, through
from photonic.lab.spectrum_windows import WINDOW, window

C = 299792458.0
X = np.linspace(1.549e-6, 1.551e-6, 1001)  # 2 pm
WIDTH = 60e-12
UNIT = WIDTH * C / 1.55e-6**2
LINE = Line(wavelength=1.55e-6, width=WIDTH, height=0.8, score=50.0)
ROOM = (1.0, 1.0)


def measured(power, drops=False, **options):
    channel = channels_of(X, power)[0]
    base = baseline(channel, np.abs(X - 1.55e-6) > 6 * WIDTH, look=False)
    ripple = base.ripple.near(1.55e-6)
    return channel, base, window(channel, base, ripple, LINE, WINDOW, ROOM, drops=drops, **options)


def dip(depth=0.8):
    return 1e-5 * (1 - depth / (1 + (2 * (X - 1.55e-6) / WIDTH) ** 2))


NUMBERS = {
    "single": [0.1, 0.2, 0.7, 0.1, 0.05, -0.1, 0.02],
    "under": [0.1, 0.2, 0.6, 0.1, 0.7, 0.05, -0.1, 0.02],
}


@pytest.mark.parametrize("free_range", [None, 20 * UNIT])
@pytest.mark.parametrize("drops", [False, True])
@pytest.mark.parametrize("model", ["single", "under"])
def test_slopes_are_those_of_differences(model, drops, free_range):
    _, _, port = measured(dip(), drops)
    values = np.array(NUMBERS[model] + ([-0.3, 0.2, 1.0] if drops else []))
    found = light(model, values, port, UNIT, free_range)
    for k, step in enumerate(1e-5 * np.eye(values.size)):
        more, less = (light(model, values + s, port, UNIT, free_range).power for s in (step, -step))
        expected = (more - less) / 2e-5
        assert found.slopes[k] == pytest.approx(expected, abs=1e-7 * float(np.abs(found.power).max()))


@pytest.mark.parametrize("model", ["single", "under"])
def test_light_is_baseline_times_the_shape(model):
    _, _, port = measured(dip())
    values = np.array(NUMBERS[model])
    width = np.array(UNIT * math.exp(0.2))
    tilt = port.offset / (6 * UNIT)
    base = port.base * np.exp(0.05 - 0.1 * tilt + 0.02 * tilt**2)
    split = 0.0 if model == "single" else 0.7 * UNIT
    shape = line(port.offset - 0.1 * UNIT, width, 20 * UNIT, split)
    if model == "single":
        share = through(shape, 0.7, 0.1)
    else:
        share = split_through(shape, 0.6, 0.1, width, 20 * UNIT)
    found = light(model, values, port, UNIT, 20 * UNIT)
    assert found.base == pytest.approx(base)
    assert found.power == pytest.approx(base * share)


def test_windows_hold_the_means_of_their_samples():
    power = dip()
    _, _, whole = measured(power, thin=False)
    inside = np.abs(X - 1.55e-6) <= 6 * WIDTH
    assert whole.power.tolist() == power[inside].tolist()
    _, _, thin = measured(power)
    assert thin.power.size <= 162
    assert int(thin.count.sum()) == int(inside.sum())
    assert float(thin.count @ thin.power) == pytest.approx(float(power[inside].sum()))


def test_residual_counts_every_sample_and_takes_nothing_off():
    """White noise of 1 %: 0.0434 dB, the linewidths on either side alone."""
    rng = np.random.default_rng(0)
    channel, base, _ = measured(dip() * (1 + 0.01 * rng.standard_normal(X.size)))
    single, _ = fitted_line(LINE, channel, base, None, None, ROOM)
    curve = line_curve(single, channel, base, drops=False)
    assert int(curve.near.sum()) == pytest.approx(6 * WIDTH / 2e-12, rel=0.05)
    assert curve.raw_rms == pytest.approx(0.01, rel=0.2)
    assert not curve.ripple[~curve.near].any()


def test_ripple_is_expected_from_the_samples_outside_alone():
    """A ripple with a period of 12 linewidths goes on inside; the samples inside do not matter."""
    wave = 0.05 * np.sin(2 * math.pi * (X - 1.55e-6) / (12 * WIDTH) + 1)
    rng = np.random.default_rng(2)
    noise = 1 + 0.001 * rng.standard_normal(X.size)
    channel, base, _ = measured(dip() * np.exp(wave) * noise)
    single, _ = fitted_line(LINE, channel, base, None, None, ROOM)
    curve = line_curve(single, channel, base, drops=False)
    assert curve.rms < curve.raw_rms
    bumped = channels_of(X, channel.power * np.where(np.abs(X - 1.55e-6) < WIDTH, 1.5, 1.0))[0]
    again = line_curve(single, bumped, base, drops=False)
    assert again.ripple == pytest.approx(curve.ripple, rel=1e-2, abs=1e-4)
    assert again.raw_rms > 5 * curve.raw_rms


def test_local_ripple():
    one = LocalRipple(lag=np.array([0.0, 1.0, 2.0]), correlation=np.array([4.0, 2.0, 0.0]))
    assert one.variance == 4.0
    found = one.covariance(np.array([0.0, 5.0]), np.array([0.5, 4.0, 9.0]))
    assert found.tolist() == [[3.0, 0.0, 0.0], [0.0, 2.0, 0.0]]


def test_line_on_a_fine_grid():
    channel, base, _ = measured(dip())
    single, _ = fitted_line(LINE, channel, base, None, None, ROOM)
    curve = line_curve(single, channel, base, drops=False)
    assert curve.grid.size >= 600
    truth = 1 - 0.8 / (1 + (2 * (curve.grid - 1.55e-6) / WIDTH) ** 2)
    assert curve.drawn / 1e-5 == pytest.approx(truth, abs=3e-3)
