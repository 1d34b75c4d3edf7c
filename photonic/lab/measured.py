"""A measured power curve: what went in, what came out, how sure, and which way the power went."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from photonic.branches import Sweep
from photonic.errors import ParameterError, check, real_numbers
from photonic.lab.planes import ReferencePlane

if TYPE_CHECKING:
    from photonic.curve import Curve

__all__ = ["Measured"]

_SWEEPS: dict[int, Sweep] = {0: "single", 1: "up", -1: "down"}


@dataclass(frozen=True, eq=False)
class Measured:
    """Output power against input power, point by point in the order of the measurement.

    Parameters
    ----------
    power_in : array_like, shape (n,)
        Input power [W], not negative.
    power_out : array_like, shape (n,)
        Output power [W]; a little below 0 where a dark level has been taken off.
    sigma : array_like, shape (n,) or one number, optional
        Standard deviation of one reading of the output power [W], > 0.
    metadata : mapping
        Anything to keep with the data (JSON types).
    repeats : array_like of int, shape (n,), optional
        How many readings each point is the mean of; one if left out.
    direction : array_like of int, shape (n,), optional
        +1 where the power was being raised, −1 where it was being lowered, 0 where it does not
        matter. A bistable response is taken on the branch that belongs to it.
    plane : ReferencePlane
        What has been taken off the readings already; see `at_device`.

    Raises
    ------
    ParameterError
        Arrays of unlike shapes, negative input, numbers that are not finite.

    Examples
    --------
    >>> data = Measured([0.0, 1e-3, 2e-3], [0.0, 0.4e-3, 0.9e-3], sigma=1e-5)
    >>> data
    Measured(3 points, 0 W to 2 mW, sigma 10 µW, single)
    """

    power_in: Any
    power_out: Any
    sigma: Any = None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    repeats: Any = None
    direction: Any = None
    plane: ReferencePlane = field(default_factory=ReferencePlane)

    def __post_init__(self) -> None:
        from photonic.device import check_power

        check_power("power_in", self.power_in)
        x = _column("power_in", self.power_in, unit="W")
        y = _column("power_out", self.power_out, unit="W")
        if y.shape != x.shape:
            raise ParameterError(f"power_out must have the shape of power_in {x.shape}, got {y.shape}")
        if x.size == 0:
            raise ParameterError("power_in must hold at least 1 point, got none")
        low, high = float(y.min()), float(y.max())
        if low < 0 and -low > 0.2 * max(high, 0.0):
            raise ParameterError(
                f"power_out must be >= 0 W but for noise, got {low:g} W (largest {high:g} W)"
            )
        if high > 0:
            check_power("power_out", np.maximum(y, 0.0))
        columns: dict[str, Any] = {"power_in": x, "power_out": y}
        if self.sigma is not None:
            sigma = real_numbers("sigma", self.sigma, unit="W", above=0.0)
            columns["sigma"] = _like("sigma", sigma, x)
        for name, least, most in (("repeats", 1, None), ("direction", -1, 1)):
            value = getattr(self, name)
            given = np.full(x.shape, 1 if name == "repeats" else 0) if value is None else np.asarray(value)
            check(name, given, at_least=least, at_most=most)
            if np.any(given != np.round(given)):
                raise ParameterError(f"{name} must hold whole numbers, got {given!r}")
            columns[name] = _like(name, given.astype(int), x)
        if not isinstance(self.plane, ReferencePlane):
            raise ParameterError(f"plane must be a ReferencePlane, got {self.plane!r}")
        for name, array in columns.items():
            array.setflags(write=False)
            object.__setattr__(self, name, array)

    def __repr__(self) -> str:
        from photonic.units import engineering as text

        ways = "+".join(dict.fromkeys(_SWEEPS[int(d)] for d in self.direction))
        noise = "" if self.sigma is None else f", sigma {text(float(np.median(self.sigma)), 'W')}"
        low, high = float(self.power_in.min()), float(self.power_in.max())
        return f"Measured({self.power_in.size} points, {text(low, 'W')} to {text(high, 'W')}{noise}, {ways})"

    def __len__(self) -> int:
        return int(self.power_in.size)

    @property
    def standard_error(self) -> np.ndarray | None:
        """Standard deviation of each point [W], the mean of its ``repeats``; None without ``sigma``."""
        return None if self.sigma is None else self.sigma / np.sqrt(self.repeats)

    @property
    def sweeps(self) -> tuple[Sweep, ...]:
        """Which of "single", "up" and "down" occur, in this order."""
        present = set(self.direction.tolist())
        return tuple(_SWEEPS[d] for d in (0, 1, -1) if d in present)

    def parts(self) -> Iterator[tuple[Sweep, Measured]]:
        """The points of each sweep, in the order of `sweeps`."""
        for d, name in _SWEEPS.items():
            if np.any(self.direction == d):
                yield name, self.take(self.direction == d)

    def take(self, which: Any) -> Measured:
        """Some of the points: a slice, a mask or indices."""
        names = ("power_in", "power_out", "repeats", "direction")
        chosen = {name: getattr(self, name)[which] for name in names}
        sigma = None if self.sigma is None else self.sigma[which]
        return dataclasses.replace(self, sigma=sigma, **chosen)

    def swept(self, sweep: Literal["single", "up", "down"]) -> Measured:
        """The same points, all taken on one sweep."""
        for d, name in _SWEEPS.items():
            if name == sweep:
                return dataclasses.replace(self, direction=np.full(self.power_in.shape, d))
        raise ParameterError(f"sweep must be 'single', 'up' or 'down', got {sweep!r}")

    def curve(
        self,
        sweep: Literal["single", "up", "down"] | None = None,
        *,
        method: Literal["auto", "spline", "monotone"] = "auto",
    ) -> Curve:
        """Transfer curve through the readings, without a model of the device.

        A penalised cubic spline, as smooth as leaving out each reading in turn advises, and kept by
        the `photonic.Curve` without loss: values, slopes and the range are those of the fit. It ends
        at the first and the last reading and never goes below 0 W. Readings are weighed by ``sigma``
        and ``repeats``; without ``sigma`` the noise is found from the residuals and from readings at
        the same power, as σ² = floor² + (relative·P_out)². Either way the curve's ``sigma`` is the
        noise band of one reading (None where too few readings leave it unknown).

        A sweep with a direction may jump from one branch to another: the curve then has smooth
        pieces, prolonged to the middle of the gap between the readings on the two sides of the jump.
        ``metadata["curve"]`` says what was done: method, constraint and penalty of each piece,
        degrees of freedom, error on unseen readings [W], standard error of the curve [W], jumps,
        noise.

        Parameters
        ----------
        sweep : {"single", "up", "down"}, optional
            Which readings; may be left out where there is one sweep only.
        method : {"auto", "spline", "monotone"}
            "monotone" keeps the curve rising or falling throughout; "auto" does so where that
            foretells left-out readings at least as well. With 4 to 7 powers the curve goes through
            the readings (monotone between them), and says so.

        Raises
        ------
        ParameterError
            Several sweeps and none chosen, a sweep that is not there, fewer than 4 different powers.

        Examples
        --------
        >>> import numpy as np
        >>> power = np.linspace(0, 1e-3, 60)
        >>> noise = 1e-6 * np.random.default_rng(0).normal(size=60)
        >>> curve = Measured(power, 0.4e-3 * np.tanh(power / 0.3e-3) + noise).curve()
        >>> bool(abs(curve(0.5e-3) - 0.4e-3 * np.tanh(0.5 / 0.3)) < 1e-6)
        True
        >>> curve.metadata["curve"]["noise"]["from"]
        'residuals'
        """
        from photonic.lab.transfer_curves import transfer_curve

        return transfer_curve(self, sweep, method)

    def at_device(self, plane: ReferencePlane) -> Measured:
        """The same points as the device sees them, ``plane`` taken off and recorded.

        Raises
        ------
        ParameterError
            A plane has been taken off before.
        """
        if not isinstance(plane, ReferencePlane):
            raise ParameterError(f"plane must be a ReferencePlane, got {plane!r}")
        if self.plane != ReferencePlane():
            raise ParameterError(f"plane: {self.plane} has been taken off these readings already")
        sigma = None if self.sigma is None else self.sigma * plane.output_factor
        return dataclasses.replace(
            self,
            power_in=self.power_in * plane.input_factor,
            power_out=self.power_out * plane.output_factor,
            sigma=sigma,
            plane=plane,
        )


def _column(name: str, values: Any, **limits: Any) -> np.ndarray:
    array = np.array(real_numbers(name, values, **limits))
    if array.ndim != 1:
        raise ParameterError(f"{name} must be one-dimensional, got shape {array.shape}")
    return array


def _like(name: str, array: np.ndarray, column: np.ndarray) -> np.ndarray:
    if array.ndim and array.shape != column.shape:
        raise ParameterError(f"{name} must have the shape of power_in {column.shape}, got {array.shape}")
    return np.array(np.broadcast_to(array, column.shape))
