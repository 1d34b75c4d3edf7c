"""What a fitted line leaves of the samples about it, as measured and without the ripple seen beside it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from photonic.lab.baselines import Baseline
from photonic.lab.spectrum_channels import Channel
from photonic.lab.spectrum_light import light
from photonic.lab.spectrum_lines import LineFit
from photonic.lab.spectrum_windows import WINDOW, Window, window
from photonic.units import SPEED_OF_LIGHT

__all__ = ["NEAR", "LineCurve", "line_curve"]

NEAR = 3.0  # linewidths beside a line over which residuals are told
_FINE = 600  # points of a curve that is drawn


@dataclass(frozen=True, eq=False, kw_only=True)
class LineCurve:
    """Every sample about a line with what the fit leaves of it, and the fitted line on a fine grid.

    ``power`` [W or relative] at the ``wavelength`` [m]; ``residual`` [1] of ln P, in the floor of
    asinh(P/2σ); ``near`` is true within ±3 linewidths. There, ``ripple`` [1] is what the samples outside let
    expect, elsewhere 0; ``ripple_deviation`` [1] is its standard deviation hereabouts. The line is ``drawn``
    [W or relative] at the wavelengths ``grid`` [m].
    """

    wavelength: np.ndarray
    power: np.ndarray
    residual: np.ndarray
    ripple: np.ndarray
    near: np.ndarray
    ripple_deviation: float
    grid: np.ndarray
    drawn: np.ndarray

    @property
    def remainder(self) -> np.ndarray:
        """Residual without the expected ripple [1]."""
        return self.residual - self.ripple

    @property
    def raw_rms(self) -> float:
        """Root mean square of the residual [1] within ±3 linewidths, nothing taken off."""
        return float(np.sqrt(np.mean(self.residual[self.near] ** 2)))

    @property
    def rms(self) -> float:
        """The same without the ripple that the samples outside let expect."""
        return float(np.sqrt(np.mean(self.remainder[self.near] ** 2)))


def line_curve(fit: LineFit, channel: Channel, base: Baseline, *, drops: bool) -> LineCurve:
    """Samples and residuals of a fitted line in the ``channel`` that was fitted first, a drop port or not."""
    whole = window(channel, base, fit.ripple, fit.start, WINDOW, fit.room, drops=drops, thin=False)
    x = whole.wavelength
    power = light(fit.model, fit.values, whole, fit.unit, fit.free_range).power
    residual = whole.seen - whole.stabilised(power)
    reach = NEAR * fit.width + (fit.unit * float(fit.values[4]) / 2 if fit.split else 0.0)
    near = np.abs(SPEED_OF_LIGHT / x - fit.frequency) < reach
    if not near.any():
        near[int(np.argmin(np.abs(SPEED_OF_LIGHT / x - fit.frequency)))] = True
    grid = np.linspace(x[0], x[-1], max(_FINE, x.size))
    fine = replace(
        whole,
        wavelength=grid,
        offset=SPEED_OF_LIGHT / grid - fit.start.frequency,
        base=np.interp(grid, x, whole.base),
    )
    return LineCurve(
        wavelength=x,
        power=whole.power,
        residual=residual,
        ripple=_expected(whole, np.maximum(power, 0.0), residual, near),
        near=near,
        ripple_deviation=fit.ripple.variance**0.5,
        grid=grid,
        drawn=light(fit.model, fit.values, fine, fit.unit, fit.free_range).power,
    )


def _expected(whole: Window, power: np.ndarray, residual: np.ndarray, near: np.ndarray) -> np.ndarray:
    """Ripple [1] inside a line from the residual outside: the mean, under ripple and noise."""
    outside = np.flatnonzero(~near)
    outside = outside[:: max(1, outside.size // 160)]
    found = np.zeros(near.size)
    if outside.size == 0 or whole.ripple.variance == 0:
        return found
    x, slope = whole.wavelength, whole.slope(power)
    between = whole.ripple.covariance(x[near], x[outside])
    among = whole.ripple.covariance(x[outside], x[outside]) * np.outer(slope[outside], slope[outside])
    white = whole.noise(power)[outside] + 1e-6 * whole.ripple.variance
    weight = np.linalg.solve(among + np.diag(white), residual[outside])
    found[near] = slope[near] * (between @ (slope[outside] * weight))
    return found
