"""Fits as files: every number comes back bit by bit, and a damaged file is named with its key."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from photonic import presets
from photonic.devices import RingThrough
from photonic.drive import Drive
from photonic.errors import DataError, ParameterError
from photonic.fits.experiments import Experiment
from photonic.fits.fit_files import as_dict, read
from photonic.fits.fitted import Fit
from photonic.fits.fitting import fit
from photonic.fits.json_values import document, metadata_values, nulled, read_metadata, spelled
from photonic.fits.measurement_records import experiment, experiment_record
from photonic.lab.measured import Measured
from photonic.lab.measured_spectrum import MeasuredSpectrum
from photonic.lab.planes import ReferencePlane
from photonic.lab.port_spectra import PortSpectrum
from photonic.lab.responses import MeasuredResponse
from photonic.parameters import VAN_VAERENBERGH_2012
from photonic.storage import dumps
from photonic.waveguide import Waveguide

DEVICE = presets.SIGMOID
GUIDE = Waveguide(loss=1.0, effective_area=1e-13)
POWER = np.linspace(5e-6, 0.2e-3, 60)


def two_curves() -> Fit:
    """Two detunings, noise known, everything held by the data."""
    rng = np.random.default_rng(3)
    shift = 0.3 * float(DEVICE.ring.linewidth)
    moved = dataclasses.replace(DEVICE, detuning=DEVICE.detuning - shift)
    noise = rng.standard_normal((2, 60)) * [[2e-7], [1e-7]]
    one, two = (d.transfer(POWER) + e for d, e in zip((DEVICE, moved), noise, strict=True))
    metadata = {"laser": "1550 nm", "odd": math.nan, "list": [1, math.inf, None, {"deep": True}]}
    plane = ReferencePlane(input_loss=2.0, output_loss=1.5, tap_ratio=0.1)
    first = Measured(POWER / plane.input_factor, one / plane.output_factor, 2e-7 / 1.5, metadata)
    given = [
        Experiment(first.at_device(plane), at={"dark": 1e-9}),
        Experiment(Measured(POWER, two, 2e-7, repeats=np.full(60, 4)), shift={"detuning": -shift}),
    ]
    return fit(DEVICE, given, ["detuning", "arm_phase"], bounds={"arm_phase": (1.0, 3.0)}, starts=2)


def degenerate() -> Fit:
    """Up and down on a bistable ring, two numbers that undo each other."""
    ring = VAN_VAERENBERGH_2012.with_effects(heating=False)
    device = RingThrough(ring, ring.detuning(half_linewidths=6))
    up = np.linspace(2e-5, 1e-3, 40)
    out = np.r_[device.transfer(up, sweep="up"), device.transfer(up[::-1], sweep="down")]
    noise = 1e-7 * np.random.default_rng(0).standard_normal(80)
    data = Measured(np.r_[up, up[::-1]], out + noise, direction=np.repeat([1, -1], 40))
    free = ["carrier_lifetime", "index_per_carrier", "free_carrier_cross_section"]
    return fit(device, data, free, starts=0)


def equal(one: Any, other: Any) -> bool:
    """Bit by bit, NaN equal to NaN, arrays and dataclasses through and through."""
    if dataclasses.is_dataclass(one):
        if hasattr(one, "same"):
            return bool(one.same(other))
        return type(one) is type(other) and all(
            equal(getattr(one, f.name), getattr(other, f.name)) for f in dataclasses.fields(one)
        )
    if isinstance(one, Drive):
        return equal(vars(one), vars(other))
    if isinstance(one, dict):
        return (
            isinstance(other, dict) and list(one) == list(other) and all(equal(one[k], other[k]) for k in one)
        )
    if isinstance(one, list | tuple):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and one.shape == other.shape and one.tobytes() == other.tobytes()
    if isinstance(one, float) and math.isnan(one):
        return math.isnan(other)
    return type(one) is type(other) and one == other


@pytest.fixture(scope="module", params=[two_curves, degenerate])
def found(request: pytest.FixtureRequest) -> Fit:
    return request.param()  # type: ignore[no-any-return]


def test_a_fit_comes_back_as_it_was(found: Fit, tmp_path: Path) -> None:
    found.save(tmp_path / "fit.json")
    again = Fit.load(tmp_path / "fit.json")
    for f in dataclasses.fields(Fit):
        assert equal(getattr(found, f.name), getattr(again, f.name)), f.name
    assert again.conditions == found.conditions
    assert [p.name for p in tmp_path.iterdir()] == ["fit.json"]
    again.save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "fit.json").read_bytes()


def test_its_problem_can_be_solved_again(found: Fit, tmp_path: Path) -> None:
    found.save(tmp_path / "fit.json")
    problem, inner = Fit.load(tmp_path / "fit.json").problem()
    assert problem.residuals(inner) == pytest.approx(found.weighted_residuals, rel=1e-6, abs=1e-9)


def test_files_and_dictionaries_are_strict_json(found: Fit, tmp_path: Path) -> None:
    def refused(text: str) -> None:
        raise AssertionError(text)

    found.save(tmp_path / "fit.json")
    stored = json.loads((tmp_path / "fit.json").read_text(encoding="utf-8"), parse_constant=refused)
    assert stored["schema"] == 1
    shown = as_dict(found)
    assert json.loads(json.dumps(shown, allow_nan=False)) == shown
    assert shown["readings"] == sum(len(e.measured) for e in found.experiments)
    assert "power_out" not in json.dumps(shown)


def test_what_the_data_do_not_hold_has_no_number() -> None:
    shown = as_dict(degenerate())
    assert shown["unidentifiable"][0]["kind"] == "exact"
    assert shown["estimates"]["ring.carrier_lifetime"]["standard_error"] is None


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("fit") / "fit.json"
    two_curves().save(path)
    return json.loads(path.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


def _set(place: str, value: Any) -> Callable[[dict[str, Any]], None]:
    """A change of what stands at a dotted place."""

    def change(document: Any) -> None:
        *path, last = (int(p) if p.isdigit() else p for p in place.split("."))
        for part in path:
            document = document[part]
        if value is ...:
            del document[last]
        else:
            document[last] = value

    return change


WRONG = {
    "schema": (_set("schema", 2), "schema must be 1"),
    "kind": (_set("kind", "Ring"), "kind 'Fit'"),
    "key gone": (_set("estimates.detuning.value", ...), r"estimates\.detuning\.value: is missing"),
    "text for a number": (_set("seed", "zero"), r"seed: must be a whole number, got 'zero'"),
    "flag for a number": (_set("estimates.detuning.start", True), r"detuning\.start: must be a number"),
    "null": (_set("sigma", None), "sigma: must be 120 numbers, got None"),
    "too short": (_set("residuals", [1.0, 2.0]), r"residuals: must be 120 numbers"),
    "ragged": (_set("correlation", [[1.0, 0.0], [1.0]]), r"correlation: must be 2 × 2 numbers"),
    "no object": (_set("diagnostics", []), "diagnostics must be an object"),
    "no list": (_set("experiments", {}), "experiments: must be a list"),
    "empty": (_set("experiments", []), "experiments: must not be empty"),
    "unknown loss": (_set("loss", "squares"), "unknown loss 'squares'"),
    "unknown noise": (_set("noise", ["sigma", "pink"]), "unknown noise 'pink'"),
    "noise of one": (_set("noise", ["sigma"]), "noise: must name 2 models, got 1"),
    "unknown kind": (_set("experiments.1.kind", "Measure"), r"experiments\[1\]\.kind: unknown measurement"),
    "negative power": (_set("experiments.0.measured.power_in.0", -1.0), r"\[0\]\.measured: power_in"),
    "half a point": (_set("experiments.0.measured.repeats.0", 1.5), r"repeats: must be whole numbers"),
    "plane": (_set("experiments.0.measured.plane.input_loss", 0.5), "plane: input_loss must be >= 1"),
    "device": (_set("device", "schema = 1"), "fit.json: device: kind: unknown kind"),
    "ring for device": (_set("guess", dumps(GUIDE)), "guess: must be a device"),
    "outliers": (_set("diagnostics.outliers", [1.5]), r"diagnostics\.outliers: must be whole numbers"),
    "huge": (_set("diagnostics.outliers", [10**400]), r"diagnostics\.outliers: must be whole numbers"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_file_is_named_with_its_key(case: str, stored: dict[str, Any], tmp_path: Path) -> None:
    change, message = WRONG[case]
    document = json.loads(json.dumps(stored))
    change(document)
    path = tmp_path / "fit.json"
    path.write_text(json.dumps(document), encoding="utf-8")
    with pytest.raises(DataError, match=message) as caught:
        read(path)
    assert str(caught.value).startswith(str(path))


def test_files_that_are_no_json(stored: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "fit.json"
    with pytest.raises(DataError, match="cannot be read: No such file"):
        Fit.load(path)
    whole = json.dumps(stored)
    for text in (whole[: len(whole) // 2], "", "detuning = 1"):
        path.write_text(text, encoding="utf-8")
        with pytest.raises(DataError, match="not a JSON file"):
            Fit.load(path)
    path.write_text("[1, 2]", encoding="utf-8")
    with pytest.raises(DataError, match="must be an object"):
        Fit.load(path)
    path.write_bytes(b"\xff\xfe{}")
    with pytest.raises(DataError, match="not a JSON file"):
        Fit.load(path)


def test_a_failed_save_leaves_the_old_file(tmp_path: Path) -> None:
    found = two_curves()
    found.save(tmp_path / "fit.json")
    before = (tmp_path / "fit.json").read_bytes()
    measured = dataclasses.replace(found.experiments[0].measured, metadata={"date": object()})
    broken = dataclasses.replace(found, experiments=(Experiment(measured), found.experiments[1]))
    with pytest.raises(ParameterError, match=r"metadata\['date'\] must be of a JSON type"):
        broken.save(tmp_path / "fit.json")
    assert (tmp_path / "fit.json").read_bytes() == before
    with pytest.raises(DataError, match="cannot be written"):
        found.save(tmp_path / "nowhere" / "fit.json")


def test_numbers_that_json_has_none_for() -> None:
    assert spelled([math.inf, -math.inf, np.float64("nan"), np.int64(3)]) == ["inf", "-inf", "nan", 3]
    assert nulled({"a": (math.inf, 1.5)}) == {"a": [None, 1.5]}
    assert read_metadata(metadata_values({"a": "nan", "b": -math.inf}, "metadata")) == {
        "a": "nan",
        "b": -math.inf,
    }
    with pytest.raises(ParameterError, match="must have text for its keys"):
        metadata_values({1: "a"}, "metadata")


STEP = Drive.held([-1e-9, 0.0, 3e-9], [0.1e-3, 1e-3])
OTHERS: dict[str, Any] = {
    "spectrum": MeasuredSpectrum(
        [1.54e-6, 1.55e-6], [[0.1, 0.2], [0.3, 1 / 3]], ("a", "b"), {"T": 20.5}, True
    ),
    "port": PortSpectrum([1.54e-6, 1.55e-6], [1 / 3, 0.1], 1e-3, {"n": 1}, 4, "through", relative=True),
    "port in watts": PortSpectrum([1.54e-6, 1.55e-6], [1e-4 / 3, 1e-5], laser_power=1e-4),
    "response": MeasuredResponse([-1e-9, 0, 1e-9, 2e-9], STEP, [2e-5, 2e-5, 7e-4, 8e-4], bandwidth=20e9),
    "response down": MeasuredResponse([0.0, 1e-9], 1e-3 / 3, [2e-5, 1e-5], 1e-7, {}, 16, initial="down"),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_measurements_are_kept_as_well(name: str, tmp_path: Path) -> None:
    given = Experiment(OTHERS[name], at={"arm_phase": 0.1}, shift={"detuning": -1e9})
    (tmp_path / "one.json").write_text(json.dumps(experiment_record(given), allow_nan=False))
    assert equal(experiment(document(tmp_path / "one.json")), given)


def test_a_damaged_drive_is_named(tmp_path: Path) -> None:
    record = experiment_record(Experiment(OTHERS["response"]))
    record["measured"]["drive"]["breaks"].reverse()
    (tmp_path / "one.json").write_text(json.dumps(record))
    with pytest.raises(DataError, match=r"one\.json: measured\.drive: "):
        experiment(document(tmp_path / "one.json"))


def test_a_joint_fit_comes_back(tmp_path: Path) -> None:
    ring = VAN_VAERENBERGH_2012.with_effects(heating=False)
    device, power = RingThrough(ring, ring.detuning(half_linewidths=-1)), np.linspace(1e-5, 1e-3, 40)
    rng = np.random.default_rng(2)
    curve = Measured(power, device.transfer(power) + 1e-7 * rng.standard_normal(40), 1e-7)
    wavelength = float(ring.wavelength) + np.linspace(-60e-12, 60e-12, 61)
    # a Lorentzian dip: 1 − γ_c γ_i/((γ/2)² + δ²)
    offset = 2 * math.pi * 299792458 * (1 / wavelength - 1 / float(ring.wavelength))
    loss = float(ring.linewidth - ring.coupling_rate)
    dip = 1 - float(ring.coupling_rate) * loss / ((float(ring.linewidth) / 2) ** 2 + offset**2)
    noise = 1e-3 * rng.standard_normal(61)
    spectrum = PortSpectrum(wavelength, dip + noise, 1e-3, port="through", relative=True)
    found = fit(device, [curve, spectrum], ["detuning", "coupling_rate"], starts=0, intervals="wald")
    found.save(tmp_path / "fit.json")
    again = Fit.load(tmp_path / "fit.json")
    for f in dataclasses.fields(Fit):
        assert equal(getattr(found, f.name), getattr(again, f.name)), f.name
    assert "1 power curve, 1 spectrum" in again.report().splitlines()[0]
    assert "experiment 1: as given with the data: 0.001 a point" in again.report()


def test_what_cannot_be_saved_is_refused() -> None:
    @dataclasses.dataclass
    class Other:
        power_in: float = 0.0

    with pytest.raises(ParameterError, match="cannot save a Other"):
        experiment_record(Experiment(Other()))
