"""Linear and nonlinear propagation in a straight silicon waveguide."""

from __future__ import annotations

import functools
import math
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from photonic.errors import TIMES, ConvergenceError, OutsideValidityWarning, ParameterError, check, concrete
from photonic.material import check_wavelength
from photonic.namespace import is_foreign, listed, namespace
from photonic.units import PLANCK, SPEED_OF_LIGHT

if TYPE_CHECKING:
    from photonic.curve import Curve
    from photonic.provenance import Sourced

__all__ = ["Waveguide"]

_NOTHING = 1e-200  # [1], a loss below which 1/q might overflow
_BOUNDS: dict[str, tuple[str, dict[str, Any]]] = {
    "loss": ("1/m", {"at_least": 0.0, "at_most": 1e6}),
    "effective_area": ("m²", {"above": 0.0, "plausible": (1e-15, 1e-9), "scales": {"µm²": 1e-12}}),
    "two_photon_absorption": (
        "m/W",
        {"at_least": 0.0, "plausible": (0.0, 1e-8), "scales": {"cm/GW": 1e-11, "cm/W": 1e-2}},
    ),
    "kerr_index": ("m²/W", {"at_least": 0.0, "plausible": (0.0, 1e-15), "scales": {"cm²/W": 1e-4}}),
    "free_carrier_cross_section": (
        "m²",
        {"at_least": 0.0, "plausible": (0.0, 1e-18), "scales": {"cm²": 1e-4}},
    ),
    "index_per_carrier": ("m³", {"at_most": 0.0, "plausible": (-1e-24, 0.0), "scales": {"cm³": 1e-6}}),
    "carrier_lifetime": ("s", {"above": 0.0, "plausible": (1e-14, 1e-2), "scales": TIMES}),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class Waveguide:
    """A straight guide in which light is lost linearly, by two-photon and by carrier absorption.

    Along the guide, with the carriers settled and the temperature still,

        dI/dz = −αI − βI² − KI³,   K = στβ/(2hν)                                      (1)
        dφ/dz = k₀ (n₂I + dn/dN·N),   N = τβI²/(2hν)                                  (2)

    (Rukhlenko et al., Opt. Express 17, 22124 (2009), without the cavity). With x = ln(I(0)/I),

        L = ∫₀ˣ dx'/q(I(0)e^(−x')),   q(I) = α + βI + KI²                             (3)

    whose integrand is analytic for |Im x'| < π/2: Gauss-Legendre quadrature is exact to round-off,
    and no differential equation is stepped. Every field may be a float, or an array or tensor that
    broadcasts with the others and with the power; derivatives pass through in every library.

    Parameters
    ----------
    loss : float
        Linear power attenuation α [1/m]; ``units.loss_from_db_per_cm`` converts.
    effective_area : float
        Effective area A of the nonlinear effects [m²]; the intensity is P/A.
    two_photon_absorption, kerr_index : float
        β [m/W] and n₂ [m²/W].
    free_carrier_cross_section, index_per_carrier : float
        Absorption σ [m²] and index change dn/dN [m³] (not positive) per electron-hole pair.
    carrier_lifetime : float, optional
        τ [s]; needed where β and one of the two before are not 0.
    wavelength : float
        Vacuum wavelength [m].
    sources : mapping
        Field name to `Sourced` value, for `photonic.cite`.

    Raises
    ------
    ParameterError
        A value is out of bounds, not finite, or missing.

    Examples
    --------
    >>> guide = Waveguide(loss=46.05, effective_area=0.1e-12, two_photon_absorption=5e-12)
    >>> round(float(guide.transmission(power=0.1, length=0.01)), 4)
    0.6067
    """

    loss: Any
    effective_area: Any
    two_photon_absorption: Any = 0.0
    kerr_index: Any = 0.0
    free_carrier_cross_section: Any = 0.0
    index_per_carrier: Any = 0.0
    carrier_lifetime: Any = None
    wavelength: Any = 1.55e-6
    sources: Mapping[str, Sourced] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        check_wavelength(self.wavelength)
        for name, (unit, bounds) in _BOUNDS.items():
            if getattr(self, name) is not None:
                check(name, getattr(self, name), unit=unit, **bounds)
        for name in ("wavelength", *_BOUNDS):
            object.__setattr__(self, name, listed(getattr(self, name)))
        carriers = (self.free_carrier_cross_section, self.index_per_carrier)
        if self.carrier_lifetime is None and _any(self.two_photon_absorption) and any(map(_any, carriers)):
            raise ParameterError("carrier_lifetime [s] is needed where carriers are made and act, got None")
        object.__setattr__(self, "sources", MappingProxyType(dict(self.sources)))

    def __reduce__(self) -> tuple[Any, ...]:
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        return _waveguide, ({**values, "sources": dict(self.sources)},)

    @property
    def regime(self) -> str:
        """``"frozen heat"`` (carriers settled, temperature still), or ``"linear"``."""
        return "frozen heat" if _any(self.two_photon_absorption) or _any(self.kerr_index) else "linear"

    def same(self, other: object) -> bool:
        """Whether ``other`` is a waveguide with equal numbers, arrays compared by element."""
        if not isinstance(other, Waveguide):
            return False
        for name in ("wavelength", *_BOUNDS):
            mine, theirs = getattr(self, name), getattr(other, name)
            if (mine is None) != (theirs is None):
                return False
            if mine is not None and not np.array_equal(concrete(mine), concrete(theirs)):
                return False
        return True

    def carriers(self, power: Any) -> Any:
        """Density of electron-hole pairs N [m^-3] where the guide carries ``power`` [W]; equation (2)."""
        _check_power(power)
        return self._pairs(power / self.effective_area)

    def intensity(self, power: Any, position: Any) -> Any:
        """Intensity [W/m²] at ``position`` [m] behind an input of ``power`` [W]."""
        return self.transmission(power, position) * power / self.effective_area

    def transmission(self, power: Any, length: Any) -> Any:
        """Power out over power in [1] after ``length`` [m] for an input of ``power`` [W].

        Examples
        --------
        >>> dark = Waveguide(loss=100.0, effective_area=0.1e-12)
        >>> float(dark.transmission(1e-3, 0.01)) == math.exp(-1)
        True
        """
        exponent, _, _ = self._propagate(power, length)
        return namespace(exponent).exp(-exponent)

    def phase(self, power: Any, length: Any) -> Any:
        """Nonlinear phase [rad] gathered over ``length`` [m]: Kerr (positive) and carriers (negative).

        The linear phase k₀ n_eff L, the same at every power, is left out.
        """
        return self._phase(power, length, *self._propagate(power, length)[1:])

    def response(self, power: Any, length: Any) -> Any:
        """Complex field transfer √T e^(iφ) [1] with the nonlinear phase of `phase`."""
        exponent, first, second = self._propagate(power, length)
        return _exp_complex(-0.5 * exponent, self._phase(power, length, first, second))

    def curve(self, length: float, power_max: float, points: int = 201) -> Curve:
        """Transfer `Curve` of a piece of guide with its exact slope.

        The slope is dP_out/dP_in = F(I_out)/F(I_in) with F(I) = I q(I), as for every autonomous
        equation (1).

        Parameters
        ----------
        length : float
            [m].
        power_max : float
            Largest input power [W].
        points : int
            At least 4, evenly spaced from 0.

        Examples
        --------
        >>> guide = Waveguide(loss=46.05, effective_area=0.1e-12, two_photon_absorption=5e-12)
        >>> guide.curve(length=0.01, power_max=0.1).domain
        (0.0, 0.1)
        """
        from photonic.curve import Curve

        check("power_max", power_max, unit="W", above=0.0)
        if np.ndim(concrete(power_max)):
            raise ParameterError("power_max must be one number [W], got an array")
        check("points", points, at_least=4)
        if int(points) != points:
            raise ParameterError(f"points must be an integer >= 4, got {points!r}")
        power = np.linspace(0.0, float(power_max), int(points))
        terms = tuple(np.asarray(concrete(term), dtype=float) for term in self._terms(power, length))
        if any(term.ndim > 1 or term.size not in (1, power.size) for term in terms):
            raise ParameterError("a curve needs a single waveguide, got one with array fields")
        exponent = _extinction(*terms)[0]
        transmission = np.exp(-exponent)
        start, end = _slowness(np.ones_like(power), *terms), _slowness(transmission, *terms)
        slope = transmission * np.where(start > 0, end / np.where(start > 0, start, 1.0), 1.0)
        numbers = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "sources"}
        described = {k: None if v is None else float(concrete(v)) for k, v in numbers.items()}
        return Curve(
            power,
            transmission * power,
            slope=slope,
            regime=self.regime,
            branch="single",
            metadata={"device": "waveguide", "length": float(concrete(length)), **described},
        )

    def _pairs(self, intensity: Any) -> Any:
        if self.carrier_lifetime is None:
            return 0.0 * intensity
        made = self.two_photon_absorption * self.wavelength / (2 * PLANCK * SPEED_OF_LIGHT)
        return self.carrier_lifetime * made * intensity * intensity

    def _terms(self, power: Any, length: Any) -> tuple[Any, Any, Any]:
        """αL, βI₀L and KI₀²L [1]: the three losses at the input."""
        _check_power(power)
        check("length", length, unit="m", at_least=0.0, plausible=(0.0, 10.0), scales={"micrometres": 1e-6})
        length = listed(length)
        intensity = _along(power, self.effective_area, self.two_photon_absorption) / self.effective_area
        pairs = self._pairs(intensity)
        if np.any(np.asarray(concrete(pairs)) > 1e26):
            text = "more than 1e26 m^-3 carriers: absorption is not linear in their density there"
            warnings.warn(text, OutsideValidityWarning, stacklevel=4)
        return (
            self.loss * length,
            self.two_photon_absorption * intensity * length,
            self.free_carrier_cross_section * pairs * length,
        )

    def _propagate(self, power: Any, length: Any) -> tuple[Any, Any, Any]:
        return _extinction(*self._terms(power, length))

    def _phase(self, power: Any, length: Any, first: Any, second: Any) -> Any:
        intensity = _along(power, first, self.kerr_index) / self.effective_area
        kerr = self.kerr_index * intensity * first
        carriers = self.index_per_carrier * self._pairs(intensity) * second
        return 2 * math.pi / self.wavelength * length * (kerr + carriers)  # (2)


def _extinction(linear: Any, pair: Any, carrier: Any) -> tuple[Any, Any, Any]:
    """ln(P_in/P_out) and the mean along the guide of I/I₀ and (I/I₀)², from the three terms.

    Equation (3) in units of the length: ∫₀ˣ dx'/Q(e^(−x')) = 1, Q(e) = αL + βI₀L e + KI₀²L e².
    Solved on plain floats; one Newton step in the caller's library then carries the derivatives.
    """
    total = linear + pair + carrier
    plain = [np.asarray(concrete(term), dtype=float) for term in (linear, pair, carrier)]
    start, rule = _solve(*np.broadcast_arrays(*plain))
    xp = namespace(total)
    dark = concrete(total) < _NOTHING
    root = _like(np.where(dark, 1.0, start), total)
    # Where nothing is lost the equation is 0/0: solve another one there, take the limit below.
    guarded = linear + _like(dark.astype(float), total)
    mean = _moments(root, guarded, pair, carrier, xp, rule)[0]
    root = root - (mean - 1) * _slowness(xp.exp(-root), guarded, pair, carrier)
    _, first, second = _moments(root, guarded, pair, carrier, xp, rule)
    if not np.any(dark):
        return root, first, second
    switch = _like(dark, total, keep_kind=True)
    one = 1.0 + 0 * total
    return xp.where(switch, total, root), xp.where(switch, one, first), xp.where(switch, one, second)


def _solve(linear: Any, pair: Any, carrier: Any) -> tuple[Any, list[tuple[float, float]]]:
    """Root of equation (3) on float arrays, and the quadrature rule that serves it.

    The integral is convex in x, and each loss acting alone on the light that the linear loss
    leaves is overestimated, so the sum of the three closed forms is an upper bound: Newton's
    method comes down from it without overshooting.
    """
    one, two = _faded(linear), _faded(2 * linear)
    x = linear + np.log1p(pair * one) + 0.5 * np.log1p(2 * carrier * two)
    rule = _rule(max(1, math.ceil(float(x.max(initial=0.0)) / 2)))
    lit = linear + pair + carrier >= _NOTHING
    guarded = np.where(lit, linear, 1.0)
    for _ in range(60):
        mean = _moments(x, guarded, pair, carrier, np, rule)[0]
        step = np.where(lit, (mean - 1) * _slowness(np.exp(-x), guarded, pair, carrier), 0.0)
        x = x - step
        if np.all(np.abs(step) <= 1e-12 * x):  # the caller's Newton step squares this
            return x, rule
    raise ConvergenceError("propagation through the waveguide did not settle in 60 steps", partial=x)


def _slowness(share: Any, linear: Any, pair: Any, carrier: Any) -> Any:
    """q(I) L at the intensity ``share``·I₀."""
    return linear + share * (pair + carrier * share)


def _moments(x: Any, linear: Any, pair: Any, carrier: Any, xp: Any, rule: Any) -> tuple[Any, Any, Any]:
    """∫₀ˣ e^(−mx') dx'/Q for m = 0, 1, 2."""
    total = first = second = 0.0
    for node, weight in rule:
        share = xp.exp(-node * x)
        part = weight * x / _slowness(share, linear, pair, carrier)
        total = total + part
        first = first + part * share
        second = second + part * share * share
    return total, first, second


@functools.lru_cache(maxsize=64)
def _rule(panels: int) -> list[tuple[float, float]]:
    """Gauss-Legendre nodes and weights on [0, 1] in equal panels.

    The nearest singularity is π/2 off the axis. On a panel two wide 16 nodes then err by
    3.43^(−32) = 7e-18 of the integrand.
    """
    nodes, weights = np.polynomial.legendre.leggauss(16)
    return [
        ((panel + (1 + node) / 2) / panels, weight / 2 / panels)
        for panel in range(panels)
        for node, weight in zip(nodes.tolist(), weights.tolist(), strict=True)
    ]


def _faded(x: Any) -> Any:
    """(1 − e^(−x))/x, 1 at 0."""
    return np.where(x > 0, -np.expm1(-x) / np.where(x > 0, x, 1.0), 1.0)


def _along(value: Any, *others: Any) -> Any:
    """``value`` as an array of the library that one of ``others`` belongs to."""
    if is_foreign(value) or not isinstance(value, np.ndarray | list | tuple):
        return value
    partner = next((other for other in others if is_foreign(other)), None)
    return np.asarray(value) if partner is None else _like(np.asarray(value, dtype=float), partner)


def _like(value: Any, partner: Any, keep_kind: bool = False) -> Any:
    """Floats ``value`` in the library, precision and place of ``partner``."""
    if not is_foreign(partner):
        return value
    from array_api_compat import device

    kind = None if keep_kind else partner.dtype
    return namespace(partner).asarray(np.asarray(value), dtype=kind, device=device(partner))


def _exp_complex(real: Any, imaginary: Any) -> Any:
    """e^(real + i imaginary)."""
    if not is_foreign(real) and not is_foreign(imaginary):
        return np.exp(real + 1j * imaginary)
    xp = namespace(real, imaginary)
    real, imaginary = real + 0 * imaginary, imaginary + 0 * real
    kind = xp.complex64 if real.dtype == xp.float32 else xp.complex128
    return xp.exp(xp.astype(real, kind) + 1j * xp.astype(imaginary, kind))


def _check_power(power: Any) -> None:
    check("power", power, unit="W", at_least=0.0, plausible=(0.0, 1e4))


def _any(value: Any) -> bool:
    return bool(np.any(concrete(value) != 0))


def _waveguide(values: dict[str, Any]) -> Waveguide:
    return Waveguide(**values)
