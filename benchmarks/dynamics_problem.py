"""A ring in time, its equations written apart from the package, and solutions by SciPy at any tolerance.

The equations are those of Johnson, Borselli and Painter 2006 with the Kerr effect, every effect on.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from scipy.integrate import odeint, solve_ivp

from photonic.parameters import VAN_VAERENBERGH_2012
from photonic.ring import Ring
from photonic.units import PLANCK, SPEED_OF_LIGHT


class Problem(NamedTuple):
    """A ring at constant power [W] and detuning [rad/s]; at first dark and at ``start`` [K]."""

    ring: Ring
    power: float
    detuning: float
    start: float = 0.7

    def scales(self) -> tuple[float, float, float, float]:
        """Units of time [s], field [√J], carriers [1/m³], temperature [K]: shifts are in half-linewidths."""
        r = self.ring
        half, pull = r.linewidth / 2, r.angular_frequency / r.group_index * r.index_confinement
        field = math.sqrt(r.coupling_rate * self.power) / half
        return 1 / half, field, half / (pull * -r.index_per_carrier), half / (pull * r.thermo_optic)

    def coefficients(self) -> tuple[float, ...]:
        """Those of `scaled_rhs` [1], from the fields of the ring."""
        r, (second, field, carriers, kelvin) = self.ring, self.scales()
        joule, v = field**2, SPEED_OF_LIGHT / r.group_index
        two_photon = r.two_photon_absorption * v**2 * joule * second
        pair = PLANCK * r.angular_frequency / math.pi / joule  # 2ħω
        return (
            self.detuning * second,
            r.angular_frequency / r.group_index * r.kerr_index * v / r.kerr_volume * joule * second,
            r.absorption_rate * second,
            r.tpa_confinement * two_photon / r.tpa_volume,
            r.fca_confinement * r.free_carrier_cross_section * v * carriers * second,
            r.fca_confinement * two_photon / (pair * r.fca_volume**2) / carriers,
            r.thermal_confinement * joule / (r.density * r.heat_capacity * r.thermal_volume) / kelvin,
            second / r.carrier_lifetime,
            second / r.thermal_lifetime,
        )


def scaled_rhs(problem: Problem) -> Callable[[float, np.ndarray], list[float]]:
    """d(Re a, Im a, n, θ)/ds in the units of `Problem.scales`: for four numbers, floats are quickest."""
    detuning, kerr, absorption, two_photon, carrier_absorption, *slow = problem.coefficients()
    generation, heating, recombination, cooling = slow
    rest = 1 - absorption / 2

    def rhs(s: float, x: np.ndarray) -> list[float]:
        re, im, n, theta = x.tolist()
        u = re * re + im * im
        absorbed = absorption + two_photon * u + carrier_absorption * n
        half = rest + absorbed / 2
        offset = detuning + kerr * u - n + theta
        return [
            1 - half * re - offset * im,
            offset * re - half * im,
            generation * u * u - recombination * n,
            heating * absorbed * u - cooling * theta,
        ]

    return rhs


class Solution(NamedTuple):
    """What is compared, in SI units; the energy is |field|²."""

    field: np.ndarray
    carriers: np.ndarray
    temperature: np.ndarray

    def true_error(self, reference: Solution) -> float:
        pairs = [*zip(self, reference, strict=True), (abs(self.field) ** 2, abs(reference.field) ** 2)]
        return max(float(np.max(abs(x - y)) / np.max(abs(y))) for x, y in pairs)


def integrated(p: Problem, times: np.ndarray, method: str, rtol: float, atol: float) -> tuple[Solution, int]:
    """Solution at ``times`` [s] by ``odeint`` or a method of ``solve_ivp``, and the evaluations it took."""
    second, field, carriers, kelvin = p.scales()
    rhs, x, s = scaled_rhs(p), [0.0, 0.0, 0.0, p.start / kelvin], times / second
    if method == "odeint":
        y, info = odeint(rhs, x, s, rtol=rtol, atol=atol, tfirst=True, mxstep=10**7, full_output=True)
        y, evaluations = y.T, int(info["nfe"][-1])
    else:
        got = solve_ivp(rhs, (s[0], s[-1]), x, method, s, rtol=rtol, atol=atol)
        y, evaluations = got.y, got.nfev
    return Solution(field * (y[0] + 1j * y[1]), carriers * y[2], kelvin * y[3]), evaluations


def reference(problem: Problem, times: np.ndarray) -> Solution:
    """Within 3e-12 of a Taylor series of order 30 in 113-bit arithmetic, for problem P of `dynamics.py`."""
    return integrated(problem, times, "DOP853", 1e-13, 1e-15)[0]


def random_problems(count: int, seed: int = 1) -> Iterator[Problem]:
    """Rings near Van Vaerenbergh's, all uniformly distributed and independent.

    Rates, lifetimes and volumes ±30 %, detuning −4 to +2 half-linewidths, power 0.05 to 1 mW.
    """
    rng, base = np.random.default_rng(seed), VAN_VAERENBERGH_2012
    names = ("coupling_rate", "absorption_rate", "scattering_rate", "carrier_lifetime", "thermal_lifetime")
    for _ in range(count):
        varied = (*names, "tpa_volume", "fca_volume", "thermal_volume")
        changed: dict[str, Any] = {name: getattr(base, name) * rng.uniform(0.7, 1.3) for name in varied}
        ring = dataclasses.replace(base, **changed, sources={})
        yield Problem(ring, rng.uniform(0.05e-3, 1e-3), ring.detuning(half_linewidths=rng.uniform(-4, 2)))
