"""The buses between the rings of a weight bank, as they are asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from photonic.errors import ParameterError, one_number, real_numbers

__all__ = ["checked_bus_length", "checked_bus_phases"]


def checked_bus_phases(phases: Any, shape: tuple[int, int]) -> np.ndarray | None:
    """Phases of one round between neighbours [rad], broadcast to ``shape``; None for None."""
    if phases is None:
        return None
    given = real_numbers("bus_phases", phases, unit="rad")
    try:
        return np.broadcast_to(given, shape).copy()
    except ValueError:
        raise ParameterError(f"bus_phases must broadcast to shape {shape}, got {given.shape}") from None


def checked_bus_length(length: Any, averaged: bool) -> float:
    """Length of that round [m], which must be 0 where powers are ``averaged`` over unknown phases."""
    value = one_number("bus_length", length, unit="m", at_least=0.0, at_most=1.0)
    if value and averaged:
        raise ParameterError(
            "bus_length takes bus_phases [rad]: without them powers add, whatever the length"
        )
    return value
