"""What a network must be able to do for `nets.train`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, runtime_checkable

import numpy as np

__all__ = ["Trainable"]


@runtime_checkable
class Trainable(Protocol):
    """A classifier whose trained numbers lie in one flat buffer.

    Attributes
    ----------
    parameters, gradient : ndarray
        Everything that is trained and dL/dparameters, flat, of ``dtype``.
    scale_factors : tuple of float
        What the layers were multiplied by before training [1]; empty where nothing was.
    """

    parameters: np.ndarray
    gradient: np.ndarray
    scale_factors: tuple[float, ...]

    @property
    def dtype(self) -> np.dtype:
        """Real type of parameters, inputs and scores."""
        ...

    @property
    def sizes(self) -> tuple[int, ...]:
        """Widths from input to output."""
        ...

    @property
    def settings(self) -> dict[str, Any]:
        """JSON types that must agree before a checkpoint is continued."""
        ...

    def loss_and_gradient(
        self, inputs: Any, labels: np.ndarray, noise: int | np.random.Generator | None = None
    ) -> tuple[float, int]:
        """Mean cross-entropy [nat] of a batch and its number of right answers; sets ``gradient``."""
        ...

    def accuracy(
        self, inputs: Any, labels: np.ndarray, noise: int | np.random.Generator | None = None
    ) -> float:
        """Share of rows whose class is right [1]."""
        ...

    def hidden(self, inputs: Any) -> Iterator[tuple[Any, np.ndarray, np.ndarray]]:
        """(activation, what it gets, slopes) of each layer of activations."""
        ...
