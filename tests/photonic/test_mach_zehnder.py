"""The plain interferometer against closed forms, and against its waveguide."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photonic.coupler import combine, coupler
from photonic.errors import ParameterError
from photonic.mach_zehnder import MachZehnder
from photonic.waveguide import Waveguide

GUIDE = Waveguide(
    loss=46.05,
    effective_area=0.1e-12,
    two_photon_absorption=5e-12,
    kerr_index=4.5e-18,
    free_carrier_cross_section=1.45e-21,
    index_per_carrier=-3e-27,
    carrier_lifetime=1e-9,
)


@given(st.floats(-10, 10), st.floats(0, 1), st.floats(0, 1))
def test_linear_interferometer_is_two_couplers_and_a_phase(phase: float, k_in: float, k_out: float) -> None:
    upper, lower = combine(coupler(k_in), 1.0, 0.0)
    expected = combine(coupler(k_out), upper, lower * complex(math.cos(phase), math.sin(phase)))
    total = 0.0
    for port, field in zip(("bar", "cross"), expected, strict=True):
        device = MachZehnder(phase, k_in, k_out, port)  # type: ignore[arg-type]
        assert abs(complex(device.response(1e-3)) - field) < 1e-14
        total += float(device.transfer(1e-3))
    assert total == pytest.approx(1e-3, rel=1e-13, abs=0)  # lossless


def test_fringes() -> None:
    """50:50: sin²(φ/2) at the bar port, cos²(φ/2) at the cross port."""
    phase = np.linspace(0, 7, 50)
    assert np.allclose(MachZehnder(phase).transfer(1.0), np.sin(phase / 2) ** 2, atol=1e-15)
    assert np.allclose(MachZehnder(phase, port="cross").transfer(1.0), np.cos(phase / 2) ** 2, atol=1e-15)


@given(st.floats(0, 0.5), st.floats(-3, 3))
def test_waveguide_in_the_first_arm(power: float, phase: float) -> None:
    """Field of the guide by its own method, at half the power; passive, and 50:50 shares (1 + T)/2."""
    bar = MachZehnder(phase, waveguide=GUIDE, arm_length=0.01)
    guide = complex(GUIDE.response(power / 2, 0.01))
    turn = complex(math.cos(phase), math.sin(phase))
    assert abs(complex(bar.response(power)) - (guide - turn) / 2) < 1e-12
    both = float(bar.transfer(power)) + float(dataclasses.replace(bar, port="cross").transfer(power))
    assert both == pytest.approx(power * (1 + abs(guide) ** 2) / 2, rel=1e-12, abs=0)


def test_curve_is_the_transfer_with_its_slope() -> None:
    device = MachZehnder(1.0, 0.3, 0.6, waveguide=GUIDE, arm_length=0.01)
    curve = device.curve(0.3, points=201)
    power = np.linspace(0, 0.3, 555)
    assert np.allclose(curve(power), device.transfer(power), atol=1e-7)
    step = 1e-6
    difference = (device.transfer(power[1:] + step) - device.transfer(power[1:] - step)) / (2 * step)
    assert np.allclose(curve.derivative(power[1:]), difference, atol=1e-5)
    assert curve.regime == device.regime == "frozen heat"
    assert MachZehnder(1.0).curve(1e-3).regime == "linear"
    assert MachZehnder(1.0).curve(1e-3).metadata["device"] == "MachZehnder"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"waveguide": GUIDE}, r"waveguide and arm_length \[m\] go together"),
        ({"arm_length": 0.01}, "go together"),
        ({"waveguide": GUIDE, "arm_length": 300.0}, r"did you mean 0\.0003 \(micrometres\)"),
        ({"input_coupling": 1.5}, r"input_coupling must lie in \[0, 1\]"),
        ({"port": "up"}, "port must be 'bar' or 'cross'"),
    ],
)
def test_wrong_settings_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        dataclasses.replace(MachZehnder(0.0), **change)
    with pytest.raises(ParameterError, match="sweep must be"):
        MachZehnder(0.0).transfer(1e-3, sweep="sideways")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="power must be >= 0 W"):
        MachZehnder(0.0).transfer(-1.0)


def test_losses_are_ratios_of_powers() -> None:
    """All the light through arm 2 (k = 1): P/(insertion loss · arm loss); through arm 1 only the first."""
    for coupling, expected in ((1.0, 1 / 6), (0.0, 1 / 2)):
        device = MachZehnder(0.3, coupling, coupling, insertion_loss=2.0, arm_loss=3.0)
        assert float(device.transfer(1e-3)) == pytest.approx(expected * 1e-3, rel=1e-13, abs=0)
