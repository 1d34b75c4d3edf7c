"""Fused silica, the cladding."""

from __future__ import annotations

from typing import Any

from photonic.material import check_wavelength, number, sellmeier, warn_outside
from photonic.parameters import malitson_1965
from photonic.provenance import sourced

__all__ = ["refractive_index"]


@sourced(strengths=malitson_1965.STRENGTHS, resonances=malitson_1965.RESONANCES, range=malitson_1965.RANGE)
def refractive_index(wavelength: Any) -> Any:
    """Refractive index [1] of fused silica at 20 °C, Malitson 1965, 0.21 to 3.71 µm.

    Parameters
    ----------
    wavelength : float or array
        Vacuum wavelength [m].

    Examples
    --------
    >>> round(float(refractive_index(1.55e-6)), 5)
    1.44402
    """
    check_wavelength(wavelength)
    warn_outside("Malitson's index of silica", wavelength, *malitson_1965.RANGE.value)
    return sellmeier(number(wavelength) * 1e6, malitson_1965.STRENGTHS.value, malitson_1965.RESONANCES.value)
