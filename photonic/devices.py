"""What the light goes through: the two ports of a ring, and a ring in a Mach–Zehnder arm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from photonic.branches import Sweep
from photonic.errors import check, concrete
from photonic.interferometer import check_interferometer, outputs, upper_share
from photonic.mach_zehnder import MachZehnder
from photonic.ring import Ring
from photonic.ring_device import RingDevice

__all__ = ["CavityLoadedMZI", "MachZehnder", "RingDevice", "RingDrop", "RingThrough", "Sweep"]


@dataclass(frozen=True, eq=False)
class RingThrough(RingDevice):
    """The through port of a ring: ``RingThrough(ring, detuning)``, detuning in [rad/s]."""

    ring: Ring
    detuning: Any

    def __post_init__(self) -> None:
        self._check_ring()


@dataclass(frozen=True, eq=False)
class RingDrop(RingDevice):
    """The drop port of an add-drop ring: ``RingDrop(ring, detuning)``, detuning in [rad/s]."""

    ring: Ring
    detuning: Any

    def __post_init__(self) -> None:
        self._check_ring()
        check("ring.drop_coupling_rate", self.ring.drop_coupling_rate, unit="1/s", above=0.0)

    _from_drop = True


@dataclass(frozen=True, eq=False)
class CavityLoadedMZI(RingDevice):
    """A ring in arm 1 of a Mach–Zehnder interferometer, a phase shifter in arm 2.

    Couplers [[√(1−k), i√k], [i√k, √(1−k)]]; with 50:50 couplers P_bar = P |t − e^{iφ}|²/4 and
    P_cross = P |t + e^{iφ}|²/4 (device of Jha, Huang and Prucnal, Opt. Lett. 45, 4819 (2020)).

    Parameters
    ----------
    ring : Ring
    detuning : float
        ω_laser − ω_cold [rad/s], positive = blue.
    arm_phase : float
        Phase φ of arm 2 [rad].
    input_coupling, output_coupling : float
        Cross-coupled power k [1], in [0, 1]; arm 1 gets 1 − k of the input.
    port : {"bar", "cross"}
    insertion_loss, arm_loss : float
        P_in/P_out [1] (>= 1; 1 is lossless) before the first coupler, and of arm 2.

    Examples
    --------
    >>> from math import pi
    >>> from photonic.parameters import VAN_VAERENBERGH_2012
    >>> ring = VAN_VAERENBERGH_2012.with_effects(heating=False)
    >>> device = CavityLoadedMZI(ring, 0.0, pi, 0.5, 0.5, port="bar")
    >>> round(float(device.transfer(0.2e-3)) * 1e3, 5)  # mW
    0.09479
    """

    ring: Ring
    detuning: Any
    arm_phase: Any
    input_coupling: Any = 0.5
    output_coupling: Any = 0.5
    port: Literal["bar", "cross"] = "bar"
    insertion_loss: Any = 1.0
    arm_loss: Any = 1.0

    def __post_init__(self) -> None:
        self._check_ring()
        check_interferometer(self)
        check("input_coupling", self.input_coupling, below=1.0)  # at 1 no light meets the ring

    @property
    def ring_fraction(self) -> Any:
        """Share of the input power that drives the ring [1]."""
        return upper_share(self)

    def _output(self, ring: tuple[Any, Any]) -> tuple[Any, Any]:
        bar, cross = outputs(self, ring)
        return bar if self.port == "bar" else cross

    def ports(self, energy: float) -> tuple[float, float]:
        """Power transmission to (bar, cross) when the ring holds ``energy`` [J]."""
        bar, cross = (re**2 + im**2 for re, im in outputs(self, self.cavity().through(energy)))
        return float(bar), float(cross)

    def amplitudes(self, light: Any, stored: Any) -> tuple[Any, Any]:
        """Fields [√W] at (bar, cross) at any moment; see `RingDevice.amplitudes`.

        Both are linear in the light that leaves the ring, t s = s − √(γ_c/f) a with f the
        `ring_fraction`; the arms are as long as each other.
        """
        coupling, share = concrete(self.ring.coupling_rate), concrete(self.ring_fraction)
        leaving = light - (coupling / share) ** 0.5 * stored
        dark, unit = outputs(self, (0.0, 0.0)), outputs(self, (1.0, 0.0))
        bar, cross = (
            (d[0] + 1j * d[1]) * light + ((u[0] - d[0]) + 1j * (u[1] - d[1])) * leaving
            for d, u in zip(dark, unit, strict=True)
        )
        return bar, cross

    @property
    def first_port(self) -> bool:
        """Whether the device's own output is the first of its two ports, the bar port."""
        return self.port == "bar"

    def _metadata(self) -> dict[str, Any]:
        names = ("arm_phase", "input_coupling", "output_coupling")
        numbers = {name: float(concrete(getattr(self, name))) for name in names}
        return {**super()._metadata(), "port": self.port, **numbers}
