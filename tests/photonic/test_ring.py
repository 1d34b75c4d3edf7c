"""The linear ring: figures of merit, exact spectrum, bounds on its numbers."""

from __future__ import annotations

import dataclasses
import math
import pickle
import warnings
from typing import Any

import numpy as np
import pytest

from photonic.errors import OutsideValidityWarning, ParameterError
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.provenance import references
from photonic.ring import Effects, Ring
from photonic.silicon import NEDELJKOVIC_2011
from photonic.transfer_matrix import coupling_decay
from photonic.waveguide import Waveguide

C = 299_792_458.0
TURN = 2e-12  # [s], round-trip time of the rings below


def linear_ring(r1: float, a: float, r2: float = 1.0) -> Ring:
    """Ring of given field self-couplings and round-trip amplitude."""
    rate = [-2 * math.log(x) / TURN for x in (r1, r2, a)]
    return Ring(
        wavelength=1.55e-6,
        group_index=4.0,
        circumference=TURN * C / 4.0,
        coupling_rate=rate[0],
        drop_coupling_rate=rate[1],
        scattering_rate=rate[2],
    )


def at_phase(ring: Ring, phase: Any) -> Any:
    """Wavelength [m] at a round-trip phase off resonance [rad]."""
    return 2 * math.pi * C / (ring.angular_frequency + np.asarray(phase) / TURN)


@pytest.mark.parametrize(
    ("r1", "a", "r2", "through", "drop"),
    [(0.95, 0.95, 1.0, 0.0, 0.0), (0.98, 0.95, 1.0, 0.189036, 0.0), (0.9702, 0.98, 0.99, 0.0, 0.332164)],
)
def test_resonance_of_published_rings(r1: float, a: float, r2: float, through: float, drop: float) -> None:
    """A5: independent computation from the Airy formulas, to 1e-5."""
    ring = linear_ring(r1, a, r2)
    spectrum = ring.spectrum(ring.wavelength)
    assert float(spectrum.through) == pytest.approx(through, abs=1e-5)
    assert float(spectrum.drop) == pytest.approx(drop, abs=1e-5)


def test_finesse_and_build_up() -> None:
    """A5: r = a = 0.95."""
    ring = linear_ring(0.95, 0.95)
    assert float(ring.finesse) == pytest.approx(30.610390, rel=1e-7, abs=0.0)
    lost = 1 - float(ring.spectrum(ring.wavelength).through)
    assert lost / (1 - 0.95**2) == pytest.approx(10.256410, rel=1e-7, abs=0.0)  # what is lost circulates


def test_lossless_symmetric_add_drop_drops_everything() -> None:
    ring = linear_ring(0.95, 1.0, 0.95)
    spectrum = ring.spectrum(at_phase(ring, np.linspace(-3, 3, 101)))
    assert np.max(np.abs(spectrum.through + spectrum.drop - 1)) < 1e-13
    assert float(ring.spectrum(ring.wavelength).drop) == pytest.approx(1.0, abs=1e-13)


def test_transfer_matrix_off_resonance() -> None:
    """A13: r = a = 0.99 at three round-trip phases, to 1e-5."""
    ring = linear_ring(0.99, 0.99)
    through = ring.spectrum(at_phase(ring, [0.00995, 0.01990, 0.05970])).through
    assert np.max(np.abs(through - [0.196802, 0.494967, 0.898149])) < 1e-5


@pytest.mark.parametrize("x", [0.5, 1.0, 3.0])
def test_coupled_modes_agree_with_the_exact_ring(x: float) -> None:
    """A13: x of its own half-linewidths off, coupled modes give x²/(1+x²) for critical coupling."""
    ring = linear_ring(0.99, 0.99)
    from photonic.devices import RingThrough

    detuning = float(ring.detuning(half_linewidths=x))
    coupled = RingThrough(ring, detuning).transfer(1.0)
    assert float(coupled) == pytest.approx(x**2 / (1 + x**2), rel=1e-12, abs=0.0)
    exact = float(ring.spectrum(at_phase(ring, detuning * TURN)).through)
    assert float(coupled) == pytest.approx(exact, abs=1e-3)
    field = RingThrough(ring, detuning).response(1.0)
    assert abs(field - ring.spectrum(at_phase(ring, detuning * TURN)).through_field) < 0.01


def test_drop_field_agrees_with_coupled_modes() -> None:
    from photonic.devices import RingDrop

    ring = linear_ring(0.995, 0.999, 0.996)
    for x in (-2.0, 0.0, 1.5):
        detuning = float(ring.detuning(half_linewidths=x))
        exact = ring.spectrum(at_phase(ring, detuning * TURN)).drop_field
        assert abs(RingDrop(ring, detuning).response(1.0) - exact) < 0.01


def test_couplers_and_rates_are_one_to_one() -> None:
    ring = linear_ring(0.95, 0.9, 0.99)
    assert np.allclose(ring.round_trip_amplitudes, (0.95, 0.99, 0.9), rtol=1e-14)
    assert float(coupling_decay(1 - 0.95**2, TURN)) == pytest.approx(ring.coupling_rate, rel=1e-14, abs=0.0)


def test_backscattering_splits_the_resonance() -> None:
    ring = dataclasses.replace(linear_ring(0.999, 0.999), backscatter_rate=4e10)
    phase = np.linspace(-0.1, 0.1, 20001)
    through = ring.spectrum(at_phase(ring, phase)).through
    dips = phase[1:-1][(through[1:-1] < through[:-2]) & (through[1:-1] < through[2:])] / TURN
    assert dips.size == 2
    assert dips[1] - dips[0] == pytest.approx(4e10, rel=0.02, abs=0.0)


def test_figures_of_the_published_ring() -> None:
    """physics.md §3.2: loaded Q 62 171, linewidth 24.976 pm, thermal resistance 1.16873e4 K/W."""
    assert float(VV.quality_factor) == pytest.approx(62_171, rel=1e-5, abs=0.0)
    width = VV.wavelength * VV.linewidth / VV.angular_frequency
    assert width * 1e12 == pytest.approx(24.976, rel=1e-4, abs=0.0)
    assert float(VV.thermal_resistance) == pytest.approx(1.16873e4, rel=1e-5, abs=0.0)
    assert VV.coupling_regime == "critical"
    assert float(VV.photon_lifetime) == pytest.approx(51.25e-12, rel=1e-12, abs=0)
    assert float(VV.intrinsic_quality_factor) == pytest.approx(2 * 62_171, rel=1e-5, abs=0.0)
    c = VV.coefficients()
    assert c.two_photon == pytest.approx(2.4038e22, rel=1e-4, abs=0.0)
    assert c.generation == pytest.approx(4.3829e58, rel=1e-4, abs=0.0)
    assert c.carrier_absorption == pytest.approx(8.6212e-14, rel=1e-4, abs=0)
    assert -c.index * VV.index_per_carrier == pytest.approx(6.0375e-13, rel=1e-4, abs=0)
    assert c.thermal == pytest.approx(6.4912e10, rel=1e-4, abs=0.0)


def test_detuning_signs_and_units() -> None:
    """A red offset of +62 pm is −4.96 half-linewidths (2 × 62/24.976)."""
    detuning = VV.detuning(62e-12)
    assert detuning < 0
    assert detuning / (VV.linewidth / 2) == pytest.approx(-2 * 62 / 24.976, rel=1e-3, abs=0.0)
    assert VV.detuning(half_linewidths=-1.5) == -0.75 * VV.linewidth
    with pytest.raises(ParameterError, match=r"did you mean 6.2e-11 \(picometres\)"):
        VV.detuning(62)
    with pytest.raises(ParameterError, match="takes one of"):
        VV.detuning()


def test_ring_from_geometry() -> None:
    """10 µm ring of a strip: rates from its couplings and losses by hand."""
    guide = Waveguide(loss=50.0, effective_area=0.08e-12, two_photon_absorption=5e-12, carrier_lifetime=1e-9)
    ring = Ring.from_geometry(
        radius=10e-6,
        waveguide=guide,
        coupling=0.01,
        group_index=4.2,
        core_area=0.1e-12,
        absorbed_fraction=0.2,
        index_confinement=1.1,
    )
    length, v = 2 * math.pi * 10e-6, C / 4.2
    assert ring.coupling_rate == pytest.approx(-math.log(0.99) * v / length, rel=1e-13, abs=0.0)
    assert ring.absorption_rate == pytest.approx(0.2 * 50 * v, rel=1e-13, abs=0.0)
    assert ring.scattering_rate == pytest.approx(0.8 * 50 * v, rel=1e-13, abs=0.0)
    assert ring.fca_volume**2 == pytest.approx(1.1 * 0.08e-12 * 0.1e-12 * length**2, rel=1e-13, abs=0.0)
    assert ring.free_spectral_range == pytest.approx(1.55e-6**2 / (4.2 * length), rel=1e-13, abs=0.0)
    # One pair per two photons: ħω 2 dN/dt V = the rate of energy lost, here in each its own volume.
    c = ring.coefficients()
    made = 2 * 6.62607015e-34 / (2 * math.pi) * ring.angular_frequency * c.generation * ring.fca_volume**2
    assert made / ring.fca_confinement == pytest.approx(c.two_photon * ring.tpa_volume, rel=1e-12, abs=0.0)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"wavelength": 1.55}, r"wavelength must lie in .* did you mean 1.55e-06 \(micrometres\)"),
        ({"group_index": 0.9}, r"group_index must be >= 1 \[1\], got 0.9"),
        ({"coupling_rate": 0.0}, "coupling_rate must be > 0 1/s"),
        ({"coupling_rate": math.nan}, "coupling_rate must be finite"),
        ({"coupling_rate": "fast"}, "coupling_rate must be a number in 1/s, got 'fast'"),
        ({"absorption_rate": -1.0}, "absorption_rate must be >= 0"),
        ({"index_per_carrier": 1e-27}, "index_per_carrier must lie in"),
        ({"carrier_lifetime": 5.3}, r"did you mean 5.3e-09 \(nanoseconds\)"),
        ({"tpa_volume": None}, r"tpa_volume \[m³\] is needed where two_photon_absorption is not 0"),
        ({"thermal_volume": None}, r"thermal_volume \[m³\] is needed where thermo_optic is not 0"),
        ({"kerr_index": 4e-18, "kerr_volume": None}, r"kerr_volume \[m³\] is needed"),
        ({"circumference": 25.0}, r"did you mean 2.5e-05 \(micrometres\)"),
        ({"effects": True}, "effects must be an Effects"),
    ],
)
def test_wrong_numbers_are_refused(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        dataclasses.replace(VV, **change)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"radius": 10.0}, r"radius must .* got 10.0: did you mean 1e-05 \(micrometres\)"),
        ({"coupling": 1.2}, r"coupling must lie in \[0, 1\], got 1.2"),
        ({"coupling": 1.0}, "coupling must be < 1"),
        ({"coupling": 0.0}, "coupling must be > 0"),
        ({"absorbed_fraction": 2.0}, "absorbed_fraction must lie in"),
    ],
)
def test_wrong_geometry_is_refused(change: dict[str, Any], message: str) -> None:
    given = {"radius": 1e-5, "coupling": 0.1, "group_index": 4.2, "core_area": 1e-13, **change}
    with pytest.raises(ParameterError, match=message):
        Ring.from_geometry(waveguide=Waveguide(loss=50.0, effective_area=1e-13), **given)


def test_heating_off_needs_no_thermal_numbers() -> None:
    ring = dataclasses.replace(VV, thermal_volume=None, effects=Effects(heating=False))
    assert ring.coefficients().heating == 0.0
    with pytest.raises(ParameterError, match="thermal_resistance needs"):
        _ = ring.thermal_resistance
    with pytest.raises(ParameterError, match="set circumference"):
        _ = dataclasses.replace(VV, circumference=None).free_spectral_range
    with pytest.raises(ParameterError, match="unknown effect 'heat': known: kerr"):
        VV.with_effects(heat=False)


def test_backscatter_in_the_nonlinear_model() -> None:
    with pytest.warns(OutsideValidityWarning, match="0.3 linewidths"):
        dataclasses.replace(VV, backscatter_rate=0.3 * VV.linewidth).coefficients()
    with pytest.raises(ParameterError, match="backscatter_rate must be <= 1 linewidth"):
        dataclasses.replace(VV, backscatter_rate=1.1 * VV.linewidth).coefficients()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dataclasses.replace(VV, backscatter_rate=0.1 * VV.linewidth).coefficients()


def test_identity_copies_and_sources() -> None:
    batch = dataclasses.replace(VV, coupling_rate=np.array([1e10, 2e10]))
    assert batch != dataclasses.replace(batch)  # identity: arrays have no single truth value
    assert batch.same(dataclasses.replace(batch))
    assert not batch.same(VV)
    assert not VV.same(VV.with_effects(heating=False))
    assert not VV.same(dataclasses.replace(VV, circumference=None))
    assert not VV.same("ring")
    assert len({VV, batch}) == 2
    again = pickle.loads(pickle.dumps(VV))
    assert again.same(VV)
    assert dict(again.sources) == dict(VV.sources)
    changed = dataclasses.replace(VV, coupling_rate=1e10)
    assert changed.sources == VV.sources
    assert "set by you" in references(changed)
    assert "coupling_rate" in references(changed).split("set by you")[0].splitlines()[-1]
    with pytest.raises(TypeError):
        VV.sources["wavelength"] = None  # type: ignore[index]


def test_carrier_law_replaces_the_linear_index() -> None:
    ring = dataclasses.replace(VV, index_law=NEDELJKOVIC_2011)
    expected = NEDELJKOVIC_2011.index_change(1e23, 1e23, VV.wavelength)
    assert float(ring.index_change(1e23)) == float(expected)
    assert float(VV.index_change(1e23)) == pytest.approx(-1.73e-4, rel=1e-12, abs=0)


def test_spectrum_is_that_of_two_couplers_and_two_halves_of_a_ring() -> None:
    """Fields at both couplers [[r, iκ], [iκ, r]] from a linear system, far off resonance too."""
    r1, r2, a = 0.9, 0.85, 0.93
    k1, k2 = math.sqrt(1 - r1**2), math.sqrt(1 - r2**2)
    ring = linear_ring(r1, a, r2)
    for phase in (-2.5, -0.4, 0.0, 1.0, 3.0):
        half = math.sqrt(a) * np.exp(0.5j * phase)
        # Unknown: field behind coupler 1 (x), before coupler 2 (y), behind it (z), before coupler 1 (w).
        matrix = np.array([[1, 0, 0, -r1], [-half, 1, 0, 0], [0, -r2, 1, 0], [0, 0, -half, 1]])
        x, y, _, w = np.linalg.solve(matrix, [1j * k1, 0, 0, 0])
        spectrum = ring.spectrum(at_phase(ring, phase))
        assert complex(spectrum.through_field) == pytest.approx(r1 + 1j * k1 * w, abs=1e-9)
        assert complex(spectrum.drop_field) == pytest.approx(1j * k2 * y, abs=1e-9)
        assert abs(x) ** 2 * (1 - r2**2 * a**2) <= 1  # what circulates is bounded by what comes in


def test_backscattering_couples_the_two_directions() -> None:
    """Coupled modes da±/dt = (iδ − γ/2) a± + i(β/2) a∓ + √γ_c s in the driven direction, in steady state."""
    ring = dataclasses.replace(linear_ring(0.9995, 0.9998, 0.9996), backscatter_rate=1.5e9)
    gamma, rate, drop = float(ring.linewidth), float(ring.coupling_rate), float(ring.drop_coupling_rate)
    for offset in (-2e9, 0.0, 0.3e9, 1e9):
        matrix = np.array(
            [[gamma / 2 - 1j * offset, -0.75e9j], [-0.75e9j, gamma / 2 - 1j * offset]], dtype=complex
        )
        forward, _ = np.linalg.solve(matrix, [math.sqrt(rate), 0.0])
        spectrum = ring.spectrum(at_phase(ring, offset * TURN))
        assert abs(complex(spectrum.through_field) - (1 - math.sqrt(rate) * forward)) < 3e-3
        assert abs(complex(spectrum.drop_field) + math.sqrt(drop) * forward) < 3e-3


def test_every_number_of_a_geometry_arrives() -> None:
    """γ_TPA, γ_FCA, carrier and Kerr shift of a strip ring, by hand from its guide's numbers."""
    guide = Waveguide(
        loss=50.0,
        effective_area=0.08e-12,
        two_photon_absorption=5e-12,
        kerr_index=4.5e-18,
        free_carrier_cross_section=1.45e-21,
        index_per_carrier=-3e-27,
        carrier_lifetime=1e-9,
        wavelength=1.54e-6,
    )
    ring = Ring.from_geometry(
        radius=10e-6,
        waveguide=guide,
        coupling=0.01,
        drop_coupling=0.02,
        group_index=4.2,
        core_area=0.1e-12,
        index_confinement=1.1,
    )
    length, v = 2 * math.pi * 10e-6, C / 4.2
    omega = 2 * math.pi * C / 1.54e-6
    assert ring.drop_coupling_rate == pytest.approx(-math.log(0.98) * v / length, rel=1e-13, abs=0.0)
    c = ring.coefficients()
    assert c.two_photon == pytest.approx(5e-12 * v**2 / (0.08e-12 * length), rel=1e-12, abs=0.0)
    assert c.carrier_absorption == pytest.approx(1.1 * 1.45e-21 * v, rel=1e-12, abs=0)
    assert c.index * ring.index_change(1e23) == pytest.approx(-omega / 4.2 * 1.1 * 3e-4, rel=1e-12, abs=0.0)
    assert c.kerr == pytest.approx(omega / 4.2 * 4.5e-18 * v / (0.08e-12 * length), rel=1e-12, abs=0.0)
    # Pairs per volume of core: intensity v U/(A L) in the guide, one pair per two photons, ∫|E|⁴ shared.
    intensity = v * 1e-15 / (0.08e-12 * length)
    pairs = 5e-12 * intensity**2 / (2 * 6.62607015e-34 / (2 * math.pi) * omega) * 0.08 / 0.1
    assert c.generation * 1e-30 == pytest.approx(pairs, rel=1e-9, abs=0.0)


@pytest.mark.parametrize(
    ("coupling", "drop", "regime"),
    [(1e10, 0.0, "under"), (3e10, 0.0, "over"), (2e10, 0.0, "critical"), (2e10, 1e9, "under")],
)
def test_coupling_regimes(coupling: float, drop: float, regime: str) -> None:
    """Against 2e10 1/s inside the ring: on resonance the field behind it changes sign when overcoupled."""
    ring = Ring(
        wavelength=1.55e-6,
        group_index=4.0,
        coupling_rate=coupling,
        drop_coupling_rate=drop,
        absorption_rate=5e9,
        scattering_rate=1.5e10,
    )
    assert ring.coupling_regime == regime
    from photonic.devices import RingThrough

    field = complex(RingThrough(ring, 0.0).response(0.0)).real
    assert (field > 1e-9, abs(field) < 1e-9, field < -1e-9).index(True) == (
        "under",
        "critical",
        "over",
    ).index(regime)
