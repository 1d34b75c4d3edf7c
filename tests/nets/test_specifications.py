"""Activations in words: where the encoding of a measured curve comes from."""

import numpy as np
import pytest

from nets.specifications import BIAS, SCALE, activation
from photonic import Curve, ParameterError


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
