"""What both integrators in time share: the drive, the scales of the variables, the record of steps."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["DONE", "FULL", "PAUSED", "STALLED", "drive_at", "error_norm", "on_step", "raise_scales"]

DONE, PAUSED, FULL, STALLED = 0, 1, 2, 3  # how a stretch of integration ended


def drive_at(poly: Any, since: Any) -> tuple[float, float]:
    """Value and slope of the polynomial ``poly`` (constant first) at the time ``since`` its start."""
    value, slope = 0.0, 0.0
    for k in range(poly.shape[0] - 1, -1, -1):
        slope = slope * since + value
        value = value * since + poly[k]
    return value, slope


def on_step(share: Any, series: Any, out: Any) -> None:
    """State at the ``share`` [1] of a step into ``out`` (n,): polynomials ``series`` (p + 1, n)."""
    top = series.shape[0] - 1
    for i in range(out.shape[0]):
        value = series[top, i]
        for k in range(top - 1, -1, -1):
            value = value * share + series[k, i]
        out[i] = value


def raise_scales(scale: Any, y: Any, first: int) -> None:
    """Largest size of each variable so far: the field as one, all thermal modes as one."""
    field = max(scale[0], np.sqrt(y[0] * y[0] + y[1] * y[1]))
    scale[0] = scale[1] = field
    for k in range(2, first):
        scale[k] = max(scale[k], abs(y[k]))
    heat = 0.0
    for k in range(first, y.shape[0]):
        heat += abs(y[k])
    heat = max(scale[first], heat)
    for k in range(first, y.shape[0]):
        scale[k] = heat


def error_norm(error: Any, scale: Any) -> float:
    """Largest error of a variable against its scale; the field counts as one number."""
    field = np.sqrt(error[0] * error[0] + error[1] * error[1])
    worst = field / scale[0] if field > 0.0 else 0.0
    for k in range(2, error.shape[0]):
        size = abs(error[k])
        if size > 0.0:
            worst = max(worst, size / scale[k])
        elif size != size:  # not a number
            return np.inf
    return worst if worst == worst else np.inf
