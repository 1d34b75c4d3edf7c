"""Light in a weight bank: against rings by hand, against linear systems of all waves, and its balance."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nets import WeightBank
from nets.optical.bank_ports import field_ports, lineshape, power_ports
from nets.optical.bank_ring import BANK_RING
from photonic.units import SPEED_OF_LIGHT

LOSSY = dataclasses.replace(  # unequal couplers and much loss, so that no two ports are alike
    BANK_RING, drop_coupling_rate=0.4 * BANK_RING.coupling_rate, scattering_rate=2e10
)


def narrowed(ring, factor):
    """The same ring with all rates smaller."""
    names = "coupling_rate", "drop_coupling_rate", "scattering_rate"
    return dataclasses.replace(ring, **{name: getattr(ring, name) / factor for name in names})


def amplitudes(ring):
    """r_1, r_2, a of one turn, from the rates."""
    turn = ring.group_index * ring.circumference / SPEED_OF_LIGHT
    rates = ring.coupling_rate, ring.drop_coupling_rate, ring.scattering_rate
    return [math.exp(-rate * turn / 2) for rate in rates]


def port_fields(ring, phase):
    """Through, drop and back field of an add-drop ring: Bogaerts et al. 2012, written out once more."""
    r1, r2, a = amplitudes(ring)
    bottom = 1 - r1 * r2 * a * np.exp(1j * phase)
    drop = -math.sqrt((1 - r1**2) * (1 - r2**2) * a) * np.exp(0.5j * phase) / bottom
    turn = a * np.exp(1j * phase)
    return (r1 - r2 * turn) / bottom, drop, (r2 - r1 * turn) / bottom


def waves(ports, loops):
    """(through, drop) of rings between two buses: all waves at once, from one linear system.

    u_k is what comes to ring k on the input bus, v_k what comes to it on the drop bus from ring k + 1:
    u_{k+1} = t_k u_k + d_k v_k, v_{k-1} = e_{k-1} (d_k u_k + b_k v_k).
    """
    n = len(ports[0])
    system, source = np.eye(2 * n, dtype=complex), np.zeros(2 * n, dtype=complex)
    source[0] = 1.0
    for k in range(n):
        t, d, b = (p[k] for p in ports)
        if k + 1 < n:
            system[k + 1, k] -= t
            system[k + 1, n + k] -= d
        if k > 0:
            system[n + k - 1, k] -= loops[k - 1] * d
            system[n + k - 1, n + k] -= loops[k - 1] * b
    found = np.linalg.solve(system, source)
    u, v = found[:n], found[n:]
    return ports[0][-1] * u[-1] + ports[1][-1] * v[-1], ports[1][0] * u[0] + ports[2][0] * v[0]


@pytest.mark.parametrize("ring", [BANK_RING, LOSSY])
def test_ports_are_those_of_the_ring_written_out(ring):
    phase = np.linspace(-7.0, 7.0, 301)
    fields = port_fields(ring, phase)
    for found, expected in zip(field_ports(ring, phase), fields, strict=False):
        assert found == pytest.approx(expected, abs=1e-10)
    for found, expected in zip(power_ports(ring, phase), fields, strict=False):
        assert found == pytest.approx(abs(expected) ** 2, abs=1e-12)
    line = lineshape(ring)
    assert line.phase(line.value(phase[151:200])) == pytest.approx(phase[151:200], rel=1e-9)


@pytest.mark.parametrize("ports", [power_ports, field_ports])
def test_slopes_of_the_ports(ports):
    phase, step = np.linspace(-3.0, 3.0, 41), 1e-5
    middle, before, after = ports(LOSSY, phase), ports(LOSSY, phase - step), ports(LOSSY, phase + step)
    for found, low, high in zip(middle[3:], before[:3], after[:3], strict=True):
        assert found == pytest.approx((high - low) / (2 * step), abs=1e-5 * np.max(abs(found)))


def test_one_channel_follows_the_lorentzian_of_an_add_drop_ring():
    """Coupled modes: D = (γ_1 γ_2/(γ/2)²)/(1 + δ²), T = 1 − γ_1(γ − γ_1)/(γ/2)²/(1 + δ²)."""
    ring = narrowed(LOSSY, 100)
    delta = np.linspace(-6.0, 6.0, 25)
    bank = WeightBank(1, delta.size, ring=ring, detunings=delta[:, None])
    one, two, all_ = ring.coupling_rate, ring.drop_coupling_rate, ring.linewidth
    drop = one * two / (all_ / 2) ** 2 / (1 + delta**2)
    through = 1 - one * (all_ - one) / (all_ / 2) ** 2 / (1 + delta**2)
    # the two models differ by the order of 1/finesse, here 4e-4
    assert bank.weights()[:, 0] == pytest.approx(drop - through, abs=1e-3)
    assert np.ptp(drop - through) > 1


def test_one_channel_is_exact_and_periodic_in_the_free_spectral_range():
    delta = np.array([0.0, 0.3, -1.0, 4.0, -20.0])
    turn = LOSSY.group_index * LOSSY.circumference / SPEED_OF_LIGHT
    half = LOSSY.linewidth * turn / 2
    through, drop, _ = port_fields(LOSSY, half * delta)
    for shift in (0.0, 2 * math.pi / half):
        bank = WeightBank(1, 5, ring=LOSSY, detunings=(delta + shift)[:, None])
        assert bank.weights()[:, 0] == pytest.approx(abs(drop) ** 2 - abs(through) ** 2, abs=1e-11)
    only = WeightBank(1, 5, ring=LOSSY, detunings=delta[:, None], detection="drop")
    assert only.weights()[:, 0] == pytest.approx(abs(drop) ** 2, abs=1e-11)


@pytest.mark.parametrize("coherent", [False, True])
def test_all_passes_between_rings_against_a_linear_system_of_all_waves(coherent):
    rng = np.random.default_rng(3)
    rings, banks = 5, 2
    detunings, psi = rng.uniform(-4, 4, (banks, rings)), rng.uniform(0, 6, (banks, rings - 1))
    bank = WeightBank(
        rings, banks, ring=LOSSY, channel_spacing=90e9, detunings=detunings, bus_length=80e-6 * coherent,
        bus_phases=psi if coherent else None,
    )  # fmt: skip
    light = 1.55e-6 + np.linspace(-2e-9, 2e-9, 7)
    found = bank.spectra(light)
    turn = LOSSY.group_index * LOSSY.circumference / SPEED_OF_LIGHT
    offset = 2 * math.pi * SPEED_OF_LIGHT * (1 / light - 1 / 1.55e-6)
    own = 2 * math.pi * 90e9 * (2 - np.arange(rings))  # first channel: highest frequency
    for m in range(banks):
        resonances = own - detunings[m] * LOSSY.linewidth / 2
        for place, delta in enumerate(offset):
            ports = port_fields(LOSSY, turn * (delta - resonances))
            if coherent:
                loops = np.exp(1j * (psi[m] + LOSSY.group_index * 80e-6 / SPEED_OF_LIGHT * delta))
                through, drop = (abs(x) ** 2 for x in waves(ports, loops))
            else:
                through, drop = (x.real for x in waves([abs(p) ** 2 for p in ports], np.ones(rings - 1)))
            assert found.through[m, place] == pytest.approx(through, abs=1e-9)
            assert found.drop[m, place] == pytest.approx(drop, abs=1e-9)


def test_powers_are_the_mean_over_the_phase_between_two_rings():
    settings_ = {"ring": LOSSY, "channel_spacing": 40e9}
    detunings = np.array([[0.4, 1.3]])
    phases = 2 * math.pi * np.arange(64) / 64  # the mean of a smooth periodic function converges at once
    coherent = WeightBank(
        2, 64, **settings_, bus_phases=phases[:, None], detunings=np.tile(detunings, (64, 1))
    )
    powers = WeightBank(2, 1, **settings_, detunings=detunings)
    assert np.ptp(coherent.weights(), axis=0).min() > 0.05  # interference matters here
    assert coherent.weights().mean(axis=0) == pytest.approx(powers.weights()[0], abs=1e-10)


def test_interference_falls_with_spacing_and_its_mean_faster():
    """Fields of neighbours ∝ 1/spacing, so interference does; the error of adding powers ∝ its square."""
    psi = np.random.default_rng(0).uniform(0, 2 * math.pi, (4000, 2))
    spread, bias = [], []
    for spacing in (100e9, 200e9, 400e9):
        kept = {"channel_spacing": spacing, "detunings": np.full((4000, 3), 0.7)}
        coherent = WeightBank(3, 4000, bus_phases=psi, **kept).weights()
        powers = WeightBank(3, 1, channel_spacing=spacing, detunings=np.full((1, 3), 0.7)).weights()[0]
        spread.append(coherent[:, 0].std())
        bias.append(abs(coherent.mean(axis=0) - powers).max())
    assert spread[0] / spread[1] == pytest.approx(2, rel=0.2)
    assert spread[1] / spread[2] == pytest.approx(2, rel=0.2)
    assert bias[0] < 0.1 * spread[0]
    assert spread[0] > 0.02


def test_crosstalk_falls_with_the_square_of_the_spacing():
    """A Lorentzian tail: both what a neighbour takes and what its detuning changes."""
    taken = []
    ring = narrowed(BANK_RING, 10)  # far from the next resonance of a ring even at the largest spacing
    for spacing in (20e9, 40e9, 80e9):
        pair = WeightBank(2, 1, ring=ring, channel_spacing=spacing, detunings=[[1.0, 0.0]]).weights()[0, 0]
        alone = WeightBank(1, 1, ring=ring, detunings=[[1.0]]).weights()[0, 0]
        taken.append(abs(pair - alone))
    assert taken[0] / taken[1] == pytest.approx(4, rel=0.15)
    assert taken[1] / taken[2] == pytest.approx(4, rel=0.15)
    assert taken[0] > 1e-3


@settings(max_examples=30)
@given(
    st.integers(1, 5), st.floats(0.02, 2.0), st.floats(0.0, 2.0), st.booleans(), st.integers(0, 2**31),
)  # fmt: skip
def test_no_wavelength_gains_power(rings, drop_share, loss_share, coherent, seed):
    rng = np.random.default_rng(seed)
    rate = BANK_RING.coupling_rate
    ring = dataclasses.replace(
        BANK_RING, drop_coupling_rate=drop_share * rate, scattering_rate=loss_share * rate
    )
    bank = WeightBank(
        rings, 2, ring=ring, channel_spacing=300e9, detunings=rng.uniform(-9, 9, (2, rings)),
        bus_phases=rng.uniform(0, 6, (2, rings - 1)) if coherent else None,
    )  # fmt: skip
    found = bank.spectra(1.55e-6 + np.linspace(-9e-9, 9e-9, 51))
    out = found.through + found.drop
    assert found.through.min() >= 0
    assert found.drop.min() >= 0
    assert out.max() <= 1 + 1e-9
    if loss_share == 0:
        assert out == pytest.approx(np.ones_like(out), abs=1e-9)
