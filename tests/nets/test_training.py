"""Learning, repeating to the bit, going on after an interruption."""

import json
import threading

import numpy as np
import pytest
from threadpoolctl import threadpool_info

import nets
from nets import tasks
from nets.training import adam_step, slope_counts
from photonic import ConvergenceError, DataError, ParameterError

SMALL = {"epochs": 4, "learning_rate": 3e-3}


def network(activation="relu", seed=2):
    return nets.Network((64, 24, 10), activation, seed=seed)


@pytest.fixture(scope="module")
def small(digits):
    return digits.subset(1200)


@pytest.mark.parametrize("name", ["tanh", "sigmoid", "photonic"])
@pytest.mark.parametrize("outputs", [1, 2])
def test_xor_is_learned(name, outputs, curve):
    f = nets.Photonic(curve, bias=0.5, scale=0.15) if name == "photonic" else name
    task = tasks.load("xor")
    accuracies = []
    for seed in range(5):
        n = nets.Network((2, 6, outputs), f, seed=seed)
        n.scale_to_unit_variance(task.train_inputs)
        accuracies.append(nets.train(n, task, epochs=600, learning_rate=0.03, seed=seed).accuracy)
    assert accuracies.count(1.0) >= 4


def test_xor_is_not_learned_without_a_nonlinearity():
    task = tasks.load("xor")
    history = nets.train(nets.Network((2, 6, 2), "identity", seed=0), task, epochs=600, learning_rate=0.03)
    assert history.accuracy <= 0.75  # a line gets three of the four rows at best


def test_digits_are_learned_and_permuted_labels_are_not(small):
    assert nets.train(network(), small, epochs=30, learning_rate=5e-3).accuracy > 0.85
    permuted = nets.train(network(), small.with_permuted_labels(1), epochs=10, learning_rate=5e-3)
    assert permuted.accuracy < 0.2  # chance is 0.1


def test_two_runs_are_equal_to_the_bit(small, curve):
    f = nets.Photonic(curve, bias=0.5, scale=0.15)
    first, second = network(f), network(f)
    assert nets.train(first, small, **SMALL) == nets.train(second, small, **SMALL)
    assert np.array_equal(first.parameters, second.parameters)
    third = network(f)
    nets.train(third, small, **SMALL, seed=1)
    assert not np.array_equal(first.parameters, third.parameters)


def test_threads_do_not_change_the_numbers(small):
    alone = network()
    nets.train(alone, small, **SMALL)
    together = [network() for _ in range(3)]
    threads = [threading.Thread(target=nets.train, args=(n, small), kwargs=SMALL) for n in together]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    for n in together:
        assert np.array_equal(n.parameters, alone.parameters)


def blas_threads():
    return [p["num_threads"] for p in threadpool_info() if p["user_api"] == "blas"]


def test_blas_limit_is_lifted_by_the_last_one_out():
    before = blas_threads()
    with nets.single_threaded_blas():
        with nets.single_threaded_blas():
            assert set(blas_threads()) == {1}
        assert set(blas_threads()) == {1}
    assert blas_threads() == before


def test_blas_limit_holds_in_any_thread_and_after_any_other():
    with nets.single_threaded_blas():  # the main thread first: some libraries then listen to no other
        pass
    before, seen = blas_threads(), []
    entered, leave = threading.Event(), threading.Event()

    def first():
        with nets.single_threaded_blas():
            entered.set()
            leave.wait()

    def last():
        entered.wait()
        with nets.single_threaded_blas():
            leave.set()
            one.join()  # who came first has left
            seen.append(blas_threads())

    one, two = threading.Thread(target=first), threading.Thread(target=last)
    one.start()
    two.start()
    two.join()
    assert [set(s) for s in seen] == [{1}]
    assert blas_threads() == before


def test_order_of_examples_depends_on_seed_and_epoch_only(small):
    seen = []
    n = network()
    plain = n.loss_and_gradient

    def spy(x, labels, noise):
        seen.append(labels.copy())
        return plain(x, labels, noise)

    n.loss_and_gradient = spy
    nets.train(n, small, epochs=2, seed=5)
    order = [np.random.default_rng([5, epoch]).permutation(len(small.train_labels)) for epoch in (0, 1)]
    assert np.array_equal(np.concatenate(seen), small.train_labels[np.concatenate(order)])
    assert [len(s) for s in seen[:10]] == [128] * 9 + [1200 - 9 * 128]


@pytest.mark.parametrize("activation", ["relu", "prelu", "photonic"])
def test_resume_is_equal_to_the_bit(activation, small, curve, tmp_path):
    f = nets.Photonic(curve, bias=0.5, scale=0.15) if activation == "photonic" else activation
    whole, broken = network(f), network(f)
    path = tmp_path / "run.npz"
    expected = nets.train(whole, small, **SMALL)

    def interrupt(done, epochs, history):
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        nets.train(broken, small, **SMALL, checkpoint=path, progress=interrupt)
    again = network(f)
    history = nets.train(again, small, **SMALL, checkpoint=path, resume=True)
    assert history == expected
    assert np.array_equal(again.parameters, whole.parameters)
    assert [p.name for p in tmp_path.iterdir()] == ["run.npz"]


def test_checkpoint_of_another_setting_is_refused(small, tmp_path):
    path = tmp_path / "run.npz"
    nets.train(network(), small, **SMALL, checkpoint=path)
    with pytest.raises(ParameterError, match=r"was made with learning rate 0\.003, not 0\.01"):
        nets.train(network(), small, epochs=5, learning_rate=0.01, checkpoint=path, resume=True)
    with pytest.raises(ParameterError, match="was made with activations"):
        nets.train(network("tanh"), small, **SMALL, checkpoint=path, resume=True)
    with pytest.raises(ParameterError, match="was made with task"):
        nets.train(network(), small.with_permuted_labels(0), **SMALL, checkpoint=path, resume=True)
    with pytest.raises(ParameterError, match="has 4 epochs, more than epochs=2"):
        nets.train(network(), small, epochs=2, learning_rate=3e-3, checkpoint=path, resume=True)


def test_damaged_checkpoint_is_a_clear_error(small, tmp_path):
    path = tmp_path / "run.npz"
    nets.train(network(), small, epochs=1, checkpoint=path)
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DataError, match=r"run\.npz: not a checkpoint"):
        nets.train(network(), small, epochs=2, checkpoint=path, resume=True)
    with pytest.raises(DataError, match="cannot be written"):
        nets.train(network(), small, epochs=1, checkpoint=tmp_path / "none" / "run.npz")


def test_history_is_what_the_network_does(small):
    n, told = network(), []
    history = nets.train(n, small, epochs=3, progress=lambda *a: told.append(a[:2]))
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert history.epochs == 3
    assert history.accuracy == n.accuracy(small.test_inputs, small.test_labels)
    z = small.train_inputs[:256] @ n.layers[0].weights + n.layers[0].bias
    slope = z > 0
    assert history.mean_slope[-1] == pytest.approx(slope.mean(), abs=1e-4)
    assert history.slope_deviation[-1] == pytest.approx(slope.std(), abs=1e-4)
    assert history.vanishing[-1] == pytest.approx(1 - slope.mean(), abs=1e-4)
    assert history.dead[-1] == pytest.approx(np.mean(~slope.any(axis=0)), abs=1e-9)
    assert history.saturated[-1] == 0
    json.dumps(history.as_dict())


def test_saturated_share_is_counted(small, curve):
    f = nets.Photonic(curve, bias=0.9, scale=0.5)
    n = network(f)
    n.scale_to_unit_variance(small.train_inputs[:128])
    history = nets.train(n, small, epochs=1, learning_rate=1e-5)
    z = small.train_inputs[:256] @ n.layers[0].weights + n.layers[0].bias
    assert history.saturated[-1] == pytest.approx(np.mean((z > 0.2) | (z < -1.8)), abs=1e-3)
    assert history.saturated[-1] > 0.2


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_adam_follows_the_paper(dtype):
    """Expected: algorithm 1 of arXiv:1412.6980 written out in float64."""
    generator = np.random.default_rng(0)
    p = generator.normal(size=20).astype(dtype)
    adam = nets.Adam(20, dtype, learning_rate=0.01)
    expected, m, v = p.astype(float), np.zeros(20), np.zeros(20)
    for t in range(1, 6):
        g = generator.normal(size=20).astype(dtype)
        adam.step(p, g)
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g.astype(float) ** 2
        expected -= 0.01 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    np.testing.assert_allclose(p, expected, rtol=1e-12 if dtype is np.float64 else 1e-4)


def test_adam_kernel_equals_its_source():
    arrays = np.random.default_rng(0).uniform(0.1, 1, (4, 30))
    numbers = np.array([0.01, 1.2, 0.9, 0.1, 0.999, 0.001, 1e-8, 0.05])
    fast, slow = arrays.copy(), arrays.copy()
    adam_step(*fast, numbers)
    adam_step.py_func(*slow, numbers)
    np.testing.assert_allclose(fast, slow, rtol=1e-14)
    assert not np.array_equal(fast, arrays)


def test_slope_counts():
    slope = np.array([[0, 1e-9, -0.005, 2], [0, 0, 1, np.float32(0.5)]], np.float32)
    for kernel in (slope_counts, slope_counts.py_func):
        dead, vanishing, total, square = kernel(slope, 1e-6, 0.01)
        assert (dead, vanishing) == (2, 5)
        assert total == pytest.approx(3.495, rel=1e-6)
        assert square == pytest.approx(5.250025, rel=1e-6)


def test_moments_of_a_dead_neuron_end_at_zero():
    adam, p, g = nets.Adam(3), np.ones(3, np.float32), np.full(3, 1e-3, np.float32)
    adam.step(p, g)
    for _ in range(900):
        adam.step(p, 0 * g)
    assert not adam.first.any()


def test_a_loss_that_is_not_finite_stops(small):
    n = network()
    n.parameters[0] = np.nan
    with pytest.raises(ConvergenceError, match="the loss is nan in epoch 1, batch 1"):
        nets.train(n, small, epochs=1)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"epochs": 0}, "epochs must be a whole number >= 1, got 0"),
        ({"batch_size": 1.5}, r"batch_size must be a whole number >= 1, got 1\.5"),
        ({"learning_rate": -1.0}, "learning_rate must be > 0"),
        ({"seed": -1}, "seed must be a whole number >= 0, got -1"),
        ({"resume": True}, "resume=True needs the checkpoint"),
    ],
)
def test_wrong_arguments(small, arguments, message):
    with pytest.raises(ParameterError, match=message) as caught:
        nets.train(network(), small, **{"epochs": 1, **arguments})
    assert "\n" not in str(caught.value)


def test_network_must_fit_the_task():
    with pytest.raises(ParameterError, match=r"task must be a Task, such as .* got 'xor'"):
        nets.train(network(), "xor", epochs=1)
    with pytest.raises(ParameterError, match="does not fit task xor: 2 features, 2 classes"):
        nets.train(network(), tasks.load("xor"), epochs=1)
