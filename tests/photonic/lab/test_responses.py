"""Measured answers in time and spectra of one port: what they hold, and what they refuse."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

from photonic import Drive, MeasuredResponse, MeasuredSpectrum, PortSpectrum, port_spectrum
from photonic.errors import DataWarning, ParameterError
from photonic.fits.experiments import Experiment, experiments_of

TIMES = np.array([0.0, 1e-9, 2e-9, 4e-9])
OUT = np.array([1e-5, 2e-5, 3e-5, 3e-5])
STEP = Drive.held([-1e-9, 1e-9, 5e-9], [1e-4, 9e-4])


def test_steps_are_kept_as_a_drive() -> None:
    response = MeasuredResponse(TIMES, STEP, OUT, sigma=1e-6, repeats=4, bandwidth=10e9)
    assert response.drive is STEP
    assert response.power_in == pytest.approx([1e-4, 1e-4, 9e-4, 9e-4])  # at the leap: before it
    assert response.standard_error == pytest.approx(np.full(4, 0.5e-6))  # of the mean of four
    assert len(response) == 4


def test_between_readings_of_the_input_its_root_goes_straight() -> None:
    with pytest.warns(DataWarning, match="power_in leaps between two samples, at 1 ns to 2 ns"):
        response = MeasuredResponse(TIMES, [0.0, 1e-4, 4e-4, 4e-4], OUT)
    assert response.drive is not None
    # √P = 0, 10, 20, 20 √µW: halfway between them 5, 15 and 20
    assert response.drive([0.5e-9, 1.5e-9, 3e-9]) == pytest.approx([25e-6, 225e-6, 400e-6])


def test_some_of_the_points_have_the_same_drive() -> None:
    whole = MeasuredResponse(TIMES, [0.0, 1e-4, 3e-4, 4e-4], OUT, sigma=[1e-6, 2e-6, 3e-6, 4e-6])
    part = whole.take(slice(1, None, 2))
    assert part.times.tolist() == [1e-9, 4e-9]
    assert part.power_in.tolist() == [1e-4, 4e-4]
    assert part.sigma.tolist() == [2e-6, 4e-6]
    assert part.drive is whole.drive


def test_arrays_are_copies_that_nobody_can_write_to() -> None:
    out = OUT.copy()
    response = MeasuredResponse(TIMES, STEP, out)
    out[0] = 1.0
    assert response.power_out[0] == 1e-5
    with pytest.raises(ValueError, match="read-only"):
        response.times[0] = 1.0


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"times": TIMES[::-1]}, "times must increase"),
        ({"times": TIMES * 1e9}, "times must span 1 s at most.*nanoseconds"),
        ({"times": TIMES[:1], "power_out": OUT[:1]}, "times must be a list of 2 or more times"),
        ({"power_in": [0.0, 1e-4]}, "power_in must have the shape of times"),
        ({"power_in": -1e-4}, "power_in must"),
        ({"power_in": 100.0}, "power_in must .*did you mean"),
        ({"power_in": Drive.held([0.0, 3e-9], [1e-4])}, "drive lasts from 0 to 3e-09 s, shorter than times"),
        ({"power_in": Drive.constant([1e-4, 2e-4], 0.0, 4e-9)}, "drive must be a Drive of one input"),
        ({"drive": 3.0}, "drive must be a Drive of one input"),
        ({"power_out": OUT[:3]}, "power_out must have the shape of times"),
        ({"power_out": -OUT}, "power_out must be >= 0 W but for noise"),
        ({"power_out": [1e-5, np.nan, 1e-5, 1e-5]}, "power_out must be finite"),
        ({"sigma": 0.0}, "sigma must be > 0"),
        ({"sigma": [1e-6, 1e-6]}, "sigma must have the shape of times"),
        ({"repeats": 0}, "repeats must be >= 1"),
        ({"repeats": 1.5}, "repeats must hold whole numbers"),
        ({"bandwidth": 20}, "bandwidth must .*2e\\+10 \\(gigahertz\\)"),
        ({"bandwidth": -1e9}, "bandwidth must be > 0"),
        ({"initial": "settled"}, "initial must be 'up' or 'down'"),
    ],
)
def test_what_a_response_refuses(changes: dict[str, Any], words: str) -> None:
    given = {"times": TIMES, "power_in": 1e-4, "power_out": OUT, **changes}
    with pytest.raises(ParameterError, match=words):
        MeasuredResponse(**given)


WAVELENGTH = np.array([1.5499e-6, 1.55e-6, 1.5501e-6])


def test_a_spectrum_of_a_port_counts_from_the_laser_or_its_brightest_reading() -> None:
    out = [2e-6, 1e-7, 3e-6]
    assert PortSpectrum(WAVELENGTH, out).reference == 3e-6
    assert PortSpectrum(WAVELENGTH, out, laser_power=5e-6).reference == 5e-6
    assert PortSpectrum(WAVELENGTH, [0.5, 0.1, 0.6], relative=True).reference == 1.0
    part = PortSpectrum(WAVELENGTH, out, sigma=1e-8, repeats=[1, 4, 1]).take([0, 1])
    assert part.reference == 3e-6
    assert part.standard_error == pytest.approx([1e-8, 5e-9])


def test_a_fit_takes_one_channel_of_a_spectrum() -> None:
    both = MeasuredSpectrum(WAVELENGTH, np.arange(6.0).reshape(3, 2), ("a", "b"), relative=True)
    taken = port_spectrum(both, "b", port="drop", sigma=0.1)
    assert taken.power_out.tolist() == [1.0, 3.0, 5.0]
    assert (taken.port, taken.relative) == ("drop", True)
    with pytest.raises(ParameterError, match=r"a fit takes one channel.*'a', 'b'"):
        experiments_of(both)
    alone = dataclasses.replace(both, power=both.power[:, 1], channels=("b",))
    [found] = experiments_of([Experiment(alone, at={"arm_phase": 1.0})])
    assert isinstance(found.measured, PortSpectrum)
    assert found.measured.power_out.tolist() == [1.0, 3.0, 5.0]
    assert found.at == {"arm_phase": 1.0}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"wavelength": WAVELENGTH[::-1]}, "wavelength must rise"),
        ({"wavelength": WAVELENGTH * 1e9}, "wavelength must .*nanometres"),
        ({"power_out": np.ones((3, 2))}, "power_out must be one-dimensional"),
        ({"power_out": [0.1, 0.2]}, "power must have a row for each of 3 wavelengths"),
        ({"port": "trough"}, "unknown port 'trough': did you mean 'through'"),
        ({"sigma": -1e-8}, "sigma must be > 0"),
        ({"sigma": [1e-8]}, "sigma must have the shape of wavelength"),
        ({"repeats": 0.5}, "repeats must be >= 1"),
        ({"laser_power": 0.0}, "laser_power must be > 0"),
        ({"laser_power": 1e-6, "relative": True}, "laser_power is for readings in W"),
    ],
)
def test_what_a_spectrum_of_a_port_refuses(changes: dict[str, Any], words: str) -> None:
    given = {"wavelength": WAVELENGTH, "power_out": [2e-6, 1e-7, 3e-6], **changes}
    with pytest.raises(ParameterError, match=words):
        PortSpectrum(**given)
