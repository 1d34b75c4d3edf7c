"""A feed-forward classifier whose parameters lie in one flat buffer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from nets import activations
from nets.classification_loss import checked_labels, cross_entropy
from nets.classifier import Classifier
from nets.elementwise import Activation, Elementwise
from nets.layers import Layer, dense_layers
from photonic.errors import ParameterError, unknown_name

__all__ = ["Network"]


class Network(Classifier):
    """Layers with an activation between them, trained on the cross-entropy of its outputs.

    Parameters
    ----------
    sizes : sequence of int
        Widths from input to output, (784, 100, 10) say. One output means two classes.
    activation : Activation, str, or a sequence of them
        Of every hidden layer, or one for each.
    seed : int or numpy.random.Generator
        Of the initial weights: the same seed gives the same weights whatever the activation.
    dtype : {float32, float64}
        Of everything in it.
    layers : sequence of Layer, optional
        Instead of `Dense` layers of the given sizes.

    Attributes
    ----------
    parameters, gradient : ndarray
        All parameters and dL/dparameters, flat; layers hold views of them.
    scale_factors : tuple of float
        What `scale_to_unit_variance` multiplied each layer by [1].

    Raises
    ------
    ParameterError
        Impossible sizes, an activation that cannot be trained.

    Examples
    --------
    >>> import numpy as np
    >>> network = Network((2, 4, 2), "tanh", seed=0)
    >>> network.scores(np.zeros((3, 2), np.float32)).shape
    (3, 2)
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: Any,
        seed: int | np.random.Generator = 0,
        dtype: Any = np.float32,
        layers: Sequence[Layer] | None = None,
    ) -> None:
        self._settle(seed, dtype)
        self.layers = dense_layers(sizes) if layers is None else list(layers)
        self.sizes = (self.layers[0].inputs, *(layer.outputs for layer in self.layers))
        if self.sizes != tuple(int(n) for n in sizes):
            raise ParameterError(f"layers have the widths {self.sizes}, sizes says {tuple(sizes)}")
        found = _activations(activation, len(self.layers) - 1)
        self.activations = [a.for_width(n) for a, n in zip(found, self.sizes[1:-1], strict=True)]
        starts = [np.asarray(getattr(a, "parameters", ())) for a in self.activations]
        position = self._bind(self.layers, seed, sum(s.size for s in starts))
        self.activation_parameters: list[np.ndarray] = []
        self._activation_gradients: list[np.ndarray] = []
        for start in starts:
            here = slice(position, position + start.size)
            self.parameters[here] = start
            self.activation_parameters.append(self.parameters[here])
            self._activation_gradients.append(self.gradient[here])
            position += start.size
        self.scale_factors: tuple[float, ...] = (1.0,) * len(self.layers)
        self._rows = 0
        self._views: dict[int, tuple[list[np.ndarray], ...]] = {}

    @property
    def settings(self) -> dict[str, Any]:
        """What must agree before a checkpoint of it is continued; JSON types."""
        return {
            "sizes": list(self.sizes),
            "layers": [type(layer).__name__ for layer in self.layers],
            "activations": [getattr(a, "identity", a.name) for a in self.activations],
            "dtype": self.dtype.name,
            "network seed": self.seed,
        }

    def _buffers(self, rows: int) -> tuple[list[np.ndarray], ...]:
        """(pre-activations, outputs, slopes, gradients) of each layer, for that many rows."""
        found = self._views.get(rows)
        if found is None:
            if rows > self._rows or len(self._views) > 8:
                self._rows = max(rows, self._rows)
                self._views.clear()
                hidden, widths = self.sizes[1:-1], self.sizes[1:]
                self._whole = tuple(
                    [np.empty((self._rows, n), self.dtype) for n in w]
                    for w in (widths, hidden, hidden, widths)
                )
            found = self._views[rows] = tuple([b[:rows] for b in group] for group in self._whole)
        return found

    _noise_needs = "an activation with some: nets.Photonic of a curve with sigma"

    @property
    def noisy(self) -> bool:
        """Whether an activation has the noise of a measured curve."""
        return any(a.noisy for a in self.activations)

    def _forward(self, x: np.ndarray, generator: np.random.Generator | None = None) -> np.ndarray:
        pre, outputs, slopes, _ = self._buffers(len(x))
        for k, layer in enumerate(self.layers):
            layer.forward(x, pre[k])
            if k < len(self.activations):
                x = outputs[k]
                self.activations[k].fill(pre[k], x, slopes[k], self.activation_parameters[k])
                if generator is not None and self.activations[k].noisy:
                    self.activations[k].add_noise(pre[k], x, slopes[k], generator)
        return pre[-1]

    def loss_and_gradient(
        self, inputs: Any, labels: Any, noise: int | np.random.Generator | None = None
    ) -> tuple[float, int]:
        """Mean cross-entropy [nat] of a batch and its number of right answers; sets ``gradient``.

        The loss includes what activations add to it, such as the price of heater power. With
        ``noise``, a seed or a generator, every photonic neuron's output is a reading with the noise of
        its curve, and loss and gradient are those of these readings.
        """
        x = self._rows_of(inputs)
        labels = checked_labels(labels, len(x), self.classes)
        pre, outputs, slopes, gradients = self._buffers(len(x))
        scores = self._forward(x, self._generator(noise))
        loss, right = cross_entropy(scores, labels, gradients[-1], self.dtype.type(1.0 / len(x)))
        added = 0.0
        for k in range(len(self.layers) - 1, 0, -1):
            below, trained = gradients[k - 1], self.activation_parameters[k - 1]
            self.layers[k].backward(outputs[k - 1], gradients[k], below)
            if trained.size:
                self._activation_gradients[k - 1][:] = self.activations[k - 1].parameter_gradient(
                    pre[k - 1], below, trained
                )
                added += self.activations[k - 1].penalty(trained, self._activation_gradients[k - 1])
            np.multiply(below, slopes[k - 1], out=below)
        self.layers[0].backward(x, gradients[0], None)
        return float(loss) / len(x) + added, int(right)

    def hidden(self, inputs: Any) -> Iterator[tuple[Any, np.ndarray, np.ndarray]]:
        """(activation, pre-activations, slopes) of each hidden layer; views until the next call."""
        x = self._rows_of(inputs)
        self._forward(x)
        pre, _, slopes, _ = self._buffers(len(x))
        now = [a.at(p) for a, p in zip(self.activations, self.activation_parameters, strict=True)]
        yield from zip(now, pre, slopes, strict=False)

    def scale_to_unit_variance(self, batch: Any) -> tuple[float, ...]:
        """Multiply each layer's weights so that its pre-activations have variance 1 on ``batch``.

        One number a layer, first layer first; the variance is over rows and neurons together.
        Returns the factors, which are also kept in ``scale_factors``.

        Raises
        ------
        ParameterError
            A layer whose output does not vary on the batch.
        """
        x = self._rows_of(batch)
        factors = []
        for k, layer in enumerate(self.layers):
            self._forward(x)
            deviation = float(np.std(self._buffers(len(x))[0][k], dtype=np.float64))
            if not (np.isfinite(deviation) and deviation > 0):
                raise ParameterError(f"layer {k} gives one number everywhere: no factor makes its variance 1")
            layer.scale(1.0 / deviation)
            factors.append(1.0 / deviation)
        self.scale_factors = tuple(factors)
        return self.scale_factors


class _Adapted(Elementwise):
    """An activation that only has value and derivative, used in place."""

    def __init__(self, activation: Activation) -> None:
        self.activation, self.name = activation, activation.name

    def __repr__(self) -> str:
        return self.name

    def fill(
        self, x: np.ndarray, value: np.ndarray, derivative: np.ndarray | None, parameters: np.ndarray
    ) -> None:
        if derivative is not None:
            derivative[...] = self.activation.derivative(x)
        value[...] = self.activation.value(x)


def _activations(activation: Any, hidden: int) -> list[Any]:
    several = isinstance(activation, list | tuple)
    given = list(activation) if several else [activation] * hidden
    if len(given) != hidden:
        raise ParameterError(
            f"activation must be one, or one for each of {hidden} hidden layers, got {len(given)}"
        )
    if not several:  # a name is looked up even where no hidden layer would use it
        given = [activation] * max(hidden, 1)
    found = []
    for a in given:
        a = activations.get(a) if isinstance(a, str) else a
        if not isinstance(a, Activation):
            raise unknown_name("activation", a, activations.names())
        if refusal := getattr(a, "refusal", ""):
            raise ParameterError(refusal)
        found.append(a if isinstance(a, Elementwise) else _Adapted(a))
    return found[:hidden]
