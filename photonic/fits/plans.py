"""A plan: which readings to take next, and what they are going to tell."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from photonic.fits.experiments import Experiment
from photonic.fits.free_parameters import unit_of
from photonic.fits.identifiability import Direction
from photonic.fits.identifiability import as_dict as direction_as_dict
from photonic.lab.number_text import scale, short
from photonic.units import engineering

__all__ = ["Plan", "PlannedCurve"]


@dataclass(frozen=True, kw_only=True, eq=False)
class PlannedCurve:
    """Readings at one setting of the device.

    Attributes
    ----------
    settings : mapping
        Name of each setting to its value in the device [SI].
    words : str
        The same for people.
    power : ndarray, shape (n,)
        Input powers to set, as the instrument reads them [W], rising.
    repeats : ndarray of int, shape (n,)
        How many readings to take at each.
    expected : ndarray, shape (n,)
        Output readings that the device as it is known would give [W].
    experiment : Experiment
        The measurement, with the expected readings as if they had been seen: put in what was seen, and fit.
    """

    settings: Mapping[str, float]
    words: str
    power: np.ndarray
    repeats: np.ndarray
    expected: np.ndarray = field(repr=False)
    experiment: Experiment = field(repr=False)


@dataclass(frozen=True, kw_only=True, eq=False)
class Plan:
    """The next measurement.

    Attributes
    ----------
    curves : tuple of PlannedCurve
        What to measure, one for each setting.
    before, after : mapping
        Standard error of each free number [SI] now, and with the planned readings; infinite where nothing
        holds it.
    criterion : str
        "d", "a" or the name of a number.
    efficiency : float
        Lower bound of how near the plan is to the best with as many of the candidates [1], in the root of the
        generalised variance per number ("d") or in the variance. With a limit on the number of settings, the
        best at the same settings.
    unidentifiable : tuple of Direction
        Changes of the numbers that none of the candidates, nor what was measured before, can show; then those
        that will still be vague ("practical") after the plan.
    left_out : mapping
        Number of candidates that were not looked at, by reason.
    notes : tuple of str
        What the plan rests on.
    """

    curves: tuple[PlannedCurve, ...]
    before: Mapping[str, float]
    after: Mapping[str, float]
    values: Mapping[str, float] = field(repr=False)
    criterion: str
    efficiency: float
    unidentifiable: tuple[Direction, ...]
    left_out: Mapping[str, int]
    notes: tuple[str, ...]

    def __repr__(self) -> str:
        return f"Plan({self.readings} readings at {len(self.curves)} settings, criterion {self.criterion!r})"

    @property
    def readings(self) -> int:
        """How many readings there are, repeats included."""
        return int(sum(c.repeats.sum() for c in self.curves))

    @property
    def factors(self) -> dict[str, float]:
        """By how many times each standard error falls [1]; 1 where nothing holds a number after it either."""
        return {
            name: 1.0 if math.isinf(self.after[name]) else self.before[name] / self.after[name]
            for name in self.after
        }

    @property
    def experiments(self) -> tuple[Experiment, ...]:
        """The measurements, with the expected readings, to fit or to fill in."""
        return tuple(c.experiment for c in self.curves)

    def table(self) -> str:
        """Plan in words: readings, standard errors before and after, what stays unknown."""
        aims = {"d": "least volume of uncertainty", "a": "least mean relative variance"}
        aim = aims.get(self.criterion, f"least error of {short(self.criterion)}")
        share = f"{math.floor(100 * self.efficiency):d} %"
        lines = [f"{self.readings} readings for the {aim}, at least {share} as good as any with as many"]
        for curve in self.curves:
            lines.append(f"at {curve.words}")
            lines += [
                f"  {engineering(p, 'W'):>10}" + (f"  × {n}" if n > 1 else "") + f"  → {engineering(y, 'W')}"
                for p, n, y in zip(curve.power, curve.repeats, curve.expected, strict=True)
            ]
        rows = [("", "value", "std. error now", "after", "times smaller", "unit")]
        for name, factor in self.factors.items():
            size, unit = scale(self.values[name], unit_of(name.partition("[")[0]))
            value, now, then = (size * known[name] for known in (self.values, self.before, self.after))
            shown = f"{value:.5g}".replace("-", "−")
            rows.append((short(name), shown, _rounded(now), _rounded(then), _rounded(factor), unit))
        widths = [max(len(row[k]) for row in rows) for k in range(6)]
        lines += ["  ".join(f"{t:<{w}}" for t, w in zip(row, widths, strict=True)).rstrip() for row in rows]
        lost = [d for d in self.unidentifiable if d.kind != "practical"]
        vague = [d for d in self.unidentifiable if d.kind == "practical"]
        if lost:
            lines.append("no static reading at these settings can tell:")
            lines += [f"  {direction}".replace("ring.", "") for direction in lost]
        if vague:
            lines.append("still vague after these readings:")
            lines += [f"  {direction}".replace("ring.", "") for direction in vague]
        if self.left_out:
            reasons = ", ".join(f"{count} {reason}" for reason, count in self.left_out.items())
            lines.append(f"candidates left out: {reasons}")
        return "\n".join([*lines, *self.notes])

    def as_dict(self) -> dict[str, Any]:
        """Plan for JSON; errors without an end are None."""
        return {
            "schema": 1,
            "criterion": self.criterion,
            "efficiency": self.efficiency,
            "readings": self.readings,
            "curves": [
                {
                    "settings": dict(c.settings),
                    "at": dict(c.experiment.at),
                    "shift": dict(c.experiment.shift),
                    "power_in": c.power.tolist(),
                    "repeats": c.repeats.tolist(),
                    "expected": c.expected.tolist(),
                }
                for c in self.curves
            ],
            "estimates": {
                name: {
                    "value": self.values[name],
                    "unit": unit_of(name.partition("[")[0]),
                    "before": _finite(self.before[name]),
                    "after": _finite(self.after[name]),
                }
                for name in self.after
            },
            "unidentifiable": [direction_as_dict(d) for d in self.unidentifiable],
            "left_out": dict(self.left_out),
            "notes": list(self.notes),
        }


def _rounded(value: float) -> str:
    return "∞" if math.isinf(value) else f"{value:.3g}"


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
