"""Rings one after the other between two buses that carry light in opposite directions.

Light dropped by a ring goes back along the drop bus past the rings before it, each of which may put some
of it on the input bus again. From the last ring to the first, a ring (T, D, T′) before a stack that
returns R and lets S through makes a stack with

    R⁺ = D + T T′ q/(1 − D q),   S⁺ = T S/(1 − D q),   q = e R,

where e is what the two buses between them do in one round. The same lines serve complex fields, with
e = exp(iψ) and then exactly, and powers, with e = 1: there all passes between rings add as powers. For two
rings that is the mean over ψ; for more it is so to first order in what neighbours take from a channel.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from nets.optical.bank_ports import Ports

__all__ = ["Cascade", "cascade", "phase_slopes"]


class Cascade(NamedTuple):
    """What a row of rings does with light, ring by ring; lists run from the first ring on."""

    ports: Ports
    loops: Any  # e between neighbours, shape (rings − 1, banks, wavelengths) or broadcast to it
    returned: list[Any]  # R of the stack from each ring on; one more, 0, after the last
    onward: list[Any]  # S likewise; 1 after the last
    gains: list[Any]  # 1/(1 − D q) at each ring

    @property
    def coherent(self) -> bool:
        """Whether these are fields."""
        return self.loops is not None

    @property
    def drop(self) -> Any:
        """Power at the end of the drop bus over the power in [1], shape (banks, wavelengths)."""
        return _squared(self.returned[0]) if self.coherent else self.returned[0]

    @property
    def through(self) -> Any:
        """Power at the end of the input bus over the power in [1], shape (banks, wavelengths)."""
        return _squared(self.onward[0]) if self.coherent else self.onward[0]


def cascade(ports: Ports, loops: Any = None) -> Cascade:
    """Rings of those ``ports``, shape (rings, banks, wavelengths); powers where ``loops`` is None."""
    rings = len(ports.through)
    returned: list[Any] = [np.zeros_like(ports.drop[0])] * (rings + 1)
    onward: list[Any] = [np.ones_like(ports.drop[0])] * (rings + 1)
    gains: list[Any] = [None] * rings
    for k in reversed(range(rings)):
        through, drop, back = ports.through[k], ports.drop[k], ports.back[k]
        q = _round(loops, k, rings) * returned[k + 1]
        gains[k] = 1 / (1 - drop * q)
        onward[k] = through * onward[k + 1] * gains[k]
        returned[k] = drop + through * back * q * gains[k]
    return Cascade(ports, loops, returned, onward, gains)


def phase_slopes(given: Cascade, through: Any, drop: Any) -> np.ndarray:
    """Slope of a sum of outgoing powers against the phase of each ring, for each wavelength.

    Parameters
    ----------
    given : Cascade
        Of the rings.
    through, drop : array
        Weights of the through and of the drop power in the sum, shape (banks, wavelengths).

    Returns
    -------
    array
        [1/rad], shape (rings, banks, wavelengths).
    """
    ports, rings = given.ports, len(given.gains)
    slopes = np.empty(ports.through.shape, given.drop.dtype)
    # seeds of S and R; for fields d|S|² = 2 Re(S* dS), and all that follows is holomorphic
    s, r = through, drop
    if given.coherent:
        s, r = 2 * through * np.conj(given.onward[0]), 2 * drop * np.conj(given.returned[0])
    for k in range(rings):
        t, d, b, gain = ports.through[k], ports.drop[k], ports.back[k], given.gains[k]
        e, onward = _round(given.loops, k, rings), given.onward[k + 1]
        q = e * given.returned[k + 1]
        passed = r * gain
        by_gain = (s * t * onward + r * t * b * q) * gain**2
        by_through = s * gain * onward + passed * b * q
        by_back, by_drop = passed * t * q, r + by_gain * q
        slope = by_through * ports.through_slope[k] + by_back * ports.back_slope[k]
        slope = slope + by_drop * ports.drop_slope[k]
        slopes[k] = slope.real if given.coherent else slope
        s, r = s * t * gain, (passed * t * b + by_gain * d) * e
    return slopes


def _round(loops: Any, k: int, rings: int) -> Any:
    """Factor of the round between rings ``k`` and ``k`` + 1; nothing returns from beyond the last."""
    return 1.0 if loops is None or k == rings - 1 else loops[k]


def _squared(field: Any) -> Any:
    return field.real**2 + field.imag**2
