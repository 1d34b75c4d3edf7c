"""Light given in words and in files."""

import numpy as np
import pytest

from photonic import units
from photonic.errors import DataError, ParameterError
from photonic.waveforms import bit_stream, pulsed, read_drive, value_range


def test_pulses_add_up_where_they_overlap():
    drive = pulsed(1e-4, ["10ns, 20ns, 0.1mW", "20ns, 5ns, 0.2mW"], 50e-9)
    times = np.array([5, 15, 22, 27, 40]) * 1e-9
    assert drive(times) == pytest.approx([1e-4, 2e-4, 4e-4, 2e-4, 1e-4])
    assert drive.span == (0.0, 50e-9)
    assert pulsed(1e-4, ["40ns, 1us, 0.1mW"], 50e-9).span[1] == 50e-9  # cut at the end
    assert pulsed(1e-4, [], 1e-9)(0.5e-9) == pytest.approx(1e-4)


def test_bits_are_repeated_or_cut():
    assert bit_stream("10", 1e-9, 0.0, 1e-3, 5e-9)(np.array([0.5, 1.5, 4.5]) * 1e-9) == pytest.approx(
        [1e-3, 0.0, 1e-3]
    )
    assert bit_stream("10", 1e-9, 0.0, 1e-3, 1.5e-9).span[1] == pytest.approx(2e-9)


def test_a_table_is_read_with_its_units(tmp_path):
    path = tmp_path / "drive.csv"
    path.write_text("time [ns],power [dBm]\n5,-10\n\n7.5,0\n10,-30\n", encoding="utf-8")
    times, powers = read_drive(path)
    assert times == pytest.approx([0, 2.5e-9, 5e-9])
    assert powers == pytest.approx([1e-4, 1e-3, 1e-6])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "first row must be headers"),
        ("time,power\n1,2\n", "first row must be headers"),
        ("time [ns],power [mW]\n1,2\n1,3\n", "row 3: times must rise"),
        ("time [ns],power [mW]\n1,2,3\n", "row 2 must hold a time and a power"),
        ("time [ns],power [mW]\n1,two\n", "row 2: power must be a number"),
        ("time [nm],power [mW]\n1,2\n", "row 2: time must be in"),
        ("time [ns],power [mW]\n1,-2\n2,1\n", "row 2: power must be >= 0 W"),
        ("time [ns],power [mW]\n1,2\n", "two rows"),
    ],
)
def test_bad_tables_are_refused_by_row(text, message, tmp_path):
    path = tmp_path / "drive.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=message):
        read_drive(path)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: pulsed(1e-4, ["1ns, 2ns"], 1e-6), "pulse 1 must be START, LENGTH, POWER"),
        (lambda: pulsed(1e-4, ["1ns, 2mW, 1mW"], 1e-6), "pulse 1 must be in s"),
        (lambda: pulsed(1e-4, ["2us, 1ns, 1mW"], 1e-6), "its start must lie in"),
        (lambda: pulsed(1e-4, ["1ns, 0ns, 1mW"], 1e-6), "its length must be > 0 s"),
        (lambda: bit_stream("012", 1e-9, 0, 1e-3), "row of 0 and 1"),
        (lambda: bit_stream("01", 0.0, 0, 1e-3), "symbol_time must be > 0 s"),
        (lambda: bit_stream("01", 1e-15, 0, 1e-3, 1.0), "too short"),
        (lambda: value_range("powers", "1mW", units.power), "two values"),
        (lambda: value_range("powers", "1mW to 1mW", units.power), "two different ends"),
    ],
)
def test_wrong_words_are_named(call, message):
    with pytest.raises(ParameterError, match=message):
        call()


def test_ranges_rise_whatever_their_order():
    assert value_range("powers", "1 mW to 10 µW", units.power) == pytest.approx((1e-5, 1e-3))
