"""What fitted numbers rest on: others that were held, and that the data could not have told apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from photonic.lab.experiments import Experiment
from photonic.lab.free_parameters import READINGS, free_parameters, number, settable
from photonic.lab.identifiability import EXACT
from photonic.lab.predictions import CurvePrediction
from photonic.lab.symmetries import SYMMETRIES

if TYPE_CHECKING:
    from photonic.lab.fitted import Fit

__all__ = ["conditions"]


def conditions(fit: Fit) -> tuple[str, ...]:
    """A sentence for each known symmetry that ties free numbers to some that were held.

    A symmetry counts only if the readings of this fit are blind to it, checked on their slopes.
    """
    known = settable(fit.device)
    found = []
    for symmetry in SYMMETRIES:
        acting = [
            n for n in symmetry.exponents if n in READINGS or (n in known and number(fit.device, n) != 0)
        ]
        free = [n for n in acting if any(e.partition("[")[0] == n for e in fit.estimates)]
        held = [n for n in acting if n not in free]
        if not symmetry.told or not free or not held or len(acting) < 2:
            continue
        if _blind(fit, {n: symmetry.exponents[n] for n in acting}):
            names, others = (_listed(some) for some in (free, held))
            verb = "rests" if len(free) == 1 else "rest"
            found.append(f"{names} {verb} on {others}: {symmetry.why}. To check: {symmetry.breaks}")
    return tuple(found)


def _blind(fit: Fit, exponents: dict[str, float]) -> bool:
    """Whether no reading changes when the numbers change in these powers together."""
    total, moved = 0.0, 0.0
    for k, experiment in enumerate(fit.experiments):
        if not hasattr(experiment.measured, "sweeps") or set(exponents) & set(experiment.at):
            return False
        device, readings = fit.device_of(k)
        others = {n: v for n, v in readings.items() if n not in exponents}
        plain = Experiment(experiment.measured, at=others)
        start = {n: readings[n] for n in exponents if n in readings}
        free = free_parameters(device, list(exponents), {}, start, 1, 1.0)
        _, jacobian = CurvePrediction(device, plain, free, 0).both([f.start for f in free])
        parts = jacobian * np.array([f.start * exponents[f.name] for f in free])
        moved = max(moved, float(np.max(np.abs(parts.sum(axis=1)))))
        total = max(total, float(np.max(np.abs(parts))))
    return moved <= EXACT * total


def _listed(names: list[str]) -> str:
    short = [n.removeprefix("ring.") for n in names]
    return short[0] if len(short) == 1 else f"{', '.join(short[:-1])} and {short[-1]}"
