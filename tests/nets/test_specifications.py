"""Activations in words: where the encoding of a measured curve comes from."""

import numpy as np
import pytest

from nets.specifications import BIAS, SCALE, activation
from photonic import Curve, DataError, ParameterError


@pytest.fixture
def path(tmp_path):
    power = np.linspace(0, 1e-3, 20)
    Curve(power, 0.5 * power).save(tmp_path / "mine.csv")
    return tmp_path / "mine.csv"


def test_a_curve_takes_the_encoding_of_the_presets_or_its_own(path):
    plain, own = activation(f"curve:{path}"), activation(f"curve:{path}@0.5:0.2")
    assert (plain.bias, plain.scale) == (BIAS, SCALE)
    assert (own.bias, own.scale) == (0.5, 0.2)
    # y = P_out over its largest value: the curve is a straight line, so y = x = bias + scale·z.
    assert own(np.array([1.0]))[0] == pytest.approx(0.7, rel=1e-9)
    assert own.name == plain.name == "curve:mine"


@pytest.mark.parametrize("words", ["0.5", "0.5:", "a:b", "0.5:0.1:0.2"])
def test_an_encoding_that_is_not_two_numbers(path, words):
    with pytest.raises(ParameterError, match=r"curve:PATH@BIAS:SCALE takes two numbers"):
        activation(f"curve:{path}@{words}")


def test_readings_become_a_smooth_curve_with_their_noise(tmp_path):
    """A file of a bench, three repeats a power: y is P_out over its largest, the band 1 % of it."""
    rng = np.random.default_rng(1)
    power = np.linspace(60, 800, 80)
    rows = np.c_[power, 200 * np.tanh(power / 400)[:, None] + 2 * rng.normal(size=(80, 3))]
    text = "in [uW];out 1 [uW];out 2 [uW];out 3 [uW]\n"
    text += "".join(";".join(f"{v:.2f}" for v in row) + "\n" for row in rows)
    (tmp_path / "sweep.csv").write_text(text)
    found = activation(f"curve:{tmp_path / 'sweep.csv'}@0.5:0.2")
    z = np.array([-2.0, 0.0, 2.0])
    expected = np.tanh(2 * (0.5 + 0.2 * z)) / np.tanh(2)
    assert found(z) == pytest.approx(expected, abs=0.01)
    assert found.noise(z[1:]) == pytest.approx(np.full(2, 2 / (200 * np.tanh(2))), rel=0.15)


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(DataError, match=r"none\.csv"):
        activation(f"curve:{tmp_path / 'none.csv'}")


def test_readings_that_need_a_choice_say_where_it_is_made(tmp_path):
    path = tmp_path / "loop.csv"
    rows = [f"{p},{p},{p + 1}" for p in range(1, 9)]
    path.write_text("\n".join(["in [mW],out up [uW],out down [uW]", *rows]))
    with pytest.raises(
        DataError, match=r"sweep.*'up' and 'down' \(--sweep\).*measured show .*loop.csv .*--save"
    ):
        activation(f"curve:{path}")
    path.write_text("in [mW],out [uW]\n1,1\n2,x\n")
    with pytest.raises(DataError, match=r"row 3, column 'out \[uW\]': a number is needed, got 'x'$"):
        activation(f"curve:{path}")
