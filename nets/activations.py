"""Activation functions of digital networks, each with its exact derivative.

Every one of them is an object with ``.name``, ``.value(x)``, ``.derivative(x)``; it is callable,
keeps the dtype of its input (float32 stays float32) and neither overflows nor warns at large |x|.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from nets import formulas
from nets.elementwise import Activation, Elementwise, floating
from photonic.errors import ParameterError, check, unknown_name

__all__ = [
    "Activation",
    "AdaptiveSigmoid",
    "Elementwise",
    "LeakyRelu",
    "Multistate",
    "PRelu",
    "Softmax",
    "Step",
    "adaptive_sigmoid",
    "bipolar_step",
    "elu",
    "get",
    "identity",
    "leaky_relu",
    "multistate",
    "names",
    "prelu",
    "ramp",
    "relu",
    "relu6",
    "sigmoid",
    "softmax",
    "softplus",
    "softsign",
    "step",
    "swish",
    "tanh",
    "tanhre",
]

Formula = Callable[[np.ndarray, np.ndarray, np.ndarray | None], None]


@dataclass(frozen=True, repr=False)
class _Plain(Elementwise):
    name: str
    formula: Formula
    equation: str

    def __repr__(self) -> str:
        return f"{self.name}: {self.equation}"

    def fill(
        self, x: np.ndarray, value: np.ndarray, derivative: np.ndarray | None, parameters: np.ndarray
    ) -> None:
        self.formula(x, value, derivative)


@dataclass(frozen=True, kw_only=True)
class _Sloped(Elementwise):
    """An activation with one number, its ``slope`` [1]."""

    slope: float = 1.0
    name: str = ""

    def __post_init__(self) -> None:
        check("slope", self.slope)


class _TrainedSlope(_Sloped):
    """One whose slope is trained, one a layer."""

    @property
    def parameters(self) -> np.ndarray:
        return np.array([self.slope])


@dataclass(frozen=True, kw_only=True)
class LeakyRelu(_Sloped):
    """x for x > 0, slope·x otherwise; ``slope`` [1] is fixed."""

    slope: float = 0.01
    name: str = "leaky_relu"

    def fill(
        self, x: np.ndarray, value: np.ndarray, derivative: np.ndarray | None, parameters: np.ndarray
    ) -> None:
        formulas.leaky(x, value, derivative, self.slope)


@dataclass(frozen=True, kw_only=True)
class PRelu(_TrainedSlope):
    """x for x > 0, a·x otherwise; a [1] starts at ``slope`` and is trained, one a layer."""

    slope: float = 0.25
    name: str = "prelu"

    def fill(
        self, x: np.ndarray, value: np.ndarray, derivative: np.ndarray | None, parameters: np.ndarray
    ) -> None:
        formulas.leaky(x, value, derivative, float(parameters[0]))

    def parameter_gradient(self, x: np.ndarray, upstream: np.ndarray, parameters: np.ndarray) -> np.ndarray:
        return np.array([np.vdot(np.minimum(x, 0.0), upstream)])


@dataclass(frozen=True, kw_only=True)
class AdaptiveSigmoid(_TrainedSlope):
    """1/(1 + exp(−a·x)); a [1] starts at ``slope`` and is trained, one a layer."""

    slope: float = 1.0
    name: str = "adaptive_sigmoid"

    def fill(
        self, x: np.ndarray, value: np.ndarray, derivative: np.ndarray | None, parameters: np.ndarray
    ) -> None:
        slope = float(parameters[0])
        formulas.sigmoid(x * slope, value, derivative)
        if derivative is not None:
            np.multiply(derivative, slope, out=derivative)

    def parameter_gradient(self, x: np.ndarray, upstream: np.ndarray, parameters: np.ndarray) -> np.ndarray:
        y, d = np.empty_like(x), np.empty_like(x)
        formulas.sigmoid(x * float(parameters[0]), y, d)
        return np.array([np.vdot(x * d, upstream)])


@dataclass(frozen=True, kw_only=True)
class Multistate(Elementwise):
    """Staircase of ``states`` levels from 0 to 1: the mean of sigmoids ``spacing`` apart.

    f(x) = Σ_k σ((x − c_k)/width)/(states − 1), the centres c_k lying symmetrically about 0 [1].
    """

    states: int = 4
    spacing: float = 2.0
    width: float = 0.2
    name: str = "multistate"

    def __post_init__(self) -> None:
        check("states", self.states, at_least=2)
        check("spacing", self.spacing, above=0.0)
        check("width", self.width, above=0.0)

    def fill(
        self, x: np.ndarray, value: np.ndarray, derivative: np.ndarray | None, parameters: np.ndarray
    ) -> None:
        steps = self.states - 1
        y, d = np.empty_like(x), np.empty_like(x)
        x = x.copy()  # value may be x itself
        value.fill(0.0)
        if derivative is not None:
            derivative.fill(0.0)
        for k in range(steps):
            centre = (k - (steps - 1) / 2) * self.spacing
            formulas.sigmoid((x - centre) / self.width, y, d)
            value += y / steps
            if derivative is not None:
                derivative += d / (steps * self.width)


@dataclass(frozen=True, kw_only=True)
class Step(Elementwise):
    """``low`` for x < 0, ``high`` otherwise; flat, so it is trained through a named ``surrogate``."""

    name: str = "step"
    low: float = 0.0
    high: float = 1.0
    surrogate: str | None = None

    def __post_init__(self) -> None:
        if self.surrogate is not None and get(self.surrogate).refusal:
            raise ParameterError(f"surrogate must have a slope, got {self.surrogate!r}")

    def with_surrogate(self, name: str) -> Step:
        """The same step, with the slope of the activation ``name`` in place of its own.

        Examples
        --------
        >>> float(step.with_surrogate("sigmoid").derivative(0.0))
        0.25
        """
        return replace(self, surrogate=name)

    @property
    def refusal(self) -> str:
        if self.surrogate is not None:
            return ""
        return (
            f"{self.name} has slope 0 everywhere and cannot be trained: "
            f"name a surrogate slope, activations.{self.name}.with_surrogate('sigmoid')"
        )

    def fill(
        self, x: np.ndarray, value: np.ndarray, derivative: np.ndarray | None, parameters: np.ndarray
    ) -> None:
        if derivative is not None:
            if self.surrogate is None:
                derivative.fill(0.0)
            else:
                derivative[...] = get(self.surrogate).derivative(x)
        np.multiply(x >= 0.0, self.high - self.low, out=value)
        np.add(value, self.low, out=value)
        np.copyto(value, np.nan, where=np.isnan(x))


@dataclass(frozen=True, kw_only=True)
class Softmax:
    """exp(x_k)/Σ exp(x_j) along the last axis: an output, not an elementwise activation."""

    name: str = "softmax"

    def value(self, x: Any) -> np.ndarray:
        """Probabilities [1], shape of ``x``; they sum to 1 along the last axis."""
        x = floating(x)
        e = np.exp(x - x.max(axis=-1, keepdims=True))
        return e / e.sum(axis=-1, keepdims=True)

    __call__ = value

    def derivative(self, x: Any) -> np.ndarray:
        raise ParameterError(self.refusal)

    @property
    def refusal(self) -> str:
        return "softmax is an output over a whole row and has no elementwise derivative"


identity = _Plain("identity", formulas.identity, "x")
step = Step()
bipolar_step = Step(name="bipolar_step", low=-1.0)
ramp = _Plain("ramp", formulas.ramp, "x clipped to [0, 1]")
sigmoid = _Plain("sigmoid", formulas.sigmoid, "1/(1 + exp(−x))")
tanh = _Plain("tanh", formulas.tanh, "tanh x")
relu = _Plain("relu", formulas.relu, "max(x, 0)")
leaky_relu = LeakyRelu()
prelu = PRelu()
elu = _Plain("elu", formulas.elu, "x for x > 0, exp(x) − 1 otherwise")
relu6 = _Plain("relu6", formulas.relu6, "x clipped to [0, 6]")
softplus = _Plain("softplus", formulas.softplus, "ln(1 + exp x)")
swish = _Plain("swish", formulas.swish, "x/(1 + exp(−x))")
softsign = _Plain("softsign", formulas.softsign, "x/(1 + |x|)")
tanhre = _Plain("tanhre", formulas.tanhre, "x for x > 0, tanh x otherwise")
adaptive_sigmoid = AdaptiveSigmoid()
multistate = Multistate()
softmax = Softmax()

_BY_NAME: dict[str, Any] = {
    a.name: a
    for a in (
        *(identity, step, bipolar_step, ramp, sigmoid, tanh, relu, leaky_relu, prelu, elu, relu6),
        *(softplus, swish, softsign, tanhre, adaptive_sigmoid, multistate, softmax),
    )
}


def names() -> tuple[str, ...]:
    """Names that `get` knows."""
    return tuple(_BY_NAME)


def get(name: str) -> Any:
    """Activation of that name (``leaky-relu`` and ``leaky_relu`` are the same).

    Raises
    ------
    ParameterError
        Unknown name; the message names the nearest ones.

    Examples
    --------
    >>> float(get("sigmoid")(0.0))
    0.5
    """
    found = _BY_NAME.get(str(name).replace("-", "_").lower())
    if found is None and ":" in str(name):
        raise ParameterError(
            f"{name!r} is a specification: nets.specifications.activation({name!r}) reads it"
        )
    if found is None:
        raise unknown_name("activation", name, _BY_NAME)
    return found


def __getattr__(name: str) -> Any:
    if name == "Photonic":  # it brings Numba along, so it is loaded when asked for
        from nets.photonic_activation import Photonic

        return Photonic
    raise AttributeError(f"module 'nets.activations' has no attribute {name!r}")
