"""Steady states of the nonlinear ring, explicit in the stored energy.

With U given, carriers, temperature, loss, resonance and the input power that holds it follow
without solving anything, on every branch of a bistable response:

    N(U) = g τ_fc U²,   T(U) = h τ_th (γ_abs + k_2 U + k_f N) U                        (6)
    P_in(U) = U [(γ(U)/2)² + δ(U)²]/γ_c,   δ = ω_L − ω_r(U)                            (7)
    t(U) = 1 − γ_c/(γ/2 − iδ),   d(U) = −√(γ_c γ_d)/(γ/2 − iδ)                         (8)

(steady state of equations (1)–(5) of `photonic.rates`; with traps N(U) is that of
`photonic.trapping`). The states at a given power are found on the monotone pieces between the folds
dP_in/dU = 0; the folds are the roots of a polynomial, so that none is missed. What a sweep of the
power follows is in `photonic.branches`.
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.errors import ConvergenceError, ParameterError, check, concrete
from photonic.polynomial import positive_roots
from photonic.rate_equations import Terms, outer_terms, pulls, terms
from photonic.rates import (
    Coefficients,
    absorption_rate,
    held_power,
    resonance_shift,
    settled_pairs,
    settled_temperature,
    through_transfer,
    total_rate,
)
from photonic.trapping import Balance, settled_carriers

if TYPE_CHECKING:
    from photonic.ring import Ring

__all__ = ["FAINT", "STEP", "Cavity"]

STEP = 1e-40  # [J], imaginary step in U: far below any U and far above the smallest float
FAINT = 1e-30  # [W], less than a photon in 1,000 years: nothing nonlinear, and out of reach of `STEP`

_TABLE = np.linspace(0, 1, 257) ** 3  # [1], where the start of an inversion is looked up


class Cavity:
    """The nonlinear ring at one laser detuning [rad/s]: everything as a function of U [J]."""

    def __init__(self, ring: Ring, detuning: Any) -> None:
        check("detuning", detuning, unit="rad/s")
        self.ring = ring
        self.detuning = detuning
        self.c: Coefficients = ring.coefficients()

    @functools.cached_property
    def numbers(self) -> tuple[Any, ...]:
        """Every number that the steady states depend on: detuning, coefficients, traps."""
        traps = self.ring.traps
        if traps is None:
            return (self.detuning, *self.c)
        extra = (traps.density, traps.electron_capture, traps.hole_capture, traps.hole_share)
        return (self.detuning, *self.c, *extra)

    # ----------------------------------------------------------------- explicit in U
    def settled(self, energy: Any) -> tuple[Any, Any, Any]:
        """Electrons N and trapped electrons n_t (None without traps), and the pairs that absorb [1/m³]."""
        c, traps = self.c, self.ring.traps
        if traps is None:
            pairs = settled_pairs(energy, c)
            return pairs, None, pairs
        balance = Balance(
            c.generation, c.carrier_lifetime, traps.density, traps.electron_capture, traps.hole_capture
        )
        electrons, trapped = settled_carriers(energy, balance)
        return electrons, trapped, electrons + traps.hole_share * trapped

    def carriers(self, energy: Any) -> Any:
        """Electrons N [1/m³], as many holes unless traps hold electrons; equation (6)."""
        return self.settled(energy)[0]

    def absorbed(self, energy: Any) -> Any:
        """Rate at which stored energy turns into heat γ_abs + k_2 U + k_f N [1/s]."""
        return absorption_rate(energy, self.settled(energy)[2], self.c)

    def index_change(self, energy: Any) -> Any:
        """Index change of silicon Δn by the carriers [1]."""
        electrons, trapped, _ = self.settled(energy)
        return self.ring.index_change(electrons, trapped)

    def temperature(self, energy: Any) -> Any:
        """Temperature rise T [K], 0 with frozen heat; equation (6)."""
        return settled_temperature(energy, self.absorbed(energy), self.c)

    def widths(self, energy: Any) -> tuple[Any, Any]:
        """Half the decay rate γ/2 [1/s], and laser minus hot resonance δ [rad/s]."""
        c, (electrons, trapped, pairs) = self.c, self.settled(energy)
        absorbed = absorption_rate(energy, pairs, c)
        temperature = settled_temperature(energy, absorbed, c)
        shift = resonance_shift(energy, self.ring.index_change(electrons, trapped), temperature, c)
        return total_rate(absorbed, c) / 2, self.detuning - shift

    def loss(self, energy: Any) -> Any:
        """Total decay rate γ [1/s]."""
        return total_rate(self.absorbed(energy), self.c)

    def offset(self, energy: Any) -> Any:
        """Laser minus hot resonance δ [rad/s]."""
        return self.widths(energy)[1]

    def input_power(self, energy: Any, widths: tuple[Any, Any] | None = None) -> Any:
        """Power in the bus that holds the energy U [W]; equation (7). ``widths`` if known."""
        half, offset = widths or self.widths(energy)
        return held_power(energy, half, offset, self.c)

    def through(self, energy: Any, widths: tuple[Any, Any] | None = None) -> tuple[Any, Any]:
        """Real and imaginary part of the through-port transfer t [1]; equation (8)."""
        half, offset = widths or self.widths(energy)
        return through_transfer(half, offset, self.c)

    def drop(self, energy: Any, widths: tuple[Any, Any] | None = None) -> tuple[Any, Any]:
        """Real and imaginary part of the drop-port transfer d [1]; equation (8)."""
        half, offset = widths or self.widths(energy)
        factor = -((self.c.coupling * self.c.drop_coupling) ** 0.5) / (half * half + offset * offset)
        return factor * half, factor * offset

    def power_slope(self, energy: np.ndarray) -> np.ndarray:
        """dP_in/dU [1/s], exact to round-off (complex step); NumPy arrays only."""
        return np.imag(self.input_power(energy + 1j * STEP)) / STEP

    # ----------------------------------------------------------------- as a point of the rate equations
    @functools.cached_property
    def terms(self) -> Terms:
        """What the rate equations need beside ``c``; no index law where it is no sum of powers."""
        try:
            return terms(self.ring)
        except ParameterError:
            return outer_terms(self.ring)

    def state(self, energy: np.ndarray) -> np.ndarray:
        """(Re a, Im a, N, [n_t], T_1 …) with the field along the real axis [SI], shape (n, ...)."""
        return self.linearised(energy)[0]

    def linearised(self, energy: np.ndarray) -> tuple[np.ndarray, Any, Any]:
        """`state`, and what `photonic.rate_equations.slopes` wants to know of it."""
        c, e, (electrons, trapped, pairs) = self.c, self.terms, self.settled(energy)
        absorbed = absorption_rate(energy, pairs, c)
        heat = c.heating * absorbed * energy
        temperature = c.thermal_lifetime * heat
        shift = resonance_shift(energy, self.ring.index_change(electrons, trapped), temperature, c)
        filled = [] if trapped is None else [trapped]
        holes = sum(filled, electrons)
        known = (energy, holes, absorbed, total_rate(absorbed, c) / 2, self.detuning - shift)
        modes = [w * t * heat for w, t in zip(e.heat_shares, e.heat_lifetimes, strict=True)]
        rows = (np.sqrt(energy), 0.0, electrons, *filled, *modes)
        state = np.empty((len(rows), *np.broadcast_shapes(*(np.shape(row) for row in rows))))
        for k, row in enumerate(rows):
            state[k] = row
        if self.ring.index_law is None:
            return state, known, pulls(state, holes, c, e)
        some, more = np.maximum(electrons, 1.0), np.maximum(holes, 1.0)  # a law may have no slope at 0
        law, light, step = self.ring.index_law.index_change, self.ring.wavelength, 1 + 1e-30j
        if trapped is None:
            both = np.imag(law(some * step, some * step, light)) / (1e-30 * some)
            return state, known, (-c.index * both, 0.0)
        by_electron = np.imag(law(some * step, more, light)) / (1e-30 * some)
        by_hole = np.imag(law(some, more * step, light)) / (1e-30 * more)
        return state, known, (-c.index * by_electron, -c.index * by_hole)

    # ----------------------------------------------------------------- scales and bounds
    @functools.cached_property
    def is_batch(self) -> bool:
        """Whether a number of the ring or the detuning is an array of more than 0 dimensions."""
        return any(np.ndim(concrete(v)) for v in self.numbers)

    def require_one(self) -> None:
        if self.is_batch:
            raise ParameterError("one ring at one detuning is wanted here, got arrays: loop over them")

    def largest_energy(self, power: Any) -> np.ndarray:
        """Upper bound of U at input ``power`` [W]: the loss is never below the linear one.

        A linear ring on resonance reaches it: a margin keeps round-off from putting it below.
        """
        coupling, loss = concrete(self.c.coupling), concrete(self.c.linear_loss)
        return 4 * coupling * concrete(power) / loss**2 * (1 + 1e-9)

    def onset_energy(self) -> np.ndarray:
        """Energy at which loss or shift have grown by a linewidth, where nonlinearity rules [J].

        To 13 %; 1 mJ where nothing is nonlinear.
        """
        shape = np.broadcast_shapes(*(np.shape(concrete(v)) for v in self.numbers))
        energy = np.geomspace(1e-24, 1e-3, 400).reshape(-1, *(1 for _ in shape))
        width = self.c.linear_loss
        moved = np.abs(self.offset(energy) - self.offset(0 * energy)) + self.loss(energy) - width
        moved = np.broadcast_to(moved, (400, *shape))
        found = np.where(np.any(moved >= width, axis=0), np.argmax(moved >= width, axis=0), 399)
        return energy.ravel()[found]

    # ----------------------------------------------------------------- folds
    def fold_energies(self) -> np.ndarray:
        """Energies [J] at which dP_in/dU = 0, rising; last axis NaN-padded for batches.

        Maxima of P_in and minima take turns, a maximum first. With the linear index law P_in is a
        polynomial of degree 7 in U and all folds are found. With another law or with traps they are
        searched on 2,400 energies over 12 decades about the onset of nonlinearity.
        """
        if self.ring.index_law is None and self.ring.traps is None:
            energies = positive_roots(self._slope_coefficients())
        else:
            energies = self._searched_folds()
        return energies[np.isfinite(energies)] if energies.ndim == 1 else energies

    def single_valued_limit(self) -> np.ndarray:
        """Power in the bus [W] below which there is one state only; infinite without folds."""
        minima = np.moveaxis(self.fold_energies()[..., 1::2], -1, 0)
        powers = np.array([self.input_power(energy) for energy in minima] or [np.inf])
        return np.min(np.where(np.isnan(powers), np.inf, powers), axis=0)

    def _slope_coefficients(self) -> np.ndarray:
        """dP_in/dU as a polynomial in U: coefficients of U⁰ … U⁶, last axis, times γ_c."""
        c = Coefficients(*(_plain(v) for v in self.c))
        per_carrier = _plain(self.ring.index_per_carrier)
        n2 = c.generation * c.carrier_lifetime
        heat = c.heating * c.thermal_lifetime
        f3 = c.carrier_absorption * n2
        half = (c.linear_loss / 2, c.two_photon / 2, f3 / 2)
        offset = (
            _plain(self.detuning),
            c.kerr + c.thermal * heat * c.absorption,
            c.index * per_carrier * n2 + c.thermal * heat * c.two_photon,
            c.thermal * heat * f3,
        )
        orders = np.arange(1, 8)  # d/dU of U·(...)
        if all(isinstance(v, float) for v in (*half, *offset)):
            total = np.convolve(offset, offset)
            total[:5] += np.convolve(half, half)
            return np.asarray(total * orders)
        shape = np.broadcast_shapes(*(np.shape(v) for v in (*half, *offset)))
        total = np.zeros((*shape, 7))
        for series in (half, offset):
            for i, a in enumerate(series):
                for j, b in enumerate(series):
                    total[..., i + j] += a * b
        return total * orders

    def _searched_folds(self) -> np.ndarray:
        hot = self.onset_energy()
        energy = hot * np.geomspace(1e-6, 1e6, 2400).reshape(-1, *(1 for _ in hot.shape))
        positive = self.power_slope(energy) > 0
        change = positive[:-1] != positive[1:]
        most = int(np.max(np.sum(change, axis=0), initial=0))
        # The indices of the changes, in rising order, first along axis 0.
        first = np.argsort(~change, axis=0, kind="stable")[: most + most % 2]
        real = np.take_along_axis(change, first, axis=0)
        low, high = (np.take_along_axis(energy, first + k, axis=0) for k in (0, 1))
        rising = np.take_along_axis(positive, first, axis=0)
        for _ in range(60):
            middle = (low + high) / 2
            left = (self.power_slope(middle) > 0) == rising
            low, high = np.where(left, middle, low), np.where(left, high, middle)
        return np.moveaxis(np.where(real, (low + high) / 2, np.nan), 0, -1)

    # ----------------------------------------------------------------- inversion
    def batch_energies(self, power: Any) -> np.ndarray:
        """Energy U [J] of a batch of rings or detunings, all single-valued below their power."""
        power = np.asarray(concrete(power), dtype=float)
        shapes = (np.shape(concrete(v)) for v in self.numbers)
        power = np.broadcast_to(power, np.broadcast_shapes(power.shape, *shapes))
        lowest = self.single_valued_limit()
        if np.any(power > lowest):
            worst = float(np.min(lowest))
            raise ParameterError(f"the response of a ring of the batch is multivalued above {worst:.6g} W")
        return self.invert(power, 0.0, np.broadcast_to(self.largest_energy(power), power.shape))

    def _start(self, power: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """First guess of `invert`: from a table where many powers share one ring, else ``high``."""
        if high.ndim == 0:
            grid = low + (high - low) * _TABLE
            return np.interp(power, self.input_power(grid), grid)
        if power.ndim == 2 and high.shape == (power.shape[0], 1) and power.shape[1] > 16:
            grid = low + (high - low) * _TABLE
            table = self.input_power(grid)
            return np.array([np.interp(p, x, u) for p, x, u in zip(power, table, grid, strict=True)])
        return np.broadcast_to(high, power.shape)

    def invert(self, power: np.ndarray, low: Any, high: Any) -> np.ndarray:
        """U [J] with P_in(U) = ``power`` [W] between ``low`` and ``high`` [J], P_in rising there.

        Newton's method kept inside a shrinking bracket, all elements at once.
        """
        low, high = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
        start = self._start(power, low, high)
        low, high = (np.broadcast_to(v, power.shape) for v in (low, high))
        energy = np.clip(start, low, high)
        for _ in range(200):
            value = self.input_power(energy + 1j * STEP)
            miss = value.real - power
            low, high = np.where(miss <= 0, energy, low), np.where(miss >= 0, energy, high)
            slope = value.imag / STEP
            with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
                new = energy - miss / slope
            outside = ~((new >= low) & (new <= high))
            new = np.where(outside, (low + high) / 2, new)
            # At a fold only the power, not the energy, can be met to round-off.
            met = np.abs(miss) <= 4e-16 * power
            # A Newton step below 1e-10 has squared the error to round-off.
            done = ~outside & (np.abs(new - energy) <= 1e-10 * new)
            done |= met | (power < FAINT) | (high - low <= 1e-15 * high)
            energy = np.where(met & outside, energy, new)
            if np.all(done):
                return self._with_faint(power, energy)
        raise ConvergenceError("no steady state was found to round-off in 200 steps", partial=energy)

    def end_energy(self, power: float, low: float, high: float) -> float:
        """`invert` for one number: the ends first, then Newton on Python numbers, far quicker."""
        for end in (low, high):
            if abs(float(self.input_power(end)) - power) <= 1e-15 * power:
                return end
        grid = low + (high - low) * _TABLE
        energy = float(np.interp(power, self.input_power(grid), grid))
        for _ in range(20):
            value = complex(self.input_power(complex(energy, STEP)))
            step = (value.real - power) * STEP / value.imag if value.imag else 0.0
            energy -= step
            if not low < energy < high:
                break
            if abs(step) <= 1e-10 * energy:
                return energy
        return float(self.invert(np.asarray(power), low, high))

    def _with_faint(self, power: np.ndarray, energy: np.ndarray) -> np.ndarray:
        """``energy``, linear in the power where that is next to nothing."""
        faint = power < FAINT
        return np.where(faint, power / self.power_slope(np.zeros(())), energy) if np.any(faint) else energy


def _plain(value: Any) -> Any:
    """A float, or an array of floats, without gradient."""
    return float(value) if isinstance(value, int | float) else concrete(value).astype(float)[()]
