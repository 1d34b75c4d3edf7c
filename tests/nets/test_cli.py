"""Commands of ``nets`` and ``photonic-neuron``."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from typer.testing import CliRunner

from nets.cli import all_commands, commands
from photonic.curve import Curve

SMALL = (
    "--epochs",
    "2",
    "--hidden",
    "8",
    "--seeds",
    "2",
    "--train-examples",
    "500",
    "--learning-rates",
    "0.005",
)


def run(*words):
    return CliRunner().invoke(commands(), list(words))


def refused(*words):
    result = run(*words)
    assert result.exit_code == 1
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("error: ")
    return lines[0]


def test_compare_prints_json_and_nothing_else():
    result = run("compare", "digits", "--activations", "relu,photonic:sigmoid", *SMALL, "--json")
    assert result.exit_code == 0
    found = json.loads(result.stdout)
    assert [a["activation"] for a in found["activations"]] == ["relu", "photonic:sigmoid"]


def test_compare_writes_a_folder_and_resumes_to_the_same_numbers(tmp_path):
    words = ("compare", "digits", "--activations", "relu,linear", *SMALL, "--out", str(tmp_path / "out"))
    first = run(*words)
    assert first.exit_code == 0, first.stderr
    assert "report.html" in first.stdout
    before = (tmp_path / "out" / "results.json").read_bytes()
    assert "finished runs" in refused(*words)
    assert run(*words, "--resume").exit_code == 0
    assert (tmp_path / "out" / "results.json").read_bytes() == before


def test_seeds_start_where_told():
    result = run("compare", "digits", "--activations", "relu", *SMALL, "--seed", "7", "--json")
    assert json.loads(result.stdout)["settings"]["seeds"] == [7, 8]


def test_a_measured_curve_is_an_activation(tmp_path):
    power = np.linspace(0, 1e-3, 40)
    Curve(power, 0.4 * power**2 / 1e-3).save(tmp_path / "lab.csv")
    result = run("compare", "digits", "--activations", f"curve:{tmp_path / 'lab.csv'}", *SMALL, "--json")
    assert json.loads(result.stdout)["activations"][0]["activation"] == "curve:lab"
    card = run("properties", f"curve:{tmp_path / 'lab.csv'}", "--json")
    assert json.loads(card.stdout)["activations"][0]["name"] == "curve:lab"


def test_tasks_and_properties():
    assert "mnist" in json.loads(run("tasks", "--json").stdout)["tasks"]
    text = run("properties", "relu", "photonic:sigmoid").stdout
    assert "relu" in text
    assert "photonic:sigmoid" in text


HEADER = '# schema: 1\n# regime: "measured"\n# branch: "single"\n# metadata: {}\n'


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "missing.csv"),
        ("a,b\n1,2\n", "no column is the input power"),
        (HEADER + "power_in [W],power_out [W],slope [1]\n0,0,1\n1e-3,1e-4,1\n", "at least 4 points"),
        (HEADER + "power_in [W],power_out [W],slope [1]\n0,0,1\n2e-3,0,1\n1e-3,0,1\n3e-3,0,1\n", "must rise"),
    ],
)
def test_curves_that_cannot_be_used(tmp_path, content, message):
    path = tmp_path / "missing.csv"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    assert message in refused("properties", f"curve:{path}")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("compare", "mnist", "--activations", "rellu"), "did you mean 'relu'"),
        (("compare", "mnist", "--activations", "photonic:trainer"), "did you mean 'photonic:trained'"),
        (
            (
                "compare",
                "mnsit",
            ),
            "did you mean 'mnist'",
        ),
        (("compare", "xor", "--seeds", "0"), "seeds must be >= 1"),
        (("compare", "xor", "--epochs", "0"), "epochs must be"),
        (("compare", "xor", "--hidden", "a"), "hidden must be numbers"),
        (("compare", "xor", "--learning-rates", "-1"), "learning_rates must be > 0"),
        (("compare", "xor", "--resume"), "--resume needs --out"),
        (("compare", "fashion-mnist"), "folder"),
        (("compare", "fashion-mnist", "--data", "nowhere"), "no such file"),
        (("properties", "softmax"), "elementwise"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(words, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert message in refused(*words)


def test_foreign_folders_are_refused(tmp_path):
    (tmp_path / "thesis.txt").write_text("precious", encoding="utf-8")
    assert "not made by this program" in refused("compare", "xor", "--out", str(tmp_path))
    result = CliRunner().invoke(all_commands(), ["demo", "--out", str(tmp_path)])
    assert result.exit_code == 1
    assert "not made by this program" in result.stderr


def test_photonic_neuron_has_the_commands_of_both_halves():
    text = CliRunner().invoke(all_commands(), ["--help"]).stdout
    for name in (
        "demo",
        "curve",
        "program",
        "steady-states",
        "folds",
        "index",
        "cite",
        "compare",
        "properties",
    ):
        assert name in text


def test_an_interrupt_ends_cleanly_and_is_resumed(tmp_path):
    words = [
        sys.executable,
        "-m",
        "nets",
        "compare",
        "digits",
        "--activations",
        "relu,tanh",
        "--epochs",
        "60",
    ]
    words += ["--hidden", "16", "--seeds", "2", "--learning-rates", "0.005", "--out", str(tmp_path / "out")]
    process = subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=os.environ
    )
    deadline = time.monotonic() + 60
    while not list((tmp_path / "out").glob("runs/*")) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert out == ""
    assert err.strip().splitlines()[-1] == "interrupted"
    assert "Traceback" not in err
