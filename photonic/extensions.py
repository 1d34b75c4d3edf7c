"""Optional terms of the rate equations: carrier traps, several thermal modes, carrier sweep-out.

`Traps` and `ThermalModes` are fields of a `photonic.Ring`, ``traps`` and ``thermal_modes``; they add
the terms (10) and (11) of `photonic.rate_equations`. `SweepOut` gives a carrier lifetime, which
`photonic.Ring.reverse_biased` puts into a ring. Each may be used with any of the others.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.errors import TIMES, ParameterError, check, concrete
from photonic.namespace import is_foreign
from photonic.provenance import Sourced

if TYPE_CHECKING:
    from photonic.ring import Ring

__all__ = ["SweepOut", "ThermalModes", "Traps", "swept"]

_VOLUME_RATES: dict[str, Any] = {
    "unit": "m³/s",
    "above": 0.0,
    "plausible": (1e-24, 1e-11),
    "scales": {"cm³/s": 1e-6},
}


class _Extension:
    """What the extensions share: they are dataclasses of numbers with ``sources``."""

    sources: Mapping[str, Any]

    def _freeze(self) -> None:
        object.__setattr__(self, "sources", MappingProxyType(dict(self.sources)))

    def __reduce__(self) -> tuple[Any, ...]:
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}  # type: ignore[arg-type]
        return _rebuilt, (type(self), {**values, "sources": dict(self.sources)})

    def _names(self) -> list[str]:
        return [f.name for f in dataclasses.fields(self) if f.name != "sources"]  # type: ignore[arg-type]

    def plain(self) -> Any:
        """The same in plain NumPy numbers, without gradients."""
        values = {name: getattr(self, name) for name in self._names()}
        changed = {k: concrete(v)[()] for k, v in values.items() if is_foreign(v) or np.iscomplexobj(v)}
        return dataclasses.replace(self, **changed) if changed else self  # type: ignore[type-var]

    def same(self, other: object) -> bool:
        """Whether ``other`` is of this kind with equal numbers, arrays compared element by element."""
        return type(other) is type(self) and all(
            np.array_equal(concrete(getattr(self, name)), concrete(getattr(other, name)))
            for name in self._names()
        )


def _rebuilt(kind: Any, values: dict[str, Any]) -> Any:
    return kind(**values)


@dataclass(frozen=True, kw_only=True, eq=False)
class Traps(_Extension):
    """Traps that catch electrons and then holes: a carrier lifetime that depends on the density.

        dN/dt   = g U² − N/τ_fc − c_n N (N_t − n_t)
        dn_t/dt = c_n N (N_t − n_t) − c_p P n_t,        P = N + n_t

    with N and P the densities of electrons and holes and n_t that of filled traps (Shockley, Read,
    Phys. Rev. 87, 835 (1952), without thermal emission; charge is neutral). With traps in a ring,
    its ``carrier_lifetime`` τ_fc is that of every *other* way in which pairs vanish; it may be
    infinite or None if there is none.

    Parameters
    ----------
    density : float
        Of the traps, N_t [1/m³].
    electron_capture, hole_capture : float
        Capture coefficients c_n and c_p [m³/s], cross-section times thermal velocity.
    hole_share : float
        Share of the hole in what an electron–hole pair does to absorption and, with
        ``index_per_carrier``, to the index [1]: n_t trapped electrons leave n_t holes, which count
        as hole_share · n_t pairs. A carrier law of two densities (``index_law``) needs no share
        for the index.
    sources : mapping
        Field name to `Sourced` value, for `photonic.cite`.

    Raises
    ------
    ParameterError
        A value is out of bounds, not finite or in another unit.

    Examples
    --------
    >>> traps = Traps(density=1e23, electron_capture=2e-14, hole_capture=1.2e-14)
    >>> [f"{1e9 * tau:.3g} ns" for tau in (traps.electron_lifetime, traps.high_density_lifetime)]
    ['0.5 ns', '1.33 ns']
    >>> f"{1e9 * traps.late_lifetime(2.8e20):.3g} ns"
    '298 ns'
    """

    density: Any
    electron_capture: Any
    hole_capture: Any
    hole_share: Any = 0.5
    sources: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        limits = (1e18, 1e26)
        check("density", self.density, unit="1/m³", above=0.0, plausible=limits, scales={"1/cm³": 1e6})
        check("electron_capture", self.electron_capture, **_VOLUME_RATES)
        check("hole_capture", self.hole_capture, **_VOLUME_RATES)
        check("hole_share", self.hole_share, unit="[1]", at_least=0.0, at_most=1.0)
        for name in self._names():
            if isinstance(value := getattr(self, name), list | tuple):
                object.__setattr__(self, name, np.asarray(value, dtype=float))
        self._freeze()

    @property
    def electron_lifetime(self) -> Any:
        """Lifetime of electrons while the traps are empty, τ_n = 1/(c_n N_t) [s].

        The first decay after a short pulse, and the settled N/G at low density.
        """
        return 1 / (self.electron_capture * self.density)

    @property
    def hole_lifetime(self) -> Any:
        """Lifetime of holes while the traps are full, τ_p = 1/(c_p N_t) [s]."""
        return 1 / (self.hole_capture * self.density)

    @property
    def high_density_lifetime(self) -> Any:
        """Lifetime of pairs that far outnumber the traps, τ_n + τ_p [s].

        With c_n (N_t − n_t) = c_p n_t each trap catches an electron and a hole in turn.
        """
        return self.electron_lifetime + self.hole_lifetime

    def late_lifetime(self, holes: Any) -> Any:
        """Momentary lifetime [s] of a density of ``holes`` [1/m³] whose electrons are all trapped.

        With N = 0 and P = n_t, dP/dt = −c_p P²: the lifetime 1/(c_p P) lengthens as the holes vanish,
        from τ_p at P = N_t.
        """
        check("holes", holes, unit="1/m³", above=0.0)
        return 1 / (self.hole_capture * holes)


@dataclass(frozen=True, kw_only=True, eq=False)
class ThermalModes(_Extension):
    """Several thermal time constants: the temperature is a sum of modes, T = Σ T_k.

        dT_k/dt = w_k h γ_abs U − T_k/τ_k,   w_k = share_k τ_th/τ_k

    so that mode k settles at its share of the temperature that the ring's ``thermal_resistance``
    gives: steady states do not depend on the modes, only what happens in time does. They act in
    place of the ring's ``thermal_lifetime``, which then only says, with the heated volume, what the
    resistance is.

    Parameters
    ----------
    shares : sequence of float
        Share of each mode in the settled temperature [1]; they sum to 1.
    lifetimes : sequence of float
        Time constant of each mode, τ_k [s].
    sources : mapping
        Field name to `Sourced` value, for `photonic.cite`.

    Raises
    ------
    ParameterError
        Lengths differ, shares are not positive or do not sum to 1, a lifetime is out of bounds.

    Examples
    --------
    >>> ThermalModes(shares=(0.25, 0.75), lifetimes=(20e-9, 400e-9)).equivalent_lifetime
    1.583...e-07
    """

    shares: Any
    lifetimes: Any
    sources: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        check("shares", self.shares, unit="[1]", above=0.0, at_most=1.0 + 1e-9)
        check("lifetimes", self.lifetimes, unit="s", above=0.0, plausible=(1e-12, 1.0), scales=TIMES)
        shares, lifetimes = (np.atleast_1d(concrete(v)) for v in (self.shares, self.lifetimes))
        if shares.ndim > 1 or lifetimes.shape != shares.shape or not shares.size:
            raise ParameterError(
                "shares and lifetimes must be lists of one length, 1 or more, got shapes "
                f"{shares.shape} and {lifetimes.shape}"
            )
        total = math.fsum(shares)
        if abs(total - 1) > 1e-9:
            raise ParameterError(
                f"shares must sum to 1, got {total:.9g}: divide them by it, or use "
                "ThermalModes.from_response with the weights of exponentials"
            )
        for name, values in (("shares", shares), ("lifetimes", lifetimes)):
            object.__setattr__(self, name, tuple(float(v) for v in values))
        self._freeze()

    @classmethod
    def from_response(
        cls, weights: Sequence[float], lifetimes: Sequence[float], sources: Mapping[str, Any] | None = None
    ) -> ThermalModes:
        """Modes of an impulse response h(t) = Σ weight_k exp(−t/τ_k); share_k = weight_k τ_k/Σ weight τ.

        Parameters
        ----------
        weights : sequence of float
            In any unit: only their ratios count. Σ weight_k τ_k is the resistance of that response
            in kelvin per watt if they are in [K/J].
        lifetimes : sequence of float
            τ_k [s].
        sources : mapping, optional

        Examples
        --------
        >>> modes = ThermalModes.from_response([0.5, 0.5], [1e-8, 3e-8])
        >>> [round(share, 12) for share in modes.shares]
        [0.25, 0.75]
        """
        check("weights", weights, above=0.0)
        check("lifetimes", lifetimes, unit="s", above=0.0)
        if np.shape(weights) != np.shape(lifetimes):
            raise ParameterError(
                "weights and lifetimes must be lists of one length, got shapes "
                f"{np.shape(weights)} and {np.shape(lifetimes)}"
            )
        settled = np.asarray(weights, dtype=float) * np.asarray(lifetimes, dtype=float)
        return cls(shares=settled / settled.sum(), lifetimes=lifetimes, sources=sources or {})

    @property
    def equivalent_lifetime(self) -> float:
        """Lifetime of the one mode with the same variance under random symbols, R²/(2∫h² dt) [s].

        ∫h² dt = R² Σ share_j share_k/(τ_j + τ_k); see ``docs/default_neuron``.
        """
        share, tau = np.asarray(self.shares), np.asarray(self.lifetimes)
        return float(0.5 / (share @ (1 / (tau[:, None] + tau)) @ share))


_ONE_RING = "published for one reverse-biased pn ring; the paper is not confirmed"


def _sweep_sources() -> dict[str, Sourced]:
    return {
        "zero_bias_lifetime": Sourced(250e-12, "s", None, _ONE_RING, "assumed"),
        "shortest_lifetime": Sourced(3e-12, "s", None, _ONE_RING, "assumed"),
        "built_in_voltage": Sourced(1.1, "V", None, _ONE_RING, "assumed"),
    }


@dataclass(frozen=True, kw_only=True, eq=False)
class SweepOut(_Extension):
    """A reverse-biased junction that sweeps carriers out of the guide.

        τ(V) = τ_0 (V_bi/(V_bi + V))² + τ_s

    Parameters
    ----------
    zero_bias_lifetime : float
        τ_0 [s]; τ(0) = τ_0 + τ_s.
    shortest_lifetime : float
        τ_s [s], the transit at saturated velocity.
    built_in_voltage : float
        V_bi [V].
    sources : mapping
        Field name to `Sourced` value, for `photonic.cite`; that of the defaults if left out.

    Raises
    ------
    ParameterError
        A value is out of bounds, not finite or in another unit.

    Examples
    --------
    >>> [f"{1e12 * SweepOut().lifetime(voltage):.1f} ps" for voltage in (0.0, 2.0, 10.0)]
    ['253.0 ps', '34.5 ps', '5.5 ps']
    """

    zero_bias_lifetime: Any = 250e-12
    shortest_lifetime: Any = 3e-12
    built_in_voltage: Any = 1.1
    sources: Mapping[str, Any] = field(default_factory=_sweep_sources, repr=False)

    def __post_init__(self) -> None:
        for name in ("zero_bias_lifetime", "shortest_lifetime"):
            limits = (1e-14, 1e-2)
            check(name, getattr(self, name), unit="s", above=0.0, plausible=limits, scales=TIMES)
        check("built_in_voltage", self.built_in_voltage, unit="V", above=0.0, at_most=5.0)
        self._freeze()

    def lifetime(self, voltage: Any) -> Any:
        """Lifetime τ(V) [s] at a reverse bias of ``voltage`` [V], >= 0."""
        check("voltage", voltage, unit="V", at_least=0.0, plausible=(0.0, 100.0), scales={"millivolts": 1e-3})
        share = self.built_in_voltage / (self.built_in_voltage + voltage)
        return self.zero_bias_lifetime * share * share + self.shortest_lifetime


def swept(ring: Ring, junction: SweepOut, voltage: Any) -> Ring:
    """`Ring.reverse_biased`: the ``ring`` with the sweep-out of a ``junction`` at ``voltage`` [V]."""
    rest, sweep = ring.carrier_lifetime, junction.lifetime(voltage)
    lifetime = sweep if rest is None else 1 / (1 / rest + 1 / sweep)
    numbers = {
        "τ_fc": f"{_text(math.inf if rest is None else rest)} s",
        "V": f"{_text(voltage)} V",
        "V_bi": f"{_text(junction.built_in_voltage)} V",
        "τ_0": f"{_text(junction.zero_bias_lifetime)} s",
        "τ_s": f"{_text(junction.shortest_lifetime)} s",
    }
    where = "1/τ = 1/τ_fc + 1/(τ_0 (V_bi/(V_bi + V))² + τ_s), reverse bias: " + ", ".join(
        f"{name} = {number}" for name, number in numbers.items()
    )
    known = ring.sources.get("carrier_lifetime")
    origin = Sourced(concrete(lifetime)[()], "s", getattr(known, "source", None), where, "assumed")
    sources = {**ring.sources, "carrier_lifetime": origin}
    return dataclasses.replace(ring, carrier_lifetime=lifetime, sources=sources)


def _text(number: Any) -> str:
    number = concrete(number)
    return f"{float(number):.6g}" if number.ndim == 0 else f"array of shape {number.shape}"
