"""Names by which people know their experiments and single readings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from photonic.fits.experiments import Experiment
from photonic.lab.number_text import number

__all__ = ["experiment_names", "point_names"]

_WAYS = {1: "up", -1: "down"}


def experiment_names(experiments: Sequence[Experiment]) -> list[str]:
    """The file of each experiment, told from others of the same file by its number; the number without one.

    Examples
    --------
    >>> from photonic.lab.measured import Measured
    >>> first = Measured([0.0, 1e-3], [0.0, 1e-4], metadata={"file": "sweep.csv"})
    >>> second = Measured([0.0, 1e-3], [0.0, 1e-4])
    >>> experiment_names([Experiment(first), Experiment(second)])
    ['sweep.csv', 'experiment 1']
    """
    files = [str(e.measured.metadata.get("file") or "") for e in experiments]
    counted = Counter(files)
    return [
        f"experiment {k}" if not file else file if counted[file] == 1 else f"{file}, experiment {k}"
        for k, file in enumerate(files)
    ]


def point_names(experiments: Sequence[Experiment], indices: Iterable[int]) -> list[str]:
    """What each of some readings was taken at: its input power, wavelength or time.

    ``indices`` count the readings of all experiments from 0, one experiment after the other. Of several
    experiments the name is told too, of several sweeps the way.

    Examples
    --------
    >>> from photonic.lab.measured import Measured
    >>> point_names([Experiment(Measured([0.0, 1e-3], [0.0, 1e-4]))], [1])
    ['1 mW']
    """
    names = experiment_names(experiments)
    ends = np.cumsum([np.size(e.measured.power_out) for e in experiments])
    found = []
    for index in indices:
        k = int(np.searchsorted(ends, index, side="right"))
        measured, at = experiments[k].measured, index - int(ends[k])  # counted from the end
        notes = [_WAYS[int(measured.direction[at])]] if len(getattr(measured, "sweeps", ())) > 1 else []
        notes += [names[k]] if len(experiments) > 1 else []
        found.append(_place(measured, at) + (f" ({', '.join(notes)})" if notes else ""))
    return found


def _place(measured: Any, at: int) -> str:
    if hasattr(measured, "wavelength"):
        return f"{1e9 * float(measured.wavelength[at]):.7g} nm"
    if hasattr(measured, "times"):
        return number(float(measured.times[at]), "s")
    return number(float(measured.power_in[at]), "W")
