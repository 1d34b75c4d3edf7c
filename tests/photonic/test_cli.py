"""Commands of ``photonic``: what they print, and how they fail."""

import json
import subprocess
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from photonic.cli import commands
from photonic.curve import Curve

RING = "van-vaerenbergh-2012"


def run(*words):
    return CliRunner().invoke(commands(), list(words))


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
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("error: ")
    return lines[0]


def test_index_change_of_soref_and_bennett():
    # Soref and Bennett 1987 at 1.55 µm: Δn = −(8.8e-22 N + 8.5e-18 N^0.8), Δα = 14.5e-18·1e17 /cm
    found = printed("index", "1e17 cm-3", "1e17cm-3", "--law", "soref-bennett-1987")
    assert found["index_change"] == pytest.approx(-(8.8e-22 * 1e17 + 8.5e-18 * (1e17) ** 0.8), rel=1e-6)
    assert found["absorption_change"] == pytest.approx(145.0, rel=1e-6)


def test_folds_of_a_published_ring():
    # physics: folds at 0.68565 and 0.16928 mW for a laser 62 pm red (regression of the design's table)
    found = printed("folds", "--device", RING, "--detuning", "62 pm")
    assert sorted(p["power"] for p in found["folds"]) == pytest.approx([0.16928e-3, 0.68565e-3], rel=1e-4)
    assert "red" in found["detuning"]
    assert found["hopf_points"][0]["frequency"] > 1e6


def test_steady_states_are_listed_with_their_stability():
    found = printed("steady-states", "--device", RING, "--detuning", "62 pm", "--power", "0.4mW")
    assert [s["stable"] for s in found["states"]] == [True, False, False]
    assert found["regime"] == "cw"


def test_a_curve_is_drawn_and_saved(tmp_path):
    figure, table = tmp_path / "curve.svg", tmp_path / "curve.csv"
    found = printed(
        "curve", "--device", "sigmoid", "--power-max", "2mW", "--out", str(figure), "--save", str(table)
    )
    assert found["regime"] == "frozen heat"
    assert figure.read_text(encoding="utf-8").startswith("<svg")
    assert Curve.load(table).domain == (0.0, pytest.approx(2e-3))
    assert np.max(found["power_out"]) <= 2e-3


def test_a_bistable_curve_needs_a_direction():
    words = ("curve", "--device", RING, "--detuning", "6", "--power-max", "1mW")
    assert "multivalued" in refused(*words)
    assert len(printed(*words, "--sweep", "down")["jumps"]) == 1


def test_a_shape_is_programmed(tmp_path):
    out = tmp_path / "relu.png"
    found = printed("program", "relu", "--device", "cavity-mzi", "--power-max", "2mW", "--out", str(out))
    assert found["r_squared"] > 0.999
    assert found["line_r_squared"] < 0.95
    assert set(found["bias"]) >= {"detuning", "arm_phase", "input_coupling", "output_coupling"}
    assert out.read_bytes().startswith(b"\x89PNG")


def test_the_same_seed_gives_the_same_bias():
    words = ("program", "softplus", "--device", RING, "--power-max", "0.2mW", "--free", "detuning,arm-phase")
    assert printed(*words, "--seed", "3") == printed(*words, "--seed", "3")


def test_sources_are_cited():
    text = printed("cite", "--device", RING)["references"]
    assert "doi:10.1364/OE.20.020292" in text


def test_names_are_listed():
    found = printed("presets")
    assert "sigmoid" in found["presets"]
    assert RING in found["rings"]
    assert "clamped-relu" in found["targets"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("program", "sigmoid", "--power-max", "-1mW"), "power_max must"),
        (("program", "sigmoid", "--power-max", "0mW"), "power_max must"),
        (("program", "sigmoid", "--power-max", "3 nm"), "power_max must be in W"),
        (("program", "sigmoid", "--power-max", "3"), "needs a unit"),
        (("program", "sigmoyd", "--power-max", "1mW"), "did you mean 'sigmoid'"),
        (("program", "sigmoid", "--power-max", "1mW", "--device", "van-vaerenberg"), RING),
        (("program", "sigmoid", "--power-max", "1mW", "--gain", "much"), "gain must be"),
        (("program", "sigmoid", "--power-max", "1mW", "--free", "colour"), "cannot program 'colour'"),
        (("program", "sigmoid", "--power-max", "1mW", "--device", "none.toml"), "none.toml"),
        (("steady-states", "--power", "-3mW"), "power must be"),
        (("index", "1e17", "1e17 cm-3"), "electrons needs a unit"),
        (("index", "1e17 cm-3", "1e17 cm-3", "--law", "soref"), "soref-bennett-1987"),
        (("curve", "--power-max", "1mW", "--detuning", "far"), "detuning is a number"),
        (("curve", "--power-max", "1mW", "--arm-phase", "1 pi"), "arm_phase cannot be set"),
        (("curve", "--power-max", "1mW", "--out", "figure.gif"), "figure.gif"),
        (("curve", "--power-max", "1mW", "--out", "no/such/folder/figure.png"), "cannot be written"),
        (("folds", "--device", RING, "--out", "f.png"), "power_max is needed"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(words, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert message in refused(*words)


def test_bad_usage_has_status_2():
    for words in (("no-such-command",), ("curve",), ("curve", "--no-such-option")):
        assert run(*words).exit_code == 2


def test_every_command_explains_itself():
    names = ("curve", "program", "steady-states", "folds", "index", "cite", "presets", "version")
    for name in names:
        result = run(name, "--help")
        assert result.exit_code == 0
        assert "--json" in result.stdout


def test_as_a_module():
    done = subprocess.run(
        [sys.executable, "-m", "photonic", "version", "--json"], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout)["version"]
    assert done.stderr == ""
