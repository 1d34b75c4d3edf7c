"""Devices with one nonlinear ring between linear parts.

The field transfer of such a device is a linear combination of the ring's two transfers and a
constant, H = A + B t(U) + C d(U), and a fixed share of the input power drives the ring. So the
whole device is as explicit in the stored energy as the ring itself (`photonic.cavity`).
"""

from __future__ import annotations

import dataclasses
import warnings
from typing import Any

import numpy as np

from photonic import regime as _regime
from photonic.branches import Sweep, check_sweep, pieces, swept_energies
from photonic.cavity import STEP, Cavity
from photonic.curve import Curve
from photonic.device import Device, check_power, listed_power
from photonic.errors import OutsideValidityWarning, ParameterError, check, concrete
from photonic.namespace import is_foreign, listed, namespace
from photonic.ring import Ring
from photonic.small_signal import hopf_energies, unstable_oscillation

__all__ = ["RingDevice"]

_LOOK = 128  # energies at which stability or validity is looked at on a stretch of branch


class RingDevice(Device):
    """Common behaviour of devices with one nonlinear ring; see the subclasses."""

    ring: Ring
    detuning: Any

    def _check_ring(self) -> None:
        if not isinstance(self.ring, Ring):
            raise ParameterError(f"ring must be a Ring, got {self.ring!r}")
        check("detuning", self.detuning, unit="rad/s")
        object.__setattr__(self, "detuning", listed(self.detuning))

    # What a subclass says about itself -------------------------------------------------
    @property
    def ring_fraction(self) -> Any:
        """Share of the input power that drives the ring [1]."""
        return 1.0

    _from_drop = False  # whether the light comes from the drop port of the ring

    def _output(self, ring: tuple[Any, Any]) -> tuple[Any, Any]:
        """Device field transfer (re, im) from that of the ring."""
        return ring

    # The ring in it ----------------------------------------------------------------------
    def cavity(self) -> Cavity:
        """The nonlinear ring at this device's detuning."""
        return Cavity(self.ring, self.detuning)

    @property
    def regime(self) -> str:
        """``"cw"`` with heating on, ``"frozen heat"`` with heating off or not described by the ring."""
        return "cw" if self.ring.heats else "frozen heat"

    def with_effects(self, **switches: bool) -> Any:
        """The same device with some effects of its ring switched."""
        return dataclasses.replace(self, ring=self.ring.with_effects(**switches))  # type: ignore[type-var]

    def frozen(self) -> Any:
        """The same device with its heat frozen (``heating=False``)."""
        return self.with_effects(heating=False)

    # Transfer ----------------------------------------------------------------------------
    def field(self, cavity: Cavity, energy: Any, widths: tuple[Any, Any] | None = None) -> tuple[Any, Any]:
        """Field transfer (re, im) when the ring holds ``energy`` [J]; its ``widths`` if known."""
        return self._output((cavity.drop if self._from_drop else cavity.through)(energy, widths))

    def energy(self, power: Any, sweep: Sweep = "single", cavity: Cavity | None = None) -> Any:
        """Energy in the ring [J] at device input ``power`` [W], differentiable in everything.

        Solved on plain floats; then one Newton step in the caller's number type,
        U = U₀ − (P_in(U₀; θ) − P)/P_in′(U₀), carries exact first derivatives.

        Raises
        ------
        ParameterError
            With ``sweep="single"``: the response is multivalued or self-pulsates between 0 and the
            largest power (for a batch of rings: at one of the powers asked for).
        """
        power = listed_power(power)
        return self.refined(power, self.solution(power, sweep), cavity or self.cavity())

    def solution(self, power: Any, sweep: Sweep = "single") -> np.ndarray:
        """Energy in the ring [J] at input ``power`` [W], in plain numbers."""
        check_sweep(sweep)
        check_power("power", power)
        device = self.plain()
        cavity = device.cavity()
        driven = concrete(power) * device.ring_fraction
        if cavity.is_batch:
            if sweep != "single":
                raise ParameterError("a batch of rings has no sweep direction: loop over the rings")
            energy = cavity.batch_energies(driven)
            if np.any(unstable_oscillation(cavity, energy)):
                raise ParameterError("the response of a ring of the batch self-pulsates at one of the powers")
        else:
            energy = swept_energies(cavity, driven, sweep, float(np.max(device.ring_fraction)))
            self._check_oscillation(cavity, energy, sweep)
        _warn_outside_validity(cavity, energy)
        return energy

    def refined(self, power: Any, energy: np.ndarray, cavity: Cavity, slope: np.ndarray | None = None) -> Any:
        """One Newton step from the plain ``energy`` [J] in the number type of ``power`` and device.

        ``slope`` is dP_in/dU of the ring [1/s] there, if known.
        """
        driven = power * self.ring_fraction
        foreign = [v for v in (driven, *cavity.numbers) if is_foreign(v)]
        if not foreign and not _has_step(driven, cavity):
            return energy
        if slope is None:
            slope = self.plain().cavity().power_slope(energy)
        slope = np.where(slope == 0, np.inf, slope)  # at a fold the energy has no derivative
        start: Any = energy
        if foreign:
            xp, device = namespace(*foreign), foreign[0].device
            start, slope = (xp.asarray(v, dtype=xp.float64, device=device) for v in (energy, slope))
        return start - (cavity.input_power(start) - driven) / slope

    def output_field(
        self, power: Any, sweep: Sweep = "single", solved: np.ndarray | None = None
    ) -> tuple[Any, Any]:
        """Real and imaginary part of `response`, each fit for a complex step."""
        cavity = self.cavity()
        energy = self.solution(power, sweep) if solved is None else solved
        return self.field(cavity, self.refined(power, energy, cavity))

    def slope(self, power: Any, sweep: Sweep = "single") -> np.ndarray:
        """dP_out/dP_in [1] at input ``power`` [W], exact; one-sided at a jump."""
        device = self.plain()
        cavity = device.cavity()
        out, inside = device._powers(cavity, device.energy(power, sweep, cavity) + 1j * STEP)
        with np.errstate(divide="ignore"):
            return np.asarray(np.imag(out) / np.imag(inside))

    def _powers(self, cavity: Cavity, energy: Any) -> tuple[Any, Any]:
        """(P_out, P_in) of the device [W] as functions of the stored energy."""
        widths = cavity.widths(energy)
        inside = cavity.input_power(energy, widths) / self.ring_fraction
        re, im = self.field(cavity, energy, widths)
        return (re * re + im * im) * inside, inside

    def curve(self, power_max: float, points: int = 401, sweep: Sweep = "single") -> Curve:
        """Transfer curve from 0 to ``power_max`` [W], drawn parametrically in the stored energy.

        Raises
        ------
        ParameterError
            With ``sweep="single"``: the response is multivalued below ``power_max`` (the fold
            powers are named) or crosses a Hopf point (power and frequency are named).
        """
        self._check_curve(power_max, points, sweep)
        return self.plain()._plain_curve(float(power_max), int(points), sweep)

    def _plain_curve(self, power_max: float, points: int, sweep: Sweep) -> Curve:
        cavity, share = self.cavity(), float(self.ring_fraction)
        found = pieces(cavity, power_max * share, sweep, share)
        found = [piece for piece in found if piece.powers[0] < piece.powers[1]]
        columns: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        seen: list[np.ndarray] = []
        for piece in found:
            edges = tuple(cavity.end_energy(power, *piece.energies) for power in piece.powers)
            energy = _spread(cavity, edges, max(8, points // len(found)))
            out, inside = self._powers(cavity, energy + 1j * STEP)
            with np.errstate(divide="ignore"):
                slope = np.imag(out) / np.imag(inside)
            x, y = inside.real.copy(), np.maximum(out.real, 0.0)
            x[0], x[-1] = (p / share for p in piece.powers)
            if piece is found[-1]:
                x[-1] = power_max  # the division has rounded it
            for end, near in ((0, 1), (-1, -2)):  # at a fold the slope diverges: take the secant
                if not np.isfinite(slope[end]) or abs(slope[end]) > 1e6:
                    slope[end] = (y[end] - y[near]) / (x[end] - x[near])
            rising = np.concatenate([[True], np.diff(x) > 0])  # next to a fold powers can coincide
            rising[-2:] = [bool(x[-1] > x[-2]) and bool(rising[-2]), True]
            columns.append((x[rising], y[rising], slope[rising]))
            seen.append(energy)
        energy = np.concatenate(seen)
        self._check_oscillation(cavity, energy, sweep)
        _warn_outside_validity(cavity, energy[:: max(1, energy.size // _LOOK)])
        x, y, slope = (np.concatenate(parts) for parts in zip(*columns, strict=True))
        return Curve(x, y, slope=slope, regime=self.regime, branch=sweep, metadata=self._metadata())

    # Both ports, heat and validity -------------------------------------------------------
    def ports(self, energy: float) -> tuple[float, float]:
        """Power transmission to (through or bar, drop or cross) when the ring holds ``energy`` [J]."""
        cavity = self.cavity()
        through, drop = (re**2 + im**2 for re, im in (cavity.through(energy), cavity.drop(energy)))
        return float(through), float(drop)

    def amplitudes(self, light: Any, stored: Any) -> tuple[Any, Any]:
        """Fields [√W] at (through or bar, drop or cross) at any moment, not only at a steady state.

        ``light`` [√W] comes in, ``stored`` [√J] is the field in the ring; complex, any shape.
        """
        coupling, drop = concrete(self.ring.coupling_rate), concrete(self.ring.drop_coupling_rate)
        return light - coupling**0.5 * stored, -(drop**0.5) * stored

    @property
    def first_port(self) -> bool:
        """Whether the device's own output is the first of its two ports."""
        return not self._from_drop

    def mean_heating(self, powers: Any, duty: float = 1.0) -> tuple[float, float]:
        """Mean temperature rise [K] and detuning offset [rad/s]; see `photonic.regime.mean_heating`."""
        return _regime.mean_heating(self, powers, duty)

    def symbol_window(self, powers: Any, tolerance: float = 0.05) -> _regime.SymbolWindow | None:
        """Symbol times [s] for which the frozen-heat curve holds; see `photonic.regime.symbol_window`."""
        return _regime.symbol_window(self, powers, tolerance)

    def _metadata(self) -> dict[str, Any]:
        return {"device": type(self).__name__, "detuning": float(concrete(self.detuning))}

    def _check_oscillation(self, cavity: Cavity, energy: np.ndarray, sweep: Sweep) -> None:
        """Refuse ("single") or tell that states between 0 and the largest ``energy`` [J] oscillate."""
        top = float(np.max(energy, initial=0.0))
        if top == 0.0:
            return
        share = float(np.max(concrete(self.ring_fraction)))
        if sweep != "single":
            looked = np.unique(energy[energy > 0])
            looked = looked[:: max(1, looked.size // _LOOK)]
            wild = looked[unstable_oscillation(cavity, looked)]
            if wild.size:
                power = float(np.min(cavity.input_power(wild))) / share
                text = f"states from {power:.6g} W on self-pulsate: a static curve is not what is seen"
                warnings.warn(text, OutsideValidityWarning, stacklevel=5)
            return
        found = hopf_energies(cavity, top)
        if found:
            power = float(cavity.input_power(found[0][0])) / share
            raise ParameterError(
                f"the response self-pulsates above {power:.6g} W (Hopf point at {found[0][1]:.4g} Hz): "
                "choose a smaller power or another detuning, or sweep='up' to draw it all the same"
            )


def _spread(cavity: Cavity, edges: tuple[float, ...], points: int) -> np.ndarray:
    """Energies between ``edges`` [J], dense where the input power or the energy moves fast."""
    even = np.linspace(0, 1, 129)
    pilot = edges[0] + (edges[1] - edges[0]) * even
    power = cavity.input_power(pilot)
    share = (power - power[0]) / (power[-1] - power[0]) + even
    energy = np.interp(np.linspace(0, 2, points), share, pilot)
    energy[0], energy[-1] = edges
    return energy


def _has_step(driven: Any, cavity: Cavity) -> bool:
    """Whether a complex step runs through the numbers, so that derivatives are wanted."""
    values = (driven, cavity.ring.index_per_carrier, *cavity.numbers)
    return any(np.iscomplexobj(v) for v in values)


def _warn_outside_validity(cavity: Cavity, energy: np.ndarray) -> None:
    for text in _regime.outside_validity(cavity, energy):
        warnings.warn(text, OutsideValidityWarning, stacklevel=5)
