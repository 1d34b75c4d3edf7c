"""Symbol rates at which a static curve holds: what limits them, and that they are what was measured."""

from __future__ import annotations

import dataclasses
import json
import math

import numpy as np
import pytest
from typer.testing import CliRunner

from photonic import plot, presets
from photonic.cli import commands
from photonic.devices import CavityLoadedMZI, RingDrop
from photonic.errors import OutsideValidityWarning, ParameterError
from photonic.parameters import VAN_VAERENBERGH_2012
from photonic.plot_symbols import error_against_rate
from photonic.rate_limit import symbol_rate_limit
from photonic.regime import symbol_error
from photonic.symbols import pattern, stream_error

SIGMOID = presets.preset("sigmoid")
FEW = {"streams": 4, "symbols": 150}


@pytest.fixture(scope="module")
def sigmoid():
    return symbol_rate_limit(SIGMOID.device, SIGMOID.curve(), streams=4, symbols=300)


@pytest.fixture(scope="module")
def still():
    return symbol_rate_limit(SIGMOID.device, SIGMOID.curve(), heating=False, **FEW)


def test_the_ends_are_measured(sigmoid) -> None:
    """The outermost rates hold, their neighbours fail within the resolution; inside, everything holds."""
    times = np.array([e.symbol_time for e in sigmoid.scanned])
    rms = np.array([e.rms for e in sigmoid.scanned])
    assert np.all(np.diff(times) > 0)
    inside = (times >= 1 / sigmoid.highest * (1 - 1e-9)) & (times <= 1 / sigmoid.lowest * (1 + 1e-9))
    assert np.all(rms[inside] <= 0.05)
    first, last = np.flatnonzero(inside)[[0, -1]]
    assert min(rms[first - 1], rms[last + 1]) > 0.05
    assert max(times[first] / times[first - 1], times[last + 1] / times[last]) < math.exp(0.05) * 1.001
    sent = pattern(SIGMOID.curve(), None, streams=4, symbols=300)
    again = stream_error(SIGMOID.device, SIGMOID.curve(), sent, sigmoid.best.symbol_time)
    assert again.rms == sigmoid.best.rms


def test_carriers_limit_fast_symbols_and_heat_slow_ones(sigmoid) -> None:
    """The committed table of docs/default_neuron: 0.51 GBd and 37 MBd with another draw of symbols."""
    assert (sigmoid.limited_above_by, sigmoid.limited_below_by) == ("carriers", "heat")
    assert sigmoid.highest == pytest.approx(0.51e9, rel=0.1)
    assert sigmoid.lowest == pytest.approx(37e6, rel=0.25)
    assert sigmoid.agrees
    assert sigmoid.highest == pytest.approx(1 / sigmoid.estimate.shortest, rel=0.3)
    assert sigmoid.lowest == pytest.approx(1 / sigmoid.estimate.longest, rel=0.3)
    kelvin, _ = SIGMOID.device.mean_heating(np.linspace(0, 2e-3, 4001))
    assert sigmoid.mean_temperature == pytest.approx(kelvin, rel=1e-3)


def test_without_heat_only_carriers_limit(still) -> None:
    assert (still.limited_above_by, still.limited_below_by) == ("carriers", "scan")
    assert still.lowest == pytest.approx(1 / still.scanned[-1].symbol_time)
    assert still.scanned[-1].rms < 1e-3
    rms = [e.rms for e in still.scanned]
    assert rms == sorted(rms, reverse=True)
    assert still.settling.drift == math.inf
    assert still.mean_temperature == 0.0


def test_heat_that_moves_nothing_is_no_heat(still) -> None:
    ring = dataclasses.replace(SIGMOID.device.ring, thermo_optic=0.0)
    found = symbol_rate_limit(dataclasses.replace(SIGMOID.device, ring=ring), SIGMOID.curve(), **FEW)
    assert found.highest == still.highest
    assert found.scanned == still.scanned


def test_slower_carriers_make_slower_symbols(still) -> None:
    """Twice the lifetime at half the generation leaves the curve: the limit halves, but for the photons."""
    ring = SIGMOID.device.ring
    volume = float(ring.fca_volume) * math.sqrt(2)  # generation goes as 1/V²
    slow = dataclasses.replace(ring, carrier_lifetime=2e-9, fca_volume=volume)
    device = dataclasses.replace(SIGMOID.device, ring=slow)
    assert device.transfer(1e-3) == pytest.approx(SIGMOID.device.transfer(1e-3), rel=1e-9)
    found = symbol_rate_limit(device, SIGMOID.curve(), heating=False, **FEW)
    assert found.highest == pytest.approx(still.highest / 2, rel=0.12)


def test_photons_limit_a_linear_ring() -> None:
    """Random symbols through a linear drop port on resonance: the field forgets as x = e^{−γT/2}.

    With s the root of a symbol and y the stored field before, (s + x(y − s))² − s² has the rms below;
    its moments are those of s² even on [0, 1] and of y = s(1 − x) + x y.
    """
    ring = dataclasses.replace(
        VAN_VAERENBERGH_2012, two_photon_absorption=0.0, drop_coupling_rate=5e9, circumference=None,
        thermo_optic=0.0,
    ).with_effects(heating=False)  # fmt: skip
    device = RingDrop(ring, 0.0)

    def rms(x: float) -> float:
        s = [2 / (n + 2) for n in range(5)]  # ⟨sⁿ⟩
        y = [1.0]
        for n in range(1, 5):
            rest = sum(math.comb(n, k) * (1 - x) ** (n - k) * s[n - k] * x**k * y[k] for k in range(n))
            y.append(rest / (1 - x**n))
        # e = 2 x s (y − s) + x² (y − s)², expanded in moments
        squared = 0.0
        for a, power in ((2 * x, 1), (x * x, 2)):
            for b, other in ((2 * x, 1), (x * x, 2)):
                n, lift = power + other, (2 - power) + (2 - other)
                squared += a * b * sum(
                    math.comb(n, k) * y[k] * (-1) ** (n - k) * s[n - k + lift] for k in range(n + 1)
                )  # fmt: skip
        return math.sqrt(squared)

    low, high = 1e-6, 0.9
    for _ in range(60):
        x = 0.5 * (low + high)
        low, high = (x, high) if rms(x) < 0.02 else (low, x)
    fastest = float(ring.linewidth) / (-2 * math.log(low))
    found = symbol_rate_limit(device, device.curve(1e-3), 0.02, streams=4, symbols=400, resolution=0.02)
    assert (found.limited_above_by, found.limited_below_by) == ("photons", "scan")
    assert found.highest == pytest.approx(fastest, rel=0.05)
    assert found.estimate is not None
    with pytest.warns(OutsideValidityWarning, match="shorter than 5 photon lifetimes"):
        symbol_rate_limit(device, device.curve(1e-3), 0.25, streams=2, symbols=50)
    with pytest.warns(OutsideValidityWarning, match="shorter than 5 photon lifetimes"):
        symbol_error(device, [0.0, 1e-3], 4 / float(ring.linewidth))


def test_van_vaerenberghs_ring_has_no_rate() -> None:
    """At least 12 % rms at any rate (reference solver, physics §4)."""
    ring = VAN_VAERENBERGH_2012.with_effects(heating=False)
    detuning = ring.detuning(half_linewidths=1.0)
    device = CavityLoadedMZI(ring, detuning, 0.875 * math.pi, 0.3, 0.5, port="cross")
    found = symbol_rate_limit(device, device.curve(0.2e-3), **FEW)
    assert (found.highest, found.lowest, found.fits) == (None, None, False)
    assert min(e.rms for e in found.scanned) > 0.12
    assert (found.limited_above_by, found.limited_below_by) == ("carriers", "heat")
    assert found.agrees
    assert found.table().startswith("no symbol rate: the rms error is ")


def test_a_looser_tolerance_gives_a_wider_range(sigmoid) -> None:
    loose = symbol_rate_limit(SIGMOID.device, SIGMOID.curve(), 0.08, streams=4, symbols=300)
    assert loose.highest > sigmoid.highest
    assert loose.lowest < sigmoid.lowest


def test_the_largest_error_is_stricter() -> None:
    found = symbol_rate_limit(
        presets.LEAKY_RELU, presets.preset("leaky-relu").curve(), 0.1, criterion="largest", shortest=1e-9,
        longest=20e-9, **FEW,
    )  # fmt: skip
    rms = symbol_rate_limit(
        presets.LEAKY_RELU, presets.preset("leaky-relu").curve(), 0.1, shortest=1e-9, longest=20e-9, **FEW
    )
    assert found.highest < rms.highest == pytest.approx(1e9)
    assert rms.limited_above_by == rms.limited_below_by == "scan"
    assert all(e.largest >= e.rms for e in found.scanned)


def test_numbers_figure_and_words(sigmoid, tmp_path) -> None:
    values = json.loads(json.dumps(sigmoid.as_dict(), allow_nan=False))
    assert values["highest"] == sigmoid.highest
    assert len(values["scanned"]) == len(sigmoid.scanned)
    assert "rms error within 5 % from" in sigmoid.table()
    plot.save(error_against_rate(sigmoid, "sigmoid"), tmp_path / "rate.svg")
    text = (tmp_path / "rate.svg").read_text(encoding="utf-8")
    assert "tolerance 5 %" in text
    assert "first-order estimate" in text


def test_wrong_input() -> None:
    device, curve = SIGMOID.device, SIGMOID.curve()
    with pytest.raises(ParameterError, match=r"tolerance must lie in \(0, 1\)"):
        symbol_rate_limit(device, curve, 0.0)
    with pytest.raises(ParameterError, match="or a curve, are needed"):
        symbol_rate_limit(device)
    with pytest.raises(ParameterError, match="criterion must be 'rms' or 'largest', got 'mean'"):
        symbol_rate_limit(device, curve, criterion="mean")
    with pytest.raises(ParameterError, match="device must be a ring device"):
        symbol_rate_limit(device.ring, curve)
    with pytest.raises(ParameterError, match=r"longest must be > 1e-08 s"):
        symbol_rate_limit(device, curve, shortest=1e-8, longest=1e-9)
    with pytest.raises(ParameterError, match=r"powers must lie in \[0, 0.002\] W, where the curve is known"):
        symbol_rate_limit(device, curve, powers=[0.0, 5e-3], **FEW)


def run(*words: str):
    return CliRunner().invoke(commands(), list(words))


def test_command(tmp_path) -> None:
    out = tmp_path / "rate.png"
    result = run("rate", "--device", "leaky-relu", "--symbols", "20", "--json", "--out", str(out))
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["power_max"] == presets.POWER_MAX
    assert 0.6e9 < found["highest"] < 2e9
    assert out.read_bytes().startswith(b"\x89PNG")
    refused = run("rate", "--device", "van-vaerenbergh-2012")
    assert refused.exit_code == 1
    assert refused.stderr.strip().splitlines()[-1].startswith("error: power_max is needed")
