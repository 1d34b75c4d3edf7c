"""Numbers that reports print, given back on the command line."""

import math

import pytest

from photonic import named, presets, waveforms
from photonic.devices import RingThrough
from photonic.errors import ParameterError
from photonic.fits.named_values import assigned, bounds_of, free_names, loss_of, starts_of, value_of
from photonic.lab.number_text import alike, number, value_in
from photonic.parameters import VAN_VAERENBERGH_2012

RING = presets.SIGMOID.ring
HALF = float(RING.linewidth) / 2  # [rad/s]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1.5", 1.5 * HALF),
        ("-1.5 hl", -1.5 * HALF),
        ("+3.5 half-linewidths", 3.5 * HALF),
        ("−2 HWHM", -2 * HALF),
        ("34.148 Grad/s", 34.148e9),
        ("−34.148 Grad/s", -34.148e9),
        ("1e9 rad/s", 1e9),
        ("0.5 Trad/s", 0.5e12),
        ("-2 GHz", -4e9 * math.pi),
        # −ω Δλ/λ
        ("60 pm", -float(RING.angular_frequency) * 60e-12 / RING.wavelength),
    ],
)
def test_spellings_of_a_detuning(text, expected):
    assert named.detuning(text, RING) == pytest.approx(expected, rel=1e-4)
    assert value_of("detuning[0]", text, presets.SIGMOID) == named.detuning(text, RING)


@pytest.mark.parametrize("text", ["3 furlongs", "far", "", "34 Grad", "3 rad", "2 mW"])
def test_one_message_lists_all_spellings(text):
    with pytest.raises(ParameterError, match=r"1\.5 hl.*62 pm.*-2 GHz.*-12\.6 Grad/s.*, got"):
        named.detuning(text, RING)


@pytest.mark.parametrize(
    ("value", "unit"),
    [
        (3.415e10, "rad/s"),
        (-3.526e-27, "m³"),
        (1.28e10, "1/s"),
        (2.5e-9, "s"),
        (8.4e-12, "m/W"),
        (5.59e-18, "m²/W"),
        (1.86e-4, "1/K"),
        (0.3, "1"),
        (720.0, "J/(kg K)"),
    ],
)
def test_what_is_printed_can_be_read(value, unit):
    assert value_in(number(value, unit), unit if unit != "1" else "") == pytest.approx(value, rel=1e-12)


def test_numbers_of_a_device_as_reports_write_them():
    device = presets.SIGMOID
    assert value_of("index_per_carrier", "−3.526·10⁻²⁷ m³", device) == pytest.approx(-3.526e-27)
    assert value_of("coupling_rate", "1.2847 10¹⁰ 1/s", device) == pytest.approx(1.2847e10)
    assert value_of("coupling_rate", "12.847 1/ns", device) == pytest.approx(1.2847e10)
    assert value_of("two_photon_absorption", "8.4 pm/W", device) == pytest.approx(8.4e-12)
    assert value_of("arm_phase", "−0.5 π", device) == pytest.approx(-math.pi / 2)
    assert value_of("carrier_lifetime", "5.3 ns", device) == pytest.approx(5.3e-9)


def test_a_bare_end_of_a_range_has_the_unit_of_the_other():
    # otherwise -60 would be half-linewidths, and the range a thousand times as wide
    low, high = bounds_of(["detuning=-60..60 pm"], presets.SIGMOID)["detuning"]
    assert high == pytest.approx(float(RING.angular_frequency) * 60e-12 / RING.wavelength, rel=1e-4)
    assert low == pytest.approx(-high, rel=1e-3)
    assert bounds_of(["carrier_lifetime=1 … 50 ns"], presets.SIGMOID)["carrier_lifetime"] == (1e-9, 50e-9)
    assert alike(["1.5", "2"]) == ["1.5", "2"]
    ends = waveforms.value_range("detunings", "-60 to 60 pm", lambda text: named.detuning(text, RING))
    assert ends == pytest.approx((low, high))


def test_a_loss_says_what_it_is():
    assert loss_of("input_loss", "4 dB") == pytest.approx(2.5119, rel=1e-4)
    assert loss_of("input_loss", "4x") == loss_of("input_loss", "4 ×") == 4.0
    with pytest.raises(
        ParameterError, match=r"input_loss needs a unit: '4 dB', or '4x' for a factor .*got '4'"
    ):
        loss_of("input_loss", "4")


def test_values_with_units():
    ring = presets.SIGMOID.ring
    assert value_of("detuning", "-30 pm", presets.SIGMOID) == pytest.approx(float(ring.detuning(-30e-12)))
    assert value_of("detuning[1]", "1.5", presets.SIGMOID) == pytest.approx(0.75 * float(ring.linewidth))
    assert value_of("arm_phase", "0.5 pi", presets.SIGMOID) == pytest.approx(math.pi / 2)
    assert value_of("input_coupling", "30 %", presets.SIGMOID) == pytest.approx(0.3)
    assert value_of("insertion_loss", "3 dB", presets.SIGMOID) == pytest.approx(10**0.3)
    assert (
        value_of("coupling_rate", "1e10", presets.SIGMOID)
        == value_of("coupling_rate", "1e10 1/s", presets.SIGMOID)
        == 1e10
    )
    assert value_of("index_per_carrier", "-2e-27 m³", presets.SIGMOID) == -2e-27
    with pytest.raises(ParameterError, match="coupling_rate must be a number in 1/s, got '10 GHz'"):
        value_of("coupling_rate", "10 GHz", presets.SIGMOID)
    with pytest.raises(ParameterError, match="unknown parameter"):
        value_of("colour", "blue", presets.SIGMOID)


def test_names_starts_and_bounds():
    assert free_names(None, RingThrough(VAN_VAERENBERGH_2012, 0.0)) == ("detuning", "carrier_lifetime")
    assert starts_of(["carrier-lifetime=2 ns"], presets.SIGMOID) == {"carrier_lifetime": 2e-9}
    low, high = bounds_of(["detuning=-30 pm..30 pm"], presets.SIGMOID)["detuning"]
    assert low < 0 < high  # + 30 pm is red: the lower detuning
    assert assigned(["P = in=mW"], "--unit") == {"P = in": "mW"}
    with pytest.raises(ParameterError, match="--unit names 'a' twice"):
        assigned(["a=1", "a=2"], "--unit")
