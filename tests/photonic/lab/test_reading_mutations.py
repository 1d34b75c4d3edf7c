"""Good files, damaged at random: they are refused, or read with a warning, or read as they were.

What is expected comes from the numbers below and the definitions of the units, never from the reader.
"""

import io
import re
import warnings

import numpy as np
import pytest

from photonic import DataError, DataWarning, OutsideValidityWarning, read_curve, read_spectrum

UNITS = {
    "W": lambda x: x,
    "mW": lambda x: 1e-3 * x,
    "µW": lambda x: 1e-6 * x,
    "uW": lambda x: 1e-6 * x,
    "nW": lambda x: 1e-9 * x,
    "dBm": lambda x: 1e-3 * 10 ** (x / 10),
}
POWERS = np.array([0.05, 0.11, 0.17, 0.23, 0.29, 0.35, 0.41])  # [mW]
OUTPUTS = np.array([3.25, 7.5, 14.125, 40.75, 61.5, 77.25, 90.125])  # [µW]
LEVELS = np.array([-20.5, -17.5, -14.5, -11.5, -8.5, -5.5, -2.5])  # [dBm]


class File:
    """A good file: its header lines, the numbers of its columns, and how they are written."""

    def __init__(
        self, lines, columns, delimiter=",", decimal=".", encoding="utf-8", quote="", head=(), across=False
    ):
        self.names, self.units, self.columns = (
            list(lines[0]),
            list(lines[1]),
            [np.asarray(c) for c in columns],
        )
        self.delimiter, self.decimal, self.encoding, self.quote = delimiter, decimal, encoding, quote
        self.head, self.across, self.style = list(head), across, lines[2]

    def lines(self):
        """Lines of the file; header cells are written in the style of the file."""
        heads = [self.style.format(name, unit) for name, unit in zip(self.names, self.units, strict=True)]
        rows = [[self.cell(v) for v in row] for row in zip(*self.columns, strict=True)]
        table = [heads, *rows]
        if self.across:
            table = [list(row) for row in zip(*table, strict=True)]
        return [*self.head, *(self.delimiter.join(self.quoted(cell) for cell in row) for row in table)]

    def cell(self, value):
        return f"{value:.12g}".replace(".", self.decimal)

    def quoted(self, cell):
        return f"{self.quote}{cell}{self.quote}"

    def bytes(self, lines=None, end="\n"):
        return (end.join(self.lines() if lines is None else lines) + end).encode(self.encoding)

    def pairs(self, columns=None, units=None):
        """Input and output powers [W] of each row."""
        x, y = (UNITS[unit](c) for unit, c in zip(units or self.units, columns or self.columns, strict=True))
        return x, y


TWO = ["P in", "P out"]
FILES = {
    "commas": lambda: File((TWO, ["mW", "µW"], "{} [{}]"), [POWERS, OUTPUTS]),
    "semicolons": lambda: File((TWO, ["mW", "µW"], "{} [{}]"), [POWERS, OUTPUTS], ";", ","),
    "tabs": lambda: File((TWO, ["mW", "uW"], "{} ({})"), [POWERS, OUTPUTS], "\t", encoding="utf-16"),
    "levels": lambda: File((["input", "output"], ["dBm", "dBm"], "{}_{}"), [LEVELS, LEVELS - 12.5]),
    "quotes": lambda: File(
        (["Laser", "Detector"], ["mW", "uW"], "{} / {}"), [POWERS, OUTPUTS], ",", ",", quote='"'
    ),
    "across": lambda: File((TWO, ["mW", "µW"], "{} [{}]"), [POWERS, OUTPUTS], ";", across=True),
    "preamble": lambda: File(
        (TWO, ["mW", "uW"], "{} [{}]"),
        [POWERS, OUTPUTS],
        head=["Keysight 8164B", "Date:,2024-11-02", "# Laser power: 0 dBm", "Averages,3", ""],
    ),
    "spaces": lambda: File(
        (["P_in", "P_out"], ["mW", "uW"], "{}_{}"), [POWERS, OUTPUTS], " ", encoding="latin-1"
    ),
    "up and down": lambda: File(
        (TWO, ["mW", "µW"], "{} [{}]"),
        [np.append(POWERS, POWERS[::-1]), np.append(OUTPUTS, 1.01 * OUTPUTS[::-1])],
    ),
    "falling": lambda: File((TWO, ["mW", "nW"], "{} [{}]"), [POWERS[::-1], 1e3 * OUTPUTS[::-1]], "|"),
}


def read(path, content, reader=read_curve, **arguments):
    """What the reader makes of the bytes, and whether it warned; None if it refused them."""
    path.write_bytes(content)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        try:
            found = reader(path, **arguments)
        except DataError:
            return None, False
    strange = [w for w in said if w.category not in (DataWarning, OutsideValidityWarning)]
    assert not strange, strange
    return found, bool(said)


def among(found, pairs):
    """Whether each point of a curve is one of the pairs [W]."""
    x, y = pairs
    close = np.isclose(found.power_in[:, None], x, rtol=1e-9, atol=0) & np.isclose(
        found.power_out[:, None], y, rtol=1e-9, atol=0
    )
    return bool(np.all(close.any(axis=1)))


# Mutations that leave the numbers alone: each takes a file and a generator and gives bytes.


def lines_swapped(file, rng):
    lines = file.lines()
    i, j = rng.integers(len(lines), size=2)
    lines[i], lines[j] = lines[j], lines[i]
    return file.bytes(lines)


def line_doubled(file, rng):
    lines = file.lines()
    i, j = rng.integers(len(lines), size=2)
    lines.insert(j if rng.random() < 0.5 else i, lines[i])
    return file.bytes(lines)


def lines_deleted(file, rng):
    lines = file.lines()
    for _ in range(rng.integers(1, 4)):
        del lines[rng.integers(len(lines))]
        if not lines:
            break
    return file.bytes(lines)


def cut_after_a_line(file, rng):
    lines = file.lines()
    return file.bytes(lines[: rng.integers(len(lines))])


def remarks_put_in(file, rng):
    lines = file.lines()
    for text in rng.choice(["", "# lamp on", "% 5, 6", "   ", "#", "// 1;2", "; ;"], size=3):
        lines.insert(rng.integers(len(lines) + 1), str(text))
    return file.bytes(lines)


def words_put_in(file, rng):
    lines = file.lines()
    words = ["restarted", "Comment: x", "P in [mW]", "dBm,dBm", "1,2,3", "-;-", "mW;mW", "[end]", "time"]
    lines.insert(rng.integers(len(lines) + 1), str(rng.choice(words)))
    return file.bytes(lines)


def other_delimiter(file, rng):
    text = "\n".join(file.lines())
    return text.replace(
        file.delimiter, str(rng.choice([",", ";", "\t", " ", "|", ", ", " ; ", ":"]))
    ).encode()


def other_decimal_mark(file, rng):
    text = "\n".join(file.lines())
    mark = {".": ",", ",": "."}[file.decimal]
    return re.sub(rf"(?<=\d){re.escape(file.decimal)}(?=\d)", mark, text).encode()


def other_encoding(file, rng):
    text = "\n".join(file.lines())
    names = [
        "utf-8",
        "utf-8-sig",
        "utf-16",
        "utf-16-le",
        "utf-16-be",
        "cp1252",
        "latin-1",
        "utf-32",
        "mac-roman",
    ]
    return text.encode(str(rng.choice(names)), errors="replace")


def other_line_ends(file, rng):
    return file.bytes(
        end=str(rng.choice(["\r\n", "\r", "\n\n", "\r\n\r\n", ";\n", ",\n", "\t\n", " \n", ",,\r\n"]))
    )


def columns_moved(file, rng):
    for part in (file.names, file.units, file.columns):
        part.reverse()
    content = file.bytes()
    for part in (file.names, file.units, file.columns):
        part.reverse()
    return content


def head_shuffled(file, rng):
    lines = file.lines()
    n = min(len(file.head) + 2, len(lines))
    return file.bytes([lines[i] for i in rng.permutation(n)] + lines[n:])


def names_shuffled(file, rng):
    """Letters of the names, capitals and spaces."""
    change = rng.choice([str.upper, str.lower, str.title, str.strip])
    names, file.names = file.names, [change(name) for name in file.names]
    content = file.bytes()
    file.names = names
    return content


HARMLESS = [
    lines_swapped,
    line_doubled,
    lines_deleted,
    cut_after_a_line,
    remarks_put_in,
    words_put_in,
    other_delimiter,
    other_decimal_mark,
    other_encoding,
    other_line_ends,
    columns_moved,
    head_shuffled,
    names_shuffled,
]


@pytest.mark.parametrize("name", FILES)
def test_numbers_that_were_not_touched_keep_their_watts(tmp_path, name):
    rng = np.random.default_rng(20241102)
    file, path = FILES[name](), tmp_path / "sweep.csv"
    found, warned = read(path, file.bytes())
    assert found is not None
    assert not warned
    assert among(found, file.pairs())
    assert len(found) == len(file.columns[0])
    same = 0
    for _ in range(8):
        for mutation in HARMLESS:
            content = mutation(file, rng)
            found, warned = read(path, content)
            if found is not None and not warned:
                assert among(found, file.pairs()), (mutation.__name__, content)
                same += 1
    assert same > 8 * len(HARMLESS) / 5  # most are read: the reader does not refuse all it does not know


@pytest.mark.parametrize("name", FILES)
def test_units_that_were_changed_change_the_watts_by_their_ratio(tmp_path, name):
    rng = np.random.default_rng(7)
    file, path = FILES[name](), tmp_path / "sweep.csv"
    right, units = list(file.units), [*UNITS, "MW", "mV", "dB", "", "a.u.", "mw", "DBM", "W/W", "mW dBm", "1"]
    meant = {"mw": "mW", "DBM": "dBm"}
    for _ in range(40):
        file.units = [right[0], right[1]]
        file.units[rng.integers(2)] = str(rng.choice(units))
        found, warned = read(path, file.bytes())
        if found is None or warned:
            continue
        said = [meant.get(unit, unit) for unit in file.units]
        assert among(found, file.pairs(units=said)), file.units


def bits_flipped(content, rng):
    changed = bytearray(content)
    for i in rng.integers(len(changed), size=rng.integers(1, 6)):
        changed[i] ^= 1 << int(rng.integers(8))
    return bytes(changed)


def bytes_deleted(content, rng):
    i, n = int(rng.integers(len(content))), int(rng.integers(1, 12))
    return content[:i] + content[i + n :]


def bytes_put_in(content, rng):
    i = int(rng.integers(len(content)))
    return content[:i] + rng.bytes(int(rng.integers(1, 6))) + content[i:]


def cut_anywhere(content, rng):
    return content[: int(rng.integers(len(content)))]


def cells_replaced(content, rng):
    words = [
        b"",
        b"NaN",
        b"OVER",
        b"9.91E+37",
        b"-",
        b"1e400",
        b"0x1F",
        b"1_0",
        b'"',
        b"\xff",
        b"--",
        b"1.2.3",
        b"1,5",
    ]
    found = list(re.finditer(rb"[\d.]+", content)) or [re.match(b"", content)]
    cell = found[int(rng.integers(len(found)))]
    return content[: cell.start()] + words[int(rng.integers(len(words)))] + content[cell.end() :]


def halves_exchanged(content, rng):
    i = int(rng.integers(len(content)))
    return content[i:] + content[:i]


DAMAGE = [bits_flipped, bytes_deleted, bytes_put_in, cut_anywhere, cells_replaced, halves_exchanged]


def check_damage(path, content, reader, seed, rounds, **arguments):
    rng = np.random.default_rng(seed)
    assert read(path, content, reader, **arguments)[0] is not None
    for _ in range(rounds):
        for damage in DAMAGE:
            found, _ = read(path, damage(content, rng), reader, **arguments)
            if found is not None:
                power = found.power_out if reader is read_curve else found.power
                assert np.all(np.isfinite(power))


@pytest.mark.parametrize("name", FILES)
def test_damaged_text_is_refused_and_nothing_else_happens(tmp_path, name):
    check_damage(tmp_path / "s.csv", FILES[name]().bytes(), read_curve, 11, 12)


def test_damaged_spectra(tmp_path):
    rows = "\n".join(f"{1550 + i / 100:.2f},{-30 - i % 7},{-40 - i % 5}" for i in range(30))
    content = f"wavelength [nm],drop [dBm],through [dBm]\n{rows}\n".encode()
    check_damage(tmp_path / "s.csv", content, read_spectrum, 13, 12)


@pytest.mark.parametrize("kind", ["npz", "npy", "mat"])
def test_damaged_arrays(tmp_path, kind):
    from scipy.io import savemat

    file = io.BytesIO()
    arguments = {}
    if kind == "npz":
        np.savez(file, P_in_mW=POWERS, P_out_uW=OUTPUTS)
    elif kind == "mat":
        savemat(file, {"sweep": {"P_in_mW": POWERS, "P_out_uW": OUTPUTS}, "note": "text"})
    else:
        np.save(file, np.stack([POWERS, OUTPUTS], axis=1))
        arguments = {"input": "column 1", "output": "column 2", "units": {"*": "mW"}}
    path = tmp_path / f"s.{kind}"
    if kind == "npy":
        # Damage may leave other columns, so that the names given by the caller exist no longer.
        arguments = {"units": {"*": "mW"}}
        np.save(path, np.zeros(3))
        table = np.array(list(zip(POWERS, OUTPUTS / 1e3, strict=True)), dtype=[("in", float), ("out", float)])
        file = io.BytesIO()
        np.save(file, table)
    check_damage(path, file.getvalue(), read_curve, 17, 20, **arguments)
