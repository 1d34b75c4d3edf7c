"""Whole networks as contestants, and digital ones of the same size."""

import dataclasses
import json

import numpy as np
import pytest

from nets import activations, tasks
from nets.architecture import Architecture, DenseNetwork
from nets.comparison import compare
from nets.matched_size import dense_size, matched_widths
from nets.network import Network
from photonic.errors import ParameterError

DIGITS = tasks.load("digits").subset(900)
QUICK = {"hidden": (12,), "seeds": 2, "epochs": 2, "learning_rates": [5e-3]}


class Narrow(Architecture):
    """Two hidden neurons on the brightness of the rows of an image."""

    name = "rows"
    encoding = "the mean of each row"

    def __init__(self, learning_rates=None):
        self.learning_rates = learning_rates

    @property
    def identity(self):
        return "rows of eight, two hidden"

    def task(self, task):
        def rows(x):
            return np.ascontiguousarray(x.reshape(len(x), 8, 8).mean(axis=2))

        return dataclasses.replace(
            task,
            name="digits-rows",
            train_inputs=rows(task.train_inputs),
            test_inputs=rows(task.test_inputs),
        )

    def widths(self, hidden):
        return (2,)

    def network(self, task, hidden, seed):
        return Network((task.features, 2, task.classes), "tanh", seed=seed)

    def findings(self, network, task):
        return {"largest": float(np.abs(network.parameters).max()), "features": task.features}


def test_a_whole_network_takes_part_with_its_own_view_of_the_task():
    result = compare(DIGITS, ["relu", Narrow()], **QUICK)
    found = json.loads(result.to_json())["activations"][1]
    assert found["activation"] == "rows"
    assert found["task"] == "digits-rows"
    assert found["hidden"] == [2]
    # 8·2 weights and 2 biases, 2·10 weights and 10 biases
    assert found["parameters"] == 48
    assert found["findings"]["features"] == 8
    assert found["findings"]["largest"] > 0
    assert json.loads(result.to_json())["activations"][0]["parameters"] == 64 * 12 + 12 + 12 * 10 + 10
    by_hand = np.subtract(result["rows"].per_seed, result["relu"].per_seed)
    assert result.difference("rows").mean == pytest.approx(by_hand.mean())
    assert "910" in result.table().splitlines()[2]
    assert " 48 " in result.table().splitlines()[3]


def test_its_training_is_the_one_of_train_on_the_same_batches():
    from nets.training import train

    task = Narrow().task(DIGITS)
    network = Network((8, 2, 10), "tanh", seed=1)
    first = np.random.default_rng([1, 0]).permutation(900)[:128]
    network.scale_to_unit_variance(task.train_inputs[first])
    history = train(network, task, epochs=2, learning_rate=5e-3, seed=1)
    assert compare(DIGITS, [Narrow()], **QUICK)["rows"].histories[1] == history


def test_its_own_grid_of_learning_rates_unless_one_is_asked_for():
    settings = {"hidden": (12,), "seeds": 1, "epochs": 3}
    free = compare(DIGITS, [Narrow((1e-2, 3e-2)), "relu"], **settings)
    assert [c.learning_rate for c in free["rows"].tried] == [1e-2, 3e-2]
    assert [c.learning_rate for c in free["relu"].tried] == [1e-3, 2e-3, 4e-3, 8e-3]
    asked = compare(DIGITS, [Narrow((1e-2, 3e-2))], learning_rates=[1e-3, 2e-3], **settings)
    assert [c.learning_rate for c in asked["rows"].tried] == [1e-3, 2e-3]
    single = compare(DIGITS, [Narrow((1e-2,)), "relu"], **settings)
    assert single["rows"].tried == ()
    assert single["rows"].learning_rate == 1e-2


def test_a_kept_training_is_used_again_with_what_it_told(tmp_path):
    whole = compare(DIGITS, [Narrow(), "relu"], folder=tmp_path / "kept", **QUICK).to_json()
    seen = []
    again = compare(
        DIGITS, [Narrow(), "relu"], folder=tmp_path / "kept", resume=True,
        progress=lambda *a: seen.append(a[2]), **QUICK,
    )  # fmt: skip
    assert again.to_json() == whole
    assert all("%" not in text for text in seen)


def test_another_identity_is_another_training(tmp_path):
    class Other(Narrow):
        identity = "something else"

    compare(DIGITS, [Narrow()], folder=tmp_path / "kept", **QUICK)
    with pytest.raises(ParameterError, match="was made with activation 'rows of eight"):
        compare(DIGITS, [Other()], folder=tmp_path / "kept", resume=True, **QUICK)


@pytest.mark.parametrize(
    ("features", "hidden", "classes", "parameters", "expected"),
    [
        # (784 + 1 + 10) w + 10 = 23860 + 180 → w = 30.2; + 500 → 30.6
        (784, (30,), 10, 24040, (30,)),
        (784, (30,), 10, 24360, (31,)),
        (32, (100,), 10, 512, (12,)),  # 43 w + 10 = 512 → 11.7
        (784, (100,), 10, 3, (1,)),
        (10, (20, 10), 4, 474, (20, 10)),  # 220 + 210 + 44
    ],
)
def test_widths_of_a_given_size(features, hidden, classes, parameters, expected):
    assert matched_widths(features, hidden, classes, parameters) == expected


def test_sizes_are_those_of_networks():
    assert dense_size((7, 5, 4, 3)) == Network((7, 5, 4, 3), "relu").parameters.size


def test_digital_networks_of_the_size_of_the_largest_other_contestant():
    result = compare(DIGITS, ["relu", "sigmoid", "tanh", Narrow()], same_parameters=True, **QUICK)
    # the largest that is not digital is tanh, as wide as relu already
    assert [o.name for o in result.outcomes] == ["relu", "sigmoid", "tanh", "rows"]
    assert "no other hidden width" in result.table()
    result = compare(DIGITS, ["relu", "sigmoid", Narrow()], same_parameters=True, **QUICK)
    names = ["relu", "sigmoid", "rows", "relu, 1 hidden", "sigmoid, 1 hidden"]  # 75 w + 10 = 48
    assert [o.name for o in result.outcomes] == names
    assert result["relu, 1 hidden"].parameters == 85
    assert result["relu, 1 hidden"].hidden == (1,)
    assert "as many trained numbers" in result.table()
    alone = DenseNetwork(activations.relu, "", name="alone", hidden=(1,))
    assert compare(DIGITS, [alone], **QUICK)["alone"].histories == result["relu, 1 hidden"].histories
    assert json.loads(result.to_json())["settings"]["same_parameters"] is True
    with pytest.raises(ParameterError, match="needs relu or sigmoid"):
        compare(DIGITS, ["tanh"], same_parameters=True, **QUICK)
