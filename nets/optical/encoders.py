"""From numbers to light: modulators that set powers or fields in front of a network.

Nothing is clipped: a number that a modulator cannot show is an error that names its row.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from nets.optical.signal_checks import checked_signal
from nets.optical.stage import Kind
from nets.optical.untrained import Untrained, whole_number
from photonic.errors import ParameterError, one_number, shown

__all__ = ["FieldEncoder", "PowerEncoder"]

_WATTS = (1e-12, 1.0)  # [W] what the light of one channel, or of all of them, may plausibly be
_SCALES = {"milliwatts": 1e-3, "microwatts": 1e-6}


class PowerEncoder(Untrained):
    """One number, one modulator, one power.

    P = P_full (f + (1 − f) u), u = (x − low)/(high − low),

    where f is the smallest share of the full power: the bias over it, or the reciprocal of the
    extinction ratio. With ``total_power``, each example's powers are multiplied by one number so
    that their sum is that power.

    Parameters
    ----------
    features : int
        Numbers in, channels out.
    full_scale : float, optional
        Power P_full [W] of the largest number in one channel; this or ``total_power``.
    bias : float, optional
        Power [W] of the smallest number; this, or
    extinction_ratio : float
        Largest over smallest power [1], >= 1; infinite for an ideal modulator.
    domain : pair of float
        Smallest and largest number (low, high) that can be encoded [1].
    total_power : float, optional
        Sum of the powers of each example [W]; off unless it is given.
    name : str
        What tables call it.

    Raises
    ------
    ParameterError
        Settings out of bounds; in `forward`, a number outside the domain, an example without light.

    Examples
    --------
    >>> import numpy as np
    >>> encoder = PowerEncoder(2, full_scale=1e-3, extinction_ratio=100)
    >>> encoder.forward(np.array([[0.0, 1.0]]))[0]
    array([[1.e-05, 1.e-03]])
    """

    takes: Kind = "numbers"
    gives: Kind = "powers"

    def __init__(
        self,
        features: int,
        full_scale: float | None = None,
        *,
        bias: float | None = None,
        extinction_ratio: float = np.inf,
        domain: tuple[float, float] = (0.0, 1.0),
        total_power: float | None = None,
        name: str = "power encoder",
    ) -> None:
        self.name = name
        self.inputs = self.outputs = whole_number("features", features)
        self.full_scale, self.total_power = full_scale, total_power
        self._watts = _scale(full_scale, total_power)
        if extinction_ratio != np.inf:
            extinction_ratio = one_number("extinction_ratio", extinction_ratio, at_least=1.0)
        self.floor = 1.0 / extinction_ratio
        if bias is not None:
            if full_scale is None:
                raise ParameterError("bias needs full_scale; with total_power give extinction_ratio")
            if self.floor:
                raise ParameterError(
                    "give bias or extinction_ratio, not both: either sets the power of the smallest number"
                )
            bias = one_number("bias", bias, unit="W", at_least=0.0, at_most=self._watts)
            self.floor = bias / self._watts
        if np.shape(domain) != (2,):
            raise ParameterError(f"domain must be two numbers (low, high), got {shown(domain)}")
        self.low = one_number("domain[0]", domain[0])
        self.high = one_number("domain[1]", domain[1], above=self.low)

    @property
    def identity(self) -> str:
        """Text of every setting."""
        light = f"{self._watts!r} W{'' if self.total_power is None else ' in all'}"
        return f"PowerEncoder({self.inputs}, {light}, floor {self.floor!r}, [{self.low!r}, {self.high!r}])"

    @property
    def supply(self) -> float:
        """Of the lasers of all channels [W]."""
        return self._watts * (self.outputs if self.total_power is None else 1)

    def forward(
        self, signal: np.ndarray, generator: np.random.Generator | None = None
    ) -> tuple[np.ndarray, Any]:
        """Powers [W] of a batch of numbers, shape (rows, features)."""
        signal = checked_signal(signal, self.inputs, "numbers", self.name)
        _within(f"{self.name} takes numbers", signal, self.low, self.high)
        share = self.floor + (1 - self.floor) * ((signal - self.low) / (self.high - self.low))
        if self.total_power is None:
            return self._watts * share, None
        total = share.sum(axis=1, keepdims=True)
        _lit(self.name, total)
        share /= total
        return self._watts * share, (share, total)

    def backward(self, kept: Any, upstream: np.ndarray, wanted: bool) -> np.ndarray | None:
        """dL/dx [1] from dL/dP [1/W], where it is wanted."""
        if not wanted:
            return None
        slope = (1 - self.floor) / (self.high - self.low)
        if kept is None:
            return slope * self._watts * upstream
        share, total = kept
        mean = (upstream * share).sum(axis=1, keepdims=True)
        return slope * self._watts * (upstream - mean) / total


class FieldEncoder(Untrained):
    """One number, or one pair of them, becomes the complex amplitude of a channel.

    E = √P_full · x/m (a negative number is a phase of π), or E = √P_full (x₁ + i x₂)/m of each pair,
    |x| <= m. With ``total_power``, E = √P_total x/‖x‖ instead, whatever the size of the numbers.

    Parameters
    ----------
    features : int
        Numbers in.
    full_scale : float, optional
        Power P_full [W] at |x| = m in one channel; this or ``total_power``.
    largest : float
        Largest modulus m of a number or pair [1]; not used with ``total_power``.
    pairs : bool
        Whether the numbers are pairs of real and imaginary part, (re, im, re, im, ...).
    total_power : float, optional
        Sum of the powers of each example [W]; off unless it is given.
    name : str
        What tables call it.

    Raises
    ------
    ParameterError
        Settings out of bounds; in `forward`, |x| > m, an example without light.

    Examples
    --------
    >>> import numpy as np
    >>> FieldEncoder(2, full_scale=4e-6, pairs=True).forward(np.array([[0.5, -0.5]]))[0]
    array([[0.001-0.001j]])
    """

    takes: Kind = "numbers"
    gives: Kind = "fields"

    def __init__(
        self,
        features: int,
        full_scale: float | None = None,
        *,
        largest: float = 1.0,
        pairs: bool = False,
        total_power: float | None = None,
        name: str = "field encoder",
    ) -> None:
        self.name, self.pairs = name, bool(pairs)
        self.inputs = whole_number("features", features)
        if self.pairs and self.inputs % 2:
            raise ParameterError(f"features must be even where they are pairs, got {features}")
        self.outputs = self.inputs // 2 if self.pairs else self.inputs
        self.full_scale, self.total_power = full_scale, total_power
        self.largest = one_number("largest", largest, above=0.0)
        self._watts = _scale(full_scale, total_power)

    @property
    def identity(self) -> str:
        """Text of every setting."""
        whole = f" at {self.largest!r}" if self.total_power is None else " in all"
        light = f"{self._watts!r} W{whole}"
        return f"FieldEncoder({self.inputs}{' in pairs' if self.pairs else ''}, {light})"

    @property
    def supply(self) -> float:
        """Of the laser, whose light all channels share [W]."""
        return self._watts * (self.outputs if self.total_power is None else 1)

    def forward(
        self, signal: np.ndarray, generator: np.random.Generator | None = None
    ) -> tuple[np.ndarray, Any]:
        """Fields [√W] of a batch of numbers, shape (rows, channels)."""
        x = checked_signal(signal, self.inputs, "numbers", self.name)
        z = x[:, ::2] + 1j * x[:, 1::2] if self.pairs else x + 0j
        if self.total_power is None:
            size = np.abs(z)  # rounding may bring the largest pair just above it
            slack = 4 * self.largest * float(np.finfo(size.dtype).eps)
            _within(f"{self.name} takes moduli", size, 0.0, self.largest, slack)
            return self._watts**0.5 / self.largest * z, None
        norm = np.sqrt((z.real**2 + z.imag**2).sum(axis=1, keepdims=True))
        _lit(self.name, norm)
        z /= norm
        return self._watts**0.5 * z, (z, norm)

    def backward(self, kept: Any, upstream: np.ndarray, wanted: bool) -> np.ndarray | None:
        """dL/dx [1] from g of the fields [1/√W], where it is wanted."""
        if not wanted:
            return None
        if kept is None:
            g = self._watts**0.5 / self.largest * upstream
        else:
            unit, norm = kept
            along = (unit.real * upstream.real + unit.imag * upstream.imag).sum(axis=1, keepdims=True)
            g = self._watts**0.5 * (upstream - unit * along) / norm
        if not self.pairs:
            return g.real
        x = np.empty((len(g), self.inputs), g.real.dtype)
        x[:, ::2], x[:, 1::2] = g.real, g.imag
        return x


def _scale(full_scale: Any, total_power: Any) -> float:
    """Whichever of the two powers is given [W]."""
    if (full_scale is None) == (total_power is None):
        both = "" if full_scale is None else ", not both"
        raise ParameterError(f"give full_scale [W] of one channel or total_power [W] of an example{both}")
    name, value = ("full_scale", full_scale) if total_power is None else ("total_power", total_power)
    return one_number(name, value, unit="W", above=0.0, plausible=_WATTS, scales=_SCALES)


def _within(name: str, x: np.ndarray, low: float, high: float, slack: float = 0.0) -> None:
    if not x.size or (x.min() >= low and x.max() <= high + slack):  # false for NaN too
        return
    row, column = np.argwhere(~((x >= low) & (x <= high + slack)))[0]
    raise ParameterError(
        f"inputs: {name} in [{low:g}, {high:g}], got {x[row, column]:g} in row {row}, column {column}"
    )


def _lit(name: str, total: np.ndarray) -> None:
    if not np.all((total > 0) & np.isfinite(total)):
        row = int(np.argmax(~((total > 0) & np.isfinite(total)).ravel()))
        raise ParameterError(
            f"inputs: {name} cannot give row {row} its total power: it sums to {total[row, 0]:g}"
        )
