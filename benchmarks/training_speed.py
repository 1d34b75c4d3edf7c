"""One epoch of training against scikit-learn and eager PyTorch (those that are installed).

Everybody on one thread, float32, Adam, batch 128, the same data and sizes, from fresh weights, in
turns; processor time. "ours" is `nets.train`, which also measures the test accuracy and the neuron
statistics after every epoch; "ours, training only" leaves that out, as the others do.
"""

from __future__ import annotations

import importlib.util
import time
import warnings
from collections.abc import Callable

import numpy as np
from threadpoolctl import threadpool_limits
from timing import interleaved, report

import nets
from nets import specifications, tasks

BATCH = 128


def fresh(task: nets.Task, hidden: int, activation: object) -> nets.Network:
    network = nets.Network((task.features, hidden, task.classes), activation, seed=0)
    network.scale_to_unit_variance(task.train_inputs[:BATCH])
    return network


def ours(task: nets.Task, hidden: int, activation: object, epochs: int) -> Callable[[], object]:
    """Several epochs in one call: what one call costs is part of the price."""
    return lambda: nets.train(fresh(task, hidden, activation), task, epochs=epochs, batch_size=BATCH)


def training_only(task: nets.Task, hidden: int, activation: object, epochs: int) -> Callable[[], object]:
    """The loop that a user would write from the public parts."""

    def run() -> None:
        network = fresh(task, hidden, activation)
        adam = nets.Adam(network.parameters.size)
        generator = np.random.default_rng(0)
        for _ in range(epochs):
            order = generator.permutation(len(task.train_labels))
            for start in range(0, len(order), BATCH):
                rows = order[start : start + BATCH]
                network.loss_and_gradient(task.train_inputs[rows], task.train_labels[rows])
                adam.step(network.parameters, network.gradient)

    return run


def sklearn(task: nets.Task, hidden: int, epochs: int) -> Callable[[], object]:
    """``fit`` with as many iterations as epochs, so that its set-up is shared by all of them."""
    from sklearn.neural_network import MLPClassifier

    def run() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it says that it has not converged
            model = MLPClassifier(
                (hidden,), batch_size=BATCH, max_iter=epochs, alpha=0.0, tol=0.0, n_iter_no_change=epochs
            )
            return model.fit(task.train_inputs, task.train_labels)

    return run


def pytorch(task: nets.Task, hidden: int, epochs: int) -> Callable[[], object]:
    import torch

    torch.set_num_threads(1)
    loss_of = torch.nn.CrossEntropyLoss()
    x, labels = torch.tensor(task.train_inputs), torch.tensor(task.train_labels)

    def run() -> None:
        model = torch.nn.Sequential(
            torch.nn.Linear(task.features, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, task.classes)
        )
        adam = torch.optim.Adam(model.parameters())
        for _ in range(epochs):
            order = torch.randperm(len(x))
            for rows in order.split(BATCH):
                adam.zero_grad()
                loss_of(model(x[rows]), labels[rows]).backward()
                adam.step()

    return run


def sklearn_digits() -> nets.Task:
    """scikit-learn's own 8 × 8 digits, 1,437 to learn and 360 to judge."""
    from sklearn.datasets import load_digits

    data = load_digits()
    x, y = (data.data / 16).astype(np.float32), data.target.astype(np.int64)
    return nets.Task(
        name="sklearn digits", classes=10, images=True, source="scikit-learn load_digits",
        train_inputs=x[:1437], train_labels=y[:1437], test_inputs=x[1437:], test_labels=y[1437:],
    )  # fmt: skip


def race(task: nets.Task, hidden: int, epochs: int, rounds: int) -> None:
    contestants = {
        "ours, ReLU": ours(task, hidden, "relu", epochs),
        "ours, photonic:sigmoid": ours(task, hidden, specifications.activation("photonic:sigmoid"), epochs),
        "ours, ReLU, training only": training_only(task, hidden, "relu", epochs),
    }
    if importlib.util.find_spec("sklearn"):
        contestants["scikit-learn MLPClassifier"] = sklearn(task, hidden, epochs)
    if importlib.util.find_spec("torch"):
        contestants["PyTorch eager"] = pytorch(task, hidden, epochs)
    with threadpool_limits(1):
        seconds = {
            k: [s / epochs for s in v] for k, v in interleaved(contestants, rounds, time.process_time).items()
        }
    title = (
        f"one epoch, {task.name} {task.features}-{hidden}-{task.classes}, {len(task.train_labels)} examples"
    )
    for reference in ("ours, ReLU", "ours, ReLU, training only"):
        report(f"{title}, relative to {reference}", seconds, reference)


def main() -> None:
    small = sklearn_digits() if importlib.util.find_spec("sklearn") else tasks.load("digits")
    race(small, 32, epochs=20, rounds=25)
    race(tasks.load("mnist"), 100, epochs=2, rounds=5)


if __name__ == "__main__":
    main()
