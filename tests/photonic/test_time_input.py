"""What the functions in time and of stability refuse: each says what, in one sentence."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from photonic import presets
from photonic.cli import commands
from photonic.devices import RingThrough
from photonic.drive import Drive
from photonic.dynamics import simulate
from photonic.errors import DataError, ParameterError, one_number, real_numbers
from photonic.events import crossings, jumps, spikes
from photonic.excitability import excitability_threshold
from photonic.maps import stability_map
from photonic.modulation import frequency_response
from photonic.normalised import TwoVariable
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.parameters import ZHANG_2013
from photonic.plot import check_path
from photonic.plot_time import phase_portrait, traces
from photonic.pulsation import self_pulsation
from photonic.ramps import hysteresis
from photonic.rate_limit import symbol_rate_limit
from photonic.stability import hopf_points
from photonic.symbol_energy import energy_per_symbol

RED = VV.detuning(62e-12)
TIMES = np.linspace(0, 1e-8, 101)
BATCH = dataclasses.replace(presets.SIGMOID, arm_phase=np.array([0.0, 1.0]))


@pytest.fixture(scope="module")
def dense():
    return simulate(VV, 0.6e-3, [0.0, 100e-9], detuning=RED, initial={"temperature": 0.7}, dense=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"times": np.array([0, 1e-9 + 1j])}, "times must be real in s, got complex numbers"),
        ({"detuning": []}, "a batch must hold one ring or more"),
        ({"initial": {"temperature": []}}, "a batch must hold one ring or more"),
        ({"detuning": 1e20}, r"detuning must lie in \(-1.21\d*e\+15, 1.21\d*e\+15\) rad/s, got 1e\+20"),
        ({"detuning": -2e15}, r"detuning must lie in .* rad/s, got -2000000000000000.0"),
        ({"max_step": [1e-9, 1e-9]}, r"max_step must be one number in s, got shape \(2,\)"),
        ({"initial": 0.7}, "initial must be a mapping, a SteadyState or a Trace, got 0.7"),
        ({"power_in": lambda t, x: x}, "gives one power .* missing 1 required positional argument"),
        ({"power_in": lambda t: "a"}, r"power_in must be a function that gives one power \[W\] for a time"),
        ({"power_in": lambda t: [1e-4, 2e-4]}, "power_in must be a function that gives one power"),
    ],
)
def test_simulate(change: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {"times": TIMES, "power_in": 1e-4, "detuning": RED, **change}
    with pytest.raises(ParameterError, match=message):
        simulate(VV, given.pop("power_in"), given.pop("times"), **given)


CALLS: dict[str, tuple[Any, str]] = {
    "roots in words": (lambda: Drive([0, 1e-9], "ab"), "roots must be a number in √W"),
    "no function": (lambda: Drive.sampled(1e-4, 0, 1e-9), "power_in must be a function of time"),
    "backwards": (lambda: Drive.sampled(lambda t: 0 * t, 1e-9, 0), "start and end must increase"),
    "tolerance": (
        lambda: Drive.sampled(lambda t: t, 0, 1e-9, tolerance=0),
        r"tolerance must lie in \[1e-13, 0.1\]",
    ),
    "NaN in time": (lambda: Drive.constant(1e-4, 0, 1e-9)(np.nan), "times must be finite in s, got nan"),
    "milliwatts in a map": (lambda: stability_map(VV, [100, 600], RED), "did you mean 0.1 .milliwatts."),
    "complex map": (lambda: stability_map(VV, [1e-4 + 1j], RED), "powers must be real in W"),
    "Hopf points": (lambda: hopf_points(VV, RED, [1e-3, 2e-3]), "power_max must be one number in W"),
    "two tolerances": (
        lambda: self_pulsation(VV, 6e-4, detuning=RED, tolerance=[1e-6, 1e-6]),
        "tolerance must be one number",
    ),
    "two starts": (
        lambda: self_pulsation(VV, 6e-4, detuning=RED, initial={"temperature": [0.0, 1.0]}),
        r"initial temperature must be one number, got shape \(2,\)",
    ),
    "nanoseconds": (
        lambda: excitability_threshold(VV, 4e-4, 10, detuning=0.0),
        r"duration must lie in \[1e-15, 1\] s, got 10.0: did you mean 1e-08 .nanoseconds.",
    ),
    "two pulses": (
        lambda: excitability_threshold(VV, 4e-4, [1e-9, 1e-8], detuning=0.0),
        "duration must be one number in s",
    ),
    "two powers": (
        lambda: excitability_threshold(VV, [4e-4, 1e-4], 1e-8, detuning=0.0),
        "power must be one number in W",
    ),
    "quantities": (
        lambda: excitability_threshold(VV, 4e-4, 1e-8, detuning=0.0, quantity=["carriers"]),
        "quantity must be one of",
    ),
    "loop in ns": (
        lambda: hysteresis(VV, 1e-3, 10, detuning=RED),
        "duration must lie in .* did you mean 1e-08 .nanoseconds.",
    ),
    "two loops": (lambda: hysteresis(VV, 1e-3, [1e-6, 2e-6], detuning=RED), "duration must be one number"),
    "two tops": (lambda: hysteresis(VV, [1e-3, 2e-3], 1e-6, detuning=RED), "power_max must be one number"),
    "even points": (lambda: hysteresis(VV, 1e-3, 1e-6, detuning=RED, points=100), "points must be odd"),
    "complex": (
        lambda: frequency_response(VV, 1e-4, 1e9j, detuning=RED),
        "frequencies must be real in Hz, got complex numbers",
    ),
    "no curve": (lambda: symbol_rate_limit(presets.SIGMOID, 2e-3), "curve must be a Curve, got 0.002"),
    "a bare ring": (
        lambda: symbol_rate_limit(VV, powers=[0, 1e-3]),
        r"device must be a ring device, such as RingThrough\(ring, detuning\), got a Ring",
    ),
    "rate batch": (lambda: symbol_rate_limit(BATCH, powers=[0, 1e-3]), r"arm_phase must be one number"),
    "symbols in ns": (
        lambda: symbol_rate_limit(presets.SIGMOID, powers=[0, 1e-3], shortest=4.0),
        "shortest must lie in .* did you mean 4e-09 .nanoseconds.",
    ),
    "energy in ns": (
        lambda: energy_per_symbol(presets.SIGMOID, [0, 1e-3], 4.0),
        "symbol_time must lie in .* did you mean 4e-09 .nanoseconds.",
    ),
    "duties": (
        lambda: energy_per_symbol(presets.SIGMOID, [0, 1e-3], 4e-9, duty=[0.5, 0.6]),
        "duty must be one number",
    ),
    "energy batch": (lambda: energy_per_symbol(BATCH, [0, 1e-3], 4e-9), "arm_phase must be one number"),
    "normalised times": (lambda: ZHANG_2013.simulate(1.0, 0.0, [0]), r"2 or more times \[1\]"),
    "normalised powers": (lambda: ZHANG_2013.simulate([1.0, 2.0], 0.0, [0, 1]), "power must be one number"),
    "normalised start": (
        lambda: ZHANG_2013.simulate(1.0, 0.0, [0, 1], {"carriers": -1.0}),
        r"initial carriers must be >= 0 \[1\], got -1.0",
    ),
    "normalised words": (
        lambda: ZHANG_2013.simulate(1.0, 0.0, [0, 1], {"field": "a"}),
        "initial field must be a number",
    ),
    "two-variable powers": (
        lambda: TwoVariable.from_ring(VV, [1e-4, 2e-4], RED),
        "power must be one number in W",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_refusals(name: str) -> None:
    call, message = CALLS[name]
    with pytest.raises(ParameterError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_of_a_trace(dense) -> None:
    with pytest.raises(ParameterError, match="level must be one number, got shape"):
        crossings(dense, "energy", [1e-15, 2e-15])
    with pytest.raises(ParameterError, match="unknown quantity"):
        crossings(dense, ["energy"], 1e-15)
    with pytest.raises(ParameterError, match="prominence must be one number"):
        spikes(dense, "energy", prominence=[1.0, 2.0])
    with pytest.raises(ParameterError, match="lull must be one number in s"):
        jumps(dense, lull=[1e-9, 2e-9])
    with pytest.raises(ParameterError, match=r"times must be a list of times \[s\], got shape \(1, 2\)"):
        dense.at([[0.0, 1e-9]])


def test_a_loop_names_its_branches() -> None:
    loop = hysteresis(VV, 0.1e-3, 100e-9, detuning=RED, points=5)
    assert loop.branch("energy", "down")[0][-1] == pytest.approx(0.0, abs=1e-15)
    with pytest.raises(ParameterError, match="direction must be up or down, got 'sideways'"):
        loop.branch("energy", "sideways")
    with pytest.raises(ParameterError, match="unknown quantity 'heat'"):
        loop.branch("heat")


def test_single_and_real_numbers() -> None:
    assert one_number("x", np.array(2), unit="s", above=0.0) == 2.0
    assert real_numbers("x", [1, 2]).dtype == float
    with pytest.raises(ParameterError, match=r"x must be one number in s, got shape \(1,\)"):
        one_number("x", [1.0], unit="s")
    with pytest.raises(ParameterError, match="x must be real, got complex numbers"):
        real_numbers("x", 1j)
    with pytest.raises(ParameterError, match=r"x must be > 0 s, got -1\.0"):
        one_number("x", -1, unit="s", above=0.0)


def test_lines_are_smooth_however_few_the_samples(dense) -> None:
    # the samples are two; the polynomials of the integrator are drawn
    line = phase_portrait(dense).axes[0].lines[0]
    at = dense.at(np.linspace(0, 100e-9, 5001))
    for drawn, exact in ((line.get_xdata(), at.temperature), (line.get_ydata() * 1e23, at.carriers)):
        assert drawn.size > 500
        assert np.ptp(drawn) == pytest.approx(np.ptp(exact), rel=2e-3)
        assert np.max(np.abs(np.diff(drawn))) < 0.05 * np.ptp(drawn)
    assert traces(dense).axes[1].lines[0].get_xdata().size > 500


def test_no_portrait_of_a_batch() -> None:
    batch = simulate(VV, np.array([[1e-4], [2e-4]]), [0.0, 1e-9], detuning=RED)
    with pytest.raises(ParameterError, match=r"trace must be of one ring, got a batch of shape \(2,\)"):
        phase_portrait(batch)


def test_a_figure_that_cannot_be_saved_is_refused_before_anything_is_computed(monkeypatch, tmp_path) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("computed")

    monkeypatch.setattr("photonic.dynamics.simulate", never)
    monkeypatch.setattr("photonic.maps.stability_map", never)
    monkeypatch.setattr("photonic.rate_limit.symbol_rate_limit", never)
    nowhere = str(tmp_path / "nowhere" / "figure.png")
    for words in (
        ("simulate", "--power", "1mW", "--duration", "1ns"),
        ("map", "--powers", "1mW to 2mW", "--detunings", "-1 to 1"),
        ("rate", "--device", "sigmoid"),
    ):
        for out, message in (("figure.xyz", "saved as .svg, .png or .pdf"), (nowhere, "cannot be written")):
            result = CliRunner().invoke(commands(), [*words, "--out", out])
            assert result.exit_code == 1
            assert message in result.stderr
    with pytest.raises(DataError, match="cannot be written"):
        check_path(nowhere)
    check_path(tmp_path / "figure.PNG")


def test_heat_modes_are_those_of_the_rib() -> None:
    words = ["rate", "--device", "van-vaerenbergh-2012", "--power-max", "0.1mW", "--heat-modes"]
    result = CliRunner().invoke(commands(), words)
    assert result.exit_code == 1
    assert "heat_modes are those of the rib ring" in result.stderr


def test_help_shows_the_units_of_a_table() -> None:
    text = " ".join(CliRunner().invoke(commands(), ["simulate", "--help"]).stdout.split())
    assert "[ns],power" in text
    assert "[mW]" in text


def test_a_device_of_one_ring_keeps_its_detuning() -> None:
    # the bound is the laser's own frequency, so that far detunings are simulated as before
    trace = simulate(RingThrough(VV, RED), 1e-4, TIMES)
    assert np.array_equal(trace.states, simulate(VV, 1e-4, TIMES, detuning=RED).states)
