"""Light that is lost, shared out and brought together, without power from anywhere."""

from __future__ import annotations

from typing import Any

import numpy as np

from nets.optical.part_checks import checked_loss
from nets.optical.signal_checks import checked_signal
from nets.optical.stage import Kind
from nets.optical.untrained import Untrained, light_kind, whole_number
from photonic.errors import ParameterError, one_number

__all__ = ["Attenuator", "Combiner", "Splitter"]


class Attenuator(Untrained):
    """Loss: P_out = P_in/L, E_out = E_in/√L.

    Parameters
    ----------
    channels : int
        Guides through it.
    insertion_loss : float or array_like, shape (channels,)
        L = P_in/P_out [1], >= 1.
    kind : {"fields", "powers"}
        What goes through.
    name : str
        What tables call it.

    Examples
    --------
    >>> import numpy as np
    >>> Attenuator(1, 2.0, kind="powers").forward(np.array([[1e-3]]))[0]
    array([[0.0005]])
    """

    def __init__(
        self, channels: int, insertion_loss: Any, *, kind: Kind = "fields", name: str = "loss"
    ) -> None:
        self.name = name
        self.inputs = self.outputs = whole_number("channels", channels)
        self.takes = self.gives = light_kind(kind)
        self.insertion_loss = checked_loss("insertion_loss", insertion_loss)
        if self.insertion_loss.shape not in ((), (self.inputs,)):
            raise ParameterError(
                f"insertion_loss must be one number or {self.inputs}, got shape {self.insertion_loss.shape}"
            )
        self._factor = self.insertion_loss ** (-0.5 if kind == "fields" else -1.0)

    @property
    def identity(self) -> str:
        """Text of every setting."""
        return f"Attenuator({self.inputs}, {self.insertion_loss.tolist()!r}, {self.takes})"

    def forward(
        self, signal: np.ndarray, generator: np.random.Generator | None = None
    ) -> tuple[np.ndarray, Any]:
        """Light behind it, same shape."""
        signal = checked_signal(signal, self.inputs, self.takes, self.name)
        return signal * self._factor.astype(signal.real.dtype), None

    def backward(self, kept: Any, upstream: np.ndarray, wanted: bool) -> np.ndarray | None:
        """dL/d(in) = dL/d(out) times the same real factor."""
        return upstream * self._factor.astype(upstream.real.dtype) if wanted else None


class _Sharing(Untrained):
    """One guide on one side, ``copies`` on the other, with the same factor either way."""

    inputs: int
    outputs: int

    def __init__(self, copies: int, excess_loss: float, kind: Kind, name: str) -> None:
        self.name, self.copies = name, whole_number("copies", copies)
        self.takes = self.gives = light_kind(kind)
        self.excess_loss = one_number("excess_loss", checked_loss("excess_loss", excess_loss))
        share = 1.0 / (self.copies * self.excess_loss)
        self._factor = share**0.5 if kind == "fields" else share

    @property
    def identity(self) -> str:
        """Text of every setting."""
        return (
            f"{type(self).__name__}({self.inputs}, {self.outputs}, {self.copies}, "
            f"{self.excess_loss!r}, {self.takes})"
        )

    def _copied(self, signal: np.ndarray) -> np.ndarray:
        return np.tile(signal * self._factor, (1, self.copies))

    def _summed(self, signal: np.ndarray) -> np.ndarray:
        return signal.reshape(len(signal), self.copies, -1).sum(axis=1) * self._factor


class Splitter(_Sharing):
    """Fan-out: every channel is shared out equally, P_copy = P/(n L), E_copy = E/√(n L).

    Channels of the first copy come first, then those of the second.

    Parameters
    ----------
    channels : int
        Guides in; ``channels * copies`` come out.
    copies : int
        n.
    excess_loss : float
        L = P_in over the sum of all copies [1], >= 1.
    kind : {"fields", "powers"}
        What goes through.
    name : str
        What tables call it.

    Examples
    --------
    >>> import numpy as np
    >>> Splitter(1, 4, kind="powers").forward(np.array([[1e-3]]))[0]
    array([[0.00025, 0.00025, 0.00025, 0.00025]])
    """

    def __init__(
        self,
        channels: int,
        copies: int,
        *,
        excess_loss: float = 1.0,
        kind: Kind = "fields",
        name: str = "splitter",
    ) -> None:
        super().__init__(copies, excess_loss, kind, name)
        self.inputs = whole_number("channels", channels)
        self.outputs = self.inputs * self.copies

    def forward(
        self, signal: np.ndarray, generator: np.random.Generator | None = None
    ) -> tuple[np.ndarray, Any]:
        """All copies, shape (rows, channels · copies)."""
        return self._copied(checked_signal(signal, self.inputs, self.takes, self.name)), None

    def backward(self, kept: Any, upstream: np.ndarray, wanted: bool) -> np.ndarray | None:
        """Gradients of all copies, added."""
        return self._summed(upstream) if wanted else None


class Combiner(_Sharing):
    """A `Splitter` used backwards: ``copies`` groups of channels are brought together, guide by guide.

    Fields: E_out = Σ E/√(n L): only the part that all groups have in common goes on, the rest leaves
    through other ports or is radiated, as reciprocity demands. Powers: P_out = Σ P/(n L), of light
    whose groups do not interfere (other wavelengths, other lasers); it cannot drive one resonance.

    Parameters
    ----------
    channels : int
        Guides out; ``channels * copies`` go in, the first group first.
    copies : int
        n.
    excess_loss : float
        L [1], >= 1, on top of the sharing.
    kind : {"fields", "powers"}
        What goes through.
    name : str
        What tables call it.

    Examples
    --------
    >>> import numpy as np
    >>> Combiner(1, 2).forward(np.array([[1e-3 + 0j, -1e-3]]))[0]  # opposite phases: nothing is left
    array([[0.+0.j]])
    """

    def __init__(
        self,
        channels: int,
        copies: int,
        *,
        excess_loss: float = 1.0,
        kind: Kind = "fields",
        name: str = "combiner",
    ) -> None:
        super().__init__(copies, excess_loss, kind, name)
        self.outputs = whole_number("channels", channels)
        self.inputs = self.outputs * self.copies
        self.wavelengths_mixed = kind == "powers" and self.copies > 1

    def forward(
        self, signal: np.ndarray, generator: np.random.Generator | None = None
    ) -> tuple[np.ndarray, Any]:
        """What is left of the groups, shape (rows, channels)."""
        return self._summed(checked_signal(signal, self.inputs, self.takes, self.name)), None

    def backward(self, kept: Any, upstream: np.ndarray, wanted: bool) -> np.ndarray | None:
        """Every group gets the same gradient."""
        return self._copied(upstream) if wanted else None
