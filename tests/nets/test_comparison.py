"""The rules of a fair comparison, each as a test that can fail."""

import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from scipy import stats

from nets import tasks
from nets.architecture import Architecture, DenseNetwork
from nets.comparison import compare
from nets.data_digest import fingerprint
from nets.network import Network
from nets.outcomes import paired
from nets.runs import Run
from nets.specifications import activation, contestant, names
from photonic.errors import ConvergenceError, ParameterError

DIGITS = tasks.load("digits").subset(900)
QUICK = {"hidden": (12,), "seeds": 3, "epochs": 2, "learning_rates": [5e-3]}


def test_identical_activations_differ_by_exactly_nothing():
    result = compare(DIGITS, ["relu", "relu"], **QUICK)
    difference = result.difference("relu (2)")
    assert difference == (0.0, 0.0, 0.0)
    assert result["relu"].histories == result["relu (2)"].histories


def test_numbers_do_not_depend_on_workers_or_executor():
    specs = ["relu", "tanh", "photonic:sigmoid"]
    one = compare(DIGITS, specs, workers=1, **QUICK).to_json()
    assert compare(DIGITS, specs, workers=3, **QUICK).to_json() == one
    with ThreadPoolExecutor(2) as executor:
        assert compare(DIGITS, specs, executor=executor, **QUICK).to_json() == one


def test_permuted_labels_give_chance():
    result = compare(DIGITS.with_permuted_labels(1), ["relu", "sigmoid"], hidden=(12,), seeds=3, epochs=3)
    for outcome in result.outcomes:
        # ten classes of nearly equal size; 2,000 test digits: chance is 10 ± 3 %
        assert outcome.accuracy.mean == pytest.approx(0.10, abs=0.04)


def test_every_activation_starts_from_the_same_weights_up_to_one_factor_a_layer():
    def run(name):
        return Run(
            label=name, architecture=contestant(name), task=DIGITS, data="", hidden=(12, 8), seed=4,
            epochs=1, batch_size=100, learning_rate=1e-3,
        )  # fmt: skip

    networks = [run(name).network() for name in ("relu", "photonic:radial-basis")]
    first = np.random.default_rng([4, 0]).permutation(900)[:100]
    for layer in range(3):
        a, b = (n.layers[layer].weights for n in networks)
        ratio = b / a
        assert np.ptp(ratio) < 1e-5 * abs(ratio.mean())
    for network in networks:
        for _, z, _ in network.hidden(DIGITS.train_inputs[first]):
            assert np.var(z) == pytest.approx(1.0, rel=1e-4)


def test_the_test_set_takes_no_part_in_the_choice_of_the_learning_rate():
    settings = {"hidden": (12,), "seeds": 1, "epochs": 12, "batch_size": 32, "learning_rates": [1e-4, 1e-2]}
    honest = compare(DIGITS, ["relu"], **settings)
    other = dataclasses.replace(DIGITS, test_labels=(DIGITS.test_labels + 1) % 10)
    blind = compare(other, ["relu"], **settings)
    assert blind["relu"].tried == honest["relu"].tried
    assert blind["relu"].accuracy.mean < 0.2 < 0.6 < honest["relu"].accuracy.mean
    assert honest.settings.held_out == 150  # a sixth of 900
    assert honest["relu"].learning_rate == max(honest["relu"].tried, key=lambda c: c.accuracy).learning_rate


def test_the_last_epoch_counts_not_the_best():
    result = compare(DIGITS, ["relu"], hidden=(12,), seeds=2, epochs=6, learning_rates=[0.1])
    for history, accuracy in zip(result["relu"].histories, result["relu"].per_seed, strict=True):
        assert accuracy == history.test_accuracy[-1]


def test_intervals_are_those_of_student():
    values = [0.91, 0.93, 0.90, 0.95]
    low, high = stats.t.interval(0.95, 3, np.mean(values), stats.sem(values))  # independent computation
    assert paired(values) == pytest.approx((np.mean(values), low, high))


def test_one_seed_has_no_interval_and_says_so():
    result = compare(DIGITS, ["relu", "tanh"], hidden=(12,), seeds=1, epochs=1, learning_rates=[5e-3])
    assert result.difference("tanh")[1:] == (None, None)
    assert "one seed" in result.table()
    assert "no interval" in result.table()


def test_differences_are_paired_by_seed():
    result = compare(DIGITS, ["relu", "tanh"], **QUICK)
    by_hand = np.subtract(result["tanh"].per_seed, result["relu"].per_seed)
    assert result.difference("tanh").mean == pytest.approx(by_hand.mean())


def test_json_holds_what_it_promises():
    result = compare(DIGITS, ["relu", "photonic:softplus"], note="a note", **QUICK)
    found = json.loads(result.to_json())
    assert found["schema"] == 1
    assert found["task"] == "digits"
    assert found["settings"]["seeds"] == [0, 1, 2]
    assert [a["activation"] for a in found["activations"]] == ["relu", "photonic:softplus"]
    for entry in found["activations"]:
        assert len(entry["per_seed"]) == 3
        assert entry["accuracy"] == pytest.approx(np.mean(entry["per_seed"]))
        assert set(entry["difference_to_relu"]) == {"mean", "low", "high"}
        assert len(entry["histories"][0]["loss"]) == 2
        assert {"dead", "saturated", "mean_slope", "slope_deviation"} <= set(entry["last_epoch"])
    assert "full scale" in found["activations"][1]["encoding"]


def test_without_relu_there_is_no_difference_to_it():
    result = compare(DIGITS, ["tanh"], **QUICK)
    assert json.loads(result.to_json())["activations"][0]["difference_to_relu"] is None
    assert "relu is not among" in result.table()


def test_a_rate_that_diverges_is_not_chosen():
    result = compare(DIGITS, ["relu"], hidden=(12,), seeds=1, epochs=2, learning_rates=[1e-2, 1e30])
    assert result["relu"].learning_rate == 1e-2
    assert result["relu"].tried[1].accuracy is None


def test_if_all_rates_diverge_it_is_an_error():
    with pytest.raises(ConvergenceError, match="relu"):
        compare(DIGITS, ["relu"], hidden=(12,), seeds=1, epochs=2, learning_rates=[1e30, 1e31])


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"seeds": 0}, "seeds"),
        ({"seeds": [1, 1]}, "seeds"),
        ({"epochs": 0}, "epochs"),
        ({"batch_size": 0}, "batch_size"),
        ({"hidden": (0,)}, "hidden"),
        ({"learning_rates": []}, "learning_rates"),
        ({"learning_rates": [-1.0]}, "learning_rates"),
        ({"workers": 0}, "workers"),
        ({"resume": True}, "folder"),
    ],
)
def test_impossible_settings_are_refused(settings, message):
    with pytest.raises(ParameterError, match=message):
        compare(DIGITS, ["relu"], **settings)


def test_specifications_in_words():
    assert activation("linear").name == "identity"
    for shape in ("sigmoid", "radial-basis", "clamped-relu", "softplus", "leaky-relu"):
        assert f"photonic:{shape}" in names()
        assert activation(f"photonic:{shape}").curve.regime == "frozen heat"
    assert activation("photonic:trained").first.regime == "frozen heat"
    with pytest.raises(ParameterError, match="photonic:sigmoid"):
        activation("photonic:sigmoyd")
    with pytest.raises(ParameterError, match="slope 0"):
        compare(DIGITS, ["step"], **QUICK)


def changed_once(array, row):
    other = array.copy()
    other[row, 3] += 1 / 256
    return other


@pytest.mark.parametrize(
    "change",
    [
        lambda t: {"train_inputs": changed_once(t.train_inputs, 457)},
        lambda t: {"test_inputs": changed_once(t.test_inputs, 1999)},
        lambda t: {"train_labels": t.with_permuted_labels(1).train_labels},
        lambda t: {"test_labels": (t.test_labels + 1) % 10},
        lambda t: {"domain": (0.0, 2.0)},
        lambda t: {"pairs": True},
        lambda t: {"classes": 11},
        lambda t: {"name": "other"},
    ],
)
def test_fingerprints_tell_data_apart(change):
    assert fingerprint(DIGITS) == fingerprint(tasks.load("digits").subset(900))
    assert fingerprint(DIGITS) != fingerprint(dataclasses.replace(DIGITS, **change(DIGITS)))


def test_a_fingerprint_follows_data_that_may_change():
    task = dataclasses.replace(DIGITS, test_inputs=DIGITS.test_inputs.copy())
    before = fingerprint(task)
    task.test_inputs[5, 5] += 0.5
    assert fingerprint(task) != before


class Watched(Architecture):
    """Keeps count of the epochs that its trainings were asked for."""

    name = "watched"
    encoding = "none"
    identity = "watched"
    learning_rates = None

    def __init__(self):
        self.accuracies = {}

    def network(self, task, hidden, seed):
        counted = self.accuracies.setdefault((len(task.test_labels), seed), [])

        class Counted(Network):
            def accuracy(self, *given):
                counted.append(1)
                return super().accuracy(*given)

        return Counted((task.features, 4, task.classes), "relu", seed=seed)


def test_learning_rates_are_chosen_in_a_third_of_the_epochs_with_the_first_seed():
    watched = Watched()
    settings = {"seeds": [3, 5], "epochs": 7, "learning_rates": [1e-3, 5e-3, 2e-2], "workers": 1}
    result = compare(DIGITS, [watched], **settings)
    # an accuracy is taken after every epoch: three rates of 7 // 3 = 2 epochs on 900 / 6 held out, then
    # all 7 on the 2,000 of the test for either seed
    counts = {key: len(found) for key, found in watched.accuracies.items() if found}
    assert counts == {(150, 3): 6, (2000, 3): 7, (2000, 5): 7}
    assert result.settings.choice_epochs == 2


def test_intervals_say_what_is_not_in_them():
    result = compare(DIGITS, ["relu", "tanh"], **QUICK)
    for text in (result.table(), result.as_dict()["reported"]):
        assert "not corrected for their number" in text
        assert "error of the test set" in text


def test_a_random_start_of_neurons_differs_by_seed_and_layer():
    from nets.trainable_activation import trained

    made = DenseNetwork(trained(spread=0.3, seed=2), "")
    starts = [p.copy() for seed in (0, 1) for p in made.network(DIGITS, (5, 5), seed).activation_parameters]
    for k, one in enumerate(starts):
        assert not any(np.array_equal(one, other) for other in starts[:k])
    again = made.network(DIGITS, (5, 5), 1).activation_parameters
    assert np.array_equal(again, starts[2:])
    assert made.network(DIGITS, (), 0).sizes == (64, 10)
    # without a spread the given devices are where all of them start
    plain = DenseNetwork(trained(), "").network(DIGITS, (5, 5), 0).activation_parameters
    assert np.array_equal(plain[0], plain[1])
