"""The two integrators: coefficients, orders, energy balance, estimates, and what happens when they stall."""

from __future__ import annotations

import dataclasses
import itertools
import math
import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest

from photonic import integration
from photonic.drive import Drive
from photonic.dynamics import _device, _problems, simulate
from photonic.errors import ConvergenceError
from photonic.extensions import ThermalModes
from photonic.integration import Problem, integrate, natural_units
from photonic.parameters import ALDAYA_2017
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.rate_equations import change, scaled, terms
from photonic.silicon import NEDELJKOVIC_2011, SOREF_BENNETT_1987
from photonic.stepping import STALLED, error_norm, factorise, raise_scales, solve
from photonic.taylor import expand, order_for

RED = VV.detuning(62e-12)
MODES = ThermalModes(shares=(0.2, 0.5, 0.3), lifetimes=(5e-9, 60e-9, 900e-9))
EVERYTHING: dict[str, Any] = {
    "traps": ALDAYA_2017,
    "thermal_modes": MODES,
    "index_law": SOREF_BENNETT_1987,
    "kerr_index": 4.5e-18,
    "drop_coupling_rate": 3e9,
}
FULL = dataclasses.replace(VV, **EVERYTHING)


def problem(ring: Any, power: Any, times: Any, detuning: float = RED, start: Any = None) -> Problem:
    drive = power if isinstance(power, Drive) else Drive.constant(power, times[0], times[-1])
    return _problems(_device(ring, detuning), drive, start)[1][0]


# ------------------------------------------------------------------ coefficients of the series
@pytest.mark.parametrize("extensions", list(itertools.product((False, True), repeat=3)))
@pytest.mark.parametrize("law", [None, SOREF_BENNETT_1987, NEDELJKOVIC_2011])
@pytest.mark.parametrize("degree", [0, 3])
def test_coefficients_are_those_of_the_solution(extensions: tuple[bool, ...], law: Any, degree: int) -> None:
    """To order 12, by another way: series substituted into the equations themselves, one order at a time.

    `change` is run on numbers modulo t^13, a small algebra written here; each order of its answer is one
    more of the solution's.
    """
    traps, modes, kerr = extensions
    ring = dataclasses.replace(
        VV,
        traps=ALDAYA_2017 if traps else None,
        thermal_modes=MODES if modes else None,
        kerr_index=4.5e-18 if kerr else 0.0,
        index_law=law,
    )
    c, e = scaled(ring.coefficients(), terms(ring), natural_units(ring.coefficients(), terms(ring)))
    rng, order = np.random.default_rng(1), 12
    size = 3 + e.traps + len(e.heat_lifetimes)
    drive = rng.normal(1.0, 0.5, degree + 1)
    series, work = np.zeros((order + 1, size)), np.zeros((9, order + 1))
    series[0] = rng.uniform(0.3, 1.2, size) * rng.choice([-1, 1], size)
    series[0, 2 : 3 + e.traps] = rng.uniform(0.1, 1.0, 1 + e.traps)
    expand(series, order, drive, -2.7, c, e, work)
    expected = [Jet([v]) for v in series[0]]
    light = Jet(drive)
    for k in range(order):
        out: list[Any] = [None] * size
        change(expected, light, -2.7, c, e, out)
        expected = [Jet([*v.c[: k + 1], o.c[k] / (k + 1)]) for v, o in zip(expected, out, strict=True)]
    for i, jet in enumerate(expected):
        assert np.allclose(series[:, i], jet.c[: order + 1], rtol=1e-9, atol=1e-11 * np.abs(series).max())
    out = np.zeros(size)
    change(series[0], drive[0], -2.7, c, e, out)
    assert np.allclose(series[1], out, rtol=1e-13, atol=1e-14)


class Jet:
    """A power series in t, truncated: sums, products and real powers."""

    def __init__(self, coefficients: Any) -> None:
        self.c = np.zeros(14)
        self.c[: len(coefficients)] = coefficients

    @staticmethod
    def of(other: Any) -> Jet:
        return other if isinstance(other, Jet) else Jet([other])

    def __add__(self, other: Any) -> Jet:
        return Jet(self.c + Jet.of(other).c)

    def __neg__(self) -> Jet:
        return Jet(-self.c)

    def __sub__(self, other: Any) -> Jet:
        return self + (-Jet.of(other))

    def __rsub__(self, other: Any) -> Jet:
        return Jet.of(other) - self

    def __mul__(self, other: Any) -> Jet:
        return Jet(np.convolve(self.c, Jet.of(other).c)[: self.c.size])

    def __truediv__(self, number: float) -> Jet:
        return Jet(self.c / number)

    def __pow__(self, power: float) -> Jet:
        """By exp and log of series: neither the code's recursion nor its arguments."""
        first = self.c[0]
        rest, term, log = Jet(self.c / first) - 1.0, Jet([1.0]), Jet([math.log(first)])
        for k in range(1, self.c.size):
            term = term * rest
            log = log + term * ((-1) ** (k + 1) / k)
        rest, term, total = (log * power) - power * math.log(first), Jet([1.0]), Jet([1.0])
        for k in range(1, self.c.size):
            term = term * rest / k
            total = total + term
        return total * first**power

    __radd__, __rmul__ = __add__, __mul__


# ------------------------------------------------------------------ order of convergence
def measured_orders(
    p: Problem, method: str, steps: list[int], order: int, monkeypatch: Any
) -> tuple[float, float]:
    """Slopes of log error over log step, from the two finest of equal steps: at the end, and anywhere."""
    span = float(p.breaks[-1])
    wanted = np.concatenate([[0.0], span * (np.arange(40) + 0.37) / 40, [span]])
    exact = integrate(p, wanted, rtol=1e-14 if method == "series" else 1e-13, method=method).states[1:]
    size = np.max(np.abs(exact), axis=0)
    monkeypatch.setattr(integration, "order_for", lambda tolerance: order)
    errors = []
    for n in steps:  # a wide tolerance, and a longest step
        done = integrate(p, wanted, rtol=1e6, max_step=span / n * (1 + 1e-9), method=method, record=True)
        assert done.record is not None
        assert np.all(done.record[1][5:-5, 1] > 0.4 * span / n)
        errors.append(np.max(np.abs(done.states[1:] - exact) / size, axis=1))
    by = math.log(steps[-1] / steps[-2])
    return (
        math.log(errors[-2][-1] / errors[-1][-1]) / by,
        math.log(np.max(errors[-2]) / np.max(errors[-1])) / by,
    )


@pytest.mark.parametrize(("ring", "order", "steps"), [(VV, 7, [60, 90, 135]), (FULL, 8, [120, 180, 270])])
def test_series_converges_with_its_order(ring: Any, order: int, steps: list[int], monkeypatch: Any) -> None:
    """Error over step in equal steps, within 0.2 of the order, at the end and between the steps."""
    start = {"field": (1 + 0.5j) * 1e-7, "carriers": 5e22, "temperature": 0.5}
    p = problem(ring, 1e-3, [0.0, 0.6e-9], start=start)
    end, dense = measured_orders(p, "series", steps, order, monkeypatch)
    assert end == pytest.approx(order, abs=0.2)
    assert dense > order - 0.2


@pytest.mark.parametrize(
    ("ring", "slaved", "span", "steps"),
    [
        (VV, False, 1.2e-9, [64, 128, 256]),
        (FULL, False, 1.2e-9, [64, 128, 256]),
        (dataclasses.replace(VV, carrier_lifetime=0.2e-9), True, 6e-9, [128, 256, 512]),
        (FULL, True, 12e-9, [256, 512, 1024]),
    ],
    ids=["plain", "everything", "slaved", "everything slaved"],
)
def test_stiff_method_converges_with_order_five(
    ring: Any, slaved: bool, span: float, steps: list[int], monkeypatch: Any
) -> None:
    """Under a smooth drive, dense output with order 4; so too where the field is algebraic, without mass."""
    drive = Drive([0.0, span], np.array([[0.03, 0.01 / span, -0.025 / span**2]]))
    start = {"carriers": 5e22, "temperature": 0.5}
    p = dataclasses.replace(problem(ring, drive, [0.0, span], start=start), slaved=slaved)
    end, dense = measured_orders(p, "implicit", steps, 8, monkeypatch)
    assert end == pytest.approx(5.0, abs=0.2)
    assert dense > 4.0 - 0.2


def test_both_methods_agree(random_extended: Any, true_error: Any) -> None:
    """Forty random rings under random steps: the stiff method against the series, below 5 rtol."""
    for seed in range(40):
        rng = np.random.default_rng(seed)
        ring = random_extended(rng)
        detuning = float(rng.uniform(-6, 6) * ring.linewidth / 2)
        edges = np.linspace(0.0, float(10 ** rng.uniform(-9, -7.5)), 6)
        drive = Drive.held(edges, 10 ** rng.uniform(-6, -1, 5))
        p = problem(ring, drive, edges, detuning)
        exact = integrate(p, edges, rtol=1e-12, method="series").states
        for rtol in (1e-4, 1e-8):
            found = integrate(p, edges, rtol=rtol, method="implicit").states
            assert true_error(found, exact) < 5 * rtol


# ------------------------------------------------------------------ energy
@pytest.mark.parametrize("kind", ["constant", "stepped", "smooth"])
@pytest.mark.parametrize("ring", [VV, FULL], ids=["plain", "everything"])
def test_energy_balance_of_every_step(ring: Any, kind: str) -> None:
    """dU = ∫(P_in − P_through − P_drop − (γ_scattering + γ_absorbed) U) dt, step by step, by quadrature.

    And what is absorbed is what heats: dT_k + ∫T_k/τ_k = w_k h ∫γ_absorbed U.
    """
    rtol, times = 1e-10, np.linspace(0.0, 8e-9, 9)
    power: Any = {
        "constant": 1e-3,
        "stepped": np.array([1, 0, 2, 2, 0.1, 0, 1, 1, 0]) * 1e-3,
        "smooth": lambda t: 1e-3 * (1 + np.sin(2 * np.pi * 0.4e9 * t)),
    }[kind]
    trace = simulate(ring, power, times, detuning=RED, rtol=rtol, dense=True)
    spans = trace.steps_of().spans
    nodes, weights = np.polynomial.legendre.leggauss(12)
    inside = spans[:, :1] + spans[:, 1:] * (nodes + 1) / 2
    middle = trace.at(inside.ravel())
    ends = trace.at(np.concatenate([spans[:, 0], [times[-1]]]))
    traps, share = ring.traps is not None, ring.traps.hole_share if ring.traps else 0.0
    pairs = middle.carriers + (share * middle.states[:, 3] if traps else 0.0)
    light, rate = 299_792_458.0, ring.two_photon_absorption * 299_792_458.0**2 / ring.group_index**2
    absorbed = (
        ring.absorption_rate
        + ring.tpa_confinement * rate * middle.energy / ring.tpa_volume
        + ring.fca_confinement * ring.free_carrier_cross_section * light / ring.group_index * pairs
    ) * middle.energy
    flow = middle.power_in - middle.power_through - middle.power_drop
    flow -= ring.scattering_rate * middle.energy + absorbed
    gained = (flow.reshape(inside.shape) @ weights) * spans[:, 1] / 2
    assert np.max(np.abs(np.diff(ends.energy) - gained)) < 10 * rtol * ends.energy.max()
    taus = ring.thermal_modes.lifetimes if ring.thermal_modes else (ring.thermal_lifetime,)
    shares = ring.thermal_modes.shares if ring.thermal_modes else (1.0,)
    for k, (tau, part) in enumerate(zip(taus, shares, strict=True)):
        row = 3 + traps + k
        heat = part * ring.thermal_resistance / tau * absorbed - middle.states[:, row] / tau
        gained = (heat.reshape(inside.shape) @ weights) * spans[:, 1] / 2
        assert np.max(np.abs(np.diff(ends.states[:, row]) - gained)) < 10 * rtol * ends.temperature.max()


# ------------------------------------------------------------------ the field without mass
def slaved_case(seed: int, random_extended: Any) -> tuple[Problem, np.ndarray]:
    """A ring of Q = 500 to 5,000 under steps, bits, a constant or a smooth drive."""
    rng = np.random.default_rng(seed)
    ring = random_extended(rng)
    rate = 2 * math.pi * 299_792_458.0 / ring.wavelength / float(10 ** rng.uniform(2.7, 3.7))
    shares = rng.dirichlet([2, 1, 1, 1]) * rate
    names = ("coupling_rate", "drop_coupling_rate", "absorption_rate", "scattering_rate")
    ring = dataclasses.replace(
        ring, kerr_index=0.0, **dict(zip(names, map(float, shares), strict=True)),
    )  # fmt: skip
    span = float(10 ** rng.uniform(-9, -8))
    detuning, top = float(rng.uniform(-3, 3) * rate / 2), float(10 ** rng.uniform(-3, -0.5))
    edges = np.linspace(0, span, 17)
    drive = (
        Drive.held(edges, top * rng.random(16)),
        Drive.held(edges, top * rng.integers(0, 2, 16)),
        Drive.constant(top, 0.0, span),
        Drive.sampled(lambda t: top * np.sin(np.pi * 3.3 * t / span) ** 2, 0.0, span),
    )[seed % 4]
    return problem(ring, drive, edges, detuning), np.linspace(0, span, 161)


def test_estimate_of_the_slaved_field(random_extended: Any, true_error: Any) -> None:
    """Against the full equations: never below a third of the true error, seldom above ten times it.

    160 rings; where the true error is below 1e-12 or above 10 % the first order says little.
    """
    ratios = []
    for seed in range(160):
        p, times = slaved_case(seed, random_extended)
        exact = integrate(p, times, rtol=1e-10, method="series").states
        found = integrate(dataclasses.replace(p, slaved=True), times, rtol=1e-8)
        error = true_error(found.states, exact)
        if 1e-7 < error < 0.1:
            ratios.append(found.estimate / error)
    assert len(ratios) > 60
    assert min(ratios) > 1 / 3
    assert np.quantile(ratios, 0.05) > 1.0
    assert np.quantile(ratios, 0.95) < 10.0


def test_auto_takes_the_slaved_field_only_where_it_is_good_enough() -> None:
    """And does not try at all in a short run: compiling would take longer than it can save."""
    rate = 2 * math.pi * 299_792_458.0 / VV.wavelength / 500
    ring = dataclasses.replace(
        VV, coupling_rate=rate / 2, scattering_rate=rate * 0.4, absorption_rate=rate * 0.1,
        two_photon_absorption=0.0, thermal_lifetime=1e-6, circumference=None,
    )  # fmt: skip
    span = 2e-6

    def power(t: Any) -> Any:
        return 1e-2 * np.sin(np.pi * t / span) ** 2

    times = np.linspace(0, span, 41)
    settings: dict[str, Any] = {"detuning": 0.4 * rate}
    loose = simulate(ring, power, times, rtol=1e-4, **settings)
    assert (loose.method, loose.estimate < 1e-4) == ("slaved", True)
    tight = simulate(ring, power, times, rtol=1e-8, **settings)
    assert (tight.method, tight.estimate) == ("full", 0.0)
    assert np.max(np.abs(loose.field - tight.field)) < 1e-4 * np.abs(tight.field).max()
    assert simulate(ring, power, times[:3] / 1e3, rtol=1e-3, **settings).method == "full"
    asked = simulate(ring, power, times, rtol=1e-8, method="slaved", **settings)
    assert asked.method == "slaved"
    assert asked.estimate > 1e-8


# ------------------------------------------------------------------ small systems
def test_linear_systems_with_exchanged_rows() -> None:
    """PA = LU where every column wants another row, against numpy.linalg.solve."""
    rng = np.random.default_rng(3)
    for size in (2, 4, 7, 12):
        for _ in range(20):
            m, b = rng.normal(size=(size, size)), rng.normal(size=size)
            expected = np.linalg.solve(m, b)
            factors, order = m.copy(), np.zeros(size, dtype=np.int64)
            factorise(factors, order)
            solve(factors, order, b)
            assert np.allclose(b, expected, rtol=1e-8, atol=1e-10)


def test_errors_count_against_the_largest_values() -> None:
    scale = np.array([1e-9, 1e-9, 1.0, 0.5, 0.5])
    raise_scales(scale, np.array([3.0, -4.0, 0.1, -2.0, 1.0]), 3)
    assert np.array_equal(scale, [5.0, 5.0, 1.0, 3.0, 3.0])
    assert error_norm(np.array([0.3, 0.4, 0.0, 0.0, 0.0]), scale) == pytest.approx(0.1)
    assert error_norm(np.array([0.0, 0.0, 0.0, 0.3, -0.6]), scale) == pytest.approx(0.2)
    for place in range(5):
        error = np.zeros(5)
        error[place] = math.nan
        assert error_norm(error, scale) == math.inf


def test_order_of_the_series() -> None:
    """⌈−ln(tolerance)/2 + 1⌉ (Jorba & Zou 2005, 3.1), between 6 and 20."""
    assert [order_for(t) for t in (1e-3, 1e-6, 1e-10, 1e-15, 1e-30)] == [6, 8, 13, 19, 20]


# ------------------------------------------------------------------ stalls
@pytest.mark.parametrize("start", [0.0, 3e-6])
def test_a_stall_names_its_time(monkeypatch: Any, start: float) -> None:
    """A kernel that gives up half-way: the time is told, the states so far are carried."""
    kernel = integration.advance_series

    def tired(*args: Any) -> int:
        *rest, _ = args
        kernel(*rest, 20)
        return STALLED

    monkeypatch.setattr(integration, "advance_series", tired)
    times = start + np.linspace(0, 10e-9, 1001)
    with pytest.raises(ConvergenceError, match=r"^the solution stalls at \d.*e-\d+ s: no step is") as told:
        simulate(VV, 1e-3, times, detuning=RED)
    partial = told.value.partial
    reached = np.isfinite(partial).all(axis=1)
    assert 0 < reached.sum() < 1001
    at = float(str(told.value).split(" at ")[1].split(" s:")[0])
    assert times[reached][-1] <= at <= times[~reached][0]


def test_a_solution_that_is_not_finite_is_an_error() -> None:
    """Gain instead of loss: the field grows without bound until no step is short enough."""
    p = problem(VV, 1e-3, [0.0, 1e-6], start={"field": 1e-5})
    c = p.c._replace(two_photon=-3e22, carrier_absorption=0.0, index=0.0, thermal=0.0)
    for method in ("series", "implicit"):
        with pytest.raises(ConvergenceError, match="stalls at"):
            integrate(dataclasses.replace(p, c=c), np.array([0.0, 1e-6]), rtol=1e-8, method=method)


# ------------------------------------------------------------------ compiled and not
def test_without_compilation_the_numbers_are_the_same(tmp_path: Any) -> None:
    """The whole chain as plain Python, in a process of its own: both methods, slaved too, to 1e-9."""
    case = (
        "import dataclasses, numpy as np\n"
        "from photonic.drive import Drive\n"
        "from photonic.dynamics import _device, _problems\n"
        "from photonic.extensions import ThermalModes\n"
        "from photonic.integration import integrate\n"
        "from photonic.parameters import ALDAYA_2017, VAN_VAERENBERGH_2012 as VV\n"
        "from photonic.silicon import SOREF_BENNETT_1987\n"
        "modes = ThermalModes(shares=(0.5, 0.5), lifetimes=(5e-9, 60e-9))\n"
        "full = dataclasses.replace(VV, traps=ALDAYA_2017, thermal_modes=modes,\n"
        "                           index_law=SOREF_BENNETT_1987, kerr_index=4.5e-18)\n"
        "edges, found = np.linspace(0, 1e-9, 4), []\n"
        "for ring in (VV, full):\n"
        "    drive = Drive.held(edges, [1e-3, 0.0, 2e-3])\n"
        "    p = _problems(_device(ring, VV.detuning(62e-12)), drive, None)[1][0]\n"
        "    slaved = dataclasses.replace(p, slaved=True)\n"
        "    for q, method in ((p, 'series'), (p, 'implicit'), (slaved, 'implicit')):\n"
        "        done = integrate(q, edges, rtol=1e-6, method=method)\n"
        "        found += [*(done.states / np.abs(done.states).max(0).clip(1e-300)).ravel(),\n"
        "                  done.steps, done.estimate]\n"
        "np.save(OUT, np.array(found))\n"
    )
    found = []
    for disabled in ("0", "1"):
        out = tmp_path / f"{disabled}.npy"
        environment = {**os.environ, "NUMBA_DISABLE_JIT": disabled}
        done = subprocess.run(
            [sys.executable, "-c", f"OUT = {str(out)!r}\n{case}"],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        found.append(np.load(out))
    assert np.allclose(found[1], found[0], rtol=1e-9, atol=1e-9)
