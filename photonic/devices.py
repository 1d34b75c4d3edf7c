"""What the light goes through: devices with one nonlinear ring between linear parts.

The field transfer of such a device is a linear combination of the ring's two transfers and a
constant, H = A + B t(U) + C d(U), and a fixed share of the input power drives the ring. So the
whole device is as explicit in the stored energy as the ring itself (`photonic.cavity`).
"""

from __future__ import annotations

import dataclasses
import warnings
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from photonic import regime as _regime
from photonic.cavity import STEP, Cavity, Sweep
from photonic.curve import Curve
from photonic.errors import OutsideValidityWarning, ParameterError, check, concrete
from photonic.namespace import is_foreign, namespace
from photonic.ring import Ring
from photonic.stability import hopf_energies

__all__ = ["CavityLoadedMZI", "RingDevice", "RingDrop", "RingThrough"]

_MILLIWATTS = {"milliwatts": 1e-3, "microwatts": 1e-6}
POWER_LIMIT = 100.0  # [W]; more than a silicon waveguide survives, so a mistaken unit


class RingDevice:
    """Common behaviour of devices with one nonlinear ring; see the subclasses."""

    ring: Ring
    detuning: Any

    # What a subclass says about itself -------------------------------------------------
    @property
    def ring_fraction(self) -> Any:
        """Share of the input power that drives the ring [1]."""
        return 1.0

    def _output(self, t: tuple[Any, Any], d: tuple[Any, Any]) -> tuple[Any, Any]:
        """Device field transfer (re, im) from those of the ring's through and drop port."""
        raise NotImplementedError

    # The ring in it ----------------------------------------------------------------------
    def cavity(self) -> Cavity:
        """The nonlinear ring at this device's detuning."""
        return Cavity(self.ring, self.detuning)

    @property
    def regime(self) -> str:
        """``"cw"`` with heating on, ``"frozen heat"`` with heating off."""
        return "cw" if self.ring.effects.heating else "frozen heat"

    def with_effects(self, **switches: bool) -> Any:
        """The same device with some effects of its ring switched."""
        return dataclasses.replace(self, ring=self.ring.with_effects(**switches))  # type: ignore[type-var]

    def frozen(self) -> Any:
        """The same device with its heat frozen (``heating=False``)."""
        return self.with_effects(heating=False)

    # Transfer ----------------------------------------------------------------------------
    def field(self, cavity: Cavity, energy: Any) -> tuple[Any, Any]:
        """Field transfer (re, im) of the device when its ring holds ``energy`` [J]."""
        return self._output(cavity.through(energy), cavity.drop(energy))

    def energy(self, power: Any, sweep: Sweep = "single", cavity: Cavity | None = None) -> Any:
        """Energy in the ring [J] at device input ``power`` [W], differentiable in everything.

        Solved on plain floats; then one Newton step in the caller's number type,
        U = U₀ − (P_in(U₀; θ) − P)/P_in′(U₀), carries exact first derivatives.
        """
        cavity = cavity or self.cavity()
        check("power", power, unit="W", at_least=0.0, plausible=(0.0, POWER_LIMIT), scales=_MILLIWATTS)
        driven = power * self.ring_fraction
        plain = self._plain_cavity(cavity)
        batch = np.ndim(concrete(cavity.detuning)) or any(np.ndim(concrete(v)) for v in cavity.c)
        if batch and sweep != "single":
            raise ParameterError("a batch of rings has no sweep direction: loop over the rings")
        energy = plain.batch_energies(driven) if batch else plain.energies(concrete(driven), sweep)
        slope = plain.power_slope(energy)
        self._warn_outside_validity(plain, energy)
        if is_foreign(driven) or is_foreign(cavity.detuning) or any(is_foreign(v) for v in cavity.c):
            like = next(v for v in (driven, cavity.detuning, *cavity.c) if is_foreign(v))
            xp = namespace(like)
            energy, slope = (xp.asarray(v, dtype=xp.float64, device=like.device) for v in (energy, slope))
        elif not _has_step(driven, cavity):
            return energy
        return energy - (cavity.input_power(energy) - driven) / slope

    def response(self, power: Any, sweep: Sweep = "single") -> Any:
        """Complex field transfer [1] at input ``power`` [W] (any shape)."""
        cavity = self.cavity()
        re, im = self.field(cavity, self.energy(power, sweep, cavity))
        return re + 1j * im

    def transfer(self, power: Any, sweep: Sweep = "single") -> Any:
        """Output power [W] at input ``power`` [W] (any shape): |response|² · power."""
        cavity = self.cavity()
        re, im = self.field(cavity, self.energy(power, sweep, cavity))
        return (re * re + im * im) * power

    def slope(self, power: Any, sweep: Sweep = "single") -> np.ndarray:
        """dP_out/dP_in [1] at input ``power`` [W], exact; one-sided at a jump."""
        cavity = self.cavity()
        return self._slope(cavity, self.energy(power, sweep, cavity))

    def _slope(self, cavity: Cavity, energy: np.ndarray) -> np.ndarray:
        out, inside = self._powers(cavity, energy + 1j * STEP)
        return np.imag(out) / np.imag(inside)

    def _powers(self, cavity: Cavity, energy: Any) -> tuple[Any, Any]:
        """(P_out, P_in) of the device [W] as functions of the stored energy."""
        inside = cavity.input_power(energy) / self.ring_fraction
        re, im = self.field(cavity, energy)
        return (re * re + im * im) * inside, inside

    def curve(self, power_max: float, points: int = 401, sweep: Sweep = "single") -> Curve:
        """Transfer curve from 0 to ``power_max`` [W], drawn parametrically in the stored energy.

        Raises
        ------
        ParameterError
            With ``sweep="single"``: the response is multivalued below ``power_max`` (the fold
            powers are named) or crosses a Hopf point (power and frequency are named).
        """
        self._check_power_max(power_max)
        if int(points) != points or points < 8:
            raise ParameterError(f"points must be an integer >= 8, got {points!r}")
        cavity = self.cavity()
        pieces = cavity.pieces(float(power_max) * float(self.ring_fraction), sweep)
        columns: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        for piece in pieces:
            edges = cavity.invert(np.array(piece.powers), *piece.energies)
            energy = self._spread(cavity, edges, max(8, points // len(pieces)))
            out, inside = self._powers(cavity, energy + 1j * STEP)
            with np.errstate(divide="ignore"):
                slope = np.imag(out) / np.imag(inside)
            x, y = inside.real.copy(), np.maximum(out.real, 0.0)
            x[0], x[-1] = (p / float(self.ring_fraction) for p in piece.powers)
            for end, near in ((0, 1), (-1, -2)):  # at a fold the slope diverges: take the secant
                if not np.isfinite(slope[end]) or abs(slope[end]) > 1e6:
                    slope[end] = (y[end] - y[near]) / (x[end] - x[near])
            columns.append((x, y, slope))
            self._warn_outside_validity(cavity, energy)
            self._refuse_hopf(cavity, energy, sweep)
        x, y, slope = (np.concatenate(parts) for parts in zip(*columns, strict=True))
        return Curve(x, y, slope=slope, regime=self.regime, branch=sweep, metadata=self._metadata())

    def _spread(self, cavity: Cavity, edges: np.ndarray, points: int) -> np.ndarray:
        """Energies between ``edges`` [J], dense where the input power or the energy moves fast."""
        pilot = edges[0] + (edges[1] - edges[0]) * np.linspace(0, 1, 129)
        power = cavity.input_power(pilot)
        share = (power - power[0]) / (power[-1] - power[0]) + np.linspace(0, 1, 129)
        energy = np.interp(np.linspace(0, 2, points), share, pilot)
        energy[0], energy[-1] = edges
        return energy

    def _refuse_hopf(self, cavity: Cavity, energy: np.ndarray, sweep: Sweep) -> None:
        if sweep != "single":
            return
        found = hopf_energies(cavity, energy[:: max(1, energy.size // 200)])
        if found:
            power = float(cavity.input_power(found[0][0])) / float(self.ring_fraction)
            raise ParameterError(
                f"the response self-pulsates above {power:.6g} W (Hopf point at {found[0][1]:.4g} Hz): "
                "choose a smaller power_max or another detuning, or sweep='up' to draw it all the same"
            )

    # Both ports, heat and validity -------------------------------------------------------
    def ports(self, energy: float) -> tuple[float, float]:
        """Power transmission to (through or bar, drop or cross) when the ring holds ``energy`` [J]."""
        cavity = self.cavity()
        shares = (re**2 + im**2 for re, im in (cavity.through(energy), cavity.drop(energy)))
        return tuple(float(v) for v in shares)  # type: ignore[return-value]

    def mean_heating(self, powers: Any, duty: float = 1.0) -> tuple[float, float]:
        """Mean temperature rise [K] and detuning offset [rad/s]; see `photonic.regime.mean_heating`."""
        return _regime.mean_heating(self, powers, duty)

    def symbol_window(self, powers: Any, tolerance: float = 0.05) -> _regime.SymbolWindow | None:
        """Symbol times [s] for which the frozen-heat curve holds; see `photonic.regime.symbol_window`."""
        return _regime.symbol_window(self, powers, tolerance)

    def _check_power_max(self, power_max: Any) -> None:
        check("power_max", power_max, unit="W", above=0.0, plausible=(1e-12, POWER_LIMIT), scales=_MILLIWATTS)

    def _metadata(self) -> dict[str, Any]:
        return {"device": type(self).__name__}

    def _plain_cavity(self, cavity: Cavity) -> Cavity:
        if not _needs_plain(cavity):
            return cavity
        return Cavity(self.ring.plain(), concrete(cavity.detuning)[()])

    def _warn_outside_validity(self, cavity: Cavity, energy: np.ndarray) -> None:
        for text in _regime.outside_validity(cavity, energy):
            warnings.warn(text, OutsideValidityWarning, stacklevel=4)


def _has_step(driven: Any, cavity: Cavity) -> bool:
    """Whether a complex step runs through the numbers, so that derivatives are wanted."""
    return any(np.iscomplexobj(v) for v in (driven, cavity.detuning, *cavity.c))


def _needs_plain(cavity: Cavity) -> bool:
    values = (cavity.detuning, *cavity.c, cavity.ring.index_per_carrier)
    return any(is_foreign(v) or np.iscomplexobj(v) for v in values)


@dataclass(frozen=True, kw_only=False, eq=False)
class RingThrough(RingDevice):
    """The through port of a ring: ``RingThrough(ring, detuning)``, detuning in [rad/s]."""

    ring: Ring
    detuning: Any

    def __post_init__(self) -> None:
        check("detuning", self.detuning, unit="rad/s")

    def _output(self, t: tuple[Any, Any], d: tuple[Any, Any]) -> tuple[Any, Any]:
        return t


@dataclass(frozen=True, eq=False)
class RingDrop(RingDevice):
    """The drop port of an add-drop ring: ``RingDrop(ring, detuning)``, detuning in [rad/s]."""

    ring: Ring
    detuning: Any

    def __post_init__(self) -> None:
        check("detuning", self.detuning, unit="rad/s")
        check("ring.drop_coupling_rate", self.ring.drop_coupling_rate, unit="1/s", above=0.0)

    def _output(self, t: tuple[Any, Any], d: tuple[Any, Any]) -> tuple[Any, Any]:
        return d


@dataclass(frozen=True, eq=False)
class CavityLoadedMZI(RingDevice):
    """A ring in arm 1 of a Mach–Zehnder interferometer, a phase shifter in arm 2.

    Couplers [[√(1−k), i√k], [i√k, √(1−k)]]; with 50:50 couplers P_bar = P |t − e^{iφ}|²/4 and
    P_cross = P |t + e^{iφ}|²/4 (device of Jha, Huang and Prucnal, Opt. Lett. 45, 4819 (2020)).

    Parameters
    ----------
    ring : Ring
    detuning : float
        ω_laser − ω_cold [rad/s], positive = blue.
    arm_phase : float
        Phase φ of arm 2 [rad].
    input_coupling, output_coupling : float
        Cross-coupled power k [1], in [0, 1]; arm 1 gets 1 − k of the input.
    port : {"bar", "cross"}
    insertion_loss, arm_loss : float
        P_in/P_out [1] (>= 1; 1 is lossless) before the first coupler, and of arm 2.

    Examples
    --------
    >>> from math import pi
    >>> from photonic.parameters import VAN_VAERENBERGH_2012
    >>> ring = VAN_VAERENBERGH_2012.with_effects(heating=False)
    >>> device = CavityLoadedMZI(ring, 0.0, pi, 0.5, 0.5, port="bar")
    >>> round(float(device.transfer(0.2e-3)) * 1e3, 5)  # mW
    0.09479
    """

    ring: Ring
    detuning: Any
    arm_phase: Any
    input_coupling: Any = 0.5
    output_coupling: Any = 0.5
    port: Literal["bar", "cross"] = "bar"
    insertion_loss: Any = 1.0
    arm_loss: Any = 1.0

    def __post_init__(self) -> None:
        check("detuning", self.detuning, unit="rad/s")
        check("arm_phase", self.arm_phase, unit="rad")
        check("input_coupling", self.input_coupling, at_least=0.0, at_most=1.0)
        check("input_coupling", self.input_coupling, below=1.0)
        check("output_coupling", self.output_coupling, at_least=0.0, at_most=1.0)
        for name in ("insertion_loss", "arm_loss"):
            value = getattr(self, name)
            if np.all(concrete(value) > 0) and np.any(concrete(value) < 1):
                got = float(np.min(concrete(value)))
                hint = f"did you mean {1 / got:g} (a transmission of {got})?"
                raise ParameterError(f"{name} must be >= 1 (P_in/P_out), got {got}: {hint}")
            check(name, value, at_least=1.0)
        if self.port not in ("bar", "cross"):
            raise ParameterError(f"port must be 'bar' or 'cross', got {self.port!r}")

    @property
    def ring_fraction(self) -> Any:
        return (1 - self.input_coupling) / self.insertion_loss

    def _output(self, t: tuple[Any, Any], d: tuple[Any, Any]) -> tuple[Any, Any]:
        (bar, cross) = self._both(t)
        return bar if self.port == "bar" else cross

    def _both(self, t: tuple[Any, Any]) -> tuple[tuple[Any, Any], tuple[Any, Any]]:
        k_in, k_out = self.input_coupling, self.output_coupling
        xp = namespace(self.arm_phase)
        loss, arm = self.insertion_loss**-0.5, self.arm_loss**-0.5
        cos, sin = arm * xp.cos(self.arm_phase), arm * xp.sin(self.arm_phase)
        ring_bar = loss * ((1 - k_in) * (1 - k_out)) ** 0.5
        arm_bar = loss * (k_in * k_out) ** 0.5
        ring_cross = loss * ((1 - k_in) * k_out) ** 0.5
        arm_cross = loss * (k_in * (1 - k_out)) ** 0.5
        bar = (ring_bar * t[0] - arm_bar * cos, ring_bar * t[1] - arm_bar * sin)
        cross = (-(ring_cross * t[1] + arm_cross * sin), ring_cross * t[0] + arm_cross * cos)  # times i
        return bar, cross

    def ports(self, energy: float) -> tuple[float, float]:
        both = self._both(self.cavity().through(energy))
        return tuple(float(re**2 + im**2) for re, im in both)  # type: ignore[return-value]

    def _metadata(self) -> dict[str, Any]:
        names = ("detuning", "arm_phase", "input_coupling", "output_coupling")
        return {
            **super()._metadata(),
            "port": self.port,
            **{n: float(concrete(getattr(self, n))) for n in names},
        }
