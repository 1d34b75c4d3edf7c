"""Tables of lab files: headers, layouts, MATLAB files."""

import io

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from photonic import DataError
from photonic.lab.headers import header, role, unit, words
from photonic.lab.matlab_files import matlab_variables
from photonic.lab.tables import is_number, listed_rows
from photonic.lab.text_tables import text_table


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("in [mW]", "in", "mW"),
        ("Input power (mW)", "Input power", "mW"),
        ("P_in {dBm}", "P_in", "dBm"),
        ("P_in / mW", "P_in", "mW"),
        ("P_in/mW", "P_in", "mW"),
        ("Input, mW", "Input", "mW"),
        ("Power: dBm", "Power", "dBm"),
        ("power_in_uW", "power_in", "uW"),
        ("P in mW", "P", "mW"),
        ("P_in mW", "P_in", "mW"),
        ("Current (mA)", "Current", "mA"),
        ("power.dbm", "power", "dbm"),
        ("mW", "", "mW"),
        ("Output (bar) [µW]", "Output (bar)", "µW"),
        ("Output [µW] (bar)", "Output (bar)", "µW"),
        ('"T %"', "T", "%"),
        ("P in", "P in", None),
        ("P out (bar)", "P out (bar)", None),
        ("P [mV]", "P", "mV"),
        ("P_in_mW [mW]", "P_in", "mW"),
        ("P_in_mW [dBm]", "P_in", "dBm and mW"),
        ("T W/W", "T", "W/W"),
        ("slope dBm/nm", "slope", "dBm/nm"),
    ],
)
def test_name_and_unit_of_a_header(text, name, said):
    found = header(text)
    assert (found.name, found.unit) == (name, said)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("mW", 3.0, 3e-3),
        ("uW", 3.0, 3e-6),
        ("μW", 3.0, 3e-6),
        ("dBm", -30.0, 1e-6),
        ("0.01 dBm", -3000.0, 1e-6),
        ("dB", -20.0, 0.01),
        ("%", 50.0, 0.5),
        ("1", 0.3, 0.3),
        ("nm", 1550.0, 1.55e-6),
        ("microns", 1.55, 1.55e-6),
        ("THz", 193.1, 193.1e12),
        ("10 mW", 2.0, 0.02),
    ],
)
def test_units(text, value, expected):
    assert float(unit(text).si(value)) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("text", ["MW", "V", "W/W", "mW and dBm", "", "dBW", "0 mW", "-1 mW", "furlong", "s"])
def test_no_units(text):
    assert unit(text) is None


def test_words_of_names():
    assert words("inputPower_1") == ["input", "power", "1"]
    assert words("P_in λ2") == ["p", "in", "λ", "2"]
    assert words("POUT") == ["pout"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("P_in [mW]", "input"),
        ("Laser power [dBm]", "input"),
        ("x [mW]", "input"),
        ("Pin [mW]", "input"),
        ("Pout [mW]", "output"),
        ("detected [µW]", "output"),
        ("through [dBm]", "output"),
        ("laser output [mW]", None),  # the output of the laser is the input of the device
        ("std of out [µW]", "sigma"),
        ("error [µW]", "sigma"),
        ("error", None),
        ("direction", "direction"),
        ("wavelength [nm]", "wavelength"),
        ("position [nm]", "wavelength"),
        ("temperature [K]", None),
    ],
)
def test_part_that_a_column_plays(text, expected):
    assert role(header(text)) == expected


@pytest.mark.parametrize("cell", ["1", "-1.5", "+.5", "1.", "1e-3", "−2.5E+10"])
def test_numbers(cell):
    assert is_number(cell)


@pytest.mark.parametrize("cell", ["", "1,5", "1_0", "nan", "inf", "0x1F", "1 mW", "１", "--1", "1e", "."])
def test_no_numbers(cell):
    assert not is_number(cell)


def test_decimal_commas():
    assert is_number("1,5", ",")
    assert not is_number("1.5", ",")


def test_rows_in_words():
    assert listed_rows([3]) == "row 3"
    assert listed_rows([3, 4, 9]) == "rows 3, 4 and 9"
    assert listed_rows(range(1, 11)) == "rows 1, 2, 3, 4, 5, 6 and 4 more"


def test_rows_are_counted_in_the_file():
    table = text_table(b"# note\n\nStation 3\nin [mW],out [mW]\n1,2\n\n# pause\n3,x\n", "f.csv")
    with pytest.raises(DataError, match=r"^f\.csv: row 8, column 'out \[mW\]': a number is needed, got 'x'$"):
        table.columns[1].numbers()
    assert table.metadata == {"notes": ["note", "Station 3", "pause"]}


def test_rows_above_the_names_are_not_lost():
    text = b"1,2\n3,4\nin [mW],out [mW]\n5,6\n7,8\n"
    with pytest.raises(DataError, match=r"row 3: words below numbers: a header must come first"):
        text_table(text, "f.csv")


VARIABLES = {
    "a": np.arange(5.0),
    "b": np.arange(6, dtype=np.int16).reshape(2, 3),
    "c": np.array([1 + 2j, 3.0]),
    "text": "µW and so on",
    "cell": np.array(["ab", np.arange(3.0)], dtype=object),
    "deep": {"x": 1.5, "inner": {"z": np.eye(2), "t": "name"}},
}


class TestMatlab:
    @staticmethod
    def saved(variables, **arguments):
        file = io.BytesIO()
        savemat(file, variables, **arguments)
        return file.getvalue()

    @pytest.mark.parametrize("compressed", [False, True])
    def test_as_scipy_reads_it(self, compressed):
        raw = self.saved(VARIABLES, do_compression=compressed)
        found = matlab_variables(raw)
        expected = loadmat(io.BytesIO(raw))
        for name in ("a", "b", "c"):
            np.testing.assert_array_equal(found[name], expected[name])
            assert found[name].dtype == expected[name].dtype
        assert found["text"] == expected["text"][0]
        assert found["cell"][0] == "ab"
        np.testing.assert_array_equal(found["cell"][1], [[0.0, 1.0, 2.0]])
        np.testing.assert_array_equal(found["deep"]["inner"]["z"], np.eye(2))
        assert found["deep"]["inner"]["t"] == "name"

    def test_array_of_structures(self):
        rows = np.array([(1.0, "q"), (2.0, "r")], dtype=[("p", object), ("w", object)])
        found = matlab_variables(self.saved({"scans": rows}))["scans"]
        assert [(float(scan["p"][0, 0]), scan["w"]) for scan in found] == [(1.0, "q"), (2.0, "r")]

    def test_big_endian_by_hand(self):
        # One variable "n", a double array [[2.5]], written byte by byte the other way round.
        import struct

        parts = struct.pack(">IIII", 6, 8, 6, 0)  # flags: class 6, double
        parts += struct.pack(">IIii", 5, 8, 1, 1)  # size 1 by 1
        parts += struct.pack(">HH4s", 1, 1, b"n")  # short element: one letter
        parts += struct.pack(">IId", 9, 8, 2.5)
        raw = b"MATLAB 5.0".ljust(124) + b"\x01\x00MI" + struct.pack(">II", 14, len(parts)) + parts
        assert matlab_variables(raw)["n"].tolist() == [[2.5]]

    def test_what_cannot_be_read_is_none(self):
        from scipy.sparse import csc_matrix

        found = matlab_variables(self.saved({"s": csc_matrix(np.eye(3)), "a": np.arange(3.0)}))
        assert found["s"] is None
        assert found["a"].size == 3

    @pytest.mark.parametrize("compressed", [False, True])
    def test_cut_anywhere(self, compressed):
        raw = self.saved({"a": np.arange(5.0), "s": {"x": 1.0}}, do_compression=compressed)
        for end in range(len(raw)):
            try:
                found = set(matlab_variables(raw[:end]))
            except ValueError:
                continue
            assert found < {"a", "s"}  # a cut between variables cannot be seen
