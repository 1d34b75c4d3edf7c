"""In which regime a curve holds: mean heating, symbol window, and the limits of the model."""

from __future__ import annotations

import dataclasses
import math
import warnings
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.cavity import Cavity
from photonic.errors import OutsideValidityWarning, ParameterError, check, concrete

if TYPE_CHECKING:
    from photonic.devices import RingDevice
    from photonic.ring import Ring

__all__ = [
    "SymbolWindow",
    "absorbed_power",
    "beyond_limits",
    "mean_heating",
    "outside_validity",
    "symbol_error",
    "symbol_window",
    "warn_short_symbol",
]


_FIRST_ORDER = 0.3  # half-linewidths


@dataclass(frozen=True, kw_only=True)
class SymbolWindow:
    """Symbol times [s] between which a frozen-heat curve holds within ``tolerance`` [1] of its range.

    ``best`` is the symbol time [s] with the ``smallest_error`` [1].
    """

    shortest: float
    longest: float
    tolerance: float
    best: float
    smallest_error: float


def absorbed_power(device: RingDevice, powers: Any) -> np.ndarray:
    """Power turned into heat in the ring [W] at input ``powers`` [W], heat frozen."""
    cold = device.frozen()
    cavity = cold.cavity()
    energy = cold.energy(powers, cavity=cavity)
    return cavity.absorbed(energy) * energy


def mean_heating(device: RingDevice, powers: Any, duty: float = 1.0) -> tuple[float, float]:
    """Mean temperature rise [K] and the detuning offset it makes [rad/s], positive.

    ``powers`` [W] is a sample of the input powers that come; ``duty`` the share of time in
    which they do. With frozen heat, detunings count from this mean-hot resonance: the laser
    (or the ring heater) must supply the offset, T_mean = R_th · duty · ⟨P_abs⟩.
    """
    check("duty", duty, unit="[1]", at_least=0.0, at_most=1.0)
    _check_sample(powers, 1)
    mean = float(np.mean(absorbed_power(device, np.asarray(powers, dtype=float))))
    kelvin = float(device.ring.thermal_resistance) * duty * mean
    return kelvin, float(device.ring.coefficients().thermal) * kelvin


def _check_sample(powers: Any, least: int) -> None:
    check("powers", powers, unit="W", at_least=0.0)
    if np.unique(concrete(powers)).size < least:
        raise ParameterError(f"powers must hold {least} or more different powers [W], got {powers!r}")


def _check_lifetimes(device: RingDevice) -> None:
    for name in ("carrier_lifetime", "thermal_lifetime"):
        if getattr(device.ring, name) is None:
            raise ParameterError(f"{name} [s] of the ring is needed for symbols in time, got None")
    if device.ring.traps is not None:
        raise ParameterError(
            "traps must be None for symbols in time: carriers have no one lifetime with them"
        )


def symbol_error(device: RingDevice, powers: Any, symbol_time: Any) -> np.ndarray:
    """Rms error of the frozen-heat curve under random symbols, as a share of its output range [1].

    Symbols are drawn independently from ``powers`` [W] and last ``symbol_time`` [s] (any shape);
    the output is read at the end of each. To first order in the detuning error δ of the ring, during
    symbol k of settled heat shift s_k and carrier shift n_k [rad/s],

        τ_j dδ_j/dt = share_j (s_k − s̄ + s_k′ δ) − δ_j,   δ = Σ δ_j,
        error_k = (∂P_out/∂δ) (δ + e^{−T/(g_k τ_fc)} (n_{k−1} − n_k)/g_k),   g_k = 1 + n_k′,

    with one δ_j for each thermal mode and a prime for ∂/∂δ: a warmer ring absorbs another power, and
    carriers that pull the resonance along settle more slowly. The mean square is that of the
    stationary state, exact for this linear recursion. It is infinite where δ and the carriers' part
    exceed 0.3 half-linewidths rms, or grow without end: the first order says nothing there. Against
    the full equations in time (`photonic.symbol_rate_limit`; table in ``docs/default_neuron``) it is
    right within a factor of 1.5 from 4 carrier lifetimes on and of 2 from 2 on, while the error is
    below 10 %. What it leaves out: the mean heat of a stream of short symbols is another than
    that of steady states, and photons do not follow at once below about 10 photon lifetimes.

    Warns
    -----
    OutsideValidityWarning
        A symbol is shorter than 5 photon lifetimes.
    """
    check("symbol_time", symbol_time, unit="s", above=0.0)
    warn_short_symbol(device.ring, float(np.min(concrete(symbol_time))))
    return _errors(device, powers, symbol_time)


def _errors(device: RingDevice, powers: Any, symbol_time: Any) -> np.ndarray:
    """`symbol_error` at times [s] of any shape and length."""
    _check_sample(powers, 2)
    _check_lifetimes(device)
    times = np.asarray(symbol_time, dtype=float)
    parts = [_error(device, powers, piece) for piece in np.split(times.ravel(), range(64, times.size, 64))]
    return np.concatenate(parts).reshape(times.shape)[()]


def warn_short_symbol(ring: Ring, symbol_time: float) -> None:
    """Warn where light has no time to build up within a symbol of ``symbol_time`` [s]."""
    lifetime = float(np.max(concrete(ring.photon_lifetime)))
    if symbol_time < 5 * lifetime:
        text = f"a symbol of {symbol_time:.3g} s is shorter than 5 photon lifetimes of {lifetime:.3g} s"
        warnings.warn(
            f"{text}: light does not settle, no static curve holds", OutsideValidityWarning, stacklevel=3
        )


def _error(device: RingDevice, powers: Any, times: np.ndarray) -> np.ndarray:
    """`symbol_error` at ``times`` [s], shape (n,)."""
    power = np.asarray(powers, dtype=float).ravel()
    ring, cold = device.ring, device.frozen()
    c = ring.with_effects(heating=True).coefficients()
    step = 1e-20 * float(ring.linewidth)
    moved = dataclasses.replace(cold, detuning=float(cold.detuning) + 1j * step)  # complex step: ∂/∂δ
    cavity = moved.cavity()
    energy = moved.energy(power, cavity=cavity)
    settled = cavity.absorbed(energy) * energy * float(ring.thermal_resistance) * float(c.thermal)
    shifted = float(c.index) * cavity.index_change(energy)
    out = moved.transfer(power)
    heat, carriers = (v.real - np.mean(v.real) for v in (settled, shifted))
    follow = np.maximum(1 + np.imag(shifted) / step, 1e-9)  # g
    lag = np.exp(-times[:, None] / (float(ring.carrier_lifetime) * follow)) / follow

    # In y_j = δ_j √(τ_j/share_j) the modes of one power obey y' = M y + s v with a symmetric M.
    modes = ring.thermal_modes
    shares = np.array((1.0,) if modes is None else modes.shares)
    lifetimes = np.array((float(ring.thermal_lifetime),) if modes is None else modes.lifetimes)
    v = np.sqrt(shares / lifetimes)
    rates = (np.imag(settled) / step)[:, None, None] * v[:, None] * v - np.diag(1 / lifetimes)
    rates, turn = np.linalg.eigh(rates)
    grown = np.minimum(rates * times[:, None, None], 300.0)
    passed = np.where(np.abs(grown) > 1e-9, np.expm1(grown) / np.where(grown == 0, 1.0, grown), 1.0)
    a = (turn * np.exp(grown)[..., None, :]) @ np.swapaxes(turn, -1, -2)  # y after a symbol: a y + b
    b = np.einsum("pij,tpj,pkj,k,p,t->tpi", turn, passed, turn, v, heat, times, optimize=True)
    size = v.size
    mean = np.linalg.solve(np.eye(size) - a.mean(1), b.mean(1)[..., None])[..., 0]
    carried = np.einsum("tpij,tj->tpi", a, mean)
    flat = a.reshape(times.size, power.size, -1)
    pairs = (np.swapaxes(flat, 1, 2) @ flat).reshape(-1, size, size, size, size) / power.size
    pairs = np.moveaxis(pairs, 3, 2).reshape(-1, size**2, size**2)
    made = np.einsum("tpi,tpj->tij", b, b + 2 * carried) / power.size
    made = (made + np.swapaxes(made, 1, 2)) / 2
    probe = np.broadcast_to(np.eye(size), made.shape)
    sources = np.stack([made, probe], axis=-1).reshape(-1, size**2, 2)
    found = np.linalg.solve(np.eye(size**2) - pairs, sources).reshape(-1, size, size, 2)
    second = found[..., 0]  # ⟨y yᵀ⟩ at the start of a symbol
    before = np.mean((carried + b) * carriers[:, None], axis=1)  # ⟨y n⟩ with the symbol before

    end, own = np.einsum("i,tpij->tpj", v, a), b @ v
    met = np.einsum("tpi,ti->tp", end, mean)
    heated = np.einsum("tpi,tij,tpj->tp", end, second, end) + 2 * met * own + own**2
    both = np.einsum("tpi,ti->tp", end, before) - carriers * (met + own)
    squared = heated + 2 * lag * both + lag**2 * (np.var(carriers) + carriers**2)
    slope = np.imag(out) / step
    error = np.sqrt(np.mean(slope**2 * np.maximum(squared, 0.0), axis=-1)) / np.ptp(out.real)
    spread = np.sqrt(np.mean(np.maximum(squared, 0.0), axis=-1))
    bounded = np.linalg.eigvalsh(found[..., 1])[:, 0] > 0  # a recursion that grows has no second moment
    bounded &= np.max(grown, axis=(1, 2)) < 300
    return np.where(bounded & (spread <= _FIRST_ORDER * float(ring.linewidth) / 2), error, np.inf)


def symbol_window(device: RingDevice, powers: Any, tolerance: float = 0.05) -> SymbolWindow | None:
    """Symbol times for which `symbol_error` stays below ``tolerance``, or None where there are none.

    Too short and the carriers do not settle; too long and heat drifts with the symbols. Looked for
    from a tenth of the carrier (or photon) lifetime to a million of them, to 1.2 %; a bound that
    lies outside is 0 or infinite.
    """
    check("tolerance", tolerance, unit="[1]", above=0.0, below=1.0)
    _check_lifetimes(device)
    lifetimes = (float(device.ring.carrier_lifetime), float(device.ring.photon_lifetime))
    times = max(lifetimes) * np.geomspace(0.1, 1e6, 351)
    error = _errors(device, powers, times)
    best = int(np.argmin(error))
    if error[best] > tolerance:
        return None
    bad = np.flatnonzero(error > tolerance)  # the window is the stretch around the best time
    before, after = bad[bad < best], bad[bad > best]

    def edge(good: float, failing: float) -> float:
        for _ in range(2):  # 4.7 % apart at first
            middle = math.sqrt(good * failing)
            inside = float(_errors(device, powers, middle)) <= tolerance
            good, failing = (middle, failing) if inside else (good, middle)
        return float(good)

    return SymbolWindow(
        shortest=edge(times[before[-1] + 1], times[before[-1]]) if before.size else 0.0,
        longest=edge(times[after[0] - 1], times[after[0]]) if after.size else math.inf,
        tolerance=tolerance,
        best=float(times[best]),
        smallest_error=float(error[best]),
    )


def outside_validity(cavity: Cavity, energy: np.ndarray) -> list[str]:
    """Sentences on what the coupled-mode model cannot promise at these energies [J]."""
    if not np.size(energy):
        return []
    highest = energy if cavity.is_batch else np.max(energy)  # heat and carriers rise with the energy
    furthest = float(np.max(np.abs(cavity.offset(energy))))
    return beyond_limits(cavity.ring, cavity.temperature(highest), cavity.carriers(highest), furthest)


def beyond_limits(ring: Ring, temperature: Any, carriers: Any, furthest: float) -> list[str]:
    """Sentences on what the model cannot promise at these temperatures [K] and densities [1/m³].

    ``furthest`` is the largest distance of the laser from the hot resonance [rad/s].
    """
    found = []
    hot, dense = float(np.max(temperature)), float(np.max(carriers))
    if hot > 50:
        found.append(f"temperature rise reaches {hot:.3g} K: the thermo-optic law is linear, good below 50 K")
    c = ring.coefficients()
    if dense > 1e26 and any(np.any(concrete(effect)) for effect in (c.carrier_absorption, c.index)):
        found.append(f"carrier density reaches {dense:.3g} 1/m³: the carrier laws hold below 1e26 1/m³")
    if ring.circumference is not None:
        finesse = float(np.min(ring.finesse))
        if finesse < 20:
            found.append(f"finesse is {finesse:.3g}: coupled-mode theory wants 20 or more")
        spacing = 2 * math.pi / float(np.min(ring.round_trip_time()))
        if furthest > spacing / 10:
            share = furthest / spacing
            found.append(f"the laser is {share:.2g} free spectral ranges off the hot resonance (limit 0.1)")
    return found
