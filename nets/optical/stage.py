"""What light goes through on its way through a network, one stage after the other.

A signal is an array of shape (rows, channels), one row an example. Its kind says what it holds:

- ``numbers``: real numbers without a unit, [1];
- ``powers``: real powers [W] on separate guides or wavelengths, >= 0;
- ``fields``: complex amplitudes [√W] of one coherent wavelength; |z|² is a power [W].

Gradients of a loss L go back the other way. For numbers and powers dL/dx; for fields
g = ∂L/∂(Re z) + i ∂L/∂(Im z), so that δL = Re Σ conj(g) δz, and a linear stage z → z·A gives
g → g·A^H.

A stage may also have ``noisy``, whether it draws from a generator, and ``needs_positive``, whether it
refuses numbers <= 0; an activation ``working_power`` [W], from which on it is nonlinear, and
``power_max`` [W], up to which it is valid: for power budgets. One that refuses more than that has
``without_limit()``, the same stage which answers as far as it can. One whose ``regime`` is ``"frozen heat"``
has ``devices()``, one a channel, that know their symbol window and mean heating. One with lasers of its
own says their ``supply`` [W] of all channels together.

Behind a stage that is ``wavelengths_mixed`` each power is the sum of many wavelengths on one guide. What
is passive passes it on; a stage of ``one_wavelength``, a resonance, refuses it.
"""

from __future__ import annotations

from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np

__all__ = ["Kind", "Stage"]

Kind = Literal["numbers", "powers", "fields"]


@runtime_checkable
class Stage(Protocol):
    """One part of an optical network: an encoder, a mesh, an activation, a loss, a detector."""

    @property
    def name(self) -> str:
        """What tables call it."""
        ...

    @property
    def inputs(self) -> int:
        """Channels in."""
        ...

    @property
    def outputs(self) -> int:
        """Channels out."""
        ...

    @property
    def takes(self) -> Kind: ...

    @property
    def gives(self) -> Kind: ...

    @property
    def size(self) -> int:
        """How many numbers of it are trained."""
        ...

    @property
    def identity(self) -> str:
        """Text that differs whenever an untrained setting differs; kept in checkpoints."""
        ...

    def bind(self, parameters: np.ndarray, gradient: np.ndarray) -> None:
        """Let what is trained, and its gradient, be views of these two flat real arrays of `size`."""
        ...

    def initialise(self, generator: np.random.Generator) -> None:
        """Write starting values into the bound parameters; the same draws whatever the dtype."""
        ...

    def forward(
        self, signal: np.ndarray, generator: np.random.Generator | None = None
    ) -> tuple[np.ndarray, Any]:
        """Outgoing signal, and what `backward` needs to know; ``signal`` stays as it is.

        ``generator`` draws the noise of the stage, if it has any; None means without noise.
        """
        ...

    def backward(self, kept: Any, upstream: np.ndarray, wanted: bool) -> np.ndarray | None:
        """Set the bound gradient from dL/d(out) ``upstream``; dL/d(in) where it is ``wanted``."""
        ...
