"""A measured spectrum: power, or transmission, of one or more channels against wavelength."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from photonic.errors import ParameterError, check, one_number, real_numbers, unknown_name

__all__ = ["MeasuredSpectrum"]


@dataclass(frozen=True, eq=False)
class MeasuredSpectrum:
    """Power of each channel at each wavelength.

    Parameters
    ----------
    wavelength : array_like, shape (n,)
        Vacuum wavelength [m], rising.
    power : array_like, shape (n,) or (n, channels)
        Power [W], or transmission [1] if ``relative``; a little below 0 where a dark level has been
        taken off.
    channels : tuple of str, optional
        Name of each channel; ``"channel_1"`` and so on if left out.
    metadata : mapping
        Anything to keep with the data (JSON types).
    relative : bool
        Whether ``power`` is a ratio to some input power [1] instead of a power [W].

    Raises
    ------
    ParameterError
        Arrays of unlike shapes, wavelengths that do not rise, numbers that are not finite.

    Examples
    --------
    >>> spectrum = MeasuredSpectrum([1.54e-6, 1.55e-6, 1.56e-6], [[1e-6], [2e-7], [9e-7]], ("through",))
    >>> spectrum
    MeasuredSpectrum(3 points, 1540 nm to 1560 nm, 1 channel: through)
    >>> spectrum.channel("through").tolist()
    [1e-06, 2e-07, 9e-07]
    """

    wavelength: Any
    power: Any
    channels: Sequence[str] | None = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    relative: bool = False

    def __post_init__(self) -> None:
        scales = {"nanometres": 1e-9, "micrometres": 1e-6}
        check("wavelength", self.wavelength, unit="m", plausible=(1e-7, 1e-4), scales=scales)
        wavelength = np.array(real_numbers("wavelength", self.wavelength))
        power = np.array(real_numbers("power", self.power, unit="" if self.relative else "W"))
        if wavelength.ndim != 1 or wavelength.size == 0:
            raise ParameterError(f"wavelength must be one-dimensional, got shape {wavelength.shape}")
        if np.any(np.diff(wavelength) <= 0):
            i = int(np.argmax(np.diff(wavelength) <= 0))
            pair = f"{wavelength[i + 1]:.9g} m after {wavelength[i]:.9g} m"
            raise ParameterError(f"wavelength must rise, got {pair}")
        power = power[:, None] if power.ndim == 1 else power
        if power.ndim != 2 or power.shape[0] != wavelength.size or power.shape[1] == 0:
            raise ParameterError(
                f"power must have a row for each of {wavelength.size} wavelengths, got shape {power.shape}"
            )
        count = power.shape[1]
        names = self.channels if self.channels is not None else [f"channel_{j + 1}" for j in range(count)]
        names = (names,) if isinstance(names, str) else tuple(names)
        if len(names) != count or len(set(names)) < count:
            raise ParameterError(f"channels must be {count} different names, got {names!r}")
        for name, value in (("wavelength", wavelength), ("power", power)):
            value.setflags(write=False)
            object.__setattr__(self, name, value)
        object.__setattr__(self, "channels", names)

    def __repr__(self) -> str:
        low, high = self.wavelength[0] * 1e9, self.wavelength[-1] * 1e9
        names: Sequence[str] = self.channels or ()
        plural = "" if len(names) == 1 else "s"
        listed = f"{len(names)} channel{plural}: {', '.join(names)}"
        kind = ", relative" if self.relative else ""
        return f"MeasuredSpectrum({len(self)} points, {low:.7g} nm to {high:.7g} nm, {listed}{kind})"

    def __len__(self) -> int:
        return int(self.wavelength.size)

    def channel(self, name: str) -> np.ndarray:
        """Power [W], or transmission [1], of one channel (n,).

        Raises
        ------
        ParameterError
            No such channel.
        """
        names: Sequence[str] = self.channels or ()
        if name not in names:
            raise unknown_name("channel", name, names)
        return self.power[:, names.index(name)]

    def take(self, which: Any) -> MeasuredSpectrum:
        """Some of the points: a slice, a mask or rising indices."""
        return dataclasses.replace(self, wavelength=self.wavelength[which], power=self.power[which])

    def between(self, low: float, high: float) -> MeasuredSpectrum:
        """The points from wavelength ``low`` to ``high`` [m], both included.

        Raises
        ------
        ParameterError
            None lies there.
        """
        low, high = one_number("low", low, unit="m"), one_number("high", high, unit="m")
        inside = (self.wavelength >= low) & (self.wavelength <= high)
        if not np.any(inside):
            first, last = self.wavelength[0], self.wavelength[-1]
            raise ParameterError(
                f"low and high must enclose wavelengths of the spectrum, {first:.7g} m to {last:.7g} m, "
                f"got {low:.7g} m and {high:.7g} m"
            )
        return self.take(inside)
