"""Commands for data of the laboratory: what they print and write, and how they fail."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

from photonic import presets
from photonic.cli import commands
from photonic.curve import Curve
from photonic.devices import RingThrough
from photonic.fits.fitted import Fit
from photonic.parameters import RIB_RING, VAN_VAERENBERGH_2012
from photonic.ring import Ring
from photonic.storage import load

DEVICE = presets.SIGMOID


def run(*words: Any) -> Any:
    return CliRunner().invoke(commands(), [str(word) for word in words])


def printed(*words: Any) -> dict[str, Any]:
    """JSON of a command that must succeed and print nothing else."""
    result = run(*words, "--json")
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout, parse_constant=pytest.fail)  # type: ignore[no-any-return]


def refused(*words: Any) -> str:
    """The one line on standard error of a command that must fail with status 1."""
    result = run(*words)
    assert result.exit_code == 1
    assert result.stdout == ""
    lines = result.stderr.strip().splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("error: ")
    return str(lines[0])


@pytest.fixture(scope="module")
def sweep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three readings at each of 50 powers, 1 % of noise and 0.1 µW."""
    rng, power = np.random.default_rng(0), np.linspace(0.04e-3, 2e-3, 50)
    rows = ["P in [mW],P out [uW]"]
    for _ in range(3):
        out = DEVICE.transfer(power) * (1 + 0.01 * rng.standard_normal(50)) + 1e-7 * rng.standard_normal(50)
        rows += [f"{1e3 * x:.6g},{1e6 * y:.6g}" for x, y in zip(power, out, strict=True)]
    path = tmp_path_factory.mktemp("lab") / "sweep.csv"
    path.write_text("\n".join(rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def hysteresis(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Up and down through both folds of a bistable ring."""
    ring = VAN_VAERENBERGH_2012.with_effects(heating=False)
    device, power = RingThrough(ring, ring.detuning(half_linewidths=6)), np.linspace(0.05e-3, 3e-3, 60)
    out = np.r_[device.transfer(power, sweep="up"), device.transfer(power[::-1], sweep="down")]
    out += 1e-6 * np.random.default_rng(1).standard_normal(120)
    path = tmp_path_factory.mktemp("lab") / "loop.csv"
    pairs = zip(np.r_[power, power[::-1]], out, strict=True)
    path.write_text("in [mW],out [mW]\n" + "\n".join(f"{1e3 * x:.6g},{1e3 * y:.8g}" for x, y in pairs))
    return path


# --------------------------------------------------------------------------- measured show
def test_readings_are_shown_drawn_and_smoothed(sweep: Path, tmp_path: Path) -> None:
    figure, table = tmp_path / "m.svg", tmp_path / "curve.csv"
    found = printed("measured", "show", sweep, "--out", figure, "--save", table)
    assert (found["schema"], found["points"], found["sweeps"]) == (1, 50, ["single"])
    assert found["power_in"][0] == pytest.approx(0.04e-3)
    assert found["metadata"]["noise"]["relative"] == pytest.approx(0.01, rel=0.3)
    assert figure.read_text(encoding="utf-8").startswith("<svg")
    curve = Curve.load(table)
    assert float(curve(1e-3)) == pytest.approx(float(DEVICE.transfer(1e-3)), rel=0.02)
    words = run("measured", "show", sweep).stdout
    assert "50 points, 40 µW to 2 mW in" in words
    assert "means of up to 3 readings" in words
    assert "in 'P in [mW]', out 'P out [uW]'" in words


def test_losses_and_a_tap_are_taken_off(sweep: Path) -> None:
    found = printed(
        "measured", "show", sweep, "--input-loss", "3 dB", "--output-loss", "10 dB", "--tap", "10 %"
    )
    # nine tenths go on for the tenth that the monitor sees, half of it is lost; ten times as much came out
    assert found["power_in"][0] == pytest.approx(0.04e-3 * 9 / 10**0.3)
    plain = printed("measured", "show", sweep)["power_out"][0]
    assert found["power_out"][0] == pytest.approx(10 * plain)


def test_sweeps_are_told_apart(hysteresis: Path, tmp_path: Path) -> None:
    found = printed("measured", "show", hysteresis)
    assert found["sweeps"] == ["up", "down"]
    assert [curve["branch"] for curve in found["curves"]] == ["up", "down"]
    assert all(len(curve["jumps"]) == 1 for curve in found["curves"])
    assert "60 up, 60 down" in run("measured", "show", hysteresis).stdout
    saved = tmp_path / "down.csv"
    assert printed("measured", "show", hysteresis, "--sweep", "down", "--save", saved)["points"] == 60
    assert Curve.load(saved).branch == "down"
    assert "sweep" in refused("measured", "show", hysteresis, "--save", tmp_path / "both.csv")


def test_two_files_and_units(tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("n,P in\n" + "\n".join(f"{k},{0.1 * k}" for k in range(1, 9)))
    (tmp_path / "out.csv").write_text("n,P out\n" + "\n".join(f"{k},{2 * k}" for k in range(1, 9)))
    words = (tmp_path / "in.csv", "--second", tmp_path / "out.csv", "--unit", "P in=mW", "--unit", "P out=µW")
    found = printed("measured", "show", *words)
    assert found["power_in"][-1] == pytest.approx(0.8e-3)
    assert found["power_out"][-1] == pytest.approx(16e-6)


@pytest.fixture(scope="module")
def dark_subtracted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One reading in the dark is below 0; decimal commas, semicolons, 1 µW of noise."""
    power = np.linspace(0.0, 2.0, 60)
    out = 400 * power**2 + np.random.default_rng(2).standard_normal(60)
    out[:2] = -2.5, 0.5
    rows = [f"{x:.4f};{y:.4f}".replace(".", ",") for x, y in zip(power, out, strict=True)]
    path = tmp_path_factory.mktemp("lab") / "german.csv"
    path.write_text("Gerät A [mW];Gerät B [µW]\n" + "\n".join(rows), encoding="utf-8")
    return path


def test_options_of_the_reader(dark_subtracted: Path) -> None:
    named = ("--input", "Gerät A", "--output", "Gerät B")
    message = refused("measured", "show", dark_subtracted, *named)
    assert "row 2, column 'Gerät B [µW]'" in message
    assert "negative='keep' (--negative keep)" in message
    assert "say input=... (--input ...)" in refused("measured", "show", dark_subtracted)
    words = (dark_subtracted, *named, "--negative", "keep")
    found = printed("measured", "show", *words, "--decimal", ",", "--delimiter", ";")
    assert found["power_out"][0] == pytest.approx(-2.5e-6)
    told = run("measured", "show", *words, "--saturation", "1.5 mW")
    assert "saturation of the detector" in told.stderr
    assert "saturation of the detector" not in run("measured", "show", *words).stderr
    assert "no table of numbers" in refused("measured", "show", *words, "--delimiter", "tab")
    assert "negative must be 'refuse' or 'keep'" in refused("fit", *words[:-1], "drop")
    assert "delimiter must be one character" in refused("fit", *words, "--delimiter", "::")


def test_noise_without_repeats_is_that_of_the_residuals(dark_subtracted: Path, hysteresis: Path) -> None:
    words = ("--input", "Gerät A", "--output", "Gerät B", "--negative", "keep")
    noise = run("measured", "show", dark_subtracted, *words).stdout.splitlines()[2]
    value, unit = noise.split()[1:3]
    assert unit == "µW"
    assert 0.7 < float(value) < 1.6  # of 1 µW, from 60 readings and one 2.5 µW off
    assert noise.endswith("a reading (median), from the residuals of the curve")
    loop = run("measured", "show", hysteresis).stdout
    assert "from the residuals of the curve up" in loop
    assert "from the residuals of the curve down" in loop


def test_columns_called_up_and_down_are_sweeps(tmp_path: Path) -> None:
    path = tmp_path / "loop.csv"
    rows = (f"{p},{p + (p > 4)},{p + (p > 2)}" for p in range(8))
    path.write_text("Pin [mW],Pout up [µW],Pout down [µW]\n" + "\n".join(rows), encoding="utf-8")
    found = printed("measured", "show", path, "--output", "Pout up", "--output", "Pout down")
    assert found["sweeps"] == ["up", "down"]
    assert found["repeats"] == [1] * 16
    assert found["power_out"][3] == pytest.approx(3e-6)
    assert found["power_out"][-4] == pytest.approx(4e-6)  # 3 mW again, on the way down
    words = run("measured", "show", path).stdout
    assert "8 up, 8 down" in words
    assert "in 'Pin [mW]', out 'Pout up [µW]', 'Pout down [µW]'" in words
    assert "sweeps      8 down" in run("measured", "show", path, "--sweep", "down").stdout


# --------------------------------------------------------------------------- fit
def test_a_sweep_becomes_a_device(sweep: Path, tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("fit.json", "device.toml", "fit.svg", "corner.png")}
    found = printed(
        "fit", sweep, "--device", "cavity-mzi",
        "--save", files["fit.json"], "--save-device", files["device.toml"],
        "--out", files["fit.svg"], "--corner", files["corner.png"],
    )  # fmt: skip
    assert found["schema"] == 1
    assert found["free"] == ["detuning", "arm_phase", "input_coupling", "output_coupling"]
    assert found["regime"] == "frozen heat"
    for name in found["free"]:
        low, high = found["estimates"][name]["interval"]
        width, truth = high - low, getattr(DEVICE, name)
        assert low - width < truth < high + width  # 95 % intervals, twice as wide for good measure
        assert width < 0.1 * abs(truth)
    device = load(files["device.toml"])
    assert device.detuning == found["estimates"]["detuning"]["value"]
    saved = Fit.load(files["fit.json"])
    assert saved.device.same(device)
    assert saved.experiments[0].measured.metadata["file"] == "sweep.csv"
    assert all(path.stat().st_size > 1000 for path in files.values())


def test_the_report_is_what_is_printed(sweep: Path) -> None:
    words = ("fit", sweep, "--device", "sigmoid", "--free", "arm-phase", "--no-profile", "--starts", "0")
    result = run(*words)
    assert result.exit_code == 0
    assert result.stdout.startswith("CavityLoadedMZI, frozen heat: 1 number from 50 readings")
    assert "95 % interval (Wald)" in result.stdout


def test_starts_bounds_and_sweeps_of_a_ring(hysteresis: Path) -> None:
    found = printed(
        "fit", hysteresis, "--device", "van-vaerenbergh-2012", "--free", "detuning,carrier_lifetime",
        "--start", "detuning=5.5 hl", "--bound", "carrier-lifetime=1..50 ns", "--no-profile",
    )  # fmt: skip
    assert found["device"] == "RingThrough"
    ring = VAN_VAERENBERGH_2012
    estimates = found["estimates"]
    assert estimates["detuning"]["start"] == pytest.approx(float(ring.detuning(half_linewidths=5.5)))
    assert estimates["ring.carrier_lifetime"]["bounds"] == [1e-9, 50e-9]
    for name, truth in (
        ("detuning", ring.detuning(half_linewidths=6)),
        ("ring.carrier_lifetime", ring.carrier_lifetime),
    ):
        estimate = estimates[name]
        assert abs(estimate["value"] - float(truth)) < 4 * estimate["standard_error"]


def test_several_files_are_fitted_together(sweep: Path) -> None:
    free = "detuning[0],detuning[1],arm_phase"
    found = printed("fit", sweep, sweep, "--device", "sigmoid", "--free", free, "--no-profile", "--starts", 0)
    assert found["readings"] == 100
    one, two = (found["estimates"][f"detuning[{k}]"]["value"] for k in (0, 1))
    assert one == pytest.approx(two, rel=1e-6)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--device", "sigmoyd"), "unknown device 'sigmoyd'"),
        (("--free", "detunning"), "did you mean"),
        (("--start", "detuning"), "--start must be name=value, got 'detuning'"),
        (("--start", "arm_phase=3"), "arm_phase needs a unit"),
        (("--bound", "arm_phase=1 rad"), "--bound must be name=low..high"),
        (("--bound", "arm_phase=2 rad..1 rad"), "bounds of arm_phase must be finite and rising"),
        (("--start", "carrier_lifetime=1 ns"), "unknown free parameter 'carrier_lifetime'"),
        (("--noise", "pink"), "noise must be one of"),
        (("--loss", "l1"), "unknown loss 'l1'"),
        (("--starts", "many"), "starts must be auto or a number"),
        (("--input-loss", "0.5 dBm"), "input_loss must be in"),
        (("--input-loss", "-3 dB"), "input_loss must be >= 1"),
        (("--output-loss", "4"), "output_loss needs a unit: '4 dB', or '4x'"),
        (("--start", "detuning=3 furlongs"), "('-2 GHz') or an angular frequency ('-12.6 Grad/s'), got '3 f"),
        (("--unit", "mW"), "--unit must be name=value"),
        (("--sweep", "sideways"), "sweep must be 'single', 'up' or 'down'"),
        (("--out", "figure.txt"), "saved as .svg, .png or .pdf"),
        (("--corner", "nowhere/figure.png"), "cannot be written"),
        (("--save", "nowhere/fit.json"), "nowhere/fit.json: cannot be written"),
        (("--save-device", "."), "cannot be written (Is a directory)"),
    ],
)
def test_what_cannot_be_fitted_is_said_in_one_line(
    words: tuple[str, ...], message: str, sweep: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert message in refused("fit", sweep, *words)


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    assert "nowhere.csv" in refused("fit", tmp_path / "nowhere.csv")
    (tmp_path / "words.csv").write_text("in [mW],out [mW]\n1,2\n2,x\n")
    assert "words.csv" in refused("measured", "show", tmp_path / "words.csv")
    (tmp_path / "ring.toml").write_text(
        'schema = 1\nkind = "Waveguide"\nloss = 1.0\neffective_area = 1e-13\n'
    )
    assert "Waveguide" in refused("fit", tmp_path / "words.csv", "--device", tmp_path / "ring.toml")


def test_targets_are_checked_before_the_search(
    sweep: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("photonic.fits.fitting.fit", lambda *_, **__: pytest.fail("searched first"))
    refused("fit", sweep, "--save", tmp_path / "nowhere" / "fit.json")
    refused("fit", sweep, "--out", tmp_path / "figure.gif")


# --------------------------------------------------------------------------- spectrum
@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Through port of a ring of 60 µm over three free spectral ranges, in dBm."""
    ring = Ring(
        wavelength=1.55e-6, group_index=4.2, circumference=60e-6, coupling_rate=2e10, scattering_rate=1e10
    )
    wavelength = np.linspace(1.54e-6, 1.57e-6, 9001)
    noise = 1 + 2e-3 * np.random.default_rng(0).standard_normal(9001)
    level = 10 * np.log10(1e-2 * ring.spectrum(wavelength).through * noise)
    path = tmp_path_factory.mktemp("lab") / "scan.csv"
    rows = [f"{1e9 * x:.6f},{y:.5f}" for x, y in zip(wavelength, level, strict=True)]
    path.write_text("wavelength [nm],through [dBm]\n" + "\n".join(rows))
    return path


def test_a_spectrum_becomes_a_ring(scan: Path, tmp_path: Path) -> None:
    figure, lines, saved = (tmp_path / name for name in ("scan.svg", "lines.png", "ring.toml"))
    words = (
        "--circumference",
        "60 um",
        "--at",
        "1550 nm",
        "--regime",
        "over",
        "--out",
        figure,
        "--lines",
        lines,
        "--save-ring",
        saved,
    )
    found = printed("spectrum", scan, *words)
    # Q = ω/(γ_c + γ_i), free spectral range λ²/(n_g L)
    quality = 2 * math.pi * 299792458 / 1.55e-6 / 3e10
    assert found["quality_factor"]["value"] == pytest.approx(quality, rel=0.02)
    assert found["free_spectral_range"]["value"] == pytest.approx(1.55e-6**2 / (4.2 * 60e-6), rel=0.005)
    assert found["group_index"]["value"] == pytest.approx(4.2, rel=0.002)
    ring = load(saved)
    assert ring.coupling_rate == pytest.approx(2e10, rel=0.03)
    assert ring.intrinsic_rate == pytest.approx(1e10, rel=0.03)
    text = figure.read_text(encoding="utf-8")
    assert "wavelength [nm]" in text
    assert "power [dBm]" in text
    assert lines.stat().st_size > 5000
    assert "loaded quality factor" in run("spectrum", scan, "--at", "1550 nm").stdout


def test_spectra_that_cannot_be_fitted(scan: Path, tmp_path: Path) -> None:
    assert "must be one of the channels" in refused("spectrum", scan, "--through", "drop")
    assert "radius must be in" in refused("spectrum", scan, "--radius", "10 GHz")
    assert "cannot be written" in refused("spectrum", scan, "--save-ring", tmp_path / "nowhere" / "ring.toml")
    assert "--regime is for --save-ring" in refused("spectrum", scan, "--regime", "over")
    assert "decimal must be '.' or ','" in refused("spectrum", scan, "--decimal", ";")
    assert "unknown device 'rib-rink'" in refused(
        "spectrum", scan, "--save-ring", tmp_path / "ring.toml", "--like", "rib-rink"
    )


def test_the_report_comes_out_even_if_the_ring_is_not_known(scan: Path, tmp_path: Path) -> None:
    figure = tmp_path / "scan.png"
    words = ("--circumference", "60 um", "--save-ring", tmp_path / "ring.toml", "--out", figure)
    result = run("spectrum", scan, *words)
    assert result.exit_code == 1
    assert "loaded quality factor" in result.stdout
    assert figure.exists()
    assert result.stderr.startswith("error: ")  # no empty line, as an erased progress bar would leave
    assert result.stderr.count("\n") == 1
    assert "ring.toml is not written: regime must be given" in result.stderr
    assert "(--regime, " in result.stderr
    assert not (tmp_path / "ring.toml").exists()


def test_a_saved_ring_can_be_nonlinear(scan: Path, tmp_path: Path) -> None:
    path = tmp_path / "ring.toml"
    words = ("--circumference", "60 um", "--regime", "over", "--save-ring", path)
    assert run("spectrum", scan, *words, "--like", "rib-ring").exit_code == 0
    ring = load(path)
    assert ring.coupling_rate == pytest.approx(2e10, rel=0.03)
    assert ring.carrier_lifetime == RIB_RING.carrier_lifetime
    assert ring.two_photon_absorption == RIB_RING.two_photon_absorption


def test_the_other_command_has_them_too() -> None:
    from nets.cli import all_commands

    words = CliRunner().invoke(all_commands(), ["--help"]).stdout
    assert all(name in words for name in ("measured", "fit", "spectrum"))
    assert "--corner" in CliRunner().invoke(all_commands(), ["fit", "--help"], env={"COLUMNS": "200"}).stdout
