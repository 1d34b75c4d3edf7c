"""What every network that tells classes has in common, whatever its insides."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np

from nets.classification_loss import checked_labels
from photonic.errors import ParameterError, checked_seed

__all__ = ["Classifier"]

_CHUNK = 1024  # rows evaluated at once when only predictions are wanted


class Classifier(ABC):
    """Scores of inputs, the classes they stand for, and how often these are right.

    Attributes
    ----------
    sizes : tuple of int
        Features first, scores last; one score means two classes.
    dtype : dtype
        Of inputs, parameters and scores.
    parameters, gradient : ndarray
        Everything trained, and dL/dparameters, flat.
    seed : int or None
        Of the start; None where a generator drew it.
    """

    sizes: tuple[int, ...]
    dtype: np.dtype
    parameters: np.ndarray
    gradient: np.ndarray
    seed: int | None

    def _settle(self, seed: Any, dtype: Any) -> None:
        """Take ``dtype`` and, unless it is a generator, ``seed`` to tell checkpoints apart by."""
        self.dtype = np.dtype(dtype)
        if self.dtype not in (np.float32, np.float64):
            raise ParameterError(f"dtype must be float32 or float64, got {self.dtype}")
        self.seed = None if isinstance(seed, np.random.Generator) else checked_seed("seed", seed)

    def _bind(self, parts: Sequence[Any], seed: Any, more: int = 0) -> int:
        """Let ``parts`` share one buffer with ``more`` numbers behind, and draw their start.

        Returns where the numbers behind begin.
        """
        total = sum(part.size for part in parts)
        self.parameters = np.zeros(total + more, self.dtype)
        self.gradient = np.zeros(total + more, self.dtype)
        generator, position = np.random.default_rng(seed), 0
        for part in parts:
            here = slice(position, position + part.size)
            part.bind(self.parameters[here], self.gradient[here])
            part.initialise(generator)
            position += part.size
        return position

    @abstractmethod
    def _forward(self, x: np.ndarray, generator: np.random.Generator | None = None) -> np.ndarray:
        """Scores of checked rows; may be a view that the next call overwrites."""

    @property
    @abstractmethod
    def noisy(self) -> bool:
        """Whether a part of it has noise that may be asked for."""

    _noise_needs: str  # what a network without noise would need

    @property
    def classes(self) -> int:
        """How many classes it tells [1]."""
        return max(self.sizes[-1], 2)

    def _rows_of(self, inputs: Any) -> np.ndarray:
        try:
            x = np.asarray(inputs, dtype=self.dtype)
        except (TypeError, ValueError):
            raise ParameterError(f"inputs must be numbers of shape (rows, {self.sizes[0]})") from None
        if x.ndim != 2 or x.shape[1] != self.sizes[0]:
            raise ParameterError(f"inputs must have shape (rows, {self.sizes[0]}), got {x.shape}")
        return x

    def _generator(self, noise: int | np.random.Generator | None) -> np.random.Generator | None:
        if noise is None:
            return None
        found = np.random.default_rng(checked_seed("noise", noise))
        if not self.noisy:
            raise ParameterError(f"noise needs {self._noise_needs}")
        return found

    def scores(self, inputs: Any, noise: int | np.random.Generator | None = None) -> np.ndarray:
        """Outputs before the softmax, shape (rows, outputs) [1]; ``noise``: a seed or a generator."""
        x, generator = self._rows_of(inputs), self._generator(noise)
        out = np.empty((len(x), self.sizes[-1]), self.dtype)
        for start in range(0, len(x), _CHUNK):
            out[start : start + _CHUNK] = self._forward(x[start : start + _CHUNK], generator)
        return out

    def predict(self, inputs: Any, noise: int | np.random.Generator | None = None) -> np.ndarray:
        """Class of each row; ``noise`` as in `scores`."""
        scores = self.scores(inputs, noise)
        return (scores[:, 0] > 0).astype(np.int64) if self.sizes[-1] == 1 else scores.argmax(axis=1)

    def accuracy(self, inputs: Any, labels: Any, noise: int | np.random.Generator | None = None) -> float:
        """Share of rows whose class is right [1]; ``noise`` as in `scores`."""
        found = self.predict(inputs, noise)
        if not found.size:
            raise ParameterError("inputs must hold at least one row")
        return np.count_nonzero(found == checked_labels(labels, found.size, self.classes)) / found.size
