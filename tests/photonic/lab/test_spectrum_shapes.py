"""Shapes of resonances against the transfer matrix, and rings from shapes and back."""

from __future__ import annotations

import math

import numpy as np
import pytest

from photonic import Ring
from photonic.lab.spectrum_quantities import logarithmic, normal_points, plain
from photonic.lab.spectrum_shapes import amplitudes, line, split_through, through

C = 299792458.0
RING = Ring(
    wavelength=1.55e-6,
    group_index=4.0,
    circumference=100e-6,
    coupling_rate=8e10,
    drop_coupling_rate=5e10,
    scattering_rate=3e10,
)
RANGE = C / (4.0 * 100e-6)  # Hz
OFFSET = np.linspace(-0.45, 0.45, 501) * RANGE
WAVELENGTH = C / (C / 1.55e-6 + OFFSET)
WIDTH = 16e10 / (2 * math.pi)


def parts(ring):
    r1, r2, a = ring.round_trip_amplitudes
    return r1, r2, a, r1 * r2 * a


def test_line_makes_the_exact_spectrum_over_a_whole_range():
    r1, r2, a, x = parts(RING)
    shape = line(OFFSET, np.array(WIDTH), RANGE)
    depth = np.array(1 - ((r1 - r2 * a) / (1 - x)) ** 2)
    spectrum = RING.spectrum(WAVELENGTH)
    assert through(shape, depth, np.array(0.0)) == pytest.approx(spectrum.through, rel=1e-9)
    drop = (1 - r1**2) * (1 - r2**2) * a / (1 - x) ** 2
    assert drop * np.abs(shape) ** 2 == pytest.approx(spectrum.drop, rel=1e-9)


def test_split_line_is_that_of_the_ring():
    import dataclasses

    ring = dataclasses.replace(RING, backscatter_rate=2e11)
    r1, _, _, x = parts(ring)
    shape = line(OFFSET, np.array(WIDTH), RANGE, 2e11 / (2 * math.pi))
    strength = np.array((1 - r1**2) / (1 - x))
    got = split_through(shape, strength, np.array(0.0), np.array(WIDTH), RANGE)
    assert got == pytest.approx(ring.spectrum(WAVELENGTH).through, rel=1e-9)


def test_without_a_range_it_is_lorentzian():
    assert np.abs(line(np.array([WIDTH / 2]), np.array(WIDTH), None)) ** 2 == pytest.approx([0.5])


@pytest.mark.parametrize("sign", [1, -1])
def test_ring_from_its_line_and_the_mirror_image(sign):
    r1, r2, a, x = parts(RING)
    root = (r1 - r2 * a) / (1 - x)
    drop = (1 - r1**2) * (1 - r2**2) * a / (1 - x) ** 2
    got = amplitudes(np.array(x), np.array(sign * root), np.array(drop))
    bus, other, loss = (float(v) for v in got)
    if sign > 0:
        assert (bus, other, loss) == pytest.approx((r1, r2, a))
    else:  # r1 and r2 a exchanged: γ_i becomes γ_i γ_1/(γ_2 + γ_i) for small rates
        assert bus == pytest.approx(r2 * a)
        time = 1 / RANGE
        assert -2 * math.log(loss) / time == pytest.approx(3e10 * 8e10 / 8e10, rel=0.02)
    assert bus * other * loss == pytest.approx(x)


def test_equal_couplers():
    got = amplitudes(np.array(0.9), np.array(0.2), symmetric=True)
    assert float(got.bus) == float(got.drop)
    assert float(got.bus * got.drop * got.loss) == pytest.approx(0.9)
    assert float((got.bus - got.drop * got.loss) / (1 - 0.9)) == pytest.approx(0.2)


def test_points_fill_a_normal_distribution():
    covariance = np.array([[4.0, 1.0], [1.0, 2.0]])
    points = normal_points(np.array([1.0, -1.0]), covariance)
    assert points.mean(axis=0) == pytest.approx([1, -1], abs=0.02)
    assert np.cov(points.T) == pytest.approx(covariance, rel=0.05)


def test_intervals():
    assert plain(1.0, 0.1, "m").interval == pytest.approx((0.804, 1.196), abs=1e-4)
    q = logarithmic(100.0, 0.1, "1")
    assert math.sqrt(q.low * q.high) == pytest.approx(100)
    assert plain(math.inf, 1.0, "1").as_dict()["value"] is None
