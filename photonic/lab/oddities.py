"""What is odd about readings that can be read all the same: each function returns words or None."""

from __future__ import annotations

import numpy as np

from photonic.lab.repeats import Points
from photonic.lab.tables import Column

__all__ = ["copied", "gained", "looks_like_dbm", "saturated", "uneven"]

_RUN = 4  # equal largest readings in a row that a detector in saturation gives
_GAIN = 1.02  # output over input, beyond which calibration does not explain it
_FAINT = 0.01  # of the largest output: below that, the dark level of a detector may exceed the input


def looks_like_dbm(values: np.ndarray) -> bool:
    """Whether numbers under a linear unit are levels: negative ones, of a size that levels have."""
    if not (values.min() <= -1.0 and values.min() >= -100.0 and values.max() <= 40.0):
        return False
    steps = np.diff(np.unique(values))
    even = steps.size > 1 and bool(np.ptp(steps) <= 1e-6 * steps.max())
    return even or float(np.mean(values < 0)) >= 0.5


def uneven(points: Points, column: Column) -> str | None:
    """Some inputs were read more often than most of the others."""
    rows = np.array([len(group) for group in points.rows])
    if np.median(rows) > 1 or rows.max() == 1:
        return None
    spots = np.concatenate([points.rows[i] for i in np.flatnonzero(rows > 1)])
    return f"{column.where(spots)}: the same input again, where most are there once; their mean is taken"


def copied(points: Points, readings: np.ndarray, column: Column) -> str | None:
    """Rows that agree to the last digit, where that can hardly be chance.

    Repeats of coarse readings agree often: among regular repeats a majority of copies counts, and a copy
    where there is a reading more than elsewhere.
    """
    usual = float(np.median([len(group) for group in points.rows]))
    copies: list[int] = []
    surplus = repeated = 0
    for group in points.rows:
        if len(group) < 2:
            continue
        _, first = np.unique(readings[group], axis=0, return_index=True)
        again = np.delete(group, first)
        copies.extend(again.tolist())
        surplus += again.size if len(group) > usual else 0
        repeated += len(group) - 1
    if not copies or (usual > 1 and not surplus and len(copies) <= 0.5 * repeated):
        return None
    return f"{column.where(sorted(copies))}: copies of other rows to the last digit"


def gained(power_in: np.ndarray, power_out: np.ndarray, points: Points, column: Column) -> str | None:
    """More light out than in, which no passive device does."""
    bright = power_out > _FAINT * power_out.max()
    more = np.flatnonzero(bright & (power_out > _GAIN * power_in))
    if not more.size:
        return None
    most = int(more[np.argmax(power_out[more] - power_in[more])])
    rows = np.concatenate([points.rows[i] for i in more])
    return (
        f"{column.where(np.sort(rows))}: more comes out than goes in (up to {power_out[most]:.3g} W of "
        f"{power_in[most]:.3g} W), though the device is passive: check the units and the reference plane"
    )


def saturated(points: Points, readings: np.ndarray, column: Column, level: float | None) -> str | None:
    """A detector at its limit: readings at the given ``level`` [W], or the same largest one in a run."""
    if level is not None:
        rows = np.flatnonzero(np.any(readings >= level * (1 - 1e-9), axis=1))
        why = f"readings at or above the saturation of the detector, {level:.4g} W"
        return f"{column.where(rows)}: {why}" if rows.size else None
    top = np.abs(points.power_out - points.power_out.max()) <= 1e-12 * abs(points.power_out.max())
    for way in np.unique(points.direction):
        here = np.flatnonzero(points.direction == way)
        here = here[np.argsort(points.power_in[here], kind="stable")]
        at_top = here[top[here]]
        places = np.flatnonzero(top[here])
        if at_top.size >= _RUN and np.any(places[_RUN - 1 :] - places[: -_RUN + 1] == _RUN - 1):
            rows = np.sort(np.concatenate([points.rows[i] for i in at_top]))
            return f"{column.where(rows)}: the same largest output in a run: is the detector saturated?"
    return None
