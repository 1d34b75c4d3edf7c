"""Finding lines and sorting them into combs."""

from __future__ import annotations

import numpy as np
import pytest

from photonic.lab.resonances import Line, combs, lines, off_resonance
from photonic.lab.spectrum_channels import channels_of, roles
from photonic.lab.spectrum_modes import modes

C = 299792458.0
X = np.linspace(1.54e-6, 1.56e-6, 8001)  # 2.5 pm


def channel(power):
    return channels_of(X, power)[0]


def dips(widths, places, depth=0.7, seed=0):
    power = 1e-5 * np.ones_like(X)
    for width, place in zip(widths, places, strict=True):
        power *= 1 - depth / (1 + (2 * (X - place) / width) ** 2)
    rng = np.random.default_rng(seed)
    return power * (1 + 0.003 * rng.standard_normal(X.size))


def test_widths_over_a_decade_and_a_half():
    widths = [15e-12, 60e-12, 240e-12]
    places = [1.5431e-6, 1.5507e-6, 1.5569e-6]
    found = lines(channel(dips(widths, places)), peaks=False)
    assert [line.wavelength for line in found] == pytest.approx(places, abs=5e-12)
    assert [line.width for line in found] == pytest.approx(widths, rel=0.3)


def test_noise_and_ripple_hold_no_lines():
    rng = np.random.default_rng(3)
    power = 1e-5 * (1 + 0.03 * np.sin(2 * np.pi * X / 0.2e-9) + 0.01 * rng.standard_normal(X.size))
    assert lines(channel(power), peaks=False) == []


def test_a_glitch_of_one_sample_is_no_line():
    power = dips([], [])
    power[4000] *= 0.3
    assert lines(channel(power), peaks=False) == []


def test_peaks():
    power = 1e-9 + 1e-5 / (1 + (2 * (X - 1.55e-6) / 50e-12) ** 2)
    (found,) = lines(channel(power), peaks=True)
    assert found.wavelength == pytest.approx(1.55e-6, abs=5e-12)


def made(frequency, score=50.0):
    return Line(wavelength=C / frequency, width=30e-12, height=0.7, score=score)


def test_comb_with_a_gap_and_a_stray_line():
    m = np.array([0, 1, 2, 4, 5, 6])
    frequency = 190e12 + 1.1e12 * m + 1e9 * m**2
    given = [made(f) for f in frequency] + [made(191.4e12, score=9.0)]
    (comb,) = combs(given, (189.5e12, 197.2e12))
    assert np.diff(comb.numbers).tolist() == [1, 1, 2, 1, 1]
    assert [line.frequency for line in comb.lines] == pytest.approx(frequency)


def test_two_combs():
    m = np.arange(7)
    one, two = (190e12 + 1.1e12 * m + shift for shift in (0.0, 60e9))
    families = combs([made(f) for f in (*one, *two)], (189.5e12, 197.2e12))
    assert sorted(len(f.lines) for f in families) == [7, 7]
    for family in families:
        assert np.diff([line.frequency for line in family.lines]) == pytest.approx(np.full(6, 1.1e12))


def test_mask_grows_where_lines_are_crowded():
    crowded = [made(C / w) for w in np.linspace(1.54e-6, 1.56e-6, 60)]
    off = off_resonance(X, crowded)
    assert 0.2 < off.mean() < 0.9


def test_modes_with_dispersion():
    """ν(m) given; n_g = c/(L dν/dm) and its slope by hand."""
    m = np.arange(-4, 5)
    nu = 193.4e12 + 1.13e12 * m + 0.5 * 2e9 * m**2
    found = modes(m.tolist(), nu.tolist(), [1e6] * 9, 1)
    spacing = 1.13e12 + 2e9
    at = 193.4e12 + 1.13e12 + 1e9
    assert found.frequency == pytest.approx(at)
    assert found.free_spectral_range.value == pytest.approx(C / at**2 * spacing)
    length = 63e-6
    assert found.group_index(length).value == pytest.approx(C / (length * spacing))
    step = 1e-3  # of a mode
    later = C / (length * (spacing + 2e9 * step))
    slope = (later - C / (length * spacing)) / (C / (at + spacing * step) - C / at)
    assert found.group_index_slope(length).value == pytest.approx(slope, rel=1e-3)


def test_modes_scatter_sets_the_interval():
    rng = np.random.default_rng(1)
    m = np.arange(9)
    held = []
    for _ in range(300):
        nu = 193e12 + 1.1e12 * m + 1e9 * rng.standard_normal(9)
        fsr = modes(m.tolist(), nu.tolist(), [1e5] * 9, 4).free_spectral_range
        at = 193e12 + 4.4e12
        held.append(fsr.low < C / at**2 * 1.1e12 < fsr.high)
    assert 0.91 < np.mean(held) < 0.985  # 95 % and three standard deviations of 300 trials


def test_one_mode_has_no_range():
    assert modes([0], [193e12], [1e6], 0) is None


def test_roles_by_light():
    rng = np.random.default_rng(2)
    dark = 1e-9 * np.abs(rng.standard_normal(X.size))
    peak = 0.8e-5 / (1 + (2 * (X - 1.55e-6) / 50e-12) ** 2)
    columns = np.column_stack([dark, 0.1 * peak + dark, dips([50e-12], [1.55e-6]), peak + dark])
    given = channels_of(X, columns, ["a", "b", "c", "d"])
    assert roles(given) == {"a": "dark", "b": "add", "c": "through", "d": "drop"}


def test_noise_of_a_channel():
    rng = np.random.default_rng(4)
    true = 1e-5 * np.exp(-(((X - 1.55e-6) / 4e-9) ** 2))
    power = true * (1 + 0.01 * rng.standard_normal(X.size)) + 3e-9 * rng.standard_normal(X.size)
    one = channel(power)
    assert one.floor == pytest.approx(3e-9, rel=0.3)
    assert one.relative == pytest.approx(0.01, rel=0.3)
    assert one.jitter < 1e-12


def test_jitter_of_the_laser():
    rng = np.random.default_rng(5)
    shaken = X + 0.3e-12 * rng.standard_normal(X.size)
    power = 1e-5 * np.ones_like(X)
    for place in np.arange(1.541e-6, 1.56e-6, 1e-9):
        power *= 1 - 0.9 / (1 + (2 * (shaken - place) / 60e-12) ** 2)
    assert channel(power).jitter == pytest.approx(0.3e-12, rel=0.3)
