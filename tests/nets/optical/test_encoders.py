"""Encoders: what power a number becomes, and what they refuse."""

import numpy as np
import pytest

from nets.optical.encoders import FieldEncoder, PowerEncoder
from photonic import ParameterError


def test_power_encoder_is_a_line_from_the_bias_to_the_full_scale():
    encoder = PowerEncoder(3, full_scale=2e-3, bias=0.5e-3, domain=(-1.0, 1.0))
    power, _ = encoder.forward(np.array([[-1.0, 0.0, 1.0]]))
    assert power[0].tolist() == pytest.approx([0.5e-3, 1.25e-3, 2e-3])  # by hand


def test_a_number_of_nothing_is_no_light_where_the_modulator_is_ideal():
    assert np.all(PowerEncoder(3, 1e-3).forward(np.zeros((2, 3)))[0] == 0)
    leaky = PowerEncoder(3, 1e-3, extinction_ratio=100.0)  # 20 dB
    assert leaky.forward(np.zeros((2, 3)))[0] == pytest.approx(np.full((2, 3), 1e-5))


def test_total_power_is_exact_and_keeps_the_ratios():
    encoder = PowerEncoder(4, total_power=3e-3)
    x = np.random.default_rng(0).uniform(0, 1, (50, 4))
    power, _ = encoder.forward(x)
    assert power.sum(axis=1) == pytest.approx(np.full(50, 3e-3), rel=1e-14)
    assert power / power[:, :1] == pytest.approx(x / x[:, :1])


def test_fields_have_the_power_and_the_phase_of_their_numbers():
    field, _ = FieldEncoder(2, full_scale=1e-3).forward(np.array([[0.5, -1.0]]))
    assert np.abs(field[0]) ** 2 == pytest.approx([0.25e-3, 1e-3])
    assert np.angle(field[0]) == pytest.approx([0.0, np.pi])
    pairs, _ = FieldEncoder(4, full_scale=1e-3, pairs=True, largest=5.0).forward(np.array([[3, 4, 0, -5.0]]))
    assert np.abs(pairs[0]) ** 2 == pytest.approx([1e-3, 1e-3])
    assert np.angle(pairs[0]) == pytest.approx([np.arctan2(4, 3), -np.pi / 2])


def test_field_encoder_with_total_power():
    x = np.random.default_rng(0).standard_normal((20, 6)) * 100
    field, _ = FieldEncoder(6, total_power=2e-3, pairs=True).forward(x)
    assert field.shape == (20, 3)
    assert np.sum(np.abs(field) ** 2, axis=1) == pytest.approx(np.full(20, 2e-3), rel=1e-14)


def test_numbers_out_of_range_are_refused_with_their_place():
    x = np.full((3, 2), 0.5)
    x[2, 1] = 1.25
    with pytest.raises(ParameterError, match=r"\[0, 1\], got 1.25 in row 2, column 1"):
        PowerEncoder(2, 1e-3).forward(x)
    with pytest.raises(ParameterError, match=r"moduli in \[0, 1\], got 1.25 in row 2, column 1"):
        FieldEncoder(2, 1e-3).forward(x)
    x[2, 1] = np.nan
    with pytest.raises(ParameterError, match=r"got nan in row 2, column 1"):
        PowerEncoder(2, 1e-3).forward(x)
    with pytest.raises(ParameterError, match=r"got nan in row 2"):
        FieldEncoder(2, 1e-3).forward(x)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_pairs_whose_modulus_is_the_largest_are_not_refused_for_rounding(dtype):
    """(0.6, 0.8) m has the modulus m, rounded above it for many m."""
    for largest in np.random.default_rng(0).uniform(0.1, 10.0, 300).tolist():
        encoder = FieldEncoder(2, full_scale=1e-3, pairs=True, largest=largest)
        field, _ = encoder.forward(np.array([[0.6 * largest, 0.8 * largest]], dtype))
        assert abs(field[0, 0]) ** 2 == pytest.approx(1e-3, rel=1e-5)
        with pytest.raises(ParameterError, match="takes moduli"):
            encoder.forward(np.array([[0.6001 * largest, 0.8001 * largest]], dtype))


def test_an_example_without_light_has_no_total_power():
    x = np.array([[1.0, 0.5], [0.0, 0.0]])
    for encoder in (PowerEncoder(2, total_power=1e-3), FieldEncoder(2, total_power=1e-3)):
        with pytest.raises(ParameterError, match="cannot give row 1 its total power"):
            encoder.forward(x)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: PowerEncoder(2, 5.0), "did you mean 0.005 .milliwatts."),
        (lambda: PowerEncoder(2), "total_power .W. of an example$"),
        (lambda: PowerEncoder(2, 1e-3, domain=3), "domain must be two numbers .low, high., got 3"),
        (lambda: FieldEncoder(2, 1e-3, total_power=1e-3), "not both"),
        (lambda: PowerEncoder(2, 1e-3, bias=2e-3), "bias must lie in"),
        (lambda: PowerEncoder(2, 1e-3, bias=1e-6, extinction_ratio=100.0), "bias or extinction_ratio"),
        (lambda: PowerEncoder(2, total_power=1e-3, bias=1e-6), "bias needs full_scale"),
        (lambda: PowerEncoder(2, 1e-3, extinction_ratio=0.5), "extinction_ratio must be >= 1"),
        (lambda: PowerEncoder(2, 1e-3, domain=(1.0, 0.0)), r"domain\[1\] must be > 1"),
        (lambda: PowerEncoder(0, 1e-3), "features must be a whole number >= 1, got 0"),
        (lambda: FieldEncoder(3, 1e-3, pairs=True), "features must be even"),
    ],
)
def test_impossible_settings_are_refused(build, words):
    with pytest.raises(ParameterError, match=words):
        build()
