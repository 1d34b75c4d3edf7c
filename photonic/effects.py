"""Which nonlinear effects act in a ring."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from photonic.errors import ParameterError

__all__ = ["Effects"]


@dataclass(frozen=True, kw_only=True)
class Effects:
    """Which nonlinear effects act; a loss switched off leaves the loss and the heat.

    ``two_photon_loss=False`` keeps the carriers that two-photon absorption makes.
    """

    kerr: bool = True
    two_photon_loss: bool = True
    free_carrier_absorption: bool = True
    free_carrier_dispersion: bool = True
    heating: bool = True

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not isinstance(value, bool | np.bool_):
                raise ParameterError(f"effect {name} must be True or False, got {value!r}")
