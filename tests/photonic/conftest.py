"""An independent model of the nonlinear ring, and random rings, for the tests of this folder."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from photonic.extensions import ThermalModes, Traps
from photonic.parameters import VAN_VAERENBERGH_2012
from photonic.ring import Effects, Ring
from photonic.silicon import NEDELJKOVIC_2011, SOREF_BENNETT_1987

C, HBAR = 299_792_458.0, 6.62607015e-34 / (2 * math.pi)


class Model:
    """The equations of the ring written out from the literature, sharing no code with the package.

    Johnson et al. 2006 and Van Vaerenbergh et al. 2012 with the Kerr effect; state is
    (Re a, Im a, N, T), everything analytic so that complex steps pass.
    """

    def __init__(self, ring: Ring, detuning: float) -> None:
        self.r, self.detuning = ring, detuning
        self.w0 = 2 * math.pi * C / ring.wavelength

    def parts(self, u: Any, n: Any, t: Any) -> tuple[Any, Any, Any]:
        """(γ, heating share of γ, ω_L − ω_r) at energy u, density n, temperature t."""
        r, on = self.r, self.r.effects
        absorbed = r.absorption_rate + 0 * u
        if on.two_photon_loss and r.tpa_volume:
            absorbed = absorbed + r.tpa_confinement * r.two_photon_absorption * C**2 * u / (
                r.group_index**2 * r.tpa_volume
            )
        if on.free_carrier_absorption:
            absorbed = absorbed + r.fca_confinement * r.free_carrier_cross_section * C * n / r.group_index
        index = 0 * u
        if on.kerr and r.kerr_volume:
            index = index + r.kerr_index * C / r.group_index * u / r.kerr_volume
        if on.free_carrier_dispersion:
            index = index + r.index_confinement * r.index_per_carrier * n
        index = index + r.index_confinement * r.thermo_optic * t
        resonance = self.w0 - self.w0 / r.group_index * index
        return (
            r.coupling_rate + r.drop_coupling_rate + r.scattering_rate + absorbed,
            absorbed,
            self.w0 + self.detuning - resonance,
        )

    def generation(self, u: Any) -> Any:
        r = self.r
        if not r.two_photon_absorption:
            return 0 * u
        return (
            r.fca_confinement
            * r.two_photon_absorption
            * C**2
            * u**2
            / (2 * HBAR * self.w0 * r.group_index**2 * r.fca_volume**2)
        )

    def settled(self, u: Any) -> tuple[Any, Any]:
        """Carriers and temperature that settle at energy u."""
        r = self.r
        n = self.generation(u) * (r.carrier_lifetime or 0.0)
        t = 0 * u
        if r.effects.heating and r.thermal_volume:
            _, absorbed, _ = self.parts(u, n, t)
            t = (
                r.thermal_lifetime
                * r.thermal_confinement
                * absorbed
                * u
                / (r.density * r.heat_capacity * r.thermal_volume)
            )
        return n, t

    def power(self, u: Any) -> Any:
        loss, _, offset = self.parts(u, *self.settled(u))
        return u * ((loss / 2) ** 2 + offset**2) / self.r.coupling_rate

    def rhs(self, state: np.ndarray, power: float) -> np.ndarray:
        re, im, n, t = state
        r = self.r
        u = re**2 + im**2
        loss, absorbed, offset = self.parts(u, n, t)
        drive = math.sqrt(r.coupling_rate * power)
        out = [
            -offset * im - loss / 2 * re + drive,
            offset * re - loss / 2 * im,
            self.generation(u) - n / (r.carrier_lifetime or 1.0),
            -t / (r.thermal_lifetime or 1.0),
        ]
        if r.effects.heating and r.thermal_volume:
            heat = r.density * r.heat_capacity * r.thermal_volume
            out[3] = out[3] + r.thermal_confinement * absorbed * u / heat
        return np.array(out)

    def state(self, u: float) -> np.ndarray:
        """(Re a, Im a, N, T) of the steady state with energy u."""
        n, t = self.settled(u)
        loss, _, offset = self.parts(u, n, t)
        a = math.sqrt(self.r.coupling_rate * self.power(u)) / complex(loss / 2, -offset)
        return np.array([a.real, a.imag, n, t])

    def jacobian(self, u: float) -> np.ndarray:
        """Complex-step Jacobian of `rhs` at that state."""
        state, power = self.state(u), self.power(u)
        matrix = np.empty((4, 4))
        for k in range(4):
            moved = state.astype(complex)
            step = 1e-30 * max(abs(state[k]), 1e-20)
            moved[k] += 1j * step
            matrix[:, k] = self.rhs(moved, power).imag / step
        return matrix


class Reference:
    """A ring with traps, thermal modes or a carrier law in time: its equations written out, and SciPy.

    The state is (Re a, Im a, N, [n_t], T_1 … T_M), all SI. Errors are those of DOP853 at a tolerance of
    1e-13 per step; it is restarted at every wanted time, since its dense output is far coarser.
    """

    def __init__(self, ring: Ring, detuning: float) -> None:
        r, on, w0 = ring, ring.effects, 2 * math.pi * C / ring.wavelength
        self.ring, self.detuning = ring, detuning
        pull, rate = w0 / r.group_index, r.two_photon_absorption * C**2 / r.group_index**2
        self.base = r.coupling_rate + r.drop_coupling_rate + r.scattering_rate
        self.k2 = r.tpa_confinement * rate / r.tpa_volume if on.two_photon_loss else 0.0
        self.kf = 0.0
        if on.free_carrier_absorption:
            self.kf = r.fca_confinement * r.free_carrier_cross_section * C / r.group_index
        self.g = r.fca_confinement * rate / (2 * HBAR * w0 * r.fca_volume**2)
        kerr = on.kerr and r.kerr_volume is not None
        self.kerr = pull * r.kerr_index * C / r.group_index / r.kerr_volume if kerr else 0.0
        self.index = pull * r.index_confinement
        self.h = (
            r.thermal_confinement / (r.density * r.heat_capacity * r.thermal_volume) if on.heating else 0.0
        )
        modes = r.thermal_modes
        self.taus = list(modes.lifetimes) if modes else [r.thermal_lifetime]
        self.weights = [1.0]
        if modes:
            self.weights = [s * r.thermal_lifetime / t for s, t in zip(modes.shares, self.taus, strict=True)]
        self.powers: Any = None
        if r.index_law is not None:  # each kind of carrier: -p N^q, read off at two densities
            self.powers = []
            for kind in ((1.0, 0.0), (0.0, 1.0)):
                low, high = (
                    -float(r.index_law.index_change(*(k * d for k in kind), r.wavelength))
                    for d in (1e22, 1e24)
                )
                power = math.log(high / low) / math.log(100)
                self.powers.append((low / 1e22**power, power))

    def rhs(self, state: Any, power: float) -> list[float]:
        r, (x, y, n, *rest) = self.ring, state
        full, heats = (rest[0], rest[1:]) if r.traps else (0.0, rest)
        holes, u = n + full, x * x + y * y
        pairs = n + (r.traps.hole_share * full if r.traps else 0.0)
        absorbed = r.absorption_rate + self.k2 * u + self.kf * pairs
        index = r.index_per_carrier * pairs
        if self.powers is not None:  # straight below 1e16 1/m³, where N^0.8 would have no slope
            index = -sum(
                p * d * (d * d + 1e32) ** ((q - 1) / 2)
                for (p, q), d in zip(self.powers, (n, holes), strict=True)
            )
        if not r.effects.free_carrier_dispersion:
            index = 0.0
        offset = self.detuning + self.kerr * u + self.index * (index + r.thermo_optic * sum(heats))
        half = (self.base + absorbed) / 2
        out = [
            math.sqrt(r.coupling_rate * power) - half * x - offset * y,
            offset * x - half * y,
            self.g * u * u - n / (r.carrier_lifetime or math.inf),
        ]
        if r.traps:
            caught = r.traps.electron_capture * n * (r.traps.density - full)
            out[2] -= caught
            out.append(caught - r.traps.hole_capture * holes * full)
        heat = self.h * absorbed * u
        return out + [w * heat - t / tau for w, t, tau in zip(self.weights, heats, self.taus, strict=True)]

    def solve(
        self, power: Callable[[float, int], float], times: np.ndarray, size: np.ndarray,
        breaks: Any = (), start: Any = None, method: str = "DOP853",
    ) -> np.ndarray:  # fmt: skip
        """States at ``times``; ``power(t, k)`` holds on the k-th stretch between ``breaks``."""
        from scipy.integrate import solve_ivp

        state = np.zeros(size.size) if start is None else np.asarray(start, dtype=float) / size
        inner = [b for b in breaks if times[0] < b < times[-1]]
        stops, scale = np.unique(np.concatenate([times, inner])), size.tolist()
        found = {float(times[0]): state}
        for low, high in itertools.pairwise(stops.tolist()):
            k = int(np.searchsorted(inner, low, side="right"))

            def change(t: float, y: Any, k: int = k, low: float = low) -> list[float]:
                state = [v * s for v, s in zip(y.tolist(), scale, strict=True)]
                return [v / s for v, s in zip(self.rhs(state, power(low + t, k)), scale, strict=True)]

            first = min(high - low, 0.01 / float(self.ring.linewidth))  # its own guess can be far too long
            options: dict[str, Any] = {"method": method, "rtol": 1e-13, "atol": 1e-14, "first_step": first}
            done = solve_ivp(change, (0.0, high - low), state, t_eval=[high - low], **options)
            assert done.success
            found[high] = state = done.y[:, -1]
        return np.array([found[float(t)] for t in times]) * size


def _true_error(states: np.ndarray, expected: np.ndarray) -> float:
    """Largest max|x − x_ref|/max|x_ref| of the field and of each other variable."""
    field, other = (s[..., 0] + 1j * s[..., 1] for s in (states, expected))
    errors = [np.max(np.abs(field - other)) / max(np.max(np.abs(other)), 1e-300)]
    for k in range(2, states.shape[-1]):
        size = np.max(np.abs(expected[..., k]))
        errors.append(np.max(np.abs(states[..., k] - expected[..., k])) / (size if size > 0 else 1.0))
    return float(max(errors))


def _random_extended(rng: np.random.Generator) -> Ring:
    """A random ring with traps, thermal modes and a carrier law, each or none."""

    def spread(value: float, factor: float = 10.0) -> float:
        return float(value * factor ** rng.uniform(-1, 1))

    changes: dict[str, Any] = {}
    ring = _random_ring(rng)
    if rng.random() < 0.4:
        changes["traps"] = Traps(
            density=spread(1e23),
            electron_capture=spread(2e-14),
            hole_capture=spread(1.2e-14),
            hole_share=float(rng.uniform(0.2, 0.8)),
        )
        if rng.random() < 0.4:
            changes["carrier_lifetime"] = math.inf
    if rng.random() < 0.4:
        shares = rng.dirichlet(np.ones(int(rng.integers(2, 5))) * 2) + 1e-6
        lifetimes = tuple(spread(60e-9, 20.0) for _ in shares)
        changes["thermal_modes"] = ThermalModes(shares=tuple(shares / math.fsum(shares)), lifetimes=lifetimes)
    law = rng.choice([0, 1, 2], p=[0.6, 0.2, 0.2])
    if law:
        changes["index_law"] = (SOREF_BENNETT_1987, NEDELJKOVIC_2011)[law - 1]
    return dataclasses.replace(ring, **changes)


def _random_ring(rng: np.random.Generator) -> Ring:
    def spread(value: float, factor: float = 10.0) -> float:
        return float(value * factor ** rng.uniform(-1, 1))

    switches = {f.name: bool(rng.random() < 0.8) for f in dataclasses.fields(Effects)}
    return dataclasses.replace(
        VAN_VAERENBERGH_2012,
        group_index=float(rng.uniform(2.0, 4.5)),
        circumference=None,
        coupling_rate=spread(1e10),
        drop_coupling_rate=float(rng.choice([0.0, spread(5e9)])),
        absorption_rate=float(rng.choice([0.0, spread(3e9)])),
        scattering_rate=spread(5e9),
        two_photon_absorption=float(rng.choice([0.0, 8e-12, spread(8e-12)], p=[0.1, 0.4, 0.5])),
        kerr_index=float(rng.choice([0.0, spread(4.5e-18)])),
        free_carrier_cross_section=spread(1e-21),
        index_per_carrier=-spread(2e-27),
        thermo_optic=float(rng.choice([0.0, spread(1.86e-4, 3.0)])),
        index_confinement=float(rng.uniform(0.8, 1.2)),
        tpa_volume=spread(2.6e-18),
        fca_volume=spread(2.4e-18),
        thermal_volume=spread(3.2e-18),
        kerr_volume=spread(2.6e-18),
        carrier_lifetime=spread(3e-9),
        thermal_lifetime=spread(100e-9),
        effects=Effects(**switches),
        sources={},
    )


@pytest.fixture(scope="session")
def model() -> type[Model]:
    return Model


@pytest.fixture(scope="session")
def random_ring() -> Callable[[np.random.Generator], Ring]:
    return _random_ring


@pytest.fixture(scope="session")
def reference() -> type[Reference]:
    return Reference


@pytest.fixture(scope="session")
def true_error() -> Callable[[np.ndarray, np.ndarray], float]:
    return _true_error


@pytest.fixture(scope="session")
def random_extended() -> Callable[[np.random.Generator], Ring]:
    return _random_extended


@pytest.fixture(scope="session")
def kerr_ring() -> Ring:
    """The ring of acceptance test A6: Kerr the only effect, 4.5e-18 m²/W in 2.59 µm³."""
    ring = dataclasses.replace(VAN_VAERENBERGH_2012, kerr_index=4.5e-18, kerr_volume=2.59e-18)
    return ring.with_effects(
        two_photon_loss=False, free_carrier_absorption=False, free_carrier_dispersion=False, heating=False
    )


def _all_effects() -> Iterator[Effects]:
    names = [f.name for f in dataclasses.fields(Effects)]
    for switches in itertools.product((True, False), repeat=len(names)):
        yield Effects(**dict(zip(names, switches, strict=True)))


@pytest.fixture(
    scope="session", params=list(_all_effects()), ids=lambda e: "".join("01"[v] for v in vars(e).values())
)
def effects(request: pytest.FixtureRequest) -> Effects:
    return request.param  # type: ignore[no-any-return]
