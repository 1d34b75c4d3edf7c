"""What digital networks and networks of light refuse alike: labels, seeds and rows that cannot be meant."""

import numpy as np
import pytest

from nets import Detector, FieldEncoder, MZIMesh, Network, OpticalNetwork, Readout
from nets.classification_loss import checked_labels
from photonic import ParameterError

X = np.full((5, 3), 0.5)


def digital(seed=0):
    return Network((3, 4, 3), "tanh", seed=seed)


def light(seed=0):
    return OpticalNetwork([FieldEncoder(3, 1e-3), MZIMesh(3), Detector(3, 1.0), Readout(3, 1e3)], seed=seed)


@pytest.fixture(params=[digital, light])
def build(request):
    return request.param


@pytest.mark.parametrize(
    ("labels", "text"),
    [
        (np.arange(5), r"labels must lie in \[0, 2\], the classes of the network, got 3"),
        (np.arange(5) - 1, r"labels must lie in \[0, 2\].*got -1"),
        (np.zeros(4, int), r"labels must have shape \(5,\).*got \(4,\)"),
        (np.zeros(5), "labels must be whole numbers, got float64"),
        (["a"] * 5, "labels must be whole numbers"),
    ],
)
def test_labels_that_are_no_classes(build, labels, text):
    """An unchecked label would be an index beyond the scores."""
    network = build()
    with pytest.raises(ParameterError, match=text):
        network.loss_and_gradient(X, labels)
    with pytest.raises(ParameterError, match=text):
        network.accuracy(X, labels)


def test_labels_may_be_a_list_and_of_any_width(build):
    network = build()
    wanted = network.loss_and_gradient(X, np.array([0, 1, 2, 0, 1]))
    assert network.loss_and_gradient(X, [0, 1, 2, 0, 1]) == wanted
    assert network.loss_and_gradient(X, np.array([0, 1, 2, 0, 1], np.uint8)) == wanted
    assert 0 <= network.accuracy(X, [0, 1, 2, 0, 1]) <= 1


def test_one_score_tells_two_classes():
    network = Network((3, 1), "tanh")
    assert network.classes == 2
    assert network.accuracy(X, [1] * 5) + network.accuracy(X, [0] * 5) == 1
    with pytest.raises(ParameterError, match=r"labels must lie in \[0, 1\]"):
        network.loss_and_gradient(X, [2] * 5)


def test_no_rows(build):
    assert build().scores(np.zeros((0, 3))).shape == (0, 3)
    with pytest.raises(ParameterError, match="inputs must hold at least one row"):
        build().accuracy(np.zeros((0, 3)), [])
    assert checked_labels(np.zeros(0, int), 0, 3).size == 0


def test_inputs_that_are_no_numbers(build):
    with pytest.raises(ParameterError, match=r"inputs must be numbers of shape \(rows, 3\)"):
        build().scores("abc")


@pytest.mark.parametrize(
    ("seed", "text"),
    [
        (-1, "seed must be a whole number >= 0, got -1"),
        ("a", "seed must be a seed"),
        (1.5, "seed must be a seed"),
    ],
)
def test_seeds(build, seed, text):
    with pytest.raises(ParameterError, match=text):
        build(seed)
    with pytest.raises(ParameterError, match=text.replace("seed must", "noise must", 1)):
        build().scores(X, noise=seed)
