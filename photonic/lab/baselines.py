"""The light beside the resonances: envelope, interferometer fringes, and the ripple on top of them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from photonic.lab.spectrum_channels import Channel, variance_stabilised
from photonic.units import SPEED_OF_LIGHT

__all__ = ["Baseline", "Fringes", "LocalRipple", "Ripple", "baseline", "rough_envelope"]

_BLOCKS = 60  # of the rough envelope
_KNOTS = 24  # of the smooth one: a grating coupler is tens of nanometres wide
_LOCAL = 0.07  # of the span: reach of the samples that tell the ripple at one place
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
class LocalRipple:
    """Ripple at one place: covariance of ln P [1] at the lags [m], 0 beyond; white noise is not in it."""

    lag: np.ndarray
    correlation: np.ndarray

    @property
    def variance(self) -> float:
        """Variance of ln P [1]."""
        return float(self.correlation[0])

    def covariance(self, one: np.ndarray, other: np.ndarray) -> np.ndarray:
        """Covariance [1] between wavelengths ``one`` and ``other`` [m], shape (n, m)."""
        apart = np.abs(one[:, None] - other[None, :])
        return np.interp(apart, self.lag, self.correlation, right=0.0)


@dataclass(frozen=True, eq=False, kw_only=True)
class Ripple:
    """What is left of ln P beside the resonances: correlated, of a strength and a period that drift.

    ``rest`` [1] at evenly spaced ``wavelength`` [m], of use where ``off`` is true.
    """

    wavelength: np.ndarray
    rest: np.ndarray
    off: np.ndarray

    @classmethod
    def none(cls, wavelength: np.ndarray) -> Ripple:
        """No ripple at all."""
        return cls(wavelength=wavelength, rest=np.zeros_like(wavelength), off=np.ones(wavelength.size, bool))

    def near(self, wavelength: float) -> LocalRipple:
        """The ripple about ``wavelength`` [m], from the samples within about a tenth of the span.

        The spectrum that stands above white noise, transformed back.
        """
        from scipy import fft

        size = self.wavelength.size
        step = (self.wavelength[-1] - self.wavelength[0]) / (size - 1)
        near = np.exp(-0.5 * ((self.wavelength - wavelength) / (_LOCAL * step * size)) ** 2) * self.off
        rows = np.flatnonzero(near > 1e-3)
        if rows.size == 0:  # a wide line: its surroundings are further away
            near, rows = self.off.astype(float), np.flatnonzero(self.off)
        if rows.size == 0:
            return LocalRipple(lag=step * np.arange(2), correlation=np.zeros(2))
        part = slice(int(rows[0]), int(rows[-1]) + 1)
        weight, count = near[part], part.stop - part.start
        padded = fft.next_fast_len(2 * count)
        overlap = fft.irfft(np.abs(fft.rfft(weight, padded)) ** 2, padded)
        lagged = fft.irfft(np.abs(fft.rfft(weight * self.rest[part], padded)) ** 2, padded)
        lagged /= np.maximum(overlap, 0.05 * overlap[0])
        lags = np.minimum(np.arange(padded), padded - np.arange(padded))
        useful = float(weight.sum() ** 2 / np.sum(weight**2))  # samples
        longest = max(int(min(size / 12, count / 2, useful / 6)), 4)
        taper = np.where(lags < longest, 0.5 + 0.5 * np.cos(math.pi * lags / longest), 0.0)
        density = fft.rfft(lagged * taper).real
        white = max(float(np.median(density[density.size // 2 :])), 0.0)
        density = np.where(density > 2.5 * white, density, 0.0)  # with the white share: rather too much
        half = padded // 2
        return LocalRipple(lag=step * np.arange(half), correlation=fft.irfft(density, padded)[:half])


@dataclass(frozen=True, eq=False, kw_only=True)
class Baseline:
    """Smooth light without resonances, power [W or relative] at the wavelengths [m], and its ripple."""

    wavelength: np.ndarray
    power: np.ndarray
    ripple: Ripple
    fringes: Fringes | None


def rough_envelope(
    channel: Channel, upper: bool = True, blocks: int = _BLOCKS, off: np.ndarray | None = None
) -> np.ndarray:
    """Envelope [W or relative] through the bright (or the dark) part of each of the ``blocks``, shape (n,).

    With a mask ``off``, through the middle of the samples in it.
    """
    x, y = channel.wavelength, channel.level
    kept = np.arange(x.size) if off is None else np.flatnonzero(off)
    parts = np.array_split(kept, max(min(blocks, kept.size // 8), 1))
    centres = np.array([x[p].mean() for p in parts])
    share = 0.5 if off is not None else 0.8 if upper else 0.3
    levels = np.array([np.quantile(y[p], share) for p in parts])
    padded = np.pad(levels, 1, mode="edge")
    level = np.median(np.stack([padded[:-2], padded[1:-1], padded[2:]]), axis=0)
    if level.size > 1:  # straight on to both ends
        start, end = (
            level[i] + (x[i] - centres[i]) * (level[j] - level[i]) / (centres[j] - centres[i])
            for i, j in ((0, 1), (-1, -2))
        )
        centres, level = np.concatenate([x[:1], centres, x[-1:]]), np.concatenate([[start], level, [end]])
    return channel.corner * np.sinh(np.interp(x, centres, level))


def baseline(channel: Channel, off: np.ndarray, look: bool = True) -> Baseline:
    """Baseline of a through port from its samples ``off`` resonance (a mask, shape (n,)).

    An interferometer's fringes are made part of it if there are any, unless told not to ``look``.
    """
    frequency = SPEED_OF_LIGHT / channel.wavelength
    rough = np.maximum(rough_envelope(channel, off=off), channel.corner)
    fringes, base = _fringed(channel, off, frequency, rough) if look else (None, rough)
    x, y = channel.wavelength, channel.level
    ratio = y - variance_stabilised(base, channel.corner)
    kept = x[off]
    gap = float(np.max(np.diff(kept, prepend=x[0], append=x[-1])))
    smooth = _smoothed(x, ratio, off, max(1, min(_KNOTS, int(0.5 * (x[-1] - x[0]) / gap))))
    power = np.maximum(base * np.exp(smooth), channel.corner)
    rest = y - variance_stabilised(power, channel.corner)
    return Baseline(wavelength=x, power=power, ripple=_ripple(x, rest, off), fringes=fringes)


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


def _fringed(
    channel: Channel, off: np.ndarray, frequency: np.ndarray, rough: np.ndarray
) -> tuple[Fringes | None, np.ndarray]:
    """Fringes, if the light has them, and the light they and their envelope make [W or relative]."""
    from scipy.optimize import least_squares

    start = _sinusoid(frequency[off], channel.power[off])
    if start is None:
        return None, rough
    centre = float(frequency.mean())
    pieces = 7
    thin = np.flatnonzero(off)[:: max(1, int(off.sum()) // 1500)]
    x = frequency[thin]
    scaled = (frequency - centre) / (frequency.max() - frequency.min())
    slow = np.polynomial.chebyshev.chebvander(2 * scaled, pieces)
    seen = channel.level[thin]
    level = math.log(max(float(np.median(channel.power[thin])), channel.corner))

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


def _sinusoid(frequency: np.ndarray, power: np.ndarray) -> tuple[float, float] | None:
    """Period [Hz] and phase [rad] at the middle of deep fringes; None where there are none."""
    at = np.linspace(frequency.min(), frequency.max(), 2048)
    span = at[-1] - at[0]
    log = np.log(np.maximum(power, 1e-3 * float(power.max())))
    slow = np.polynomial.Polynomial.fit(frequency, log, 4)
    light = np.interp(at, frequency[::-1], (power / np.exp(slow(frequency)))[::-1])
    light = light / light.mean() - 1
    window = np.hanning(at.size)
    quarters = np.arange(10, 242)
    cycles = quarters / 4
    every = np.fft.rfft(window * light, 4 * (at.size - 1))[quarters]  # every quarter of a cycle
    amplitude = 2 * every * np.exp(1j * math.pi * cycles) / window.sum()  # phases from the middle
    best = int(np.argmax(np.abs(amplitude)))
    if abs(amplitude[best]) < _FRINGE:
        return None
    shift = 2 * math.pi * cycles[best] * (at.mean() - frequency.mean()) / span
    return float(span / cycles[best]), float(np.angle(amplitude[best]) - shift)


def _ripple(x: np.ndarray, rest: np.ndarray, off: np.ndarray) -> Ripple:
    grid = np.linspace(x[0], x[-1], x.size)
    clear = np.interp(grid, x, off.astype(float)) > 0.999
    return Ripple(wavelength=grid, rest=np.interp(grid, x, rest), off=clear)
