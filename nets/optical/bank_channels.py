"""Wavelength channels of a weight bank, one ring on each, inside one free spectral range."""

from __future__ import annotations

import math
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from nets.optical.bank_ring import BANK_RING
from photonic.errors import OutsideValidityWarning, ParameterError, concrete, one_number, shown
from photonic.ring import Ring
from photonic.units import SPEED_OF_LIGHT, engineering

__all__ = ["ChannelOverlapWarning", "Channels", "wavelength_channels"]


class ChannelOverlapWarning(OutsideValidityWarning):
    """Channels of a weight bank stand closer than a linewidth: their weights are not independent."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Channels:
    """Channels evenly spaced in frequency, the first at the shortest wavelength; see `wavelength_channels`.

    Parameters
    ----------
    ring : Ring
        The ring of every channel; its wavelength is the middle of the channels.
    count : int
        Number of channels [1].
    spacing : float
        Between neighbours [Hz].
    """

    ring: Ring
    count: int
    spacing: float

    @property
    def frequencies(self) -> np.ndarray:
        """Angular frequencies ω_j [rad/s], falling, shape (channels,)."""
        place = (self.count - 1) / 2 - np.arange(self.count)
        return self.ring.angular_frequency + 2 * math.pi * self.spacing * place

    @property
    def wavelengths(self) -> np.ndarray:
        """Vacuum wavelengths λ_j [m], rising, shape (channels,)."""
        return 2 * math.pi * SPEED_OF_LIGHT / self.frequencies

    @property
    def half_linewidth_phase(self) -> float:
        """Phase of one turn that detunes a ring by half a linewidth, γ t_r/2 [rad]."""
        return self.ring.linewidth * self.ring.round_trip_time() / 2

    @property
    def span(self) -> float:
        """Detuning of a ring halfway to the next channel [half-linewidths]."""
        return 2 * math.pi * self.spacing / self.ring.linewidth

    def phases(self, detunings: np.ndarray, frequencies: np.ndarray) -> np.ndarray:
        """Phase of one turn of each ring against its resonance [rad].

        φ = t_r (ω − ω_k) + δ_k γ t_r/2, where a ``detuning`` δ_k [half-linewidths] > 0 puts the ring to
        the red of its channel ω_k.

        Parameters
        ----------
        detunings : array
            δ, shape (banks, channels) [half-linewidths].
        frequencies : array
            ω of the light, shape (wavelengths,) [rad/s].

        Returns
        -------
        array
            Shape (rings, banks, wavelengths).
        """
        offset = self.ring.round_trip_time() * (frequencies - self.frequencies[:, None])
        return offset[:, None, :] + (self.half_linewidth_phase * detunings.T)[:, :, None]


def wavelength_channels(count: int, ring: Ring | None = None, spacing: float | None = None) -> Channels:
    """Channels of that ``ring``, inside one of its free spectral ranges.

    Parameters
    ----------
    count : int
        Number of channels [1].
    ring : Ring, optional
        Add-drop ring with a circumference; `nets.optical.bank_ring.BANK_RING` if left out.
    spacing : float, optional
        Between neighbours [Hz]; the free spectral range over ``count`` if left out.

    Raises
    ------
    ParameterError
        More channels than a free spectral range holds; a ring without drop port or circumference.

    Warns
    -----
    ChannelOverlapWarning
        A ``spacing`` below a linewidth.

    Examples
    --------
    >>> channels = wavelength_channels(4, spacing=400e9)
    >>> [round(1e9 * float(w), 1) for w in channels.wavelengths]
    [1545.2, 1548.4, 1551.6, 1554.8]
    """
    ring = BANK_RING if ring is None else _checked(ring)
    range_, width = 1 / ring.round_trip_time(), ring.linewidth / (2 * math.pi)  # [Hz]
    words, line = f"the ring's free spectral range of {engineering(range_, 'Hz')}", engineering(width, "Hz")
    if spacing is None:
        spacing = range_ / count
        if spacing < width:
            raise ParameterError(
                f"inputs must be <= {int(range_ / width)}: {words} leaves"
                f" {engineering(spacing, 'Hz')} to each of {count} channels, less than a linewidth of {line}"
            )
        return Channels(ring=ring, count=count, spacing=spacing)
    spacing = one_number("channel_spacing", spacing, unit="Hz", above=0.0)
    if spacing < 1.0:
        meant = spacing * SPEED_OF_LIGHT / ring.wavelength**2
        raise ParameterError(
            f"channel_spacing must be in Hz, got {spacing!r}: did you mean {meant:.4g} (from metres)?"
        )
    # evenly round the circle they may just fill it; a relative 1e-9 for how the spacing was computed
    if count * spacing > range_ * (1 + 1e-9):
        raise ParameterError(
            f"inputs must be <= {int(range_ / spacing)}: {words} does not hold {count} channels,"
            f" {engineering(spacing, 'Hz')} apart"
        )
    if spacing < width and count > 1:
        warnings.warn(
            f"channels {engineering(spacing, 'Hz')} apart overlap within a linewidth of {line}:"
            " their weights are not independent",
            ChannelOverlapWarning,
            stacklevel=4,
        )
    return Channels(ring=ring, count=count, spacing=spacing)


def _checked(ring: Any) -> Ring:
    """``ring`` in plain numbers, if a weight bank can be made of it."""
    if not isinstance(ring, Ring):
        raise ParameterError(f"ring must be a photonic.Ring, got {shown(ring)}")
    if np.ndim(concrete(ring.linewidth)):
        raise ParameterError("ring must be one ring, got one of arrays")
    ring = ring.plain()
    if ring.circumference is None:
        raise ParameterError("ring must have a circumference [m]: it sets how many channels fit, got None")
    if not ring.drop_coupling_rate > 0:
        raise ParameterError(
            "drop_coupling_rate of the ring must be > 0 1/s: without it there is no drop port"
        )
    if ring.backscatter_rate != 0:
        raise ParameterError(f"backscatter_rate of the ring must be 0 rad/s, got {ring.backscatter_rate:g}")
    return ring
