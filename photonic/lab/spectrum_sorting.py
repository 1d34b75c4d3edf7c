"""Which fit of a line to keep, and what it says about the resonance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from photonic.lab.baselines import Baseline
from photonic.lab.resonances import Comb, Line
from photonic.lab.spectrum_channels import Channel
from photonic.lab.spectrum_couplings import WIDE, Rates, Regime, State, candidates
from photonic.lab.spectrum_lines import TOLD, LineFit, fitted_line
from photonic.lab.spectrum_quantities import Quantity, from_samples, logarithmic, normal_points, plain
from photonic.lab.spectrum_residuals import line_curve
from photonic.lab.spectrum_result import Resonance
from photonic.lab.spectrum_shapes import line, split_through
from photonic.units import SPEED_OF_LIGHT

__all__ = ["Fits", "Found", "fitted_lines", "passive_drops", "resonances_of"]

_FAINT = 100.0  # light over noise
_LOST = 3.0  # noise: a dip whose bottom is no higher may be deeper
_DB = 10 / math.log(10)
_SURE = 3.0  # standard errors by which a splitting must differ from 0


@dataclass(frozen=True, eq=False, kw_only=True)
class Found:
    """The ports of a spectrum, its baseline, the families of lines, and the lines in none of them."""

    through: Channel | None
    drop: Channel | None
    base: Baseline
    combs: list[Comb]
    stray: list[Line]

    @property
    def port(self) -> Channel:
        """The channel in which the lines were found."""
        port = self.through if self.through is not None else self.drop
        if port is None:
            raise LookupError("a spectrum without ports")
        return port

    def free_range(self, family: int) -> float | None:
        """Free spectral range [Hz] of a family, from its lines as found; None if it has but one."""
        comb = self.combs[family]
        if len(comb.lines) < 2:
            return None
        apart = np.diff([one.frequency for one in comb.lines]) / np.diff(comb.numbers)
        return abs(float(np.median(apart)))


Fits = list[tuple[int, int, list[LineFit]]]  # family, mode number, the accepted fit and its mirror image


def fitted_lines(found: Found) -> Fits:
    """Every line of every family, fitted; split in two where the likelihood says so."""
    every = [one for comb in found.combs for one in comb.lines]
    fits: Fits = []
    for family, comb in enumerate(found.combs):
        for one, number in zip(comb.lines, comb.numbers, strict=True):
            gaps = [other.wavelength - one.wavelength for other in every if other is not one]
            below = min((-gap / 2 for gap in gaps if gap < 0), default=1.0)
            above = min((gap / 2 for gap in gaps if gap > 0), default=1.0)
            parts = (found.through, found.base, found.drop, found.free_range(family), (below, above))
            kept = _kept(*fitted_line(one, *parts))
            if one.dips and not kept[0].split:  # not one line after all: the deeper dip alone
                kept = _kept(*fitted_line(max(one.dips, key=lambda dip: dip.height), *parts))
            fits.append((family, number, kept))
    return fits


def _kept(single: LineFit, splits: list[LineFit]) -> list[LineFit]:
    ranked = sorted(splits, key=lambda fit: fit.deviance)
    if not ranked or ranked[0].deviance > single.deviance - TOLD:
        return [single]
    best = ranked[0]
    if best.values[4] < _SURE * float(best.covariance[4, 4] ** 0.5):
        return [single]
    return ranked


def passive_drops(fits: Fits) -> bool:
    """Whether no line drops more than a passive ring can, D <= 1 − T, by more than four standard errors."""
    for _, _, (fit, *_rest) in fits:
        if fit.split:
            continue
        most = float(np.clip(fit.values[2], 1e-6, 1.0))
        error = float(fit.covariance[fit.drop_place, fit.drop_place] ** 0.5)
        if float(fit.values[fit.drop_place]) - math.log(most) > 4.0 * error:
            return False
    return True


def resonances_of(found: Found, fits: Fits, calibrated: bool) -> list[Resonance]:
    """What the fits say, line by line."""
    return [_resonance(found, family, number, own, calibrated) for family, number, own in fits]


def _resonance(found: Found, family: int, number: int, fits: list[LineFit], calibrated: bool) -> Resonance:
    best = fits[0]
    has_drop = found.drop is not None
    errors = np.sqrt(np.maximum(np.diag(best.covariance), 0.0))
    frequency = best.frequency
    wavelength = SPEED_OF_LIGHT / frequency
    free = found.free_range(family)
    noise = max(found.port.floor, 1e-300)
    light = float(np.interp(wavelength, found.base.wavelength, found.base.power))
    transmission = None if found.through is None else _transmission(best, free)
    rates: Mapping[Regime, Rates] = {}
    regime: State = "unknown"
    reason = "a drop port alone tells neither coupling nor loss"
    if found.through is not None:
        rates, regime, reason = candidates(fits, free, has_drop, calibrated, found.base.fringes)
    curve = line_curve(best, found.port, found.base, drops=found.through is None)
    lost = transmission is not None and (transmission.low <= 0 or transmission.value * light < _LOST * noise)
    drop = None
    if has_drop and found.through is not None:
        place = best.drop_place
        drop = logarithmic(math.exp(best.values[place]), float(errors[place]), "1")
    splitting = None
    if best.split:
        splitting = plain(
            2 * math.pi * best.unit * float(best.values[4]), 2 * math.pi * best.unit * errors[4], "rad/s"
        )
    return Resonance(
        wavelength=plain(wavelength, best.unit * errors[0] * wavelength / frequency, "m"),
        number=number,
        family=family,
        linewidth=logarithmic(2 * math.pi * best.width, float(errors[1]), "rad/s"),
        quality_factor=logarithmic(frequency / best.width, float(errors[1]), "1"),
        transmission=transmission,
        drop=drop,
        splitting=splitting,
        asymmetry=None if found.through is None else plain(float(best.values[3]), float(errors[3]), "1"),
        rates=rates,
        regime=regime,
        reason=reason,
        saturated=bool(lost),
        faint=bool(light < _FAINT * noise),
        residual_db=_DB * curve.rms,
        raw_residual_db=_DB * curve.raw_rms,
        ripple_db=_DB * curve.ripple_deviation,
        samples=best.samples,
        fit=best,
        curve=curve,
    )


def _transmission(fit: LineFit, free_range: float | None) -> Quantity:
    """Share of the light [1] that the through port keeps on resonance, or in the deeper of two dips."""
    if not fit.split:
        return plain(1 - float(fit.values[2]), float(fit.covariance[2, 2] ** 0.5), "1")
    index = [1, 2, 3, 4]
    mean, covariance = fit.values[index], fit.covariance[np.ix_(index, index)]
    rows = np.concatenate([mean[None, :], normal_points(mean, covariance, 255)])
    width = fit.unit * np.exp(np.clip(rows[:, :1], mean[0] - WIDE, mean[0] + WIDE))
    split = fit.unit * rows[:, 3:]
    shape = line(np.linspace(-0.75, 0.75, 61) * split, width, free_range, split)
    lowest = split_through(shape, rows[:, 1:2], rows[:, 2:3], width, free_range).min(axis=1)
    return from_samples(float(lowest[0]), lowest, "1")
