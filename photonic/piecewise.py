"""A quantity of a simulation as a piecewise polynomial in time: values, level crossings, turning points.

Every step of the integrator is a polynomial of the state in the share of the step passed, and so is
√P of the drive. Energies and powers are sums of products of these, hence polynomials too: their
roots need no sampling. On each step the polynomial is written in Bernstein's basis, in which it has
no more roots than its coefficients have changes of sign, and as many or fewer by an even number
(the variation-diminishing property; G. Farin, Curves and Surfaces for CAGD, chapter 6): pieces with
more than one change are halved, so that no pair of crossings is missed, and none is found twice.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from photonic.errors import ParameterError, unknown_name
from photonic.trace import COLUMNS, Trace

__all__ = ["QUANTITIES", "Signal", "signal"]

QUANTITIES = {**COLUMNS, "power_out": "W"}  # with the unit of each

_BLOCK = 20_000  # steps looked at together
_DEPTH = 48  # halvings; roots closer than 2^-48 of a step are one touch, no crossing
_JOIN = 1e-12  # [1], of a quantity's size: what differs by less between two steps is round-off


@dataclass(frozen=True, eq=False)
class Signal:
    """Polynomials ``series`` (S, d + 1), constant first, in the share of each step passed [1].

    ``starts`` and ``lengths`` (S,) of the steps are in [s]; values are in the unit of ``quantity``.
    """

    quantity: str
    starts: np.ndarray
    lengths: np.ndarray
    series: np.ndarray

    @property
    def end(self) -> float:
        """Where it ends [s]."""
        return float(self.starts[-1] + self.lengths[-1])

    def times(self, step: np.ndarray, share: np.ndarray) -> np.ndarray:
        """Times [s] at the ``share`` of each ``step`` passed."""
        return np.asarray(self.starts[step] + share * self.lengths[step])

    def values(self, step: np.ndarray, share: np.ndarray) -> np.ndarray:
        """Values at the ``share`` of each ``step`` passed."""
        return _horner(self.series[step], share)

    def at(self, times: np.ndarray) -> np.ndarray:
        """Values at ``times`` [s]; at a jump the one before it."""
        step = np.clip(np.searchsorted(self.starts, times, side="left") - 1, 0, self.starts.size - 1)
        return self.values(step, np.clip((times - self.starts[step]) / self.lengths[step], 0.0, 1.0))

    def rate(self) -> Signal:
        """Its derivative by time, in [unit/s]."""
        order = np.arange(1, self.series.shape[1])
        series = _padded(self.series[:, 1:] * order / self.lengths[:, None], 2)
        return Signal(self.quantity, self.starts, self.lengths, series)

    def crossings(self, level: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Step, share and direction (True: rising) of every passage through ``level``, in order.

        What touches the level without passing it is none; a jump over it is one, at its time.
        """
        ends = self.series.sum(axis=1)
        ends[:-1] = np.where(self._jumps(ends), ends[:-1], self.series[1:, 0])
        found = [self._inside(slice(k, k + _BLOCK), level, ends) for k in range(0, ends.size, _BLOCK)]
        over = np.flatnonzero((ends[:-1] >= level) != (self.series[1:, 0] >= level))
        found.append((over, np.ones(over.size), self.series[over + 1, 0] >= level))
        step, share, rising = (np.concatenate(part) for part in zip(*found, strict=True))
        order = np.lexsort((share, step))
        return step[order], share[order], rising[order]

    def _inside(
        self, block: slice, level: float, ends: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Crossings between the ends of the steps of a ``block``."""
        poly = self.series[block].copy()
        poly[:, 0] -= level
        net = poly @ _to_bernstein(poly.shape[1] - 1).T
        net[:, -1] = ends[block] - level
        step = np.arange(poly.shape[0])
        low, width = np.zeros(step.size), 1.0
        steps, lows, highs = [], [], []
        for depth in range(_DEPTH + 1):
            above = net >= 0
            changes = np.sum(above[:, 1:] != above[:, :-1], axis=1)
            last = depth == _DEPTH
            single = (above[:, 0] != above[:, -1]) if last else (changes == 1)
            steps.append(step[single])
            lows.append(low[single])
            highs.append(low[single] + width)
            many = changes > 1
            if last or not np.any(many):
                break
            step, low, net = step[many], low[many], net[many]
            left, right = _halves(net)
            width /= 2
            step, low = np.concatenate([step, step]), np.concatenate([low, low + width])
            net = np.concatenate([left, right])
        step, low, high = (np.concatenate(part) for part in (steps, lows, highs))
        share, rising = _refined(poly[step], low, high)
        return step + block.start, share, rising

    def _jumps(self, ends: np.ndarray) -> np.ndarray:
        """Whether the next step begins at another value than that of the ``ends``, round-off aside."""
        size = np.abs(self.series).sum(axis=1)
        moved = np.abs(ends[:-1] - self.series[1:, 0])
        return np.asarray(moved > _JOIN * np.maximum(size[:-1], size[1:]))

    def points(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Step, share and value of points between which the quantity is monotone, in order of time.

        They are the ends of all steps, both sides of each jump, and the turning points between.
        """
        count, rate = self.starts.size, self.rate()
        ends, steps = self.series.sum(axis=1), np.arange(count)
        jump = np.concatenate([self._jumps(ends), [True]])
        parts = [rate._inside(slice(k, k + _BLOCK), 0.0, rate.series.sum(axis=1))[:2]
                 for k in range(0, count, _BLOCK)]  # fmt: skip
        inner, share = (np.concatenate(part) for part in zip(*parts, strict=True))
        step = np.concatenate([steps, inner, steps[jump]])
        share = np.concatenate([np.zeros(count), share, np.ones(int(jump.sum()))])
        value = np.concatenate([self.series[:, 0], self.values(inner, share[count : count + inner.size]),
                                ends[jump]])  # fmt: skip
        order = np.lexsort((share, step))
        return step[order], share[order], value[order]

    def passage(self, level: float, step: int, low: float, high: float) -> float:
        """Time [s] at which it passes ``level`` between two shares of a ``step``, monotone there."""
        poly = self.series[step : step + 1].copy()
        poly[:, 0] -= level
        share, _ = _refined(poly, np.array([low]), np.array([high]))
        return float(self.times(np.array([step]), share)[0])


def signal(trace: Trace, quantity: str) -> Signal:
    """The ``quantity`` of a `Trace` with dense output, piece by piece.

    Raises
    ------
    ParameterError
        Unknown quantity, or a trace without dense output.
    """
    if not isinstance(trace, Trace):
        raise ParameterError(f"trace must be a Trace, as simulate(..., dense=True) gives, got {trace!r}")
    if not isinstance(quantity, str) or quantity not in QUANTITIES:
        raise unknown_name("quantity", quantity, QUANTITIES)
    steps, source = trace.steps_of(), trace.source
    starts, lengths = steps.spans[:, 0], steps.spans[:, 1]
    first = 3 + source.e.traps
    state = steps.series
    if quantity == "carriers":
        series = state[:, :, 2]
    elif quantity == "temperature":
        series = np.sum(state[:, :, first:], axis=2)
    elif quantity == "energy":
        series = _product(state[:, :, 0], state[:, :, 0]) + _product(state[:, :, 1], state[:, :, 1])
    else:
        light = _drive(source.drive, starts, lengths)
        if quantity == "power_in":
            series = _product(light, light)
        else:
            first_port = quantity == "power_through" or (quantity == "power_out" and source.device.first_port)
            by_light, by_field = (
                complex(source.device.amplitudes(*unit)[0 if first_port else 1])
                for unit in ((1.0, 0.0), (0.0, 1.0))
            )
            size = max(light.shape[1], state.shape[1])
            light, x, y = (_padded(v, size) for v in (light, state[:, :, 0], state[:, :, 1]))
            re = by_light.real * light + by_field.real * x - by_field.imag * y
            im = by_light.imag * light + by_field.imag * x + by_field.real * y
            series = _product(re, re) + _product(im, im)
    return Signal(quantity, starts, lengths, _padded(series, 2))


def _drive(drive: Any, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """√P of the drive on every step, as polynomials in the share of the step passed."""
    middle = starts + lengths / 2
    piece = np.clip(np.searchsorted(drive.breaks, middle, side="right") - 1, 0, drive.breaks.size - 2)
    since = starts - drive.breaks[piece]
    root = drive.roots[piece].copy()
    size = root.shape[1]
    for k in range(size - 1):  # Taylor's shift to the start of the step
        for j in range(size - 2, k - 1, -1):
            root[:, j] += since * root[:, j + 1]
    return np.asarray(root * lengths[:, None] ** np.arange(size))


def _padded(series: np.ndarray, size: int) -> np.ndarray:
    """Polynomials with ``size`` coefficients or more."""
    return np.pad(series, ((0, 0), (0, max(size - series.shape[1], 0))))


def _product(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Products of polynomials, row by row."""
    size = one.shape[1]
    out = np.zeros((one.shape[0], size + other.shape[1] - 1))
    for k in range(other.shape[1]):
        out[:, k : k + size] += one * other[:, k, None]
    return out


def _horner(series: np.ndarray, share: np.ndarray) -> np.ndarray:
    value = series[:, -1]
    for k in range(series.shape[1] - 2, -1, -1):
        value = value * share + series[:, k]
    return np.asarray(value)


def _to_bernstein(order: int) -> np.ndarray:
    """Matrix from the coefficients of 1, s, s², … to those of Bernstein's basis on [0, 1]."""
    return np.array(
        [[math.comb(i, k) / math.comb(order, k) for k in range(order + 1)] for i in range(order + 1)]
    )


def _halves(net: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Bernstein coefficients on both halves of the interval (de Casteljau)."""
    left, right, work = np.empty_like(net), np.empty_like(net), net
    for k in range(net.shape[1]):
        left[:, k], right[:, -1 - k] = work[:, 0], work[:, -1]
        work = (work[:, :-1] + work[:, 1:]) / 2
    return left, right


def _refined(poly: np.ndarray, low: np.ndarray, high: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The one root of each row between ``low`` and ``high``, to round-off, and whether it rises there.

    Newton's method kept inside a shrinking bracket.
    """
    start, stop = _horner(poly, low), _horner(poly, high)
    rising = stop > start
    slope = poly[:, 1:] * np.arange(1, poly.shape[1])
    share = (low + high) / 2
    for _ in range(100):
        value = _horner(poly, share)
        left = (value < 0) == rising
        low, high = np.where(left, share, low), np.where(left, high, share)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            new = share - value / _horner(slope, share)
        inside = (new > low) & (new < high)
        new = np.where(inside, new, (low + high) / 2)
        done = (np.abs(new - share) <= 1e-15) | (value == 0) | (high - low <= 1e-15)
        share = np.where(value == 0, share, new)
        if np.all(done):
            break
    return share, rising
