"""Steady states of the nonlinear ring, explicit in the stored energy.

With U given, carriers, temperature, loss, resonance and the input power that holds it follow
without solving anything, on every branch of a bistable response:

    N(U) = g τ_fc U²,   T(U) = h τ_th (γ_abs + k_2 U + k_f N) U                        (6)
    P_in(U) = U [(γ(U)/2)² + δ(U)²]/γ_c,   δ = ω_L − ω_r(U)                            (7)
    t(U) = 1 − γ_c/(γ/2 − iδ),   d(U) = −√(γ_c γ_d)/(γ/2 − iδ)                         (8)

(steady state of equations (1)–(5) of `photonic.rates`). The states at a given power are found
on the monotone pieces between the folds dP_in/dU = 0; the folds are the roots of a polynomial,
so that none is missed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

import numpy as np

from photonic.errors import ConvergenceError, ParameterError, check, concrete
from photonic.rates import Coefficients, absorption_rate, loss_rate, resonance_shift

if TYPE_CHECKING:
    from photonic.ring import Ring

__all__ = ["STEP", "Cavity", "Piece", "Sweep"]

STEP = 1e-40  # [J], imaginary step in U: far below any U and far above the smallest float

Sweep = Literal["single", "up", "down"]


class Piece(NamedTuple):
    """A stretch of one branch, followed while the power goes from ``powers[0]`` to ``powers[1]``."""

    energies: tuple[float, float]  # [J], rising
    powers: tuple[float, float]  # [W], rising


class Cavity:
    """The nonlinear ring at one laser detuning [rad/s]: everything as a function of U [J]."""

    def __init__(self, ring: Ring, detuning: Any) -> None:
        check("detuning", detuning, unit="rad/s")
        self.ring = ring
        self.detuning = detuning
        self.c: Coefficients = ring.coefficients()

    # ----------------------------------------------------------------- explicit in U
    def carriers(self, energy: Any) -> Any:
        """Electron–hole pairs N [1/m³]; equation (6)."""
        return self.c.generation * self.c.carrier_lifetime * energy * energy

    def temperature(self, energy: Any) -> Any:
        """Temperature rise T [K], 0 with frozen heat; equation (6)."""
        absorbed = absorption_rate(energy, self.carriers(energy), self.c)
        return self.c.heating * self.c.thermal_lifetime * absorbed * energy

    def loss(self, energy: Any) -> Any:
        """Total decay rate γ [1/s]."""
        return loss_rate(energy, self.carriers(energy), self.c)

    def offset(self, energy: Any) -> Any:
        """Laser minus hot resonance δ [rad/s]."""
        index_change = self.ring.index_change(self.carriers(energy))
        return self.detuning - resonance_shift(energy, index_change, self.temperature(energy), self.c)

    def input_power(self, energy: Any) -> Any:
        """Power in the bus that holds the energy U [W]; equation (7)."""
        half, offset = self.loss(energy) / 2, self.offset(energy)
        return energy * (half * half + offset * offset) / self.c.coupling

    def through(self, energy: Any) -> tuple[Any, Any]:
        """Real and imaginary part of the through-port transfer t [1]; equation (8)."""
        half, offset = self.loss(energy) / 2, self.offset(energy)
        factor = self.c.coupling / (half * half + offset * offset)
        return 1 - factor * half, -factor * offset

    def drop(self, energy: Any) -> tuple[Any, Any]:
        """Real and imaginary part of the drop-port transfer d [1]; equation (8)."""
        half, offset = self.loss(energy) / 2, self.offset(energy)
        factor = -((self.c.coupling * self.c.drop_coupling) ** 0.5) / (half * half + offset * offset)
        return factor * half, factor * offset

    def power_slope(self, energy: np.ndarray) -> np.ndarray:
        """dP_in/dU [1/s], exact to round-off (complex step); NumPy arrays only."""
        return np.imag(self.input_power(energy + 1j * STEP)) / STEP

    # ----------------------------------------------------------------- scales and bounds
    def largest_energy(self, power: Any) -> np.ndarray:
        """Upper bound of U at input ``power`` [W]: the loss is never below the linear one."""
        c = Coefficients(*(concrete(v) for v in self.c))
        return 4 * c.coupling * concrete(power) / c.linear_loss**2

    def _slope_coefficients(self) -> np.ndarray:
        """dP_in/dU as a polynomial in U: coefficients of U⁰ … U⁶, last axis, times γ_c."""
        c = Coefficients(*(concrete(v).astype(float) for v in self.c))
        per_carrier = concrete(self.ring.index_per_carrier).astype(float)
        n2 = c.generation * c.carrier_lifetime
        heat = c.heating * c.thermal_lifetime
        f3 = c.carrier_absorption * n2
        half = (c.linear_loss / 2, c.two_photon / 2, f3 / 2)
        offset = (
            concrete(self.detuning).astype(float),
            c.kerr + c.thermal * heat * c.absorption,
            c.index * per_carrier * n2 + c.thermal * heat * c.two_photon,
            c.thermal * heat * f3,
        )
        shape = np.broadcast_shapes(*(np.shape(v) for v in (*half, *offset)))
        total = np.zeros((*shape, 7))
        for terms in (half, offset):
            for i, a in enumerate(terms):
                for j, b in enumerate(terms):
                    total[..., i + j] += a * b
        return total * np.arange(1, 8)  # d/dU of U·(...)

    # ----------------------------------------------------------------- folds
    def fold_energies(self) -> np.ndarray:
        """Energies [J] at which dP_in/dU = 0, rising; shape (..., 6) padded with NaN for batches.

        With the linear index law P_in is a polynomial of degree 7 in U and all folds are found.
        With another law they are searched on 4,000 energies over 12 decades.
        """
        if self.ring.index_law is not None:
            return self._searched_folds()
        coefficients = self._slope_coefficients()
        powers = np.arange(7)
        scaled = coefficients / coefficients[..., :1]
        with np.errstate(divide="ignore"):  # the energy at which the first nonlinear term matters
            scale = np.min(np.abs(scaled[..., 1:]) ** (-1 / powers[1:]), axis=-1)
        finite = np.where(np.isfinite(scale), scale, 1.0)
        scaled = scaled * finite[..., None] ** powers
        # Companion matrix of the reversed polynomial: its leading coefficient never vanishes.
        companion = np.zeros((*scaled.shape[:-1], 6, 6))
        companion[..., 0, :] = -scaled[..., 1:]
        companion[..., np.arange(1, 6), np.arange(5)] = 1.0
        inverse = np.linalg.eigvals(companion)
        real = (inverse.imag == 0) & (inverse.real > 1e-9)
        u = np.where(real, 1 / np.where(real, inverse.real, 1.0), np.nan)
        for _ in range(2):  # polish
            value = np.sum(scaled[..., None, :] * u[..., None] ** powers, axis=-1)
            slope = np.sum((scaled * powers)[..., None, 1:] * u[..., None] ** powers[:-1], axis=-1)
            with np.errstate(divide="ignore", invalid="ignore"):
                step = value / slope
            u = np.where(np.abs(step) < 1e-3 * u, u - step, u)
        energies = np.sort(u * finite[..., None], axis=-1)
        return energies[np.isfinite(energies)] if energies.ndim == 1 else energies

    def _searched_folds(self) -> np.ndarray:
        self.require_one()
        hot = self.onset_energy()
        energy = hot * np.geomspace(1e-6, 1e6, 4000)
        low, high = energy[:-1], energy[1:]
        change = np.sign(self.power_slope(low)) != np.sign(self.power_slope(high))
        low, high = low[change], high[change]
        sign = np.sign(self.power_slope(low))
        for _ in range(60):
            middle = (low + high) / 2
            left = np.sign(self.power_slope(middle)) == sign
            low, high = np.where(left, middle, low), np.where(left, high, middle)
        return (low + high) / 2

    def onset_energy(self) -> float:
        """Energy at which loss or shift have grown by a linewidth, where nonlinearity rules [J]."""
        energy = np.geomspace(1e-24, 1e-3, 400)
        width = float(self.c.linear_loss)
        moved = np.abs(self.offset(energy) - self.offset(energy * 0)) + self.loss(energy) - width
        return float(energy[min(int(np.searchsorted(moved, width)), 399)])

    def require_one(self) -> None:
        if np.ndim(concrete(self.detuning)) or any(np.ndim(concrete(v)) for v in self.c):
            raise ParameterError("one ring at one detuning is wanted here, got arrays: loop over them")

    # ----------------------------------------------------------------- branches
    def pieces(self, power_max: float, sweep: Sweep) -> list[Piece]:
        """Stretches of branch that a slow sweep between 0 and ``power_max`` [W] follows.

        ``"single"`` raises where the response is multivalued in the range. A jump lands on the
        nearest branch with rising P_in in the direction of the sweep.
        """
        self.require_one()
        if sweep not in ("single", "up", "down"):
            raise ParameterError(f"sweep must be 'single', 'up' or 'down', got {sweep!r}")
        check("power_max", power_max, unit="W", above=0.0)
        top = float(self.largest_energy(power_max))
        folds = self.fold_energies()
        powers = self.input_power(folds)
        maxima, minima = folds[::2], folds[1::2]  # P_in rises from U = 0 to its first maximum
        if sweep == "single" and np.any(powers[1::2] < power_max):
            listed = ", ".join(f"{p:.6g} W" for p in np.sort(powers[powers < 2 * power_max]))
            raise ParameterError(
                f"the response is multivalued below power_max = {power_max:g} W: folds at {listed}; "
                "choose sweep='up' or 'down', a smaller power_max or another detuning"
            )
        starts = np.concatenate([[0.0], minima])
        ends = np.concatenate([maxima, [max(top, 2 * starts[-1])]])[: starts.size]
        rising = [
            (float(a), float(b), float(self.input_power(a)), float(self.input_power(b)))
            for a, b in zip(starts, ends, strict=True)
        ]
        found: list[Piece] = []
        if sweep == "down":
            power, branch = power_max, len(rising) - 1
            while rising[branch][2] > power:
                branch -= 1
            while True:
                low, high, p_low, _ = rising[branch]
                found.append(Piece((low, high), (max(p_low, 0.0), power)))
                if p_low <= 0:
                    return found[::-1]
                power = p_low
                branch = max(b for b in range(branch) if rising[b][2] < power < rising[b][3])
        power, branch = 0.0, 0
        while True:
            low, high, _, p_high = rising[branch]
            last = branch == len(rising) - 1 or p_high >= power_max
            found.append(Piece((low, high), (power, power_max if last else p_high)))
            if last:
                return found
            power = p_high
            branch = min(b for b in range(branch + 1, len(rising)) if rising[b][2] < power < rising[b][3])

    def energies(self, power: np.ndarray, sweep: Sweep = "single") -> np.ndarray:
        """Energy U [J] on the branch of ``sweep`` at each ``power`` [W] (any shape)."""
        power = np.asarray(power, dtype=float)
        highest = float(np.max(power, initial=0.0))
        if highest == 0.0:
            return np.zeros(power.shape)
        pieces = self.pieces(highest, sweep)
        ends = np.array([piece.powers[1] for piece in pieces])
        if sweep == "down":  # at the power of a jump a falling sweep is still on the upper branch
            which = np.minimum(np.searchsorted(ends, power, side="right"), len(pieces) - 1)
        else:
            which = np.minimum(np.searchsorted(ends, power, side="left"), len(pieces) - 1)
        energy = np.empty(power.shape)
        for index, piece in enumerate(pieces):
            chosen = which == index
            energy[chosen] = self.invert(power[chosen], *piece.energies)
        return energy

    def single_valued_limit(self) -> np.ndarray:
        """Power in the bus [W] below which there is one state only; infinite without folds."""
        minima = np.moveaxis(self.fold_energies()[..., 1::2], -1, 0)
        powers = np.array([self.input_power(energy) for energy in minima] or [np.inf])
        return np.min(np.where(np.isnan(powers), np.inf, powers), axis=0)

    def batch_energies(self, power: Any) -> np.ndarray:
        """Energy U [J] of a batch of rings or detunings, all single-valued below their power."""
        power, detuning = np.asarray(concrete(power), dtype=float), concrete(self.detuning)
        shape = np.broadcast_shapes(power.shape, detuning.shape, *(np.shape(concrete(v)) for v in self.c))
        power = np.broadcast_to(power, shape)
        lowest = self.single_valued_limit()
        if np.any(power > lowest):
            worst = float(np.min(lowest))
            raise ParameterError(f"the response of a ring of the batch is multivalued above {worst:.6g} W")
        return self.invert(power, 0.0, np.broadcast_to(self.largest_energy(power), shape))

    def _start(self, power: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
        """First guess of `invert`: from a table where many powers share one ring, else ``high``."""
        spread = np.linspace(0, 1, 257) ** 3
        if high.ndim == 0:
            grid = low + (high - low) * spread
            return np.interp(power, self.input_power(grid), grid)
        if power.ndim == 2 and high.shape == (power.shape[0], 1) and power.shape[1] > 16:
            grid = low + (high - low) * spread
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
        energy = start
        for _ in range(200):
            value = self.input_power(energy + 1j * STEP)
            miss = value.real - power
            low, high = np.where(miss <= 0, energy, low), np.where(miss >= 0, energy, high)
            slope = value.imag / STEP
            with np.errstate(divide="ignore", invalid="ignore"):
                new = energy - miss / slope
            outside = ~((new >= low) & (new <= high))
            new = np.where(outside, (low + high) / 2, new)
            # A Newton step below 1e-10 has squared the error to round-off.
            done = ~outside & (np.abs(new - energy) <= 1e-10 * new)
            energy = new
            if np.all(done | (high - low <= 1e-15 * high)):
                return energy
        raise ConvergenceError("no steady state was found to round-off in 200 steps", partial=energy)
