"""A measured curve in words, for the terminal, and as numbers, for JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from photonic.curve import Curve
from photonic.lab.measured import Measured
from photonic.lab.number_text import number
from photonic.units import engineering

__all__ = ["measured_dict", "measured_words"]


def measured_dict(data: Measured, curves: Sequence[Curve]) -> dict[str, Any]:
    """What there is to know of the readings and of the smooth ``curves`` through them."""
    return {
        "points": len(data),
        "sweeps": list(data.sweeps),
        "power_in": data.power_in,
        "power_out": data.power_out,
        "sigma": data.sigma,
        "repeats": data.repeats,
        "direction": data.direction,
        "plane": data.plane.as_dict(),
        "metadata": dict(data.metadata),
        "curves": [
            {
                "branch": curve.branch,
                "domain": list(curve.domain),
                "jumps": curve.jumps,
                "metrics": vars(curve.metrics()),
                **dict(curve.metadata.get("curve", {})),
            }
            for curve in curves
        ],
    }


def measured_words(data: Measured, curves: Sequence[Curve]) -> str:
    """The same in lines of text."""
    lines = [f"{'readings':<12}{_size(data)}"]
    if data.sweeps != ("single",):
        parts = ", ".join(f"{len(part)} {way}" for way, part in data.parts())
        lines.append(f"{'sweeps':<12}{parts}")
    named = data.metadata.get("columns")
    if isinstance(named, dict):
        lines.append(f"{'columns':<12}in {_listed(named.get('input'))}, out {_listed(named.get('output'))}")
    noise = [_noise(data)] if data.sigma is not None else _residual_noise(curves)
    lines += [f"{'' if k else 'noise':<12}{text}" for k, text in enumerate(noise)]
    if data.plane.input_factor != 1 or data.plane.output_factor != 1:
        factors = f"input × {data.plane.input_factor:.4g}, output × {data.plane.output_factor:.4g}"
        lines.append(f"{'plane':<12}{factors} from the readings to the device")
    for curve in curves:
        lines += _curve_lines(curve)
    if not curves:
        lines.append(f"{'curve':<12}none: fewer than 4 different input powers in each sweep")
    return "\n".join(lines)


def _size(data: Measured) -> str:
    low, high = (engineering(float(p), "W") for p in (data.power_in.min(), data.power_in.max()))
    top = engineering(float(data.power_out.max()), "W")
    most = int(data.repeats.max())
    means = f", means of up to {most} readings" if most > 1 else ""
    return f"{len(data)} points, {low} to {high} in, up to {top} out{means}"


def _listed(names: Any) -> str:
    return ", ".join(map(repr, names)) if isinstance(names, list) else repr(names)


def _noise(data: Measured) -> str:
    size = engineering(float(np.median(data.sigma)), "W", 3)
    found = data.metadata.get("noise")
    if not isinstance(found, dict):
        return f"{size} a reading (median), as the file says"
    return f"{size} a reading (median): {_law(found)}"


def _residual_noise(curves: Sequence[Curve]) -> list[str]:
    """Noise of one reading from what the smooth curves leave over, where nothing else tells it."""
    found = []
    for curve in curves:
        noise = curve.metadata.get("curve", {}).get("noise", {})
        if "floor" in noise:
            size = engineering(float(np.median(np.asarray(curve.sigma))), "W", 3)
            of = "the curve" if len(curves) == 1 else f"the curve {curve.branch}"
            law = f": {_law(noise)}" if noise["relative"] else ""
            found.append(f"{size} a reading (median), from the residuals of {of}{law}")
    return found or [
        "not known: no repeats, no column of deviations, too few readings to tell it from a curve"
    ]


def _law(noise: Mapping[str, Any]) -> str:
    floor = engineering(float(noise["floor"]), "W", 3)
    return f"{floor} and {100 * float(noise['relative']):.3g} % of the power"


def _curve_lines(curve: Curve) -> list[str]:
    known = curve.metadata.get("curve", {})
    method = known.get("method", "spline")
    words = " and ".join(dict.fromkeys(method)) if isinstance(method, list) else str(method)
    figures = curve.metrics()
    jumps = ", ".join(number(float(p), "W") for p in curve.jumps) or "none"
    title = "curve" if curve.branch == "single" else f"curve {curve.branch}"
    facts = [
        f"{words}, {engineering(curve.domain[0], 'W')} to {engineering(curve.domain[1], 'W')}",
        f"jumps {jumps}; threshold {engineering(figures.threshold, 'W')}; "
        f"extinction ratio {figures.extinction_ratio_db:.3g} dB; largest slope {figures.maximum_slope:.3g}",
    ]
    return [f"{title if k == 0 else '':<12}{fact}" for k, fact in enumerate(facts)]
