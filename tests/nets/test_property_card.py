"""Cards of functions whose properties are known by heart."""

import json
import math

import numpy as np
import pytest

import nets
from nets import activations
from nets.property_card import table
from photonic import Curve, ParameterError


def card(name):
    return nets.properties(activations.get(name))


# from the definitions: range, Lipschitz constant, smoothness, saturating, identity near the origin
KNOWN = {
    "identity": ((-math.inf, math.inf), 1, "C2", "no", True),
    "step": ((0, 1), math.inf, "jump", "both", False),
    "ramp": ((0, 1), 1, "C0", "both", False),
    "sigmoid": ((0, 1), 0.25, "C2", "both", False),
    "tanh": ((-1, 1), 1, "C2", "both", True),
    "relu": ((0, math.inf), 1, "C0", "left", False),
    "leaky_relu": ((-math.inf, math.inf), 1, "C0", "no", False),
    "elu": ((-1, math.inf), 1, "C1", "left", True),
    "relu6": ((0, 6), 1, "C0", "both", False),
    "softplus": ((0, math.inf), 1, "C2", "left", False),
    "swish": ((-0.27846, math.inf), 1.09984, "C2", "left", False),
    "softsign": ((-1, 1), 1, "C1", "both", True),
    "tanhre": ((-1, math.inf), 1, "C2", "left", True),
}


@pytest.mark.parametrize("name", KNOWN)
def test_known_properties(name):
    c = card(name)
    span, lipschitz, smoothness, saturating, near = KNOWN[name]
    assert c.range == pytest.approx(span, abs=2e-3)
    assert c.lipschitz == pytest.approx(lipschitz, abs=1e-4)
    assert (c.smoothness, c.saturating, c.identity_near_origin) == (smoothness, saturating, near)


def test_shares_over_the_normal_distribution():
    relu, tanh = card("relu"), card("tanh")
    assert relu.dead_share == pytest.approx(0.5, abs=1e-3)
    assert relu.mean_output == pytest.approx(1 / math.sqrt(2 * math.pi), abs=1e-3)
    # slope of tanh is below 0.01 where |x| > arctanh(sqrt(0.99)) = 2.993; twice the tail there: 0.00276
    assert tanh.vanishing_share == pytest.approx(0.00276, abs=3e-4)
    assert (tanh.zero_centred, relu.zero_centred) == (True, False)
    assert card("swish").monotone == "no"
    assert card("softplus").monotone == "rising"
    assert "4001 quantiles of the standard normal" in relu.inputs


def test_photonic_card(curve):
    f = nets.Photonic(curve, bias=0.5, scale=0.5)
    c = nets.properties(f)
    # |z| > 1 lies outside the curve: 31.7 % of a normal distribution
    assert c.saturated_share == pytest.approx(0.3173, abs=1e-3)
    assert c.dead_share == pytest.approx(0.3173, abs=1e-3)
    assert c.saturating == "both"
    assert c.range[1] == pytest.approx(1)
    strict = nets.Photonic(curve, bias=0.5, scale=0.5, outside="raise")
    c = nets.properties(strict)
    assert c.saturated_share == 0
    assert "within [-1, 1]" in c.inputs


def test_a_kinked_curve_is_seen():
    x = np.linspace(0, 1, 9)
    kinked = Curve(1e-3 * x, 1e-3 * x**2, slope=2 * x)
    assert nets.properties(nets.Photonic(kinked, bias=0.0, scale=1.0)).smoothness == "C0"


def test_given_inputs():
    c = nets.properties(activations.relu, inputs=[-1.0, 1.0, 2.0, 3.0])
    assert c.dead_share == 0.25
    assert c.inputs == "4 inputs given"
    for wrong in ([], [np.nan]):
        with pytest.raises(ParameterError, match="inputs must be finite numbers, at least one"):
            nets.properties(activations.relu, inputs=wrong)
    with pytest.raises(ParameterError, match="no elementwise derivative"):
        nets.properties(activations.softmax)


def test_dictionary_and_table():
    cards = [card("relu"), card("tanh")]
    data = json.loads(json.dumps(cards[0].as_dict(), allow_nan=False))
    assert data["range"] == [0.0, "inf"]
    lines = table(cards).splitlines()
    assert len(lines) == 4
    assert lines[2].startswith("relu")
    assert len(cards[0].rows()) == 12
