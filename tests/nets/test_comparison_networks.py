"""Whole networks as contestants, and digital ones of the same size."""

import dataclasses
import json
import re
import warnings

import numpy as np
import pytest

from nets import tasks
from nets.architecture import Architecture
from nets.comparison import compare
from nets.matched_size import dense_size, matched_widths
from nets.network import Network
from nets.optical.architectures import optical_architecture
from nets.optical.budget import DarkLayerWarning
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
            images=False,
            feature_name="means of rows",
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
    # it sees an eighth of the numbers, and the table says so
    assert found["sees"] == "8 means of rows"
    lines = result.table().splitlines()
    assert lines[0].split()[:2] == ["activation", "sees"]
    assert (lines[2].split()[1:3], lines[3].split()[1:5]) == (["64", "pixels"], ["8", "means", "of", "rows"])
    assert "sees" not in compare(DIGITS, ["relu", "tanh"], **QUICK).table()
    assert "910" in result.table().splitlines()[2]
    assert " 48 " in result.table().splitlines()[3]


def test_what_cannot_be_trained_is_refused_by_name():
    class Nothing(Narrow):
        def network(self, task, hidden, seed):
            return "a network"

    with pytest.raises(ParameterError, match=r"rows: network must give what nets\.train can train.*got str"):
        compare(DIGITS, [Nothing()], **QUICK)


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


def dark(name):
    return dataclasses.replace(optical_architecture("cascade:photonic", laser_power=1e-6), name=name)


def test_darkness_is_told_of_each_contestant_once(tmp_path):
    """A microwatt over sixteen guides is a thousandth of what the neurons need."""
    settings = {**QUICK, "epochs": 1, "folder": tmp_path / "kept"}
    for resume in (False, True):  # a kept training tells it as well
        with pytest.warns(DarkLayerWarning) as told:
            result = compare(DIGITS, [dark("first"), "relu", dark("second")], resume=resume, **settings)
        texts = [str(each.message) for each in told]
        assert [text.split(" is dark")[0] for text in texts] == [
            f"{name}, 2 of 2 seeds: stage {re.search('stage ([0-9]+)', text)[1]} (photonic, layer 1)"
            for name, text in zip(("first", "second"), texts, strict=True)
        ]
    entries = json.loads(result.to_json())["activations"]
    assert [entry.get("warnings") for entry in entries] == [[texts[0]], None, [texts[1]]]
    report = result.report(tmp_path / "report").read_text(encoding="utf-8")
    assert "first, 2 of 2 seeds: stage" in report


def test_enough_light_needs_no_words():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert compare(DIGITS, ["mesh:linear"], **{**QUICK, "epochs": 1})["mesh:linear"].warnings == ()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["linear", "relu", "identity"], "'identity' is the same as 'linear': name it once"),
        (["mesh:linear@5mW", "mesh:linear@0.005W"], "'mesh:linear@0.005W' is the same as 'mesh:linear@5mW'"),
    ],
)
def test_two_words_for_the_same_are_refused(words, message):
    with pytest.raises(ParameterError, match=re.escape(message)):
        compare(DIGITS, words, **QUICK)


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
        # (784 + 1 + 10) w + 10 = 23860 + 180 → w = 30.2, and never the smaller one
        (784, (30,), 10, 23860, (30,)),
        (784, (30,), 10, 24040, (31,)),
        (32, (100,), 10, 512, (12,)),  # 43 w + 10 = 512 → 11.7
        (32, (100,), 10, 526, (12,)),
        (32, (100,), 10, 527, (13,)),
        (784, (100,), 10, 3, (1,)),
        (10, (20, 10), 4, 474, (20, 10)),  # 220 + 210 + 44
    ],
)
def test_widths_of_a_given_size(features, hidden, classes, parameters, expected):
    assert matched_widths(features, hidden, classes, parameters) == expected


def test_sizes_are_those_of_networks():
    assert dense_size((7, 5, 4, 3)) == Network((7, 5, 4, 3), "relu").parameters.size


def test_every_contestant_has_a_digital_one_of_its_size_on_its_own_view():
    result = compare(DIGITS, ["relu", "sigmoid", "tanh", Narrow()], same_parameters=True, **QUICK)
    added = ["relu as large as rows", "sigmoid as large as rows"]
    assert [o.name for o in result.outcomes] == ["relu", "sigmoid", "tanh", "rows", *added]
    # tanh is as wide as relu already
    assert [o.matched for o in result.outcomes] == ["", "", "relu", "relu as large as rows", "", ""]
    # eight rows are what it sees: (8 + 1 + 10) w + 10 = 48 → w = 2
    for name in added:
        assert (result[name].hidden, result[name].parameters, result[name].task) == ((2,), 48, "digits-rows")
        assert result[name].as_large_as == "rows"
    alone = compare(Narrow().task(DIGITS), ["relu"], **{**QUICK, "hidden": (2,)})
    assert alone["relu"].histories == result["relu as large as rows"].histories
    assert "as large as rows (48) on digits-rows: relu as large as rows (48, 2 hidden)" in result.table()
    assert "as large as tanh (910) on digits: relu (910, 12 hidden)" in result.table()


def test_a_digital_opponent_is_paired_seed_by_seed():
    result = compare(DIGITS, ["relu", Narrow()], same_parameters=True, **QUICK)
    entries = json.loads(result.to_json())["activations"]
    by_hand = np.subtract(entries[1]["per_seed"], entries[2]["per_seed"])
    found = entries[1]["difference_to_matched"]
    assert found["name"] == entries[2]["activation"] == "relu as large as rows"
    assert found["mean"] == pytest.approx(by_hand.mean())
    # two seeds: t(0.975, 1) = 12.706
    assert found["high"] - found["mean"] == pytest.approx(12.706 * abs(np.diff(by_hand)[0]) / 2, rel=1e-4)
    assert entries[0]["difference_to_matched"] is None
    assert json.loads(result.to_json())["settings"]["same_parameters"] is True
    plain = compare(DIGITS, ["relu", Narrow()], **QUICK)
    assert plain.as_dict()["activations"][1]["difference_to_matched"] is None
    assert "as large" not in plain.table()


def test_contestants_of_one_size_and_view_share_their_opponent():
    class Other(Narrow):
        name = "rows again"

    result = compare(DIGITS, ["sigmoid", Narrow([1e-2]), Other()], same_parameters=True, **QUICK)
    assert [o.name for o in result.outcomes][3:] == ["sigmoid as large as rows"]
    assert result["rows again"].matched == result["rows"].matched == "sigmoid as large as rows"


def test_an_opponent_may_try_the_learning_rates_of_what_it_is_compared_with():
    settings = {"hidden": (12,), "seeds": 1, "epochs": 3}
    result = compare(DIGITS, ["relu", Narrow((2e-3, 3e-2))], same_parameters=True, **settings)
    tried = [c.learning_rate for c in result["relu as large as rows"].tried]
    assert tried == [1e-3, 2e-3, 4e-3, 8e-3, 3e-2]


@pytest.mark.parametrize("task", ["digits", "mnist"])
def test_the_opponent_of_a_mesh_gets_its_fourier_coefficients(task):
    loaded = tasks.load(task).subset(300)
    small = dataclasses.replace(
        loaded, test_inputs=loaded.test_inputs[:100], test_labels=loaded.test_labels[:100]
    )
    result = compare(
        small, ["relu", "photonic:trained", "mesh:electro-optic"], hidden=(30,), seeds=1, epochs=1,
        learning_rates=[1e-2], same_parameters=True,
    )  # fmt: skip
    found = result["relu as large as mesh:electro-optic"]
    assert found.task == f"{task}-fourier-16"
    # 32 features: 43 w + 10 >= 512 → 12 hidden; of 2·16² phases 2·16, and the mixing of 6 of 16 guides
    assert (found.hidden, found.parameters) == ((12,), 526)
    assert "62 of the 512 trained numbers of mesh:electro-optic change no score" in result.table()
    trained, opponent = result["photonic:trained"], result["relu as large as photonic:trained"]
    features = {"digits": 64, "mnist": 784}[task]
    assert trained.parameters == (features + 11) * 30 + 10 + 6 * 30
    assert 0 <= opponent.parameters - trained.parameters < features + 11


def test_what_has_no_size_is_refused_and_what_is_not_needed_is_said():
    only = compare(DIGITS, ["relu", "sigmoid"], same_parameters=True, **QUICK)
    assert [o.name for o in only.outcomes] == ["relu", "sigmoid"]
    assert "nothing but digital networks takes part" in only.table()
    with pytest.raises(ParameterError, match="needs relu or sigmoid"):
        compare(DIGITS, ["tanh"], same_parameters=True, **QUICK)
    with pytest.raises(ParameterError, match="needs a hidden layer"):
        compare(DIGITS, ["relu", Narrow()], same_parameters=True, **{**QUICK, "hidden": ()})


def test_a_comparison_with_opponents_goes_on_and_sees_other_test_data(tmp_path):
    specs, settings = ["relu", Narrow()], {**QUICK, "same_parameters": True, "folder": tmp_path / "kept"}
    whole = compare(DIGITS, specs, **settings).to_json()
    assert compare(DIGITS, specs, resume=True, **settings).to_json() == whole
    other = dataclasses.replace(DIGITS, test_inputs=1 - DIGITS.test_inputs)
    with pytest.raises(ParameterError, match="was made with data"):
        compare(other, specs, resume=True, **settings)
