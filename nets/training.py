"""Training: the same batches for every activation, the last epoch reported, never the best."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

import numpy as np

from nets.checkpoints import load_checkpoint, save_checkpoint
from nets.data_digest import fingerprint
from nets.tasks import Task
from nets.trainable import Trainable
from photonic.blas import single_threaded_blas
from photonic.compiled import compiled
from photonic.errors import ConvergenceError, ParameterError, check, shown

__all__ = ["Adam", "History", "train"]

_WATCHED = 256  # training examples on which the hidden neurons are looked at after each epoch
_VANISHING = 0.01  # a slope below this share of the largest one counts as vanishing
_DEAD = 1e-6  # a neuron whose slopes all lie below this share of the largest one is dead


@compiled
def adam_step(parameters: Any, gradient: Any, first: Any, second: Any, numbers: Any) -> None:
    """One update in place.

    ``numbers``, of the same dtype, are rate and root, which carry the bias corrections; what first
    and second moment keep and take up; epsilon; tiny. Moments below ``tiny`` become 0: a dead
    neuron's would end as denormals, a hundred times slower.
    """
    rate, root, keep1, new1 = numbers[0], numbers[1], numbers[2], numbers[3]
    keep2, new2, epsilon, tiny = numbers[4], numbers[5], numbers[6], numbers[7]
    for k in range(parameters.size):
        g = gradient[k]
        m = keep1 * first[k] + new1 * g
        v = keep2 * second[k] + new2 * g * g
        m = tiny - tiny if abs(m) < tiny else m  # NaN stays NaN
        v = tiny - tiny if v < tiny else v
        first[k] = m
        second[k] = v
        parameters[k] -= rate * m / (np.sqrt(v) * root + epsilon)


class Adam:
    """Adam of D. P. Kingma and J. Ba, arXiv:1412.6980, algorithm 1, on one flat buffer.

    Parameters
    ----------
    size : int
        Number of parameters.
    dtype : dtype
        Of parameters and moments.
    learning_rate, beta1, beta2, epsilon : float
        As in the paper [1].
    """

    def __init__(
        self,
        size: int,
        dtype: Any = np.float32,
        learning_rate: float = 1e-3,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
    ) -> None:
        check("learning_rate", learning_rate, above=0.0)
        check("beta1", beta1, at_least=0.0, below=1.0)
        check("beta2", beta2, at_least=0.0, below=1.0)
        self.learning_rate, self.beta1, self.beta2, self.epsilon = learning_rate, beta1, beta2, epsilon
        self.first, self.second = np.zeros(size, dtype), np.zeros(size, dtype)
        self.steps = 0
        tiny = float(np.finfo(dtype).tiny) * 2.0**20
        self._numbers = np.array([0, 0, beta1, 1 - beta1, beta2, 1 - beta2, epsilon, tiny], dtype)

    def step(self, parameters: np.ndarray, gradient: np.ndarray) -> None:
        """Change ``parameters`` in place, against ``gradient``."""
        self.steps += 1
        self._numbers[0] = self.learning_rate / (1 - self.beta1**self.steps)
        self._numbers[1] = (1 - self.beta2**self.steps) ** -0.5
        adam_step(parameters, gradient, self.first, self.second, self._numbers)


@dataclass(frozen=True, kw_only=True)
class History:
    """What happened in each epoch, one entry an epoch.

    ``loss`` [nat] and ``train_accuracy`` are means over the batches as they were met, dropping
    nothing; ``test_accuracy`` is over the whole test set after the epoch. The rest is about the
    hidden neurons on the first 256 training examples: ``dead`` is the share of neurons whose
    slope is (nearly) zero for all of them, ``vanishing`` the share of pre-activations whose slope
    is below 1 % of the largest, ``saturated`` the share that a `Photonic` activation cannot
    encode (0 for a digital one), ``mean_slope`` and ``slope_deviation`` the mean and standard
    deviation of the slopes. All [1]. ``accuracy`` is that of the last epoch.
    """

    loss: tuple[float, ...] = ()
    train_accuracy: tuple[float, ...] = ()
    test_accuracy: tuple[float, ...] = ()
    dead: tuple[float, ...] = ()
    vanishing: tuple[float, ...] = ()
    saturated: tuple[float, ...] = ()
    mean_slope: tuple[float, ...] = ()
    slope_deviation: tuple[float, ...] = ()
    scale_factors: tuple[float, ...] = field(default=())

    @property
    def epochs(self) -> int:
        """Number of epochs behind it."""
        return len(self.loss)

    @property
    def accuracy(self) -> float:
        """Test accuracy after the last epoch [1]."""
        return self.test_accuracy[-1]

    def as_dict(self) -> dict[str, list[float]]:
        """Plain lists, for JSON."""
        return {f.name: list(getattr(self, f.name)) for f in fields(self)}


_COLUMNS = tuple(f.name for f in fields(History) if f.name != "scale_factors")


def train(
    network: Trainable,
    task: Task,
    *,
    epochs: int,
    batch_size: int = 128,
    learning_rate: float = 1e-3,
    seed: int = 0,
    progress: Callable[[int, int, History], None] | None = None,
    checkpoint: str | Path | None = None,
    resume: bool = False,
    train_noise: bool = False,
    test_noise: bool = False,
) -> History:
    """Train ``network`` in place with Adam on the cross-entropy.

    The order of the examples depends on ``seed`` and the epoch only, so every activation meets
    the same batches. Matrix products run on one thread: the same settings give the same bits.

    Parameters
    ----------
    network : Network, OpticalNetwork or another Trainable
        Changed in place.
    task : Task
        What to learn.
    epochs : int
        Passes over the training set in all, those before an interruption included.
    batch_size : int
        Examples a step; the last batch of an epoch may be smaller.
    learning_rate : float
        Of Adam [1].
    seed : int
        Of the order of the examples.
    progress : callable, optional
        Called as ``progress(epochs_done, epochs, history)`` after every epoch.
    checkpoint : path, optional
        File (npz) written after every epoch; an interruption loses at most the epoch under way.
    resume : bool
        Go on from ``checkpoint`` if the file exists; the result is the same to the last bit.
    train_noise, test_noise : bool
        Whether what has noise (the curves of photonic neurons, amplifiers, detectors) has it while
        the network is trained, and while its test accuracy is taken; drawn from ``seed`` and the epoch.

    Returns
    -------
    History

    Raises
    ------
    ParameterError
        Wrong numbers, a network that does not fit the task, a checkpoint of other settings, noise
        where nothing has any; something that a network refuses on the way, as more light than a stage
        is known for, with the epoch and whether the checkpoint holds those before.
    ConvergenceError
        The loss is not finite; names epoch and batch, and carries the history so far.

    Examples
    --------
    >>> from nets import Network, tasks
    >>> history = train(Network((2, 8, 2), "tanh", seed=1), tasks.load("xor"), epochs=300, learning_rate=0.05)
    >>> history.accuracy
    1.0
    """
    for name, number in (("epochs", epochs), ("batch_size", batch_size)):
        if isinstance(number, bool) or int(number) != number or number < 1:
            raise ParameterError(f"{name} must be a whole number >= 1, got {number!r}")
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or seed < 0:
        raise ParameterError(f"seed must be a whole number >= 0, got {seed!r}")
    if not isinstance(task, Task):
        raise ParameterError(f"task must be a Task, such as nets.tasks.load('digits'), got {shown(task)}")
    outputs = 1 if network.sizes[-1] == 1 and task.classes == 2 else task.classes
    if (network.sizes[0], network.sizes[-1]) != (task.features, outputs):
        raise ParameterError(
            f"a network {network.sizes} does not fit task {task.name}: "
            f"{task.features} features, {task.classes} classes"
        )
    if resume and checkpoint is None:
        raise ParameterError("resume=True needs the checkpoint to go on from")
    adam = Adam(network.parameters.size, network.dtype, learning_rate)
    table = np.zeros((0, len(_COLUMNS)))
    settings: dict[str, Any] = {}
    if checkpoint is not None:
        settings = _settings(network, task, batch_size, learning_rate, seed)
        settings |= {
            name: True for name, on in (("train noise", train_noise), ("test noise", test_noise)) if on
        }
        if resume and Path(checkpoint).exists():
            saved = load_checkpoint(checkpoint, settings)
            network.parameters[:] = saved["parameters"]
            adam.first[:], adam.second[:] = saved["first"], saved["second"]
            adam.steps, table = int(saved["steps"]), saved["history"]
            network.scale_factors = tuple(saved["scale_factors"].tolist())
            if len(table) > epochs:
                raise ParameterError(
                    f"checkpoint {checkpoint} has {len(table)} epochs, more than epochs={epochs}"
                )
    inputs = np.asarray(task.train_inputs, network.dtype)
    test = np.asarray(task.test_inputs, network.dtype)
    with single_threaded_blas():
        for epoch in range(len(table), epochs):
            try:
                noise = np.random.default_rng([seed, epoch, 1]) if train_noise else None
                row = _epoch(network, adam, inputs, task.train_labels, batch_size, seed, epoch, table, noise)
                noise = np.random.default_rng([seed, epoch, 2]) if test_noise else None
                row.append(network.accuracy(test, task.test_labels, noise))
                row += _hidden_statistics(network, inputs[:_WATCHED])
            except ParameterError as error:  # light that grew beyond what a stage answers to, say
                raise ParameterError(f"{error} (in epoch {epoch + 1}{_kept(checkpoint, epoch)})") from error
            table = np.vstack([table, row])
            if checkpoint is not None:
                state: dict[str, Any] = {
                    "parameters": network.parameters,
                    "first": adam.first,
                    "second": adam.second,
                    "steps": np.int64(adam.steps),
                    "history": table,
                    "scale_factors": np.array(network.scale_factors),
                }
                save_checkpoint(checkpoint, state, settings)
            if progress is not None:
                progress(epoch + 1, epochs, _history(table, network))
    return _history(table, network)


def _kept(checkpoint: str | Path | None, epochs: int) -> str:
    """What an error in training leaves behind, in words."""
    if checkpoint is None or not epochs:
        return ""
    return f"; the checkpoint {checkpoint} holds all epochs before it"


def _history(table: np.ndarray, network: Trainable) -> History:
    columns = {name: tuple(table[:, k].tolist()) for k, name in enumerate(_COLUMNS)}
    return History(**columns, scale_factors=network.scale_factors)


def _epoch(
    network: Trainable,
    adam: Adam,
    inputs: np.ndarray,
    labels: np.ndarray,
    batch_size: int,
    seed: int,
    epoch: int,
    table: np.ndarray,
    noise: np.random.Generator | None,
) -> list[float]:
    """One pass over the examples; mean loss and accuracy of its batches."""
    n = len(labels)
    order = np.random.default_rng([seed, epoch]).permutation(n)
    shuffled = labels[order]
    batch = np.empty((min(batch_size, n), inputs.shape[1]), inputs.dtype)
    total, right = 0.0, 0
    for start in range(0, n, batch_size):
        rows = order[start : start + batch_size]
        x = batch[: len(rows)]
        inputs.take(rows, 0, x, "clip")  # "clip" writes straight into x
        loss, correct = network.loss_and_gradient(x, shuffled[start : start + batch_size], noise)
        if not math.isfinite(loss):
            raise ConvergenceError(
                f"the loss is {loss} in epoch {epoch + 1}, batch {start // batch_size + 1}: "
                "lower the learning rate or the scale of the inputs",
                partial=_history(table, network),
            )
        adam.step(network.parameters, network.gradient)
        total += loss * len(rows)
        right += correct
    return [total / n, right / n]


@compiled
def slope_counts(slope: Any, dead: Any, vanishing: Any) -> tuple[int, int, float, float]:
    """Dead columns, vanishing slopes, sum and sum of squares of the slopes of a layer.

    A column is dead where all its slopes lie within ``dead`` of 0, relative to the largest one of
    the layer; a slope vanishes within ``vanishing`` of 0, in the same measure.
    """
    rows, columns = slope.shape
    peak, total, square = np.zeros(columns), np.zeros(columns), np.zeros(columns)
    for r in range(rows):
        for c in range(columns):  # columns side by side: this loop runs on vectors
            s = slope[r, c]
            peak[c] = max(peak[c], abs(s))
            total[c] += s
            square[c] += s * s
    top, small = peak.max(), 0
    for r in range(rows):
        for c in range(columns):
            small += abs(slope[r, c]) <= vanishing * top
    return np.sum(peak <= dead * top), small, total.sum(), square.sum()


def _hidden_statistics(network: Trainable, inputs: np.ndarray) -> list[float]:
    """dead, vanishing, saturated, mean slope and its deviation, over all hidden neurons."""
    dead = vanishing = saturated = neurons = count = 0
    total = square = 0.0
    for activation, z, slope in network.hidden(inputs):
        counts = slope_counts(slope, _DEAD, _VANISHING)
        dead += counts[0]
        vanishing += counts[1]
        total += counts[2]
        square += counts[3]
        if hasattr(activation, "saturated"):
            saturated += int(np.count_nonzero(activation.saturated(z)))
        neurons += slope.shape[1]
        count += slope.size
    if not count:
        return [0.0] * 5
    mean = total / count
    deviation = max(square / count - mean**2, 0.0) ** 0.5
    return [dead / neurons, vanishing / count, saturated / count, mean, deviation]


def _settings(
    network: Trainable, task: Task, batch_size: int, learning_rate: float, seed: int
) -> dict[str, Any]:
    """What must agree for a checkpoint to be continued."""
    return {
        **network.settings,
        "task": fingerprint(task),
        "batch size": int(batch_size),
        "learning rate": float(learning_rate),
        "seed": int(seed),
    }
