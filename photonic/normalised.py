"""Rate equations as papers write them, without units: published models, on the integrator of the package.

Each is the equations of `photonic.rates` with other numbers: time in a lifetime of the paper's choice, shifts
of the resonance in half-linewidths, losses in half of the linear one. `TwoVariable` is that of
Van Vaerenbergh et al., Phys. Rev. A 86, 063808 (2012), in which the field follows carriers and heat at
once; `Zhang` that of Zhang et al., Phys. Rev. A 87, 053805 (2013).
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.drive import check_times
from photonic.errors import ParameterError, concrete, one_number
from photonic.integration import Problem, integrate
from photonic.rate_equations import Terms
from photonic.rates import Coefficients

if TYPE_CHECKING:
    from photonic.ring import Ring

__all__ = ["NormalisedState", "NormalisedTrace", "TwoVariable", "Zhang"]

_FAINT = 1e-9  # density below which n^0.8 turns straight


@dataclass(frozen=True, kw_only=True, eq=False)
class NormalisedTrace:
    """A normalised model in time; every array has the shape of ``times``, all [1].

    ``carriers`` and ``temperature`` are the paper's n and θ, ``field`` its amplitude a (for `TwoVariable`
    that whose |a|² is p/D).
    """

    times: np.ndarray
    field: np.ndarray
    carriers: np.ndarray
    temperature: np.ndarray

    @property
    def energy(self) -> np.ndarray:
        """|a|² [1]."""
        return np.abs(self.field) ** 2


@dataclass(frozen=True, kw_only=True)
class NormalisedState:
    """A steady state of `TwoVariable`, all [1]; ``eigenvalues`` per thermal lifetime."""

    energy: float
    carriers: float
    temperature: float
    stable: bool
    eigenvalues: tuple[complex, ...]


@dataclass(frozen=True, kw_only=True)
class TwoVariable:
    """Carriers n and heat θ of a cavity whose field follows at once.

        dθ/dτ = −θ + p (1 + e f n)/D                                                      (1)
        ε dn/dτ = −n + (p q/D)²                                                           (2)
        D = (1 + f n)² + (Δ + θ − n)²

    (Van Vaerenbergh, Fiers, Dambre, Bienstman, Phys. Rev. A 86, 063808 (2012).) τ counts thermal
    lifetimes; θ and n are the red and the blue shift of the resonance in half-linewidths. Loss by two-photon
    absorption and the Kerr effect are left out.

    Parameters
    ----------
    e : float
        Linewidth over the linear absorption rate [1], >= 1.
    f : float
        Broadening over shift by carriers [1], >= 0.
    epsilon : float
        Carrier lifetime over thermal lifetime, ε [1], > 0.
    p : float
        Input power [1], >= 0: θ on resonance with linear absorption only.
    q : float
        Carriers against heat [1], > 0: n = (p q)² on resonance.
    detuning : float
        Laser minus cold resonance, Δ, in half-linewidths [1]; positive = blue.

    Raises
    ------
    ParameterError
        A number is out of bounds or not finite.

    Examples
    --------
    >>> from photonic.parameters import VAN_VAERENBERGH_2012 as ring
    >>> model = TwoVariable.from_ring(ring, 0.6e-3, ring.detuning(half_linewidths=-3))
    >>> f"e = {model.e:.4g}, f = {model.f:.5f}, epsilon = {model.epsilon:.5f}, q = {model.q:.5f}"
    'e = 5, f = 0.07140, epsilon = 0.08154, q = 0.39511'
    >>> [state.stable for state in model.steady_states()]
    [False]
    >>> trace = model.simulate(np.linspace(0, 20, 2001), {"temperature": 6.0})
    >>> f"{trace.temperature[1000:].min():.2f} to {trace.temperature[1000:].max():.2f}"
    '5.97 to 11.87'
    """

    e: float
    f: float
    epsilon: float
    p: float
    q: float
    detuning: float

    def __post_init__(self) -> None:
        one_number("e", self.e, unit="[1]", at_least=1.0)
        one_number("f", self.f, unit="[1]", at_least=0.0)
        one_number("epsilon", self.epsilon, unit="[1]", above=0.0)
        one_number("p", self.p, unit="[1]", at_least=0.0)
        one_number("q", self.q, unit="[1]", above=0.0)
        one_number("detuning", self.detuning, unit="half-linewidths")

    @classmethod
    def from_ring(cls, ring: Ring, power: float, detuning: float) -> TwoVariable:
        """The model of a ``ring`` at ``power`` [W] and ``detuning`` [rad/s].

        Raises
        ------
        ParameterError
            The ring lacks an effect that the model is made of, or has traps, thermal modes or a carrier law.
        """
        power = one_number("power", power, unit="W", at_least=0.0)
        detuning = one_number("detuning", detuning, unit="rad/s")
        for name in ("traps", "thermal_modes", "index_law"):
            if getattr(ring, name) is not None:
                raise ParameterError(f"the two-variable model knows no {name}: replace(ring, {name}=None)")
        c = ring.plain().coefficients()
        pull = -c.index * concrete(ring.index_per_carrier)[()]  # [rad/s m³]
        needed = {"absorption": c.absorption, "carriers": c.generation, "carrier dispersion": pull}
        for name, value in {**needed, "heating": c.heating * c.thermal}.items():
            if np.ndim(value) or not value > 0:
                raise ParameterError(f"the two-variable model needs {name} of one ring, got {value}")
        half = c.linear_loss / 2
        shift = math.sqrt(pull * c.generation * c.carrier_lifetime / half) * c.coupling / half**2  # √n/W
        heat = c.thermal * c.heating * c.absorption * c.thermal_lifetime * c.coupling / half**3  # p/W
        return cls(
            e=float(c.linear_loss / c.absorption),
            f=float(c.carrier_absorption / (2 * pull)),
            epsilon=float(c.carrier_lifetime / c.thermal_lifetime),
            p=float(heat * power),
            q=float(shift / heat),
            detuning=float(detuning / half),
        )

    def simulate(
        self, times: Any, initial: Mapping[str, float] | None = None, *, rtol: float = 1e-9
    ) -> NormalisedTrace:
        """Equations (1) and (2) at ``times`` [thermal lifetimes].

        ``initial`` may name carriers and temperature [1]; 0 where not given.

        Raises
        ------
        ParameterError
            Times do not increase, ``initial`` names something else.
        """
        absorption = 2 / self.e
        c = _coefficients(
            coupling=2 - absorption,
            absorption=absorption,
            carrier_absorption=2 * self.f,
            generation=self.q**2 / self.epsilon,
            heating=self.e / 2,
            carrier_lifetime=self.epsilon,
            thermal_lifetime=1.0,
        )
        start = _start(initial, ("carriers", "temperature"))
        n, theta = start[2:]
        light = math.sqrt(self.p) / complex(1 + self.f * n, n - theta - self.detuning)
        start[:2] = light.real, light.imag
        return _trace(c, _terms(1.0, 0.0, 1.0), self.detuning, self.p, times, start, rtol, slaved=True)

    def steady_states(self) -> tuple[NormalisedState, ...]:
        """All steady states, by rising energy u = p/D: n = (q u)², θ = u (1 + e f n), p = u D(u)."""
        u = np.polynomial.Polynomial([0.0, 1.0])
        n = self.q**2 * u**2
        power = u * ((1 + self.f * n) ** 2 + (self.detuning + u * (1 + self.e * self.f * n) - n) ** 2)
        roots = (power - self.p).roots()
        real = roots.real[(np.abs(roots.imag) < 1e-9 * np.abs(roots)) & (roots.real > 0)]
        return tuple(self._state(float(v)) for v in np.sort(real)) or (self._state(0.0),)

    def _state(self, u: float) -> NormalisedState:
        n = (self.q * u) ** 2
        theta = u * (1 + self.e * self.f * n)
        wide, offset = 1 + self.f * n, self.detuning + theta - n
        d = wide**2 + offset**2
        by_n, by_heat = -u * (2 * self.f * wide - 2 * offset) / d, -2 * u * offset / d  # of u
        hot = 1 + self.e * self.f * n
        made = 2 * self.q**2 * u / self.epsilon
        m = np.array(
            [
                [-1 + hot * by_heat, hot * by_n + u * self.e * self.f],
                [made * by_heat, -1 / self.epsilon + made * by_n],
            ]
        )
        values = np.linalg.eigvals(m)
        values = values[np.lexsort((values.imag, -values.real))]
        return NormalisedState(
            energy=u,
            carriers=n,
            temperature=theta,
            stable=not np.any(values.real > 0),
            eigenvalues=tuple(complex(v) for v in values),
        )

    def nullclines(self, points: int = 400) -> Mapping[str, tuple[np.ndarray, np.ndarray]]:
        """Where dn/dτ = 0 and where dθ/dτ = 0: (θ, n) along each, under ``"carriers"`` and ``"temperature"``.

        Both are parametric in u = p/D: n = (q u)² and θ = n − Δ ∓ √(p/u − (1 + f n)²); or
        θ = u (1 + e f n) with the n that solve D = p/u. Up one branch and down the other.
        """
        u = self.p * np.geomspace(1e-6, 1.0, points)
        n = (self.q * u) ** 2
        room = self.p / u - (1 + self.f * n) ** 2
        n, root = n[room >= 0], np.sqrt(room[room >= 0])
        carriers = np.concatenate([n, n[::-1]])
        theta = carriers - self.detuning + np.concatenate([-root, root[::-1]])
        # (1 + f n)² + (b − g n)² = p/u with b = Δ + u, g = 1 − u e f
        b, g = self.detuning + u, 1 - u * self.e * self.f
        square, line, rest = self.f**2 + g**2, self.f - b * g, 1 + b**2 - self.p / u
        inside = line**2 - square * rest
        kept = inside >= 0
        root = np.sqrt(inside[kept])
        low, high = ((-line[kept] + sign * root) / square[kept] for sign in (-1, 1))
        along, u = np.concatenate([low, high[::-1]]), np.concatenate([u[kept], u[kept][::-1]])
        good = along >= 0
        heat = (u * (1 + self.e * self.f * along))[good]
        return {"carriers": (theta, carriers), "temperature": (heat, along[good])}


@dataclass(frozen=True, kw_only=True)
class Zhang:
    """Field, carriers and heat with the index law of Soref and Bennett, in photon lifetimes.

        da/dt = iδ a − i[n_K |a|² − (n + σ n^0.8) + θ] a − (1 + α |a|² + γ n) a + √P
        dn/dt = |a|⁴ − n/τ
        dθ/dt = ξ |a|² (η_c η_lin + 2 α |a|² + 2 γ n) − θ/τ_θ

    (Zhang et al., Phys. Rev. A 87, 053805 (2013), in its convention exp(+iωt): δ = cold resonance
    minus laser, so positive = *red*, the opposite of ``detuning`` elsewhere. The field of a trace is
    the paper's.)

    Parameters
    ----------
    kerr : float
        n_K [1].
    carrier_lifetime, thermal_lifetime : float
        τ and τ_θ [amplitude lifetimes of the field], > 0.
    dispersion : float
        σ_FCD, of the holes [1].
    heating : float
        ξ_T [1].
    linear_absorption : float
        η_c η_lin [1], between 0 and 2.
    two_photon, carrier_absorption : float
        α_TPA and γ_FCA [1].
    sources : mapping
        Field name to `photonic.Sourced`, for `photonic.cite`.

    Raises
    ------
    ParameterError
        A number is out of bounds or not finite.

    Examples
    --------
    >>> from photonic.parameters import ZHANG_2013
    >>> trace = ZHANG_2013.simulate(1.0, 0.0, [0.0, 500.0])
    >>> f"{trace.energy[-1]:.4f}"
    '0.1391'
    """

    kerr: float
    carrier_lifetime: float
    thermal_lifetime: float
    dispersion: float
    heating: float
    linear_absorption: float
    two_photon: float
    carrier_absorption: float
    sources: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        for name in ("kerr", "dispersion", "heating", "two_photon", "carrier_absorption"):
            one_number(name, getattr(self, name), unit="[1]", at_least=0.0)
        for name in ("carrier_lifetime", "thermal_lifetime"):
            one_number(name, getattr(self, name), unit="amplitude lifetimes", above=0.0)
        one_number("linear_absorption", self.linear_absorption, unit="[1]", at_least=0.0, at_most=2.0)

    def simulate(
        self, power: float, detuning: float, times: Any, initial: Mapping[str, Any] | None = None, *,
        rtol: float = 1e-9,
    ) -> NormalisedTrace:  # fmt: skip
        """The model at ``times`` [amplitude lifetimes] under a constant ``power`` P and ``detuning`` δ [1].

        ``initial`` may name field, carriers and temperature [1]; 0 where not given.

        Raises
        ------
        ParameterError
            Times do not increase, ``initial`` names something else, ``power`` is negative.
        """
        power = one_number("power", power, unit="[1]", at_least=0.0)
        detuning = one_number("detuning", detuning, unit="half-linewidths")
        c = _coefficients(
            coupling=2 - self.linear_absorption,
            absorption=self.linear_absorption,
            two_photon=2 * self.two_photon,
            carrier_absorption=2 * self.carrier_absorption,
            generation=1.0,
            kerr=self.kerr,
            heating=self.heating,
            carrier_lifetime=self.carrier_lifetime,
            thermal_lifetime=self.thermal_lifetime,
        )
        e = _terms(1.0, self.dispersion, 0.8)
        start = _start(initial, ("field", "carriers", "temperature"))
        start[1] = -start[1]  # their exp(+iωt) is the conjugate of ours
        return _trace(c, e, -detuning, power, times, start, rtol, slaved=False)


def _coefficients(**values: float) -> Coefficients:
    """`Coefficients` of a linear linewidth 2 whose shifts by carriers and heat are their numbers."""
    named = dict.fromkeys(Coefficients._fields, 0.0)
    return Coefficients(**{**named, "index": 1.0, "thermal": 1.0, **values})


def _terms(electrons: float, holes: float, power: float) -> Terms:
    """A shift of the resonance by electrons·n + holes·n^power, one thermal mode."""
    return Terms(
        electron_index=electrons,
        electron_power=1.0,
        hole_index=holes,
        hole_power=power,
        faint_density=_FAINT,
        hole_share=0.0,
        traps=0,
        trap_density=0.0,
        electron_capture=0.0,
        hole_capture=0.0,
        heat_shares=np.ones(1),
        heat_lifetimes=np.ones(1),
    )


def _start(initial: Mapping[str, Any] | None, names: tuple[str, ...]) -> np.ndarray:
    if not isinstance(initial, Mapping | None):
        raise ParameterError(f"initial must be a mapping, got {initial!r}")
    start = dict.fromkeys(("re", "im", "carriers", "temperature"), 0.0)
    for name, value in (initial or {}).items():
        if name not in names:
            raise ParameterError(f"initial may name {', '.join(names)}, got {name!r}")
        parts = {"re": np.real(value), "im": np.imag(value)} if name == "field" else {name: value}
        for key, part in parts.items():
            low = 0.0 if key == "carriers" else None
            start[key] = one_number(f"initial {name}", part, unit="[1]", at_least=low)
    return np.array(list(start.values()))


def _trace(
    c: Coefficients, e: Terms, detuning: float, power: float, times: Any, start: np.ndarray, rtol: float,
    *, slaved: bool,
) -> NormalisedTrace:  # fmt: skip
    times = check_times("times", times, unit="[1]")
    rtol = one_number("rtol", rtol, unit="[1]", at_least=1e-14, at_most=1e-2)
    e = e._replace(heat_lifetimes=np.array([c.thermal_lifetime]))
    problem = Problem(
        c=c,
        terms=e,
        detuning=float(detuning),
        breaks=np.array([times[0], times[-1]]),
        roots=np.array([[math.sqrt(power)]]),
        state=start,
        slaved=slaved,
    )
    states = integrate(problem, times, rtol=rtol).states
    light = states[:, 0] + 1j * states[:, 1]
    return NormalisedTrace(
        times=times,
        field=light if slaved else np.conj(light),
        carriers=states[:, 2],
        temperature=states[:, 3],
    )
