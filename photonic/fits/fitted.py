"""What a fit found: numbers with their intervals, and what the data cannot tell."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from photonic.curve import Curve
from photonic.device import Device
from photonic.errors import ParameterError
from photonic.fits.diagnostics import Diagnostics
from photonic.fits.estimates import Estimate
from photonic.fits.experiments import Experiment
from photonic.fits.free_parameters import READINGS, changed, full_name, number, settable
from photonic.fits.identifiability import Direction

__all__ = ["Fit"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Fit:
    """The outcome of `photonic.fit`.

    Attributes
    ----------
    device : Device
        The device with the fitted numbers (those that belong to all experiments).
    estimates : mapping
        Name to `Estimate`: ``.value``, ``.standard_error``, ``.interval`` (95 %).
    correlation : array (k, k)
        Correlation of the estimates, in the order of ``estimates``, in the coordinates of the search; NaN
        for a number that does nothing.
    unidentifiable : tuple of Direction
        Changes of the numbers that the readings do not show, in words; empty if there are none.
    singular_values : array (k,)
        Of the Jacobian of the readings, over their noise, by the logarithms (or natural steps) of the
        numbers: 1 over the standard error along each principal direction.
    residuals : array (n,)
        Expected − seen [W], experiment after experiment; ``weighted_residuals`` [1] over the noise.
    sigma : array (n,)
        Standard deviation of each point [W], as known or as estimated.
    starts : int
        Starts that were searched from; with one alone, other minima were not looked for.
    diagnostics : Diagnostics
        Whether the residuals look like noise.
    alternatives : tuple of mappings
        Numbers of other minima that were found, and their ``cost`` over that of the best [1].
    profiles : mapping
        Name to array (m, 2): inner coordinate and rise of the sum of squares.
    """

    device: Device
    estimates: Mapping[str, Estimate]
    correlation: np.ndarray
    unidentifiable: tuple[Direction, ...]
    singular_values: np.ndarray
    residuals: np.ndarray = field(repr=False)
    weighted_residuals: np.ndarray = field(repr=False)
    sigma: np.ndarray = field(repr=False)
    diagnostics: Diagnostics
    experiments: tuple[Experiment, ...] = field(repr=False)
    guess: Device = field(repr=False)
    noise: tuple[str, ...]
    loss: Any
    seed: int
    starts: int = 1
    alternatives: tuple[Mapping[str, float], ...] = ()
    profiles: Mapping[str, np.ndarray] = field(default_factory=dict, repr=False)

    def __repr__(self) -> str:
        numbers = ", ".join(f"{e.name}={e.value:.4g}" for e in self.estimates.values())
        return f"Fit({numbers}; {self.residuals.size} readings, {len(self.unidentifiable)} unidentifiable)"

    # ------------------------------------------------------------------- of one experiment
    def part(self, values: np.ndarray, index: int) -> np.ndarray:
        """Those of ``values`` (n,) that belong to experiment ``index``."""
        sizes = [np.size(e.measured.power_out) for e in self.experiments]
        return np.split(values, np.cumsum(sizes)[:-1])[index]

    def device_of(self, index: int = 0) -> tuple[Device, dict[str, float]]:
        """The device as it was in an experiment, and the numbers of its readings."""
        experiment = self.experiments[index]
        known = settable(self.device)
        numbers = {full_name(name, known): value for name, value in experiment.at.items()}
        for label, estimate in self.estimates.items():
            name, _, where = label.rstrip("]").partition("[")
            if (name in READINGS and not where) or where == str(index):
                numbers[name] = estimate.value
        for name, offset in experiment.shift.items():
            name = full_name(name, known)
            base = READINGS[name] if name in READINGS else number(self.device, name)
            numbers[name] = numbers.get(name, base) + offset
        readings = {name: numbers.pop(name, value) for name, value in READINGS.items()}
        return changed(self.device, numbers), readings

    def curve_of(self, index: int = 0) -> Curve:
        """Transfer curve of an experiment as the instruments read it, less the dark level.

        Bistable data have that of their first sweep.
        """
        device, readings = self.device_of(index)
        measured = self.experiments[index].measured
        power = float(np.max(measured.power_in))
        scale = readings["power_scale"] * readings["input_scale"]
        sweeps = measured.sweeps
        drawn = device.curve(power * scale, sweep=sweeps[0])
        gain = readings["output_scale"] / readings["power_scale"]
        return Curve(
            drawn.power_in / scale,
            drawn.power_out * gain,
            slope=np.asarray(drawn.slope) * gain * scale,
            regime=drawn.regime,
            branch=drawn.branch,
            metadata={**drawn.metadata, "fitted": True},
        )

    @functools.cached_property
    def curve(self) -> Curve:
        """`curve_of` the first experiment that is a power curve."""
        for index, experiment in enumerate(self.experiments):
            if hasattr(experiment.measured, "sweeps"):
                return self.curve_of(index)
        raise ParameterError("no experiment of this fit is a power curve: device.curve(power_max) draws one")

    def problem(self) -> Any:
        """The least-squares problem that was solved, with its noise, and the solution in its coordinates."""
        from photonic.fits.problems import problem_of

        bounds = {name: e.bounds for name, e in self.estimates.items() if e.bounds is not None}
        start = {name: e.start for name, e in self.estimates.items()}
        found, free = problem_of(
            self.guess, self.experiments, list(self.estimates), bounds, start, self.noise, self.loss
        )
        found.set_sigma([self.part(self.sigma, k) for k in range(len(self.experiments))])
        return found, np.array([f.inner(e.value) for f, e in zip(free, self.estimates.values(), strict=True)])

    @functools.cached_property
    def conditions(self) -> tuple[str, ...]:
        """What the numbers rest on that was not free and that these readings could not have told."""
        from photonic.fits.conditions import conditions

        return conditions(self)

    # ------------------------------------------------------------------- words and files
    def report(self) -> str:
        """Everything in words: numbers, intervals, what is not identifiable, residuals."""
        from photonic.fits.fit_report import report

        return report(self)

    def as_dict(self) -> dict[str, Any]:
        """Fit for JSON, without the data."""
        from photonic.fits.fit_files import as_dict

        return as_dict(self)

    def save(self, path: str | Path) -> None:
        """Write everything, the data included, to a JSON file; `load` reads it back."""
        from photonic.fits.fit_files import write

        write(self, path)

    @classmethod
    def load(cls, path: str | Path) -> Fit:
        """Read a fit written by `save`.

        Raises
        ------
        DataError
            The file cannot be read or is not a fit saved by this package.
        """
        from photonic.fits.fit_files import read

        return read(path)

    def to_lmfit(self) -> Any:
        """An ``lmfit.Minimizer`` of the same residuals, at the solution; needs lmfit.

        Its ``params`` hold values, standard errors, bounds and correlations; ``.minimize()`` or ``.emcee()``
        go on from there.
        """
        from photonic.fits.lmfit_bridge import minimizer

        return minimizer(self)
