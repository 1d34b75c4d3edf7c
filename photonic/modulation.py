"""Small modulation about a steady state: frequency responses from the exact Jacobian.

With x the deviation of the state of `photonic.rate_equations` and u a small modulated input,

    dx/dt = J x + b u,   y = c·x + d u,   H(f) = y/u = c (2πi f − J)^{-1} b + d          (14)

J, b, c and d are derivatives in closed form at the steady state; the light that passes the ring by
reaches its ports at once, which is d. Modulation goes as exp(+2πi f t), as in engineering: where the
output lags behind, the phase of H is negative. (Optical fields keep exp(−iωt).)
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from dataclasses import field as _field
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np

from photonic.devices import RingDevice, RingThrough
from photonic.errors import ParameterError, real_numbers, unknown_name
from photonic.rate_equations import slopes
from photonic.ring import Ring
from photonic.stability import SteadyState, steady_states

if TYPE_CHECKING:
    from photonic.cavity import Cavity

__all__ = ["FrequencyResponse", "frequency_response", "rest_state"]

Input = Literal["power", "generation", "heat", "detuning"]
QUANTITIES = ("energy", "carriers", "temperature", "power_through", "power_drop", "power_out")


@dataclass(frozen=True, kw_only=True, eq=False)
class FrequencyResponse:
    """Complex responses of the ring to one small modulation, against its frequency.

    Each of ``energy`` [J], ``carriers`` [1/m³], ``temperature`` [K] and ``power_through``,
    ``power_drop``, ``power_out`` [W] is an array like ``frequencies`` [Hz], per unit of the ``input``:
    "power" at the device's input [W], "generation" of carriers [1/(m³ s)], "heat" [K/s] or the laser's
    "detuning" [rad/s]. ``state`` is the steady state about which it goes.
    """

    frequencies: np.ndarray
    energy: np.ndarray
    carriers: np.ndarray
    temperature: np.ndarray
    power_through: np.ndarray
    power_drop: np.ndarray
    power_out: np.ndarray
    input: str
    state: SteadyState
    _system: _System = _field(repr=False)

    def at(self, frequencies: Any) -> FrequencyResponse:
        """The same response at other ``frequencies`` [Hz]."""
        return _response(self._system, self.input, self.state, frequencies)

    def static(self, quantity: str) -> float:
        """Response at 0 Hz: the slope of the steady state, e.g. dP_out/dP_in."""
        _check_quantity(quantity)
        return float(np.real(getattr(self.at(0.0), quantity)[()]))

    def bandwidth(self, quantity: str = "power_out") -> float:
        """Lowest frequency [Hz] at which |H| has fallen to |H(0)|/√2, −3 dB of the detected signal.

        Infinite where it never does: light that passes the ring by has no bandwidth. NaN where the
        quantity does not respond at 0 Hz.
        """
        _check_quantity(quantity)
        rest = abs(self.static(quantity))
        if rest == 0.0:
            return math.nan
        rates = np.abs(np.linalg.eigvals(self._system.jacobian)) / (2 * math.pi * self._system.unit)
        rates = rates[rates > 0]
        grid = np.geomspace(1e-4 * float(rates.min()), 1e4 * float(rates.max()), 4001)
        # lines of high quality are narrower than the grid: look close to each of them, too
        near = (rates[:, None] * (1 + np.linspace(-0.05, 0.05, 201))).ravel()
        grid = np.unique(np.concatenate([grid, near]))
        below = np.abs(getattr(self.at(grid), quantity)) < rest / math.sqrt(2)
        if not np.any(below):
            return math.inf
        k = int(np.argmax(below))
        low, high = (float(grid[k - 1]) if k else 0.0), float(grid[k])
        for _ in range(100):
            middle = (low + high) / 2
            if not low < middle < high:
                break
            fallen = abs(complex(getattr(self.at(middle), quantity)[()])) < rest / math.sqrt(2)
            low, high = (low, middle) if fallen else (middle, high)
        return high


@dataclass(frozen=True, eq=False)
class _System:
    """Equation (14) in natural units: ``jacobian`` (n, n), ``push`` (n,), one row of ``read`` (6, n) and
    one number of ``direct`` (6,) for each of `QUANTITIES`, in SI; ``unit`` of time [s]."""

    jacobian: np.ndarray
    push: np.ndarray
    read: np.ndarray
    direct: np.ndarray
    unit: float


def frequency_response(
    ring: Ring | RingDevice,
    power: float,
    frequencies: Any,
    *,
    detuning: float | None = None,
    state: SteadyState | None = None,
    input: Input = "power",
) -> FrequencyResponse:
    """How light, carriers and heat follow a small modulation of power, carriers, heat or detuning.

    Parameters
    ----------
    ring : Ring or ring device
    power : float
        Mean input power [W], > 0 if the power is modulated.
    frequencies : float or array
        Of the modulation [Hz], >= 0; at 0 the response is the slope of the static curve.
    detuning : float
        Laser minus cold resonance [rad/s]; only for a bare ring.
    state : SteadyState
        Which of `steady_states`; left out: the only stable one.
    input : {"power", "generation", "heat", "detuning"}
        What is modulated: the input power [W], a generation of carriers on top of that by light
        [1/(m³ s)], a heating of the ring on top of that by light [K/s], or the detuning [rad/s].

    Returns
    -------
    FrequencyResponse

    Raises
    ------
    ParameterError
        Several stable states or none, a ``state`` that is unstable or of another power, a frequency
        below 0 Hz; a ring whose heat is frozen cannot be heated.

    Examples
    --------
    >>> import math
    >>> from photonic.parameters import VAN_VAERENBERGH_2012 as ring
    >>> found = frequency_response(ring, 1e-8, [0.0, 1e6], detuning=0.0, input="heat")
    >>> f"{found.bandwidth('temperature') * 2 * math.pi * 65e-9:.3f}"  # of 1/(2π τ_th)
    '1.000'
    """
    if input not in get_args(Input):
        raise unknown_name("input", input, get_args(Input))
    states = steady_states(ring, power, detuning)
    device = (ring if isinstance(ring, RingDevice) else RingThrough(ring, detuning)).plain()
    chosen = rest_state(states, power, state)
    if input == "power" and not power > 0:
        raise ParameterError(f"power must be > 0 W to be modulated, got {float(power)!r}")
    return _response(_system(device, chosen, input), input, chosen, frequencies)


def rest_state(
    states: tuple[SteadyState, ...], power: float, state: SteadyState | None = None
) -> SteadyState:
    """The stable one of ``states``, or the ``state`` that was asked for, if that is one of them.

    Raises
    ------
    ParameterError
        There is not exactly one stable state, or ``state`` is unstable or none of ``states``.
    """
    if state is None:
        stable = [s for s in states if s.stable]
        if len(stable) == 1:
            return stable[0]
        energies = ", ".join(f"{s.energy:.4g} J ({'' if s.stable else 'un'}stable)" for s in states)
        tail = "choose one with state=" if stable else "the ring pulses by itself"
        raise ParameterError(
            f"one stable state is wanted at power = {power:g} W, there are {len(stable)}, the states have "
            f"{energies}: {tail}"
        )
    if not isinstance(state, SteadyState):
        raise ParameterError(f"state must be one of steady_states(...), got {state!r}")
    near = min(states, key=lambda s: abs(s.energy - state.energy))
    if abs(near.energy - state.energy) > 1e-6 * near.energy:
        raise ParameterError(
            f"state must be a steady state at power = {power:g} W, got one of {state.energy:.6g} J "
            f"at {state.power:g} W"
        )
    if not near.stable:
        raise ParameterError(f"state must be stable, got the unstable one of {state.energy:.6g} J")
    return near


def _system(device: RingDevice, state: SteadyState, given: str) -> _System:
    """Derivatives at a steady state, in the frame in which the stored field is real."""
    cavity: Cavity = device.cavity()
    c, e = cavity.c, cavity.terms
    if given == "heat" and not float(c.heating) > 0:
        raise ParameterError(
            "input='heat' needs a ring that heats: with_effects(heating=True) and its numbers"
        )
    energy = np.asarray(state.energy, dtype=float)
    at, known, pull = cavity.linearised(energy)
    size, first = len(at), 3 + e.traps
    jacobian = np.zeros((size, size))
    slopes(at, known, pull, c, e, jacobian)
    half, offset = float(known[3]), float(known[4])
    field = math.sqrt(state.energy)
    drive = (half - 1j * offset) * field  # √γ_c s_in that holds the field, from (1)
    share = float(c.coupling) * float(device.ring_fraction)
    light = drive / math.sqrt(share)
    push = np.zeros(size)
    moved = 0j  # of the light at the input, per unit
    if given == "power":  # P ∝ |s|²: δs = s δP/2P
        push[:2] = (drive / (2 * state.power)).real, (drive / (2 * state.power)).imag
        moved = light / (2 * state.power)
    elif given == "detuning":
        push[1] = field
    elif given == "generation":
        push[2] = 1.0
    else:
        push[first:] = [float(w) for w in e.heat_shares]
    read, direct = np.zeros((len(QUANTITIES), size)), np.zeros(len(QUANTITIES))
    read[0, 0] = 2 * field
    read[1, 2] = 1.0
    read[2, first:] = 1.0
    ports = zip(device.amplitudes(1.0, 0j), device.amplitudes(0.0, 1 + 0j), strict=True)
    for row, (by_light, by_field) in enumerate(ports, start=3):
        output = by_light * light + by_field * field
        read[row, 0] = 2 * (np.conj(output) * by_field).real  # of |s_out|²
        read[row, 1] = 2 * (np.conj(output) * 1j * by_field).real
        direct[row] = 2 * (np.conj(output) * by_light * moved).real
    own = 3 if device.first_port else 4
    read[5], direct[5] = read[own], direct[own]
    # Units in which all numbers are near 1: what moves the resonance by a half-width, in its time.
    time = 2 / float(c.linear_loss)
    by_pair = abs(float(pull[0] + pull[1])) + float(c.carrier_absorption)
    density = 1 / (time * by_pair) if by_pair > 0 else 1e22
    kelvin = 1 / (time * abs(float(c.thermal))) if c.thermal else 1.0
    scale = np.array([field or 1e-8] * 2 + [density] * (1 + e.traps) + [kelvin] * (size - first))
    return _System(
        jacobian=jacobian * time * scale / scale[:, None],
        push=push * time / scale,
        read=read * scale,
        direct=direct,
        unit=time,
    )


def _response(system: _System, given: str, state: SteadyState, frequencies: Any) -> FrequencyResponse:
    listed = real_numbers("frequencies", frequencies, unit="Hz", at_least=0.0)
    rate = 2j * math.pi * system.unit * listed[..., None, None]
    push = np.broadcast_to(system.push[:, None], (*listed.shape, system.push.size, 1))
    moved = np.linalg.solve(rate * np.eye(system.push.size) - system.jacobian, push)[..., 0]
    values = moved @ system.read.T + system.direct
    named: dict[str, Any] = {name: values[..., k] for k, name in enumerate(QUANTITIES)}
    return FrequencyResponse(frequencies=listed, input=given, state=state, _system=system, **named)


def _check_quantity(quantity: str) -> None:
    if quantity not in QUANTITIES:
        raise unknown_name("quantity", quantity, QUANTITIES)
