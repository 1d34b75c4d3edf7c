"""From currents to the scores of classes: the electronics behind the detectors, spelt out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from nets.optical.signal_checks import checked_signal
from nets.optical.stage import Kind
from nets.optical.untrained import whole_number
from photonic.errors import ParameterError, one_number, real_numbers, unknown_name

__all__ = ["Readout"]

_LAWS = ("gain", "share", "log-share")


class Readout:
    """Scores of classes from the first ``outputs`` currents; the softmax of the loss comes after.

    =============  ======================  =====================================================
    law            score                   gain is
    =============  ======================  =====================================================
    ``gain``       s = G I + b             [1/A], an amplifier in front of the converter
    ``share``      s = G I/Σ I + b         [1], after division by the total current
    ``log-share``  s = G ln(I/Σ I) + b     [1]; with G = 1 the softmax gives the shares themselves
    =============  ======================  =====================================================

    ``log-share`` with G = 1 is the loss of I. A. D. Williamson et al., IEEE J. Sel. Top. Quantum
    Electron. 26, 7700412 (2020): the cross-entropy of the shares of the detected power.

    A converter tells no current from one below its ``floor``: with one, smaller currents, those that
    noise makes negative too, read as the floor, and nothing is learned from them. Without one, shares
    need currents > 0, and `OpticalNetwork` refuses noisy detectors in front of them.

    Parameters
    ----------
    channels : int
        Currents that come in.
    gain : float
        G > 0, unit as above; the starting value where it is trained.
    outputs : int, optional
        Scores: the first so many currents are used, all of them if it is left out.
    law : {"gain", "share", "log-share"}
    offset : float or array_like, shape (outputs,)
        b [1]; the starting value where it is trained.
    trained : sequence of {"gain", "offset"}
        What is trained: ln G, so that G stays positive, and b, one of each score.
    floor : float, optional
        Smallest current that the converter can tell [A], > 0; for shares only.
    name : str
        What tables call it.

    Raises
    ------
    ParameterError
        Settings out of bounds; in `forward` and without a floor, shares of no current, the logarithm
        of a current <= 0.

    Examples
    --------
    >>> import numpy as np
    >>> Readout(3, 1e4, outputs=2).forward(np.array([[1e-4, 3e-4, 5e-4]]))[0]
    array([[1., 3.]])
    """

    takes: Kind = "numbers"
    gives: Kind = "numbers"
    noisy = False

    def __init__(
        self,
        channels: int,
        gain: float,
        *,
        outputs: int | None = None,
        law: Literal["gain", "share", "log-share"] = "gain",
        offset: Any = 0.0,
        trained: Sequence[str] = ("gain",),
        floor: float | None = None,
        name: str = "readout",
    ) -> None:
        self.name, self.inputs = name, whole_number("channels", channels)
        self.outputs = self.inputs if outputs is None else whole_number("outputs", outputs)
        if self.outputs > self.inputs:
            raise ParameterError(f"outputs must be <= channels = {self.inputs}, got {outputs}")
        if law not in _LAWS:
            raise unknown_name("law", law, _LAWS)
        self.law = law
        self.gain = one_number("gain", gain, unit="1/A" if law == "gain" else "[1]", above=0.0)
        offset = real_numbers("offset", offset)
        if offset.shape not in ((), (self.outputs,)):
            raise ParameterError(f"offset must be one number or {self.outputs}, got shape {offset.shape}")
        self.offset = np.broadcast_to(offset, (self.outputs,)).copy()
        for part in trained:
            if part not in ("gain", "offset"):
                raise unknown_name("trained setting", part, ("gain", "offset"))
        self.floor = None if floor is None else one_number("floor", floor, unit="A", above=0.0)
        if law == "gain" and floor is not None:
            raise ParameterError("floor is for shares of currents, got law 'gain'")
        self.trained = tuple(part for part in ("gain", "offset") if part in trained)
        self.size = ("gain" in self.trained) + self.outputs * ("offset" in self.trained)
        self.bind(np.zeros(self.size), np.zeros(self.size))
        self._start()

    @property
    def needs_positive(self) -> bool:
        """Whether it takes shares of currents that must be > 0 A."""
        return self.law != "gain" and self.floor is None

    @property
    def identity(self) -> str:
        """Text of every setting, starting values included."""
        law = self.law if self.floor is None else f"{self.law} from {self.floor!r} A"
        settings = f"{self.gain!r}, {law}, {self.offset.tolist()!r}, trained {self.trained!r}"
        return f"Readout({self.inputs}, {self.outputs}, {settings})"

    def __repr__(self) -> str:
        return f"<{self.name}: {self.identity}>"

    def bind(self, parameters: np.ndarray, gradient: np.ndarray) -> None:
        """ln of the gain over its starting value first, then the offsets."""
        self._parameters, self._gradient = parameters, gradient

    def initialise(self, generator: np.random.Generator) -> None:
        """Gain and offsets as given; nothing is drawn."""
        self._start()

    def _start(self) -> None:
        self._parameters[:] = 0.0
        if "offset" in self.trained:
            self._parameters[-self.outputs :] = self.offset

    def _gain(self) -> float:
        return self.gain * float(np.exp(self._parameters[0])) if "gain" in self.trained else self.gain

    def forward(
        self, signal: np.ndarray, generator: np.random.Generator | None = None
    ) -> tuple[np.ndarray, Any]:
        """Scores [1], shape (rows, outputs)."""
        signal = checked_signal(signal, self.inputs, "numbers", self.name)
        current = signal[:, : self.outputs]
        total, told = None, None
        if self.law != "gain":
            if self.floor is not None:
                told, current = current > self.floor, np.maximum(current, self.floor)
            total = current.sum(axis=1, keepdims=True)
            self._check(current, total)
            current = current / total
        plain = np.log(current) if self.law == "log-share" else current
        offset = self._parameters[-self.outputs :] if "offset" in self.trained else self.offset
        plain = self._gain() * plain
        return plain + offset.astype(signal.dtype), (plain, current, total, told)

    def _check(self, current: np.ndarray, total: np.ndarray) -> None:
        bad = ~(total > 0) if self.law == "share" else ~np.all(current > 0, axis=1, keepdims=True)
        if np.any(bad):
            row = int(np.argmax(bad))
            raise ParameterError(
                f"{self.name}: law {self.law!r} needs currents > 0 A, got {current[row].min():g} A "
                f"in row {row}: is there light, a dark current, a floor?"
            )

    def backward(self, kept: Any, upstream: np.ndarray, wanted: bool) -> np.ndarray | None:
        """dL/dI [1/A] from dL/ds [1]."""
        plain, current, total, told = kept
        if "gain" in self.trained:
            self._gradient[0] = np.sum(upstream * plain, dtype=np.float64)
        if "offset" in self.trained:
            self._gradient[-self.outputs :] = upstream.sum(axis=0)
        if not wanted:
            return None
        g = self._gain() * upstream
        if self.law == "share":
            g = (g - (g * current).sum(axis=1, keepdims=True)) / total
        elif self.law == "log-share":
            g = (g / current - g.sum(axis=1, keepdims=True)) / total
        if told is not None:
            g = g * told
        if self.outputs == self.inputs:
            return g
        whole = np.zeros((len(g), self.inputs), g.dtype)
        whole[:, : self.outputs] = g
        return whole
