"""One resonance fitted to a spectrum: generalised least squares under the ripple that the spectrum shows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from photonic.lab.baselines import Baseline, LocalRipple
from photonic.lab.resonances import Line
from photonic.lab.spectrum_channels import Channel
from photonic.lab.spectrum_light import LARGEST, Light, Model, light, width
from photonic.lab.spectrum_windows import WINDOW, Window, window
from photonic.units import SPEED_OF_LIGHT

__all__ = ["TOLD", "LineFit", "fitted_line"]

TOLD = 20.0  # deviance by which a split line must be better: shapes are never known exactly
_DROP = 2.5  # linewidths on either side that are fitted at the drop port
_FIRST = 1e-4  # variance of ln P that a model may be wrong by, until the data say
_FARTHEST = 4.0  # linewidths, and ln of a width: a weak hold on lines that run away from what was found
_LEAST = 1e-6  # of the mean variance, added where a covariance is none
_SPLITS = (  # widths of the single line; ln of how much narrower, and how much stronger both parts are
    (0.5, 0.125, 1.0),
    (1.2, 0.3, 1.0),
    (0.7, 0.5, 1.3),
    (0.7, 0.9, 1.6),
)
_USUAL = 2  # guesses that are always followed
_BETTER = 0.5  # misfit of a further guess that is, over that of the usual ones


@dataclass(frozen=True, eq=False, kw_only=True)
class LineFit:
    """Parameters of one line and what the fit left; frequencies in [Hz].

    ``values`` and ``covariance`` (scaled by the misfit where it is above 1) hold, in this order, the
    offset from ``centre`` and the logarithm of the width, both in units of ``unit``, the depth A (of a
    split line u), the slant v, for a split line the splitting, three terms of the baseline, and where there
    is a drop port the logarithm of its peak over the input, its slope and its pedestal.
    """

    model: Model
    start: Line
    room: tuple[float, float]  # [m] that neighbours leave on either side
    ripple: LocalRipple
    unit: float
    free_range: float | None
    values: np.ndarray
    covariance: np.ndarray
    chi_square: float
    deviance: float  # −2 ln likelihood
    discrepancy: float  # ln: standard deviation of what neither ripple nor noise explains
    freedom: int
    step: float  # [Hz] between samples

    @property
    def split(self) -> bool:
        return self.model != "single"

    @property
    def centre(self) -> float:
        """Where the line was found [Hz]."""
        return self.start.frequency

    @property
    def reduced(self) -> float:
        """Misfit over what ripple and noise let expect [1]."""
        return self.chi_square / max(self.freedom, 1)

    @property
    def drop_place(self) -> int:
        """Where the drop port's parameters begin."""
        return 8 if self.split else 7

    @property
    def width(self) -> float:
        """Full width at half maximum γ/2π [Hz]."""
        return width(self.values, self.unit)

    @property
    def samples(self) -> float:
        """Samples per linewidth [1]."""
        return self.width / self.step

    @property
    def frequency(self) -> float:
        """Resonance frequency [Hz]."""
        return self.centre + self.unit * float(self.values[0])


def fitted_line(
    start: Line,
    channel: Channel | None,
    base: Baseline,
    drop: Channel | None,
    free_range: float | None,
    room: tuple[float, float],
) -> tuple[LineFit, list[LineFit]]:
    """The single line about ``start``, and the split ones, the under-coupled first, if they are better.

    One of ``channel`` (through) and ``drop`` may be None; a drop port alone tells neither depth nor split.
    ``room`` [m] is what neighbours leave on the blue and on the red side; ``free_range`` [Hz] may be None.
    """
    ripple = base.ripple.near(start.wavelength)
    windows = []
    if channel is not None:
        windows.append(window(channel, base, ripple, start, WINDOW, room, drops=False))
    if drop is not None:
        linewidths = _DROP if windows else WINDOW
        windows.append(window(drop, base, ripple, start, linewidths, room, drops=True))
    line = _Line(start, windows, room, free_range)
    wide = math.log(1 + start.split / start.width)
    first = [0.0, wide, min(max(start.height, 0.05), 0.999), 0.0]
    if channel is not None:
        first += [0.0, 0.0, 0.0]
    if drop is not None:
        peak = float(np.max(windows[-1].power))
        height = peak / float(np.interp(start.wavelength, base.wavelength, base.power))
        first += [math.log(max(height, 1e-6)), 0.0, 0.0]
    single = line.fitted("single", np.array(first))
    if channel is None:
        return single, []
    trials = [line.fitted("under", guess) for guess in line.starts(_split_guesses(single))]
    under = min(trials, key=lambda fit: fit.deviance)
    if under.deviance > single.deviance - TOLD:
        return single, [under]
    mirror = under.values.copy()
    mirror[2] = 2 - mirror[2]
    over = line.fitted("over", mirror)
    if (over.values[2] > 1) == (under.values[2] > 1):  # both ended in the only minimum there is
        return single, [min(under, over, key=lambda fit: fit.deviance)]
    return single, [under, over]


def _split_guesses(single: LineFit) -> list[np.ndarray]:
    """Where a split line is looked for, from the single one."""
    start, u = single.start, 1 - math.sqrt(max(1 - float(single.values[2]), 0.01))
    guesses = []
    own = float(single.values[0]), float(single.values[1])
    for over in (False, True):
        for middle, full in (own, (0.0, 0.0)):
            for split, narrower, stronger in _SPLITS:
                strength = min(stronger * u, 0.95)
                guess = np.insert(single.values, 4, split)
                guess[:3] = middle, full - narrower, 2 - strength if over else strength
                if start.split:
                    guess[1], guess[4] = math.log(split), start.split / start.width
                guesses.append(guess)
    return guesses


@dataclass(frozen=True, eq=False)
class _Line:
    """One line in the windows of its ports."""

    start: Line
    windows: list[Window]
    room: tuple[float, float]
    free_range: float | None

    @property
    def unit(self) -> float:
        """Width as found [Hz]."""
        return self.start.width * self.start.frequency**2 / SPEED_OF_LIGHT

    def lights(self, model: Model, values: np.ndarray) -> list[Light]:
        """What the model shows at each port."""
        return [light(model, values, one, self.unit, self.free_range) for one in self.windows]

    def starts(self, guesses: list[np.ndarray]) -> list[np.ndarray]:
        """Those ``guesses`` at a split line that are worth following: the usual two, and a far better one."""
        whiten = [_whitening(c + _FIRST * d) for c, d in self._covariances(None, self.unit)]
        misfits = [
            float(np.sum(self._misfit(guess, self.lights("under", guess), whiten) ** 2)) for guess in guesses
        ]
        usual, best = guesses[:_USUAL], int(np.argmin(misfits))
        return [*usual, guesses[best]] if misfits[best] < _BETTER * min(misfits[:_USUAL]) else usual

    def _nearest(self, model: Model, guess: np.ndarray, whiten: list[np.ndarray]) -> np.ndarray:
        """Values of least misfit near a ``guess``."""
        from scipy.optimize import leastsq

        last: tuple[np.ndarray, list[Light]] = guess.copy(), self.lights(model, guess)

        def lights(p: np.ndarray) -> list[Light]:  # slopes are wanted where the misfit was
            nonlocal last
            if not np.array_equal(p, last[0]):
                last = p.copy(), self.lights(model, p)
            return last[1]

        def residual(p: np.ndarray) -> np.ndarray:
            return self._misfit(p, lights(p), whiten)

        def slopes(p: np.ndarray) -> np.ndarray:
            return self._slopes(p, lights(p), whiten)

        found: Any = leastsq(
            residual,
            guess,
            Dfun=slopes,
            col_deriv=True,
            full_output=True,
            ftol=1e-6,
            xtol=1e-6,
            maxfev=60,
        )
        return np.asarray(found[0])

    def fitted(self, model: Model, guess: np.ndarray) -> LineFit:
        """The line of least deviance near a ``guess``.

        First with the noise of the data and a guessed error of the model, then twice with those of the fit.
        """
        values, extra = guess, _FIRST
        whiten: list[np.ndarray] = []
        for turn in range(3):
            lights = self.lights(model, values)
            pairs = self._covariances(lights if turn else None, width(values, self.unit))
            if turn:
                left = [w.stabilised(q.power) - w.seen for w, q in zip(self.windows, lights, strict=True)]
                extra = _extra(left, pairs, values.size)
            whiten = [_whitening(c + extra * d) for c, d in pairs]
            values = self._nearest(model, values, whiten)
        values[1] = math.log(width(values, 1.0))
        if model != "single":
            values[4] = abs(values[4])
        if self.windows[-1].drops:
            values[-3] = min(max(values[-3], -LARGEST), LARGEST)
        lights = self.lights(model, values)
        jacobian, misfit = self._slopes(values, lights, whiten), self._misfit(values, lights, whiten)
        freedom = max(misfit.size - values.size, 1)
        chi_square = float(misfit @ misfit)
        scale = max(1.0, chi_square / freedom)
        wavelength = self.windows[0].channel.wavelength
        return LineFit(
            model=model,
            start=self.start,
            room=self.room,
            ripple=self.windows[0].ripple,
            unit=self.unit,
            free_range=self.free_range,
            values=values,
            covariance=_inverse(jacobian @ jacobian.T) * scale,
            chi_square=chi_square,
            deviance=chi_square - 2 * sum(float(np.sum(np.log(np.diag(w)))) for w in whiten),
            discrepancy=math.sqrt(extra),
            freedom=freedom,
            step=float(np.median(np.diff(wavelength))) * self.start.frequency**2 / SPEED_OF_LIGHT,
        )

    def _misfit(self, values: np.ndarray, lights: list[Light], whiten: list[np.ndarray]) -> np.ndarray:
        parts = [values[self._held(values)] / _FARTHEST]
        for one, seen, matrix in zip(self.windows, lights, whiten, strict=True):
            parts.append(matrix @ (one.stabilised(seen.power) - one.seen))
        return np.concatenate(parts)

    def _slopes(self, values: np.ndarray, lights: list[Light], whiten: list[np.ndarray]) -> np.ndarray:
        parts = [np.eye(values.size)[:, self._held(values)] / _FARTHEST]
        for one, seen, matrix in zip(self.windows, lights, whiten, strict=True):
            parts.append((seen.slopes / np.hypot(seen.power, one.channel.corner)) @ matrix.T)
        return np.concatenate(parts, axis=1)

    def _held(self, values: np.ndarray) -> list[int]:
        """Places of offset, width and, of a split line, splitting."""
        single = values.size == 4 + 3 * len(self.windows)
        return [0, 1] if single else [0, 1, 4]

    def _covariances(self, lights: list[Light] | None, width: float) -> list[_Pair]:
        """Covariance of ripple and noise, and that of a unit error of the model, port by port.

        For the ``lights`` of a model, or for the light that was measured.
        """
        powers = [one.power for one in (lights if lights is not None else self.windows)]
        assumed = [np.maximum(power, 0.0) for power in powers]
        pairs = zip(self.windows, assumed, strict=True)
        return [(one.covariance(power), one.discrepancy(power, width)) for one, power in pairs]


_Pair = tuple[np.ndarray, np.ndarray]


def _inverse(normal: np.ndarray) -> np.ndarray:
    """Covariance from the normal matrix; what the data do not tell gets a large variance, not none."""
    size = np.sqrt(np.maximum(np.diag(normal), 1e-12))
    values, vectors = np.linalg.eigh(normal / np.outer(size, size))
    root = vectors / np.sqrt(np.maximum(values, 1e-12)) / size[:, None]
    return np.asarray(root @ root.T)


def _whitening(covariance: np.ndarray) -> np.ndarray:
    from scipy.linalg import solve_triangular
    from scipy.linalg.lapack import dpotrf

    lower, failed = dpotrf(covariance, lower=True)
    more = _LEAST * float(np.trace(covariance)) / len(covariance)
    while failed and math.isfinite(more):  # ripple interpolated between its lags need not be a covariance
        lower, failed = dpotrf(covariance + more * np.eye(len(covariance)), lower=True)
        more *= 10
    return np.asarray(solve_triangular(lower, np.eye(len(lower)), lower=True, check_finite=False))


def _extra(left: list[np.ndarray], matrices: list[_Pair], parameters: int) -> float:
    """Variance of the error of the model [1] that makes the misfit what it should be; 0 if it is already."""
    from scipy.linalg.lapack import dposv

    freedom = sum(r.size for r in left) - parameters

    def misfit(extra: float) -> float:
        total = 0.0
        for r, (c, d) in zip(left, matrices, strict=True):
            _, solved, failed = dposv(c + extra * d, r)
            total += math.inf if failed else float(r @ solved)
        return total

    if misfit(0.0) < freedom + 3 * math.sqrt(2 * freedom):
        return 0.0
    low, high = -7.0, 1.0
    for _ in range(6):
        middle = (low + high) / 2
        low, high = (middle, high) if misfit(10**middle) > freedom else (low, middle)
    return float(10 ** ((low + high) / 2))
