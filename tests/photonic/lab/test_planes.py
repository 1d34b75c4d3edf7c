"""Powers at the instruments and at the device: a chain of losses written out."""

from __future__ import annotations

import numpy as np
import pytest

from photonic.errors import ParameterError
from photonic.lab.measured import Measured
from photonic.lab.planes import ReferencePlane


def test_a_chain_of_losses() -> None:
    """1 mW into a 10 % tap: 0.1 mW at the monitor, 0.9 mW on, 0.45 mW behind 3.01 dB; out of 4 only 1."""
    plane = ReferencePlane(input_loss=2.0, output_loss=4.0, tap_ratio=0.1)
    assert plane.input_factor == pytest.approx(0.45 / 0.1, rel=1e-14)
    assert plane.output_factor == 4.0
    seen = Measured([0.1e-3, 0.2e-3], [0.01e-3, 0.03e-3], sigma=[1e-6, 2e-6], repeats=[4, 9])
    device = seen.at_device(plane)
    assert device.power_in == pytest.approx([0.45e-3, 0.9e-3])
    assert device.power_out == pytest.approx([0.04e-3, 0.12e-3])
    assert device.sigma == pytest.approx([4e-6, 8e-6])
    assert device.standard_error == pytest.approx([2e-6, 8e-6 / 3])
    assert device.plane is plane
    assert plane.as_dict() == {"input_loss": 2.0, "output_loss": 4.0, "tap_ratio": 0.1}
    with pytest.raises(ParameterError, match="taken off these readings already"):
        device.at_device(plane)


def test_nothing_in_between() -> None:
    plane = ReferencePlane()
    assert (plane.input_factor, plane.output_factor) == (1.0, 1.0)
    assert ReferencePlane(input_loss=2.0).input_factor == 0.5
    assert Measured([1e-3], [1e-4]).at_device(plane).sigma is None


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"input_loss": 0.5},
            r"input_loss must be >= 1 .*, got 0.5: did you mean 2 \(a transmission of 0.5\)",
        ),
        ({"output_loss": 0.25}, "output_loss must be >= 1 .*did you mean 4 "),
        ({"output_loss": 0.0}, "output_loss"),
        ({"tap_ratio": 0.0}, "tap_ratio"),
        ({"tap_ratio": 1.0}, "tap_ratio"),
        ({"tap_ratio": 99.0}, "tap_ratio"),
    ],
)
def test_impossible_planes(change: dict[str, float], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        ReferencePlane(**change)


def test_a_plane_is_a_plane() -> None:
    data = Measured(np.array([1e-3]), np.array([1e-4]))
    with pytest.raises(ParameterError, match="plane must be a ReferencePlane, got 3"):
        data.at_device(3)  # type: ignore[arg-type]
