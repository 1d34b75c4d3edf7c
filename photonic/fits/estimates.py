"""A fitted number and how sure it is."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from photonic.fits.free_parameters import FreeParameter
from photonic.fits.profiles import Profile

__all__ = ["Estimate", "Estimates"]

_AT_END = 12.0  # inner coordinate of a logit beyond which a value is at its bound


@dataclass(frozen=True)
class Estimate:
    """A fitted number [``unit``].

    ``standard_error`` is infinite where the data do not hold the number. ``wald_interval`` follows from it
    in the coordinate of the search, ``profile_interval`` from the profile likelihood (None if not asked for);
    ``interval`` (95 %) is the latter if there is one. An end that the data do not set is that of the bounds,
    or infinite, or 0. ``at_bound`` says that the search ended at a bound, or at the limits within which a
    number without bounds is searched: a factor (or that many steps) of 300 from its start.
    """

    name: str
    value: float
    unit: str
    standard_error: float
    wald_interval: tuple[float, float]
    profile_interval: tuple[float, float] | None
    start: float
    bounds: tuple[float, float] | None
    at_bound: bool

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval: by profile likelihood where it was made."""
        return self.wald_interval if self.profile_interval is None else self.profile_interval

    @classmethod
    def made(
        cls, free: FreeParameter, u: float, error: float, quantile: float, profile: Profile | None, lost: bool
    ) -> Estimate:
        """From the inner coordinate ``u``, its standard error and its profile."""
        if lost:
            error = math.inf
        ends = None if profile is None else _interval(free, profile.low, profile.high)
        step = quantile * error
        return cls(
            name=free.label,
            value=free.value(u),
            unit=free.unit,
            standard_error=error * abs(free.slope(u)) if math.isfinite(error) else math.inf,
            wald_interval=_interval(free, u - step, u + step),
            profile_interval=ends,
            start=free.start,
            bounds=free.bounds,
            at_bound=abs(u) > _AT_END if free.bounds is not None else not _between(u, free.walls),
        )

    def as_dict(self) -> dict[str, Any]:
        """Fit for JSON; ends that are not set are None."""
        return {
            "value": self.value,
            "unit": self.unit,
            "standard_error": _finite(self.standard_error),
            "interval": [_finite(v) for v in self.interval],
            "wald_interval": [_finite(v) for v in self.wald_interval],
            "profile_interval": self.profile_interval and [_finite(v) for v in self.profile_interval],
            "start": self.start,
            "bounds": self.bounds and list(self.bounds),
            "at_bound": self.at_bound,
        }

    @classmethod
    def from_dict(cls, name: str, stored: dict[str, Any]) -> Estimate:
        """What `as_dict` wrote."""

        def ends(pair: Any) -> tuple[float, float]:
            low, high = pair
            return (-math.inf if low is None else low, math.inf if high is None else high)

        error, profiled, bounds = (stored[k] for k in ("standard_error", "profile_interval", "bounds"))
        return cls(
            name=name,
            value=stored["value"],
            unit=stored["unit"],
            standard_error=math.inf if error is None else error,
            wald_interval=ends(stored["wald_interval"]),
            profile_interval=None if profiled is None else ends(profiled),
            start=stored["start"],
            bounds=None if bounds is None else (bounds[0], bounds[1]),
            at_bound=stored["at_bound"],
        )


class Estimates(dict[str, Estimate]):
    """Estimates by name; "ring." may be left out in asking for one."""

    def __missing__(self, name: str) -> Estimate:
        if f"ring.{name}" in self:
            return self[f"ring.{name}"]
        raise KeyError(f"{name}: no such estimate; there are {', '.join(self)}")


def _interval(free: FreeParameter, low: float, high: float) -> tuple[float, float]:
    """Values at two inner coordinates, rising; the ends of the scale where they are too far to reckon."""
    ends = free.ends
    values = [_value(free, u, ends) for u in (low, high)]
    return min(values), max(values)


def _value(free: FreeParameter, u: float, ends: tuple[float, float]) -> float:
    if abs(u - free.inner(free.start)) < 300 * (1e6 if free.kind == "linear" else 1):
        return free.value(u)
    rising = free.slope(free.inner(free.start)) > 0
    return ends[1] if (u > 0) == rising else ends[0]


def _between(u: float, walls: tuple[float, float]) -> bool:
    return walls[0] + 0.1 < u < walls[1] - 0.1


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
