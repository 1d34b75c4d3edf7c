"""Random symbols and steps in time, against closed forms of the linear ring."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from photonic import presets
from photonic.curve import Curve
from photonic.devices import RingDrop
from photonic.errors import ParameterError
from photonic.parameters import RIB_THERMAL_MODES, VAN_VAERENBERGH_2012
from photonic.symbols import Pattern, held_at_mean, pattern, settling, stream_error

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
GAMMA = float(LINEAR.linewidth)


def recursion(symbol_time: float, duty: float, window: float, count: int = 400_000) -> float:
    """Rms error over range of the linear drop port on resonance, from its exact recursion.

    The field in units of √P settles as a(t) = s + (a₀ − s) e^{−γt/2} while a symbol s² is lit and as
    a₀ e^{−γt/2} in the dark, so that one number per symbol says all.
    """
    rng = np.random.default_rng(11)
    s = np.sqrt(rng.uniform(0, 1, count))
    lit, dark = (math.exp(-GAMMA * share * symbol_time / 2) for share in (duty, 1 - duty))
    start, a = np.empty(count), 0.0
    for k, value in enumerate(s):
        start[k] = a
        a = dark * (value + (a - value) * lit)
    at = np.array([1.0]) if window == 0 else 1 - window * (np.arange(200) + 0.5) / 200
    read = np.mean(
        [(s + (start - s) * math.exp(-GAMMA * duty * symbol_time * share / 2)) ** 2 for share in at], axis=0
    )
    return float(np.sqrt(np.mean((read - s**2)[100:] ** 2)))


@pytest.mark.parametrize(
    ("lifetimes", "duty", "window"),
    [(4, 1.0, 0.0), (8, 1.0, 0.0), (8, 0.5, 0.0), (8, 1.0, 0.4), (10, 0.6, 0.5), (1, 1.0, 1.0)],
)
def test_linear_ring(lifetimes: float, duty: float, window: float) -> None:
    """The only memory is that of photons; four standard errors."""
    time = lifetimes / GAMMA
    found = stream_error(DROP, LINE, pattern(LINE, None, duty=duty, window=window), time)
    expected = recursion(time, duty, window)
    assert found.standard_error < 0.05 * found.rms
    assert abs(found.rms - expected) < 4 * found.standard_error + 1e-3 * expected
    assert found.largest <= 1.0


def test_photons_that_follow_at_once_leave_no_error() -> None:
    found = stream_error(DROP, LINE, pattern(LINE, None, symbols=50), 4 / GAMMA, method="slaved")
    assert found.rms < 1e-6


def test_a_long_symbol_settles() -> None:
    found = stream_error(DROP, LINE, pattern(LINE, None, symbols=20), 60 / GAMMA)
    assert found.largest < 1e-6


@pytest.mark.parametrize("tolerance", [0.01, 0.05, 0.2])
def test_steps_of_the_linear_ring(tolerance: float) -> None:
    """From dark to full: 1 − (1 − x)² = tolerance with x = e^{−γT/2}; from full to a power u², of 17:
    (u + x(1 − u))² − u²; the slowest counts."""
    found = settling(DROP, LINE, pattern(LINE, None), tolerance)
    assert found.from_dark == pytest.approx(-2 / GAMMA * math.log(1 - math.sqrt(1 - tolerance)), rel=2e-3)
    u = np.sqrt(np.linspace(0, 1, 17))
    b, c = u * (1 - u), (1 - u) ** 2
    with np.errstate(divide="ignore", invalid="ignore"):
        x = tolerance / (b + np.sqrt(b**2 + c * tolerance))  # of c x² + 2 b x = tolerance
    assert found.from_full == pytest.approx(-2 / GAMMA * math.log(np.nanmin(x)), rel=2e-3)
    assert found.drift == math.inf


def test_steps_without_an_end() -> None:
    """A curve that is not the device's is never reached."""
    wrong = Curve(LINE.power_in, 0.5 * LINE.power_out)
    assert settling(DROP, wrong, pattern(LINE, None)).from_dark == math.inf


def test_heat_that_leaves_at_a_known_time() -> None:
    """Linear absorption alone, small: T(t) − T_mean = (T_P − T_mean)(1 − e^{−t/τ_th}) moves the drop
    port off the side of its resonance; the output is that of the moved resonance."""
    ring = dataclasses.replace(LINEAR, thermo_optic=1.86e-4)
    device, tolerance = RingDrop(ring, GAMMA / 2), 0.05
    curve = device.curve(0.1e-3)
    found = settling(device, curve, pattern(curve, None), tolerance)
    stored = float(device.frozen().energy(0.1e-3))
    heat = float(ring.coefficients().thermal * ring.thermal_resistance * ring.absorption_rate) * stored
    # at full power heat goes from half of its frozen settled value to what the moved resonance makes
    h, step, t, output = heat / 2, 1e-3, 0.0, 1.0
    while abs(output - 1) <= tolerance:
        output = (GAMMA**2 / 2) / (GAMMA**2 / 4 + (GAMMA / 2 - heat / 2 + h) ** 2)
        h, t = h + step * (heat * output - h), t + step * float(ring.thermal_lifetime)
    assert 5e-9 < t < 100e-9
    assert found.drift == pytest.approx(t, rel=0.03)


def test_seed_and_workers() -> None:
    """The same seed gives the same numbers on any number of threads; streams do not know each other."""
    curve = presets.preset("sigmoid").curve()
    few = pattern(curve, None, streams=3, symbols=30, seed=5)
    one = stream_error(presets.SIGMOID, curve, few, 4e-9, workers=1)
    assert one == stream_error(presets.SIGMOID, curve, few, 4e-9, workers=4)
    assert one != stream_error(presets.SIGMOID, curve, dataclasses.replace(few, seed=6), 4e-9)
    more = dataclasses.replace(few, streams=5)
    assert np.array_equal(more.drawn(7)[:3], few.drawn(7))
    assert np.array_equal(few.drawn(9)[:, 9:], few.drawn(0))


def test_symbols_come_from_the_sample() -> None:
    given = Pattern(powers=[0.0, 1e-4, 3e-4], symbols=400)
    assert set(np.unique(given.drawn(0))) == {0.0, 1e-4, 3e-4}
    even = Pattern(powers=[1e-4, 3e-4], uniform=True, symbols=400).drawn(0)
    assert np.mean(even) == pytest.approx(2e-4, rel=0.02)
    assert np.min(even) >= 1e-4


def test_the_standard_error_is_that_of_other_seeds() -> None:
    """Twelve seeds scatter as each of them says: within a factor of 2 (χ² with 11 degrees: 0.5 to 1.5)."""
    curve = presets.preset("softplus").curve()
    found = [
        stream_error(presets.SOFTPLUS, curve, pattern(curve, None, symbols=60, seed=k), 4e-9)
        for k in range(12)
    ]
    scatter = np.std([f.rms for f in found], ddof=1)
    assert 0.5 < scatter / np.mean([f.standard_error for f in found]) < 2


def test_heat_is_held_at_its_mean() -> None:
    device = presets.SIGMOID
    sent = Pattern(powers=np.linspace(0, presets.POWER_MAX, 101))
    run, kelvin = held_at_mean(device, sent)
    expected, offset = device.mean_heating(sent.powers)
    assert kelvin == expected
    assert device.detuning - run.detuning == pytest.approx(offset, rel=1e-12)
    assert run.ring.effects.heating
    half = held_at_mean(device, dataclasses.replace(sent, duty=0.5))
    assert half[1] == pytest.approx(kelvin / 2)
    still, cold = held_at_mean(device, sent, heating=False)
    assert (still.detuning, cold) == (device.detuning, 0.0)


def test_one_thermal_mode_is_the_ring_s_own() -> None:
    """Thermal modes go through the same streams: with one of the ring's lifetime nothing changes."""
    curve = presets.preset("softplus").curve()
    ring = presets.SOFTPLUS.ring
    alone = dataclasses.replace(
        RIB_THERMAL_MODES, shares=(1.0,), lifetimes=(ring.thermal_lifetime,), sources={}
    )
    same = dataclasses.replace(presets.SOFTPLUS, ring=dataclasses.replace(ring, thermal_modes=alone))
    sent = pattern(curve, None, streams=2, symbols=40)
    a, b = (stream_error(device, curve, sent, 4e-9) for device in (presets.SOFTPLUS, same))
    assert a.rms == pytest.approx(b.rms, rel=1e-4)


def test_wrong_input() -> None:
    with pytest.raises(ParameterError, match=r"powers must hold 2 or more different powers \[W\]"):
        Pattern(powers=[1e-3, 1e-3])
    with pytest.raises(ParameterError, match=r"powers must be >= 0 W|powers must lie in"):
        Pattern(powers=[-1e-3, 1e-3])
    with pytest.raises(ParameterError, match=r"duty must lie in \(0, 1\] \[1\], got 0"):
        Pattern(powers=[0.0, 1e-3], duty=0.0)
    with pytest.raises(ParameterError, match=r"streams must be an integer >= 2, got 1"):
        Pattern(powers=[0.0, 1e-3], streams=1)
    with pytest.raises(ParameterError, match=r"seed must be an integer >= 0, got -1"):
        Pattern(powers=[0.0, 1e-3], seed=-1)
    with pytest.raises(ParameterError, match="or a curve, are needed"):
        pattern(None, None)
    flat = Curve([0.0, 1e-4, 2e-4, 3e-4], [1e-5] * 4)
    with pytest.raises(ParameterError, match="curve is flat"):
        stream_error(DROP, flat, pattern(flat, None), 1e-9)
    with pytest.raises(ParameterError, match=r"powers must lie in .* W, where the curve is known"):
        stream_error(DROP, flat, Pattern(powers=[0.0, 1.0e-3]), 1e-9)
    with pytest.raises(ParameterError, match=r"symbol_time must be > 0 s"):
        stream_error(DROP, LINE, pattern(LINE, None), 0.0)
    batch = dataclasses.replace(DROP, detuning=np.array([0.0, 1e9]))
    with pytest.raises(ParameterError, match="one ring at one detuning"):
        stream_error(batch, LINE, pattern(LINE, None), 1e-9)
