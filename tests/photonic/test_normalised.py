"""Normalised models of papers: their printed equations in SciPy, their figures, their link to a ring."""

from __future__ import annotations

import dataclasses
import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

import photonic
from photonic.devices import RingThrough
from photonic.drive import Drive
from photonic.dynamics import _problems
from photonic.errors import ParameterError
from photonic.extensions import ThermalModes
from photonic.integration import integrate
from photonic.normalised import TwoVariable, Zhang
from photonic.parameters import GIRON_CASTRO_2024, ZHANG_2013
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.provenance import references
from photonic.stability import steady_states

MODEL = TwoVariable(e=5.0, f=0.071397, epsilon=0.081538, p=18.6627, q=0.395105, detuning=-3.0)


def periods(times: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Times between rises of ``values`` through their middle, in straight lines between samples."""
    middle = (values.max() + values.min()) / 2
    up = np.flatnonzero((values[:-1] < middle) & (values[1:] >= middle))
    at = times[up] + (middle - values[up]) / (values[up + 1] - values[up]) * (times[up + 1] - times[up])
    return np.diff(at)


def test_exported() -> None:
    assert photonic.normalised.TwoVariable is TwoVariable
    assert isinstance(ZHANG_2013, Zhang)


# ------------------------------------------------------------------ Van Vaerenbergh et al. 2012
def test_numbers_of_the_published_ring() -> None:
    """Those of a reference that shares no code: e, f, ε, q, p at 0.6 mW; P0_th = 3.21497e-5 W."""
    model = TwoVariable.from_ring(VV, 0.6e-3, VV.detuning(half_linewidths=-3.0))
    for name, digits in (("e", 1e-9), ("f", 1e-5), ("epsilon", 1e-5), ("p", 1e-5), ("q", 1e-5)):
        assert getattr(model, name) == pytest.approx(getattr(MODEL, name), rel=digits)
    assert model.detuning == pytest.approx(-3.0, rel=1e-12)
    assert model.p == pytest.approx(2 * 0.6e-3 / (2 * 3.21497e-5), rel=1e-5)  # p = 2P/((1 + k) P0_th), k = 1


def test_the_field_follows_at_once_from_the_first_moment() -> None:
    """a = √p/(1 + f n − i(Δ + θ − n)) at the start, as at any later time, with |a|² = p/D."""
    found = MODEL.simulate([0.0, 0.3, 0.9], {"carriers": 2.0, "temperature": 6.0})
    n, theta = found.carriers, found.temperature
    expected = np.sqrt(MODEL.p) / (1 + MODEL.f * n - 1j * (MODEL.detuning + theta - n))
    assert found.field == pytest.approx(expected, rel=1e-6)


def printed(model: TwoVariable) -> Any:
    """The two equations as the paper prints them."""

    def change(_: float, state: np.ndarray) -> list[float]:
        theta, n = state
        d = (1 + model.f * n) ** 2 + (model.detuning + theta - n) ** 2
        return [
            -theta + model.p * (1 + model.e * model.f * n) / d,
            (-n + (model.p * model.q / d) ** 2) / model.epsilon,
        ]

    return change


@pytest.mark.parametrize(("detuning", "p"), [(-3.0, 18.6627), (-5.0, 30.0), (0.0, 5.0), (2.0, 40.0)])
def test_two_variables_against_the_printed_equations(detuning: float, p: float) -> None:
    model = dataclasses.replace(MODEL, detuning=detuning, p=p)
    times = np.linspace(0, 4, 201)
    trace = model.simulate(times, {"temperature": 1.0, "carriers": 0.3}, rtol=1e-10)
    exact = solve_ivp(
        printed(model), (0, 4), [1.0, 0.3], method="DOP853", rtol=1e-12, atol=1e-12, max_step=0.01
    )
    expected = exact.sol(times) if exact.sol else np.array([np.interp(times, exact.t, y) for y in exact.y])
    final = exact.y[:, -1]
    assert trace.temperature[-1] == pytest.approx(final[0], rel=1e-7)
    assert trace.carriers[-1] == pytest.approx(final[1], rel=1e-7)
    assert np.allclose(trace.temperature, expected[0], rtol=0, atol=1e-3 * expected[0].max())
    d = (1 + model.f * trace.carriers) ** 2 + (detuning + trace.temperature - trace.carriers) ** 2
    assert np.allclose(trace.energy, p / d, rtol=1e-7)


def test_figure_1() -> None:
    """A10: PRA 86, 063808 Fig. 1, Δ = −3 at 0.6 mW.

    Digitised: period 1.324 τ_th, θ 6.05–11.77, n 0.09–8.20; below, a reference solver's digits.
    """
    times = np.linspace(0, 30, 30_001)
    trace = MODEL.simulate(times, {"temperature": 6.0})
    late = times > 10
    period = periods(times[late], trace.temperature[late])
    assert period.mean() == pytest.approx(1.321, rel=0.01)
    assert np.ptp(period) < 1e-3
    assert period.mean() == pytest.approx(1.32082, rel=1e-4)  # the reference solver's digits
    assert trace.temperature[late].max() == pytest.approx(11.870, rel=1e-3)
    assert trace.temperature[late].min() == pytest.approx(5.972, rel=1e-3)
    assert trace.carriers[late].max() == pytest.approx(8.203, rel=2e-3)
    assert trace.carriers[late].min() == pytest.approx(0.0925, rel=5e-3)


def test_two_variables_are_the_slaved_ring() -> None:
    """The ring's own equations with two-photon loss off and its field following at once, in other units."""
    ring = VV.with_effects(two_photon_loss=False)
    detuning, span = ring.detuning(half_linewidths=-3.0), 3 * ring.thermal_lifetime
    times = np.linspace(0, span, 201)
    device = RingThrough(ring, detuning)
    problem = _problems(device, Drive.constant(0.6e-3, 0.0, span), {"temperature": 0.9})[1][0]
    states = integrate(dataclasses.replace(problem, slaved=True), times, rtol=1e-10).states
    model = TwoVariable.from_ring(ring, 0.6e-3, detuning)
    kelvin = ring.linewidth / 2 / ring.coefficients().thermal
    trace = model.simulate(times / ring.thermal_lifetime, {"temperature": 0.9 / kelvin}, rtol=1e-10)
    assert np.allclose(trace.temperature * kelvin, states[:, 3], rtol=1e-7)
    phase = np.unwrap(np.angle(trace.field)) - np.unwrap(np.angle(states[:, 0] + 1j * states[:, 1]))
    assert np.allclose(phase[1:], 0.0, atol=1e-7)  # the ring starts from an empty field


def test_period_at_62_pm() -> None:
    """0.6 mW, T(0) = 0.7 K: 81.6 ns, by SciPy on the printed equations; the full ones take 78.155 ns."""
    model = TwoVariable.from_ring(VV, 0.6e-3, VV.detuning(62e-12))
    kelvin = VV.linewidth / 2 / VV.coefficients().thermal
    times = np.linspace(0, 10, 10_001)
    trace = model.simulate(times, {"temperature": 0.7 / kelvin})
    options: dict[str, Any] = {"method": "LSODA", "rtol": 1e-9, "atol": 1e-11, "t_eval": times}
    exact = solve_ivp(printed(model), (0, 10), [0.7 / kelvin, 0.0], **options).y[0]
    late = times > 5
    found, expected = (periods(times[late], theta[late]).mean() for theta in (trace.temperature, exact))
    assert found == pytest.approx(expected, rel=1e-5)
    assert found * VV.thermal_lifetime == pytest.approx(81.6e-9, rel=1e-3)
    assert trace.temperature[late].max() == pytest.approx(exact[late].max(), rel=1e-5)


@pytest.mark.parametrize("model", [MODEL, dataclasses.replace(MODEL, detuning=-5.0, p=12.0)])
def test_steady_states_and_nullclines(model: TwoVariable) -> None:
    """Where the printed right-hand side is 0; their eigenvalues by complex steps through it."""
    change = printed(model)
    states = model.steady_states()
    assert len(states) in (1, 3)
    for state in states:
        at = np.array([state.temperature, state.carriers])
        assert np.allclose(change(0.0, at), 0.0, atol=1e-9 * at.max() / model.epsilon)
        columns = [np.imag(change(0.0, at + 1e-30j * np.eye(2)[k])) / 1e-30 for k in range(2)]
        values = np.linalg.eigvals(np.array(columns).T)
        assert np.allclose(np.sort_complex(values), np.sort_complex(np.array(state.eigenvalues)), rtol=1e-9)
        assert state.stable == (values.real.max() <= 0)
    for k, name in enumerate(("temperature", "carriers")):
        theta, n = model.nullclines()[name]
        assert theta.size > 100
        rates = np.array([change(0.0, np.array(pair))[k] for pair in zip(theta, n, strict=True)])
        size = np.abs(theta if k == 0 else n / model.epsilon)
        assert np.all(np.abs(rates) < 1e-8 * (size + 1e-3))


def test_steady_states_are_those_of_the_ring() -> None:
    ring = VV.with_effects(two_photon_loss=False)
    for half_linewidths in (-5.0, -3.0, 1.0):
        detuning = ring.detuning(half_linewidths=half_linewidths)
        found = TwoVariable.from_ring(ring, 0.4e-3, detuning).steady_states()
        kelvin = ring.linewidth / 2 / ring.coefficients().thermal
        expected = steady_states(ring, 0.4e-3, detuning)
        assert [s.temperature * kelvin for s in found] == pytest.approx([s.temperature for s in expected])
    dark = dataclasses.replace(MODEL, p=0.0)
    assert dark.steady_states()[0].eigenvalues == pytest.approx((-1.0, -1 / MODEL.epsilon))


def test_other_rings() -> None:
    model = TwoVariable.from_ring(GIRON_CASTRO_2024, 1e-4, 0.0)
    ring = GIRON_CASTRO_2024
    assert model.e == pytest.approx(ring.linewidth / ring.absorption_rate, rel=1e-12)
    assert model.epsilon == pytest.approx(ring.carrier_lifetime / ring.thermal_lifetime, rel=1e-12)


# ------------------------------------------------------------------ Zhang et al. 2013
@pytest.mark.parametrize(("power", "delta"), [(1.0, 0.0), (4.0, 2.0), (10.0, 4.0), (2.0, -2.0)])
def test_zhang_against_the_printed_equations(power: float, delta: float) -> None:
    """ȧ, ṅ, θ̇ as printed, in the paper's own exp(+iωt), complex field and all."""
    k, tau, tau_heat, sigma, xi, eta, alpha, gamma = 0.55, 18.5, 185.0, 7.2, 0.074, 0.4, 0.11, 0.2

    def change(_: float, state: np.ndarray) -> list[float]:
        a, n, theta = complex(state[0], state[1]), state[2], state[3]
        u = abs(a) ** 2
        rate = (
            1j * delta * a
            - 1j * (k * u - (n + sigma * max(n, 0.0) ** 0.8) + theta) * a
            - (1 + alpha * u + gamma * n) * a
            + math.sqrt(power)
        )
        heat = xi * u * (eta + 2 * alpha * u + 2 * gamma * n)
        return [rate.real, rate.imag, u * u - n / tau, heat - theta / tau_heat]

    times = np.linspace(0, 60, 13)
    start = [0.3, -0.4, 0.5, 0.2]
    initial = {"field": 0.3 - 0.4j, "carriers": 0.5, "temperature": 0.2}
    trace = ZHANG_2013.simulate(power, delta, times, initial, rtol=1e-10)
    states = np.array([start])
    for low, high in pairwise(times):
        done = solve_ivp(change, (low, high), states[-1], method="DOP853", rtol=1e-12, atol=1e-13)
        states = np.vstack([states, done.y[:, -1]])
    assert np.allclose(trace.field, states[:, 0] + 1j * states[:, 1], rtol=0, atol=1e-7)
    assert np.allclose(trace.carriers, states[:, 2], rtol=1e-7)
    assert np.allclose(trace.temperature, states[:, 3], rtol=1e-7)


def test_zhang_pulsates_and_settles() -> None:
    """Red of resonance (positive δ in the paper) heat and carriers fight; in the dark nothing happens."""
    times = np.linspace(0, 4000, 8001)
    assert np.all(ZHANG_2013.simulate(0.0, 1.0, times).energy == 0)
    calm = ZHANG_2013.simulate(0.01, 1.0, times)
    assert np.ptp(calm.energy[-1000:]) < 1e-6 * calm.energy[-1]
    assert calm.energy[-1] == pytest.approx(0.01 / 2, rel=0.02)  # linear: P/(1 + δ²)


def test_zhang_is_told_as_assumed() -> None:
    assert {s.kind for s in ZHANG_2013.sources.values()} == {"assumed"}
    assert "Phys. Rev. A 87, 053805" in references(ZHANG_2013)
    assert set(ZHANG_2013.sources) == {f.name for f in dataclasses.fields(Zhang)} - {"sources"}


# ------------------------------------------------------------------ refusals
@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: dataclasses.replace(MODEL, e=0.5), r"e must be >= 1 \[1\], got 0.5"),
        (lambda: dataclasses.replace(MODEL, epsilon=0.0), "epsilon must be > 0"),
        (lambda: dataclasses.replace(MODEL, p=-1.0), "p must be >= 0"),
        (lambda: dataclasses.replace(MODEL, detuning=math.nan), "detuning must be finite in half-linewidths"),
        (lambda: dataclasses.replace(MODEL, p=np.ones(2)), r"p must be one number, got shape \(2,\)"),
        (lambda: MODEL.simulate([1.0, 0.0]), "times must increase"),
        (lambda: MODEL.simulate([0.0, 1.0], {"field": 1.0}), "initial may name carriers, temperature, got"),
        (lambda: MODEL.simulate([0.0, 1.0], {"carriers": math.inf}), "initial carriers must be finite"),
        (lambda: MODEL.simulate([0.0, 1.0], rtol=1.0), "rtol must lie in"),
        (lambda: MODEL.simulate([0.0, 1.0], [1.0]), "initial must be a mapping"),
        (lambda: ZHANG_2013.simulate(-1.0, 0.0, [0.0, 1.0]), "power must be >= 0"),
        (lambda: ZHANG_2013.simulate(1.0, math.nan, [0.0, 1.0]), "detuning must be finite"),
        (lambda: dataclasses.replace(ZHANG_2013, carrier_lifetime=0.0), "carrier_lifetime must be > 0"),
        (lambda: dataclasses.replace(ZHANG_2013, linear_absorption=3.0), "linear_absorption must lie in"),
        (lambda: TwoVariable.from_ring(VV, -1.0, 0.0), "power must be >= 0 W"),
        (
            lambda: TwoVariable.from_ring(VV.with_effects(heating=False), 1e-3, 0.0),
            "the two-variable model needs heating of one ring, got 0.0",
        ),
        (
            lambda: TwoVariable.from_ring(
                dataclasses.replace(VV, thermal_modes=ThermalModes(shares=(1.0,), lifetimes=(1e-8,))),
                1e-3,
                0.0,
            ),
            "knows no thermal_modes",
        ),
        (
            lambda: TwoVariable.from_ring(
                dataclasses.replace(VV, absorption_rate=np.array([1e9, 2e9])), 1e-3, 0.0
            ),
            "needs absorption of one ring",
        ),
    ],
)
def test_refusals(call: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        call()
