"""Parsing and formatting at the edges, conversions to decibels and back."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photonic import units
from photonic.errors import ParameterError

POSITIVE = st.floats(1e-12, 1e6)


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("0.6 mW", "power", 0.6e-3),
        ("0.6mW", "power", 0.6e-3),
        (" 600 uW ", "power", 600e-6),
        ("600 μW", "power", 600e-6),  # the Greek letter, as phones type it
        ("1e3 nW", "power", 1e-6),
        ("-3 dBm", "power", 10**-0.3 * 1e-3),
        ("−3 dBm", "power", 10**-0.3 * 1e-3),
        ("+0 dBm", "power", 1e-3),
        ("62 pm", "length", 62e-12),
        ("1552.77 nm", "length", 1552.77e-9),
        (".5 um", "length", 0.5e-6),
        ("5.3 ns", "time", 5.3e-9),
        ("193.4 THz", "frequency", 193.4e12),
        ("10 fJ", "energy", 10e-15),
        ("90 deg", "angle", math.pi / 2),
        ("0.5 pi", "angle", math.pi / 2),
        ("pi", "angle", math.pi),
        ("-π", "angle", -math.pi),
        ("1.1 V", "voltage", 1.1),
        ("50 mK", "temperature", 0.05),
        ("2 dB/cm", "attenuation", 200 * math.log(10) / 10),
        ("46 1/m", "attenuation", 46.0),
        ("0.5", "ratio", 0.5),
        ("-3 dB", "ratio", 10**-0.3),
    ],
)
def test_parse(text: str, dimension: str, value: float) -> None:
    assert units.parse(text, dimension) == pytest.approx(value, rel=1e-15, abs=0)


def test_decimal_prefixes_are_exact() -> None:
    assert units.power("0.6 mW") == 0.6e-3
    assert units.length("62 pm") == 62e-12
    assert units.time("5.3 ns") == 5.3e-9


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("3 nm", r"power must be in W, kW, mW, µW, nW, pW or dBm, got '3 nm'"),
        ("0.6", r"power needs a unit \(W, .* dBm\), got '0.6'"),
        ("a lot", "power must be a number with its unit"),
        ("", "power must be a number with its unit"),
        ("1 2 mW", "power must be in"),
        ("0.6 mw", "power must be in"),  # milli and mega differ by case only: no guessing
    ],
)
def test_refused_with_a_reason(text: str, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        units.power(text)


def test_a_number_is_not_text() -> None:
    with pytest.raises(ParameterError, match="full scale must be a number with its unit"):
        units.parse(0.6, "power", name="full scale")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="unknown dimension 'lenght': did you mean 'length'"):
        units.parse("1 m", "lenght")


def test_bad_levels() -> None:
    with pytest.raises(ParameterError, match="power must be > 0 W, got 0"):
        units.to_dbm(0.0)
    with pytest.raises(ParameterError, match="loss must be >= 0 dB/cm, got -1"):
        units.loss_from_db_per_cm(-1.0)
    with pytest.raises(ParameterError, match="level must be finite in dB"):
        units.from_db(math.nan)


@given(POSITIVE)
def test_decibels_round_trip(value: float) -> None:
    assert units.from_dbm(units.to_dbm(value)) == pytest.approx(value, rel=1e-12, abs=0)
    assert units.from_db(units.db(value)) == pytest.approx(value, rel=1e-12, abs=0)
    assert units.loss_to_db_per_cm(units.loss_from_db_per_cm(value)) == pytest.approx(value, rel=1e-14, abs=0)


@given(st.floats(1e-18, 1e12), st.sampled_from(["W", "m", "s", "J", "Hz"]))
def test_engineering_round_trip(value: float, unit: str) -> None:
    dimension = {"W": "power", "m": "length", "s": "time", "J": "energy", "Hz": "frequency"}[unit]
    text = units.engineering(value, unit, digits=17)
    known = {"power": units._POWER, "length": units._LENGTH, "time": units._TIME}.get(dimension)
    if known is not None and text.split()[1] not in known:
        return  # a terametre is written, but never read
    if text.split()[1] not in {**units._ENERGY, **units._FREQUENCY, **(known or {})}:
        return
    assert units.parse(text, dimension) == pytest.approx(value, rel=1e-15, abs=0)


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.6e-3, "W", "0.6 mW"),
        (1.55e-6, "m", "1.55 µm"),
        (62e-12, "m", "62 pm"),
        (0.99996e-9, "s", "1 ns"),
        (-2e-3, "W", "-2 mW"),
        (0.0, "W", "0 W"),
        (193.4e12, "Hz", "193.4 THz"),
        (math.inf, "W", "inf W"),
    ],
)
def test_engineering(value: float, unit: str, text: str) -> None:
    assert units.engineering(value, unit) == text


def test_arrays() -> None:
    np.testing.assert_allclose(units.from_dbm(np.array([0.0, -30.0])), [1e-3, 1e-6])
    np.testing.assert_allclose(units.to_dbm(np.array([1e-3, 1e-6])), [0.0, -30.0], atol=1e-12)


def test_constants_are_those_of_scipy() -> None:
    from scipy import constants

    assert constants.c == units.SPEED_OF_LIGHT
    assert constants.h == units.PLANCK
    assert constants.e == units.ELEMENTARY_CHARGE
    assert constants.k == units.BOLTZMANN


@pytest.mark.parametrize(
    ("text", "dimension", "value"),
    [
        ("1 kW", "power", 1e3),
        ("1 pW", "power", 1e-12),
        ("1 cm", "length", 1e-2),
        ("1 mm", "length", 1e-3),
        ("1 ms", "time", 1e-3),
        ("1 µs", "time", 1e-6),
        ("1 ps", "time", 1e-12),
        ("1 fs", "time", 1e-15),
        ("1 kHz", "frequency", 1e3),
        ("1 MHz", "frequency", 1e6),
        ("1 GHz", "frequency", 1e9),
        ("1 mJ", "energy", 1e-3),
        ("1 µJ", "energy", 1e-6),
        ("1 nJ", "energy", 1e-9),
        ("1 pJ", "energy", 1e-12),
        ("1 aJ", "energy", 1e-18),
        ("1 mrad", "angle", 1e-3),
        ("180 °", "angle", math.pi),
        ("1 kV", "voltage", 1e3),
        ("1 mV", "voltage", 1e-3),
        ("1 µV", "voltage", 1e-6),
        ("1 µK", "temperature", 1e-6),
        ("1 1/cm", "attenuation", 100.0),
        ("10 dB/m", "attenuation", math.log(10)),
        ("1 dB/mm", "attenuation", 100 * math.log(10)),
        ("1 m-3", "density", 1.0),
        ("1e17 cm-3", "density", 1e23),
        ("1e17 cm⁻³", "density", 1e23),
        ("1e17 1/cm³", "density", 1e23),
        ("50 %", "ratio", 0.5),
    ],
)
def test_every_unit(text: str, dimension: str, value: float) -> None:
    assert units.parse(text, dimension) == pytest.approx(value, rel=1e-14, abs=0)


def test_decibels_per_length_are_those_of_a_metre_of_guide() -> None:
    """exp(−α L) over the length that the unit names is the decibels it says."""
    for text, length in (("3 dB/cm", 0.01), ("3 dB/m", 1.0), ("3 dB/mm", 0.001)):
        through = math.exp(-units.attenuation(text) * length)
        assert through == pytest.approx(10**-0.3, rel=1e-13)
