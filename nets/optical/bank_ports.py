"""Ports of one add-drop ring against the phase of a turn, with slopes.

Both buses carry light: from the input bus a share goes ``through`` and another to the ``drop`` bus;
of light on the drop bus a share stays there (``back``) and the same share as before changes bus.
"""

from __future__ import annotations

import dataclasses
import math
from typing import Any, NamedTuple

import numpy as np

from photonic.ring import Ring
from photonic.units import SPEED_OF_LIGHT

__all__ = ["Lineshape", "Ports", "field_ports", "lineshape", "power_ports"]


class Ports(NamedTuple):
    """What a ring passes on and what it moves to the other bus, and d/dφ of each, [1] and [1/rad]."""

    through: Any
    drop: Any
    back: Any
    through_slope: Any
    drop_slope: Any
    back_slope: Any


class Lineshape(NamedTuple):
    """Power ports of a ring as T = 1 − t Λ, D = d Λ, T′ = 1 − t′ Λ with Λ = 1/(1 + F sin²(φ/2)).

    Every power port of the exact ring has the denominator |1 − r_1 r_2 a e^{iφ}|², so that its
    resonance, its off-resonance and F = (2 finesse/π)² say it all (Bogaerts et al., Laser Photonics
    Rev. 6, 47 (2012), eqs. 2–6).
    """

    through_depth: float  # t [1]
    drop_peak: float  # d [1]
    back_depth: float  # t′ [1]
    sharpness: float  # F [1]

    def value(self, phase: Any) -> Any:
        """Λ [1] at a phase [rad]."""
        return 1 / (1 + self.sharpness * np.sin(phase / 2) ** 2)

    def phase(self, value: Any) -> Any:
        """Smallest phase [rad] >= 0 at which Λ has the ``value`` [1], which lies in [1/(1 + F), 1]."""
        return 2 * np.arcsin(np.sqrt((1 / value - 1) / self.sharpness))


def lineshape(ring: Ring) -> Lineshape:
    """Lineshape of both buses of ``ring``, from its exact spectrum."""
    on, mirrored = ring.spectrum(ring.wavelength), _mirrored(ring).spectrum(ring.wavelength)
    sharpness = (2 * ring.finesse / math.pi) ** 2
    return Lineshape(float(1 - on.through), float(on.drop), float(1 - mirrored.through), float(sharpness))


def power_ports(ring: Ring, phase: np.ndarray) -> Ports:
    """Power ports at the ``phase`` of one turn [rad], any shape."""
    line = lineshape(ring)
    half_sine, half_cosine = np.sin(phase / 2), np.cos(phase / 2)
    value = 1 / (1 + line.sharpness * half_sine**2)
    slope = -line.sharpness * half_sine * half_cosine * value**2
    return Ports(
        1 - line.through_depth * value,
        line.drop_peak * value,
        1 - line.back_depth * value,
        -line.through_depth * slope,
        line.drop_peak * slope,
        -line.back_depth * slope,
    )


def field_ports(ring: Ring, phase: np.ndarray) -> Ports:
    """Complex field ports at the ``phase`` of one turn [rad], any shape.

    With t = (r_1 − r_2 a e^{iφ})/(1 − r_1 r_2 a e^{iφ}) and d as in `photonic.transfer_matrix`,
    dt/dφ = −i r_2 d²/κ_2² and dd/dφ = i d (1/2 + r_1 (r_1 − t)/κ_1²).
    """
    wavelength = 2 * math.pi * SPEED_OF_LIGHT / (ring.angular_frequency + phase / ring.round_trip_time())
    through, drop = ring.spectrum(wavelength)[1:]
    back = _mirrored(ring).spectrum(wavelength).through_field
    r1, r2, _ = ring.round_trip_amplitudes
    return Ports(
        through,
        drop,
        back,
        -1j * r2 / (1 - r2**2) * drop**2,
        1j * drop * (0.5 + r1 * (r1 - through) / (1 - r1**2)),
        -1j * r1 / (1 - r1**2) * drop**2,
    )


def _mirrored(ring: Ring) -> Ring:
    """The same ring seen from its drop bus."""
    return dataclasses.replace(
        ring, coupling_rate=ring.drop_coupling_rate, drop_coupling_rate=ring.coupling_rate
    )
