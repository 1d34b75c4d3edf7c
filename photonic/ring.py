"""The silicon ring: its rates, its geometry and its exact linear spectrum."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from photonic.effects import Effects
from photonic.errors import ParameterError, check, concrete, shown
from photonic.extensions import SweepOut, ThermalModes, Traps, swept
from photonic.namespace import is_foreign, listed
from photonic.rates import Coefficients
from photonic.ring_coefficients import ring_coefficients
from photonic.ring_fields import FIELDS, OFFSETS, check_fields
from photonic.transfer_matrix import Spectrum, elementwise, geometry, ring_spectrum, round_trip_amplitudes
from photonic.units import SPEED_OF_LIGHT

if TYPE_CHECKING:
    from photonic.waveguide import Waveguide

__all__ = ["Effects", "Ring", "Spectrum"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Ring:
    """A ring resonator: coupled-mode rates, nonlinear coefficients and their mode volumes.

    Every physical field may be a float, or an array or tensor that broadcasts with the others: a
    ring of arrays is a batch of rings, a ring of tensors is differentiable. The equations are in
    `photonic.rates`.

    Parameters
    ----------
    wavelength : float
        Cold resonance wavelength λ_0 [m], heaters on, no light.
    group_index : float
        Group index n_g [1].
    circumference : float, optional
        Round-trip length L [m]; needed for `spectrum` and `free_spectral_range` only.
    coupling_rate, drop_coupling_rate : float
        Energy decay rates into the input and the drop waveguide [1/s].
    absorption_rate, scattering_rate : float
        Energy decay rates by linear absorption (it heats) and by scattering (it does not) [1/s].
    backscatter_rate : float
        Splitting of the resonance by backscattering [rad/s]; enters `spectrum` only.
    two_photon_absorption, kerr_index : float
        β [m/W] and n_2 [m²/W].
    free_carrier_cross_section, index_per_carrier : float
        Absorption [m²] and index change [m³] (negative) per electron–hole pair.
    index_law : object, optional
        A carrier law with ``index_change(electrons, holes, wavelength)``, used on the mode-weighted
        mean density instead of ``index_per_carrier``.
    thermo_optic : float
        dn/dT [1/K].
    index_confinement : float
        dn_eff/dn_Si [1]; may exceed 1 in a strip waveguide.
    kerr_volume, tpa_volume, fca_volume, thermal_volume : float
        Effective volumes [m³].
    tpa_confinement, fca_confinement, thermal_confinement : float
        Overlap factors Γ [1] of the rates.
    carrier_lifetime, thermal_lifetime : float
        τ_fc and τ_th [s].
    density, heat_capacity : float
        Of the heated material, [kg/m³] and [J/(kg K)].
    traps : Traps, optional
        Carrier traps; ``carrier_lifetime`` is then that of all other recombination, infinite or
        None without any.
    thermal_modes : ThermalModes, optional
        How the settled heating comes about in time, instead of with ``thermal_lifetime`` alone.
    effects : Effects
        Which nonlinear effects act.
    sources : mapping
        Field name to `Sourced` value, for `photonic.cite`.

    Raises
    ------
    ParameterError
        A value is out of bounds or not finite, or one that an active effect needs is missing.

    Examples
    --------
    >>> from photonic.ring import Ring
    >>> ring = Ring(wavelength=1.55e-6, group_index=4.2, coupling_rate=1e10, scattering_rate=1e10)
    >>> round(ring.quality_factor), ring.coupling_regime
    (60763, 'critical')
    """

    wavelength: Any
    group_index: Any
    coupling_rate: Any
    circumference: Any = None
    drop_coupling_rate: Any = 0.0
    absorption_rate: Any = 0.0
    scattering_rate: Any = 0.0
    backscatter_rate: Any = 0.0
    two_photon_absorption: Any = 0.0
    kerr_index: Any = 0.0
    free_carrier_cross_section: Any = 0.0
    index_per_carrier: Any = 0.0
    index_law: Any = None
    thermo_optic: Any = 0.0
    index_confinement: Any = 1.0
    kerr_volume: Any = None
    tpa_volume: Any = None
    fca_volume: Any = None
    thermal_volume: Any = None
    tpa_confinement: Any = 1.0
    fca_confinement: Any = 1.0
    thermal_confinement: Any = 1.0
    carrier_lifetime: Any = None
    thermal_lifetime: Any = None
    density: Any = None
    heat_capacity: Any = None
    traps: Traps | None = None
    thermal_modes: ThermalModes | None = None
    effects: Effects = field(default_factory=Effects)
    sources: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        check_fields(self)
        for name in FIELDS:
            if isinstance(value := getattr(self, name), list | tuple):
                object.__setattr__(self, name, np.asarray(value, dtype=float))
        object.__setattr__(self, "sources", MappingProxyType(dict(self.sources)))

    def __reduce__(self) -> tuple[Any, ...]:
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self)}
        return _ring, ({**values, "sources": dict(self.sources)},)

    # ----------------------------------------------------------------- linear figures
    @property
    def angular_frequency(self) -> Any:
        """Cold resonance ω_0 [rad/s]."""
        return 2 * math.pi * SPEED_OF_LIGHT / self.wavelength

    @property
    def intrinsic_rate(self) -> Any:
        """Energy decay rate inside the ring γ_i [1/s]: absorption and scattering."""
        return self.absorption_rate + self.scattering_rate

    @property
    def linewidth(self) -> Any:
        """Full width at half maximum of the loaded resonance [rad/s], the loaded decay rate γ."""
        return self.coupling_rate + self.drop_coupling_rate + self.intrinsic_rate

    @property
    def quality_factor(self) -> Any:
        """Loaded quality factor ω_0/γ [1]."""
        return self.angular_frequency / self.linewidth

    @property
    def intrinsic_quality_factor(self) -> Any:
        """Intrinsic quality factor ω_0/γ_i [1]; infinite for a ring without loss of its own."""
        if not np.any(concrete(self.intrinsic_rate)):
            return math.inf
        return self.angular_frequency / self.intrinsic_rate

    @property
    def photon_lifetime(self) -> Any:
        """Energy lifetime 1/γ [s]."""
        return 1 / self.linewidth

    @property
    def free_spectral_range(self) -> Any:
        """Free spectral range λ²/(n_g L) [m]."""
        return self.wavelength**2 / (self.group_index * self._length())

    @property
    def finesse(self) -> Any:
        """π√x/(1−x) with x the round-trip amplitude, couplers included [1]."""
        half = self.linewidth * self.round_trip_time() / 2
        x = elementwise("exp", -half)
        return math.pi * x**0.5 / (1 - x)

    @property
    def thermal_resistance(self) -> Any:
        """Kelvin per watt of absorbed power, τ_th Γ_th/(ρ c V_th) [K/W]."""
        if self.thermal_lifetime is None or self.thermal_volume is None or self.density is None:
            raise ParameterError("thermal_resistance needs thermal_lifetime, thermal_volume, density")
        heat = self.density * self.heat_capacity * self.thermal_volume
        return self.thermal_lifetime * self.thermal_confinement / heat

    @property
    def heats(self) -> bool:
        """Whether heat acts: switched on, and with thermal numbers to compute it from."""
        shifts = bool(np.any(concrete(self.thermo_optic) != 0))
        return self.effects.heating and self.thermal_lifetime is not None and shifts

    @property
    def coupling_regime(self) -> Literal["under", "critical", "over"]:
        """Input coupling against all other loss: under-, critically or over-coupled."""
        if np.ndim(concrete(self.linewidth)):
            raise ParameterError("coupling_regime is that of one ring, got arrays: loop over them")
        other = float(concrete(self.intrinsic_rate + self.drop_coupling_rate))
        ratio = float(concrete(self.coupling_rate)) / other if other > 0 else math.inf
        return "critical" if abs(ratio - 1) < 1e-3 else "over" if ratio > 1 else "under"

    def detuning(self, wavelength_offset: Any = None, *, half_linewidths: Any = None) -> Any:
        """Laser minus cold resonance [rad/s] (positive = blue) from an offset in one of two units.

        Parameters
        ----------
        wavelength_offset : float
            λ_laser − λ_0 [m], positive = red.
        half_linewidths : float
            (ω_laser − ω_0)/(γ/2) [1], positive = blue.
        """
        if (wavelength_offset is None) == (half_linewidths is None):
            raise ParameterError("detuning takes one of wavelength_offset [m] and half_linewidths [1]")
        if half_linewidths is not None:
            check("half_linewidths", half_linewidths, unit="[1]")
            return listed(half_linewidths) * self.linewidth / 2
        limit = 0.1 * float(np.min(concrete(self.wavelength)))
        check("wavelength_offset", wavelength_offset, unit="m", plausible=(-limit, limit), scales=OFFSETS)
        laser = 2 * math.pi * SPEED_OF_LIGHT / (self.wavelength + listed(wavelength_offset))
        return laser - self.angular_frequency

    # ----------------------------------------------------------------- linear spectrum
    def round_trip_time(self) -> Any:
        """Group delay of one turn n_g L/c [s]."""
        return self.group_index * self._length() / SPEED_OF_LIGHT

    @property
    def round_trip_amplitudes(self) -> tuple[Any, Any, Any]:
        """Field self-coupling of the couplers and field loss per turn, (r_1, r_2, a) [1]."""
        return round_trip_amplitudes(self)

    def spectrum(self, wavelength: Any) -> Spectrum:
        """Exact linear spectrum at ``wavelength`` [m], any shape; `photonic.transfer_matrix`."""
        return ring_spectrum(self, wavelength)

    def _length(self) -> Any:
        if self.circumference is None:
            raise ParameterError("this ring is given by rates only: set circumference [m] for its spectrum")
        return self.circumference

    # ----------------------------------------------------------------- nonlinear model
    def coefficients(self) -> Coefficients:
        """Coefficients of the rate equations of `photonic.rates`; switched-off effects are 0."""
        return ring_coefficients(self)

    def index_change(self, carriers: Any, trapped: Any = None) -> Any:
        """Index change of silicon Δn [1] at ``carriers`` electrons [1/m³] and as many holes.

        Holes whose electron is ``trapped`` [1/m³] come on top: with a carrier law as holes, else as
        ``traps.hole_share`` of a pair.
        """
        extra = self.traps is not None and trapped is not None
        if self.index_law is not None:
            holes = carriers + trapped if extra else carriers
            return self.index_law.index_change(carriers, holes, self.wavelength)
        pairs = carriers + self.traps.hole_share * trapped if self.traps and extra else carriers
        return self.index_per_carrier * pairs

    # ----------------------------------------------------------------- variants
    def with_effects(self, **switches: bool) -> Ring:
        """The same ring with some `Effects` switched, e.g. ``ring.with_effects(heating=False)``."""
        known = [f.name for f in dataclasses.fields(Effects)]
        for name in switches:
            if name not in known:
                raise ParameterError(f"unknown effect {name!r}: known: {', '.join(known)}")
        return dataclasses.replace(self, effects=dataclasses.replace(self.effects, **switches))

    def reverse_biased(self, voltage: Any, junction: SweepOut | None = None) -> Ring:
        """The same ring in a junction at a reverse bias of ``voltage`` [V] that sweeps carriers out.

        Carriers leave by whichever way is first, so that the rates add:
        1/τ = 1/τ_fc + 1/τ(V), with τ(V) that of the ``junction`` (default `SweepOut`). Traps act
        beside both. What the bias does to index and loss by itself is not in it.

        Examples
        --------
        >>> from photonic.parameters import VAN_VAERENBERGH_2012 as ring
        >>> f"{1e12 * ring.reverse_biased(2.0).carrier_lifetime:.1f} ps"
        '34.3 ps'
        """
        if junction is not None and not isinstance(junction, SweepOut):
            raise ParameterError(f"junction must be a SweepOut, got {shown(junction)}")
        return swept(self, SweepOut() if junction is None else junction, voltage)

    def plain(self) -> Ring:
        """The same ring in plain NumPy numbers, without gradients."""
        changed: dict[str, Any] = {n: concrete(v)[()] for n in FIELDS if not _is_plain(v := getattr(self, n))}
        if self.traps is not None and (plain := self.traps.plain()) is not self.traps:
            changed["traps"] = plain
        return dataclasses.replace(self, **changed) if changed else self

    def same(self, other: object) -> bool:
        """Whether ``other`` is a ring with equal numbers, arrays compared element by element."""
        if not isinstance(other, Ring) or other.effects != self.effects or other.index_law != self.index_law:
            return False
        for one, two in ((self.traps, other.traps), (self.thermal_modes, other.thermal_modes)):
            if not (two is None if one is None else one.same(two)):
                return False
        pairs = [(getattr(self, name), getattr(other, name)) for name in FIELDS]
        return all(
            (x is None) == (y is None) and (x is None or np.array_equal(concrete(x), concrete(y)))
            for x, y in pairs
        )

    def save(self, path: str | Path) -> None:
        """Write a TOML file with units; `load` reads back the same numbers."""
        from photonic.storage import write

        write(self, path)

    @classmethod
    def load(cls, path: str | Path) -> Ring:
        """Read a ring written by `save`."""
        from photonic.storage import read

        return read(path, cls)

    @classmethod
    def from_geometry(
        cls,
        *,
        radius: Any,
        waveguide: Waveguide,
        coupling: Any,
        group_index: Any,
        core_area: Any,
        drop_coupling: Any = 0.0,
        absorbed_fraction: Any = 0.0,
        index_confinement: Any = 1.0,
        **rest: Any,
    ) -> Ring:
        """Ring of a bent `Waveguide` closed on itself, with power couplings at its buses.

        γ_c = −ln(1−κ²) v_g/L and γ_i = α v_g; the volumes are V_K = V_TPA = A_eff L and
        V_FCA² = Γ A_eff A_core L², with Γ the ``index_confinement``.

        Parameters
        ----------
        radius : float
            Bend radius [m].
        waveguide : Waveguide
            Gives wavelength, loss, nonlinear coefficients, effective area and carrier lifetime.
        coupling, drop_coupling : float
            Power coupling κ² to the input and to the drop bus [1], in [0, 1).
        group_index : float
            Group index of the guide [1].
        core_area : float
            Cross-section of the silicon core [m²].
        absorbed_fraction : float
            Share of the linear loss that turns into heat [1].
        index_confinement : float
            dn_eff/dn_Si [1].
        **rest
            Any other field of `Ring`: ``thermo_optic`` with ``thermal_volume``, ``thermal_lifetime``,
            ``density`` and ``heat_capacity`` (without them heat shifts nothing), effects, sources.
        """
        fields = geometry(
            radius=radius,
            waveguide=waveguide,
            coupling=coupling,
            group_index=group_index,
            core_area=core_area,
            drop_coupling=drop_coupling,
            absorbed_fraction=absorbed_fraction,
            index_confinement=index_confinement,
        )
        return cls(**{**fields, **rest})


def _is_plain(value: Any) -> bool:
    return value is None or not (is_foreign(value) or np.iscomplexobj(value))


def _ring(values: dict[str, Any]) -> Ring:
    return Ring(**values)
