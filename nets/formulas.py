"""Formulas of the digital activations, written in place.

Each writes the value into ``y`` and the slope into ``d`` (unless it is None), with no temporary
where ``d`` can serve as one, and with no exponent that could overflow.
"""

from __future__ import annotations

import numpy as np


def scratch(x: np.ndarray, d: np.ndarray | None) -> np.ndarray:
    """``d`` as a place for intermediate results, or a new array if it is None."""
    return np.empty_like(x) if d is None else d


def identity(x: np.ndarray, y: np.ndarray, d: np.ndarray | None) -> None:
    np.copyto(y, x)
    if d is not None:
        d.fill(1.0)


def clip(x: np.ndarray, y: np.ndarray, d: np.ndarray | None, top: float) -> None:
    np.clip(x, 0.0, top, out=y)
    if d is not None:
        np.copyto(d, (x > 0.0) & (x <= top))


def ramp(x: np.ndarray, y: np.ndarray, d: np.ndarray | None) -> None:
    clip(x, y, d, 1.0)


def relu6(x: np.ndarray, y: np.ndarray, d: np.ndarray | None) -> None:
    clip(x, y, d, 6.0)


def relu(x: np.ndarray, y: np.ndarray, d: np.ndarray | None) -> None:
    np.maximum(x, 0.0, out=y)
    if d is not None:
        np.greater(y, 0.0, out=d)


def sigmoid(x: np.ndarray, y: np.ndarray, d: np.ndarray | None) -> None:
    # exp(min(x, 0)) / (1 + exp(-|x|)): neither exponent is ever positive
    s = scratch(x, d)
    np.abs(x, out=s)
    np.negative(s, out=s)
    np.exp(s, out=s)
    np.add(s, 1.0, out=s)
    np.minimum(x, 0.0, out=y)
    np.exp(y, out=y)
    np.divide(y, s, out=y)
    if d is not None:
        np.multiply(y, y, out=d)
        np.subtract(y, d, out=d)


def tanh(x: np.ndarray, y: np.ndarray, d: np.ndarray | None) -> None:
    np.tanh(x, out=y)
    if d is not None:
        np.multiply(y, y, out=d)
        np.subtract(1.0, d, out=d)


def tanhre(x: np.ndarray, y: np.ndarray, d: np.ndarray | None) -> None:
    np.minimum(x, 0.0, out=y)
    tanh(y, y, d)
    np.maximum(x, y, out=y)  # tanh x > x for x < 0


def elu(x: np.ndarray, y: np.ndarray, d: np.ndarray | None) -> None:
    np.minimum(x, 0.0, out=y)
    if d is not None:
        np.exp(y, out=d)
    np.expm1(y, out=y)
    np.maximum(x, y, out=y)  # exp(x) − 1 > x for x < 0


def softplus(x: np.ndarray, y: np.ndarray, d: np.ndarray | None) -> None:
    # max(x, 0) + ln(1 + exp(-|x|)); its slope is 1 − exp(−softplus)
    s = scratch(x, d)
    np.abs(x, out=y)
    np.negative(y, out=y)
    np.exp(y, out=y)
    np.log1p(y, out=y)
    np.maximum(x, 0.0, out=s)
    np.add(y, s, out=y)
    if d is not None:
        np.negative(y, out=d)
        np.expm1(d, out=d)
        np.negative(d, out=d)


def swish(x: np.ndarray, y: np.ndarray, d: np.ndarray | None) -> None:
    s = scratch(x, d)
    sigmoid(x, s, None)
    np.multiply(x, s, out=y)
    if d is not None:
        d += y * (1.0 - d)


def softsign(x: np.ndarray, y: np.ndarray, d: np.ndarray | None) -> None:
    s = scratch(x, d)
    np.abs(x, out=s)
    np.add(s, 1.0, out=s)
    np.divide(x, s, out=y)
    if d is not None:
        np.reciprocal(d, out=d)
        np.multiply(d, d, out=d)


def leaky(x: np.ndarray, y: np.ndarray, d: np.ndarray | None, slope: float) -> None:
    s = scratch(x, d)
    np.minimum(x, 0.0, out=y)
    np.multiply(y, slope, out=y)
    np.maximum(x, 0.0, out=s)
    np.add(y, s, out=y)
    if d is not None:
        np.greater(x, 0.0, out=d)
        np.multiply(d, 1.0 - slope, out=d)
        np.add(d, slope, out=d)
