"""What the spectrum of a device would have been at low power, with the slope by every free number."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from photonic.device import Device
from photonic.devices import CavityLoadedMZI
from photonic.errors import ParameterError
from photonic.fits.experiments import Experiment
from photonic.fits.free_parameters import FreeParameter, changed, number
from photonic.fits.predictions import Prediction
from photonic.lab.port_spectra import PortSpectrum
from photonic.ring_device import RingDevice
from photonic.units import SPEED_OF_LIGHT

__all__ = ["SpectrumPrediction"]

_LOSSES = ("scattering_rate", "absorption_rate", "drop_coupling_rate")  # beside the coupling


class SpectrumPrediction(Prediction):
    """Readings of a spectrum at low power under a device, as a function of the free numbers.

    The coupled-mode resonance t = 1 − γ_c/(γ/2 − iδ), d = −√(γ_c γ_d)/(γ/2 − iδ) with δ = ω − ω_0 in
    place of the device's own detuning, and what the device makes of it. Backscattering splits it into two
    standing waves that share the light equally.
    """

    def __init__(
        self, device: Device, experiment: Experiment, free: Sequence[FreeParameter], index: int
    ) -> None:
        super().__init__(device, experiment, free, index)
        self.measured: PortSpectrum = experiment.measured
        if not isinstance(device, RingDevice):
            kind = type(device).__name__
            raise ParameterError(f"device must have a ring for its spectrum to be fitted, got {kind}")
        ports = ("bar", "cross") if isinstance(device, CavityLoadedMZI) else ("through", "drop")
        self.port = self.measured.port or ports[0 if device.first_port else 1]
        if self.port not in ports:
            kind = type(device).__name__
            raise ParameterError(f"port of a {kind} must be {' or '.join(ports)}, got {self.port!r}")
        if self.port == "drop" and not number(self.device, "ring.drop_coupling_rate") > 0:
            raise ParameterError("ring.drop_coupling_rate must be > 0 1/s for a spectrum of the drop port")
        self._check_range([f.start for f in free])

    def _check_range(self, values: Sequence[float]) -> None:
        """Raise unless the resonance lies in the spectrum, and no other one does."""
        ring = self.set_to(values)[0].ring
        low, high = (float(v) for v in self.measured.wavelength[[0, -1]])
        if not low <= ring.wavelength <= high:
            raise ParameterError(
                f"ring.wavelength must lie in the spectrum, {1e9 * low:.7g} nm to {1e9 * high:.7g} nm, "
                f"got {1e9 * ring.wavelength:.7g} nm"
            )
        if ring.circumference is not None:
            farthest, most = max(ring.wavelength - low, high - ring.wavelength), ring.free_spectral_range / 2
            if farthest > most:
                raise ParameterError(
                    f"a spectrum must stay within half a free spectral range, {1e9 * most:.4g} nm, of its "
                    f"resonance, got {1e9 * farthest:.4g} nm: cut it (MeasuredSpectrum.between)"
                )

    def value(self, values: Sequence[float]) -> np.ndarray:
        """Readings [W, or 1 of a relative spectrum] at ``values`` of the free numbers."""
        return np.asarray(self._output(*self.set_to(values)))

    def both(self, values: Sequence[float]) -> tuple[np.ndarray, np.ndarray]:
        """Readings, shape (n,), and their slopes by the free numbers, shape (n, k)."""
        return self.value(values), self.complex_slopes(values, len(self.measured), self._output)

    def twin(self, values: Sequence[float]) -> list[float] | None:
        """Other numbers with the same spectrum: at a through port, coupling and all other loss exchanged.

        None where it has no twin, or those numbers are not free.
        """
        if self.port != "through":
            return None
        own = {self.free[k].name: k for k in self.own}
        ring, coupling = self.set_to(values)[0].ring, own.get("ring.coupling_rate")
        excess = 2 * ring.coupling_rate - ring.linewidth
        for loss in (own.get(f"ring.{name}") for name in _LOSSES):
            if coupling is None or loss is None:
                continue
            other = list(values)
            other[coupling] -= excess
            other[loss] += excess
            if all(self.free[k].holds(other[k]) for k in (coupling, loss)):
                return other
        return None

    def _output(self, device: Any, readings: dict[str, Any]) -> Any:
        ring = device.ring
        offset = 2 * math.pi * SPEED_OF_LIGHT * (1 / self.measured.wavelength - 1 / ring.wavelength)
        split = ring.backscatter_rate / 2
        device = changed(device, {"ring.backscatter_rate": 0.0})
        if np.any(split):
            one, other = self._field(device, offset - split), self._field(device, offset + split)
            re, im = (one[0] + other[0]) / 2, (one[1] + other[1]) / 2
        else:
            re, im = self._field(device, offset)
        scale = readings["input_scale"] * readings["output_scale"] * self.measured.reference
        return scale * (re * re + im * im) + readings["dark"]

    def _field(self, device: Any, offset: Any) -> tuple[Any, Any]:
        """Transfer (re, im) to the port that was measured, at ``offset`` [rad/s] from resonance."""
        device = changed(device, {"detuning": offset})
        cavity = device.cavity()
        if isinstance(device, CavityLoadedMZI):
            return changed(device, {"port": self.port}).field(cavity, 0.0)
        return (cavity.drop if self.port == "drop" else cavity.through)(0.0)
