"""The rate equations as a system: state, right-hand side, Jacobian, and units that make it scaled.

The state is (Re a, Im a, N, [filled traps n_t], T_1 … T_M): equations (1)–(5) of `photonic.rates`
with the terms that they leave open in `Terms`. Electrons and holes part ways only where traps
hold electrons, P = N + n_t, and the temperature is the sum of the thermal modes:

    Δn    = −p_e N^q_e − p_h P^q_h                                                    (9)
    dN/dt = g U² − N/τ_fc − c_n N (N_t − n_t),  dn_t/dt = c_n N (N_t − n_t) − c_p P n_t  (10)
    dT_k/dt = w_k h γ_abs(U, N) U − T_k/τ_k,    T = Σ T_k                              (11)

Both functions use operators only and write into an array that is given: with scalars they are
compiled into the time integrator, with arrays they serve the stability of many states at once.
The equations keep their form in any unit of time, energy, density and temperature (`scaled`).
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from photonic.errors import ParameterError
from photonic.rates import (
    Coefficients,
    absorption_rate,
    carrier_change,
    heating_rate,
    resonance_shift,
    total_rate,
)

__all__ = ["Terms", "Units", "change", "evaluate", "outer_terms", "pulls", "scaled", "slopes", "terms"]

INTRINSIC_DENSITY = 1e16  # [1/m³], of silicon at 300 K: below it a carrier law has no meaning


class Terms(NamedTuple):
    """What equations (1)–(5) leave open: index law, traps, thermal modes."""

    electron_index: Any  # p_e [m^(3 q_e)]
    electron_power: Any  # q_e [1]
    hole_index: Any  # p_h [m^(3 q_h)]
    hole_power: Any  # q_h [1]
    faint_density: Any  # [1/m³], below which a power law goes over to a straight line
    hole_share: Any  # share of holes in the absorption of a pair [1]
    traps: int  # 1 with a state n_t, 0 without
    trap_density: Any  # N_t [1/m³]
    electron_capture: Any  # c_n [m³/s]
    hole_capture: Any  # c_p [m³/s]
    heat_shares: Any  # w_k [1], array
    heat_lifetimes: Any  # τ_k [s], array


class Units(NamedTuple):
    """Units in which the equations are solved; in SI each is 1."""

    time: Any  # [s]
    energy: Any  # [J]
    carriers: Any  # [1/m³]
    temperature: Any  # [K]


def terms(ring: Any) -> Terms:
    """`Terms` of a `photonic.Ring`.

    Raises
    ------
    ParameterError
        Its carrier law is no sum of a power of the electron and one of the hole density.

    Examples
    --------
    >>> from photonic.parameters import VAN_VAERENBERGH_2012
    >>> terms(VAN_VAERENBERGH_2012).traps
    0
    """
    p_e, q_e, p_h, q_h = _powers(ring)
    return outer_terms(ring)._replace(electron_index=p_e, electron_power=q_e, hole_index=p_h, hole_power=q_h)


def outer_terms(ring: Any) -> Terms:
    """`terms` without the index law (NaN): traps and thermal modes, of a ring with any carrier law."""
    traps, modes, settling = ring.traps, ring.thermal_modes, ring.thermal_lifetime
    shares: Any = np.ones(1)
    lifetimes: Any = (1.0 if settling is None else settling,)
    if modes is not None:  # w_k = share_k τ_th/τ_k: mode k settles at its share of h τ_th
        shares = tuple(s * settling / t for s, t in zip(modes.shares, modes.lifetimes, strict=True))
        lifetimes = modes.lifetimes
    return Terms(
        electron_index=math.nan,
        electron_power=math.nan,
        hole_index=math.nan,
        hole_power=math.nan,
        faint_density=INTRINSIC_DENSITY,
        hole_share=0.0 if traps is None else traps.hole_share,
        traps=0 if traps is None else 1,
        trap_density=0.0 if traps is None else traps.density,
        electron_capture=0.0 if traps is None else traps.electron_capture,
        hole_capture=0.0 if traps is None else traps.hole_capture,
        heat_shares=shares,
        heat_lifetimes=lifetimes,
    )


def _powers(ring: Any) -> tuple[Any, Any, Any, Any]:
    """Factors [m^(3q)] and powers of equation (9)."""
    if ring.index_law is None:  # a pair as its electron and its hole, a trapped one as the hole alone
        share = 0.0 if ring.traps is None else ring.traps.hole_share
        return -ring.index_per_carrier * (1 - share), 1.0, -ring.index_per_carrier * share, 1.0
    densities = np.array([1e20, 1e22, 1e24])
    found: list[float] = []
    for electrons, holes in ((1.0, 0.0), (0.0, 1.0)):
        values = -np.asarray(
            ring.index_law.index_change(electrons * densities, holes * densities, ring.wavelength)
        )
        if not np.any(values):
            found += [0.0, 1.0]
            continue
        powers = np.diff(np.log(values)) / math.log(100.0)
        if not np.all(np.isfinite(powers)) or abs(powers[1] - powers[0]) > 1e-9:
            raise ParameterError("in time, index_law must be a sum of powers of the two densities")
        power = 1.0 if abs(powers[0] - 1) < 1e-12 else float(powers[0])
        found += [float(values[1] / densities[1] ** power), power]
    return found[0], found[1], found[2], found[3]


def index_power(density: Any, factor: Any, power: Any, faint: Any) -> Any:
    """One term of equation (9), odd and smooth through 0, where N^0.8 has no slope."""
    if power == 1.0:
        return factor * density
    return factor * density * (density * density + faint * faint) ** ((power - 1.0) / 2)


def index_slope(density: Any, factor: Any, power: Any, faint: Any) -> Any:
    """Derivative of `index_power` by the density."""
    if power == 1.0:
        return factor + 0.0 * density
    squared = density * density + faint * faint
    return factor * squared ** ((power - 3.0) / 2) * (power * density * density + faint * faint)


def evaluate(state: Any, drive: Any, detuning: Any, c: Coefficients, e: Terms, out: Any, known: Any) -> None:
    """Write the time derivative of ``state``, shape (n, ...), into ``out``; ``drive`` is √γ_c s_in.

    Into ``known`` goes what `slopes` wants: energy U, holes P, absorption rate, half the decay rate
    γ/2 and the laser's offset δ from the hot resonance.
    """
    x, y, electrons = state[0], state[1], state[2]
    energy = x * x + y * y
    temperature = state[3 + e.traps]
    for k in range(1, len(e.heat_lifetimes)):
        temperature = temperature + state[3 + e.traps + k]
    holes = pairs = electrons
    if e.traps:
        holes = electrons + state[3]
        pairs = electrons + e.hole_share * state[3]
    index = -(
        index_power(electrons, e.electron_index, e.electron_power, e.faint_density)
        + index_power(holes, e.hole_index, e.hole_power, e.faint_density)
    )  # (9)
    absorbed = absorption_rate(energy, pairs, c)
    half = total_rate(absorbed, c) / 2
    offset = detuning - resonance_shift(energy, index, temperature, c)
    out[0] = drive - half * x - offset * y  # (1)
    out[1] = offset * x - half * y
    out[2] = carrier_change(energy, electrons, c)
    if e.traps:
        caught = e.electron_capture * electrons * (e.trap_density - state[3])
        out[2] = out[2] - caught  # (10)
        out[3] = caught - e.hole_capture * holes * state[3]
    heat = heating_rate(energy, absorbed, c)
    for k in range(len(e.heat_lifetimes)):
        row = 3 + e.traps + k
        out[row] = e.heat_shares[k] * heat - state[row] / e.heat_lifetimes[k]  # (11)
    known[0], known[1], known[2], known[3], known[4] = energy, holes, absorbed, half, offset


def change(state: Any, drive: Any, detuning: Any, c: Coefficients, e: Terms, out: Any) -> None:
    """`evaluate` for those who want the time derivative only."""
    evaluate(state, drive, detuning, c, e, out, [None] * 5)


def pulls(state: Any, holes: Any, c: Coefficients, e: Terms) -> tuple[Any, Any]:
    """How far an electron and a hole move the resonance to the blue, −k_n ∂Δn/∂N and −k_n ∂Δn/∂P."""
    return (
        c.index * index_slope(state[2], e.electron_index, e.electron_power, e.faint_density),
        c.index * index_slope(holes, e.hole_index, e.hole_power, e.faint_density),
    )


def slopes(state: Any, known: Any, pull: Any, c: Coefficients, e: Terms, m: Any) -> None:
    """Write the Jacobian of `change` at ``state``, shape (n, ...), into ``m`` of 0, shape (n, n, ...).

    ``known`` is what `evaluate`, ``pull`` what `pulls` gives for that state.
    """
    energy, holes, absorbed, half, offset = known
    x, y, electrons = state[0], state[1], state[2]
    # dU = 2x dx + 2y dy; γ/2 rises with U by k_2/2, δ by k_K.
    m[0, 0] = -half - (c.two_photon * x + 2 * c.kerr * y) * x
    m[0, 1] = -offset - (c.two_photon * x + 2 * c.kerr * y) * y
    m[1, 0] = offset + (2 * c.kerr * x - c.two_photon * y) * x
    m[1, 1] = -half + (2 * c.kerr * x - c.two_photon * y) * y
    blue = pull[0] + pull[1]  # an electron that comes with its hole
    wider = c.carrier_absorption / 2
    m[0, 2] = blue * y - wider * x
    m[1, 2] = -blue * x - wider * y
    m[2, 0] = 4 * c.generation * energy * x
    m[2, 1] = 4 * c.generation * energy * y
    m[2, 2] = -1 / c.carrier_lifetime
    if e.traps:
        caught, rate = e.electron_capture * electrons, e.electron_capture * (e.trap_density - state[3])
        m[0, 3] = pull[1] * y - wider * e.hole_share * x
        m[1, 3] = -pull[1] * x - wider * e.hole_share * y
        m[2, 2] = m[2, 2] - rate
        m[2, 3] = caught
        m[3, 2] = rate - e.hole_capture * state[3]
        m[3, 3] = -caught - e.hole_capture * (holes + state[3])
    by_energy = c.heating * (absorbed + c.two_photon * energy)
    by_pair = c.heating * c.carrier_absorption * energy
    for k in range(len(e.heat_lifetimes)):
        row = 3 + e.traps + k
        m[0, row] = -c.thermal * y
        m[1, row] = c.thermal * x
        m[row, 0] = e.heat_shares[k] * by_energy * 2 * x
        m[row, 1] = e.heat_shares[k] * by_energy * 2 * y
        m[row, 2] = e.heat_shares[k] * by_pair
        if e.traps:
            m[row, 3] = e.heat_shares[k] * by_pair * e.hole_share
        m[row, row] = -1 / e.heat_lifetimes[k]


def scaled(c: Coefficients, e: Terms, unit: Units) -> tuple[Coefficients, Terms]:
    """The same system with time, energy, density and temperature counted in ``unit``."""
    t, u, n, kelvin = unit
    return (
        Coefficients(
            coupling=c.coupling * t,
            drop_coupling=c.drop_coupling * t,
            scattering=c.scattering * t,
            absorption=c.absorption * t,
            two_photon=c.two_photon * u * t,
            carrier_absorption=c.carrier_absorption * n * t,
            generation=c.generation * u * u * t / n,
            kerr=c.kerr * u * t,
            index=c.index * t,
            thermal=c.thermal * kelvin * t,
            heating=c.heating * u / kelvin,
            carrier_lifetime=c.carrier_lifetime / t,
            thermal_lifetime=c.thermal_lifetime / t,
        ),
        Terms(
            electron_index=e.electron_index * n**e.electron_power,
            electron_power=e.electron_power,
            hole_index=e.hole_index * n**e.hole_power,
            hole_power=e.hole_power,
            faint_density=e.faint_density / n,
            hole_share=e.hole_share,
            traps=e.traps,
            trap_density=e.trap_density / n,
            electron_capture=e.electron_capture * n * t,
            hole_capture=e.hole_capture * n * t,
            heat_shares=np.asarray(e.heat_shares, dtype=float),
            heat_lifetimes=np.asarray(e.heat_lifetimes, dtype=float) / t,
        ),
    )
