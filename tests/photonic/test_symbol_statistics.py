"""What is said of random symbols beside their rms error: scatter, mean, memory, counts, heaters."""

from __future__ import annotations

import dataclasses
import math
import statistics

import numpy as np
import pytest

from photonic import presets
from photonic.curve import Curve
from photonic.devices import RingDrop, RingThrough
from photonic.extensions import ThermalModes
from photonic.heaters import Heaters
from photonic.parameters import ALDAYA_2017, VAN_VAERENBERGH_2012
from photonic.rate_limit import symbol_rate_limit
from photonic.symbol_energy import energy_per_symbol
from photonic.symbols import memory, pattern, simulated_stream, stream_error, warming

POWER = 1e-3
LINEAR = dataclasses.replace(
    VAN_VAERENBERGH_2012,
    two_photon_absorption=0.0,
    drop_coupling_rate=5e9,
    circumference=None,
    thermo_optic=0.0,
).with_effects(heating=False)
DROP = RingDrop(LINEAR, 0.0)
LINE = DROP.curve(POWER)
PHOTON = float(LINEAR.photon_lifetime)


def test_standard_error_of_the_streams() -> None:
    """√⟨e²⟩ over the streams; its error is the sample standard deviation of ⟨e²⟩ over √n, by 2 rms."""
    symbols = pattern(LINE, None, streams=3, symbols=20)
    found = stream_error(DROP, LINE, symbols, 4 * PHOTON)
    trace, sent = simulated_stream(DROP, symbols, 4 * PHOTON)
    slope = float(LINE(POWER)) / POWER  # of the linear ring
    errors = (trace.power_out[:, 1:] - slope * sent) / (slope * POWER)
    squares = [statistics.fmean(row) for row in (errors**2).tolist()]
    rms = math.sqrt(statistics.fmean(squares))
    assert found.rms == pytest.approx(rms, rel=1e-6)
    assert found.standard_error == pytest.approx(
        statistics.stdev(squares) / math.sqrt(3) / (2 * rms), rel=1e-6
    )
    assert found.mean == pytest.approx(float(np.mean(errors)), rel=1e-6)
    assert found.largest == pytest.approx(float(np.max(np.abs(errors))), rel=1e-6)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_mean_error_has_a_sign(sign: int) -> None:
    """Settled symbols against a curve that is off by a tenth of its range: output minus curve."""
    power = np.linspace(0.2 * POWER, POWER, 5)
    line = np.asarray(LINE(power))
    off = Curve(power, line + sign * 0.1 * np.ptp(line))
    found = stream_error(DROP, off, pattern(off, None, streams=2, symbols=20), 60 * PHOTON)
    assert found.mean == pytest.approx(-sign * 0.1, rel=1e-6)
    assert found.rms == pytest.approx(0.1, rel=1e-6)


def test_memory() -> None:
    """20 photon and 10 carrier lifetimes (with traps of 1/(c_n N_t) + 1/(c_p N_t)), 6 of the equivalent and 3
    of the slowest thermal ones; and as many symbols go before, 8 at least."""
    ring = VAN_VAERENBERGH_2012
    photon = float(ring.photon_lifetime)
    modes = ThermalModes(shares=(0.25, 0.75), lifetimes=(20e-9, 400e-9))  # equivalent: 158.3 ns
    lone = ThermalModes(shares=(0.999, 0.001), lifetimes=(20e-9, 5e-6))
    trapped = dataclasses.replace(ring, carrier_lifetime=math.inf, traps=ALDAYA_2017)
    traps = 10 * (1 / (2e-14 * 1e23) + 1 / (1.4e-14 * 1e23))
    cases = [
        (ring, True, 6 * 65e-9),
        (ring, False, 53e-9),
        (dataclasses.replace(ring, carrier_lifetime=1e-12), False, 20 * photon),
        (trapped, False, traps),
        (dataclasses.replace(ring, thermal_modes=modes), True, 3 * 400e-9),
        (dataclasses.replace(ring, thermal_modes=lone), True, 3 * 5e-6),
    ]
    for one, heating, expected in cases:
        assert memory(RingThrough(one, 0.0), heating) == pytest.approx(expected, rel=1e-9)
    device = RingThrough(ring, 0.0)
    assert [warming(device, False, t) for t in (1e-9, 20e-9, 1e-12)] == [53, 8, 10_000]


def test_symbols_counted_at_each_rate() -> None:
    limit = symbol_rate_limit(DROP, LINE, heating=False, streams=3, symbols=40, shortest=1e-9, longest=4e-9)
    assert limit.symbols == 120


def test_heaters_take_off_the_heat_of_lit_time_only() -> None:
    """Lit for half of the time, the mean heat moves the resonance half as far: T_mean = R_th duty ⟨P_abs⟩."""
    levels, heaters = np.array([0.2e-3, 1e-3, 2e-3]), Heaters()
    found = energy_per_symbol(presets.SIGMOID, levels, 4e-9, duty=0.5, heaters=heaters, streams=2, symbols=2)
    _, full = presets.SIGMOID.mean_heating(levels)
    assert found.heater_power is not None
    assert found.heater_power.total == pytest.approx(
        heaters.power(presets.SIGMOID, full / 2).total, rel=1e-12
    )
    assert found.heater_power.total != pytest.approx(heaters.power(presets.SIGMOID, full).total, rel=1e-6)
