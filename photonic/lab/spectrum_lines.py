"""One resonance fitted to a spectrum: generalised least squares under the ripple that the spectrum shows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from photonic.lab.baselines import Baseline
from photonic.lab.resonances import Line
from photonic.lab.spectrum_channels import Channel, variance_stabilised
from photonic.lab.spectrum_shapes import line, split_through, through
from photonic.units import SPEED_OF_LIGHT

__all__ = ["TOLD", "LineFit", "fitted_line"]

WINDOW = 6.0  # linewidths on either side that are fitted
_CORE = 0.75  # linewidths on either side where samples are kept one by one
_MOST = 80  # samples in the core, and as many in the wings
TOLD = 20.0  # deviance by which a split line must be better: shapes are never known exactly
_DROP = 2.5  # linewidths on either side that are fitted at the drop port
_SHAPE = ("offset", "log width", "depth", "slant")
_FIRST = 1e-4  # variance of ln P that a model may be wrong by, until the data say
_FARTHEST = 4.0  # linewidths, and ln of a width: a weak hold on lines that run away from what was found
_STEP = 1e-6  # of the numerical derivatives

Model = Literal["single", "under", "over"]


@dataclass(frozen=True, eq=False, kw_only=True)
class LineFit:
    """Parameters of one line and what the fit left; frequencies in [Hz].

    ``values`` and ``covariance`` (scaled by the misfit where it is above 1) hold, in this order, the
    offset from ``centre`` and the logarithm of the width, both in units of ``unit``, the depth A (of a
    split line u), the slant v, for a split line the splitting, three terms of the baseline, and where there
    is a drop port the logarithm of its peak over the input, its slope and its pedestal.
    """

    model: Model
    centre: float
    unit: float
    values: np.ndarray
    covariance: np.ndarray
    chi_square: float
    deviance: float  # −2 ln likelihood
    discrepancy: float  # ln: standard deviation of what neither ripple nor noise explains
    freedom: int
    wavelength: np.ndarray
    power: np.ndarray
    fitted: np.ndarray
    baseline: np.ndarray
    residual: np.ndarray  # ln, ripple included
    remainder: np.ndarray  # ln, the ripple that belongs to it taken off
    samples: float  # per linewidth

    @property
    def split(self) -> bool:
        return self.model != "single"

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
        return self.unit * math.exp(self.values[1])

    @property
    def frequency(self) -> float:
        """Resonance frequency [Hz]."""
        return self.centre + self.unit * float(self.values[0])


@dataclass(frozen=True, eq=False, kw_only=True)
class _Port:
    """Samples of one port about a line, thinned, with the covariance of ripple."""

    channel: Channel
    offset: np.ndarray  # [Hz]
    seen: np.ndarray
    power: np.ndarray
    base: np.ndarray
    count: np.ndarray  # samples in each
    ripple: np.ndarray
    wavelength: np.ndarray
    drops: bool

    def stabilised(self, power: np.ndarray) -> np.ndarray:
        return variance_stabilised(power, self.channel.corner)

    def covariance(self, power: np.ndarray) -> np.ndarray:
        """Of ripple and noise [1], shape (n, n)."""
        slope = self.slope(power)
        steep = np.gradient(self.stabilised(power), self.wavelength)
        white = (self.channel.variance(power) + (steep * self.channel.jitter) ** 2) / self.count
        whole = slope[:, None] * self.ripple * slope[None, :]
        whole[np.diag_indices_from(whole)] += white + 1e-6 * max(float(self.ripple[0, 0]), 1e-12)
        return whole

    def discrepancy(self, power: np.ndarray, width: float) -> np.ndarray:
        """Covariance [1] of a unit error of the model in ln P; it forgets in half a ``width`` [Hz]."""
        slope = self.slope(power)
        apart = np.abs(self.offset[:, None] - self.offset[None, :])
        return np.asarray(slope[:, None] * np.exp(-2 * apart / width) * slope[None, :])

    def slope(self, power: np.ndarray) -> np.ndarray:
        """d(stabilised)/d(ln P) [1]."""
        return power / np.hypot(power, self.channel.corner)


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
    ports = [] if channel is None else [_port(channel, base, start, WINDOW, room, drops=False)]
    if drop is not None:
        ports.append(_port(drop, base, start, _DROP if ports else WINDOW, room, drops=True))
    unit = start.width * start.frequency**2 / SPEED_OF_LIGHT
    first = [0.0, 0.0, min(max(start.height, 0.05), 0.999), 0.0]
    if channel is not None:
        first += [0.0, 0.0, 0.0]
    if drop is not None:
        peak = float(np.max(ports[-1].power))
        height = peak / float(np.interp(start.wavelength, base.wavelength, base.power))
        first += [math.log(max(height, 1e-6)), 0.0, 0.0]
    single = _fitted("single", np.array(first), ports, start, unit, free_range)
    if channel is None:
        return single, []
    trials = []
    for split in (0.5, 1.2):
        guess = np.insert(single.values, 4, split)
        guess[1] -= 0.25 * split
        guess[2] = 1 - math.sqrt(max(1 - float(single.values[2]), 0.01))
        trials.append(_fitted("under", guess, ports, start, unit, free_range))
    under = min(trials, key=lambda fit: fit.deviance)
    if under.deviance > single.deviance - TOLD:
        return single, [under]
    mirror = under.values.copy()
    mirror[2] = 2 - mirror[2]
    over = _fitted("over", mirror, ports, start, unit, free_range)
    if (over.values[2] > 1) == (under.values[2] > 1):  # both ended in the only minimum there is
        return single, [min(under, over, key=lambda fit: fit.deviance)]
    return single, [under, over]


def _port(
    channel: Channel, base: Baseline, start: Line, linewidths: float, room: tuple[float, float], drops: bool
) -> _Port:
    x = channel.wavelength
    low = start.wavelength - min(linewidths * start.width, room[0])
    high = start.wavelength + min(linewidths * start.width, room[1])
    inside = np.flatnonzero((x >= low) & (x <= high))
    if inside.size < 12:
        middle = int(np.argmin(np.abs(x - start.wavelength)))
        inside = np.arange(max(middle - 8, 0), min(middle + 9, x.size))
    core = np.abs(x[inside] - start.wavelength) < _CORE * start.width
    edges = np.concatenate([_edges(inside[core], _MOST), _edges(inside[~core], _MOST), [inside[-1] + 1]])
    edges = np.unique(edges)
    index, count = edges[:-1], np.diff(edges)

    def mean(values: np.ndarray) -> np.ndarray:
        return np.asarray(np.add.reduceat(values[: inside[-1] + 1], index) / count)

    wavelength, power = mean(x), mean(channel.power)
    return _Port(
        channel=channel,
        offset=SPEED_OF_LIGHT / wavelength - start.frequency,
        seen=variance_stabilised(power, channel.corner),
        power=power,
        base=mean(base.power),
        count=count,
        ripple=base.ripple.covariance(wavelength),
        wavelength=wavelength,
        drops=drops,
    )


def _edges(index: np.ndarray, most: int) -> np.ndarray:
    return index[:: max(1, -(-index.size // most))]


def _lights(
    model: Model, values: np.ndarray, ports: list[_Port], unit: float, free_range: float | None
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Power and baseline at each port for each row of ``values``, shape (rows, n)."""
    v = values.T[:, :, None]
    width = unit * np.exp(np.clip(v[1], -12, 12))
    shapes = values[:, [0, 1, 4]] if model != "single" else values[:, :2]
    changed = np.any(shapes != shapes[0], axis=1)  # most derivatives leave the line as it is
    changed[0] = True
    shaped, which = np.flatnonzero(changed), np.where(changed, np.cumsum(changed) - 1, 0)
    split = unit * v[4, shaped] if model != "single" else 0.0
    rest = v[5:] if model != "single" else v[4:]
    lights = []
    for port in ports:
        offset = port.offset[None, :] - unit * v[0, shaped]
        shape = line(offset, width[shaped], free_range, split)[which]
        tilt = port.offset[None, :] / (WINDOW * unit)
        if not port.drops:
            floor = port.base * np.exp(np.clip(rest[0] + tilt * rest[1] + tilt**2 * rest[2], -50, 50))
            if model == "single":
                share = through(shape, v[2], v[3])
            else:
                share = split_through(shape, v[2], v[3], width, free_range)
            lights.append((floor * share, floor))
        else:
            level, tilted, pedestal = rest[-3:]
            top = port.base * np.exp(np.clip(level + tilted * tilt, -50, 50))
            pedestal = port.channel.corner * pedestal
            lights.append((top * np.abs(shape) ** 2 + pedestal, top))
    return lights


def _fitted(
    model: Model, guess: np.ndarray, ports: list[_Port], start: Line, unit: float, free_range: float | None
) -> LineFit:
    from scipy.optimize import leastsq

    def light(values: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
        return _lights(model, values, ports, unit, free_range)

    values = guess
    whiten: list[np.ndarray] = []

    def misfits(rows: np.ndarray) -> np.ndarray:
        parts = []
        for port, matrix, (power, _) in zip(ports, whiten, light(rows), strict=True):
            parts.append((port.stabilised(power) - port.seen) @ matrix.T)
        shape = rows[:, :2] if model == "single" else rows[:, [0, 1, 4]]
        parts.append(shape / _FARTHEST)
        return np.concatenate(parts, axis=1)

    def residual(p: np.ndarray) -> np.ndarray:
        return np.asarray(misfits(p[None, :])[0])

    def slopes(p: np.ndarray) -> np.ndarray:
        rows = np.concatenate([p[None, :], p[None, :] + _STEP * np.eye(p.size)])
        all_rows = misfits(rows)
        return np.asarray((all_rows[1:] - all_rows[0]) / _STEP)

    extra, matrices = _FIRST, []
    for turn in range(3):
        matrices = _covariances(ports, light(values[None, :]), unit * math.exp(values[1]), turn > 0)
        if turn:
            extra = _extra(
                [
                    p.stabilised(q[0]) - p.seen
                    for p, (q, _) in zip(ports, light(values[None, :]), strict=True)
                ],
                matrices,
                values.size,
            )
        whiten[:] = [_whitening(c + extra * d) for c, d in matrices]
        found: Any = leastsq(
            residual, values, Dfun=slopes, col_deriv=True, full_output=True, ftol=1e-6, xtol=1e-6, maxfev=60
        )
        values = found[0]
    if model != "single":
        values[4] = abs(values[4])
    jacobian, left = slopes(values).T, residual(values)
    freedom = max(left.size - values.size, 1)
    chi_square = float(left @ left)
    deviance = chi_square - 2 * sum(float(np.sum(np.log(np.diag(w)))) for w in whiten)
    covariance = np.linalg.pinv(jacobian.T @ jacobian, rcond=1e-13) * max(1.0, chi_square / freedom)
    (power, floor) = (part[0] for part in light(values[None, :])[0])
    port = ports[0]
    z = port.seen - port.stabilised(power)
    slope = port.slope(power)
    weight = whiten[0].T @ (whiten[0] @ z)
    ripple = slope * (port.ripple @ (slope * weight))
    return LineFit(
        model=model,
        centre=start.frequency,
        unit=unit,
        values=values,
        covariance=covariance,
        chi_square=chi_square,
        deviance=deviance,
        discrepancy=math.sqrt(extra),
        freedom=freedom,
        wavelength=port.wavelength,
        power=port.power,
        fitted=power,
        baseline=floor,
        residual=z,
        remainder=z - ripple,
        samples=unit
        * math.exp(values[1])
        / max(
            float(np.median(np.abs(np.diff(port.channel.wavelength)))) * start.frequency**2 / SPEED_OF_LIGHT,
            1e-300,
        ),
    )


_Pair = tuple[np.ndarray, np.ndarray]


def _covariances(
    ports: list[_Port], lights: list[tuple[np.ndarray, np.ndarray]], width: float, settled: bool
) -> list[_Pair]:
    """Covariance of ripple and noise, and that of a unit error of the model, port by port."""
    pairs = []
    for port, (power, _) in zip(ports, lights, strict=True):
        assumed = np.maximum(power[0] if settled else port.power, 0.0)
        pairs.append((port.covariance(assumed), port.discrepancy(assumed, width)))
    return pairs


def _whitening(covariance: np.ndarray) -> np.ndarray:
    from scipy.linalg import cholesky, solve_triangular

    lower = cholesky(covariance, lower=True)
    return np.asarray(solve_triangular(lower, np.eye(len(lower)), lower=True))


def _extra(left: list[np.ndarray], matrices: list[_Pair], parameters: int) -> float:
    """Variance of the error of the model [1] that makes the misfit what it should be; 0 if it is already."""
    from scipy.linalg import cho_factor, cho_solve

    freedom = sum(r.size for r in left) - parameters

    def misfit(extra: float) -> float:
        parts = zip(left, matrices, strict=True)
        return sum(float(r @ cho_solve(cho_factor(c + extra * d), r)) for r, (c, d) in parts)

    if misfit(0.0) < freedom + 3 * math.sqrt(2 * freedom):
        return 0.0
    low, high = -7.0, 1.0
    for _ in range(6):
        middle = (low + high) / 2
        low, high = (middle, high) if misfit(10**middle) > freedom else (low, middle)
    return float(10 ** ((low + high) / 2))
