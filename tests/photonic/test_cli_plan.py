"""Command ``plan``: from a saved fit, or a device, to readings."""

import csv
import json
import math

import numpy as np
import pytest
from typer.testing import CliRunner

from photonic import presets
from photonic.cli import commands
from photonic.fits.fitting import fit
from photonic.lab.measured import Measured


def run(*words):
    return CliRunner().invoke(commands(), ["plan", *map(str, words)])


def printed(*words):
    """JSON of a command that must succeed and print nothing else."""
    result = run(*words, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def refused(*words):
    """The one line on standard error of a command that must fail with status 1."""
    result = run(*words)
    assert result.exit_code == 1
    assert result.stdout == ""
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    assert len(lines) == 1
    return lines[0]


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    power = np.linspace(5e-5, 2e-3, 20)
    noise = 1e-6 * np.random.default_rng(0).standard_normal(20)
    data = Measured(power, presets.SIGMOID.transfer(power) + noise, sigma=1e-6)
    found = fit(presets.SIGMOID, data, ["detuning", "arm_phase"], intervals="wald")
    path = tmp_path_factory.mktemp("plan") / "fit.json"
    found.save(path)
    return path, found


def test_plan_of_a_saved_fit(saved, tmp_path):
    path, found = saved
    table = tmp_path / "plan.csv"
    stored = printed(
        path, "--settings", "arm_phase=0.25 pi..1.25 pi:5", "--powers", "0.5 mW, 1 mW, 2 mW", "--count", 6,
        "--curves", 2, "--save", table,
    )  # fmt: skip
    assert stored["readings"] == 6
    assert 1 <= len(stored["curves"]) <= 2
    for curve in stored["curves"]:
        quarters = curve["settings"]["arm_phase"] / (math.pi / 4)
        assert quarters == pytest.approx(round(quarters), rel=1e-9)
        assert set(curve["power_in"]) <= {0.5e-3, 1e-3, 2e-3}
    for name, estimate in found.estimates.items():
        assert stored["estimates"][name]["before"] == pytest.approx(estimate.standard_error, rel=1e-6)
        assert stored["estimates"][name]["after"] < estimate.standard_error
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert sum(int(row["readings [1]"]) for row in rows) == 6
    assert {float(row["arm_phase [rad]"]) for row in rows} == {
        c["settings"]["arm_phase"] for c in stored["curves"]
    }
    text = run(path, "--settings", "none", "--count", 3).stdout
    assert "at the present setting" in text
    assert "times smaller" in text


def test_plan_of_a_device_that_nobody_measured():
    # Noise of 1 µW: one bright and one dark reading more or less, from the same fringe as the library's.
    stored = printed(
        "--device", "sigmoid", "--free", "arm-phase,output-scale", "--powers", "1 mW", "--noise", "1 uW",
        "--relative-noise", "1 %", "--settings", "detuning=-20 pm..20 pm:3", "--count", 4,
        "--error", "arm_phase=10 deg",
    )  # fmt: skip
    assert stored["estimates"]["arm_phase"]["before"] == pytest.approx(math.radians(10), rel=1e-9)
    assert stored["estimates"]["output_scale"]["before"] is None
    offsets = {
        round(float(presets.SIGMOID.ring.detuning(o * 1e-12))): o for o in (-20, 0, 20)
    }  # of rad/s to pm
    assert all(round(c["settings"]["detuning"]) in offsets for c in stored["curves"])


def test_words_of_a_plan_are_those_of_a_fit(tmp_path):
    table = tmp_path / "plan.csv"
    text = run(
        "--device", "sigmoid", "--free", "arm-phase,carrier-lifetime", "--powers", "1,2 mW",
        "--noise", "1 uW",
        "--settings", "detuning=-60,0,60 pm", "--settings", "arm_phase=0.5 pi", "--count", 3, "--save", table,
    ).stdout  # fmt: skip
    assert "ring." not in text
    assert ", arm_phase 0.5 π" in text
    rows = [line for line in text.splitlines() if line.startswith("carrier_lifetime")]
    lifetime = presets.SIGMOID.ring.carrier_lifetime
    assert rows[0].split()[1] == f"{1e9 * lifetime:.5g}"
    assert rows[0].endswith("ns")
    with table.open(newline="", encoding="utf-8") as file:
        offsets = {round(float(row["wavelength offset [pm]"]), 1) for row in csv.DictReader(file)}
    assert offsets <= {-60.0, 0.0, 60.0}


def test_plan_refuses(saved, tmp_path):
    path, _ = saved
    assert "a fit (photonic plan fit.json) or --device" in refused()
    assert "one of them" in refused(path, "--device", "sigmoid")
    assert "--free is for a device" in refused(path, "--free", "detuning")
    assert "--relative-noise needs the floor" in refused(path, "--relative-noise", "1 %")
    assert "low..high:count" in refused(path, "--powers", "1 mW..2 mW")
    assert "low..high:count" in refused(path, "--settings", "detuning=0 pm..1 pm:1")
    assert "--settings must be name=value" in refused(path, "--settings", "detuning")
    assert "--powers needs a unit" in refused(path, "--powers", "1")
    sigmoid = ("--device", "sigmoid", "--free", "arm-phase")
    assert "(--noise '1 uW')" in refused(*sigmoid, "--powers", "1 mW")
    assert "(--powers '2 mW')" in refused(*sigmoid, "--noise", "1 uW")
    assert "unknown criterion" in refused(path, "--criterion", "size")
    assert "nowhere.json" in refused(tmp_path / "nowhere.json")
