"""What the integrators in time share: drive, scales of the variables, record of steps, linear systems."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = [
    "DONE",
    "FULL",
    "PAUSED",
    "STALLED",
    "drive_at",
    "error_norm",
    "factorise",
    "on_step",
    "raise_scales",
    "solve",
]

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
    if field != field:  # not a number
        return np.inf
    worst = field / scale[0] if field > 0.0 else 0.0
    for k in range(2, error.shape[0]):
        size = abs(error[k])
        if size > 0.0:
            worst = max(worst, size / scale[k])
        elif size != size:
            return np.inf
    return worst if worst == worst else np.inf


def factorise(m: Any, order: Any) -> None:
    """LU factors of ``m`` in its place (diagonal inverted), with the row ``order`` of partial pivoting."""
    size = m.shape[0]
    for j in range(size):
        pivot = j
        for i in range(j + 1, size):
            if abs(m[i, j]) > abs(m[pivot, j]):
                pivot = i
        order[j] = pivot
        if pivot != j:
            for k in range(size):
                m[j, k], m[pivot, k] = m[pivot, k], m[j, k]
        m[j, j] = 1.0 / m[j, j]
        for i in range(j + 1, size):
            m[i, j] = m[i, j] * m[j, j]
            for k in range(j + 1, size):
                m[i, k] -= m[i, j] * m[j, k]


def solve(m: Any, order: Any, b: Any) -> None:
    """Solution of the factorised system in the place of ``b``."""
    size = b.shape[0]
    for j in range(size):  # rows were exchanged whole, so that all exchanges come first
        pivot = order[j]
        if pivot != j:
            b[j], b[pivot] = b[pivot], b[j]
    for j in range(size):
        for i in range(j + 1, size):
            b[i] -= m[i, j] * b[j]
    for i in range(size - 1, -1, -1):
        for k in range(i + 1, size):
            b[i] -= m[i, k] * b[k]
        b[i] = b[i] * m[i, i]
