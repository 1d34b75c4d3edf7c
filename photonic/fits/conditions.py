"""What fitted numbers rest on: others that were held, and that the data could not have told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from photonic.fits.experiments import Experiment
from photonic.fits.free_parameters import READINGS, free_parameters, number, settable
from photonic.fits.identifiability import EXACT
from photonic.fits.predictions import CurvePrediction
from photonic.fits.symmetries import SYMMETRIES

if TYPE_CHECKING:
    from photonic.fits.fitted import Fit

__all__ = ["conditions"]


def conditions(fit: Fit) -> tuple[str, ...]:
    """A sentence for each known symmetry that ties free numbers to some that were held.

    A symmetry counts only if the readings of this fit are blind to it, checked on their slopes.
    """
    known = settable(fit.device)
    found = []
    for symmetry in SYMMETRIES:
        there = {
            name: power
            for name, power in symmetry.exponents.items()
            if name in READINGS or (name in known and number(fit.device, name) != 0)
        }
        free = [name for name in there if any(label.partition("[")[0] == name for label in fit.estimates)]
        if not symmetry.told or not free:
            continue
        held = [name for name in _tied(fit, there) if name not in free]
        if held:
            names, others = (_listed(some) for some in (free, held))
            verb = "rests" if len(free) == 1 else "rest"
            found.append(f"{names} {verb} on {others}: {symmetry.why}. To check: {symmetry.breaks}")
    return tuple(found)


def _tied(fit: Fit, exponents: dict[str, float]) -> list[str]:
    """Names that act on the readings, if these stay the same when all change in their powers; else none."""
    total = np.zeros(len(exponents))
    moved = 0.0
    for k, experiment in enumerate(fit.experiments):
        if not hasattr(experiment.measured, "sweeps") or set(exponents) & set(experiment.at):
            return []
        device, readings = fit.device_of(k)
        others = {n: v for n, v in readings.items() if n not in exponents}
        plain = Experiment(experiment.measured, at=others)
        start = {n: readings[n] for n in exponents if n in readings}
        free = free_parameters(device, list(exponents), {}, start, 1, 1.0)
        _, jacobian = CurvePrediction(device, plain, free, 0).both([f.start for f in free])
        parts = jacobian * np.array([f.start * exponents[f.name] for f in free])
        moved = max(moved, float(np.max(np.abs(parts.sum(axis=1)))))
        total = np.maximum(total, np.max(np.abs(parts), axis=0))
    if moved > EXACT * float(total.max()):
        return []
    return [name for name, size in zip(exponents, total, strict=True) if size > 0]


def _listed(names: list[str]) -> str:
    short = [n.removeprefix("ring.") for n in names]
    return short[0] if len(short) == 1 else f"{', '.join(short[:-1])} and {short[-1]}"
