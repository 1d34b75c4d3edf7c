"""What a simulation in time gives: field, carriers, heat and the light at both ports."""

from __future__ import annotations

import csv
import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from photonic.errors import DataError, ParameterError, real_numbers

__all__ = ["Steps", "Trace"]

COLUMNS = {
    "power_in": "W",
    "energy": "J",
    "carriers": "1/m³",
    "temperature": "K",
    "power_through": "W",
    "power_drop": "W",
}


@dataclass(frozen=True, eq=False)
class Steps:
    """Dense output: each step of the integrator as a polynomial of the state [SI].

    ``series`` (S, p + 1, n) are coefficients in the share of the step passed, ``spans`` (S, 2) its
    start and length [s].
    """

    series: np.ndarray
    spans: np.ndarray

    def states(self, times: np.ndarray) -> np.ndarray:
        """State at ``times`` [s], shape (times, n)."""
        starts = self.spans[:, 0]
        step = np.clip(np.searchsorted(starts, times, side="left") - 1, 0, starts.size - 1)
        share = np.clip((times - starts[step]) / self.spans[step, 1], 0.0, 1.0)[:, None]
        value = self.series[step, -1]
        for k in range(self.series.shape[1] - 2, -1, -1):
            value = value * share + self.series[step, k]
        return value


@dataclass(frozen=True, kw_only=True, eq=False)
class Trace:
    """A simulation in time; arrays have the shape (..., times), ... being that of a batch.

    ``field`` is the complex amplitude a in the frame of the laser [√J], ``energy`` |a|² [J],
    ``carriers`` the electron density [1/m³], ``temperature`` its rise [K] above what detunings
    count from; ``power_through`` and ``power_drop`` [W] are those of a ring's two buses, or of bar and
    cross of an interferometer, ``power_out`` that of the device's own port. ``states`` holds the
    whole state of the rate equations (field, carriers, filled traps, thermal modes). At a jump of the drive
    the values are those before it.
    """

    times: np.ndarray
    power_in: np.ndarray
    field: np.ndarray
    carriers: np.ndarray
    temperature: np.ndarray
    power_through: np.ndarray
    power_drop: np.ndarray
    power_out: np.ndarray
    states: np.ndarray = dataclasses.field(repr=False)
    method: str = "full"  # "slaved" where the field was taken to follow at once
    steps: Any = 0  # steps made, one number per ring of a batch
    estimate: Any = 0.0  # of the error that "slaved" makes, as a share of the largest values [1]
    dense: Steps | None = dataclasses.field(default=None, repr=False)
    source: Any = dataclasses.field(default=None, repr=False)  # turns states at other times into a `Trace`

    @property
    def energy(self) -> np.ndarray:
        """Stored energy |a|² [J]."""
        return np.abs(self.field) ** 2

    def at(self, times: Any) -> Trace:
        """The same simulation at other ``times`` [s], from its dense output.

        Raises
        ------
        ParameterError
            It was made without ``dense=True``, or a time lies outside it.
        """
        times = np.atleast_1d(real_numbers("times", times, unit="s"))
        if times.ndim != 1:
            raise ParameterError(f"times must be a list of times [s], got shape {times.shape}")
        steps = self.steps_of()
        low, high = float(self.times[0]), float(self.times[-1])
        if np.any(times < low) or np.any(times > high):
            raise ParameterError(
                f"times must lie in [{low:g}, {high:g}] s, got {np.min(times):g} to {np.max(times):g} s"
            )
        return self.source(times, steps.states(times))

    def steps_of(self) -> Steps:
        """The dense output, or an error that says how to get it."""
        if self.dense is None:
            raise ParameterError("there is no dense output: simulate one ring with dense=True")
        return self.dense

    def save(self, path: str | Path) -> None:
        """Write times and all columns to ``path``: .csv with units in its header, or .npz.

        Batches go to .npz only.
        """
        path = Path(path)
        columns = {name: getattr(self, name) for name in COLUMNS}
        try:
            if path.suffix.lower() == ".npz":
                np.savez(path, schema=1, times=self.times, field=self.field, **columns)
            elif path.suffix.lower() == ".csv" and self.field.ndim == 1:
                with path.open("w", newline="", encoding="utf-8") as file:
                    rows = csv.writer(file)
                    rows.writerow(["time [s]", *(f"{name} [{unit}]" for name, unit in COLUMNS.items())])
                    values = np.column_stack([self.times, *columns.values()])
                    rows.writerows([repr(float(v)) for v in row] for row in values)
            else:
                raise ParameterError(
                    f"a simulation is saved as .npz, that of one ring also as .csv, got {path.name!r}"
                )
        except OSError as reason:
            raise DataError(f"{path}: cannot be written ({reason.strerror or reason})") from None
