"""A measured spectrum as a fit takes it: checked, with its noise, and what each channel shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np

from photonic.errors import ParameterError, real_numbers
from photonic.ring_fields import LENGTHS

__all__ = ["Channel", "Role", "channels_of", "roles", "variance_stabilised"]

Role = Literal["through", "drop", "add", "dark"]

_FEWEST = 32  # samples: less is no spectrum
_ENOUGH = 24  # samples that tell a standard deviation
_CENTRAL = 0.6616  # standard deviation of the central 80 % of a normal distribution over its own
_LEVELS = np.array([0.005, 0.02, 0.06, 0.125, 0.25, 0.5, 0.75])  # quantiles: dips are few but tell the floor
_LARGEST = 1e60  # of powers in any unit: its square and that of its inverse are numbers
_TINY = 1e-150  # corner of a channel without light
_DARK = 1e-3  # a second output that never reaches this share of the brightest holds no peaks


@dataclass(frozen=True, eq=False, kw_only=True)
class Channel:
    """One output: power [W or relative], shape (n,), at the wavelengths [m], and its noise.

    The noise of one sample is σ² = ``floor``² + (``relative`` P)² + (``jitter`` dP/dλ)², the last for a
    laser [m] that does not quite stand where it says; all three estimated from fourth differences.
    """

    name: str
    wavelength: np.ndarray
    power: np.ndarray
    floor: float
    relative: float
    jitter: float

    @cached_property
    def corner(self) -> float:
        """Power [W or relative] below which `variance_stabilised` is linear rather than a logarithm."""
        return max(2 * self.floor, 1e-7 * float(np.abs(self.power).max()), _TINY)

    @cached_property
    def level(self) -> np.ndarray:
        """The samples, variance stabilised [1]."""
        return variance_stabilised(self.power, self.corner)

    def variance(self, power: np.ndarray) -> np.ndarray:
        """Variance of a stabilised sample [1] where the true power is ``power``."""
        return (self.floor**2 + (self.relative * power) ** 2) / (power**2 + self.corner**2)


def variance_stabilised(power: np.ndarray, corner: float) -> np.ndarray:
    """asinh(P/c) [1]: ln(2P/c) for bright light, P/c in the noise floor, where readings may be negative.

    Its derivative is 1/√(P² + c²), so that a constant error of c/2 stays below one half everywhere.
    """
    return np.arcsinh(power / corner)


def channels_of(wavelength: Any, power: Any, names: Sequence[str] | None = None) -> list[Channel]:
    """The checked channels of a spectrum.

    Parameters
    ----------
    wavelength : array_like, shape (n,)
        Wavelengths [m], rising.
    power : array_like, shape (n,) or (n, channels)
        Powers [W] or any multiple of them, linear; a little below 0 where a dark level was taken off.
    names : sequence of str, optional
        Names of the channels; "channel 0" and so on without.

    Raises
    ------
    ParameterError
        Wavelengths not in metres or not rising, shapes that do not fit, levels in dBm, nothing finite.
    """
    x = real_numbers("wavelength", wavelength, unit="m", above=0.0, plausible=(0.4e-6, 20e-6), scales=LENGTHS)
    y = real_numbers("power", power, unit="W")
    if x.ndim != 1 or x.size < _FEWEST:
        raise ParameterError(f"wavelength must have shape (n,) with n >= {_FEWEST}, got {x.shape}")
    if y.ndim not in (1, 2) or y.shape[0] != x.size or y.size == 0:
        raise ParameterError(f"power must have shape ({x.size},) or ({x.size}, channels), got {y.shape}")
    if np.any(np.diff(x) <= 0):
        first = int(np.flatnonzero(np.diff(x) <= 0)[0]) + 1
        raise ParameterError(f"wavelength must rise from sample to sample, got a step back at index {first}")
    y = y.reshape(x.size, -1)
    if float(np.median(y, axis=0).max()) < 0 or float(y.min()) < -0.2 * max(float(y.max()), 0.0):
        text = "must be >= 0 W but for noise: levels in dB or dBm? 10**(level/10) of them is a power"
        raise ParameterError(f"power {text}, got {float(y.min()):g}")
    if not float(y.max()) > 0:
        raise ParameterError("power must be > 0 W somewhere, got none")
    if not 1 / _LARGEST < float(y.max()) < _LARGEST:
        raise ParameterError(
            f"power must have a maximum between {1 / _LARGEST:g} W and {_LARGEST:g} W, got {y.max():g}"
        )
    known = [f"channel {k}" for k in range(y.shape[1])] if names is None else [str(name) for name in names]
    if len(known) != y.shape[1] or len(set(known)) != len(known):
        raise ParameterError(f"channels must name each of {y.shape[1]} columns once, got {known!r}")
    return [_channel(name, x, y[:, k]) for k, name in enumerate(known)]


def _channel(name: str, wavelength: np.ndarray, power: np.ndarray) -> Channel:
    floor, relative = _noise(power)
    jitter = _jitter(wavelength, power, floor, relative)
    return Channel(
        name=name, wavelength=wavelength, power=power, floor=floor, relative=relative, jitter=jitter
    )


def _noise(power: np.ndarray) -> tuple[float, float]:
    """Floor [W] and relative noise [1] from the scatter of fourth differences, level by level."""
    from scipy.optimize import nnls

    rough = np.diff(power, 4) / 70**0.5  # a line ten samples wide is smooth to the fourth difference
    order = np.argsort(power[2:-2], kind="stable")
    rows = []
    parts = [p for p in np.split(order, (order.size * _LEVELS).astype(int)) if p.size >= _ENOUGH]
    for part in parts or [order]:
        inside = np.sort(rough[part])
        cut = inside.size // 10
        spread = float(np.std(inside[cut : inside.size - cut])) / _CENTRAL
        level = float(np.median(power[2:-2][part]))
        rows.append((level**2, max(spread, 1e-9 * abs(level)) ** 2))
    levels, variances = np.array(rows).T
    top = float(levels.max())
    if len(rows) == 1:  # too few samples to tell a relative part
        return float(variances[0] ** 0.5), 0.0
    if not (top > 0 and np.all(variances > 0)):
        return 0.0, 0.0
    design = np.column_stack([levels / top, np.ones_like(levels)]) / variances[:, None] * variances.max()
    share, _ = nnls(design, np.full(levels.size, variances.max()))
    return float(share[1] ** 0.5), float((share[0] / top) ** 0.5)


def _jitter(wavelength: np.ndarray, power: np.ndarray, floor: float, relative: float) -> float:
    """Standard deviation of the wavelengths [m], from the samples where the power changes fastest."""
    rough = np.diff(power, 4) / 70**0.5
    slope = (power[3:-1] - power[1:-3]) / (wavelength[3:-1] - wavelength[1:-3])
    noise = np.hypot(floor, relative * power[2:-2])
    least = max(1e-12 * float(np.abs(power).max()), _TINY)
    change = np.abs(power[3:-1] - power[1:-3]) / np.maximum(noise, least)
    steep = np.argsort(change)[-max(rough.size // 100, _ENOUGH) :]
    if change[steep[0]] < 10:  # nothing but noise
        return 0.0
    apart = np.maximum(np.abs(slope[steep]), _TINY)
    seen = float(np.median(np.abs(rough[steep]) / apart)) / 0.6745
    white = float(np.median(noise[steep] / apart))
    return max(seen**2 - white**2, 0.0) ** 0.5


def roles(channels: Sequence[Channel]) -> dict[str, Role]:
    """What each channel shows, by its light alone.

    The channel that is bright at most wavelengths is the ``through`` port. Of the others, which are dark
    between resonances, the one with the most light is the ``drop`` port, further ones with peaks are ``add``
    (light that travels backwards in the ring, or crosstalk), and the rest are ``dark``. A single channel
    that is dark at most wavelengths is a drop port.
    """
    usual = [float(np.median(c.power)) for c in channels]
    peak = [float(np.quantile(c.power, 1 - 4 / c.power.size)) for c in channels]
    brightest = int(np.argmax(usual))
    found: dict[str, Role] = {}
    if usual[brightest] > 0.03 * max(peak):
        found[channels[brightest].name] = "through"
    rest = [k for k in range(len(channels)) if channels[k].name not in found]
    lit = [k for k in rest if peak[k] > _DARK * max(peak) and peak[k] > 20 * channels[k].floor]
    lit.sort(key=lambda k: -float(np.sum(np.maximum(channels[k].power - 3 * channels[k].floor, 0.0))))
    for k in rest:
        found[channels[k].name] = "dark" if k not in lit else "drop" if k == lit[0] else "add"
    return found
