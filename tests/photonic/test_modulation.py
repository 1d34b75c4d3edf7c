"""Frequency responses against closed forms, static slopes, an independent Jacobian, and simulations."""

import dataclasses
import math

import numpy as np
import pytest

from photonic import presets
from photonic.devices import CavityLoadedMZI, RingDrop, RingThrough
from photonic.dynamics import simulate
from photonic.errors import ParameterError
from photonic.modulation import QUANTITIES, frequency_response
from photonic.parameters import ALDAYA_2017, RIB_THERMAL_MODES, VAN_VAERENBERGH_2012
from photonic.stability import steady_states

RING = VAN_VAERENBERGH_2012
WEAK = 1e-7  # [W]


@pytest.mark.parametrize(
    ("given", "quantity", "lifetime"), [("generation", "carriers", 5.3e-9), ("heat", "temperature", 65e-9)]
)
def test_a_lifetime_rolls_off_at_its_corner(given, quantity, lifetime):
    # dx/dt = u − x/τ: |H| = τ/√(1 + (2π f τ)²)
    found = frequency_response(RING, WEAK, 1 / (2 * math.pi * lifetime), detuning=0.0, input=given)
    assert abs(getattr(found, quantity)) / found.static(quantity) == pytest.approx(1 / math.sqrt(2), rel=0.01)
    assert np.angle(getattr(found, quantity)) == pytest.approx(-math.pi / 4, rel=0.01)
    assert found.static(quantity) == pytest.approx(lifetime, rel=0.01)
    assert found.bandwidth(quantity) == pytest.approx(1 / (2 * math.pi * lifetime), rel=0.01)


def test_light_in_a_linear_ring_follows_within_its_linewidth():
    # without nonlinearity and on resonance |a|² answers power like the amplitude: rate γ/2
    found = frequency_response(RING, WEAK, 0.0, detuning=0.0)
    assert found.bandwidth("energy") == pytest.approx(RING.linewidth / 2 / (2 * math.pi), rel=0.01)
    assert math.isnan(found.bandwidth("power_drop"))
    beside = frequency_response(RING, WEAK, 1e13, detuning=RING.detuning(half_linewidths=3.0))
    # t = 1 − 1/(1 − 3i) at critical coupling: |t|² = 0.9 of slow and Re t = 0.9 of fast light pass
    assert beside.static("power_through") == pytest.approx(0.9, rel=1e-3)
    assert beside.power_through == pytest.approx(0.9, rel=1e-3)
    # one sideband falls on the resonance and is lost, and with it half of the response
    assert beside.bandwidth("power_through") == pytest.approx(3 * RING.linewidth / 2 / (2 * math.pi), rel=0.3)
    weak = dataclasses.replace(RING, coupling_rate=1e9)
    assert math.isinf(frequency_response(weak, WEAK, 0.0, detuning=0.0).bandwidth("power_through"))


def _sine(device, power, frequency, share, detuning=None, cycles=6):
    """Complex response of every quantity to a small sine in time, fitted over its last whole cycles."""
    rest = next(s for s in steady_states(device, power, detuning) if s.stable)
    longest = 65e-9 if device.__class__ is not CavityLoadedMZI else 3 * device.ring.carrier_lifetime
    before = math.ceil(12 * longest * frequency)
    times = np.concatenate([[0.0], (before + np.arange(cycles * 64) / 64) / frequency])
    trace = simulate(
        device, lambda t: power * (1 + share * np.cos(2 * math.pi * frequency * t)), times,
        detuning=detuning, initial=rest, rtol=1e-11,
    )  # fmt: skip
    wave = np.exp(-2j * math.pi * frequency * trace.times[1:])
    return {q: 2 * np.mean(getattr(trace, q)[1:] * wave) / (share * power) for q in QUANTITIES}


@pytest.mark.parametrize("frequency", [1e6, 20e6, 300e6])
@pytest.mark.parametrize("case", ["ring", "preset", "drop"])
def test_against_a_small_sine_in_time(case, frequency):
    if case == "ring":
        device, power, detuning = RING, 0.1e-3, RING.detuning(half_linewidths=1.0)
    elif case == "preset":
        device, power, detuning = presets.SIGMOID, 0.8e-3, None
    else:
        ring = dataclasses.replace(RING, drop_coupling_rate=4e9)
        device, power, detuning = RingDrop(ring, ring.detuning(half_linewidths=-0.5)), 0.15e-3, None
    found = frequency_response(device, power, frequency, detuning=detuning)
    seen = _sine(device, power, frequency, 1e-4, detuning)
    for quantity in QUANTITIES:
        expected = complex(getattr(found, quantity))
        if expected == 0:  # no drop port, frozen heat
            assert abs(seen[quantity]) < 1e-9
            continue
        assert abs(seen[quantity] / expected - 1) < 0.01, quantity  # gain and phase


@pytest.mark.parametrize("power", [0.1e-3, 0.5e-3, 1.2e-3])
@pytest.mark.parametrize(
    "device",
    [presets.SIGMOID, presets.SOFTPLUS, RingThrough(RING.with_effects(heating=False), 1e10)],
    ids=["sigmoid", "softplus", "ring"],
)
def test_at_0_hz_it_is_the_slope_of_the_curve(device, power):
    found = frequency_response(device, power, [0.0, 1.0])
    assert found.static("power_out") == pytest.approx(float(device.slope(power)), rel=1e-9)
    assert found.power_out[1] == pytest.approx(float(device.slope(power)), rel=1e-6)


def test_static_response_to_detuning_is_that_of_the_steady_states():
    detuning, step = RING.detuning(half_linewidths=0.7), 1e5
    found = frequency_response(RING, 0.1e-3, 0.0, detuning=detuning, input="detuning")
    states = [steady_states(RING, 0.1e-3, detuning + s)[0] for s in (-step, step)]
    for quantity, name in (
        ("energy", "energy"),
        ("temperature", "temperature"),
        ("power_through", "through"),
    ):
        slope = (getattr(states[1], name) - getattr(states[0], name)) / (2 * step)
        assert found.static(quantity) == pytest.approx(slope, rel=1e-5)


def test_against_an_independent_jacobian(model, random_ring):
    # the test model's own equations, differentiated by complex steps in another frame
    rng = np.random.default_rng(7)
    tried = 0
    while tried < 12:
        ring, detuning = random_ring(rng), None
        detuning = float(rng.uniform(-3, 3)) * ring.linewidth / 2
        power = 1e-4 * 10 ** rng.uniform(-1, 1)
        states = [s for s in steady_states(ring, power, detuning) if s.stable]
        if len(states) != 1:
            continue
        tried += 1
        other, energy, frequency = model(ring, detuning), states[0].energy, 10 ** rng.uniform(6, 9.5)
        jacobian, state = other.jacobian(energy), other.state(energy)
        push = np.array([math.sqrt(ring.coupling_rate / power) / 2, 0, 0, 0])
        moved = np.linalg.solve(2j * math.pi * frequency * np.eye(4) - jacobian, push)
        found = frequency_response(ring, power, frequency, detuning=detuning)
        assert complex(found.energy) == pytest.approx(2 * (state[:2] @ moved[:2]), rel=1e-6)
        assert complex(found.carriers) == pytest.approx(moved[2], rel=1e-6)
        if ring.effects.heating:
            assert complex(found.temperature) == pytest.approx(moved[3], rel=1e-6, abs=1e-9)
        light, coupling = math.sqrt(power), math.sqrt(ring.coupling_rate)
        through = np.array([light - coupling * state[0], -coupling * state[1]])
        change = through @ (np.array([1 / (2 * light), 0]) - coupling * moved[:2])
        assert complex(found.power_through) == pytest.approx(2 * change, rel=1e-6, abs=1e-9)


def test_several_thermal_modes_and_traps_have_their_own_corners():
    ring = dataclasses.replace(RING, thermal_modes=RIB_THERMAL_MODES, thermal_lifetime=1.0)
    ring = dataclasses.replace(ring, thermal_lifetime=65e-9)
    found = frequency_response(ring, WEAK, [0.0, 1e7], detuning=0.0, input="heat")
    shares, lifetimes = np.array(RIB_THERMAL_MODES.shares), np.array(RIB_THERMAL_MODES.lifetimes)
    weights = shares * 65e-9 / lifetimes
    expected = np.sum(weights / (2j * math.pi * 1e7 + 1 / lifetimes))
    assert complex(found.temperature[1]) == pytest.approx(expected, rel=0.01)
    trapped = dataclasses.replace(RING, traps=ALDAYA_2017)
    assert np.isfinite(frequency_response(trapped, 1e-4, 1e8, detuning=0.0).carriers)


def test_at_other_frequencies_and_shapes():
    found = frequency_response(RING, WEAK, np.ones((2, 3)), detuning=0.0)
    assert found.energy.shape == (2, 3)
    assert found.at(1e8).energy.shape == ()
    assert found.at(1.0).energy == pytest.approx(found.energy[0, 0])


def test_which_state():
    ring = RING.with_effects(heating=False)
    detuning = ring.detuning(half_linewidths=6)
    low, middle, high = steady_states(ring, 1e-3, detuning)
    with pytest.raises(ParameterError, match=r"one stable state is wanted at power = 0\.001 W, there are 2"):
        frequency_response(ring, 1e-3, 1e6, detuning=detuning)
    assert frequency_response(ring, 1e-3, 1e6, detuning=detuning, state=high).state == high
    with pytest.raises(ParameterError, match="must be stable, got the unstable one"):
        frequency_response(ring, 1e-3, 1e6, detuning=detuning, state=middle)
    with pytest.raises(ParameterError, match=r"steady state at power = 0\.0009 W"):
        frequency_response(ring, 0.9e-3, 1e6, detuning=detuning, state=low)
    with pytest.raises(ParameterError, match="the ring pulses by itself"):
        frequency_response(RING, 0.3e-3, 1e6, detuning=RING.detuning(half_linewidths=-3))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"input": "powr"}, "did you mean 'power'"),
        ({"frequencies": [-1.0]}, "frequencies must be >= 0 Hz, got -1.0"),
        ({"power": 0.0}, "power must be > 0 W"),
        ({"power": -1e-3}, "power must"),
        ({"detuning": None}, "detuning"),
        ({"state": 3}, "state must be one of"),
    ],
)
def test_wrong_arguments_are_named(changes, message):
    given = {"ring": RING, "power": 1e-4, "frequencies": 1e6, "detuning": 0.0, **changes}
    with pytest.raises(ParameterError, match=message):
        frequency_response(**given)


def test_frozen_heat_is_not_modulated():
    with pytest.raises(ParameterError, match="heats"):
        frequency_response(presets.SIGMOID, 1e-3, 1e6, input="heat")
    with pytest.raises(ParameterError, match="did you mean 'carriers'"):
        frequency_response(presets.SIGMOID, 1e-3, 1e6).bandwidth("carrier")
