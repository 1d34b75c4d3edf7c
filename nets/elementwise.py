"""What an activation is, and the part that all of them share."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np

from photonic.errors import ParameterError

__all__ = ["Activation", "Elementwise", "floating"]

_NO_PARAMETERS = np.zeros(0)
_NO_PARAMETERS.setflags(write=False)


@runtime_checkable
class Activation(Protocol):
    """What a network needs of an activation function: a name, its value and its slope."""

    @property
    def name(self) -> str: ...
    def __call__(self, x: Any) -> np.ndarray: ...
    def value(self, x: Any) -> np.ndarray: ...
    def derivative(self, x: Any) -> np.ndarray: ...


class Elementwise:
    """An activation computed element by element; a subclass writes `fill`.

    ``parameters`` are the starting values of what training may change (none as a rule),
    ``refusal`` says why the activation cannot be trained through (empty if it can), and ``noisy``
    whether there is noise to `add_noise` from.
    """

    name: str

    @property
    def noisy(self) -> bool:
        return False

    def add_noise(
        self, x: np.ndarray, value: np.ndarray, derivative: np.ndarray | None, generator: np.random.Generator
    ) -> None:
        """Add noise to f(x) in ``value`` and, unless it is None, its slope to ``derivative``."""
        raise ParameterError(f"{self.name} has no noise")

    def fill(
        self, x: np.ndarray, value: np.ndarray, derivative: np.ndarray | None, parameters: np.ndarray
    ) -> None:
        """Write f(x) into ``value`` and, unless it is None, df/dx into ``derivative``."""
        raise NotImplementedError

    @property
    def parameters(self) -> np.ndarray:
        return _NO_PARAMETERS

    def parameter_gradient(self, x: np.ndarray, upstream: np.ndarray, parameters: np.ndarray) -> np.ndarray:
        """Sum over all elements of upstream · df/dparameter, one number a parameter."""
        return _NO_PARAMETERS

    def for_width(self, width: int) -> Elementwise:
        """The activation of a layer of ``width`` neurons; itself unless each neuron has parameters."""
        return self

    def at(self, parameters: np.ndarray) -> Elementwise:
        """The activation that has learned ``parameters``, for looking at; itself unless it needs them."""
        return self

    def penalty(self, parameters: np.ndarray, gradient: np.ndarray) -> float:
        """What the activation adds to the loss; its slope is added to ``gradient``."""
        return 0.0

    @property
    def refusal(self) -> str:
        return ""

    @property
    def identity(self) -> str:
        """Text that differs whenever the function differs; kept in checkpoints."""
        return repr(self)

    def value(self, x: Any) -> np.ndarray:
        """f(x), elementwise [1]."""
        x = floating(x)
        value = np.empty_like(x)
        self.fill(x, value, None, self.parameters)
        return value[()]

    __call__ = value

    def derivative(self, x: Any) -> np.ndarray:
        """df/dx, elementwise [1]; at a kink the slope on the left."""
        return self.value_and_derivative(x)[1][()]

    def value_and_derivative(
        self,
        x: Any,
        value: np.ndarray | None = None,
        derivative: np.ndarray | None = None,
        parameters: np.ndarray | None = None,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Both at once, written into the arrays given (shape and dtype of ``x``)."""
        x = floating(x)
        value = np.empty_like(x) if value is None else value
        derivative = np.empty_like(x) if derivative is None else derivative
        self.fill(x, value, derivative, self.parameters if parameters is None else parameters)
        return value, derivative


def floating(x: Any) -> np.ndarray:
    """``x`` as an array of float32 or float64."""
    x = np.asarray(x)
    return x if x.dtype in (np.float32, np.float64) else x.astype(np.float64)
