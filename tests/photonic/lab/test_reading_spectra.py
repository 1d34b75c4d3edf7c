"""Reading spectra: real scans of a test station, and the styles of others."""

import time
from pathlib import Path

import numpy as np
import pytest

from photonic import DataError, DataWarning, MeasuredSpectrum, ParameterError, read_spectrum

SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "openebl"
SCANS = SHARED / "rings_2024_10_centi_dbm.npz"
real = pytest.mark.skipif(not SHARED.is_dir(), reason="the measured scans are not here")

# Four points: wavelength [m] and power [W], by hand.
WAVELENGTH = np.array([1550.0e-9, 1550.1e-9, 1550.2e-9, 1550.3e-9])
POWER = np.array([1e-6, 1e-5, 1e-6, 1e-7])
ROWS = "1550.0,-30\n1550.1,-20\n1550.2,-30\n1550.3,-40\n"


@pytest.fixture
def written(tmp_path):
    """Function that writes text to a file."""

    def write(text, name="scan.csv"):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return tmp_path / name

    return write


@pytest.mark.parametrize(
    "text",
    [
        "wavelength [nm],drop [dBm]\n" + ROWS,
        "Wavelength (nm);Power (dBm)\n" + ROWS.replace(",", ";").replace(".", ","),
        "lambda_um\tP_uW\n1.55\t1\n1.5501\t10\n1.5502\t1\n1.5503\t0.1\n",
        "wavelength [m],power [W]\n1.5500e-6,1e-6\n1.5501e-6,1e-5\n1.5502e-6,1e-6\n1.5503e-6,1e-7\n",
        "wavelength [nm],drop [dBm]\n" + "\n".join(reversed(ROWS.split())),
        "Station: EBL 3\nLaser power: 0 dBm\nwavelength [nm],drop [dBm]\n" + ROWS,
        "wavelength [nm],T [K],drop [dBm]\n" + ROWS.replace(",", ",293,"),
        "Wavelength [nm];1550.0;1550.1;1550.2;1550.3\nDrop [dBm];-30;-20;-30;-40\n",
    ],
)
def test_same_scan_in_every_style(written, text):
    spectrum = read_spectrum(written(text))
    assert spectrum.wavelength == pytest.approx(WAVELENGTH, rel=1e-12)
    assert spectrum.power[:, 0] == pytest.approx(POWER, rel=1e-12)
    assert not spectrum.relative


def test_optical_frequency(written):
    # c/193.1 THz = 1552.524 nm; frequencies rise as wavelengths fall.
    text = "frequency [THz],power [mW]\n193.1,1\n193.2,2\n193.3,3\n193.4,4\n"
    spectrum = read_spectrum(written(text))
    assert spectrum.wavelength[-1] == pytest.approx(1552.524e-9, rel=1e-6)
    assert spectrum.power[:, 0] == pytest.approx([4e-3, 3e-3, 2e-3, 1e-3])


@pytest.mark.parametrize(
    ("unit", "values", "expected"),
    [("dB", (0, -10, -20, -3), (1, 0.1, 0.01, 0.501187)), ("%", (100, 10, 1, 50), (1, 0.1, 0.01, 0.5))],
)
def test_transmission(written, unit, values, expected):
    rows = "\n".join(f"{1550 + i},{v}" for i, v in enumerate(values))
    spectrum = read_spectrum(written(f"wavelength [nm],T [{unit}]\n{rows}\n"))
    assert spectrum.relative
    assert spectrum.power[:, 0] == pytest.approx(expected, rel=1e-5)


def test_simulator_without_a_unit_of_transmission(written):
    path = written("lambda(microns),T\n1.55,0.9\n1.56,0.8\n1.57,0.1\n1.58,0.7\n", "T.txt")
    with pytest.raises(DataError, match=r"T\.txt: column 'T': the unit is missing .*units={'T': 'mW'}"):
        read_spectrum(path)
    spectrum = read_spectrum(path, units={"T": "1"})
    assert spectrum.relative
    assert spectrum.channel("T").tolist() == [0.9, 0.8, 0.1, 0.7]


def test_column_without_unit_is_told(written):
    path = written("wavelength [nm],drop [dBm],through\n" + ROWS.replace("0\n", "0,-5\n"))
    with pytest.warns(DataWarning, match=r"column 'through': no unit of power or transmission"):
        spectrum = read_spectrum(path)
    assert spectrum.channels == ("drop",)


REFUSED = {
    "twice": (
        "wavelength [nm],P [dBm]\n" + ROWS + "1550.1,-3\n",
        r"rows 3 and 6, column 'wav.* the same wavelength twice",
    ),
    "metres": (
        "wavelength [m],P [dBm]\n" + ROWS,
        r"row 2, column 'wavelength \[m\]': 1550 m is not a wavelength",
    ),
    "zero": (
        "f [THz],P [dBm]\n0,1\n193,1\n194,1\n195,1\n",
        r"row 2, column 'f \[THz\]': 0 THz is not a wavelength",
    ),
    "no wavelength": (
        "in [mW],out [mW]\n1,1\n2,2\n3,3\n4,4\n",
        "no column is the wavelength or the frequency",
    ),
    "two": ("wavelength [nm],freq [THz],P [W]\n1,1,1\n2,2,2\n", "several columns are the wavelength"),
    "no unit": (
        "wavelength,P [dBm]\n" + ROWS,
        r"column 'wavelength': the unit is missing \(nm, µm or m or THz",
    ),
    "no channel": ("wavelength [nm],T [K]\n" + ROWS, r"column 'T \[K\]': the unit 'K' is not known"),
    "levels in mW": (
        "wavelength [nm],P [mW]\n" + ROWS,
        r"rows 2, 3, 4 and 5, column 'P \[mW\]': negative .*dBm",
    ),
    "both kinds": (
        "wavelength [nm],P [dBm],T [dB]\n" + ROWS.replace("\n", ",1\n"),
        "powers and ratios side by side",
    ),
    "short": ("wavelength [nm],P [dBm]\n1550,1\n1551,2\n", "4 points are needed, got 2"),
    "cell": (
        "wavelength [nm],P [dBm]\n" + ROWS.replace("-20", "----"),
        r"row 3, column 'P \[dBm\]': a number is needed",
    ),
    "impossible level": (
        "wavelength [nm],P [dBm]\n" + ROWS.replace("-20", "-2000"),
        r"row 3, .*: -2000 dBm is not a level",
    ),
}


@pytest.mark.parametrize(("text", "message"), REFUSED.values(), ids=REFUSED)
def test_refused_by_place(written, text, message):
    with pytest.raises(DataError, match=message):
        read_spectrum(written(text))


@real
class TestRealScans:
    def test_csv_of_a_test_station(self):
        spectrum = read_spectrum(SHARED / "RingDoubleTEr10g100.csv")
        assert spectrum.power.shape == (20000, 4)
        assert spectrum.channels == ("channel_1", "channel_2", "channel_3", "channel_4")
        # Its first row: 1500.0040, -58.4226, -41.6396, ...
        assert spectrum.wavelength[0] == pytest.approx(1500.004e-9, rel=1e-12)
        assert 10 * np.log10(spectrum.power[0] / 1e-3) == pytest.approx(
            [-58.4226, -41.6396, -56.7384, -54.5472]
        )

    def test_both_files_hold_the_same_scan(self):
        name = "LukasChrostowski_RingDoubleTEr10g100"
        table = read_spectrum(SHARED / "RingDoubleTEr10g100.csv")
        array = read_spectrum(SCANS, device=name, units={"*": "0.01 dBm"})
        assert array.metadata["device"] == name
        assert array.wavelength == pytest.approx(table.wavelength, rel=1e-7)  # single precision there
        for channel in array.channels:
            step = 10 ** (0.0051 / 10)  # half of a hundredth of a dBm
            ratio = array.channel(channel) / table.channel(channel)
            assert np.all((ratio < step) & (ratio > 1 / step))

    def test_which_device(self):
        with pytest.raises(
            DataError, match=r"several devices: say device=.*'LukasChrostowski_RingDoubleTEr10g100'"
        ):
            read_spectrum(SCANS, units={"*": "0.01 dBm"})
        with pytest.raises(
            ParameterError, match=r"unknown device .*did you mean 'PhilippeArsenault_MZI_ring_1'"
        ):
            read_spectrum(SCANS, device="MZI_ring_1")

    def test_unit_of_an_array_is_needed_and_wrong_ones_are_seen(self):
        name = "PhilippeArsenault_Ring_solo"
        with pytest.raises(DataError, match="the unit is missing"):
            read_spectrum(SCANS, device=name)
        with pytest.raises(DataError, match="is not a level that anything reads"):
            read_spectrum(SCANS, device=name, units={"*": "dBm"})

    def test_one_channel(self):
        name = "PhilippeArsenault_MZI_dring_bot"
        spectrum = read_spectrum(SCANS, device=name, units={name: "0.01 dBm"})
        assert spectrum.power.shape == (20000, 1)

    def test_quickly(self):
        def seconds():
            start = time.perf_counter()
            read_spectrum(SHARED / "MZI_ring_1.csv")
            return time.perf_counter() - start

        assert min(seconds() for _ in range(5)) < 0.25  # 0.03 s on an idle machine


def test_matlab_files_of_test_stations(tmp_path):
    from scipy.io import savemat

    levels = np.stack([10 * np.log10(POWER * 1e3), np.full(4, -50.0)], axis=1)
    rows = {"wavelength": WAVELENGTH[:, None] * 1e9, "channel_1": levels[:, :1], "channel_2": levels[:, 1:]}
    savemat(tmp_path / "test.mat", {"testResult": {"header": {"dut": "ring 7"}, "rows": rows}})
    spectrum = read_spectrum(tmp_path / "test.mat", units={"wavelength": "nm", "*": "dBm"})
    assert spectrum.wavelength == pytest.approx(WAVELENGTH, rel=1e-12)
    assert spectrum.power[:, 0] == pytest.approx(POWER, rel=1e-12)
    assert spectrum.metadata["testResult.header.dut"] == "ring 7"

    savemat(tmp_path / "scan.mat", {"scandata": {"wavelength": WAVELENGTH[None, :], "power": levels}})
    spectrum = read_spectrum(tmp_path / "scan.mat", units={"wavelength": "m", "power": "dBm"})
    assert spectrum.power[:, 0] == pytest.approx(POWER, rel=1e-12)
    assert spectrum.channels == ("channel_1", "channel_2")
    with pytest.raises(DataError, match="the unit is missing"):
        read_spectrum(tmp_path / "scan.mat")


class TestMeasuredSpectrum:
    spectrum = MeasuredSpectrum(WAVELENGTH, np.stack([POWER, 2 * POWER], axis=1), ("a", "b"))

    def test_channels_and_pieces(self):
        assert self.spectrum.channel("b").tolist() == (2 * POWER).tolist()
        assert self.spectrum.take(slice(1, 3)).wavelength.tolist() == WAVELENGTH[1:3].tolist()
        assert len(self.spectrum.between(1550.05e-9, 1550.25e-9)) == 2
        assert not self.spectrum.power.flags.writeable

    @pytest.mark.parametrize(
        ("arguments", "message"),
        [
            (
                ([1550.0, 1551.0], [1, 1]),
                r"wavelength must lie in \[1e-07, 0\.0001\] m, got 1550.0: did you mean 1\.55e-06",
            ),
            (([1.55e-6, 1.54e-6], [1, 1]), "wavelength must rise"),
            (([1.54e-6, 1.55e-6], [1, 1, 1]), "power must have a row for each of 2 wavelengths"),
            (([1.54e-6, 1.55e-6], [1, np.nan]), "power must be finite"),
            (([1.54e-6, 1.55e-6], [1, 1], ("a", "b")), "channels must be 1 different names"),
            (([], []), "wavelength must be one-dimensional"),
        ],
    )
    def test_wrong_arguments(self, arguments, message):
        with pytest.raises(ParameterError, match=message):
            MeasuredSpectrum(*arguments)

    def test_wrong_names_and_bounds(self):
        with pytest.raises(ParameterError, match="unknown channel 'c'"):
            self.spectrum.channel("c")
        with pytest.raises(ParameterError, match="low and high must enclose"):
            self.spectrum.between(1.3e-6, 1.4e-6)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"channels": ["dorp"]}, "unknown column in channels, .*did you mean 'drop'"),
        ({"channels": []}, "channels must hold at least one name"),
        ({"device": "ring"}, "unknown device .*'ring'"),
        ({"units": {"drop": "furlong"}}, "units must be names"),
    ],
)
def test_wrong_arguments(written, arguments, message):
    with pytest.raises(ParameterError, match=message):
        read_spectrum(written("wavelength [nm],drop [dBm]\n" + ROWS), **arguments)
