"""Weights of a row of rings between two buses, and their slopes against the detunings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from nets.optical.bank_cascade import Cascade, cascade, phase_slopes
from nets.optical.bank_channels import Channels
from nets.optical.bank_ports import field_ports, power_ports
from photonic.units import SPEED_OF_LIGHT

__all__ = ["BankOptics", "BankSpectra"]


class BankSpectra(NamedTuple):
    """Power at both ends of each bank over the power at its input."""

    wavelength: np.ndarray  # [m], any shape
    through: np.ndarray  # [1], shape (banks, *wavelength.shape)
    drop: np.ndarray  # [1], likewise


@dataclass(frozen=True, kw_only=True, eq=False)
class BankOptics:
    """Rings on the channels, and what the buses between neighbours do.

    Parameters
    ----------
    channels : Channels
        One ring on each.
    balanced : bool
        Whether the weight is drop minus through power; else drop power.
    bus_phases : array, optional
        ψ of one round between neighbours at the middle frequency [rad], on both buses, shape
        (banks, channels − 1); None where all passes add as powers.
    bus_length : float
        Of both buses together between neighbours [m].
    """

    channels: Channels
    balanced: bool
    bus_phases: np.ndarray | None = None
    bus_length: float = 0.0

    def cascade(
        self, detunings: np.ndarray, frequencies: np.ndarray, banks: np.ndarray | None = None
    ) -> Cascade:
        """Rings at ``detunings`` [half-linewidths] for light of those ``frequencies`` [rad/s]."""
        phases = self.channels.phases(detunings, frequencies)
        if self.bus_phases is None:
            return cascade(power_ports(self.channels.ring, phases))
        ring = self.channels.ring
        delay = ring.group_index * self.bus_length / SPEED_OF_LIGHT
        start = self.bus_phases if banks is None else self.bus_phases[banks]
        psi = start.T[:, :, None] + delay * (frequencies - ring.angular_frequency)
        return cascade(field_ports(ring, phases), np.exp(1j * psi))

    def weigh(self, detunings: np.ndarray, banks: np.ndarray | None = None) -> tuple[np.ndarray, Cascade]:
        """Weights [1], shape (banks, channels), and what `slopes` needs."""
        given = self.cascade(detunings, self.channels.frequencies, banks)
        return (given.drop - given.through if self.balanced else given.drop), given

    def slopes(self, given: Cascade, seeds: Any = 1.0, sums: Any = 0.0) -> np.ndarray:
        """Slopes of each weight, times its seed, against each detuning [1 per half-linewidth].

        ``seeds`` is a number or of shape (banks, channels); returns shape (rings, banks, channels).
        Where ``balanced``, ``sums`` are seeds of drop plus through power, added to them.
        """
        drop = np.broadcast_to(seeds + sums, given.drop.shape)
        through = np.broadcast_to(sums - seeds, drop.shape) if self.balanced else np.zeros_like(drop)
        return self.channels.half_linewidth_phase * phase_slopes(given, through, drop)
