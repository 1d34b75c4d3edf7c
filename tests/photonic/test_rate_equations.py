"""The rate equations with every combination of their optional terms: one system, consistent."""

from __future__ import annotations

import dataclasses
import itertools
import math
from typing import Any

import numpy as np
import pytest

from photonic.cavity import Cavity
from photonic.errors import ParameterError
from photonic.extensions import SweepOut, ThermalModes
from photonic.parameters import ALDAYA_2017, RIB_RING, RIB_THERMAL_MODES
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.rate_equations import (
    Units,
    change,
    evaluate,
    index_power,
    index_slope,
    pulls,
    scaled,
    slopes,
    terms,
)
from photonic.ring import Effects, Ring
from photonic.silicon import NEDELJKOVIC_2011, SOREF_BENNETT_1987
from photonic.small_signal import jacobian
from photonic.stability import steady_states

C, HBAR = 299_792_458.0, 6.62607015e-34 / (2 * math.pi)
HALF = float(VV.linewidth) / 2
MODES = ThermalModes(shares=(0.2, 0.5, 0.3), lifetimes=(5e-9, 60e-9, 900e-9))
CHOICES: dict[str, tuple[Any, ...]] = {
    "traps": (None, ALDAYA_2017),
    "thermal_modes": (None, MODES),
    "kerr_index": (0.0, 4.5e-18),
    "index_law": (None, SOREF_BENNETT_1987, NEDELJKOVIC_2011),
    "drop_coupling_rate": (0.0, 3e9),
    "swept": (False, True),
}
RINGS: dict[str, Ring] = {}
for values in itertools.product(*CHOICES.values()):
    fields = dict(zip(CHOICES, values, strict=True))
    swept = fields.pop("swept")
    lifetime = math.inf if fields["traps"] and not fields["kerr_index"] else 5.3e-9
    made = dataclasses.replace(VV, carrier_lifetime=lifetime, sources={}, **fields)
    marks = "".join("01"[bool(v)] for v in values[:3]) + f"-{CHOICES['index_law'].index(values[3])}-"
    marks += "".join("01"[bool(v)] for v in values[4:])
    RINGS[marks] = made.reverse_biased(1.0) if swept else made


@pytest.fixture(params=RINGS, scope="module")
def ring(request: pytest.FixtureRequest) -> Ring:
    return RINGS[request.param]


def written_out(ring: Ring, detuning: float, power: float, state: Any) -> list[Any]:
    """Time derivatives of (Re a, Im a, N, [n_t], T_k), from the fields of the ring and the literature."""
    x, y, n, *rest = state
    full, heats = (rest[0], rest[1:]) if ring.traps else (0.0, rest)
    w0 = 2 * math.pi * C / ring.wavelength
    u, holes = x * x + y * y, n + full
    share = ring.traps.hole_share if ring.traps else 0.0
    pairs = n + share * full
    two_photon = ring.two_photon_absorption * C**2 / ring.group_index**2
    absorbed = (
        ring.absorption_rate
        + ring.tpa_confinement * two_photon * u / ring.tpa_volume
        + ring.fca_confinement * ring.free_carrier_cross_section * C / ring.group_index * pairs
    )
    if ring.index_law is None:
        index = ring.index_per_carrier * pairs
    else:
        index = ring.index_law.index_change(n, holes, ring.wavelength)
    index = index + ring.kerr_index * C / ring.group_index * u / ring.kerr_volume
    index = index + ring.thermo_optic * sum(heats)
    offset = detuning + w0 / ring.group_index * index
    half = (ring.coupling_rate + ring.drop_coupling_rate + ring.scattering_rate + absorbed) / 2
    pairs_made = ring.fca_confinement * two_photon * u**2 / (2 * HBAR * w0 * ring.fca_volume**2)
    out = [
        math.sqrt(ring.coupling_rate * power) - half * x - offset * y,
        offset * x - half * y,
        pairs_made - n / ring.carrier_lifetime,
    ]
    if ring.traps:
        caught = ring.traps.electron_capture * n * (ring.traps.density - full)
        out[2] = out[2] - caught
        out.append(caught - ring.traps.hole_capture * holes * full)
    settled = ring.thermal_resistance * absorbed * u
    modes = ring.thermal_modes
    shares, lifetimes = (modes.shares, modes.lifetimes) if modes else ((1.0,), (ring.thermal_lifetime,))
    out += [(s * settled - t) / tau for s, tau, t in zip(shares, lifetimes, heats, strict=True)]
    return out


def drawn(ring: Ring, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """A random state and the size of its variables."""
    modes = len(ring.thermal_modes.shares) if ring.thermal_modes else 1
    size = np.array([1e-7, 1e-7, 1e23, *([3e22] if ring.traps else []), *([1.0] * modes)])
    return np.concatenate([rng.normal(0, 1, 2), rng.uniform(0.01, 1, size.size - 2)]) * size, size


def test_change_is_what_the_literature_says(ring: Ring) -> None:
    rng = np.random.default_rng(1)
    c, e = ring.coefficients(), terms(ring)
    for _ in range(5):
        state, size = drawn(ring, rng)
        out = np.empty(state.size)
        change(state, math.sqrt(ring.coupling_rate * 1e-3), 2 * HALF, c, e, out)
        expected = np.array(written_out(ring, 2 * HALF, 1e-3, state))
        scale = np.abs(expected) + 1e10 * size
        assert np.all(np.abs(out - expected) < 1e-12 * scale)


def test_jacobian_is_that_of_the_change(ring: Ring) -> None:
    """Complex step through the equations written out here; the field, N, n_t and heat in their sizes."""
    rng = np.random.default_rng(2)
    c, e = ring.coefficients(), terms(ring)
    for _ in range(5):
        state, size = drawn(ring, rng)
        n = state.size
        out, known, m = np.empty(n), [0.0] * 5, np.zeros((n, n))
        evaluate(state, 0.0, 2 * HALF, c, e, out, known)
        slopes(state, tuple(known), pulls(state, known[1], c, e), c, e, m)
        for k in range(n):
            moved = state.astype(complex)
            moved[k] += 1e-30j * size[k]
            column = np.imag(written_out(ring, 2 * HALF, 0.0, moved)) / 1e-30 / size
            stepped = np.empty(n, dtype=complex)
            change(moved, 0.0, 2 * HALF, c, e, stepped)
            scale = 1e-9 * np.abs(column).max()
            assert np.allclose(m[:, k] * size[k] / size, column, rtol=1e-9, atol=scale)
            assert np.allclose(np.imag(stepped) / 1e-30 / size, column, rtol=1e-9, atol=scale)


def test_steady_states_are_fixed_points(ring: Ring) -> None:
    """To 1e-9 of the terms that cancel, at powers below, between and above the folds.

    In `change` a power law of the densities turns straight below 1e16 1/m³ and so is off by about
    (1e16/N)² above it; that and no more is allowed.
    """
    c, e = ring.coefficients(), terms(ring)
    for power, detuning in itertools.product((1e-5, 3e-4, 3e-3), (-3 * HALF, HALF)):
        cavity = Cavity(ring, detuning)
        found = steady_states(ring, power, detuning)
        assert found
        for steady in found:
            state = cavity.state(np.asarray(steady.energy))
            half, offset = cavity.widths(steady.energy)
            turn = np.exp(-1j * np.angle(half - 1j * offset))
            state[:2] = math.sqrt(steady.energy) * np.array([turn.real, turn.imag])
            bent = 0.0
            if ring.index_law is not None:
                moved = c.index * abs(cavity.index_change(steady.energy)) * math.sqrt(steady.energy)
                bent = moved * (1e16 / steady.carriers) ** 2
            for rates, straight in (
                (written_out(ring, detuning, power, state), 0.0),
                (_changed(state, power, detuning, c, e), bent),
            ):
                size = np.abs(state[2:]).copy()
                assert np.all(np.abs(rates[:2]) < 1e-9 * math.sqrt(c.coupling * power) + straight)
                size[0] = c.generation * steady.energy**2
                if ring.traps:
                    size[1] = size[0]
                    assert state[3] <= ring.traps.density
                taus = ring.thermal_modes.lifetimes if ring.thermal_modes else (ring.thermal_lifetime,)
                size[-len(taus) :] = size[-len(taus) :] / np.array(taus)
                assert np.all(np.abs(rates[2:]) < 1e-9 * size)
            assert steady.temperature == pytest.approx(state[-len(taus) :].sum(), rel=1e-12)


def _changed(state: np.ndarray, power: float, detuning: float, c: Any, e: Any) -> np.ndarray:
    out = np.empty(state.size)
    change(state, math.sqrt(c.coupling * power), detuning, c, e, out)
    return out


def test_eigenvalues_are_those_of_the_equations(ring: Ring) -> None:
    """Complex-step Jacobian of the equations written out here, at a steady state."""
    detuning = HALF
    steady = steady_states(ring, 1e-3, detuning)[0]
    state = Cavity(ring, detuning).state(np.asarray(steady.energy))
    n = state.size
    size = np.array(
        [1e-7, 1e-7, 1e22, *([1e22] if ring.traps else []), *([0.1] * (n - 3 - bool(ring.traps)))]
    )
    m = np.empty((n, n))
    for k in range(n):
        moved = state.astype(complex)
        moved[k] += 1e-30j * size[k]
        m[:, k] = np.imag(written_out(ring, detuning, 0.0, moved)) / 1e-30 / size
    expected = np.linalg.eigvals(m)
    found = np.array(steady.eigenvalues)
    assert found.size == n
    for value in expected:
        assert np.min(np.abs(found - value)) < 1e-8 * np.abs(expected).max()
    assert np.trace(jacobian(Cavity(ring, detuning), steady.energy)) == pytest.approx(np.trace(m), rel=1e-9)


def test_other_units_make_the_same_motion(ring: Ring) -> None:
    rng = np.random.default_rng(3)
    c, e = ring.coefficients(), terms(ring)
    unit = Units(time=3e-11, energy=2e-15, carriers=7e21, temperature=0.3)
    c2, e2 = scaled(c, e, unit)
    state, size = drawn(ring, rng)
    modes = len(e.heat_lifetimes)
    each = [unit.energy**0.5] * 2 + [unit.carriers] * (1 + e.traps) + [unit.temperature] * modes
    drive, out, out2 = 1e-2, np.empty(state.size), np.empty(state.size)
    change(state, drive, 2 * HALF, c, e, out)
    change(state / each, drive * unit.time / each[0], 2 * HALF * unit.time, c2, e2, out2)
    back = out2 * np.array(each) / unit.time
    assert np.all(np.abs(back - out) < 1e-12 * (np.abs(out) + 1e10 * size))


# ------------------------------------------------------------------ thermal modes
def test_modes_change_the_way_not_the_end() -> None:
    """Steady states with and without: the same to the last bit but the eigenvalues."""
    many = dataclasses.replace(VV, thermal_modes=MODES)
    detuning = VV.detuning(62e-12)
    for one, two in zip(
        steady_states(VV, 0.4e-3, detuning), steady_states(many, 0.4e-3, detuning), strict=True
    ):
        for name in ("energy", "power", "carriers", "temperature", "through", "drop"):
            assert getattr(one, name) == getattr(two, name)
        assert (len(one.eigenvalues), len(two.eigenvalues)) == (4, 6)
        assert not np.allclose(one.eigenvalues[:2], two.eigenvalues[:2], rtol=1e-3)


def test_one_mode_is_the_thermal_lifetime() -> None:
    mode = ThermalModes(shares=(1.0,), lifetimes=(VV.thermal_lifetime,))
    one, two = (
        steady_states(r, 0.4e-3, VV.detuning(62e-12))
        for r in (VV, dataclasses.replace(VV, thermal_modes=mode))
    )
    assert [s.eigenvalues for s in one] == [s.eigenvalues for s in two]


def test_step_response_of_the_rib() -> None:
    """Absorbed power switched on: ΔT(t) = R P Σ share (1 − e^(−t/τ)) settles at the ring's resistance."""
    ring = dataclasses.replace(RIB_RING, thermal_modes=RIB_THERMAL_MODES)
    e, c = terms(ring), ring.coefficients()
    weights = np.asarray(e.heat_shares) * c.heating  # [K/J], of exponentials
    settled = float(np.sum(weights * np.asarray(e.heat_lifetimes)))
    assert settled == pytest.approx(ring.thermal_resistance, rel=1e-12)
    # docs/default_neuron: the exponentials' own sum, and the core's first response of 1/(ρ c A).
    length = ring.circumference
    assert 0.1678 / length == pytest.approx(ring.thermal_resistance, rel=0.06)
    ratio = 0.178 / 0.1678
    assert weights[0] * length == pytest.approx(16.087e5 * ratio, rel=1e-3)
    assert weights[-1] * length == pytest.approx(0.31388e5 * ratio, rel=1e-3)


def test_a_law_that_is_no_sum_of_powers() -> None:
    """Steady states and stability need none; time does, and says so."""

    class Law:
        def index_change(self, electrons: Any, holes: Any, wavelength: Any) -> Any:
            return -1.73e-27 * (electrons + holes) / 2 / (1 + electrons / 1e25)

    ring = dataclasses.replace(VV, index_law=Law(), traps=ALDAYA_2017, thermal_modes=MODES)
    assert len(steady_states(ring, 1e-4, HALF)[0].eigenvalues) == 7
    with pytest.raises(ParameterError, match="index_law must be a sum of powers"):
        terms(ring)


@pytest.mark.parametrize("power", [0.8, 1.0, 1.011])
def test_index_power_where_carriers_are_few(power: float) -> None:
    """factor N (N² + N_0²)^((q−1)/2) is odd, factor N_0^(q−1) steep at 0 and factor N^q far above N_0; its
    slope by a complex step."""
    factor, faint = 3e-22, 1e16
    for density in (0.0, 1e10, 1e15, 1e16, 1e17, 1e23):
        step = 1e-20 * faint
        expected = index_power(density + 1j * step, factor, power, faint).imag / step
        assert index_slope(density, factor, power, faint) == pytest.approx(expected, rel=1e-12)
        assert index_power(-density, factor, power, faint) == -index_power(density, factor, power, faint)
    assert index_slope(0.0, factor, power, faint) == pytest.approx(factor * faint ** (power - 1), rel=1e-12)
    assert index_power(1e23, factor, power, faint) == pytest.approx(factor * 1e23**power, rel=1e-12)


def test_sweep_out_shortens_the_lifetime_and_the_shift() -> None:
    """Settled carriers go with the lifetime: g U² τ."""
    biased = VV.reverse_biased(2.0, SweepOut(zero_bias_lifetime=100e-12))
    share = biased.carrier_lifetime / VV.carrier_lifetime
    at = [float(Cavity(r, 0.0).carriers(1e-14)) for r in (VV, biased)]
    assert at[1] == pytest.approx(share * at[0], rel=1e-12)
    tau = 100e-12 * (1.1 / 3.1) ** 2 + 3e-12
    assert 1 / biased.carrier_lifetime == pytest.approx(1 / 5.3e-9 + 1 / tau, rel=1e-12)


def test_switched_off_effects_and_options(effects: Effects) -> None:
    """Every switch with every option at once: a fixed point, and as many eigenvalues as variables act."""
    ring = dataclasses.replace(RINGS["111-1-10"], effects=effects)
    c, e = ring.coefficients(), terms(ring)
    cavity = Cavity(ring, HALF)
    for steady in steady_states(ring, 1e-3, HALF):
        state = cavity.state(np.asarray(steady.energy))
        half, offset = cavity.widths(steady.energy)
        turn = np.exp(-1j * np.angle(half - 1j * offset))
        state[:2] = math.sqrt(steady.energy) * np.array([turn.real, turn.imag])
        rates = _changed(state, 1e-3, HALF, c, e)
        size = np.array(
            [math.sqrt(c.coupling * 1e-3)] * 2 + [c.generation * steady.energy**2] * 2 + [0.0] * 3
        )
        size[4:] = np.abs(state[4:]) / np.array(MODES.lifetimes)
        assert np.all(np.abs(rates) <= 1e-9 * size)
        assert len(steady.eigenvalues) == (7 if effects.heating else 4)
        assert np.all(np.isfinite(steady.eigenvalues))
