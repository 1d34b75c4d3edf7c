"""Sweeps up and down in columns of their own."""

import numpy as np
import pytest

from photonic import DataError, read_curve
from photonic.lab.headers import header, way

IN, UP, DOWN = [0.1, 0.2, 0.3, 0.4], [1, 2, 9, 10], [1.5, 7, 8, 10.5]  # mW, µW: a hysteresis loop


@pytest.fixture
def written(tmp_path):
    """Function that writes columns under a header to a file."""

    def write(head, *columns):
        path = tmp_path / "loop.csv"
        rows = [",".join(map(str, row)) for row in zip(*columns, strict=True)]
        path.write_text("\n".join([head, *rows]), encoding="utf-8")
        return path

    return write


def check_loop(data):
    """Up by rising power, then down by falling power, nothing averaged."""
    assert data.sweeps == ("up", "down")
    assert data.direction.tolist() == [1] * 4 + [-1] * 4
    assert data.power_in == pytest.approx(1e-3 * np.array([*IN, *IN[::-1]]))
    assert data.power_out == pytest.approx(1e-6 * np.array([*UP, *DOWN[::-1]]))
    assert data.repeats.tolist() == [1] * 8
    assert data.sigma is None


@pytest.mark.parametrize(
    "head",
    [
        "Pin [mW],Pout up [µW],Pout down [µW]",
        "Pin [mW],Pout forward [µW],Pout backward [µW]",
        "P_in_mW,P_out_rising_µW,P_out_falling_µW",
        "in [mW],sweep up [µW],sweep down [µW]",
        "power [mW],Up [µW],Down [µW]",
        "Laser power [mW],PD ↑ [µW],PD ↓ [µW]",
        "Eingangsleistung [mW],Ausgangsleistung up [µW],Ausgangsleistung down [µW]",
    ],
)
def test_names_of_outputs_say_the_sweep(written, head):
    check_loop(read_curve(written(head, IN, UP, DOWN)))


def test_the_order_of_rows_and_columns_does_not_matter(written):
    data = read_curve(written("Pout down [µW],Pout up [µW],Pin [mW]", *(c[::-1] for c in (DOWN, UP, IN))))
    assert data.direction.tolist() == [-1] * 4 + [1] * 4
    assert data.power_out == pytest.approx(1e-6 * np.array([*DOWN[::-1], *UP]))


def test_named_columns_are_no_repeats(written):
    # the plain readings of both, told by name only, would have been averaged to a noise of several µW
    path = written("Pin [mW],P up [µW],P down [µW],T [K]", IN, UP, DOWN, [300] * 4)
    data = read_curve(path, input="Pin", output=["P up", "P down"])
    check_loop(data)
    assert data.metadata["columns"] == {"input": "Pin [mW]", "output": ["P up [µW]", "P down [µW]"]}
    assert data.metadata["columns not used"] == ["T [K]"]
    one = read_curve(path, input="Pin", output="P down")
    assert one.sweeps == ("down",)
    assert one.power_out == pytest.approx(1e-6 * np.array(DOWN[::-1]))


def test_units_may_be_given(written):
    path = written("Pin,sweep up,sweep down", IN, UP, DOWN)
    check_loop(read_curve(path, units={"Pin": "mW", "*": "µW"}))


def test_repeats_of_each_sweep_are_averaged(written):
    more = [np.array(c) + 0.2 for c in (UP, DOWN)]
    head = "Pin [mW],Pout up 1 [µW],Pout up 2 [µW],Pout down 1 [µW],Pout down 2 [µW]"
    data = read_curve(written(head, IN, UP, more[0], DOWN, more[1]))
    assert data.direction.tolist() == [1] * 4 + [-1] * 4
    assert data.power_out == pytest.approx(1e-6 * (np.array([*UP, *DOWN[::-1]]) + 0.1))
    assert data.repeats.tolist() == [2] * 8
    # each pair differs by 0.2 µW: a sample variance of 0.02 µW², all over
    assert data.metadata["noise"]["floor"] == pytest.approx(0.02**0.5 * 1e-6)
    assert data.metadata["noise"]["degrees_of_freedom"] == 8


def test_inputs_and_deviations_of_their_own(written):
    back = [0.15, 0.25, 0.35, 0.45]
    head = "Pin up [mW],Pout up [µW],std up [µW],Pin down [mW],Pout down [µW],std down [µW]"
    data = read_curve(written(head, IN, UP, [0.1] * 4, back, DOWN, [0.3] * 4))
    assert data.power_in == pytest.approx(1e-3 * np.array([*IN, *back[::-1]]))
    assert data.power_out == pytest.approx(1e-6 * np.array([*UP, *DOWN[::-1]]))
    assert data.sigma == pytest.approx([0.1e-6] * 4 + [0.3e-6] * 4)
    assert data.metadata["columns"]["sigma"] == ["std up [µW]", "std down [µW]"]


def test_one_deviation_is_for_both(written):
    head = "Pin [mW],Pout up [µW],Pout down [µW],std [%]"
    data = read_curve(written(head, IN, UP, DOWN, [10, 20, 30, 40]))
    expected = np.array([0.1, 0.4, 2.7, 4.0, 4.2, 2.4, 1.4, 0.15]) * 1e-6  # that share of each output
    assert data.sigma == pytest.approx(expected)


def test_one_sweep_both_ways_keeps_its_order(written):
    # "forward" is a direction of the light here: the input says which way the power went
    head, there_and_back = "Pin [mW],P forward [µW]", IN + IN[::-1]
    data = read_curve(written(head, there_and_back, UP + DOWN[::-1]), output="P forward")
    assert data.sweeps == ("up", "down")


def test_what_cannot_be_meant_is_refused(written):
    double = ["Pin [mW],Pout up [µW],Pout down [µW]", IN + IN[::-1], UP + DOWN[::-1], UP + DOWN[::-1]]
    with pytest.raises(DataError, match=r"'Pin \[mW\]': goes up and down, but 'Pout up \[µW\]' and 'Pout d"):
        read_curve(written(*double))
    mixed = written("Pin [mW],Pout up [µW],Pout [µW]", IN, UP, DOWN)
    with pytest.raises(
        DataError, match=r"several columns may be the output .*output=\.\.\. \(--output \.\.\.\)"
    ):
        read_curve(mixed)
    with pytest.raises(DataError, match=r"'Pout up \[µW\]': names its sweep, but column 'Pout \[µW\]' names"):
        read_curve(mixed, output=["Pout", "Pout up"])
    with pytest.raises(DataError, match="one unit is needed, got µW and nW"):
        read_curve(written("Pin [mW],out up [µW],out down [nW]", IN, UP, DOWN), output=["out up", "out down"])
    with pytest.raises(
        DataError, match=r"row 3, column 'Pout down \[µW\]': a number is needed, got an empty"
    ):
        read_curve(written("Pin [mW],Pout up [µW],Pout down [µW]", IN, UP, [1.5, "", 8, 10.5]))
    directed = "Pin [mW],Pout up [µW],Pout down [µW],direction"
    with pytest.raises(DataError, match="'direction': goes up and down, but 'Pout up"):
        read_curve(written(directed, IN, UP, DOWN, ["up", "up", "up", "up"]))


def test_words_that_are_no_sweep():
    assert way(header("Pump power [mW]")) == way(header("setup output [mW]")) == 0
    assert way(header("up/down [mW]")) == 0
