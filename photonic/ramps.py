"""Hysteresis in time: the loop that a ring draws while its power goes up and down again."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from photonic.device import check_points, check_power
from photonic.devices import RingDevice, RingThrough
from photonic.drive import Drive
from photonic.dynamics import simulate
from photonic.errors import TIMES, ParameterError, one_number, unknown_name
from photonic.events import Jump, jumps
from photonic.piecewise import QUANTITIES
from photonic.ring import Ring
from photonic.stability import OperatingPoint, SteadyState, folds
from photonic.trace import Trace

__all__ = ["Hysteresis", "hysteresis"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Hysteresis:
    """A loop from 0 to ``power_max`` and back within ``duration``.

    Attributes
    ----------
    power_max, duration : float
        [W] and [s].
    trace : Trace
        The simulation with dense output; its samples are evenly spaced in power.
    jumps : tuple of Jump
        Switches on the way, as `photonic.jumps` defines them.
    folds : tuple of OperatingPoint
        Where branches end below ``power_max``: where an infinitely slow loop would switch.
    """

    power_max: float
    duration: float
    trace: Trace
    jumps: tuple[Jump, ...]
    folds: tuple[OperatingPoint, ...]

    @property
    def turn(self) -> int:
        """Sample at which the power is largest."""
        return (self.trace.times.size - 1) // 2

    @property
    def up_jumps(self) -> tuple[Jump, ...]:
        """Jumps while the power rises."""
        return tuple(jump for jump in self.jumps if jump.time <= self.duration / 2)

    @property
    def down_jumps(self) -> tuple[Jump, ...]:
        """Jumps while the power falls."""
        return tuple(jump for jump in self.jumps if jump.time > self.duration / 2)

    @property
    def up_power(self) -> float:
        """Input power of the first jump on the way up [W]; NaN without one."""
        return self.up_jumps[0].power if self.up_jumps else math.nan

    @property
    def down_power(self) -> float:
        """Input power of the first jump on the way down [W]; NaN without one."""
        return self.down_jumps[0].power if self.down_jumps else math.nan

    def branch(self, quantity: str, direction: str = "up") -> tuple[np.ndarray, np.ndarray]:
        """Input power [W] and a ``quantity`` of the trace on the way "up" or "down"."""
        if direction not in ("up", "down"):
            raise ParameterError(f"direction must be up or down, got {direction!r}")
        if not isinstance(quantity, str) or quantity not in QUANTITIES:
            raise unknown_name("quantity", quantity, QUANTITIES)
        part = slice(0, self.turn + 1) if direction == "up" else slice(self.turn, None)
        return self.trace.power_in[part], getattr(self.trace, quantity)[part]

    def as_dict(self) -> dict[str, Any]:
        """Plain mapping for JSON."""
        return {
            "power_max": self.power_max,
            "duration": self.duration,
            "jumps": [{**vars(jump), "up": jump.up} for jump in self.jumps],
            "folds": [point.as_dict() for point in self.folds],
        }


def hysteresis(
    ring: Ring | RingDevice,
    power_max: float,
    duration: float,
    *,
    detuning: float | None = None,
    initial: Mapping[str, Any] | SteadyState | Trace | None = None,
    points: int = 2001,
    ratio: float = 20.0,
    rtol: float = 1e-9,
    progress: Callable[[float], None] | None = None,
) -> Hysteresis:
    """The loop of a ring under a triangle of power, and where it jumps.

    A ring passes a fold late, the more so the faster the ramp: where P passes P_fold at the rate v,
    the delay of a saddle-node goes as v^(2/3) (P. Jung et al., Phys. Rev. Lett. 65, 1873 (1990)),
    so that eight times the duration brings the jump four times as near. Three times the longest
    lifetime and less is no sweep at all.

    Parameters
    ----------
    ring : Ring or ring device
    power_max : float
        Top of the triangle [W], > 0.
    duration : float
        From 0 to ``power_max`` and back [s]; memory grows with it, some MB for each µs.
    detuning : float
        Laser minus cold resonance [rad/s]; only for a bare ring.
    initial : mapping, SteadyState or Trace
        State at the start, as for `simulate`; left out: a cold ring.
    points : int
        Samples of the trace, odd so that one is at the turn.
    ratio : float
        How much faster than the drive a jump is [1]; see `photonic.jumps`.
    rtol : float
        Of the integration [1].
    progress : callable
        Called with the share done [1].

    Raises
    ------
    ParameterError
        A number is out of bounds.

    Examples
    --------
    >>> from photonic.parameters import VAN_VAERENBERGH_2012
    >>> ring = VAN_VAERENBERGH_2012.with_effects(heating=False)
    >>> loop = hysteresis(ring, 1.6e-3, 10e-6, detuning=ring.detuning(half_linewidths=5))
    >>> [f"{1e3 * point.power:.3f} mW" for point in loop.folds]
    ['1.399 mW', '0.339 mW']
    >>> f"up at {1e3 * loop.up_power:.3f} mW, down at {1e3 * loop.down_power:.3f} mW"
    'up at 1.430 mW, down at 0.332 mW'
    """
    top = one_number("power_max", power_max, unit="W", above=0.0)
    check_power("power_max", top, above=0.0)
    duration = one_number("duration", duration, unit="s", above=0.0, plausible=(1e-15, 1.0), scales=TIMES)
    check_points(points, 3)
    if points % 2 == 0:
        raise ParameterError(f"points must be odd, so that one is at the turn, got {points!r}")
    ends = folds(ring, detuning)
    device = ring if isinstance(ring, RingDevice) else RingThrough(ring, detuning)
    middle = duration / 2

    def triangle(time: Any) -> Any:
        return top * np.clip(1 - np.abs(time / middle - 1), 0.0, None)

    half = (int(points) - 1) // 2
    drive = Drive.sampled(triangle, 0.0, duration, known=[middle], tolerance=1e-10)
    times = np.concatenate([np.linspace(0, middle, half + 1), np.linspace(middle, duration, half + 1)[1:]])
    trace = simulate(device, drive, times, initial=initial, rtol=rtol, dense=True, progress=progress)
    return Hysteresis(
        power_max=top,
        duration=duration,
        trace=trace,
        jumps=jumps(trace, ratio=ratio),
        folds=tuple(point for point in ends if point.power <= top),
    )
