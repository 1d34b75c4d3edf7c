"""Physics of the silicon photonic neuron: from carriers to transfer curves.

Conventions, everywhere in this package:

- SI units. A name without a suffix is SI; a suffix (``_dbm``, ``_nm``) names another unit and
  exists only at the edges. Carrier densities are in m⁻³.
- Fields go as exp(−iωt), guided phase as exp(+iβL). |a|² is stored energy [J], |s|² power [W].
- Decay rates are energy rates [1/s]: Q = ω₀/γ, and the linewidth is γ [rad/s].
- ``detuning`` = ω_laser − ω_cold [rad/s], positive = blue; cold = heaters on, no light.
- Carriers lower the index (blue shift) and absorb; heat raises it (red shift).
- Every curve names its regime: ``frozen heat`` (carriers settled, temperature at its mean) or
  ``cw`` (heat settled too).

Names load on first use, so that ``import photonic`` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from photonic import coupler as coupler
    from photonic import normalised as normalised
    from photonic import parameters as parameters
    from photonic import presets as presets
    from photonic import silica as silica
    from photonic import silicon as silicon
    from photonic import units as units
    from photonic.continuations import Continuation as Continuation
    from photonic.continuations import continuation as continuation
    from photonic.curve import Curve as Curve
    from photonic.devices import CavityLoadedMZI as CavityLoadedMZI
    from photonic.devices import RingDrop as RingDrop
    from photonic.devices import RingThrough as RingThrough
    from photonic.drive import Drive as Drive
    from photonic.dynamics import simulate as simulate
    from photonic.effects import Effects as Effects
    from photonic.errors import ConvergenceError as ConvergenceError
    from photonic.errors import DataError as DataError
    from photonic.errors import DataWarning as DataWarning
    from photonic.errors import OutsideValidityWarning as OutsideValidityWarning
    from photonic.errors import ParameterError as ParameterError
    from photonic.events import Jump as Jump
    from photonic.events import Spikes as Spikes
    from photonic.events import crossings as crossings
    from photonic.events import jumps as jumps
    from photonic.events import spikes as spikes
    from photonic.excitability import Excitability as Excitability
    from photonic.excitability import excitability_threshold as excitability_threshold
    from photonic.extensions import SweepOut as SweepOut
    from photonic.extensions import ThermalModes as ThermalModes
    from photonic.extensions import Traps as Traps
    from photonic.fits.design import next_measurement as next_measurement
    from photonic.fits.experiments import Experiment as Experiment
    from photonic.fits.fitted import Fit as Fit
    from photonic.fits.fitting import fit as fit
    from photonic.fits.plans import Plan as Plan
    from photonic.fits.plans import PlannedCurve as PlannedCurve
    from photonic.fits.resampled import Bootstrap as Bootstrap
    from photonic.fits.resampling import bootstrap as bootstrap
    from photonic.heaters import Heaters as Heaters
    from photonic.lab.measured import Measured as Measured
    from photonic.lab.measured_spectrum import MeasuredSpectrum as MeasuredSpectrum
    from photonic.lab.noise import NoiseLaw as NoiseLaw
    from photonic.lab.planes import ReferencePlane as ReferencePlane
    from photonic.lab.port_spectra import PortSpectrum as PortSpectrum
    from photonic.lab.port_spectra import port_spectrum as port_spectrum
    from photonic.lab.reading import read_curve as read_curve
    from photonic.lab.response_files import read_response as read_response
    from photonic.lab.responses import MeasuredResponse as MeasuredResponse
    from photonic.lab.spectrum_files import read_spectrum as read_spectrum
    from photonic.lab.spectrum_fit import fit_spectrum as fit_spectrum
    from photonic.lab.spectrum_result import SpectrumFit as SpectrumFit
    from photonic.mach_zehnder import MachZehnder as MachZehnder
    from photonic.maps import StabilityMap as StabilityMap
    from photonic.maps import stability_map as stability_map
    from photonic.modulation import FrequencyResponse as FrequencyResponse
    from photonic.modulation import frequency_response as frequency_response
    from photonic.programming import Programmed as Programmed
    from photonic.programming import program as program
    from photonic.provenance import Source as Source
    from photonic.provenance import Sourced as Sourced
    from photonic.provenance import cite as cite
    from photonic.provenance import references as references
    from photonic.pulsation import SelfPulsation as SelfPulsation
    from photonic.pulsation import self_pulsation as self_pulsation
    from photonic.ramps import Hysteresis as Hysteresis
    from photonic.ramps import hysteresis as hysteresis
    from photonic.rate_limit import symbol_rate_limit as symbol_rate_limit
    from photonic.reach import Reachability as Reachability
    from photonic.reach import reachability as reachability
    from photonic.ring import Ring as Ring
    from photonic.ring import Spectrum as Spectrum
    from photonic.stability import OperatingPoint as OperatingPoint
    from photonic.stability import SteadyState as SteadyState
    from photonic.stability import folds as folds
    from photonic.stability import hopf_points as hopf_points
    from photonic.stability import steady_states as steady_states
    from photonic.stable_region import stable_detunings as stable_detunings
    from photonic.symbol_energy import EnergyPerSymbol as EnergyPerSymbol
    from photonic.symbol_energy import energy_per_symbol as energy_per_symbol
    from photonic.symbol_rates import SymbolRateLimit as SymbolRateLimit
    from photonic.trace import Trace as Trace
    from photonic.waveguide import Waveguide as Waveguide

__version__ = "0.1.0"

# Public name -> module that defines it; a module that is itself public has the value None.
_EXPORTS: dict[str, str | None] = {
    "Bootstrap": "photonic.fits.resampled",
    "CavityLoadedMZI": "photonic.devices",
    "Continuation": "photonic.continuations",
    "ConvergenceError": "photonic.errors",
    "Curve": "photonic.curve",
    "DataError": "photonic.errors",
    "DataWarning": "photonic.errors",
    "Drive": "photonic.drive",
    "Effects": "photonic.effects",
    "EnergyPerSymbol": "photonic.symbol_energy",
    "Excitability": "photonic.excitability",
    "Experiment": "photonic.fits.experiments",
    "Fit": "photonic.fits.fitted",
    "FrequencyResponse": "photonic.modulation",
    "Heaters": "photonic.heaters",
    "Hysteresis": "photonic.ramps",
    "Jump": "photonic.events",
    "MachZehnder": "photonic.mach_zehnder",
    "Measured": "photonic.lab.measured",
    "MeasuredResponse": "photonic.lab.responses",
    "MeasuredSpectrum": "photonic.lab.measured_spectrum",
    "NoiseLaw": "photonic.lab.noise",
    "OperatingPoint": "photonic.stability",
    "OutsideValidityWarning": "photonic.errors",
    "ParameterError": "photonic.errors",
    "Plan": "photonic.fits.plans",
    "PlannedCurve": "photonic.fits.plans",
    "PortSpectrum": "photonic.lab.port_spectra",
    "Programmed": "photonic.programming",
    "Reachability": "photonic.reach",
    "ReferencePlane": "photonic.lab.planes",
    "Ring": "photonic.ring",
    "RingDrop": "photonic.devices",
    "RingThrough": "photonic.devices",
    "SelfPulsation": "photonic.pulsation",
    "Source": "photonic.provenance",
    "Sourced": "photonic.provenance",
    "Spectrum": "photonic.ring",
    "SpectrumFit": "photonic.lab.spectrum_result",
    "Spikes": "photonic.events",
    "StabilityMap": "photonic.maps",
    "SteadyState": "photonic.stability",
    "SweepOut": "photonic.extensions",
    "SymbolRateLimit": "photonic.symbol_rates",
    "ThermalModes": "photonic.extensions",
    "Trace": "photonic.trace",
    "Traps": "photonic.extensions",
    "Waveguide": "photonic.waveguide",
    "bootstrap": "photonic.fits.resampling",
    "cite": "photonic.provenance",
    "continuation": "photonic.continuations",
    "coupler": None,
    "crossings": "photonic.events",
    "energy_per_symbol": "photonic.symbol_energy",
    "excitability_threshold": "photonic.excitability",
    "fit": "photonic.fits.fitting",
    "fit_spectrum": "photonic.lab.spectrum_fit",
    "folds": "photonic.stability",
    "frequency_response": "photonic.modulation",
    "hopf_points": "photonic.stability",
    "hysteresis": "photonic.ramps",
    "jumps": "photonic.events",
    "next_measurement": "photonic.fits.design",
    "normalised": None,
    "parameters": None,
    "port_spectrum": "photonic.lab.port_spectra",
    "presets": None,
    "program": "photonic.programming",
    "reachability": "photonic.reach",
    "read_curve": "photonic.lab.reading",
    "read_response": "photonic.lab.response_files",
    "read_spectrum": "photonic.lab.spectrum_files",
    "references": "photonic.provenance",
    "self_pulsation": "photonic.pulsation",
    "silica": None,
    "silicon": None,
    "simulate": "photonic.dynamics",
    "spikes": "photonic.events",
    "stability_map": "photonic.maps",
    "stable_detunings": "photonic.stable_region",
    "steady_states": "photonic.stability",
    "symbol_rate_limit": "photonic.rate_limit",
    "units": None,
}

__all__ = sorted(_EXPORTS)


def __getattr__(name: str) -> Any:
    if name not in _EXPORTS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = _EXPORTS[name]
    if home is None:
        return importlib.import_module(f"{__name__}.{name}")
    value = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *_EXPORTS})
