"""The light that drives a simulation: pieces on which √P is a polynomial in time, and jumps between them."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from photonic.device import check_power
from photonic.errors import OutsideValidityWarning, ParameterError, one_number, real_numbers

__all__ = ["Drive", "check_times"]

_NODES = np.cos(np.pi * np.arange(6) / 5) / 2 + 0.5  # of a quintic on [0, 1], ends included
_BETWEEN = (_NODES[1:] + _NODES[:-1]) / 2
_MOST = 2_000_000  # pieces
_LONGEST = 1.0  # [s], ten milliards of photon lifetimes


class Drive:
    """Input power over time, as pieces on each of which √P is a polynomial.

    ``breaks`` [s], shape (K + 1,), are the ends of the pieces; ``roots`` [√W/s^k], shape
    (K, d + 1) or (..., K, d + 1) for a batch, the coefficients of √P in the time since the start
    of a piece, constant first. Make one with `constant`, `held`, or `sampled`.

    Examples
    --------
    >>> symbols = Drive.held([0.0, 1e-9, 2e-9], [1e-3, 0.0])
    >>> round(float(symbols(0.5e-9)), 9), float(symbols(1.5e-9))
    (0.001, 0.0)
    """

    def __init__(self, breaks: Any, roots: Any) -> None:
        self.breaks = check_times("breaks", breaks)
        self.roots = real_numbers("roots", roots, unit="√W")
        if self.roots.ndim < 2 or self.roots.shape[-2] != self.breaks.size - 1:
            raise ParameterError(
                f"roots must have shape (..., {self.breaks.size - 1}, d + 1), got {self.roots.shape}"
            )

    # ----------------------------------------------------------------- ways to make one
    @classmethod
    def constant(cls, power: Any, start: float, end: float) -> Drive:
        """The same power [W] (any shape: a batch) from ``start`` to ``end`` [s]."""
        check_power("power_in", power)
        return cls([start, end], np.sqrt(np.asarray(power, dtype=float))[..., None, None])

    @classmethod
    def held(cls, edges: Any, power: Any) -> Drive:
        """Steps: ``power`` [W], shape (..., K), each held between two of the K + 1 ``edges`` [s]."""
        check_power("power_in", power)
        edges, power = check_times("edges", edges), np.asarray(power, dtype=float)
        if power.ndim < 1 or power.shape[-1] != edges.size - 1:
            raise ParameterError(
                f"power_in holds {np.shape(power)[-1] if np.ndim(power) else 1} steps, "
                f"{edges.size} edges have {edges.size - 1} between them"
            )
        if edges.size > 2:  # equal neighbours are one piece
            moved = np.any(np.diff(power, axis=-1) != 0, axis=tuple(range(power.ndim - 1)))
            keep = np.concatenate([[True], moved])
            edges, power = edges[np.concatenate([keep, [True]])], power[..., keep]
        return cls(edges, np.sqrt(power)[..., None])

    @classmethod
    def sampled(
        cls, power: Callable[..., Any], start: float, end: float, *, known: Any = (), tolerance: float = 1e-9,
        shortest: float | None = None,
    ) -> Drive:  # fmt: skip
        """A function of time [s], represented to ``tolerance`` [1] of its largest √P.

        Pieces are halved until quintics fit; where they do not fit down to the ``shortest`` piece
        [s] the function jumps there. Features narrower than the span between two of the ``known``
        times [s], or than 1/2,000 of the whole span, can be missed.

        Raises
        ------
        ParameterError
            The function gives what is no power, or is too rough for two million pieces.
        """
        if not callable(power):
            raise ParameterError(f"power_in must be a function of time [s] to be sampled, got {power!r}")
        check_times("start and end", [start, end])
        tolerance = one_number("tolerance", tolerance, unit="[1]", at_least=1e-13, at_most=0.1)
        edges = np.unique(np.concatenate([np.linspace(start, end, 401), np.asarray(known, dtype=float)]))
        shortest = (end - start) * 1e-12 if shortest is None else shortest
        edges = edges[(edges > start + shortest) & (edges < end - shortest)]
        edges = np.concatenate([[start], edges[np.diff(edges, prepend=start) > shortest], [end]])
        low, high = edges[:-1], edges[1:]
        root = _root(power)
        done: list[tuple[np.ndarray, np.ndarray]] = []
        basis = np.linalg.inv(np.vander(_NODES, increasing=True))
        check_at = np.vander(_BETWEEN, 6, increasing=True)
        highest, pieces = 0.0, 0
        while low.size:
            width = high - low
            values = root(low[:, None] + width[:, None] * _NODES)
            middle = root(low[:, None] + width[:, None] * _BETWEEN)
            highest = max(highest, float(np.max(values)), float(np.max(middle)))
            series = values @ basis.T
            miss = np.max(np.abs(series @ check_at.T - middle), axis=1)
            fits = (miss <= tolerance * highest) | (width <= shortest)
            done.append((low[fits], series[fits] / width[fits, None] ** np.arange(6)))
            pieces += int(np.sum(fits))
            low, high = low[~fits], high[~fits]
            if pieces + low.size > _MOST:
                raise ParameterError(
                    f"power_in is too rough: more than {_MOST} pieces from {start:g} to {end:g} s; "
                    "give samples instead"
                )
            half = (low + high) / 2
            low, high = np.concatenate([low, half]), np.concatenate([half, high])
        starts = np.concatenate([part[0] for part in done])
        order = np.argsort(starts)
        return cls(np.concatenate([starts[order], [end]]), np.concatenate([part[1] for part in done])[order])

    # ----------------------------------------------------------------- what it says
    @property
    def span(self) -> tuple[float, float]:
        """First and last time [s]."""
        return float(self.breaks[0]), float(self.breaks[-1])

    @property
    def highest(self) -> np.ndarray:
        """Largest power at the start or the middle of a piece [W], one per ring of a batch."""
        middle = np.diff(self.breaks)[:, None] / 2
        powers = middle ** np.arange(self.roots.shape[-1])
        root = np.maximum(np.abs(self.roots[..., 0]), np.abs(np.sum(self.roots * powers, axis=-1)))
        return np.asarray(np.max(root, axis=-1) ** 2)

    def __call__(self, times: Any) -> np.ndarray:
        """Power [W] at ``times`` [s], shape (..., *times); at a jump the value before it."""
        times = real_numbers("times", times, unit="s")
        low, high = self.span
        if np.any(times < low) or np.any(times > high):
            raise ParameterError(f"times must lie in [{low:g}, {high:g}] s, where the drive is known")
        piece = np.clip(np.searchsorted(self.breaks, times, side="left") - 1, 0, self.breaks.size - 2)
        since, root = times - self.breaks[piece], 0.0
        for k in range(self.roots.shape[-1] - 1, -1, -1):
            root = root * since + self.roots[..., piece, k]
        return np.asarray(root**2)


def _root(power: Callable[..., Any]) -> Callable[[np.ndarray], np.ndarray]:
    """√P of a function of time, of one number or of arrays, its values checked."""

    def root(times: np.ndarray) -> np.ndarray:
        try:
            values = np.asarray(power(times.ravel()))
            if np.iscomplexobj(values):
                raise ParameterError("power_in must be a power [W], its function gives complex numbers")
            values = values.astype(float)
            if values.shape != (times.size,) and values.ndim:
                raise TypeError
            values = np.broadcast_to(values, times.size).reshape(times.shape)
        except ParameterError:
            raise
        except (TypeError, ValueError):
            values = np.array([_value(power, float(t)) for t in times.ravel()]).reshape(times.shape)
        bad = ~(values >= 0) | ~np.isfinite(values)
        if np.any(bad):
            at = int(np.argmax(bad.ravel()))
            raise ParameterError(
                f"power_in must be >= 0 W, got {values.ravel()[at]:g} at {times.ravel()[at]:g} s"
            )
        check_power("power_in", float(np.max(values)))
        return np.sqrt(values)

    return root


def _value(power: Callable[..., Any], time: float) -> float:
    """What a function gives at one time [s], as a number."""
    try:
        return float(power(time))
    except (TypeError, ValueError) as reason:
        raise ParameterError(
            f"power_in must be a function that gives one power [W] for a time [s]; at {time:g} s: {reason}"
        ) from reason


def check_times(name: str, times: Any, least: int = 2, unit: str = "s") -> np.ndarray:
    """``times`` as an array, finite and strictly rising."""
    times = real_numbers(name, times, unit=unit)
    if times.ndim != 1 or times.size < least:
        raise ParameterError(
            f"{name} must be a list of {least} or more times [{unit.strip('[]')}], got shape {times.shape}"
        )
    step = np.diff(times)
    if np.any(step <= 0):
        at = int(np.argmax(step <= 0))
        raise ParameterError(
            f"{name} must increase, got {times[at + 1]:g} {unit} after {times[at]:g} {unit} (place {at + 1})"
        )
    return times


def check_span(times: np.ndarray) -> np.ndarray:
    """``times`` [s], refused where they span so long that seconds cannot be meant."""
    span = float(times[-1] - times[0])
    if span > _LONGEST:
        raise ParameterError(
            f"times must span {_LONGEST:g} s at most, got {span:g} s: "
            f"did you mean {span * 1e-9:g} (nanoseconds)?"
        )
    return times


def warn_coarse(times: np.ndarray, power: np.ndarray, response: float) -> None:
    """Warn where a smooth signal comes in steps that a ring of the ``response`` time [s] can follow.

    Steps of a smooth signal go on in the same direction, so that second differences are smaller
    than first ones; those of symbols are not.
    """
    first = np.diff(power, axis=-1)
    second = np.diff(first, axis=-1)
    span = float(np.ptp(power))
    if first.shape[-1] < 4 or span == 0.0:
        return
    largest = float(np.max(np.abs(first))) / span
    smooth = float(np.mean(second**2)) < float(np.mean(first**2))
    held = float(np.max(np.diff(times)))
    if smooth and largest > 0.01 and held > 0.3 * response:
        warnings.warn(
            f"power_in is sampled too coarsely for its bandwidth: it is held for {held:.3g} s while it moves "
            f"by up to {largest:.1%} of its range, and the ring follows within {response:.3g} s; "
            "give a function of time or finer samples",
            OutsideValidityWarning,
            stacklevel=4,
        )
