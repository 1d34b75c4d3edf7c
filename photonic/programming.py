"""Heater settings for a wanted activation: which bias of a device comes closest to a target.

The curve of a device is explicit in the stored energy, so a seeded global search over some
thousand biases costs no root finding; the best of them are refined by bounded least squares.
Offset and gain of the read-out are solved exactly for every candidate (variable projection:
Golub and Pereyra, SIAM J. Numer. Anal. 10, 413 (1973)).
"""

from __future__ import annotations

import dataclasses
import math
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from photonic.cavity import Cavity
from photonic.curve import Curve
from photonic.device import check_power
from photonic.devices import CavityLoadedMZI
from photonic.errors import ConvergenceError, ParameterError, check, shown
from photonic.heaters import HeaterPower, Heaters
from photonic.ring_device import RingDevice
from photonic.small_signal import unstable_oscillation
from photonic.targets import Target, target_named
from photonic.units import engineering

__all__ = ["Programmed", "program"]

GRID = np.linspace(0, 1, 101)  # x = P_in/full scale on which every score is computed
SMALLEST_SWING = 0.05  # of full scale; less cannot be told from noise
_STARTS = 2048  # Sobol points
_REFINED = 12  # of which this many are followed downhill for ten steps,
_FINISHED = 4  # and of those this many to the end
_ENERGIES = 48  # points of a parametric curve in the global search


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Programmed:
    """A device biased for a target, and how well it does.

    ``target(x) ≈ gain · P_out/power_max + offset`` with x = P_in/power_max; ``rmse``,
    ``r_squared`` and ``largest_error`` are those of this relation on 101 equal steps of x, in
    units of the target. ``line_r_squared`` is what the best straight line would score: R² alone
    flatters. ``curve`` is the raw physical curve.

    ``heater_power`` sets the device up. With frozen heat its ring heater supplies less, by what inputs
    spread evenly over the range heat the ring in the mean: ``mean_temperature`` [K], which moves the
    resonance by ``mean_offset`` [rad/s].
    """

    device: Any
    curve: Curve
    target: Target
    shape: tuple[float, ...]
    power_max: float
    rmse: float
    r_squared: float
    largest_error: float
    line_r_squared: float
    gain: float
    offset: float
    seed: int
    mean_temperature: float = 0.0
    mean_offset: float = 0.0
    heater_power: HeaterPower = field(default_factory=HeaterPower)

    def __repr__(self) -> str:
        return (
            f"Programmed({self.target.name}, {self.regime}, full scale {engineering(self.power_max, 'W')}, "
            f"R² {self.r_squared:.5f}, largest error {self.largest_error:.2g}, "
            f"heaters {engineering(self.heater_power.total, 'W')})"
        )

    @property
    def regime(self) -> str:
        return str(self.curve.regime)

    def wanted(self, x: Any = GRID) -> np.ndarray:
        """The target at x = P_in/power_max [1]."""
        return np.asarray(self.target(np.asarray(x, dtype=float), *self.shape))

    def reached(self, x: Any = GRID) -> np.ndarray:
        """gain · P_out/power_max + offset at x = P_in/power_max [1]."""
        power_out = self.curve(np.asarray(x, dtype=float) * self.power_max)
        return self.gain * power_out / self.power_max + self.offset


def program(
    device: RingDevice,
    target: str | Target | Callable[[Any], Any],
    power_max: float,
    free: tuple[str, ...] | None = None,
    gain: Literal["free"] | float = "free",
    *,
    bounds: Mapping[str, tuple[float, float]] | None = None,
    heaters: Heaters | None = None,
    seed: int = 0,
) -> Programmed:
    """Bias of ``device`` whose curve comes closest to ``target``.

    Parameters
    ----------
    device : ring device
        Settings that are not ``free`` stay as they are; its effects say the regime.
    target : str, Target or callable
        A name of `photonic.targets.TARGETS`, or a function of x = P_in/full scale in [0, 1].
    power_max : float
        Full-scale input power [W]; its upper bound if ``"power"`` is free (lower: 1 %).
    free : tuple of str
        Of ``"detuning", "arm_phase", "input_coupling", "output_coupling", "power"``; by default
        all that the device has, without the power.
    gain : "free" or float
        Read-out gain from P_out/power_max to the target; the offset is always free.
    bounds : mapping
        Of a setting, in its SI unit, instead of the default: detuning within ±3 half-linewidths,
        couplings within [0.05, 0.95], any phase.
    heaters : Heaters
        What sets the device; the default `Heaters` if left out.
    seed : int
        Of the Sobol points: same seed, same result.

    Returns
    -------
    Programmed

    Raises
    ------
    ParameterError
        Unknown target or setting, ``power_max`` not positive.
    ConvergenceError
        No single-valued, stable curve with a swing of 5 % of full scale was found.

    Examples
    --------
    >>> from photonic import CavityLoadedMZI, program
    >>> from photonic.parameters import VAN_VAERENBERGH_2012
    >>> ring = VAN_VAERENBERGH_2012.with_effects(heating=False)
    >>> found = program(CavityLoadedMZI(ring, 0.0, 0.0), "softplus", 0.2e-3)
    >>> found.r_squared > 0.9999
    True
    """
    search = _Search(device, target_named(target), power_max, free, gain, bounds)
    starts = sorted((search.descent(theta, 10) for theta in search.global_search(seed)), key=lambda d: d[0])
    best: Programmed | None = None
    for _, theta in starts[:_FINISHED]:
        found = search.scored(search.descent(theta, 80)[1], seed)
        if found is not None and (best is None or found.r_squared > best.r_squared):
            best = found
    if best is None:
        raise ConvergenceError(
            f"no single-valued, stable {search.target.name} curve with a swing of {SMALLEST_SWING:.0%} of "
            f"full scale below {power_max:g} W was found: raise power_max or free more settings"
        )
    kelvin = offset = 0.0
    if best.regime == "frozen heat" and device.ring.thermal_lifetime is not None:
        kelvin, offset = best.device.mean_heating(GRID * best.power_max)
    power = (heaters or Heaters()).power(best.device, mean_offset=offset)
    return dataclasses.replace(best, mean_temperature=kelvin, mean_offset=offset, heater_power=power)


class _Search:
    """The space of free settings and shape parameters, all mapped to [0, 1]."""

    def __init__(
        self,
        device: RingDevice,
        target: Target,
        power_max: float,
        free: tuple[str, ...] | None,
        gain: Literal["free"] | float,
        bounds: Mapping[str, tuple[float, float]] | None,
    ) -> None:
        if not isinstance(device, RingDevice):
            raise ParameterError(f"device must hold a ring (CavityLoadedMZI, ...), got {shown(device)}")
        device._check_curve(power_max, GRID.size, "single")
        if gain != "free":
            check("gain", gain, unit="[1]", above=0.0)
        self.device, self.target, self.power_max, self.gain = device, target, float(power_max), gain
        default = self._default_bounds(device)
        if isinstance(free, str):
            free = (free,)
        self.free = tuple(free) if free is not None else tuple(name for name in default if name != "power")
        for name in (*self.free, *(bounds or {})):
            if name not in default:
                raise ParameterError(f"cannot program {name!r}: this device has {', '.join(default)}")
        if not self.free:
            raise ParameterError("free must name at least one setting")
        chosen = {**default, **(bounds or {})}
        for name, box in chosen.items():
            check(f"bounds of {name}", box)
            if np.shape(box) != (2,):
                raise ParameterError(f"bounds of {name} must be (lowest, highest), got {box!r}")
            low, high = box
            if not low < high:
                raise ParameterError(f"bounds of {name} must rise, got ({low:g}, {high:g})")
            if name == "power":
                check_power("bounds of power", box, above=0.0)
                chosen[name] = (math.log(low), math.log(high))
        boxes = [chosen[name] for name in self.free] + list(target.boxes.values())
        self.low, self.high = np.array(boxes, dtype=float).T

    def _default_bounds(self, device: RingDevice) -> dict[str, tuple[float, float]]:
        half = float(device.ring.linewidth) / 2
        found = {"detuning": (-3 * half, 3 * half)}
        if isinstance(device, CavityLoadedMZI):
            found["input_coupling"] = found["output_coupling"] = (0.05, 0.95)
            found["arm_phase"] = (0.0, 2 * math.pi)
        found["power"] = (0.01 * self.power_max, self.power_max)
        return found

    def settings(self, theta: np.ndarray) -> tuple[Any, np.ndarray, np.ndarray]:
        """(device, full scale [W], shape parameters) of points ``theta`` (..., d) in [0, 1]."""
        values = self.low + theta * (self.high - self.low)
        named = {name: values[..., i, None] for i, name in enumerate(self.free)}
        power = (
            np.exp(named.pop("power"))
            if "power" in named
            else np.full((*theta.shape[:-1], 1), self.power_max)
        )
        if "arm_phase" in named:
            named["arm_phase"] = named["arm_phase"] % (2 * math.pi)
        return dataclasses.replace(self.device, **named), power, values[..., len(self.free) :, None]  # type: ignore[type-var]

    # ----------------------------------------------------------------- global
    def global_search(self, seed: int) -> list[np.ndarray]:
        """The best of 2,048 Sobol points, best first, no two of them close."""
        from scipy.stats import qmc

        settings = len(self.free)
        theta = qmc.Sobol(settings, seed=seed).random(_STARTS)
        device, power, _ = self.settings(
            np.pad(theta, ((0, 0), (0, len(self.target.boxes))), constant_values=0.5)
        )
        cavity = device.cavity()
        x, y, valid = self._parametric(device, cavity, power)
        weight = np.gradient(x, axis=-1)
        weight = weight / weight.sum(-1, keepdims=True)
        shapes = self._shape_grid()
        score, which = np.full(_STARTS, -np.inf), np.zeros(_STARTS, dtype=int)
        for index, shape in enumerate(shapes):
            real = self.low[settings:] + shape * (self.high - self.low)[settings:]
            r2 = _weighted_r_squared(y, self.target(x, *real), weight, self.gain)
            better = r2 > score
            score, which = np.where(better, r2, score), np.where(better, index, which)
        score = np.where(valid & (np.ptp(y, axis=-1) >= SMALLEST_SWING), score, -np.inf)
        chosen: list[np.ndarray] = []
        for index in np.argsort(-score)[:400]:
            if not np.isfinite(score[index]) or len(chosen) == _REFINED:
                break
            point = np.concatenate([theta[index], shapes[which[index]]])
            if all(np.max(np.abs(point[:settings] - other[:settings])) > 0.1 for other in chosen):
                chosen.append(point)
        return chosen

    def _shape_grid(self) -> np.ndarray:
        axes = [np.linspace(0.0, 1.0, 5)] * len(self.target.boxes)
        return (
            np.array(np.meshgrid(*axes, indexing="ij")).reshape(len(axes), -1).T if axes else np.zeros((1, 0))
        )

    def _parametric(
        self, device: Any, cavity: Cavity, power: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(x, P_out/full scale, single-valued and stable?) along the energy, shape (n, energies)."""
        driven = power * device.ring_fraction
        valid = (driven < cavity.single_valued_limit())[..., 0]
        top = cavity.invert(driven, 0.0, cavity.largest_energy(driven))
        energy = top * np.linspace(0, 1, _ENERGIES) ** 1.5
        with np.errstate(all="ignore"):
            re, im = device.field(cavity, energy)
            x = np.where(valid[:, None], cavity.input_power(energy) / driven, np.linspace(0, 1, _ENERGIES))
        valid &= ~np.any(unstable_oscillation(cavity, energy[:, 1::4]), axis=-1)
        return x, (re * re + im * im) * x, valid

    # ----------------------------------------------------------------- local
    def residual(self, theta: np.ndarray, folds: bool = True) -> np.ndarray:
        """Misfit on `GRID` at points ``theta`` (n, d), its sum of squares 1 − R²; 1 where not allowed.

        ``folds=False`` leaves out the look for folds, for points right beside one that has been checked.
        """
        device, power, shape = self.settings(theta)
        cavity = device.cavity()
        driven = GRID * power * device.ring_fraction
        valid = np.ones(theta.shape[0], dtype=bool)
        if folds:
            valid = (driven[:, -1:] < cavity.single_valued_limit())[..., 0]
        result = np.ones((theta.shape[0], GRID.size))
        energy = cavity.invert(driven, 0.0, cavity.largest_energy(driven[:, -1:]))
        re, im = device.field(cavity, energy)
        y = (re * re + im * im) * GRID
        valid &= np.ptp(y, axis=-1) >= SMALLEST_SWING
        wanted = np.broadcast_to(self.target(GRID, *np.moveaxis(shape, -2, 0)), y.shape)
        gain, offset = _projection(y, wanted, 1 / GRID.size, self.gain)
        error = (wanted - gain[:, None] * y - offset[:, None]) / np.std(wanted, axis=-1, keepdims=True)
        result[valid] = error[valid] / math.sqrt(GRID.size)  # sum of squares 1 − R²
        return result

    def descent(self, theta: np.ndarray, evaluations: int) -> tuple[float, np.ndarray]:
        """(sum of squares, point) after bounded least squares from ``theta``."""
        from scipy.optimize import least_squares

        step = 1e-6

        def jacobian(point: np.ndarray) -> np.ndarray:
            sign = np.where(point > 0.5, -1.0, 1.0)
            values = self.residual(np.vstack([point, point + np.diag(sign * step)]), folds=False)
            return np.asarray(((values[1:] - values[0]) / (sign * step)[:, None]).T)

        # The arm phase is periodic: its box is widened by a turn on either side.
        turns = np.array([float(name == "arm_phase") for name in self.free] + [0.0] * len(self.target.boxes))
        fit = least_squares(
            lambda point: self.residual(point[None])[0],
            theta,
            jacobian,
            bounds=(-turns, 1 + turns),
            xtol=1e-9,
            ftol=1e-9,
            gtol=1e-12,
            max_nfev=evaluations,
        )
        return float(fit.cost), np.clip(fit.x, -turns, 1 + turns)

    def scored(self, theta: np.ndarray, seed: int) -> Programmed | None:
        """The result at ``theta``; None where its curve folds, self-pulsates or hardly moves."""
        batch, powers, shapes = self.settings(theta)
        settings = {name: float(getattr(batch, name)[0]) for name in self.free if name != "power"}
        device: Any = dataclasses.replace(self.device, **settings)  # type: ignore[type-var]
        power, shape = float(powers[0]), tuple(float(v) for v in shapes[:, 0])
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                curve = device.curve(power)
        except ParameterError:  # a fold or a Hopf point inside the range
            return None
        y, wanted = curve(GRID * power) / power, np.asarray(self.target(GRID, *shape))
        if np.ptp(y) < SMALLEST_SWING:
            return None
        gain, offset = (float(v) for v in _projection(y, wanted, 1 / GRID.size, self.gain))
        error = wanted - gain * y - offset
        spread = float(np.sum((wanted - wanted.mean()) ** 2))
        return Programmed(
            device=device,
            curve=curve,
            target=self.target,
            shape=shape,
            power_max=power,
            rmse=float(np.sqrt(np.mean(error**2))),
            r_squared=1 - float(np.sum(error**2)) / spread,
            largest_error=float(np.max(np.abs(error))),
            line_r_squared=float(np.corrcoef(GRID, wanted)[0, 1] ** 2),
            gain=gain,
            offset=offset,
            seed=seed,
        )


def _projection(
    y: np.ndarray, wanted: np.ndarray, weight: Any, gain: Literal["free"] | float
) -> tuple[np.ndarray, np.ndarray]:
    """Gain (positive) and offset that minimise Σ w (wanted − gain·y − offset)² along the last axis."""
    mean_y, mean_t = np.sum(weight * y, axis=-1), np.sum(weight * wanted, axis=-1)
    if gain == "free":
        dy, dt = y - mean_y[..., None], wanted - mean_t[..., None]
        slope = np.sum(weight * dy * dt, axis=-1) / np.maximum(np.sum(weight * dy * dy, axis=-1), 1e-300)
        slope = np.maximum(slope, 0.0)
    else:
        slope = np.full(mean_y.shape, float(gain))
    return slope, mean_t - slope * mean_y


def _weighted_r_squared(
    y: np.ndarray, wanted: np.ndarray, weight: np.ndarray, gain: Literal["free"] | float
) -> np.ndarray:
    slope, offset = _projection(y, wanted, weight, gain)
    error = wanted - slope[:, None] * y - offset[:, None]
    mean = np.sum(weight * wanted, axis=-1)
    return 1 - np.sum(weight * error**2, axis=-1) / np.sum(weight * (wanted - mean[:, None]) ** 2, axis=-1)
