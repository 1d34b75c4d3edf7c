"""A measured answer in time: what came out while the input power was made to change."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from photonic.device import check_power
from photonic.drive import Drive, check_span, check_times
from photonic.errors import DataWarning, ParameterError, check, one_number, real_numbers
from photonic.units import engineering

__all__ = ["MeasuredResponse"]

_LEAP = 0.5  # of the range of the input, between two samples
_FREQUENCIES = {"gigahertz": 1e9, "megahertz": 1e6}


@dataclass(frozen=True, eq=False, repr=False)
class MeasuredResponse:
    """Output power against time, for an input power that varies.

    The device is settled at the first power before; see ``initial``.

    Parameters
    ----------
    times : array_like, shape (n,)
        When the output was read [s], rising.
    power_in : float, array_like of shape (n,), or photonic.drive.Drive
        Input power [W] at the times, its root √P going straight from one to the next; or a `Drive`, such as
        steps by ``Drive.held(edges, powers)``, that lasts at least as long. The device is settled when
        the drive begins. A leap between two of the times gets a `DataWarning`: it wants a `Drive`.
    power_out : array_like, shape (n,)
        Output power [W]; a little below 0 where a dark level has been taken off. Where the input leaps at
        one of the times, that before the leap.
    sigma : array_like, shape (n,) or one number, optional
        Standard deviation of one reading of the output power [W], > 0.
    metadata : mapping
        Anything to keep with the data (JSON types).
    repeats : array_like of int, shape (n,), or one number, optional
        How many traces each point is the mean of; one if left out.
    bandwidth : float, optional
        3 dB bandwidth of the detector [Hz], a single pole; as fast as anything if left out.
    initial : {"up", "down"}
        Where the first power has several steady states: the one that raising the power from 0 leads to, or
        that lowering it does.
    drive : Drive, optional
        How the power went between the times; made from ``power_in`` if left out.

    Raises
    ------
    ParameterError
        Times that do not rise, arrays of unlike shapes, a drive that is too short, no power.

    Examples
    --------
    A step at 0 s from 0.1 mW to 1 mW, read every nanosecond from 1 ns before it:

    >>> step = Drive.held([-1e-9, 0.0, 3e-9], [0.1e-3, 1e-3])
    >>> MeasuredResponse([-1e-9, 0, 1e-9, 2e-9], step, [2e-5, 2e-5, 7e-4, 8e-4], bandwidth=20e9)
    MeasuredResponse(4 points, -1 ns to 2 ns, 0.1 mW to 1 mW, detector 20 GHz)
    """

    times: Any
    power_in: Any
    power_out: Any
    sigma: Any = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    repeats: Any = None
    bandwidth: float | None = None
    initial: Literal["up", "down"] = "up"
    drive: Drive | None = None

    def __post_init__(self) -> None:
        times = np.array(check_span(check_times("times", self.times)))
        out = np.array(_like("power_out", real_numbers("power_out", self.power_out, unit="W"), times))
        low, high = float(out.min()), float(out.max())
        if low < 0 and -low > 0.2 * max(high, 0.0):
            raise ParameterError(
                f"power_out must be >= 0 W but for noise, got {low:g} W (largest {high:g} W)"
            )
        if high > 0:
            check_power("power_out", np.maximum(out, 0.0))
        drive, power = _driven(times, self.power_in, self.drive)
        columns: dict[str, Any] = {"times": times, "power_in": power, "power_out": out}
        if self.sigma is not None:
            columns["sigma"] = _like("sigma", real_numbers("sigma", self.sigma, unit="W", above=0.0), times)
        repeats = real_numbers("repeats", 1 if self.repeats is None else self.repeats, at_least=1)
        if np.any(repeats != np.round(repeats)):
            raise ParameterError(f"repeats must hold whole numbers, got {self.repeats!r}")
        columns["repeats"] = _like("repeats", repeats.astype(int), times)
        if self.bandwidth is not None:
            value = one_number("bandwidth", self.bandwidth, unit="Hz", above=0.0)
            check("bandwidth", value, unit="Hz", plausible=(1e3, 1e14), scales=_FREQUENCIES)
            object.__setattr__(self, "bandwidth", value)
        if self.initial not in ("up", "down"):
            raise ParameterError(f"initial must be 'up' or 'down', got {self.initial!r}")
        object.__setattr__(self, "drive", drive)
        for name, array in columns.items():
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    def __repr__(self) -> str:
        span = f"{engineering(float(self.times[0]), 's')} to {engineering(float(self.times[-1]), 's')}"
        low, high = float(self.power_in.min()), float(self.power_in.max())
        noise = "" if self.sigma is None else f", sigma {engineering(float(np.median(self.sigma)), 'W')}"
        slow = "" if self.bandwidth is None else f", detector {engineering(self.bandwidth, 'Hz')}"
        powers = f"{engineering(low, 'W')} to {engineering(high, 'W')}"
        return f"MeasuredResponse({self.times.size} points, {span}, {powers}{noise}{slow})"

    def __len__(self) -> int:
        return int(self.times.size)

    @property
    def standard_error(self) -> np.ndarray | None:
        """Standard deviation of each point [W], the mean of its ``repeats``; None without ``sigma``."""
        return None if self.sigma is None else self.sigma / np.sqrt(self.repeats)

    def take(self, which: Any) -> MeasuredResponse:
        """Some of the points, for the same drive: a slice, a mask or rising indices."""
        names = ("times", "power_in", "power_out", "repeats")
        chosen = {name: getattr(self, name)[which] for name in names}
        sigma = None if self.sigma is None else self.sigma[which]
        return dataclasses.replace(self, sigma=sigma, **chosen)


def _driven(times: np.ndarray, power_in: Any, drive: Drive | None) -> tuple[Drive, np.ndarray]:
    """The drive, and its power [W] at ``times`` [s]."""
    if isinstance(power_in, Drive):
        drive = power_in
    if drive is not None:
        if not isinstance(drive, Drive) or drive.roots.ndim != 2:
            raise ParameterError(f"drive must be a Drive of one input, got {drive!r}")
        low, high = drive.span
        first, last = float(times[0]), float(times[-1])
        if low > first or high < last:
            raise ParameterError(
                f"drive lasts from {low:g} to {high:g} s, shorter than times, {first:g} to {last:g} s"
            )
    if isinstance(power_in, Drive):
        return power_in, power_in(times)
    check_power("power_in", power_in)
    power = np.array(_like("power_in", real_numbers("power_in", power_in, unit="W"), times))
    if drive is None:
        _tell_leaps(times, power)
        roots = np.sqrt(power)
        drive = Drive(times, np.column_stack([roots[:-1], np.diff(roots) / np.diff(times)]))
    return drive, power


def _tell_leaps(times: np.ndarray, power: np.ndarray) -> None:
    """Warn where the input leaps from one sample to the next: when it did so is not known."""
    change, extent = np.abs(np.diff(power)), float(np.ptp(power))
    if power.size > 2 and extent > 0 and float(change.max()) > _LEAP * extent:
        k = int(np.argmax(change))
        low, high = (engineering(float(t), "s") for t in times[k : k + 2])
        text = f"power_in leaps between two samples, at {low} to {high}"
        taken = "it is taken to go evenly from one to the other"
        advice = "give a Drive, such as Drive.held(edges, powers), or read_response(..., held=True)"
        warnings.warn(f"{text}: {taken}; {advice}", DataWarning, stacklevel=4)


def _like(name: str, array: np.ndarray, times: np.ndarray) -> np.ndarray:
    if array.ndim and array.shape != times.shape:
        raise ParameterError(f"{name} must have the shape of times {times.shape}, got {array.shape}")
    return np.array(np.broadcast_to(array, times.shape))
