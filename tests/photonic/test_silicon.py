"""Carrier laws and material constants of silicon and silica."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from photonic import silica, silicon
from photonic.errors import OutsideValidityWarning, ParameterError
from photonic.provenance import references
from photonic.silicon import NEDELJKOVIC_2011, SOREF_BENNETT_1987, absorption_change, index_change

LAWS = [SOREF_BENNETT_1987, NEDELJKOVIC_2011]

# Electrons = holes [cm^-3]; Δn, Δα [1/cm]: independent arithmetic on the printed tables.
EXPECTED = [
    (SOREF_BENNETT_1987, 1.30e-6, 1e16, -4.4057e-5, 0.100),
    (SOREF_BENNETT_1987, 1.30e-6, 1e17, -3.0086e-4, 1.000),
    (SOREF_BENNETT_1987, 1.30e-6, 1e18, -2.1271e-3, 10.00),
    (SOREF_BENNETT_1987, 1.55e-6, 1e16, -6.2431e-5, 0.145),
    (SOREF_BENNETT_1987, 1.55e-6, 1e17, -4.2639e-4, 1.450),
    (SOREF_BENNETT_1987, 1.55e-6, 1e18, -3.0151e-3, 14.50),
    (NEDELJKOVIC_2011, 1.30e-6, 1e16, -3.4009e-5, 0.0431308),
    (NEDELJKOVIC_2011, 1.30e-6, 1e17, -2.5159e-4, 0.604360),
    (NEDELJKOVIC_2011, 1.30e-6, 1e18, -1.9178e-3, 8.68815),
    (NEDELJKOVIC_2011, 1.55e-6, 1e16, -4.7245e-5, 0.0741167),
    (NEDELJKOVIC_2011, 1.55e-6, 1e17, -3.5264e-4, 1.02924),
    (NEDELJKOVIC_2011, 1.55e-6, 1e18, -2.7084e-3, 14.3543),
    (NEDELJKOVIC_2011, 1.60e-6, 1e16, -5.0398e-5, 0.0792764),
    (NEDELJKOVIC_2011, 1.60e-6, 1e17, -3.7610e-4, 1.09961),
    (NEDELJKOVIC_2011, 1.60e-6, 1e18, -2.8854e-3, 15.3100),
    (NEDELJKOVIC_2011, 2.00e-6, 1e16, -7.9377e-5, 0.127741),
    (NEDELJKOVIC_2011, 2.00e-6, 1e17, -5.9144e-4, 1.75342),
    (NEDELJKOVIC_2011, 2.00e-6, 1e18, -4.5038e-3, 24.0948),
]


@pytest.mark.parametrize(("law", "wavelength", "density", "index", "absorption"), EXPECTED)
def test_published_tables(
    law: silicon.CarrierLaw, wavelength: float, density: float, index: float, absorption: float
) -> None:
    n = density * 1e6
    assert index_change(n, n, wavelength, law=law) == pytest.approx(index, rel=1e-4)
    assert absorption_change(n, n, wavelength, law=law) == pytest.approx(100 * absorption, rel=1e-4)


def test_electron_absorption_half_way_between_two_rows() -> None:
    """6.54 per cm at 1.425 µm (independent arithmetic); interpolating coefficients gives 16.9."""
    assert absorption_change(1e24, 0.0, 1.425e-6) == pytest.approx(654.0, rel=1e-3)


@given(
    st.integers(0, 25),
    st.floats(0.0, 1.0),
    st.floats(15.0, 20.0),
    st.sampled_from(["index_change", "absorption_change"]),
    st.booleans(),
)
def test_between_rows_lies_between_the_rows(
    row: int, share: float, decade: float, kind: str, holes: bool
) -> None:
    table = NEDELJKOVIC_2011.table
    low, high = table[row][0] * 1e-6, table[row + 1][0] * 1e-6
    densities = (0.0, 10**decade * 1e6) if holes else (10**decade * 1e6, 0.0)
    law = getattr(NEDELJKOVIC_2011, kind)
    ends = sorted((law(*densities, low), law(*densities, high)))
    middle = law(*densities, low + share * (high - low))
    assert ends[0] - 1e-9 * abs(ends[0]) <= middle <= ends[1] + 1e-9 * abs(ends[1])


@pytest.mark.parametrize("law", LAWS)
@given(n=st.floats(0, 1e26), p=st.floats(0, 1e26), wavelength=st.floats(1.3e-6, 1.55e-6))
def test_carriers_lower_the_index_and_absorb(
    law: silicon.CarrierLaw, n: float, p: float, wavelength: float
) -> None:
    assert index_change(n, p, wavelength, law=law) <= 0
    assert absorption_change(n, p, wavelength, law=law) >= 0


@pytest.mark.parametrize("law", LAWS)
def test_no_carriers_no_change(law: silicon.CarrierLaw) -> None:
    assert index_change(0.0, 0, law=law) == 0
    assert absorption_change(np.zeros(3), 0.0, law=law).tolist() == [0, 0, 0]


def test_broadcasting_densities_and_wavelengths() -> None:
    n = np.array([[1e22], [1e23]])
    wavelength = np.array([1.3e-6, 1.55e-6, 2e-6])
    change = index_change(n, n, wavelength)
    assert change.shape == (2, 3)
    assert change[1, 2] == pytest.approx(index_change(1e23, 1e23, 2e-6), rel=1e-14)


@pytest.mark.parametrize("law", LAWS)
def test_complex_step_slope(law: silicon.CarrierLaw) -> None:
    step = 1e-30
    n = 3e22
    for function in (law.index_change, law.absorption_change):
        exact = np.imag(function(n + 1j * step * n, n)) / (step * n)
        centred = (function(n * 1.0001, n) - function(n * 0.9999, n)) / (2e-4 * n)
        assert exact == pytest.approx(float(np.real(centred)), rel=1e-7, abs=0)
    slope = np.imag(law.index_change(n, n, 1.4e-6 + 1e-36j)) / 1e-36
    centred = (law.index_change(n, n, 1.4001e-6) - law.index_change(n, n, 1.3999e-6)) / 2e-10
    assert slope == pytest.approx(float(centred), rel=1e-6)


@pytest.mark.parametrize("law", LAWS)
def test_array_api(law: silicon.CarrierLaw) -> None:
    xp: Any = pytest.importorskip("array_api_strict")
    n = np.array([0.0, 1e22, 1e24])
    for function in (index_change, absorption_change):
        got = function(xp.asarray(n), xp.asarray(n[::-1].copy()), law=law)
        np.testing.assert_allclose(np.asarray(got), function(n, n[::-1], law=law), rtol=1e-14)


@pytest.mark.parametrize("law", LAWS)
def test_torch_gradient_is_finite_at_zero_density(law: silicon.CarrierLaw) -> None:
    torch: Any = pytest.importorskip("torch")
    n = torch.tensor([0.0, 1e23], dtype=torch.float64, requires_grad=True)
    index_change(n, n, law=law).sum().backward()
    assert bool(torch.isfinite(n.grad).all())
    slope = np.imag(law.index_change(1e23 + 1j, 1e23 + 1j))
    assert float(n.grad[1]) == pytest.approx(float(slope), rel=1e-10, abs=0)


def test_refractive_indices() -> None:
    """Sellmeier sums evaluated by hand: n_Si(1.36, 1.55, 2.0), n_SiO2(1.31, 1.55)."""
    assert silicon.refractive_index(1.55e-6) == pytest.approx(3.47772, abs=2e-5)
    assert silica.refractive_index(1.55e-6) == pytest.approx(1.44402, abs=2e-5)
    np.testing.assert_allclose(
        silicon.refractive_index(np.array([1.36e-6, 2e-6])), [3.49713, 3.45268], atol=2e-5
    )
    assert silica.refractive_index(1.31e-6) == pytest.approx(1.44680, abs=2e-5)


def test_thermo_optic_coefficient() -> None:
    """Komma 2012 measured 1.8e-4 1/K at 1.55 µm and 300 K; Li's tables give 1.84e-4."""
    assert silicon.thermo_optic_coefficient() == pytest.approx(1.84e-4, abs=1e-6)
    assert silicon.thermo_optic_coefficient(1.3e-6) > silicon.thermo_optic_coefficient(2e-6)


def test_carrier_generation() -> None:
    """100 mW on 0.1 µm², β = 5e-12 m/W, 1 ns: N = 1.9507e22 m^-3."""
    rate = silicon.carrier_generation(1e12, 1.55e-6, 5e-12)
    assert rate * 1e-9 == pytest.approx(1.9507e22, rel=1e-4)
    np.testing.assert_allclose(
        silicon.carrier_generation(np.array([0.0, 2e12]), 1.55e-6, 5e-12), [0.0, 4 * rate], rtol=1e-14
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: index_change(-1.0, 0.0), r"electrons must be >= 0 m\^-3, got -1"),
        (lambda: absorption_change(1e23, np.nan), r"holes must be finite in m\^-3, got nan"),
        (lambda: index_change(1e23, 1e23, 1.55), r"did you mean 1.55e-06 \(micrometres\)\?"),
        (lambda: index_change(1e23, 1e23, 1550), r"did you mean 1.55e-06 \(nanometres\)\?"),
        (
            lambda: index_change(1e23, 1e23, 2e-6, law=SOREF_BENNETT_1987),
            "holds from 1.3e-06 m to 1.55e-06 m",
        ),
        (lambda: silicon.refractive_index(0.8e-6), "holds from 1.357e-06 m"),
        (lambda: silicon.carrier_generation(-1.0), "intensity must be >= 0 W/m²"),
    ],
)
def test_errors_name_bound_unit_and_value(call: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        call()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: index_change(1e23, 1e23, 1.62e-6, law=SOREF_BENNETT_1987), "used at 1.62e-06 m"),
        (lambda: index_change(1e27, 0.0), "electrons above 1e26"),
        (lambda: silicon.two_photon_absorption(1.31e-6), "known here at 1.55e-06 m only"),
        (lambda: silicon.kerr_index(2e-6), "known here at 1.55e-06 m only"),
        (lambda: silicon.refractive_index(1.31e-6), "used at 1.31e-06 m"),
    ],
)
def test_outside_validity_warns(call: Any, message: str) -> None:
    with pytest.warns(OutsideValidityWarning, match=message):
        call()


def test_sources_are_named() -> None:
    text = references(silicon)
    for word in ("Soref", "Nedeljkovic", "Tatian", "Li", "TWO_PHOTON_ABSORPTION", "assumed"):
        assert word in text
    assert "10.1109/JQE.1987.1073206" in references(SOREF_BENNETT_1987)


@pytest.mark.parametrize(
    ("wavelength", "index", "absorption"),
    [(4e-6, -2.34021e-3, 3.25603), (10e-6, -1.779487e-2, 19.35390), (14e-6, -4.374041e-2, 43.83381)],
)
def test_rows_far_in_the_infrared(wavelength: float, index: float, absorption: float) -> None:
    """The printed rows at 4, 10 and 14 µm, 1e17 cm⁻³ of each, worked out by hand."""
    assert index_change(1e23, 1e23, wavelength) == pytest.approx(index, rel=1e-5)
    assert absorption_change(1e23, 1e23, wavelength) == pytest.approx(100 * absorption, rel=1e-5)


def test_tables_are_smooth() -> None:
    """A misprint in any row of a table stands out from its neighbours (free carriers follow λ²)."""
    rows = np.array([row[0] for row in NEDELJKOVIC_2011.table])
    for kind in (NEDELJKOVIC_2011.index_change, NEDELJKOVIC_2011.absorption_change):
        for electrons, holes in ((1.0, 0.0), (0.0, 1.0)):
            for density in (1e23, 1e25):
                logs = np.log([abs(kind(electrons * density, holes * density, r * 1e-6)) for r in rows])
                for i in range(1, rows.size - 1):
                    near = np.interp(np.log(rows[i]), np.log(rows[[i - 1, i + 1]]), logs[[i - 1, i + 1]])
                    assert abs(logs[i] - near) < 0.25, rows[i]
    from photonic.parameters.li_1980 import TABLE

    step = np.diff([high - low for _, low, high in TABLE])
    assert np.all((step < 0.5e-4) & (step > -3.5e-4))  # dn/dT falls with wavelength, slowly


def test_indices_measured_elsewhere() -> None:
    """Malitson's n at 587.6 nm, 1.014 and 3.7067 µm; Salzberg and Villa's at 2.4373, 4.258, 11.04 µm."""
    for wavelength, n in ((0.5875618e-6, 1.45846), (1.0140e-6, 1.45024), (3.7067e-6, 1.39936)):
        assert silica.refractive_index(wavelength) == pytest.approx(n, abs=4e-5)
    for wavelength, n in ((2.4373e-6, 3.4408), (4.258e-6, 3.4242), (11.04e-6, 3.4176)):
        assert silicon.refractive_index(wavelength) == pytest.approx(n, abs=2e-4)


def test_margins_of_validity() -> None:
    """Two per cent beyond a table nothing, then a warning, more than a tenth an error; densities at 1e26."""
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        index_change(0.999e26, 0.999e26)
        index_change(1e23, 1e23, 14e-6 * 1.019)
        silicon.two_photon_absorption(1.55e-6 * 1.049)
    with pytest.warns(OutsideValidityWarning, match="holes above 1e26"):
        index_change(0.0, 1.001e26)
    with pytest.warns(OutsideValidityWarning, match="holds from"):
        index_change(1e23, 1e23, 14e-6 * 1.021)
    with pytest.warns(OutsideValidityWarning, match="known here at"):
        silicon.two_photon_absorption(1.55e-6 * 1.051)
    with pytest.raises(ParameterError, match="holds from"):
        index_change(1e23, 1e23, 14e-6 * 1.11)


@pytest.mark.parametrize(
    ("electrons", "holes", "index", "absorption"),
    [(1e17, 0.0, -8.8e-5, 0.85), (0.0, 1e17, -3.38394e-4, 0.60), (1e17, 1e18, -2.22310e-3, 6.85)],
)
def test_electrons_are_not_holes(electrons: float, holes: float, index: float, absorption: float) -> None:
    """Soref & Bennett at 1.55 µm: Δn = −(8.8e-22 N + 8.5e-18 P^0.8), Δα = 8.5e-18 N + 6e-18 P, by hand."""
    law = SOREF_BENNETT_1987
    assert index_change(electrons * 1e6, holes * 1e6, law=law) == pytest.approx(index, rel=1e-4)
    assert absorption_change(electrons * 1e6, holes * 1e6, law=law) == pytest.approx(100 * absorption)
    # Nedeljkovic et al. at the same wavelength, electrons alone: 5.4e-22 N^1.011, 8.88e-21 N^1.167.
    assert index_change(1e23, 0.0) == pytest.approx(-8.30604e-5, rel=1e-4)
    assert absorption_change(1e23, 0.0) == pytest.approx(61.2933, rel=1e-4)
