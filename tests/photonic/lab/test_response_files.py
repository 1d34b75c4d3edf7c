"""Answers in time from files: what is read, and what is refused by row and column."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from photonic import read_response
from photonic.errors import DataError, DataWarning, ParameterError

ROWS = ["0,0.1,20", "1,0.1,21", "2,0.9,410", "4,0.9,520"]


def written(folder: Path, head: str, rows: list[str] = ROWS) -> Path:
    path = folder / "step.csv"
    path.write_text("\n".join([head, *rows]) + "\n", encoding="utf-8")
    return path


def test_times_and_powers_come_in_si(tmp_path: Path) -> None:
    read = read_response(written(tmp_path, "time [ns],in [mW],out [uW]"), bandwidth=5e9, held=True)
    assert read.times == pytest.approx([0.0, 1e-9, 2e-9, 4e-9])
    assert read.power_in == pytest.approx([1e-4, 1e-4, 9e-4, 9e-4])
    assert read.power_out == pytest.approx([2e-5, 2.1e-5, 4.1e-4, 5.2e-4])
    assert read.bandwidth == 5e9
    assert read.metadata["columns"] == ["time [ns]", "in [mW]", "out [uW]"]


def test_levels_traces_and_deviations(tmp_path: Path) -> None:
    rows = ["-10;-10,0;1,0;3,0;0,1", "0;-10,0;1,0;3,0;0,1", "10;0,0;5,0;7,0;0,2"]
    head = "t [ps];laser [dBm];out 1 [mW];out 2 [mW];sigma [mW]"
    read = read_response(written(tmp_path, head, rows), held=True)
    assert read.times == pytest.approx([-1e-11, 0.0, 1e-11])
    assert read.power_in == pytest.approx([1e-4, 1e-4, 1e-3])  # −10 dBm, 0 dBm
    assert read.power_out == pytest.approx([2e-3, 2e-3, 6e-3])
    assert read.repeats.tolist() == [2, 2, 2]
    assert read.standard_error == pytest.approx(np.array([1e-4, 1e-4, 2e-4]) / 2**0.5)


def test_what_the_header_leaves_open_may_be_said(tmp_path: Path) -> None:
    path = written(tmp_path, "time,a,b")
    with pytest.raises(DataError, match=r"step.csv: column 'time': the unit is missing.*time_unit='ns'"):
        read_response(path, input="a", output="b", units={"*": "mW"})
    read = read_response(path, input="a", output="b", units={"a": "mW", "b": "µW"}, time_unit="ns", held=True)
    assert read.times[-1] == pytest.approx(4e-9)
    assert read.power_out[-1] == pytest.approx(5.2e-4)


@pytest.mark.parametrize(
    ("head", "rows", "words"),
    [
        ("power [mW],in [mW],out [mW]", ROWS, "no column is the time by name"),
        ("time [ns],time [s],out [mW]", ROWS, "several columns are the time"),
        ("time [mW],in [mW],out [mW]", ROWS, "column 'time \\[mW\\]': 'mW' is no unit of time"),
        ("time [ns],in [mW],out", ROWS, "column 'out': the unit is missing"),
        (
            "time [ns],in [mW],out [mW]",
            [*ROWS, "3,0.9,1"],
            "row 6, column 'time \\[ns\\]': times must rise, got 3 after 4 ns",
        ),
        (
            "time [ns],in [mW],out [mW]",
            [*ROWS[:3], "4,-0.9,1"],
            "row 5, column 'in \\[mW\\]': negative powers, -0.9 mW",
        ),
        (
            "time [ns],in [mW],out [mW]",
            [*ROWS[:3], "4,x,1"],
            "row 5, column 'in \\[mW\\]': a number is needed",
        ),
        (
            "time [ns],in [mW],out [mW],sigma [dBm]",
            [r + ",1" for r in ROWS],
            "a standard deviation is needed in W",
        ),
    ],
)
def test_what_is_refused(tmp_path: Path, head: str, rows: list[str], words: str) -> None:
    with pytest.raises(DataError, match=words):
        read_response(written(tmp_path, head, rows))


def test_a_wrong_bandwidth_is_no_fault_of_the_file(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"bandwidth must .*gigahertz"):
        read_response(written(tmp_path, "time [ns],in [mW],out [uW]"), bandwidth=20, held=True)


def test_an_input_that_leaps_is_told_or_held(tmp_path: Path) -> None:
    path = written(tmp_path, "time [ns],in [mW],out [uW]")
    with pytest.warns(DataWarning, match=r"leaps between two samples, at 1 ns to 2 ns.*held=True"):
        sloped = read_response(path)
    assert sloped.drive([1.5e-9]) == pytest.approx([4e-4])  # √P halfway between 10 and 30 √µW
    held = read_response(path, held=True)
    assert held.power_in == pytest.approx([1e-4, 1e-4, 9e-4, 9e-4])
    assert held.drive([1.49e-9, 1.51e-9]) == pytest.approx([1e-4, 9e-4])


@pytest.mark.parametrize(
    "head", ["Time (ns),CH1 in (mW),CH2 out (mW)", "t_ns,in [mW],out [mW]", "Zeit/ns,ein [mW],aus [mW]"]
)
def test_spellings_of_the_unit_of_time(tmp_path: Path, head: str) -> None:
    path = tmp_path / "step.csv"
    path.write_text(head + "\n0,0.5,0.1\n1,0.6,0.2\n2,0.7,0.3\n3,0.8,0.4\n", encoding="utf-8")
    read = read_response(path)
    assert read.times == pytest.approx([0, 1e-9, 2e-9, 3e-9])
    assert read.power_out == pytest.approx([1e-4, 2e-4, 3e-4, 4e-4])
