"""Silicon: free carriers, refractive index, two-photon absorption, Kerr and thermo-optic effect.

Carriers lower the index (Δn < 0) and absorb (Δα > 0). Densities are in m⁻³, absorption in 1/m.
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from photonic.errors import OutsideValidityWarning, ParameterError, check, concrete
from photonic.material import check_wavelength, interpolate_log, number, sellmeier, warn_outside
from photonic.namespace import namespace
from photonic.parameters import li_1980, nedeljkovic_2011, salzberg_villa_1957, soref_bennett_1987
from photonic.provenance import Source, Sourced, sourced
from photonic.units import PLANCK, SPEED_OF_LIGHT

__all__ = [
    "KERR_INDEX",
    "NEDELJKOVIC_2011",
    "SOREF_BENNETT_1987",
    "TWO_PHOTON_ABSORPTION",
    "CarrierLaw",
    "absorption_change",
    "carrier_generation",
    "index_change",
    "kerr_index",
    "refractive_index",
    "thermo_optic_coefficient",
    "two_photon_absorption",
]

_SCATTER = "recalled from Dinu, Quochi & Garcia 2003 (Z-scan, 1.54 µm) and not confirmed; published values "
TWO_PHOTON_ABSORPTION = Sourced(
    7.9e-12, "m/W", None, _SCATTER + "near 1.55 µm scatter from 4.5e-12 to 9e-12 m/W", "assumed"
)
KERR_INDEX = Sourced(
    4.5e-18, "m²/W", None, _SCATTER + "near 1.55 µm scatter from 4e-18 to 6e-18 m²/W", "assumed"
)


@dataclass(frozen=True, eq=False)
class CarrierLaw:
    """Index and absorption of free carriers, tabulated at some wavelengths.

    At each row, with densities in cm⁻³ as the papers print them,

        Δn = −(p N_e^q + r N_h^s),   Δα = a N_e^b + c N_h^d   [1/cm].

    Between rows each of the four terms is interpolated on its own, ln|term| linearly in ln λ,
    so that a value always lies between those of its neighbours. The methods here are
    the bare formulas (any array library, complex step); `index_change` and
    `absorption_change` check their arguments first.

    Parameters
    ----------
    name : str
    source : Source
    table : tuple of rows
        (λ [µm], a, b, c, d, p, q, r, s).

    Examples
    --------
    >>> round(float(SOREF_BENNETT_1987.absorption_change(1e23, 1e23, 1.55e-6)), 9)  # [1/m]
    145.0
    """

    name: str
    source: Source
    table: tuple[tuple[float, ...], ...]
    sources: Mapping[str, Sourced] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        place = f"table of fitted coefficients, {len(self.table)} wavelengths"
        rows = f"{self.table[0][0]:g} to {self.table[-1][0]:g} µm"
        object.__setattr__(self, "sources", {"rows": Sourced(rows, "1", self.source, place, "published")})

    @property
    def range(self) -> tuple[float, float]:
        """First and last wavelength of the table [m]."""
        return self.table[0][0] * 1e-6, self.table[-1][0] * 1e-6

    def index_change(self, electrons: Any, holes: Any, wavelength: Any = 1.55e-6) -> Any:
        """Index change Δn [1] for densities [m^-3] at ``wavelength`` [m], unchecked."""
        return -(self._term(electrons, wavelength, 5) + self._term(holes, wavelength, 7))

    def absorption_change(self, electrons: Any, holes: Any, wavelength: Any = 1.55e-6) -> Any:
        """Absorption change Δα [1/m] for densities [m^-3] at ``wavelength`` [m], unchecked."""
        return 100.0 * (self._term(electrons, wavelength, 1) + self._term(holes, wavelength, 3))

    def _term(self, density: Any, wavelength: Any, column: int) -> Any:
        lines = np.array(self.table)
        logs, exponent = interpolate_log(
            wavelength, lines[:, 0] * 1e-6, np.log(lines[:, column]), lines[:, column + 1]
        )
        density = number(density) * 1e-6  # [cm^-3]
        xp = namespace(density, logs)
        # Double where: N^0.8 has an infinite slope at 0, which would spoil every gradient.
        empty = density == 0
        filled = xp.where(empty, xp.ones_like(density), density)
        value = xp.exp(logs + exponent * xp.log(filled))
        return xp.where(empty, xp.zeros_like(value), value)


SOREF_BENNETT_1987 = CarrierLaw("Soref & Bennett 1987", soref_bennett_1987.SOURCE, soref_bennett_1987.TABLE)
NEDELJKOVIC_2011 = CarrierLaw("Nedeljkovic et al. 2011", nedeljkovic_2011.SOURCE, nedeljkovic_2011.TABLE)


def index_change(
    electrons: Any, holes: Any, wavelength: Any = 1.55e-6, law: CarrierLaw = NEDELJKOVIC_2011
) -> Any:
    """Change of the refractive index of silicon [1] by free carriers; never positive.

    Parameters
    ----------
    electrons, holes : float or array
        Densities [m^-3] (1e17 cm^-3 is 1e23 m^-3), not negative; broadcast together.
    wavelength : float or array
        Vacuum wavelength [m].
    law : CarrierLaw
        `NEDELJKOVIC_2011` (1.3 to 14 µm) or `SOREF_BENNETT_1987` (1.3 to 1.55 µm).

    Raises
    ------
    ParameterError
        Negative or non-finite density; a wavelength not in metres or far outside the table.

    Warns
    -----
    OutsideValidityWarning
        A wavelength outside the table, a density above 1e26 m^-3.

    Examples
    --------
    >>> round(float(index_change(1e23, 1e23)), 8)
    -0.00035264
    """
    _check(electrons, holes, wavelength, law)
    return law.index_change(electrons, holes, wavelength)


def absorption_change(
    electrons: Any, holes: Any, wavelength: Any = 1.55e-6, law: CarrierLaw = NEDELJKOVIC_2011
) -> Any:
    """Change of the power absorption of silicon [1/m] by free carriers; never negative.

    Parameters, errors and warnings are those of `index_change`.

    Examples
    --------
    >>> round(float(absorption_change(1e23, 1e23, law=SOREF_BENNETT_1987)), 9)
    145.0
    """
    _check(electrons, holes, wavelength, law)
    return law.absorption_change(electrons, holes, wavelength)


@sourced(
    strengths=salzberg_villa_1957.STRENGTHS,
    resonances=salzberg_villa_1957.RESONANCES,
    range=salzberg_villa_1957.RANGE,
)
def refractive_index(wavelength: Any) -> Any:
    """Refractive index of silicon [1] at 26 °C, Salzberg & Villa 1957, 1.36 to 11 µm.

    Li 1980 is lower by 2e-3 at 1.55 µm; both are right for their samples.

    Parameters
    ----------
    wavelength : float or array
        Vacuum wavelength [m].

    Examples
    --------
    >>> round(float(refractive_index(1.55e-6)), 5)
    3.47772
    """
    check_wavelength(wavelength)
    warn_outside("Salzberg and Villa's index of silicon", wavelength, *salzberg_villa_1957.RANGE.value)
    strengths, resonances = salzberg_villa_1957.STRENGTHS.value, salzberg_villa_1957.RESONANCES.value
    return sellmeier(number(wavelength) * 1e6, strengths, resonances)


@sourced(
    coefficient=Sourced(
        1.84e-4, "1/K", li_1980.SOURCE, "index at 350 K minus that at 250 K, at 1.55 µm", "derived"
    )
)
def thermo_optic_coefficient(wavelength: Any = 1.55e-6) -> Any:
    """Thermo-optic coefficient dn/dT of silicon [1/K] around 300 K, 1.2 to 14 µm.

    Difference of Li's tables at 350 and 250 K, good to 1e-6 1/K, linear in ln λ between rows.

    Parameters
    ----------
    wavelength : float or array
        Vacuum wavelength [m].

    Examples
    --------
    >>> round(float(thermo_optic_coefficient(1.55e-6)), 9)
    0.000184
    """
    check_wavelength(wavelength)
    lines = np.array(li_1980.TABLE)
    warn_outside("Li's index of silicon", wavelength, lines[0, 0] * 1e-6, lines[-1, 0] * 1e-6)
    slope = (lines[:, 2] - lines[:, 1]) / 100.0
    return interpolate_log(number(wavelength), lines[:, 0] * 1e-6, slope)[0]


@sourced(two_photon_absorption=TWO_PHOTON_ABSORPTION)
def two_photon_absorption(wavelength: Any = 1.55e-6) -> float:
    """Two-photon absorption coefficient β of silicon [m/W] near 1.55 µm.

    One value: it falls with wavelength and vanishes near 2.2 µm, which is not modelled.

    Warns
    -----
    OutsideValidityWarning
        ``wavelength`` [m] more than 5 % from 1.55 µm.

    Examples
    --------
    >>> two_photon_absorption()
    7.9e-12
    """
    return _near_1550(TWO_PHOTON_ABSORPTION, "two-photon absorption", wavelength)


@sourced(kerr_index=KERR_INDEX)
def kerr_index(wavelength: Any = 1.55e-6) -> float:
    """Kerr index n₂ of silicon [m²/W] near 1.55 µm; warns like `two_photon_absorption`.

    Examples
    --------
    >>> kerr_index()
    4.5e-18
    """
    return _near_1550(KERR_INDEX, "Kerr index", wavelength)


@sourced(two_photon_absorption=TWO_PHOTON_ABSORPTION)
def carrier_generation(
    intensity: Any,
    wavelength: Any = 1.55e-6,
    two_photon_absorption: Any = TWO_PHOTON_ABSORPTION.value,
) -> Any:
    """Electron-hole pairs made by two-photon absorption, G = β I²/(2ħω) [m^-3 s^-1].

    Parameters
    ----------
    intensity : float or array
        [W/m²], not negative.
    wavelength : float or array
        Vacuum wavelength [m].
    two_photon_absorption : float or array
        β [m/W].

    Examples
    --------
    >>> f"{carrier_generation(1e12, two_photon_absorption=5e-12):.4e}"  # 100 mW on 0.1 µm²
    '1.9507e+31'
    """
    check("intensity", intensity, unit="W/m²", at_least=0.0)
    check("two_photon_absorption", two_photon_absorption, unit="m/W", at_least=0.0)
    check_wavelength(wavelength)
    intensity = number(intensity)
    return two_photon_absorption * intensity * intensity * wavelength / (2 * PLANCK * SPEED_OF_LIGHT)


def _near_1550(value: Sourced, what: str, wavelength: Any) -> float:
    check_wavelength(wavelength)
    if np.any(np.abs(concrete(wavelength) / 1.55e-6 - 1) > 0.05):
        warnings.warn(
            f"{what} of silicon is known here at 1.55e-06 m only", OutsideValidityWarning, stacklevel=3
        )
    return float(value.value)


def _check(electrons: Any, holes: Any, wavelength: Any, law: CarrierLaw) -> None:
    if not hasattr(law, "index_change"):
        raise ParameterError(f"law must be a CarrierLaw, e.g. NEDELJKOVIC_2011, got {law!r}")
    for name, density in (("electrons", electrons), ("holes", holes)):
        check(name, density, unit="m^-3", at_least=0.0)
        if np.any(np.asarray(concrete(density)) > 1e26):
            warnings.warn(
                f"{name} above 1e26 m^-3: the carrier laws were fitted below",
                OutsideValidityWarning,
                stacklevel=3,
            )
    check_wavelength(wavelength)
    warn_outside(law.name, wavelength, *law.range)
