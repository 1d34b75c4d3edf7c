"""Energies of a symbol: they balance, and are those of the steady states where symbols are long."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from photonic import presets
from photonic.devices import CavityLoadedMZI, RingDrop, RingThrough
from photonic.errors import ParameterError
from photonic.extensions import ThermalModes, Traps
from photonic.heaters import Heaters
from photonic.parameters import RIB_RING, VAN_VAERENBERGH_2012
from photonic.regime import absorbed_power
from photonic.symbol_energy import energy_per_symbol

SHORT = {"streams": 2, "symbols": 40}
LEVELS = np.linspace(0, 1e-3, 11)
BUSES = dataclasses.replace(VAN_VAERENBERGH_2012, drop_coupling_rate=5e9, circumference=None)
TRAPS = Traps(density=1e23, electron_capture=2e-14, hole_capture=1.2e-14)
MODES = ThermalModes(shares=(0.4, 0.6), lifetimes=(5e-9, 80e-9))
DEVICES = {
    "through": RingThrough(VAN_VAERENBERGH_2012, 1e10),
    "drop": RingDrop(BUSES, 1e10),
    "interferometer": dataclasses.replace(presets.SIGMOID, insertion_loss=1.3, arm_loss=1.2),
    "second bus": CavityLoadedMZI(BUSES, 1e10, 1.0, 0.4, 0.3, "bar"),
    "traps": RingThrough(dataclasses.replace(RIB_RING, traps=TRAPS), 1e10),
    "modes": RingThrough(dataclasses.replace(RIB_RING, thermal_modes=MODES), 1e10),
}


@pytest.mark.parametrize("name", DEVICES)
@pytest.mark.parametrize("symbol_time", [0.3e-9, 5e-9])
def test_the_balance_closes(name: str, symbol_time: float) -> None:
    """What comes in is absorbed, scattered, leaves or stays: to the tolerance of the integration."""
    found = energy_per_symbol(DEVICES[name], LEVELS, symbol_time, duty=0.7, rtol=1e-10, **SHORT)
    assert found.balance < 1e-8
    parts = (found.absorbed, found.scattered, found.through, found.drop, found.elsewhere, found.stored)
    assert sum(parts) == pytest.approx(found.incoming, rel=1e-8)
    assert min(found.absorbed, found.scattered, found.through) > 0
    assert (found.elsewhere > 0) == (name in ("interferometer", "second bus"))


@pytest.mark.parametrize("name", ["through", "drop", "interferometer"])
def test_long_symbols_spend_what_the_steady_state_does(name: str) -> None:
    """Heat frozen, 300 carrier lifetimes: each power for its time; a per cent for the transients."""
    device = DEVICES[name].with_effects(heating=False)
    levels = [0.2e-3, 0.4e-3]
    time = 300 * float(device.ring.carrier_lifetime)
    found = energy_per_symbol(device, levels, time, heating=False, streams=2, symbols=8, seed=3)
    share = (found.incoming / time - levels[0]) / (levels[1] - levels[0])  # of the stronger ones drawn
    weights = np.array([1 - share, share])
    assert found.absorbed / time == pytest.approx(weights @ absorbed_power(device, levels), rel=0.01)
    energy = device.energy(np.array(levels))
    assert found.mean_stored == pytest.approx(weights @ energy, rel=0.01)
    assert found.scattered == pytest.approx(
        float(device.ring.scattering_rate) * found.mean_stored * time, rel=1e-9
    )
    own = found.through if device.first_port else found.drop
    assert own / time == pytest.approx(weights @ device.transfer(levels), rel=0.01)


def test_linear_ring_of_equal_rates() -> None:
    """A linear add-drop ring on resonance: the shares of the rates, 4 γ_c γ_x/γ² of a long symbol."""
    ring = dataclasses.replace(BUSES, two_photon_absorption=0.0, thermo_optic=0.0)
    found = energy_per_symbol(
        RingDrop(ring, 0.0), [0.5e-3, 1e-3], 1000 * float(ring.photon_lifetime), **SHORT
    )
    gamma = float(ring.linewidth)
    for rate, part in ((ring.absorption_rate, found.absorbed), (5e9, found.drop)):
        assert part / found.incoming == pytest.approx(4 * ring.coupling_rate * rate / gamma**2, rel=5e-3)


def test_heaters_are_static_and_apart() -> None:
    heaters = Heaters()
    found = energy_per_symbol(presets.SIGMOID, LEVELS, 4e-9, heaters=heaters, **SHORT)
    _, offset = presets.SIGMOID.mean_heating(LEVELS)
    assert found.heater_power == heaters.power(presets.SIGMOID, offset)
    assert found.heaters == pytest.approx(found.heater_power.total * 4e-9)
    assert found.total == found.incoming + found.heaters
    alone = energy_per_symbol(presets.SIGMOID, LEVELS, 4e-9, **SHORT)
    assert alone.heaters == 0.0
    assert alone.incoming == found.incoming
    assert alone.mean_temperature == presets.SIGMOID.mean_heating(LEVELS)[0]


def test_the_mean_and_its_standard_error() -> None:
    """Incoming: ⟨P⟩ T duty, with the spread of independent symbols σ_P T duty/√n."""
    found = energy_per_symbol(presets.SIGMOID, LEVELS, 1e-9, duty=0.5, streams=8, symbols=100)
    assert found.incoming == pytest.approx(LEVELS.mean() * 0.5e-9, abs=4 * found.standard_error["incoming"])
    expected = LEVELS.std() * 0.5e-9 / math.sqrt(800)
    assert 0.5 < found.standard_error["incoming"] / expected < 2


def test_wrong_input() -> None:
    with pytest.raises(ParameterError, match="device must be a ring device"):
        energy_per_symbol(RIB_RING, LEVELS, 1e-9)
    with pytest.raises(ParameterError, match="heaters must be Heaters"):
        energy_per_symbol(presets.SIGMOID, LEVELS, 1e-9, heaters=25e-3)
    with pytest.raises(ParameterError, match=r"symbol_time must be > 0 s"):
        energy_per_symbol(presets.SIGMOID, LEVELS, -1e-9)
    with pytest.raises(ParameterError, match="powers must hold 2 or more"):
        energy_per_symbol(presets.SIGMOID, [1e-3], 1e-9)
