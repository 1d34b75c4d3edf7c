"""Reading power curves: one measurement, written the many ways that laboratories write it."""

import json
import warnings

import numpy as np
import pytest

from photonic import DataError, DataWarning, ParameterError, read_curve
from photonic.lab.planes import ReferencePlane

# The measurement [W]: round numbers, so that every text below can be checked by eye.
POWER_IN = np.array([0.1e-3, 0.2e-3, 0.3e-3, 0.4e-3, 0.5e-3])
POWER_OUT = np.array([10e-6, 20e-6, 60e-6, 110e-6, 150e-6])

TEXTS = {
    "brackets": "in [mW],out [µW]\n0.1,10\n0.2,20\n0.3,60\n0.4,110\n0.5,150\n",
    "round brackets, tabs": "P_in (mW)\tP_out (mW)\n0.1\t0.01\n0.2\t0.02\n0.3\t0.06\n0.4\t0.11\n0.5\t0.15\n",
    "suffixes": "power_in_uW;power_out_nW\n100;10000\n200;20000\n300;60000\n400;110000\n500;150000\n",
    "behind a slash": "P_in / mW;P_out / µW\n0.1;10\n0.2;20\n0.3;60\n0.4;110\n0.5;150\n",
    "behind a comma": '"Input, mW","Output, uW"\n"0.1","10"\n"0.2","20"\n0.3,60\n"0.4","110"\n"0.5","150"\n',
    "spaces": "  P in [mW]   P out [uW]\n  0.1   10\n  0.2   20\n  0.3   60\n  0.4   110\n  0.5   150\n",
    "row of units": "Input,Output\nmW,µW\n0.1,10\n0.2,20\n0.3,60\n0.4,110\n0.5,150\n",
    "row of units in brackets": (
        "Laser\tDetector\n[W]\t[W]\n1e-4\t1e-5\n2e-4\t2e-5\n3E-4\t6e-5\n4e-4\t1.1e-4\n.0005\t15e-5"
    ),
    "decimal commas": "in [mW];out [µW]\n0,1;10\n0,2;20\n0,3;60\n0,4;110\n0,5;150\n",
    "decimal commas in quotes": (
        '"in [mW]","out [µW]"\n"0,1","10,0"\n"0,2","20,0"\n"0,3","60,0"\n"0,4","110,0"\n"0,5","150,0"'
    ),
    "decimal commas, tabs": (
        '"in [mW]"\t"out [µW]"\n"0,1"\t"10"\n"0,2"\t"20"\n"0,3"\t"60"\n"0,4"\t"110"\n"0,5"\t"150"\n'
    ),
    "rows are quantities": "Input power [mW];0.1;0.2;0.3;0.4;0.5\nOutput power [µW];10;20;60;110;150\n",
    "rows, unit in a cell": "Date;2024-11-02\nInput;mW;0,1;0,2;0,3;0,4;0,5\nOutput;µW;10;20;60;110;150;;\n",
    "NumPy": "# Laser: 1550 nm\n# in [mW],out [uW]\n1.0e-01,10\n2.0e-01,20\n3.0e-01,60\n4e-1,110\n5e-1,150\n",
    "Excel": (
        "sep=;\r\nin [mW];out [µW];;\r\n0.1;10;;\r\n0.2;20;;\r\n0.3;60;;\r\n0.4;110;;\r\n0.5;150\r\n;;;\r\n"
    ),
    "preamble": (
        "Agilent 8164B\nDate:,2024-11-02\nAverages,3\nLaser power: 0 dBm\n\n[DATA]\n"
        "launched (mW),received (uW),T (K)\n0.1,10,293\n0.2,20,293\n0.3,60,293\n0.4,110,294\n0.5,150,294\n"
    ),
    "output first": "Pout [µW],Pin [mW]\n10,0.1\n20,0.2\n60,0.3\n110,0.4\n150,0.5\n",
    "times": (
        "time,in [mW],out [µW]\n2024-11-02 10:00:01,0.1,10\n2024-11-02 10:00:02,0.2,20\n"
        "2024-11-02 10:00:03,0.3,60\n2024-11-02 10:00:04,0.4,110\n2024-11-02 10:00:05,0.5,150\n"
    ),
}


@pytest.fixture
def written(tmp_path):
    """Function that writes text or bytes to a file."""

    def write(content, name="sweep.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_same_measurement_in_every_style(written, text):
    data = read_curve(written(text))
    np.testing.assert_allclose(data.power_in, POWER_IN, rtol=1e-14)
    np.testing.assert_allclose(data.power_out, POWER_OUT, rtol=1e-14)
    assert data.sweeps == ("single",)
    assert data.sigma is None


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "latin-1", "cp1252"]
)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(written, encoding, end):
    data = read_curve(written(TEXTS["brackets"].replace("\n", end), encoding=encoding))
    np.testing.assert_allclose(data.power_out, POWER_OUT, rtol=1e-14)


def test_both_signs_for_micro_are_one(written):
    greek = TEXTS["brackets"].replace("\u00b5", "\u03bc")
    np.testing.assert_allclose(read_curve(written(greek)).power_out, POWER_OUT, rtol=1e-14)


def test_levels_in_dbm(written):
    data = read_curve(written("laser [dBm];detector (dBm)\n-20;-30,5\n-10;-20\n0;-10\n3;-3,0103\n"))
    assert data.power_in == pytest.approx([1e-5, 1e-4, 1e-3, 1.99526e-3], rel=1e-5)  # 10^(x/10) mW, by hand
    assert data.power_out == pytest.approx([10**-3.05 * 1e-3, 1e-5, 1e-4, 0.5e-3], rel=1e-5)


def test_words_of_the_file_stay_with_the_data(written):
    data = read_curve(written(TEXTS["preamble"]))
    assert data.metadata["Laser power"] == "0 dBm"
    assert data.metadata["Averages"] == "3"
    assert data.metadata["Date"] == "2024-11-02"
    assert data.metadata["notes"] == ["Agilent 8164B", "[DATA]"]
    assert data.metadata["file"] == "sweep.csv"
    assert data.metadata["columns"] == {"input": "launched (mW)", "output": ["received (uW)"]}
    assert data.metadata["columns not used"] == ["T (K)"]
    assert json.loads(json.dumps(data.metadata)) == data.metadata


def test_words_that_clash_with_ours_are_renamed(written):
    data = read_curve(written("# file: old.csv\n" + TEXTS["brackets"]))
    assert data.metadata["file"] == "sweep.csv"
    assert data.metadata["file (in the file)"] == "old.csv"


@pytest.mark.parametrize(
    ("header", "arguments"),
    [
        ("P in,P out", {"units": {"P in": "mW", "P out": "uW"}}),
        ("P in [mW],P out", {"units": {"*": "µW"}}),
        ("a [mW],b [µW]", {"input": "a", "output": "b"}),
        ("A [mW],B [µW]", {"input": "a [mw]", "output": "B"}),
        ("a,b", {"input": "a", "output": "b", "units": {"a": "0.001 W", "b": "0.001 mW"}}),
        ("in [W],out [W]", {"units": {"in": "mW", "out": "µW"}}),
        ("power [mW],power out [µW]", {}),
        ("Input power in mW,Output power in µW", {}),
        ("P in mW,P out in µW", {}),
    ],
)
def test_arguments_say_what_headers_do_not(written, header, arguments):
    data = read_curve(written(TEXTS["brackets"].replace("in [mW],out [µW]", header)), **arguments)
    np.testing.assert_allclose(data.power_in, POWER_IN, rtol=1e-14)
    np.testing.assert_allclose(data.power_out, POWER_OUT, rtol=1e-14)


def test_columns_of_other_things_are_left_out(written):
    text = (
        "Laser current (mA),in [mW],detector [V],out [µW]\n5,0.1,1,10\n6,0.2,2,20\n7,0.3,3,60\n8,0.4,4,110\n"
    )
    data = read_curve(written(text))
    np.testing.assert_allclose(data.power_out, POWER_OUT[:4], rtol=1e-14)
    assert data.metadata["columns not used"] == ["Laser current (mA)", "detector [V]"]


def test_table_without_headers(written):
    names = {"column 1": "mW", "column 2": "µW"}
    path = written("0.1,10\n0.2,20\n0.3,60\n0.4,110\n0.5,150\n")
    data = read_curve(path, units=names, input="column 1", output="column 2")
    np.testing.assert_allclose(data.power_out, POWER_OUT, rtol=1e-14)


def test_decimal_mark_said_where_it_cannot_be_seen(written):
    path = written("in [W];out [mW]\n1,001;1,500\n1,002;1,510\n1,003;1,520\n1,004;1,530\n")
    with pytest.raises(DataError, match=r"'1,001' may have a decimal comma or be in thousands: say decimal"):
        read_curve(path)
    with pytest.warns() as said:  # more than 1 W
        data = read_curve(path, decimal=",")
    assert {w.category.__name__ for w in said} == {"DataWarning", "OutsideValidityWarning"}
    assert data.power_in[0] == pytest.approx(1.001)


def test_delimiter_said_where_it_cannot_be_seen(written):
    path = written("0,1\n0,2\n0,3\n0,4\n", "in_mW.csv")
    with pytest.raises(
        DataError, match=r"row 4: '0,4' can be read with ',' between cells .* and with one column"
    ):
        read_curve(path)
    other = written("out [mW]\n0,1\n0,2\n0,2\n0,3\n", "out.csv")
    assert read_curve(path, other, decimal=",").power_in == pytest.approx(np.arange(1, 5) * 1e-4)


class TestTwoFiles:
    def test_row_by_row(self, written):
        x = written("P [mW]\n0,1\n0,2\n0,3\n0,4\n0,5\n", "x.csv")
        y = written("# gain: 2\nPower (µW)\n10\n20\n60\n110\n150\n", "y.csv")
        data = read_curve(x, y)
        np.testing.assert_allclose(data.power_in, POWER_IN, rtol=1e-14)
        np.testing.assert_allclose(data.power_out, POWER_OUT, rtol=1e-14)
        assert data.metadata["file"] == "x.csv and y.csv"
        assert data.metadata["gain"] == "2"

    def test_units_in_file_names(self, written):
        x = written("0.1\n0.2\n0.3\n0.4\n0.5\n", "input_mW.txt")
        y = written("10\n20\n60\n110\n150\n", "output_uW.txt")
        np.testing.assert_allclose(read_curve(x, y).power_out, POWER_OUT, rtol=1e-14)

    def test_by_index(self, written):
        x = written("index,P [mW]\n1,0.1\n2,0.2\n3,0.3\n4,0.4\n5,0.5\n", "x.csv")
        y = written("index,P [µW]\n5,150\n3,60\n1,10\n2,20\n4,110\n", "y.csv")
        np.testing.assert_allclose(read_curve(x, y).power_out, POWER_OUT, rtol=1e-14)

    @pytest.mark.parametrize(
        ("second", "message"),
        [
            (
                "index,P [µW]\n1,10\n2,20\n3,60\n4,110\n6,150\n",
                r"y\.csv: column 'index': not the index of .*: 5, 6",
            ),
            (
                "index,P [µW]\n1,10\n2,20\n3,60\n4,110\n4,150\n",
                r"y\.csv: column 'index': an index that holds a value twice",
            ),
            ("P [µW]\n10\n20\n60\n110\n", r"y\.csv: 4 rows, but 5 in"),
            ("P in [µW]\n10\n20\n60\n110\n150\n", r"several columns may be the input power"),
        ],
    )
    def test_that_do_not_belong_together(self, written, second, message):
        x = written("index,P [mW]\n1,0.1\n2,0.2\n3,0.3\n4,0.4\n5,0.5\n", "x.csv")
        with pytest.raises(DataError, match=message):
            read_curve(x, written(second, "y.csv"))


class TestArrays:
    @pytest.mark.parametrize("name", ["sweep.npz", "sweep.mat"])
    def test_units_in_names(self, tmp_path, name):
        self.save(
            tmp_path / name, power_in_mW=POWER_IN * 1e3, P_out_dBm=10 * np.log10(POWER_OUT * 1e3), laser="A"
        )
        data = read_curve(tmp_path / name)
        np.testing.assert_allclose(data.power_in, POWER_IN, rtol=1e-12)
        np.testing.assert_allclose(data.power_out, POWER_OUT, rtol=1e-12)
        assert data.metadata["laser"] == "A"

    @pytest.mark.parametrize("name", ["sweep.npz", "sweep.mat"])
    def test_units_beside(self, tmp_path, name):
        self.save(
            tmp_path / name, P_in=POWER_IN * 1e3, P_out=POWER_OUT * 1e6, P_in_unit="mW", P_out_unit="µW"
        )
        np.testing.assert_allclose(read_curve(tmp_path / name).power_out, POWER_OUT, rtol=1e-12)

    def test_structure(self, tmp_path):
        sweep = {"input": POWER_IN * 1e3, "output": POWER_OUT * 1e6, "units": {"input": "mW", "output": "µW"}}
        self.save(tmp_path / "s.mat", sweep=sweep)
        data = read_curve(tmp_path / "s.mat")
        np.testing.assert_allclose(data.power_in, POWER_IN, rtol=1e-12)

    def test_array_of_repeats(self, tmp_path):
        repeats = POWER_OUT[:, None] * 1e6 + np.array([-1.0, 0.0, 1.0])
        self.save(tmp_path / "s.npz", input_mW=POWER_IN * 1e3, output_uW=repeats)
        data = read_curve(tmp_path / "s.npz")
        np.testing.assert_allclose(data.power_out, POWER_OUT, rtol=1e-12)
        assert data.repeats.tolist() == [3] * 5

    def test_plain_array(self, tmp_path):
        np.save(tmp_path / "s.npy", np.stack([POWER_IN, POWER_OUT], axis=1))
        data = read_curve(tmp_path / "s.npy", input="column 1", output="column 2", units={"*": "W"})
        np.testing.assert_array_equal(data.power_out, POWER_OUT)

    def test_structured_array(self, tmp_path):
        table = np.array(
            list(zip(POWER_IN, POWER_OUT, strict=True)), dtype=[("P_in_W", float), ("P_out_W", float)]
        )
        np.save(tmp_path / "s.npy", table)
        np.testing.assert_array_equal(read_curve(tmp_path / "s.npy").power_in, POWER_IN)

    def test_missing_unit(self, tmp_path):
        self.save(tmp_path / "s.npz", P_in=POWER_IN, P_out_W=POWER_OUT)
        with pytest.raises(
            DataError, match=r"s\.npz: column 'P_in': the unit is missing .*units={'P_in': 'mW'}"
        ):
            read_curve(tmp_path / "s.npz")

    def test_nothing_is_unpickled(self, tmp_path):
        self.save(tmp_path / "s.npz", P_in_W=np.array([1.0, None], dtype=object), P_out_W=POWER_OUT)
        with pytest.raises(DataError, match="pickled objects, which are not read"):
            read_curve(tmp_path / "s.npz")

    @pytest.mark.parametrize("start", [b"MATLAB 7.3 MAT-file, Platform: PCWIN64", b"\x89HDF\r\n\x1a\n"])
    def test_matlab_7_3_is_refused(self, written, start):
        with pytest.raises(DataError, match=r"a MATLAB 7\.3 \(HDF5\) file: save it again in MATLAB with -v7"):
            read_curve(written(start + bytes(600), "s.mat"))

    @pytest.mark.parametrize("name", ["s.mat", "s.npz", "s.npy"])
    @pytest.mark.parametrize(
        "content", [b"", b"\x93NUMPY\x01\x00nonsense", b"PK\x03\x04 cut", b"MATLAB 5.0 MAT-file"]
    )
    def test_damaged(self, written, name, content):
        with pytest.raises(DataError, match=r"not a sound file of arrays|the file is empty|no arrays"):
            read_curve(written(content, name))

    def test_unequal_lengths(self, tmp_path):
        self.save(tmp_path / "s.npz", P_in_W=POWER_IN, P_out_W=POWER_OUT[:-1])
        with pytest.raises(DataError, match=r"column 'P_out_W': 4 numbers, but 5 in column 'P_in_W'"):
            read_curve(tmp_path / "s.npz")

    @staticmethod
    def save(path, **arrays):
        if path.suffix == ".npz":
            np.savez(path, **arrays)
        else:
            from scipy.io import savemat

            savemat(path, arrays)


class TestPlane:
    def test_losses_and_tap_are_taken_off(self, written):
        # 1 % tap: the device sees 99 times the reading; losses of 2 (in) and 4 (out).
        plane = ReferencePlane(input_loss=2.0, output_loss=4.0, tap_ratio=0.01)
        data = read_curve(written(TEXTS["brackets"]), plane=plane)
        np.testing.assert_allclose(data.power_in, POWER_IN * 99 / 2, rtol=1e-12)
        np.testing.assert_allclose(data.power_out, POWER_OUT * 4, rtol=1e-12)
        assert data.plane == plane
        assert data.metadata["plane"] == {"input_loss": 2.0, "output_loss": 4.0, "tap_ratio": 0.01}

    def test_plane_that_makes_gain_is_told(self, written):
        with pytest.warns(
            DataWarning, match=r"rows 2, 3, 4, 5 and 6, .*more comes out .* check the .* reference plane"
        ):
            read_curve(written(TEXTS["brackets"]), plane=ReferencePlane(output_loss=10.5))

    def test_power_beyond_reason_at_the_device(self, written):
        text = TEXTS["brackets"].replace("[mW]", "[W]")
        with pytest.raises(DataError, match=r"sweep\.csv: power_in must lie in \[0, 10\] W"):
            read_curve(written(text), plane=ReferencePlane(tap_ratio=0.01))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"negative": "clip"}, "negative must be 'refuse' or 'keep'"),
        ({"plane": 3.0}, "plane must be a ReferencePlane"),
        ({"saturation": -1.0}, "saturation must be > 0 W"),
        ({"saturation": "1 nm"}, "saturation must be in W"),
        ({"decimal": ";"}, "decimal must be '.' or ','"),
        ({"delimiter": ", "}, "delimiter must be one character"),
        ({"units": {"P": "mW"}}, r"unknown column in units, of .*sweep\.csv: 'P'"),
        ({"units": {"in": "mX"}}, "units must be names such as 'mW', .*got 'mX'"),
        ({"input": "inn"}, "unknown column in input, .* did you mean 'in'"),
        ({"input": "in", "output": "in"}, "input and output must be different columns"),
    ],
)
def test_wrong_arguments(written, arguments, message):
    with pytest.raises(ParameterError, match=message):
        read_curve(written(TEXTS["brackets"]), **arguments)


def test_good_files_give_no_warning(written):
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        for text in TEXTS.values():
            read_curve(written(text))
    assert said == []
