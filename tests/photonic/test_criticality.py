"""The first Lyapunov coefficient: published normal forms, and the ring's cycles in time."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from photonic.cavity import Cavity
from photonic.criticality import normal_form, onset
from photonic.errors import ParameterError
from photonic.extensions import ThermalModes
from photonic.maps import stability_map
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.ring import Ring
from photonic.silicon import NEDELJKOVIC_2011
from photonic.stability import OperatingPoint, hopf_points, steady_states

HALF = float(VV.linewidth) / 2


def planar(f: np.ndarray, g: np.ndarray, omega: float, x: np.ndarray) -> np.ndarray:
    """ẋ = −ω y + Σ f_ij x^i y^j, ẏ = ω x + Σ g_ij x^i y^j."""
    orders = [(i, k - i) for k in (2, 3) for i in range(k + 1)]
    u = sum(f[i, j] * x[0] ** i * x[1] ** j for i, j in orders)
    v = sum(g[i, j] * x[0] ** i * x[1] ** j for i, j in orders)
    return np.stack([-omega * x[1] + u, omega * x[0] + v])


def published(f: np.ndarray, g: np.ndarray, omega: float) -> float:
    """a of ṙ = a r³, Guckenheimer and Holmes, Springer (1983), eq. (3.4.11); f_xx = 2 f_20, …"""
    cubic = 6 * f[3, 0] + 2 * f[1, 2] + 2 * g[2, 1] + 6 * g[0, 3]
    square = f[1, 1] * 2 * (f[2, 0] + f[0, 2]) - g[1, 1] * 2 * (g[2, 0] + g[0, 2])
    square += -4 * f[2, 0] * g[2, 0] + 4 * f[0, 2] * g[0, 2]
    return float(cubic / 16 + square / (16 * omega))


def test_planar_systems_against_guckenheimer_and_holmes() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        f, g = rng.standard_normal((2, 4, 4))
        omega = float(np.exp(rng.uniform(-1, 1)))
        value, q, cubic = normal_form(
            lambda x, f=f, g=g, w=omega: planar(f, g, w, x), np.zeros(2), np.ones(2)
        )
        # x = r cos ωt is 2 Re(z q) with r = 2 |z| |q_x|.
        assert value[0].imag == pytest.approx(omega, rel=1e-12)
        assert cubic[0].real / (2 * abs(q[0, 0])) ** 2 == pytest.approx(published(f, g, omega), rel=1e-9)


def test_other_variables_give_the_same() -> None:
    """A linear change of variables and a slow variable that decouples change nothing."""
    rng = np.random.default_rng(2)
    f, g = rng.standard_normal((2, 4, 4))
    turn = rng.standard_normal((3, 3)) * np.array([[1.0], [1e3], [1e-4]])
    back = np.linalg.inv(turn)

    def rhs(y: np.ndarray) -> np.ndarray:
        x = np.tensordot(back, y, 1)
        return np.tensordot(turn, np.concatenate([planar(f, g, 1.3, x[:2]), -0.01 * x[2:]]), 1)

    _, q, cubic = normal_form(rhs, np.zeros(3), np.array([1.0, 1e3, 1e-4]))
    x = np.tensordot(back, q, 1)
    assert cubic[0].real / (2 * abs(x[0, 0])) ** 2 == pytest.approx(published(f, g, 1.3), rel=1e-7)


def test_control_system_of_kuznetsov() -> None:
    """x''' + αx'' + βx' + x(1 − x) = 0 at αβ = 1: supercritical for every β > 0 (Kuznetsov 2004, ex. 5.4)."""
    for beta in (0.3, 1.0, 2.5):
        rest = np.zeros(3)
        value, _, cubic = normal_form(
            lambda x, b=beta: np.stack([x[1], x[2], -x[2] / b - b * x[1] - x[0] + x[0] ** 2]),
            rest,
            np.ones(3),
        )
        assert value[0].imag == pytest.approx(np.sqrt(beta), rel=1e-12)
        assert cubic[0].real < 0


def test_lorenz_equations_lose_stability_subcritically() -> None:
    """Marsden and McCracken, The Hopf Bifurcation (1976), section 4B: σ = 10, b = 8/3, r = 470/19."""
    sigma, b, r = 10.0, 8 / 3, 470 / 19
    at = np.sqrt(b * (r - 1))

    def rhs(x: np.ndarray) -> np.ndarray:
        return np.stack([sigma * (x[1] - x[0]), r * x[0] - x[1] - x[0] * x[2], x[0] * x[1] - b * x[2]])

    value, _, cubic = normal_form(rhs, np.array([at, at, r - 1]))
    assert value[0].imag == pytest.approx(np.sqrt(b * (sigma + r)), rel=1e-9)
    assert cubic[0].real > 0


def test_no_pair_no_normal_form() -> None:
    with pytest.raises(ParameterError, match="state must be at a Hopf point"):
        normal_form(lambda x: -x, np.zeros(2), np.ones(2))


# ------------------------------------------------------------------------- the ring
def swings(
    model: Any, ring: Ring, half_linewidths: float, power: float, near: float, start: float, time: float
) -> tuple[float, float]:
    """Relative swing of the energy in the first and last tenth of ``time`` [s], independently in time.

    It starts ``start`` [1] away from the state of energy ``near`` [J], along its oscillation.
    """
    other = model(ring, half_linewidths * HALF)
    energy = min(
        (s.energy for s in steady_states(ring, power, half_linewidths * HALF)), key=lambda u: abs(u - near)
    )
    rest = other.state(energy)
    unit = np.array([np.sqrt(energy), np.sqrt(energy), rest[2], rest[3]])
    values, vectors = np.linalg.eig(other.jacobian(energy) * unit / unit[:, None])
    chosen = np.argmin(np.where(values.imag > 0, np.abs(values.real), np.inf))
    mode = vectors[:, chosen] * unit
    mode = mode * energy / abs(2 * (rest[0] * mode[0] + rest[1] * mode[1]))

    def slope(_: float, y: np.ndarray) -> np.ndarray:
        return np.asarray(other.rhs(y * unit, power) / unit)

    begin = (rest + start * mode.real) / unit
    done = solve_ivp(slope, (0, time), begin, method="LSODA", rtol=1e-7, atol=1e-9, max_step=2e-9)
    u = done.y[0] ** 2 + done.y[1] ** 2
    parts = [u[done.t < 0.1 * time], u[done.t > 0.9 * time]]
    first, last = ((np.max(v) - np.min(v)) / (np.max(v) + np.min(v)) for v in parts)
    return float(first), float(last)


def first_hopf(half_linewidths: float, ring: Ring = VV) -> OperatingPoint:
    return hopf_points(ring, half_linewidths * HALF, 5e-3)[0]


def test_small_cycle_beyond_a_supercritical_point(model: Any) -> None:
    """r = √(−growth (P − P_H)/lyapunov), from below and from above; it grows as the root."""
    point = first_hopf(-3.0)
    assert (point.criticality, point.cycle_side) == ("supercritical", "above")
    for beyond in (0.02, 0.005):
        power = point.power * (1 + beyond)
        size = np.sqrt(-point.growth * point.power * beyond / point.lyapunov)
        for start in (0.7, 1.3):
            _, last = swings(model, VV, -3.0, power, point.energy, start * size, 2e-6 * 0.02 / beyond)
            assert last == pytest.approx(size, rel=0.05)


def test_unstable_cycle_before_a_subcritical_point(model: Any) -> None:
    """Below P_H the state is stable within r, and beyond it the ring jumps to a pulsation far larger."""
    point = first_hopf(0.0)
    assert (point.criticality, point.cycle_side) == ("subcritical", "below")
    power = point.power * 0.98
    size = np.sqrt(point.growth * point.power * 0.02 / point.lyapunov)
    begun, last = swings(model, VV, 0.0, power, point.energy, 0.85 * size, 4e-6)
    assert last < 0.6 * begun
    _, last = swings(model, VV, 0.0, power, point.energy, 1.2 * size, 4e-6)
    assert last > 5 * size


def test_growth_is_the_slope_of_the_real_part(model: Any) -> None:
    """Against eigenvalues of the independent equations on both sides of the point."""
    for half_linewidths in (-4.0, 1.0):
        point = first_hopf(half_linewidths)
        other = model(VV, half_linewidths * HALF)
        real, power = [], []
        for energy in point.energy * np.array([1 - 1e-4, 1 + 1e-4]):
            unit = np.array([np.sqrt(energy), np.sqrt(energy), 1e22, 0.1])
            values = np.linalg.eigvals(other.jacobian(energy) * unit / unit[:, None])
            real.append(values[np.argmin(np.abs(values - 2j * np.pi * point.frequency))].real)
            power.append(other.power(energy))
        assert point.growth == pytest.approx(np.diff(real)[0] / np.diff(power)[0], rel=1e-5)


def test_onset_of_the_published_ring_is_subcritical_for_some_wavelengths() -> None:
    """Van Vaerenbergh et al., Opt. Express 20, 20292 (2012), abstract: subcritical at onset for some
    wavelengths, whence class-II excitability. Which ones: regression, with the two tests in time above.

    The ring starts to pulse softly where the laser is more than 0.93 half-linewidths (11.6 pm) red of
    the cold resonance, and with a jump from there to 4.35 half-linewidths blue of it (at 50 mW).
    """
    (line,) = stability_map(VV, np.linspace(0, 50e-3, 3), np.linspace(-10, 6, 3) * HALF).hopf
    soft = line.lyapunov < 0
    assert np.sum(soft[1:] != soft[:-1]) == 1
    k = int(np.flatnonzero(soft[1:] != soft[:-1])[0])
    assert line.detuning[k] / HALF == pytest.approx(-0.931, abs=0.03)
    assert line.power[k] == pytest.approx(0.1791e-3, rel=0.03)
    assert np.all(soft[line.detuning < -0.95 * HALF])
    assert not np.any(soft[line.detuning > -0.91 * HALF])
    assert np.max(line.detuning) / HALF == pytest.approx(4.35, abs=0.05)
    for half_linewidths, expected in (
        (-8, "super"),
        (-3, "super"),
        (-1.2, "super"),
        (-0.6, "sub"),
        (1, "sub"),
    ):
        assert first_hopf(half_linewidths).criticality == expected + "critical"


def test_modes_of_one_lifetime_are_one_mode() -> None:
    """Five variables and eight, against four."""
    one = first_hopf(-3.0)
    for count in (2, 5):
        lifetimes = 65e-9 + 1e-14 * np.arange(count)
        modes = ThermalModes(shares=np.full(count, 1 / count), lifetimes=lifetimes)
        many = first_hopf(-3.0, dataclasses.replace(VV, thermal_modes=modes))
        for name in ("power", "frequency", "lyapunov", "growth"):
            assert getattr(many, name) == pytest.approx(getattr(one, name), rel=2e-5)


def test_carrier_law_against_its_own_taylor_series() -> None:
    """A law of powers, and the cubic in the density that it is at the point, have the same onset."""
    ring = dataclasses.replace(VV, index_law=NEDELJKOVIC_2011)
    point = first_hopf(-3.0, ring)
    # Through a third-order expansion with SciPy's finite differences of the law's derivative.
    rest = Cavity(ring, -3.0 * HALF).state(np.asarray(point.energy))
    n = rest[2]
    h = 1e-3 * n
    values = [float(ring.index_change(n + k * h)) for k in (-3, -2, -1, 0, 1, 2, 3)]
    slopes = [
        np.dot([-1, 9, -45, 0, 45, -9, 1], values) / (60 * h),
        np.dot([2, -27, 270, -490, 270, -27, 2], values) / (180 * h**2) / 2,
        np.dot([1, -8, 13, 0, -13, 8, -1], values) / (8 * h**3) / 6,
    ]
    c = Cavity(ring, 0.0).c
    offset = float(Cavity(ring, -3.0 * HALF).offset(point.energy))
    unit = np.array([np.sqrt(point.energy), np.sqrt(point.energy), n, rest[3]])
    time = 1 / float(VV.linewidth)

    def rhs(y: np.ndarray) -> np.ndarray:
        x, v, carriers, kelvin = (y[k] * unit[k] for k in range(4))
        away = carriers - n
        u = x * x + v * v
        absorbed = c.absorption + c.two_photon * u + c.carrier_absorption * carriers
        half = (c.coupling + c.drop_coupling + c.scattering + absorbed) / 2
        index = away * (slopes[0] + away * (slopes[1] + away * slopes[2]))
        detuned = offset + c.index * index + c.thermal * (kelvin - rest[3]) + c.kerr * (u - point.energy)
        out = [
            -half * x - detuned * v,
            detuned * x - half * v,
            c.generation * u * u - carriers / c.carrier_lifetime,
            c.heating * absorbed * u - kelvin / c.thermal_lifetime,
        ]
        return np.stack([part / size * time for part, size in zip(out, unit, strict=True)])

    value, q, cubic = normal_form(rhs, rest / unit)
    assert value[0].imag / time / (2 * np.pi) == pytest.approx(point.frequency, rel=1e-6)
    assert cubic[0].real / (4 * abs(q[0, 0])) ** 2 / time == pytest.approx(point.lyapunov, rel=1e-4)


def test_law_that_is_no_power_has_no_coefficient() -> None:
    class Log:
        def index_change(self, electrons: Any, holes: Any, wavelength: float) -> Any:
            return -2e-3 * np.log(1 + electrons / 1e24)

    ring = dataclasses.replace(VV, index_law=Log())
    (point, *_) = hopf_points(ring, -3.0 * HALF)
    assert np.isnan(point.lyapunov)
    assert point.criticality == point.cycle_side == ""
    assert point.as_dict()["lyapunov"] is None
    assert point.frequency > 1e6


def test_onset_of_a_batch_is_that_of_each() -> None:
    detunings = np.array([-4.0, 0.0, 2.0]) * HALF
    points = [hopf_points(VV, float(d), 9e-3)[0] for d in detunings]
    both = onset(Cavity(VV, detunings), np.array([p.energy for p in points]))
    assert both.lyapunov == pytest.approx([p.lyapunov for p in points], rel=1e-9)
    assert both.growth == pytest.approx([p.growth for p in points], rel=1e-9)
