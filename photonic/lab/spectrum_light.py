"""The light that a line lets through or drops, with its slope by every number of the model."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import numpy as np

from photonic.lab.spectrum_shapes import sloped_line, split_through, through
from photonic.lab.spectrum_windows import WINDOW, Window

__all__ = ["LARGEST", "Light", "Model", "light", "width"]

Model = Literal["single", "under", "over"]

LARGEST = 50.0  # of a logarithm: a fit that has lost its way stays finite
_FARTHEST = 12.0  # the same of a width over its start


class Light(NamedTuple):
    """Power and baseline [W or relative], shape (n,), and the slopes of the power, shape (k, n)."""

    power: np.ndarray
    base: np.ndarray
    slopes: np.ndarray


def width(values: np.ndarray, unit: float) -> float:
    """Full width at half maximum γ/2π [Hz] of a line with the ``values`` of `LineFit`."""
    return unit * math.exp(min(max(float(values[1]), -_FARTHEST), _FARTHEST))


def light(model: Model, values: np.ndarray, window: Window, unit: float, free_range: float | None) -> Light:
    """What a line with the ``values`` of `LineFit` looks like in one port.

    ``unit`` [Hz] is that of offset and width, ``free_range`` [Hz] of the ring, if known.
    """
    full = width(values, unit)
    split = 0.0 if model == "single" else unit * float(values[4])
    drawn = sloped_line(window.offset - unit * values[0], full, free_range, split)
    places = [0, 1, 2, 3] if model == "single" else [0, 1, 2, 3, 4]
    slopes = np.zeros((values.size, window.offset.size))
    turns = (-unit * drawn.by_offset, drawn.by_log_width, unit * drawn.by_split)
    tilt = window.offset / (WINDOW * unit)
    if window.drops:
        level, tilted, pedestal = values[-3:]
        top = window.base * np.exp(np.clip(level + tilted * tilt, -LARGEST, LARGEST))
        field = drawn.field
        line = top * (field.real**2 + field.imag**2)
        for place, turn in zip([0, 1, *places[4:]], turns, strict=False):
            slopes[place] = 2 * top * (field.real * turn.real + field.imag * turn.imag)
        slopes[-3], slopes[-2], slopes[-1] = line, line * tilt, window.channel.corner
        return Light(line + window.channel.corner * pedestal, top, slopes)
    first = len(places)
    bend = values[first] + tilt * (values[first + 1] + tilt * values[first + 2])
    base = window.base * np.exp(np.clip(bend, -LARGEST, LARGEST))
    depth, slant = float(values[2]), float(values[3])
    if model == "single":
        share = through(drawn.field, depth, slant)
        slopes[:4] = _single_slopes(drawn.field, depth, slant, turns)
    else:
        share = split_through(drawn.field, depth, slant, full, free_range)
        slopes[:5] = _split_slopes(drawn.field, depth, slant, turns, share, _bus_turn(full, free_range))
    slopes[:first] *= base
    power = base * share
    slopes[first], slopes[first + 1], slopes[first + 2] = power, power * tilt, power * tilt**2
    return Light(power, base, slopes)


_Turns = tuple[np.ndarray, np.ndarray, np.ndarray]  # slopes of Λ by offset, log width and splitting


def _single_slopes(field: np.ndarray, depth: float, slant: float, turns: _Turns) -> list[np.ndarray]:
    """Of |t|² by offset, log width, depth and slant."""
    by_line = [
        -2 * depth * (field.real * turn.real + field.imag * turn.imag) + 2 * slant * turn.imag
        for turn in turns[:2]
    ]
    return [*by_line, -(field.real**2 + field.imag**2), 2 * field.imag]


def _bus_turn(width: float, free_range: float | None) -> tuple[float, float]:
    """1 − x and its slope by the logarithm of the width."""
    turn = 0.0 if free_range is None else math.pi * width / free_range
    return -math.expm1(-turn), turn * math.exp(-turn)


def _split_slopes(
    field: np.ndarray,
    strength: float,
    slant: float,
    turns: _Turns,
    share: np.ndarray,
    lost: tuple[float, float],
) -> list[np.ndarray]:
    """Of |t|² = |1 − (u + iv)Λ|²/r₁² by offset, log width, strength, slant and splitting."""
    weight, bus = strength + 1j * slant, 1 - strength * lost[0]
    left = (1 - weight * field).conj() * (2 / bus)
    by_offset, by_log_width, by_split = (-(left * weight * turn).real for turn in turns)
    by_strength, by_slant = -(left * field).real, (left * field).imag
    return [
        by_offset,
        by_log_width + share * (strength * lost[1] / bus),
        by_strength + share * (lost[0] / bus),
        by_slant,
        by_split,
    ]
