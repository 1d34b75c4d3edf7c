"""Commands ``simulate`` and ``map``: what they print and save, and how they fail."""

import csv
import json

import numpy as np
import pytest
from typer.testing import CliRunner

from photonic.cli import commands
from photonic.maps import StabilityMap
from photonic.named import device
from photonic.stability import steady_states as states_of

RING = "van-vaerenbergh-2012"
PULSING = ("--device", RING, "--detuning", "62 pm", "--power", "0.6mW", "--temperature", "0.7K")


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
    lines = [line for line in result.stderr.splitlines() if line.strip()]
    assert len(lines) == 1
    assert lines[0].startswith("error: ")
    return lines[0]


def test_the_published_pulsation(tmp_path):
    # acceptance A9: 78.155 ns, 1.172 to 2.047 K, N up to 1.289e23 by an independent solver
    figure, table = tmp_path / "a.png", tmp_path / "a.csv"
    found = printed("simulate", *PULSING, "--duration", "1us", "--out", str(figure), "--save", str(table))
    assert found["period"] == pytest.approx(78.155e-9, rel=1e-4)
    assert found["extremes"]["temperature"][1] == pytest.approx(2.047, rel=1e-3)
    assert found["extremes"]["carriers"][1] == pytest.approx(1.289e23, rel=1e-3)
    assert found["spikes"]["count"] == 12
    assert figure.read_bytes().startswith(b"\x89PNG")
    rows = list(csv.reader(table.read_text(encoding="utf-8").splitlines()))
    assert rows[0][:2] == ["time [s]", "power_in [W]"]
    assert len(rows) == 2002


def test_words_say_the_same():
    text = run("simulate", *PULSING, "--duration", "1us").stdout
    assert "62 pm, red" in text
    assert "78.155 ns" in text


def test_a_pulse_triggers_a_spike_from_rest():
    words = (
        "simulate",
        "--device",
        RING,
        "--detuning",
        "0",
        "--power",
        "0.4mW",
        "--duration",
        "400ns",
        "--rest",
    )
    quiet = printed(*words)
    rest = states_of(device(RING, "ring-through"), 0.4e-3)[0]
    assert quiet["final"]["carriers"] == pytest.approx(rest.carriers, rel=1e-6)
    assert quiet["period"] is None
    small, large = (printed(*words, "--pulse", f"50ns, 10ns, {p}uW") for p in (50, 90))
    assert small["extremes"]["carriers"][1] < 2.5e22
    assert large["extremes"]["carriers"][1] > 8e22


def test_bits_and_files_drive_it(tmp_path):
    bits = ("--bits", "0110", "--bit-time", "10ns", "--high", "1mW")
    found = printed("simulate", "--device", "sigmoid", *bits)
    assert found["duration"] == pytest.approx(40e-9)
    assert found["extremes"]["power_in"] == pytest.approx([0.0, 1e-3])
    path, out = tmp_path / "drive.csv", tmp_path / "out.npz"
    path.write_text("time [ns],power [mW]\n0,0\n10,1\n30,0\n40,0\n", encoding="utf-8")
    read = printed("simulate", "--device", "sigmoid", "--drive", str(path), "--out", str(out))
    assert read["final"] == pytest.approx(found["final"], rel=1e-6, abs=1e-20)
    assert np.load(out)["times"].size == 2001


def test_the_map_of_a_published_ring(tmp_path):
    figure, table = tmp_path / "map.svg", tmp_path / "map.json"
    words = ("map", "--device", RING, "--powers", "0.1mW to 1mW", "--detunings", "0pm..62pm")
    found = printed(*words, "--points", "9x7", "--out", str(figure), "--save", str(table))
    assert np.shape(found["states"]) == (9, 7)
    # folds at 62 pm (A11): 0.16928 and 0.68565 mW, so three states at 0.25 to 0.55 mW and one at 1 mW
    assert found["states"][0] == [1, 3, 3, 3, 1, 1, 1]
    assert found["self_pulsing"][0] == [False] * 4 + [True] * 3
    assert sum(found["shares"].values()) == pytest.approx(1.0)
    assert figure.read_text(encoding="utf-8").startswith("<svg")
    assert StabilityMap.load(table).states.shape == (9, 7)
    assert "self-pulsing" in run(*words, "--points", "5").stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("simulate",), "power is needed"),
        (("simulate", "--power", "1mW"), "duration is needed"),
        (("simulate", "--power", "1mW", "--duration", "0ns"), "duration must be > 0 s"),
        (("simulate", "--power", "1mW", "--duration", "1"), "duration needs a unit"),
        (("simulate", "--power", "-1mW", "--duration", "1ns"), "power_in must be >= 0"),
        (("simulate", "--power", "1mW", "--duration", "1ns", "--pulse", "2"), "pulse 1 must be"),
        (("simulate", "--bits", "01"), "bits need --bit-time and --high"),
        (("simulate", "--bits", "01", "--pulse", "1ns,1ns,1mW"), "exclude each other"),
        (("simulate", "--drive", "none.csv"), "none.csv: cannot be read"),
        (("simulate", "--drive", "none.csv", "--power", "1mW"), "drive holds all of the light"),
        (("simulate", "--power", "1mW", "--duration", "1ns", "--save", "a.txt"), "save must end in"),
        (("simulate", "--power", "1uW", "--duration", "1ns", "--out", "a.gif"), "a.gif"),
        (("simulate", "--power", "1uW", "--duration", "1ns", "--rest", "--temperature", "1K"), "rest says"),
        (("map", "--powers", "1mW", "--detunings", "0 to 1"), "powers must be two values"),
        (("map", "--powers", "0mW to 1mW", "--detunings", "0 to far"), "detuning is a number"),
        (("map", "--powers", "0mW to 1mW", "--detunings", "0 to 1", "--points", "1"), "points must be 2 to"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(words, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert message in refused(*words)


def test_usage():
    assert run("map").exit_code == 2
    for name in ("simulate", "map"):
        result = run(name, "--help")
        assert result.exit_code == 0
        assert "--json" in result.stdout


def test_the_other_command_has_them_too():
    from nets.cli import all_commands

    for name in ("simulate", "map"):
        assert CliRunner().invoke(all_commands(), [name, "--help"]).exit_code == 0
