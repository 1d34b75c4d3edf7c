"""The symbol window of a frozen-heat curve, against the rate equations solved in time."""

import dataclasses
import math

import numpy as np
import pytest

from photonic import presets
from photonic.devices import CavityLoadedMZI
from photonic.errors import ParameterError
from photonic.parameters import RIB_RING, RIB_THERMAL_MODES, VAN_VAERENBERGH_2012
from photonic.regime import symbol_error, symbol_window
from photonic.symbols import pattern, stream_error

LIGHT, HBAR = 299_792_458.0, 6.62607015e-34 / (2 * math.pi)
# Impulse response of the rib's core [K m/J] as Σ w exp(−t/τ): docs/default_neuron/heat_equation.py.
RESPONSE_LIFETIMES = (
    np.array([0.5, 1.1027, 2.4317, 5.3626, 11.826, 26.080, 57.515, 279.72, 3000]) * 1e-9
)  # [s]
RESPONSE_WEIGHTS = np.array([16.087, 3.4384, 13.955, 6.2566, 7.4249, 2.1160, 2.9488, 1.2302, 0.31388]) * 1e5
POWERS = np.linspace(0, presets.POWER_MAX, 101)


def simulated_error(device, power_max, symbol_time, heat, streams=200, symbols=120, steps=40):
    """Rms error of the curve under random symbols, over its range: independent integration in time.

    ``heat`` is a list of (weight [K/J], lifetime [s]): the impulse response Σ w exp(−t/τ) of the
    temperature to absorbed energy. The field follows at once (photons live 1/100 of a symbol).
    The formulas are those of the coupled-mode theory written out from the ring's own fields.
    """
    ring = device.ring
    omega = 2 * math.pi * LIGHT / ring.wavelength
    pull = omega / ring.group_index
    k2 = (
        ring.tpa_confinement * ring.two_photon_absorption * LIGHT**2 / (ring.group_index**2 * ring.tpa_volume)
    )
    pairs = ring.fca_confinement * ring.two_photon_absorption * LIGHT**2
    pairs /= 2 * HBAR * omega * ring.group_index**2 * ring.fca_volume**2
    kf = ring.fca_confinement * ring.free_carrier_cross_section * LIGHT / ring.group_index
    kerr = pull * ring.kerr_index * LIGHT / (ring.group_index * ring.kerr_volume)
    kn = pull * ring.index_confinement * ring.index_per_carrier
    kt = pull * ring.index_confinement * ring.thermo_optic
    weight, lifetime = (np.array(column)[:, None] for column in zip(*heat, strict=True))
    dt = symbol_time / steps

    def settled(power):  # absorbed power, from a fine table along the energy
        u = np.linspace(0, 1, 200_001) ** 2 * 4 * ring.coupling_rate * power.max() / ring.linewidth**2
        n = ring.carrier_lifetime * pairs * u**2
        half, d = (ring.linewidth + k2 * u + kf * n) / 2, device.detuning + kerr * u + kn * n
        table = u * (half**2 + d**2) / ring.coupling_rate
        assert np.all(np.diff(table) > 0)
        return np.interp(power, table, (ring.absorption_rate + k2 * u + kf * n) * u)

    inside = (1 - device.input_coupling) * power_max
    mean = settled(inside * np.linspace(0, 1, 101)).mean()
    rng = np.random.default_rng(7)
    t = weight * lifetime * mean * np.ones((1, streams))
    cold = device.detuning - kt * float(np.sum(weight * lifetime) * mean)
    n, u = np.zeros(streams), np.zeros(streams)
    errors, outputs = [], []
    for k in range(symbols):
        power = inside * rng.random(streams)
        for _ in range(steps):
            offset = cold + kn * n + kt * t.sum(0)
            for _ in range(6):
                d, half = offset + kerr * u, (ring.linewidth + k2 * u + kf * n) / 2
                miss = u * (half**2 + d**2) - ring.coupling_rate * power
                u = np.maximum(u - miss / (half**2 + d**2 + u * (half * k2 + 2 * d * kerr)), 0.0)
            absorbed = (ring.absorption_rate + k2 * u + kf * n) * u
            made = ring.carrier_lifetime * pairs * u**2
            n = made + (n - made) * math.exp(-dt / ring.carrier_lifetime)
            final = weight * lifetime * absorbed
            t = final + (t - final) * np.exp(-dt / lifetime)
        if k < symbols // 3:
            continue
        d, half = offset + kerr * u, (ring.linewidth + k2 * u + kf * n) / 2
        ring_field = 1 - ring.coupling_rate / (half - 1j * d)
        k_in, k_out = device.input_coupling, device.output_coupling
        cross = 1j * (math.sqrt((1 - k_in) * k_out) * ring_field)
        cross += 1j * math.sqrt(k_in * (1 - k_out)) * np.exp(1j * device.arm_phase)
        outputs.append(np.abs(cross) ** 2 * power / (1 - k_in))
        errors.append(outputs[-1] - device.transfer(power / (1 - k_in)))
    span = np.ptp(device.transfer(np.linspace(0, power_max, 401)))
    return float(np.sqrt(np.mean(np.square(errors)))) / span


@pytest.mark.parametrize("name", ["sigmoid", "clamped-relu", "softplus", "leaky-relu", "radial-basis"])
def test_the_predicted_error_is_that_of_the_rate_equations(name):
    """First order in the detuning error against the full equations in time: within a factor of 1.5."""
    device = presets.preset(name).device
    time = 4e-9
    heat = [(device.ring.thermal_resistance / device.ring.thermal_lifetime, device.ring.thermal_lifetime)]
    simulated = simulated_error(device, presets.POWER_MAX, time, heat)
    predicted = float(symbol_error(device, POWERS, time))
    assert 1 / 1.5 < predicted / simulated < 1.5
    assert simulated < (0.075 if name == "radial-basis" else 0.03)


def test_the_window_opens_when_carriers_settle_and_closes_when_heat_drifts():
    device = presets.SIGMOID
    window = symbol_window(device, POWERS)
    assert 1e-9 < window.shortest < 3e-9 < window.best < window.longest < 5e-8
    assert window.smallest_error < 0.03
    slower = dataclasses.replace(device, ring=dataclasses.replace(device.ring, carrier_lifetime=1.2e-9))
    assert symbol_window(slower, POWERS).shortest > window.shortest
    heat = [(device.ring.thermal_resistance / device.ring.thermal_lifetime, device.ring.thermal_lifetime)]
    assert simulated_error(device, presets.POWER_MAX, 0.5e-9, heat) > 0.05
    assert simulated_error(device, presets.POWER_MAX, 4e-9, heat) < 0.05


def test_a_bound_outside_the_search_is_not_clipped_to_it():
    """Without any shift by heat nothing limits long symbols; short ones still need their carriers."""
    cold = dataclasses.replace(presets.SIGMOID, ring=dataclasses.replace(RIB_RING, thermo_optic=0.0))
    window = symbol_window(cold.frozen(), POWERS)
    assert window.longest == math.inf
    assert 1e-9 < window.shortest < 3e-9


def test_van_vaerenberghs_ring_has_no_window():
    """Its frozen-heat curves are an idealisation: no symbol rate comes near 5 % (12 % at best)."""
    ring = VAN_VAERENBERGH_2012.with_effects(heating=False)
    device = CavityLoadedMZI(
        ring, ring.detuning(half_linewidths=1.0), 0.875 * math.pi, 0.3, 0.5, port="cross"
    )
    powers = np.linspace(0, 0.2e-3, 101)
    assert symbol_window(device, powers) is None
    times = np.geomspace(5e-9, 1e-6, 60)
    assert np.all(symbol_error(device, powers, times) > 0.10)
    heat = [(ring.thermal_resistance / ring.thermal_lifetime, ring.thermal_lifetime)]
    assert simulated_error(device, 0.2e-3, 20e-9, heat) > 0.10


def test_mean_heating_of_the_reference():
    """Van Vaerenbergh's ring as a sigmoid at 0.2 mW: 0.32–0.35 K, 2.1–2.3 half-linewidths, with a
    few per cent for how the symbols are distributed."""
    ring = VAN_VAERENBERGH_2012.with_effects(heating=False)
    device = CavityLoadedMZI(
        ring, ring.detuning(half_linewidths=1.0), 0.875 * math.pi, 0.3, 0.5, port="cross"
    )
    kelvin, offset = device.mean_heating(np.linspace(0, 0.2e-3, 2001))
    assert kelvin == pytest.approx(0.33, rel=0.08)
    assert offset / (ring.linewidth / 2) == pytest.approx(2.2, rel=0.08)
    half, _ = device.mean_heating(np.linspace(0, 0.2e-3, 2001), duty=0.5)
    assert half == pytest.approx(kelvin / 2, rel=1e-12)


def test_heat_equation_behind_the_time_constant():
    """One pole with R²/(2τ) = ∫h² dt: the same wander as the many-pole response it stands for.

    The impulse response of the rib's cross-section (``docs/default_neuron``), per metre, fitted by
    nine exponentials; its settled resistance and ∫h² are the ring's two thermal numbers.
    """
    length = RIB_RING.circumference
    weights, lifetimes = RESPONSE_WEIGHTS, RESPONSE_LIFETIMES
    resistance = float(np.sum(weights * lifetimes)) / length
    overlap = lifetimes[:, None] * lifetimes / (lifetimes[:, None] + lifetimes)
    squared = float(weights @ overlap @ weights) / length**2
    assert RIB_RING.thermal_resistance == pytest.approx(resistance, rel=0.1)
    lifetime = RIB_RING.thermal_resistance**2 / (2 * squared)
    assert RIB_RING.thermal_lifetime == pytest.approx(lifetime, rel=0.1)


@pytest.mark.parametrize("name", ["sigmoid", "clamped-relu", "softplus", "leaky-relu", "radial-basis"])
def test_the_window_holds_with_the_heat_equations_own_response(name):
    """The single thermal pole is an equivalent; here the curve meets the response it stands for."""
    device = presets.preset(name).device
    heat = list(zip(RESPONSE_WEIGHTS / RIB_RING.circumference, RESPONSE_LIFETIMES, strict=True))
    error = simulated_error(device, presets.POWER_MAX, 4e-9, heat)
    assert error < (0.06 if name == "radial-basis" else 0.03)


@pytest.mark.parametrize("name", ["sigmoid", "softplus", "leaky-relu"])
def test_the_predicted_error_with_several_thermal_modes(name):
    """As above, within a factor of 1.5: each mode of the ring leaves its own share of the past symbols."""
    device = presets.preset(name).device
    ring = dataclasses.replace(device.ring, thermal_modes=RIB_THERMAL_MODES)
    shares, lifetimes = RIB_THERMAL_MODES.shares, RIB_THERMAL_MODES.lifetimes
    heat = [(s * RIB_RING.thermal_resistance / t, t) for s, t in zip(shares, lifetimes, strict=True)]
    simulated = simulated_error(device, presets.POWER_MAX, 4e-9, heat)
    predicted = float(symbol_error(dataclasses.replace(device, ring=ring), POWERS, 4e-9))
    assert 1 / 1.5 < predicted / simulated < 1.5


@pytest.mark.parametrize(("modes", "symbols"), [(None, 300), (RIB_THERMAL_MODES, 200)])
def test_streams_of_the_package_against_the_independent_integration(modes, symbols):
    """Other symbols, other integrator, the same equations: the rms errors agree within the statistics.

    Four standard errors of the package's streams, and 4 % for the scatter of those here and for
    their steps of 0.1 ns, which split carriers, heat and light.
    """
    device, curve = presets.SIGMOID, presets.preset("sigmoid").curve()
    device = dataclasses.replace(device, ring=dataclasses.replace(device.ring, thermal_modes=modes))
    own = device.ring.thermal_resistance, device.ring.thermal_lifetime
    shares, lifetimes = ((1.0,), own[1:]) if modes is None else (modes.shares, modes.lifetimes)
    heat = [(s * own[0] / t, t) for s, t in zip(shares, lifetimes, strict=True)]
    expected = simulated_error(device, presets.POWER_MAX, 4e-9, heat, symbols=symbols)
    found = stream_error(device, curve, pattern(curve, None, streams=16, symbols=800), 4e-9)
    assert found.standard_error < 0.03 * found.rms
    assert found.rms == pytest.approx(expected, abs=4 * found.standard_error + 0.04 * expected)


def test_bad_input():
    with pytest.raises(ParameterError, match=r"symbol_time must be > 0 s"):
        symbol_error(presets.SIGMOID, POWERS, 0.0)
    with pytest.raises(ParameterError, match=r"tolerance must lie in \(0, 1\)"):
        symbol_window(presets.SIGMOID, POWERS, tolerance=1.5)
