"""A comparison that is stopped and goes on gives the same numbers."""

import json

import pytest

from nets import folders, tasks
from nets.comparison import compare
from photonic.errors import DataError, ParameterError

DIGITS = tasks.load("digits").subset(600)
SETTINGS = {"hidden": (8,), "seeds": 2, "epochs": 4, "learning_rates": [2e-3, 5e-3], "workers": 2}
SPECS = ["relu", "photonic:softplus"]


class Stop(Exception):
    pass


@pytest.mark.parametrize("after", [1, 5, 11, 17])
def test_a_stopped_comparison_goes_on_with_the_same_numbers(tmp_path, after):
    whole = compare(DIGITS, SPECS, **SETTINGS).to_json()

    def stop(done, total, text):
        if done >= after:
            raise Stop

    with pytest.raises(Stop):
        compare(DIGITS, SPECS, folder=tmp_path / "kept", progress=stop, **SETTINGS)
    resumed = compare(DIGITS, SPECS, folder=tmp_path / "kept", resume=True, **SETTINGS)
    assert resumed.to_json() == whole
    assert not list((tmp_path / "kept" / "runs").glob("*.npz"))  # nothing is left under way


def test_finished_runs_are_not_trained_again(tmp_path):
    compare(DIGITS, SPECS, folder=tmp_path / "kept", **SETTINGS)
    seen = []
    compare(
        DIGITS,
        SPECS,
        folder=tmp_path / "kept",
        resume=True,
        progress=lambda *a: seen.append(a[2]),
        **SETTINGS,
    )
    assert all("%" not in text for text in seen)  # an accuracy is only told by a run that trains


def test_finished_runs_are_not_overwritten(tmp_path):
    compare(DIGITS, SPECS, folder=tmp_path / "kept", **SETTINGS)
    with pytest.raises(ParameterError, match="holds finished runs"):
        compare(DIGITS, SPECS, folder=tmp_path / "kept", **SETTINGS)


def test_other_settings_do_not_mix(tmp_path):
    compare(DIGITS, SPECS, folder=tmp_path / "kept", **SETTINGS)
    with pytest.raises(ParameterError, match="was made with epochs 4"):
        compare(
            DIGITS,
            SPECS,
            folder=tmp_path / "kept",
            resume=True,
            **{**SETTINGS, "epochs": 5, "learning_rates": [5e-3]},
        )


def test_a_damaged_run_is_named(tmp_path):
    compare(DIGITS, SPECS, folder=tmp_path / "kept", **SETTINGS)
    damaged = next((tmp_path / "kept" / "runs").glob("relu-seed-*.json"))
    damaged.write_text("{", encoding="utf-8")
    with pytest.raises(DataError, match=damaged.name):
        compare(DIGITS, SPECS, folder=tmp_path / "kept", resume=True, **SETTINGS)


def test_foreign_folders_are_refused(tmp_path):
    (tmp_path / "mine.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(ParameterError, match="not made by this program"):
        folders.claim(tmp_path, "comparison")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["mine.txt"]


def test_folders_of_another_kind_are_refused(tmp_path):
    folders.claim(tmp_path / "a", "demonstration")
    with pytest.raises(ParameterError, match="demonstration"):
        folders.claim(tmp_path / "a", "comparison")


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(DataError, match="file"):
        folders.claim(tmp_path / "file" / "below", "comparison")


def test_report_of_a_comparison(tmp_path):
    result = compare(DIGITS, [*SPECS, "linear"], **SETTINGS)
    report = result.report(tmp_path / "out")
    text = report.read_text(encoding="utf-8")
    assert json.loads((tmp_path / "out" / "results.json").read_text(encoding="utf-8"))["task"] == "digits"
    for word in ("Accuracy", "Training curves", "What the network sees", "photonic:softplus", "<svg"):
        assert word in text
