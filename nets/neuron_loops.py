"""From pre-activations to powers, and from fields to outputs and their slopes, element by element."""

from __future__ import annotations

from typing import Any

from photonic.compiled import compiled

__all__ = ["encode", "read_out"]


@compiled
def encode(z: Any, scale: Any, bias: Any, full: Any, power: Any) -> None:
    """Input powers [W] of pre-activations: full·(bias + scale·z), held in [0, full]; NaN becomes dark."""
    for r in range(z.shape[0]):
        for j in range(z.shape[1]):
            x = bias[j] + scale[j] * z[r, j]
            power[r, j] = full * min(max(x, 0.0), 1.0) if x == x else 0.0


@compiled
def read_out(
    z: Any, scale: Any, bias: Any, power: Any, per_watt: Any, full: Any, field: Any, slope: Any,
    by_setting: Any, value: Any, derivative: Any, by_parameter: Any,
) -> None:  # fmt: skip
    """Outputs y = per_watt·|H|² P, dy/dz, and dy by settings, scale and bias, from fields and slopes."""
    for r in range(z.shape[0]):
        for j in range(z.shape[1]):
            h, p, x = field[r, j], power[r, j], bias[j] + scale[j] * z[r, j]
            share = h.real * h.real + h.imag * h.imag
            value[r, j] = per_watt * share * p if x == x else x
            turned = h.real * slope[r, j].real + h.imag * slope[r, j].imag
            inside = 0.0 <= x <= 1.0
            by_x = per_watt * full * (share + 2 * p * turned) if inside else 0.0
            derivative[r, j] = by_x * scale[j]
            for k in range(4):
                d = by_setting[r, j, k]
                by_parameter[r, j, k] = 2 * per_watt * p * (h.real * d.real + h.imag * d.imag)
            by_parameter[r, j, 4] = by_x * z[r, j]
            by_parameter[r, j, 5] = by_x
