"""The light beside the resonances: envelope, interferometer fringes, and the ripple on top of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from photonic.lab.spectrum_channels import Channel, variance_stabilised
from photonic.units import SPEED_OF_LIGHT

__all__ = ["Baseline", "Fringes", "Ripple", "baseline", "rough_envelope"]

_BLOCKS = 60  # of the rough envelope
_KNOTS = 24  # of the smooth one: a grating coupler is tens of nanometres wide
_FRINGE = 0.3  # least amplitude [1] of a sinusoid in the light that is an interferometer, not ripple


@dataclass(frozen=True, kw_only=True)
class Fringes:
    """Light 1 + V cos Φ of an unbalanced interferometer, Φ = 2π (x + bend x²) + phase, x = (ν − ν₀)/period.

    ``period`` [Hz] at ``centre`` ν₀ [Hz], visibility V [1], ``phase`` [rad], ``bend`` [1].
    """

    centre: float
    period: float
    visibility: float
    phase: float
    bend: float

    def angle(self, frequency: np.ndarray) -> np.ndarray:
        """Phase Φ between the arms [rad] at ``frequency`` [Hz]."""
        x = (frequency - self.centre) / self.period
        return 2 * math.pi * (x + self.bend * x * x) + self.phase

    def light(self, frequency: np.ndarray) -> np.ndarray:
        """Share of the light [1], 1 on average."""
        return 1 + self.visibility * np.cos(self.angle(frequency))

    @property
    def arms(self) -> tuple[float, float]:
        """Share [1] of the weaker arm's field in the sum of both, and its largest deviation from ½."""
        v = min(self.visibility, 1.0)
        ratio = (1 - (1 - v * v) ** 0.5) / v
        return 0.5, 0.5 - ratio / (1 + ratio)


@dataclass(frozen=True, eq=False, kw_only=True)
class Ripple:
    """Relative scatter of the light about its envelope: correlated, slowly changing in strength.

    ``lag`` [m] and ``correlation`` [1] of any two points; ``strength`` is the variance [1] at ``wavelength``.
    """

    lag: np.ndarray
    correlation: np.ndarray
    wavelength: np.ndarray
    strength: np.ndarray

    def covariance(self, wavelength: np.ndarray) -> np.ndarray:
        """Covariance [1] of the ripple at the wavelengths [m], shape (n, n)."""
        apart = np.abs(wavelength[:, None] - wavelength[None, :])
        near = np.interp(apart, self.lag, self.correlation, right=0.0)
        return self.variance(float(np.mean(wavelength))) * near

    def variance(self, wavelength: float) -> float:
        """Variance of ln P [1] by ripple about ``wavelength`` [m]."""
        return float(np.interp(wavelength, self.wavelength, self.strength))


@dataclass(frozen=True, eq=False, kw_only=True)
class Baseline:
    """Smooth light without resonances, power [W or relative] at the wavelengths [m], and its ripple."""

    wavelength: np.ndarray
    power: np.ndarray
    ripple: Ripple
    fringes: Fringes | None


def rough_envelope(channel: Channel, upper: bool = True) -> np.ndarray:
    """Envelope [W or relative] through the bright (or the dark) part of each of 60 blocks, shape (n,)."""
    x, y = channel.wavelength, channel.level
    parts = np.array_split(np.arange(x.size), min(_BLOCKS, x.size // 8))
    centres = np.array([x[p].mean() for p in parts])
    levels = np.array([np.quantile(y[p], 0.8 if upper else 0.3) for p in parts])
    padded = np.pad(levels, 1, mode="edge")
    level = np.median(np.stack([padded[:-2], padded[1:-1], padded[2:]]), axis=0)
    return channel.corner * np.sinh(np.interp(x, centres, level))


def baseline(channel: Channel, off: np.ndarray) -> Baseline:
    """Baseline of a through port from its samples ``off`` resonance (a mask, shape (n,))."""
    frequency = SPEED_OF_LIGHT / channel.wavelength
    fringes, base = _fringed(channel, off, frequency)
    x, y = channel.wavelength, channel.level
    ratio = y - variance_stabilised(base, channel.corner)
    smooth = _smoothed(x, ratio, off, _KNOTS)
    power = np.maximum(base * np.exp(smooth), channel.corner)
    rest = y - variance_stabilised(power, channel.corner)
    return Baseline(
        wavelength=x, power=power, ripple=_ripple(x, rest, off, channel, power), fringes=fringes
    )


def _smoothed(x: np.ndarray, y: np.ndarray, off: np.ndarray, pieces: int) -> np.ndarray:
    """Cubic spline through the samples ``off`` resonance, at all of ``x``; straight where there are none."""
    from scipy.interpolate import BSpline

    ends = np.linspace(x[0], x[-1], pieces + 1)
    corners = np.concatenate([[x[0]] * 3, ends, [x[-1]] * 3])
    design = BSpline.design_matrix(x, corners, 3)
    kept = design[off]
    bends = np.diff(np.eye(pieces + 3), 2, axis=0)
    normal = (kept.T @ kept).toarray()
    stiff = 1e-3 * np.trace(normal) / len(normal)
    coefficients = np.linalg.solve(normal + stiff * bends.T @ bends, kept.T @ y[off])
    return np.asarray(design @ coefficients)


def _fringed(channel: Channel, off: np.ndarray, frequency: np.ndarray) -> tuple[Fringes | None, np.ndarray]:
    """Fringes, if the light has them, and the light they and their envelope make [W or relative]."""
    from scipy.optimize import least_squares

    rough = np.maximum(rough_envelope(channel), channel.corner)
    start = _sinusoid(frequency[off], channel.power[off], rough[off])
    if start is None:
        return None, rough
    centre = float(frequency.mean())
    pieces = 7
    thin = np.flatnonzero(off)[:: max(1, int(off.sum()) // 1500)]
    x = frequency[thin]
    scaled = (frequency - centre) / (frequency.max() - frequency.min())
    slow = np.polynomial.chebyshev.chebvander(2 * scaled, pieces)
    seen = channel.level[thin]
    level = math.log(float(np.median(channel.power[thin])))

    def made(p: np.ndarray) -> Fringes:
        period = float(np.exp(p[0]))
        return Fringes(
            centre=centre, period=period, visibility=math.tanh(p[1]), phase=float(p[2]), bend=float(p[3])
        )

    def light(p: np.ndarray, at: np.ndarray, rows: np.ndarray) -> np.ndarray:
        return np.asarray(np.exp(rows @ p[4:]) * made(p).light(at))

    def misfit(p: np.ndarray) -> np.ndarray:
        return variance_stabilised(light(p, x, slow[thin]), channel.corner) - seen

    period, phase = start
    first = np.array([math.log(period), 1.5, phase, 0.0, level, *([0.0] * pieces)])
    found = least_squares(misfit, first, x_scale="jac", loss="soft_l1", f_scale=0.1, max_nfev=200)
    fringes = made(found.x)
    if fringes.visibility < _FRINGE or math.sqrt(float(np.mean(found.fun**2))) > 0.7:
        return None, rough
    return fringes, light(found.x, frequency, slow)


def _sinusoid(frequency: np.ndarray, power: np.ndarray, rough: np.ndarray) -> tuple[float, float] | None:
    """Period [Hz] and phase [rad] at the middle of deep fringes; None where there are none."""
    at = np.linspace(frequency.min(), frequency.max(), 2048)
    span = at[-1] - at[0]
    log = np.log(np.maximum(power, 1e-3 * float(power.max())))
    slow = np.polynomial.Polynomial.fit(frequency, log, 4)
    light = np.interp(at, frequency[::-1], (power / np.exp(slow(frequency)))[::-1])
    light = light / light.mean() - 1
    window = np.hanning(at.size)
    cycles = np.arange(2.5, 60.5, 0.25)
    turns = np.exp(-2j * math.pi * cycles[:, None] * (at - at.mean()) / span)
    amplitude = 2 * (turns @ (window * light)) / window.sum()
    best = int(np.argmax(np.abs(amplitude)))
    if abs(amplitude[best]) < _FRINGE:
        return None
    shift = 2 * math.pi * cycles[best] * (at.mean() - frequency.mean()) / span
    return float(span / cycles[best]), float(np.angle(amplitude[best]) - shift)


def _ripple(x: np.ndarray, rest: np.ndarray, off: np.ndarray, channel: Channel, power: np.ndarray) -> Ripple:
    """Correlated part of what is left ``off`` resonance, white noise taken away."""
    from scipy import fft

    size = x.size
    step = (x[-1] - x[0]) / (size - 1)
    grid = x[0] + step * np.arange(size)
    even = np.interp(grid, x, rest)
    mask = np.interp(grid, x, off.astype(float)) > 0.999
    reach = max(size // 16, 8)
    strength, share = (_blurred(v, reach) for v in (np.where(mask, even**2, 0.0), mask.astype(float)))
    whole = strength / np.maximum(share, 1e-6)
    unit = np.where(mask, even / np.sqrt(np.maximum(whole, 1e-300)), 0.0)
    padded = fft.next_fast_len(2 * size)
    overlap = fft.irfft(np.abs(fft.rfft(mask.astype(float), padded)) ** 2, padded)
    lagged = fft.irfft(np.abs(fft.rfft(unit, padded)) ** 2, padded) / np.maximum(overlap, 0.02 * mask.sum())
    lags = np.minimum(np.arange(padded), padded - np.arange(padded))
    longest = max(size // 8, 4)
    taper = np.where(lags < longest, 0.5 + 0.5 * np.cos(math.pi * lags / longest), 0.0)
    density = fft.rfft(lagged * taper).real
    white = float(np.median(density[density.size // 2 :]))
    density = np.where(density > 2.5 * max(white, 0.0), density - max(white, 0.0), 0.0)
    correlation = fft.irfft(density, padded)[:longest]
    part = min(float(correlation[0]), 1.0)
    if part <= 0:
        correlation, part = np.zeros(longest), 0.0
    else:
        correlation = correlation / correlation[0]
    return Ripple(
        lag=step * np.arange(longest), correlation=correlation, wavelength=grid, strength=part * whole
    )


def _blurred(values: np.ndarray, reach: int) -> np.ndarray:
    from scipy.ndimage import uniform_filter1d

    once = uniform_filter1d(values, reach, mode="nearest")
    return np.asarray(uniform_filter1d(once, reach, mode="nearest"))
