"""Files that are broken the way laboratory files are: each is refused, or read with a warning, by place."""

import numpy as np
import pytest

from photonic import DataError, DataWarning, read_curve

GOOD = "in [mW],out [µW]\n0.1,10\n0.2,20\n0.3,60\n0.4,110\n0.5,150\n"

REFUSED = {
    "no unit": (
        GOOD.replace("in [mW]", "P in"),
        r"s\.csv: column 'P in': the unit is missing .*'P in \[mW\]'",
    ),
    "unknown unit": (GOOD.replace("µW", "mV"), r"column 'out \[mV\]': the unit 'mV' is not known: mW, W"),
    "megawatts": (GOOD.replace("mW", "MW"), r"column 'in \[MW\]': the unit 'MW' is not known"),
    "unit of something else": (
        GOOD.replace("[µW]", "[dB]"),
        r"column 'out \[dB\]': the unit 'dB' does not fit",
    ),
    "two units": (
        GOOD.replace("out [µW]", "out_mW [µW]"),
        r"column 'out_mW \[µW\]': the unit 'µW and mW' is not",
    ),
    "word for a number": (
        GOOD.replace("60", "sixty"),
        r"row 4, column 'out \[µW\]': a number is needed, got 'sixty'",
    ),
    "overload": (GOOD.replace("60", "OVER"), r"row 4, column 'out \[µW\]': a number is needed, got 'OVER'"),
    "dashes": (GOOD.replace("10\n", "----\n"), r"row 2, column 'out \[µW\]': a number is needed, got '----'"),
    "empty cell": (
        GOOD.replace("60", ""),
        r"row 4, column 'out \[µW\]': a number is needed, got an empty cell",
    ),
    "NaN": (GOOD.replace("60", "NaN"), r"row 4, column 'out \[µW\]': a number is needed, got 'NaN'"),
    "infinity": (GOOD.replace("60", "inf"), r"row 4, column 'out \[µW\]': a number is needed, got 'inf'"),
    "overflow": (GOOD.replace("60", "1e999"), r"row 4, column 'out \[µW\]': no reading .*'1e999'"),
    "mark of no reading": (
        GOOD.replace("60", "9.91E37"),
        r"row 4, column 'out \[µW\]': no reading .*9\.91e\+37",
    ),
    "underscores": (GOOD.replace("60", "6_0"), r"row 4, column 'out \[µW\]': a number is needed, got '6_0'"),
    "unit in a cell": (
        GOOD.replace("60", "60 µW"),
        r"row 4, column 'out \[µW\]': a number is needed, got '60 µW'",
    ),
    "long row": (GOOD.replace("60", "60,7"), r"s\.csv: row 4: 3 cells under 2 headers"),
    "short row": (GOOD.replace(",60", ""), r"s\.csv: row 4: 1 cells under 2 headers"),
    "decimal commas between commas": (
        "in [mW],out [mW]\n0,1,0,01\n0,2,0,02\n0,3,0,06\n0,4,0,11\n",
        r"row 2: 4 cells under 2 headers: if these are decimal commas, separate the columns by ; or tabs",
    ),
    "both decimal marks": (
        "in [mW];out [mW]\n0,1;0.01\n0,2;0.02\n0,3;0.06\n0,4;0.11\n",
        r"row 2, column '.*': a number is needed, got '0(,1|\.01)'",
    ),
    "one point in a file of commas": (
        "in [mW];out [mW]\n0,1;0,01\n0,2;0,02\n0,3;0.06\n0,4;0,11\n",
        r"row 4, column 'out \[mW\]': a number is needed, got '0\.06'",
    ),
    "levels under milliwatts": (
        "in [mW],out [mW]\n-20,-45.1\n-15,-40.2\n-10,-33.0\n-5,-28.1\n0,-25.2\n",
        r"rows 2, 3, 4 and 5, column 'in \[mW\]': negative powers in mW: did you mean dBm\?",
    ),
    "output levels under watts": (
        "in [mW],out [W]\n0.1,-45.1\n0.2,-40.2\n0.3,-33.0\n0.4,-28.1\n",
        r"column 'out \[W\]': negative powers in W: did you mean dBm\?",
    ),
    "milliwatts under dBm": (
        "in [dBm],out [dBm]\n100,1\n200,2\n300,3\n400,4\n",
        r"row 3, column 'in \[dBm\]': 200 dBm is not a level|column 'in \[dBm\]': 1e\+07 W is more than",
    ),
    "microwatts under watts": (
        GOOD.replace("µW", "W"),
        r"rows 3, 4, 5 and 6, column 'out \[W\]': 20 W is more than",
    ),
    "negative input": (
        GOOD.replace("0.1,", "-0.1,"),
        r"row 2, column 'in \[mW\]': negative powers, -0\.1 mW",
    ),
    "negative output": (
        GOOD.replace(",10", ",-0.3"),
        r"row 2, column 'out \[µW\]': negative powers, .*negative='keep'",
    ),
    "too few points": (
        "in [mW],out [mW]\n1,0.1\n2,0.2\n3,0.3\n",
        r"column 'in \[mW\]': 4 different .* got 3",
    ),
    "one input only": (
        "in [mW],out [mW]\n1,0.1\n1,0.2\n1,0.3\n1,0.4\n",
        r"4 different input powers .* got 1",
    ),
    "no output": (
        GOOD.replace("out", "temperature").replace("µW", "K"),
        r"no column is the output power by its name",
    ),
    "no roles": (
        "a [mW],b [mW]\n1,1\n2,2\n3,3\n4,4\n",
        r"no column is the input power .*'a \[mW\]', 'b \[mW\]': say input",
    ),
    "two inputs": (
        "in [mW],laser [mW],out [mW]\n1,1,1\n2,2,2\n3,3,3\n4,4,4\n",
        r"several columns may be the input power: 'in \[mW\]', 'laser \[mW\]': say input=",
    ),
    "bar and cross": (
        "in [mW],bar [mW],cross [mW]\n1,1,0\n2,2,0\n3,3,0\n4,4,0\n",
        r"several columns may be the output power: 'bar \[mW\]', 'cross \[mW\]': say output=",
    ),
    "two detectors": (
        "in [mW],detector 1 [mW],detector 2 [mW]\n1,1,0\n2,2,0\n3,3,0\n4,4,0\n",
        r"several columns may be the output power: 'detector 1 \[mW\]', 'detector 2 \[mW\]'",
    ),
    "one output in two units": (
        "in [mW],out [mW],out [dBm]\n1,0.1,-10\n2,0.2,-7\n3,0.3,-5\n4,0.4,-4\n",
        r"several columns may be the output power: 'out \[mW\]', 'out \[dBm\]'",
    ),
    "unknown direction": (
        "in [mW],out [mW],direction\n1,1,hin\n2,2,hin\n3,3,hin\n4,4,her\n",
        r"row 2, column 'direction': 'up' or 'down' is needed, got 'hin'",
    ),
    "two columns of deviations": (
        "in [mW],out [mW],std [mW],sigma [mW]\n1,1,1,1\n2,2,1,1\n3,3,1,1\n4,4,1,1\n",
        r"several columns for the standard deviation: 'std \[mW\]', 'sigma \[mW\]'",
    ),
    "numbers above the header": ("1,2\n3,4\n" + GOOD, r"s\.csv: row 3: words below numbers"),
    "two tables": (GOOD + "\n" + GOOD, r"row 8, column .*: a number is needed, got '(in|out)"),
    "footer": (GOOD + "finished,ok\n", r"row 7, column '.*': a number is needed, got '(finished|ok)'"),
    "quotation mark": (GOOD.replace("0.3", '"0.3'), r"s\.csv: row 4: quotation marks that do not close"),
    "unequal rows across": (
        "in [mW];0.1;0.2;0.3;0.4\nout [mW];0.1;0.2;0.3\n",
        r"s\.csv: row 2: 3 numbers, but 4 in row 1",
    ),
    "no reading across": (
        "in [mW];0.1;0.2;0.3;0.4\nout [mW];0.1;OVER;0.3;0.4\n",
        r"row 2, cell 3, column 'out \[mW\]': a number is needed, got 'OVER'",
    ),
    "no reading first across": (
        "in [mW];0.1;0.2;0.3;0.4\nout [mW];OVER;0.2;0.3;0.4\n",
        r"row 2, cell 2, column 'out \[mW\]': a number is needed, got 'OVER'",
    ),
    "header only": ("in [mW],out [mW]\n", r"s\.csv: no table of numbers found"),
    "prose": ("Dear Anna,\nthe data are on the other disk.\n", r"s\.csv: no table of numbers found"),
    "empty": ("", r"s\.csv: the file is empty"),
    "blank": ("\n \n\t\n", r"s\.csv: the file is empty"),
    "a web page": ("<html><body>404 not found</body></html>", r"no table of numbers found"),
}


def refuse(path, message, **arguments):
    with pytest.raises(DataError, match=message):
        read_curve(path, **arguments)


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_refused_by_place(tmp_path, text, message):
    path = tmp_path / "s.csv"
    path.write_text(text, encoding="utf-8")
    refuse(path, message)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (bytes(range(256)) * 4, "not text|control character"),
        (
            b"PK\x03\x04\x14\x00\x06\x00" + bytes(100),
            r"a zip archive or an Excel workbook: save the sheet as CSV",
        ),
        (b"\x1f\x8b\x08\x00" + bytes(100), "compressed with gzip"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100), "an old Excel workbook"),
        (b"%PDF-1.7\n%\xe2\xe3", "a PDF document"),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), "an HDF5 file"),
        (GOOD.encode().replace(b"0.3", b"0\x00\x013"), r"row 4: not text: it holds the control character"),
        (b"\xff\xfeABC", "not text"),
        (GOOD.encode("utf-16")[:-1], "not text"),
    ],
)
def test_what_is_not_text(tmp_path, content, message):
    path = tmp_path / "s.csv"
    path.write_bytes(content)
    refuse(path, message)


def test_no_such_file_and_folder(tmp_path):
    refuse(tmp_path / "none.csv", r"none\.csv: cannot be read: No such file")
    refuse(tmp_path, "this is a folder, not a file")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        # 0.1 mW goes in, 1 mW comes out.
        ("in [mW],out [dBm]\n0.1,0\n0.2,1\n0.3,2\n0.4,3\n0.5,4\n",
         r"rows 2, 3, 4, 5 and 6, column 'out \[dBm\]': more comes out than goes in \(up to 0\.00251 W of"),
        # The detector stops at 60.
        ("in [mW],out [µW]\n0.1,10\n0.2,30\n0.3,60\n0.4,60\n0.5,60\n0.6,60\n",
         r"rows 4, 5, 6 and 7, column 'out \[µW\]': the same largest output in a run"),
        ("in [W],out [W]\n1.1,0.1\n1.2,0.2\n1.3,0.3\n1.4,0.5\n",
         r"rows 2, 3, 4 and 5, column 'in \[W\]': up to 1\.4 W: more than a silicon waveguide is known"),
    ],
)  # fmt: skip
def test_read_with_a_warning(tmp_path, text, message):
    path = tmp_path / "s.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.warns() as said:
        data = read_curve(path)
    told = [str(w.message) for w in said if w.category is DataWarning]
    with pytest.raises(DataWarning, match=message):
        raise DataWarning(told[0])
    assert data.metadata["warnings"] == told


@pytest.mark.parametrize("level", [60e-6, "60 µW"])
def test_saturation_that_is_known(tmp_path, level):
    path = tmp_path / "s.csv"
    path.write_text(GOOD, encoding="utf-8")
    with pytest.warns(DataWarning, match=r"rows 4, 5 and 6, column .*saturation of the detector, 6e-05 W"):
        read_curve(path, saturation=level)


def test_negative_outputs_that_are_wanted(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text(GOOD.replace(",10", ",-0.3"), encoding="utf-8")
    assert read_curve(path, negative="keep").power_out[0] == pytest.approx(-0.3e-6)
    path.write_text(GOOD.replace(",10", ",-70"), encoding="utf-8")
    refuse(path, r"row 2, column 'out \[µW\]': -7e-05 W is more below 0 than noise", negative="keep")


def test_one_of_two_ports(tmp_path):
    path = tmp_path / "s.csv"
    path.write_text(
        "in [mW],bar [mW],cross [mW]\n1,0.9,0.1\n2,0.8,0.2\n3,0.7,0.3\n4,0.6,0.4\n", encoding="utf-8"
    )
    assert read_curve(path, output="cross").power_out == pytest.approx(np.arange(1, 5) * 1e-4)
    assert read_curve(path, output="bar").metadata["columns not used"] == ["cross [mW]"]
