"""Envelope, fringes and ripple beside the resonances."""

from __future__ import annotations

import numpy as np
import pytest

from photonic.lab.baselines import baseline
from photonic.lab.spectrum_channels import channels_of

C = 299792458.0
X = np.linspace(1.52e-6, 1.58e-6, 12001)  # 5 pm
ENVELOPE = 1e-5 * np.exp(-(((X - 1.55e-6) / 20e-9) ** 2))


def found(power, off=None):
    mask = np.ones(X.size, bool) if off is None else off
    return baseline(channels_of(X, power)[0], mask)


def test_envelope_across_a_gap():
    off = np.abs(X - 1.553e-6) > 1.5e-9
    power = np.where(off, ENVELOPE, 0.1 * ENVELOPE)
    assert found(power, off).power == pytest.approx(ENVELOPE, rel=0.015)
    assert found(power, off).fringes is None


def test_ripple_of_known_strength_and_period():
    rng = np.random.default_rng(0)
    power = ENVELOPE * np.exp(0.05 * np.sin(2 * np.pi * X / 0.3e-9))
    power *= 1 + 0.005 * rng.standard_normal(X.size)
    ripple = found(power).ripple.near(1.55e-6)
    assert ripple.variance**0.5 == pytest.approx(0.05 / 2**0.5, rel=0.1)
    near = 1.55e-6 + np.array([0.0, 0.15e-9, 0.3e-9])  # half a period, a period
    covariance = ripple.covariance(near, near) / ripple.variance
    assert covariance[0] == pytest.approx([1, -1, 1], abs=0.1)


def test_covariance_can_be_that_of_something():
    rng = np.random.default_rng(1)
    power = (
        ENVELOPE * np.exp(0.03 * np.sin(2 * np.pi * X / 0.23e-9)) * (1 + 0.002 * rng.standard_normal(X.size))
    )
    at = np.sort(rng.uniform(1.549e-6, 1.551e-6, 150))
    values = np.linalg.eigvalsh(found(power).ripple.near(1.55e-6).covariance(at, at))
    assert values.min() > -1e-9 * values.max()


def test_white_noise_is_no_ripple():
    rng = np.random.default_rng(2)
    power = ENVELOPE * (1 + 0.01 * rng.standard_normal(X.size))
    assert found(power).ripple.near(1.55e-6).variance ** 0.5 < 0.003


def test_fringes_of_an_interferometer():
    """Two arms of fields 0.6 and 0.4, 1.2 THz apart: visibility 2·0.6·0.4/(0.36 + 0.16)."""
    phase = 2 * np.pi * (C / X - C / 1.5512e-6) / 1.2e12
    power = ENVELOPE * np.abs(0.6 + 0.4 * np.exp(1j * phase)) ** 2
    base = found(power * (1 + 0.003 * np.random.default_rng(3).standard_normal(X.size)))
    assert base.fringes.period == pytest.approx(1.2e12, rel=0.01)
    assert base.fringes.visibility == pytest.approx(0.48 / 0.52, rel=0.02)
    angle = base.fringes.angle(np.array([C / 1.5512e-6]))
    assert np.cos(angle) == pytest.approx([1.0], abs=0.01)
    half, unsure = base.fringes.arms
    assert half - unsure == pytest.approx(0.4, abs=0.01)
    assert base.power == pytest.approx(power, rel=0.05)
