"""All steady states of a ring or a ring device, their eigenvalues, folds and Hopf points."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from photonic.cavity import Cavity
from photonic.criticality import onset
from photonic.device import check_power
from photonic.errors import ParameterError, concrete, one_number, shown
from photonic.hurwitz import squared_frequency
from photonic.small_signal import hopf_energies, jacobian, unstable_oscillation

if TYPE_CHECKING:
    from photonic.devices import RingDevice
    from photonic.ring import Ring

__all__ = [
    "OperatingPoint",
    "SteadyState",
    "folds",
    "hopf_points",
    "jacobian",
    "steady_states",
    "unstable_oscillation",
]


@dataclass(frozen=True, kw_only=True)
class SteadyState:
    """One steady state: SI units; ``power``, ``through`` and ``drop`` are powers [W].

    For a ring they are in its buses; for a device ``power`` is at the device's input. The
    ``eigenvalues`` [1/s] are those of field (two quadratures), carriers and heat, as far as
    these take part; ``stable`` means that none has a positive real part.
    """

    energy: float
    power: float
    carriers: float
    temperature: float
    through: float
    drop: float
    stable: bool
    eigenvalues: tuple[complex, ...]


@dataclass(frozen=True, kw_only=True)
class OperatingPoint:
    """Where the number or the stability of the states changes: a fold or a Hopf point.

    At a Hopf point a small oscillation of ``frequency`` [Hz] is born, U ≈ U_0 (1 + r cos ωt) with

        dr/dt = growth·(P − power) r + lyapunov·r³

    (`photonic.criticality`): ``growth`` [1/(s W)], ``lyapunov`` [1/s]. Where ``lyapunov`` < 0 the
    point is ``"supercritical"``: a stable oscillation grows from nothing as √|P − power| on the
    side on which the state is unstable. Where it is > 0 the point is ``"subcritical"``: an unstable
    cycle stands around the state while that is still stable, and the ring jumps to an oscillation
    of finite size, or to another state. ``cycle_side`` says whether the small cycle exists
    ``"above"`` or ``"below"`` ``power``. All this is within the plane of the crossing pair: at a
    Hopf point on a branch that is unstable anyway (between two folds) nothing is seen.
    At a fold these fields are 0, NaN and empty.
    """

    energy: float
    power: float
    carriers: float
    temperature: float
    frequency: float = 0.0
    lyapunov: float = np.nan
    growth: float = np.nan
    criticality: Literal["", "subcritical", "supercritical"] = ""
    cycle_side: Literal["", "above", "below"] = ""

    def as_dict(self) -> dict[str, Any]:
        """Plain mapping for JSON, which knows no NaN: None in its place."""
        return {k: None if isinstance(v, float) and np.isnan(v) else v for k, v in vars(self).items()}


def steady_states(
    ring: Ring | RingDevice, power: float, detuning: float | None = None
) -> tuple[SteadyState, ...]:
    """All steady states at an input ``power`` [W], by rising energy.

    Parameters
    ----------
    ring : Ring or ring device
    power : float
        Input power [W], >= 0.
    detuning : float
        Laser minus cold resonance [rad/s]; only for a bare ring (a device has its own).

    Returns
    -------
    tuple of SteadyState
        Complete for the linear index law: one state per piece between folds.

    Examples
    --------
    >>> from photonic.parameters import VAN_VAERENBERGH_2012 as ring
    >>> [s.stable for s in steady_states(ring, 0.4e-3, ring.detuning(62e-12))]
    [True, False, False]
    """
    cavity, fraction = driven(ring, detuning)
    check_power("power", power)
    if np.ndim(concrete(power)):
        raise ParameterError("power must be one number [W], got an array: loop over it")
    inside = float(power) * fraction
    found = []
    knots = np.concatenate([[0.0], cavity.fold_energies(), [np.inf]])
    for low, high in pairwise(knots):
        top = min(high, max(float(cavity.largest_energy(inside)), low * (1 + 1e-9)))
        ends = (float(cavity.input_power(low)), float(cavity.input_power(top)))
        if low == 0.0 and inside == 0.0:
            found.append(0.0)
        elif ends[0] <= inside <= ends[1]:
            found.append(float(cavity.invert(np.asarray(inside), low, top)))
        elif ends[1] < inside < ends[0]:
            found.append(_falling(cavity, inside, low, top))
    return tuple(_state(ring, cavity, u, float(power)) for u in found)


def folds(ring: Ring | RingDevice, detuning: float | None = None) -> tuple[OperatingPoint, ...]:
    """Saddle-node points dP_in/dU = 0, by rising energy; ``.power`` [W] at the device's input."""
    cavity, fraction = driven(ring, detuning)
    return tuple(point_at(cavity, float(u), fraction) for u in cavity.fold_energies())


def hopf_points(
    ring: Ring | RingDevice, detuning: float | None = None, power_max: float | None = None
) -> tuple[OperatingPoint, ...]:
    """Points at which a pair of eigenvalues crosses the imaginary axis: self-pulsation sets in or ends.

    With the linear index law and without traps the condition is a polynomial in the energy, and
    all points are found but for pairs that round-off cannot tell apart; with other laws they are
    looked for on 1,200 energies and at the extrema between (`photonic.small_signal.hopf_table`).

    Parameters
    ----------
    ring : Ring or ring device
    detuning : float
        Laser minus cold resonance [rad/s]; only for a bare ring.
    power_max : float
        Largest input power [W]; if left out, up to 1,000 times the energy at which nonlinearity
        sets in.

    Returns
    -------
    tuple of OperatingPoint
        By rising energy, each with the frequency and the nature of its onset.

    Examples
    --------
    >>> from photonic.parameters import VAN_VAERENBERGH_2012 as ring
    >>> for half_linewidths in (-3, 0):
    ...     point = hopf_points(ring, ring.detuning(half_linewidths=half_linewidths), 2e-3)[0]
    ...     f"{1e3 * point.power:.3f} mW, {point.criticality}, cycle {point.cycle_side}"
    '0.139 mW, supercritical, cycle above'
    '0.628 mW, subcritical, cycle below'
    """
    cavity, fraction = driven(ring, detuning)
    if power_max is None:
        top = 1e3 * float(cavity.onset_energy())
    else:
        power_max = one_number("power_max", power_max, unit="W", above=0.0)
        check_power("power_max", power_max, above=0.0)
        top = float(cavity.largest_energy(power_max * fraction))
    found = hopf_energies(cavity, top)
    if power_max is not None:
        found = [(u, f) for u, f in found if float(cavity.input_power(u)) <= power_max * fraction]
    return _hopf(cavity, np.array([u for u, _ in found]), np.array([f for _, f in found]), fraction)


def hopf_point(cavity: Cavity, energy: float, fraction: float) -> OperatingPoint:
    """The Hopf point at ``energy`` [J], known to be one."""
    squared = squared_frequency(jacobian(cavity, np.asarray(energy)))
    return _hopf(cavity, np.array([energy]), np.sqrt([float(squared)]) / (2 * np.pi), fraction)[0]


def _hopf(
    cavity: Cavity, energies: np.ndarray, frequencies: np.ndarray, fraction: float
) -> tuple[OperatingPoint, ...]:
    if not energies.size:
        return ()
    nature, points = onset(cavity, energies), []
    for u, f, cubic, growth in zip(energies, frequencies, nature.lyapunov, nature.growth, strict=True):
        more: dict[str, Any] = {
            "frequency": float(f),
            "lyapunov": float(cubic),
            "growth": float(growth) * fraction,
        }
        if np.isfinite(cubic):
            more["criticality"] = "supercritical" if cubic < 0 else "subcritical"
            more["cycle_side"] = "above" if growth * cubic < 0 else "below"
        points.append(dataclasses.replace(point_at(cavity, float(u), fraction), **more))
    return tuple(points)


def _falling(cavity: Cavity, power: float, low: float, high: float) -> float:
    """U on a stretch where P_in falls with U (always unstable), by bisection to round-off."""
    for _ in range(200):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (middle, high) if float(cavity.input_power(middle)) > power else (low, middle)
    return float((low + high) / 2)


def driven(ring: Any, detuning: float | None) -> tuple[Cavity, float]:
    """The cavity behind a ring or a device, and the share of the input power that reaches it."""
    if hasattr(ring, "ring"):
        if detuning is not None:
            raise ParameterError("detuning is only for a bare ring: a device has its own")
        cavity, fraction = ring.cavity(), float(ring.ring_fraction)
    else:
        if not hasattr(ring, "coefficients"):
            raise ParameterError(f"ring must be a Ring or a ring device, got {shown(ring)}")
        if detuning is None:
            raise ParameterError("detuning [rad/s] is needed for a bare ring; ring.detuning(...) converts")
        cavity, fraction = Cavity(ring, detuning), 1.0
    cavity.require_one()
    return cavity, fraction


def plain_ring(given: Any) -> tuple[Ring, float]:
    """The bare ring of a ring or a device in plain numbers, and the share of the power that drives it."""
    if hasattr(given, "ring"):
        plain = dataclasses.replace(given, detuning=0.0).plain()
        return plain.ring, float(plain.ring_fraction)
    if not hasattr(given, "coefficients"):
        raise ParameterError(f"ring must be a Ring or a ring device, got {shown(given)}")
    return given.plain(), 1.0


def _state(ring: Any, cavity: Cavity, energy: float, power: float) -> SteadyState:
    eigenvalues = np.linalg.eigvals(jacobian(cavity, np.asarray(energy)))
    eigenvalues = eigenvalues[np.lexsort((eigenvalues.imag, -eigenvalues.real))]
    if hasattr(ring, "ring"):
        through, drop = (power * share for share in ring.ports(energy))
    else:
        through, drop = (power * (re**2 + im**2) for re, im in (cavity.through(energy), cavity.drop(energy)))
    return SteadyState(
        energy=float(energy),
        power=power,
        carriers=float(cavity.carriers(energy)),
        temperature=float(cavity.temperature(energy)),
        through=float(through),
        drop=float(drop),
        stable=not np.any(eigenvalues.real > 0),
        eigenvalues=tuple(complex(v) for v in eigenvalues),
    )


def point_at(cavity: Cavity, energy: float, fraction: float) -> OperatingPoint:
    return OperatingPoint(
        energy=energy,
        power=float(cavity.input_power(energy)) / fraction,
        carriers=float(cavity.carriers(energy)),
        temperature=float(cavity.temperature(energy)),
    )
