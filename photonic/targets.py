"""Activation shapes that a device can be asked for, as functions of x = P_in/full scale in [0, 1].

Each has shape parameters (a centre, a width, ...) that may move within boxes: an optical curve has
no fixed scale, so a sigmoid is a sigmoid wherever in the range it rises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from photonic.errors import ParameterError, unknown_name

__all__ = ["TARGETS", "Target", "target_named"]


@dataclass(frozen=True, kw_only=True)
class Target:
    """A wanted shape: ``function(x, *shape)`` with the boxes of its shape parameters.

    Examples
    --------
    >>> import numpy as np
    >>> TARGETS["clamped-relu"](np.array([0.0, 0.5, 1.0]), 0.5, 0.5)
    array([0. , 0.5, 1. ])
    """

    name: str
    function: Callable[..., Any]
    boxes: Mapping[str, tuple[float, float]]

    def __call__(self, x: Any, *shape: Any) -> Any:
        return self.function(x, *shape)

    @classmethod
    def from_callable(cls, function: Callable[[Any], Any]) -> Target:
        """A target without shape parameters from any function of x in [0, 1]."""
        x = np.linspace(0, 1, 101)
        values = np.asarray(function(x), dtype=float)
        if values.shape != x.shape or not np.all(np.isfinite(values)):
            raise ParameterError("target must turn an array of x in [0, 1] into finite values of its shape")
        if np.ptp(values) == 0:
            raise ParameterError("target must not be constant")
        name = getattr(function, "__name__", type(function).__name__)
        return cls(name=name, function=function, boxes=MappingProxyType({}))


def _sigmoid(x: Any, c: Any, b: Any) -> Any:
    return 1 / (1 + np.exp(-(x - c) / b))


def _tanh(x: Any, c: Any, b: Any) -> Any:
    return np.tanh((x - c) / b)


def _relu(x: Any, c: Any) -> Any:
    return np.maximum(x - c, 0.0)


def _clamped_relu(x: Any, c: Any, w: Any) -> Any:
    return np.clip((x - c) / w + 0.5, 0.0, 1.0)


def _leaky_relu(x: Any, c: Any, a: Any) -> Any:
    return np.where(x > c, x - c, a * (x - c))


def _softplus(x: Any, c: Any, b: Any) -> Any:
    return b * np.logaddexp(0.0, (x - c) / b)


def _elu(x: Any, c: Any, b: Any) -> Any:
    return np.where(x > c, x - c, b * np.expm1(np.minimum(x - c, 0.0) / b))


def _radial_basis(x: Any, c: Any, b: Any) -> Any:
    return np.exp(-(((x - c) / b) ** 2))


def _swish(x: Any, c: Any, b: Any) -> Any:
    return (x - c) / (1 + np.exp(-(x - c) / b))


def _square(x: Any) -> Any:
    return x * x


TARGETS: Mapping[str, Target] = MappingProxyType(
    {
        target.name: target
        for target in (
            Target(name="sigmoid", function=_sigmoid, boxes={"centre": (0.30, 0.70), "width": (0.04, 0.12)}),
            Target(name="tanh-like", function=_tanh, boxes={"centre": (0.30, 0.70), "width": (0.08, 0.24)}),
            Target(name="relu", function=_relu, boxes={"centre": (0.30, 0.60)}),
            Target(
                name="clamped-relu",
                function=_clamped_relu,
                boxes={"centre": (0.40, 0.60), "width": (0.30, 0.70)},
            ),
            Target(
                name="leaky-relu",
                function=_leaky_relu,
                boxes={"centre": (0.30, 0.60), "leak": (0.05, 0.30)},
            ),
            Target(
                name="softplus", function=_softplus, boxes={"centre": (0.35, 0.65), "width": (0.04, 0.12)}
            ),
            Target(name="elu", function=_elu, boxes={"centre": (0.30, 0.60), "width": (0.05, 0.30)}),
            Target(
                name="radial-basis",
                function=_radial_basis,
                boxes={"centre": (0.30, 0.70), "width": (0.10, 0.30)},
            ),
            Target(name="swish", function=_swish, boxes={"centre": (0.40, 0.70), "width": (0.05, 0.15)}),
            Target(name="square", function=_square, boxes={}),
        )
    }
)


def target_named(target: str | Target | Callable[[Any], Any]) -> Target:
    """The `Target` meant by a name, a `Target` or a function of x in [0, 1]."""
    if isinstance(target, Target):
        return target
    if isinstance(target, str):
        if target not in TARGETS:
            raise unknown_name("target", target, TARGETS)
        return TARGETS[target]
    if callable(target):
        return Target.from_callable(target)
    raise ParameterError(f"target must be a name or a function of x in [0, 1], got {target!r}")
