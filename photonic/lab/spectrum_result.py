"""What a spectrum says about a ring: its resonances, and the ring they belong to."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from photonic.errors import DataError, ParameterError
from photonic.lab.baselines import Baseline
from photonic.lab.spectrum_couplings import Rates, Regime, State
from photonic.lab.spectrum_lines import LineFit
from photonic.lab.spectrum_modes import Modes
from photonic.lab.spectrum_quantities import Quantity
from photonic.lab.spectrum_residuals import LineCurve
from photonic.ring import Ring
from photonic.units import SPEED_OF_LIGHT, loss_to_db_per_cm

__all__ = ["Resonance", "SpectrumFit"]


@dataclass(frozen=True, eq=False, kw_only=True)
class Resonance:
    """One fitted resonance; every number with its 95 % interval.

    ``wavelength`` [m]; mode ``number`` in its ``family`` (of rings); ``linewidth`` γ [rad/s];
    ``transmission`` of the through port on resonance [1]; ``drop`` power over input power [1], if a drop
    port was fitted; ``splitting`` [rad/s] of a split line, else None; Fano's ``asymmetry`` v [1];
    ``rates`` of the rings that show this line, and its ``regime``, with the ``reason``.
    """

    wavelength: Quantity
    number: int
    family: int
    linewidth: Quantity
    quality_factor: Quantity
    transmission: Quantity | None
    drop: Quantity | None
    splitting: Quantity | None
    asymmetry: Quantity | None
    rates: Mapping[Regime, Rates]
    regime: State
    reason: str
    saturated: bool  # the dip reaches the noise: it may be deeper
    faint: bool  # less than 20 dB of light above the noise
    raw_residual_db: float  # rms over all samples within ±3 linewidths
    residual_db: float  # the same without the ripple that the samples further out let expect
    ripple_db: float  # rms of the ripple about here
    samples: float  # per linewidth
    fit: LineFit = field(repr=False)
    curve: LineCurve = field(repr=False)

    @property
    def extinction_db(self) -> Quantity | None:
        """Extinction ratio [dB], baseline over the bottom of the dip; its upper end may be infinite."""
        if self.transmission is None:
            return None
        t = self.transmission
        low, high = (-10 * math.log10(v) if v > 0 else math.inf for v in (t.high, t.low))
        value = -10 * math.log10(t.value) if t.value > 0 else math.inf
        error = 10 / math.log(10) * t.standard_error / t.value if t.value > 0 else math.inf
        return Quantity(value, error, low, high, "dB")

    def as_dict(self) -> dict[str, Any]:
        """Everything but the curves, fit for JSON."""
        names = (
            "wavelength",
            "linewidth",
            "quality_factor",
            "transmission",
            "drop",
            "splitting",
            "asymmetry",
        )
        numbers: dict[str, Any] = {name: _json(getattr(self, name)) for name in names}
        numbers["extinction_db"] = _json(self.extinction_db)
        rates = {
            regime: {f.name: _json(getattr(one, f.name)) for f in dataclasses.fields(one)}
            for regime, one in self.rates.items()
        }
        plain = ("number", "family", "regime", "reason", "saturated", "faint")
        more = ("residual_db", "raw_residual_db", "ripple_db", "samples")
        return {**numbers, **{name: getattr(self, name) for name in (*plain, *more)}, "rates": rates}


@dataclass(frozen=True, eq=False, kw_only=True)
class SpectrumFit:
    """The resonances of a spectrum and what follows from them.

    ``resonances`` from blue to red; ``reference`` is the one at which the single numbers hold;
    ``channels`` maps each channel to what it shows; ``families`` counts the rings.
    """

    resonances: tuple[Resonance, ...]
    reference: Resonance
    modes: tuple[Modes | None, ...]
    channels: Mapping[str, str]
    kind: Literal["ring", "mzi"]
    circumference: float | None
    drop_calibrated: bool | None
    notes: tuple[str, ...]
    wavelength: np.ndarray = field(repr=False)
    through: np.ndarray | None = field(repr=False)
    drop: np.ndarray | None = field(repr=False)
    baseline: Baseline | None = field(repr=False)

    @property
    def families(self) -> int:
        """How many rings the modes belong to."""
        return len(self.modes)

    @property
    def _modes(self) -> Modes | None:
        return self.modes[self.reference.family]

    @property
    def free_spectral_range(self) -> float | None:
        """Free spectral range λ²/(n_g L) [m] at the reference; None with fewer than two modes in the span."""
        return None if self.free_spectral_range_interval is None else self.free_spectral_range_interval.value

    @property
    def free_spectral_range_interval(self) -> Quantity | None:
        """The same with its interval."""
        return None if self._modes is None else self._modes.free_spectral_range

    @property
    def quality_factor(self) -> float:
        """Loaded quality factor [1] of the reference."""
        return self.reference.quality_factor.value

    @property
    def group_index(self) -> float | None:
        """Group index [1] at the reference; None without the circumference or the free spectral range."""
        return None if self.group_index_interval is None else self.group_index_interval.value

    @property
    def group_index_interval(self) -> Quantity | None:
        """The same with its interval, which takes the circumference for exact."""
        if self._modes is None or self.circumference is None:
            return None
        return self._modes.group_index(self.circumference)

    @property
    def group_index_slope(self) -> Quantity | None:
        """Dispersion dn_g/dλ [1/m] at the reference."""
        if self._modes is None or self.circumference is None:
            return None
        return self._modes.group_index_slope(self.circumference)

    @property
    def raw_residual_db(self) -> float:
        """Rms [dB] over all samples within ±3 linewidths of all resonances but faint ones."""
        return self._rms([r.raw_residual_db for r in self._clear])

    @property
    def residual_db(self) -> float:
        """The same without the ripple that the samples further out let expect."""
        return self._rms([r.residual_db for r in self._clear])

    @property
    def _clear(self) -> list[Resonance]:
        return [r for r in self.resonances if not r.faint] or list(self.resonances)

    @staticmethod
    def _rms(values: list[float]) -> float:
        return math.sqrt(sum(v**2 for v in values) / len(values))

    def loss(self, regime: Regime, resonance: Resonance | None = None) -> Quantity | None:
        """Propagation loss γ_i n_g/c [1/m] of the reference or another resonance; None without n_g."""
        rates = self._rates(resonance or self.reference, regime)
        if self.group_index is None:
            return None
        k = self.group_index / SPEED_OF_LIGHT
        q = rates.intrinsic
        return Quantity(k * q.value, k * q.standard_error, k * q.low, k * q.high, "1/m")

    def loss_db_per_cm(self, regime: Regime, resonance: Resonance | None = None) -> Quantity | None:
        """The same in dB/cm."""
        found = self.loss(regime, resonance)
        if found is None:
            return None
        k = float(loss_to_db_per_cm(1.0))
        return Quantity(k * found.value, k * found.standard_error, k * found.low, k * found.high, "dB/cm")

    def nearest(self, wavelength: float) -> Resonance:
        """The resonance nearest to ``wavelength`` [m]."""
        return min(self.resonances, key=lambda r: abs(r.wavelength.value - wavelength))

    def ring(
        self,
        regime: Regime | None = None,
        at: float | None = None,
        like: Ring | None = None,
        **fields: Any,
    ) -> Ring:
        """The ring at one resonance.

        A spectrum at low power tells nothing of nonlinear coefficients: they are 0, and the ring is linear,
        unless they come from a ring ``like`` this one or from ``fields``. A loss that the data put below 0,
        but not by more than its interval, is 0.

        Parameters
        ----------
        regime : {"under", "over", "symmetric"}, optional
            Which of several rings that show the same line; "symmetric" assumes equal couplers.
        at : float, optional
            Wavelength [m] to which the resonance is nearest; the reference without.
        like : Ring, optional
            Where nonlinear coefficients come from, and which share of the loss is absorption; without, the
            ring is linear and nothing is absorbed.
        **fields
            Any other field of `Ring`, ``group_index`` if the circumference is unknown.

        Raises
        ------
        ParameterError
            The spectrum leaves several rings and ``regime`` is not given, or it excludes the given one;
            the group index is unknown.
        DataError
            There is no through port, or no passive ring shows the line.
        """
        chosen = self.reference if at is None else self.nearest(at)
        rates = self._rates(chosen, regime)
        given = {} if like is None else {f.name: getattr(like, f.name) for f in dataclasses.fields(Ring)}
        share = 0.0 if like is None else float(like.absorption_rate / (like.intrinsic_rate or 1.0))
        index = fields.get(
            "group_index", self.group_index if like is None else self.group_index or like.group_index
        )
        if index is None:
            raise ParameterError(
                "ring needs a group index: give circumference= or radius= to fit_spectrum, or group_index="
            )
        intrinsic = max(rates.intrinsic.value, 0.0)
        own = {
            "wavelength": chosen.wavelength.value,
            "group_index": index,
            "circumference": self.circumference,
            "coupling_rate": rates.coupling.value,
            "drop_coupling_rate": 0.0 if rates.drop_coupling is None else rates.drop_coupling.value,
            "absorption_rate": share * intrinsic,
            "scattering_rate": (1 - share) * intrinsic,
            "backscatter_rate": 0.0 if chosen.splitting is None else chosen.splitting.value,
            "sources": {},
        }
        return Ring(**{**given, **own, **fields})

    def _rates(self, resonance: Resonance, regime: Regime | None) -> Rates:
        known = resonance.rates
        if not known:
            where = f"{1e9 * resonance.wavelength.value:.3f} nm"
            raise DataError(f"the resonance at {where} gives no rates: {resonance.reason}")
        names = " or ".join(repr(name) for name in known)
        if regime is None:
            sure = [name for name in known if name != "symmetric"]
            if resonance.regime in known and len(sure) == 1:
                return known[sure[0]]
            equal = "equal couplers are an assumption, and " if "symmetric" in known else ""
            raise ParameterError(f"regime must be given, {names}: {equal}{resonance.reason}")
        if regime not in known:
            raise ParameterError(f"regime must be {names} here, got {regime!r}: {resonance.reason}")
        return known[regime]

    def report(self) -> str:
        """The result in words and a table."""
        from photonic.lab.spectrum_report import report_lines

        return "\n".join(report_lines(self))

    def as_dict(self) -> dict[str, Any]:
        """Everything but the curves, fit for JSON."""
        return {
            "free_spectral_range": _json(self.free_spectral_range_interval),
            "group_index": _json(self.group_index_interval),
            "group_index_slope": _json(self.group_index_slope),
            "quality_factor": _json(self.reference.quality_factor),
            "reference": self.reference.wavelength.value,
            "kind": self.kind,
            "families": self.families,
            "channels": dict(self.channels),
            "circumference": self.circumference,
            "drop_calibrated": self.drop_calibrated,
            "raw_residual_db": self.raw_residual_db,
            "residual_db": self.residual_db,
            "notes": list(self.notes),
            "resonances": [r.as_dict() for r in self.resonances],
        }


def _json(value: Any) -> Any:
    return value.as_dict() if isinstance(value, Quantity) else value
