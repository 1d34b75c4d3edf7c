"""The command that tells where the watts go, and whole networks on the command line."""

import json
from itertools import pairwise

import pytest
from typer.testing import CliRunner

from nets.cli import commands

SMALL = ("--epochs", "2", "--seeds", "2", "--train-examples", "400", "--learning-rates", "0.01")


def run(*words):
    return CliRunner().invoke(commands(), list(words))


def test_budget_tells_the_power_behind_every_stage():
    result = run("budget", "mesh:photonic", "--task", "digits", "--laser-power", "10mW", "--json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert found["laser_power"] == 0.01
    assert found["task"] == "digits-fourier-16"
    assert found["state"] == "starting values, untrained, seed 0"
    assert found["stages"][0]["total"] == pytest.approx(0.01, rel=1e-5)
    totals = [s["total"] for s in found["stages"] if s["total"] is not None]
    assert all(b <= a * (1 + 1e-5) for a, b in pairwise(totals))  # passive
    text = run("budget", "mesh:photonic", "--task", "digits").stdout
    assert "photonic, layer 2" in text
    assert "13.01" in text  # 20 mW in dBm


def test_a_name_may_hold_the_laser_power():
    words = ("--task", "vowel-4", "--json")
    at, option = (
        json.loads(run("budget", *how, *words).stdout)
        for how in (("mesh:linear@5mW",), ("mesh:linear", "--laser-power", "5mW"))
    )
    assert (at["laser_power"], at["sees"]) == (0.005, "4 log area ratios")
    assert at["stages"] == option["stages"]
    twice = run("budget", "mesh:linear@5mW", "--laser-power", "2mW")
    assert (twice.exit_code, "laser_power is given twice" in twice.stderr) == (1, True)


def test_hidden_widths_that_a_network_does_not_take_are_left_aside_aloud():
    words = ("--task", "digits", "--hidden", "7,8")
    assert (
        "mesh:linear takes no hidden widths: 7,8 is left aside" in run("budget", "mesh:linear", *words).stdout
    )
    assert "left aside" not in run("budget", "svd:saturable", *words).stdout
    result = run("compare", "digits", "--activations", "relu,mesh:linear", "--hidden", "6", *SMALL)
    assert "no hidden widths, those asked for left aside: mesh:linear" in result.stdout
    alone = run("compare", "digits", "--activations", "mesh:linear", "--hidden", "6", *SMALL)
    assert "hidden none" in alone.stdout


def test_a_report_says_what_each_network_sees(tmp_path):
    result = run(
        "compare", "digits", "--activations", "relu,mesh:linear", "--hidden", "6", *SMALL,
        "--out", str(tmp_path / "kept"),
    )  # fmt: skip
    page = (tmp_path / "kept" / "report.html").read_text()
    for text in (result.stdout, page):
        assert "16 Fourier coefficients" in text
        assert "64 pixels" in text


def test_noise_of_photodiodes_on_the_command_line():
    """0.8 µW in all, 0.05 µW a guide: 0.04 µA against noise of 1.8 µA of a load of 50 Ω in 10 GHz."""
    words = ("compare", "digits", "--activations", "mesh:linear,mesh:linear@0.8uW", *SMALL, "--json")
    clean, noisy, trained = (
        json.loads(run(*words, *flags).stdout) for flags in ((), ("--test-noise",), ("--train-noise",))
    )
    loss = [[a["last_epoch"]["loss"] for a in r["activations"]] for r in (clean, noisy, trained)]
    assert loss[0] == loss[1]
    assert loss[2][1] > loss[0][1] + 0.1
    accuracy = [[a["accuracy"] for a in r["activations"]] for r in (clean, noisy)]
    assert accuracy[1][0] == pytest.approx(accuracy[0][0], abs=0.01)  # 0.2 % of 1 mA a guide
    assert accuracy[1][1] < 0.16  # ten classes
    assert noisy["settings"]["test_noise"] is True


def test_a_tenth_of_the_light_leaves_a_layer_dark():
    result = run("budget", "mesh:photonic", "--task", "digits", "--laser-power", "2 mW", "--json")
    assert json.loads(result.stdout)["stages"][4]["dark"] is True
    assert "warning: stage 5 (photonic, layer 2) is dark" in result.stderr


def test_budget_after_training():
    words = ("budget", "svd:saturable", "--task", "vowel-4", "--hidden", "3", "--epochs", "2", "--json")
    found = json.loads(run(*words).stdout)
    assert found["state"] == "trained for 2 epochs, seed 0"
    assert found["stages"][1]["channels"] == 3
    assert found["stages"] != json.loads(run(*words[:-3], "--json").stdout)["stages"]


def test_networks_are_compared_with_activations():
    result = run(
        "compare", "digits", "--activations", "relu,mesh:linear,mesh:linear@1mW", "--hidden", "6", *SMALL,
        "--same-parameters", "--json",
    )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    entries = json.loads(result.stdout)["activations"]
    # 32 Fourier features: (32 + 1 + 10) w + 10 >= 512: w = 12
    added = "relu as large as mesh:linear"
    assert [e["activation"] for e in entries] == ["relu", "mesh:linear", "mesh:linear@1mW", added]
    assert [e["parameters"] for e in entries] == [460, 512, 512, 526]
    assert entries[1]["hidden"] == []
    assert entries[3]["hidden"] == [12]
    assert [e["idle_parameters"] for e in entries] == [0, 302, 302, 0]
    assert entries[2]["difference_to_matched"]["name"] == added
    assert set(entries[3]["difference_to_relu"]) == {"mean", "low", "high"}


def test_lists_name_the_networks():
    found = json.loads(run("tasks", "--json").stdout)
    assert {"vowel", "vowel-4", "mnist-fourier-16"} <= set(found["tasks"])
    assert "cascade:photonic" in found["networks"]
    assert "svd:saturable" in run("tasks").stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("budget", "mesh:photonik"), "did you mean 'mesh:photonic'"),
        (("budget", "relu"), "unknown network 'relu'"),
        (("budget", "mesh:photonic", "--laser-power", "10"), "needs a unit"),
        (("budget", "mesh:photonic", "--laser-power", "0 W"), "laser_power must be > 0 W"),
        (("budget", "mesh:photonic", "--task", "fashion-mnist"), "name the folder"),
        (("budget", "bank:photonic", "--hidden", "500", "--task", "digits"), "free spectral range"),
        (("compare", "digits", "--activations", "mesh:lineer"), "did you mean 'mesh:linear'"),
        (("compare", "xor", "--activations", "mesh:linear@5mW,relu,mesh:linear@0.005W"), "name it once"),
        (("compare", "xor", "--activations", "relu,linear,identity"), "'identity' is the same as 'linear'"),
        (("compare", "xor", "--activations", "relu", "--test-noise"), "noise needs a contestant with some"),
        (("compare", "xor", "--train-examples", "0"), "train_examples must lie in [1, 4], got 0"),
        (("budget", "mesh:linear", "--seed", "-1"), "seed must be >= 0, got -1"),
        (("budget", "mesh:linear", "--hidden", "0"), "hidden must be >= 1, got 0"),
        (("compare", "vowel", "--activations", "mesh:linear"), "fewer than its 11 classes"),
        (("properties", "mesh:linear"), "whole network, not an activation"),
        (("compare", "digits", "--activations", "tanh", "--same-parameters"), "needs relu or sigmoid"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(words, message):
    result = run(*words)
    assert result.exit_code == 1
    assert result.stdout == ""
    lines = [line for line in result.stderr.strip().splitlines() if not line.startswith("warning: ")]
    assert len(lines) == 1
    assert lines[0].startswith("error: ")
    assert message in lines[0]
