"""What stages with nothing to train have in common, and the checks of what they are built from."""

from __future__ import annotations

import hashlib
from typing import Any, get_args

import numpy as np

from nets.optical.stage import Kind
from photonic.errors import ParameterError, unknown_name

__all__ = ["Untrained", "light_kind", "told", "whole_number"]


class Untrained:
    """Base of stages without trained numbers: nothing to bind, nothing to initialise."""

    name: str
    size = 0
    noisy = False

    @property
    def identity(self) -> str:
        """Text of every setting."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{self.name}: {self.identity}>"

    def bind(self, parameters: np.ndarray, gradient: np.ndarray) -> None:
        """Nothing is trained, so nothing is bound."""

    def initialise(self, generator: np.random.Generator) -> None:
        """Nothing is trained, so nothing is drawn."""


def whole_number(name: str, value: Any, at_least: int = 1) -> int:
    """``value`` as an int, or a `ParameterError` that names it."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer) or value < at_least:
        raise ParameterError(f"{name} must be a whole number >= {at_least}, got {value!r}")
    return int(value)


def light_kind(kind: Any) -> Kind:
    """``kind``, if it is one of light: fields or powers."""
    if kind not in ("fields", "powers"):
        if kind in get_args(Kind):
            raise ParameterError(f"kind must be fields or powers, got {kind!r}")
        raise unknown_name("kind", kind, ("fields", "powers"))
    return kind


def told(value: Any) -> str:
    """A setting in a few characters: the number, or a digest of the array."""
    if value is None or np.ndim(value) == 0:
        return f"{value if value is None else float(value)!r}"
    array = np.ascontiguousarray(value, dtype=np.float64)
    return "0.0" if not np.any(array) else hashlib.sha1(array.tobytes()).hexdigest()[:12]
