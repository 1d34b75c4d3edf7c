"""Propagation in a straight guide: closed forms, an independent integrator, derivatives."""

from __future__ import annotations

import copy
import math
import pickle
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from photonic.errors import OutsideValidityWarning, ParameterError
from photonic.units import PLANCK, SPEED_OF_LIGHT, loss_from_db_per_cm
from photonic.waveguide import Waveguide, _extinction

LOSS = loss_from_db_per_cm(2.0)
TPA = Waveguide(loss=LOSS, effective_area=0.1e-12, two_photon_absorption=5e-12)
FULL = replace(
    TPA,
    free_carrier_cross_section=1.45e-21,
    carrier_lifetime=1e-9,
    kerr_index=4.5e-18,
    index_per_carrier=-4e-27,
)
LENGTH = 0.01


def stepped(guide: Waveguide, power: float, length: float) -> tuple[float, float]:
    """Transmission and phase by an explicit Runge-Kutta method of order 8, on the raw equations."""
    area, beta, tau = guide.effective_area, guide.two_photon_absorption, guide.carrier_lifetime or 0.0
    photon = PLANCK * SPEED_OF_LIGHT / guide.wavelength

    def slope(_: float, y: Any) -> list[float]:
        i = math.exp(y[0])
        n = tau * beta * i**2 / (2 * photon)
        k0 = 2 * math.pi / guide.wavelength
        return [
            -guide.loss - beta * i - guide.free_carrier_cross_section * n,
            k0 * (guide.kerr_index * i + guide.index_per_carrier * n),
        ]

    start = math.log(power / area)
    end = solve_ivp(slope, (0, length), [start, 0.0], method="DOP853", rtol=1e-13, atol=1e-13)
    return math.exp(end.y[0, -1] - start), end.y[1, -1]


@pytest.mark.parametrize(("power", "expected"), [(0.1, 0.606650), (1.0, 0.450464)])
def test_two_photon_absorption_only(power: float, expected: float) -> None:
    """Closed form I₀e^(−αL)/(1 + βI₀L_eff); numbers worked out independently."""
    effective = (1 - math.exp(-LOSS * LENGTH)) / LOSS
    closed = math.exp(-LOSS * LENGTH) / (1 + 5e-12 * power / 0.1e-12 * effective)
    assert TPA.transmission(power, LENGTH) == pytest.approx(closed, rel=1e-14)
    assert closed == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(
    ("power", "expected"), [(1e-3, 0.630693), (1e-2, 0.627288), (0.1, 0.522387), (1.0, 0.097842)]
)
def test_with_carriers(power: float, expected: float) -> None:
    """Numbers of an independent integration."""
    assert FULL.transmission(power, LENGTH) == pytest.approx(expected, rel=1e-4)


def test_carriers_at_the_input() -> None:
    assert FULL.carriers(0.1) == pytest.approx(1.9507e22, rel=1e-4)


@pytest.mark.parametrize("power", [1e-6, 1e-3, 0.1, 1.0, 7.0])
@pytest.mark.parametrize("length", [1e-4, 1e-2, 0.3])
def test_against_stepping_the_equations(power: float, length: float) -> None:
    transmission, phase = stepped(FULL, power, length)
    assert FULL.transmission(power, length) == pytest.approx(transmission, rel=1e-10, abs=0)
    assert FULL.phase(power, length) == pytest.approx(phase, rel=1e-9, abs=2e-13)


@given(st.floats(1e-6, 20), st.floats(0, 1e6))
def test_carrier_absorption_only(linear: float, carrier: float) -> None:
    """I₀e^(−αL)/√(1 + KI₀²(1 − e^(−2αL))/α)."""
    closed = linear + 0.5 * math.log1p(carrier * -math.expm1(-2 * linear) / linear)
    assert _extinction(linear, 0.0, carrier)[0] == pytest.approx(closed, rel=1e-13, abs=0)


@given(st.floats(1e-2, 1e4), st.floats(1e-6, 1e4))
def test_no_linear_loss(pair: float, carrier: float) -> None:
    """L = F(I₀) − F(I) with F(I) = −1/(βI) + (K/β²) ln((β + KI)/I)."""
    x = float(_extinction(0.0, pair, carrier)[0])
    share = math.exp(-x)
    ratio = carrier / pair
    length = (1 / share - 1) / pair + carrier / pair**2 * (math.log((1 + ratio) / (1 + ratio * share)) - x)
    # The closed form cancels: its own round-off is that of its largest term.
    largest = max((1 / share - 1) / pair, carrier / pair**2 * x, 1.0)
    assert length == pytest.approx(1.0, abs=1e-13 * largest)


@given(st.floats(0, 30), st.floats(0, 1e8), st.floats(0, 1e8))
def test_moments_are_those_of_the_losses(linear: float, pair: float, carrier: float) -> None:
    """What is lost adds up: αL + βI₀L⟨I⟩ + KI₀²L⟨I²⟩ = ln(P_in/P_out)."""
    x, first, second = _extinction(linear, pair, carrier)
    assert linear + pair * first + carrier * second == pytest.approx(float(x), rel=1e-13, abs=1e-300)
    assert 0 <= second <= first * (1 + 1e-12) <= 1 + 1e-11


@given(st.floats(0, 7), st.floats(1e-6, 0.3), st.floats(0, 200))
def test_passive(power: float, length: float, loss: float) -> None:
    transmission = replace(FULL, loss=loss).transmission(power, length)
    assert 0 < transmission <= 1
    field = replace(FULL, loss=loss).response(power, length)
    assert abs(field) ** 2 == pytest.approx(float(transmission), rel=1e-12, abs=0)


def test_two_pieces_are_one() -> None:
    half = FULL.transmission(0.3, LENGTH / 2)
    again = FULL.transmission(0.3 * half, LENGTH / 2)
    assert half * again == pytest.approx(FULL.transmission(0.3, LENGTH), rel=1e-13)
    phases = FULL.phase(0.3, LENGTH / 2) + FULL.phase(0.3 * half, LENGTH / 2)
    assert phases == pytest.approx(FULL.phase(0.3, LENGTH), rel=1e-12)


def test_nothing_lost() -> None:
    """No loss at all: T = 1 and the Kerr phase is k₀n₂IL; no light: T = e^(−αL), no phase."""
    kerr = Waveguide(loss=0.0, effective_area=0.1e-12, kerr_index=4.5e-18)
    assert kerr.transmission(0.1, LENGTH) == 1
    expected = 2 * math.pi / 1.55e-6 * 4.5e-18 * 1e12 * LENGTH
    assert kerr.phase(0.1, LENGTH) == pytest.approx(expected, rel=1e-14)
    assert FULL.transmission(0.0, LENGTH) == pytest.approx(math.exp(-LOSS * LENGTH), rel=1e-15)
    assert FULL.phase(0.0, LENGTH) == 0
    assert FULL.transmission(0.1, 0.0) == 1
    lossless = replace(FULL, loss=0.0)
    np.testing.assert_allclose(lossless.transmission(np.array([0.0, 1e-200]), LENGTH), 1, rtol=1e-15)


@pytest.mark.parametrize("name", ["loss", "two_photon_absorption", "free_carrier_cross_section"])
def test_complex_step_over_parameters(name: str) -> None:
    value = getattr(FULL, name)
    step = replace(FULL, **{name: value * (1 + 1e-30j)})
    up, down = (replace(FULL, **{name: value * (1 + s)}) for s in (1e-4, -1e-4))
    for method in ("transmission", "phase"):
        exact = np.imag(getattr(step, method)(0.3, LENGTH)) / 1e-30
        centred = (getattr(up, method)(0.3, LENGTH) - getattr(down, method)(0.3, LENGTH)) / 2e-4
        assert exact == pytest.approx(float(centred), rel=1e-6)


@pytest.mark.parametrize("power", [1e-4, 0.1, 2.0])
def test_complex_step_over_power_is_the_slope_of_the_curve(power: float) -> None:
    step = 1e-30
    out = FULL.transmission(power * (1 + 1j * step), LENGTH) * power * (1 + 1j * step)
    curve = FULL.curve(LENGTH, power_max=power, points=11)
    assert curve.slope is not None
    assert curve.slope[-1] == pytest.approx(np.imag(out) / (power * step), rel=1e-13, abs=0)
    assert curve.power_out[-1] == pytest.approx(np.real(out), rel=1e-14)


def test_curve() -> None:
    curve = FULL.curve(length=LENGTH, power_max=1.0)
    assert curve.regime == "frozen heat"
    assert curve.metadata["carrier_lifetime"] == 1e-9
    assert curve(0.3333) == pytest.approx(0.3333 * FULL.transmission(0.3333, LENGTH), rel=1e-6)
    assert Waveguide(loss=10.0, effective_area=1e-13).curve(0.01, 1e-3).regime == "linear"
    lossless = Waveguide(loss=0.0, effective_area=1e-13, two_photon_absorption=5e-12).curve(0.01, 1e-3)
    assert float(lossless.derivative(0.0)) == 1


def test_arrays_broadcast() -> None:
    powers = np.array([1e-3, 1e-2, 0.1])
    many = replace(FULL, loss=np.array([[10.0], [LOSS]]))
    got = many.transmission(powers, LENGTH)
    assert got.shape == (2, 3)
    assert got[1, 2] == pytest.approx(FULL.transmission(0.1, LENGTH), rel=1e-14)


def test_array_api() -> None:
    xp: Any = pytest.importorskip("array_api_strict")
    powers = np.array([0.0, 1e-3, 0.1, 1.0])
    for guide in (FULL, replace(FULL, loss=0.0)):
        for method in ("transmission", "phase", "response"):
            got = getattr(guide, method)(xp.asarray(powers), LENGTH)
            want = getattr(guide, method)(powers, LENGTH)
            np.testing.assert_allclose(np.asarray(got), want, rtol=1e-14)


def test_torch_gradients() -> None:
    torch: Any = pytest.importorskip("torch")
    powers = np.array([1e-3, 0.3])
    beta = torch.tensor(5e-12, dtype=torch.float64, requires_grad=True)
    (replace(FULL, two_photon_absorption=beta).transmission(powers, LENGTH)).sum().backward()
    step = replace(FULL, two_photon_absorption=5e-12 * (1 + 1e-30j))
    exact = np.imag(step.transmission(powers, LENGTH)).sum() / 5e-42
    assert float(beta.grad) == pytest.approx(exact, rel=1e-12)
    p = torch.tensor([0.0, 0.3], dtype=torch.float64, requires_grad=True)
    lossless = replace(TPA, loss=0.0)
    lossless.transmission(p, LENGTH).sum().backward()
    assert float(p.grad[0]) == pytest.approx(-5e-12 / 0.1e-12 * LENGTH, rel=1e-12)
    assert lossless.response(p, LENGTH).dtype == torch.complex128


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"effective_area": 0.1}, r"effective_area must lie in .* m², got 0.1: did you mean 1e-13 \(µm²\)"),
        ({"two_photon_absorption": 0.5}, r"did you mean 5e-12 \(cm/GW\)"),
        ({"free_carrier_cross_section": 1.45e-17}, r"did you mean 1.45e-21 \(cm²\)"),
        ({"index_per_carrier": 4e-27}, "index_per_carrier must be <= 0 m³"),
        ({"carrier_lifetime": 1.0}, r"did you mean 1e-09 \(nanoseconds\)"),
        ({"carrier_lifetime": None}, r"carrier_lifetime \[s\] is needed"),
        ({"loss": -1.0}, "loss must lie in .* 1/m, got -1"),
        ({"loss": math.nan}, "loss must be finite in 1/m"),
        ({"wavelength": 1.55}, r"did you mean 1.55e-06 \(micrometres\)"),
    ],
)
def test_errors(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        replace(FULL, **change)


def test_call_errors() -> None:
    with pytest.raises(ParameterError, match="power must be >= 0 W"):
        FULL.transmission(-1e-3, LENGTH)
    with pytest.raises(ParameterError, match=r"length must lie in .* m, got 100.*micrometres"):
        FULL.transmission(1e-3, 100)
    with pytest.raises(ParameterError, match="single waveguide"):
        replace(FULL, loss=np.array([1.0, 2.0])).curve(LENGTH, 1e-3)
    with pytest.warns(OutsideValidityWarning, match="1e26"):
        FULL.transmission(20.0, LENGTH)


def test_copies_and_comparison() -> None:
    assert pickle.loads(pickle.dumps(FULL)).same(FULL)
    assert copy.deepcopy(FULL).same(FULL)
    assert not FULL.same(TPA)
    assert not replace(TPA, loss=np.array([1.0, 2.0])).same(TPA)
    assert not TPA.same("waveguide")


def test_intensity_along_the_guide() -> None:
    """P T/A: 100 mW on 0.1 µm² is 1e12 W/m² at the start and 0.606650 of it after 1 cm (A3)."""
    assert TPA.intensity(0.1, 0.0) == pytest.approx(1e12, rel=1e-13)
    assert TPA.intensity(0.1, LENGTH) == pytest.approx(0.606650e12, rel=1e-6)
