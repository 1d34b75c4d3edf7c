"""Layers that carry numbers from one set of neurons to the next."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Protocol

import numpy as np

from photonic.compiled import compiled
from photonic.errors import ParameterError

__all__ = ["Dense", "Layer"]


@compiled
def add_bias(z: Any, bias: Any) -> None:
    """Add ``bias`` to every row of ``z``, in place (a third of NumPy's time on short rows)."""
    for r in range(z.shape[0]):
        for c in range(z.shape[1]):
            z[r, c] += bias[c]


class Layer(Protocol):
    """What a network needs of a linear layer; all its parameters lie in one given buffer."""

    inputs: int
    outputs: int

    @property
    def size(self) -> int: ...
    def bind(self, parameters: np.ndarray, gradient: np.ndarray) -> None: ...
    def initialise(self, generator: np.random.Generator) -> None: ...
    def scale(self, factor: float) -> None: ...
    def forward(self, x: np.ndarray, out: np.ndarray) -> None: ...
    def backward(self, x: np.ndarray, upstream: np.ndarray, downstream: np.ndarray | None) -> None: ...


class Dense:
    """z = x·W + b, with W of shape (inputs, outputs).

    Parameters
    ----------
    inputs, outputs : int
        Widths [1].

    Examples
    --------
    >>> import numpy as np
    >>> layer = Dense(2, 1)
    >>> layer.bind(np.array([3.0, 4.0, 0.5]), np.zeros(3))
    >>> z = np.empty((1, 1))
    >>> layer.forward(np.array([[1.0, 1.0]]), z)
    >>> float(z[0, 0])
    7.5
    """

    weights: np.ndarray
    bias: np.ndarray

    def __init__(self, inputs: int, outputs: int) -> None:
        for name, value in (("inputs", inputs), ("outputs", outputs)):
            if int(value) != value or value < 1:
                raise ParameterError(f"{name} must be a whole number >= 1, got {value!r}")
        self.inputs, self.outputs = int(inputs), int(outputs)

    @property
    def size(self) -> int:
        """Number of parameters."""
        return (self.inputs + 1) * self.outputs

    def bind(self, parameters: np.ndarray, gradient: np.ndarray) -> None:
        """Let weights and bias, and their gradients, be views of these two flat arrays."""
        n = self.inputs * self.outputs
        shape = (self.inputs, self.outputs)
        self.weights, self.bias = parameters[:n].reshape(shape), parameters[n:]
        self.weights_gradient, self.bias_gradient = gradient[:n].reshape(shape), gradient[n:]
        self._ones = np.ones(0, parameters.dtype)

    def initialise(self, generator: np.random.Generator) -> None:
        """Weights drawn from a normal law of variance 1/inputs (LeCun), bias 0."""
        # drawn in float64 whatever the dtype, so that all precisions start from the same weights
        self.weights[...] = generator.standard_normal(self.weights.shape) / np.sqrt(self.inputs)
        self.bias[...] = 0.0

    def scale(self, factor: float) -> None:
        """Multiply the weights by ``factor``; the bias stays."""
        self.weights *= factor

    def forward(self, x: np.ndarray, out: np.ndarray) -> None:
        """Write x·W + b into ``out``, shape (rows, outputs)."""
        np.matmul(x, self.weights, out=out)
        add_bias(out, self.bias)

    def backward(self, x: np.ndarray, upstream: np.ndarray, downstream: np.ndarray | None) -> None:
        """Set the gradients from dL/dz ``upstream``; dL/dx goes into ``downstream`` unless None."""
        if self._ones.size < len(x):
            self._ones = np.ones(len(x), x.dtype)
        np.matmul(x.T, upstream, out=self.weights_gradient)
        np.matmul(self._ones[: len(x)], upstream, out=self.bias_gradient)
        if downstream is not None:
            np.matmul(upstream, self.weights.T, out=downstream)


def dense_layers(sizes: Any) -> list[Layer]:
    """Dense layers between the given widths."""
    widths = list(sizes)
    if len(widths) < 2:
        raise ParameterError(f"sizes must name at least an input and an output width, got {widths}")
    return [Dense(a, b) for a, b in pairwise(widths)]
