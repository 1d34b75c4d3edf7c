"""An independent model of the nonlinear ring, and random rings, for the tests of this folder."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from photonic.parameters import VAN_VAERENBERGH_2012
from photonic.ring import Effects, Ring

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
