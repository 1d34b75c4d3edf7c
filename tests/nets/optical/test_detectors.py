"""Photodiodes and their noise; scores from currents."""

import numpy as np
import pytest

from nets.optical.detectors import Detector
from nets.optical.encoders import PowerEncoder
from nets.optical.optical_network import OpticalNetwork
from nets.optical.readout import Readout
from photonic import ParameterError

BAND = 10e9  # [Hz]


def test_current_is_responsivity_times_power():
    z = np.array([[0.03 + 0.04j, 0.0]])
    detector = Detector(2, 0.8, dark_current=1e-9)
    assert detector.forward(z)[0] == pytest.approx(np.array([[0.8 * 2.5e-3 + 1e-9, 1e-9]]))
    powers = Detector(2, 0.8, takes="powers", dark_current=1e-9).forward(np.abs(z) ** 2)[0]
    assert powers == pytest.approx(detector.forward(z)[0])


@pytest.mark.parametrize(
    ("settings", "sigma"),
    [  # 1 mW on 1 A/W, 10 GHz, 50 Ω, 300 K, −150 dB/Hz, each worked out by hand
        ({"temperature": 1e-30, "load_resistance": 50.0}, 1.7901e-6),
        ({"load_resistance": 50.0}, np.hypot(1.7901e-6, 1.8203e-6)),
        ({"relative_intensity_noise": 1e-15}, np.hypot(1.7901e-6, 3.1623e-6)),
        ({"load_resistance": 50.0, "relative_intensity_noise": 1e-15}, 4.0642e-6),
    ],
)
def test_noise_of_the_worked_point(settings, sigma):
    detector = Detector(1, 1.0, takes="powers", bandwidth=BAND, **settings)
    assert detector.noise(1e-3) == pytest.approx(sigma, rel=1e-4)
    readings = detector.forward(np.full((1_000_000, 1), 1e-3), np.random.default_rng(1))[0]
    assert np.std(readings) == pytest.approx(sigma, rel=0.01)
    assert np.mean(readings) == pytest.approx(1e-3, abs=5 * sigma / 1000)


def test_noise_of_one_laser_moves_all_photodiodes_alike():
    """σ²/I² = RIN B = 1e-4 in each photodiode; shot noise is far below it."""
    settings = {"takes": "powers", "bandwidth": 10e9, "relative_intensity_noise": 1e-14}
    powers = np.tile([0.1, 0.2], (200_000, 1))
    for laser_noise, correlation in (("common", 1.0), ("independent", 0.0)):
        detector = Detector(2, 1.0, laser_noise=laser_noise, **settings)
        read = detector.forward(powers, np.random.default_rng(2))[0]
        assert read.std(axis=0) / [0.1, 0.2] == pytest.approx([0.01, 0.01], rel=0.01)
        assert np.corrcoef(read.T)[0, 1] == pytest.approx(correlation, abs=0.01)
    assert Detector(2, 1.0, **settings).laser_noise == "common"


def test_shares_do_not_see_the_noise_of_the_laser_and_gains_do():
    """100 W of light, to leave shot noise behind: 2 q B/I = 3e-11, RIN B = 1e-4."""
    powers = np.tile([30.0, 70.0], (2000, 1))
    detector = Detector(
        2, 1.0, takes="powers", bandwidth=10e9, relative_intensity_noise=1e-14, dark_current=1e-9
    )
    read = detector.forward(powers, np.random.default_rng(3))[0]
    share = Readout(2, 1.0, law="share").forward(read)[0]
    assert np.mean(share, axis=0) == pytest.approx([0.3, 0.7], rel=1e-5)
    assert np.std(share[:, 0]) < 1e-5
    assert np.std(Readout(2, 1.0).forward(read)[0][:, 0]) == pytest.approx(0.3, rel=0.05)  # 1 % of 30


def test_the_dark_current_has_no_noise_of_the_laser():
    detector = Detector(
        1, 1.0, takes="powers", bandwidth=10e9, relative_intensity_noise=1e-8, dark_current=1e-3
    )
    assert detector.noise(1e-3) == pytest.approx(1.7901e-6, rel=1e-4)  # shot noise of 1 mA alone
    assert detector.noise(2e-3) == pytest.approx(1e-3 * np.sqrt(1e-8 * 10e9), rel=1e-3)


def test_without_generator_or_bandwidth_there_is_no_noise():
    x = np.full((5, 1), 1e-3)
    noisy = Detector(1, 1.0, takes="powers", bandwidth=BAND)
    assert np.array_equal(noisy.forward(x)[0], x)
    assert noisy.noisy
    silent = Detector(1, 1.0, takes="powers")
    assert not silent.noisy
    assert np.array_equal(silent.forward(x, np.random.default_rng(0))[0], x)
    assert silent.noise(1e-3) == 0


def test_a_detector_in_the_dark_without_load_has_neither_noise_nor_an_infinite_slope():
    detector = Detector(2, 1.0, takes="powers", bandwidth=BAND)
    out, kept = detector.forward(np.zeros((3, 2)), np.random.default_rng(0))
    assert np.all(out == 0)
    assert np.all(detector.backward(kept, np.ones((3, 2)), True) == 1)


def test_laws_of_the_readout():
    current = np.array([[1e-4, 3e-4, 6e-4]])
    assert Readout(3, 1e4).forward(current)[0] == pytest.approx(np.array([[1.0, 3.0, 6.0]]))
    assert Readout(3, 10.0, law="share").forward(current)[0] == pytest.approx(np.array([[1.0, 3.0, 6.0]]))
    scores = Readout(3, 1.0, law="log-share", offset=2.0).forward(current)[0]
    assert np.exp(scores - 2.0) == pytest.approx(np.array([[0.1, 0.3, 0.6]]))
    first_two = Readout(3, 1.0, law="share", outputs=2).forward(current)[0]
    assert first_two == pytest.approx(np.array([[0.25, 0.75]]))  # shares of the outputs that are read


def test_shares_do_not_change_with_the_laser_and_gains_do():
    current = np.random.default_rng(0).uniform(1e-5, 1e-3, (6, 4))
    for law in ("share", "log-share"):
        readout = Readout(4, 3.0, law=law)
        assert readout.forward(7 * current)[0] == pytest.approx(readout.forward(current)[0])
    assert Readout(4, 3.0).forward(7 * current)[0] == pytest.approx(7 * 3.0 * current)


def test_what_is_trained_starts_as_given():
    readout = Readout(3, 2.0, offset=[1.0, 2.0, 3.0], trained=("offset", "gain"))
    assert readout.size == 4
    parameters = np.full(4, 9.0)
    readout.bind(parameters, np.zeros(4))
    readout.initialise(np.random.default_rng(0))
    assert parameters.tolist() == [0.0, 1.0, 2.0, 3.0]
    parameters[0] = np.log(5.0)
    assert readout.forward(np.ones((1, 3)))[0] == pytest.approx(np.array([[11.0, 12.0, 13.0]]))
    assert Readout(3, 2.0, trained=()).size == 0


def test_currents_that_have_no_share_are_refused_with_their_row():
    current = np.array([[1e-6, 1e-6], [0.0, 0.0]])
    with pytest.raises(ParameterError, match="law 'share' needs currents > 0 A, got 0 A in row 1"):
        Readout(2, 1.0, law="share").forward(current)
    with pytest.raises(ParameterError, match="got -1e-06 A in row 0"):
        Readout(2, 1.0, law="log-share").forward(np.array([[-1e-6, 3e-6]]))


def test_currents_below_the_floor_of_the_converter_read_as_the_floor():
    current = np.array([[-2e-6, 1e-7, 8e-6]])
    readout = Readout(3, 1.0, law="log-share", floor=1e-6, trained=())
    scores, kept = readout.forward(current)
    assert np.exp(scores) == pytest.approx(np.array([[0.1, 0.1, 0.8]]))
    slope = readout.backward(kept, np.array([[1.0, 2.0, 3.0]]), True)
    assert slope[0, :2].tolist() == [0.0, 0.0]
    # d/dI [3 ln I − (1 + 2 + 3) ln(I + 2e-6)] at 8e-6
    assert slope[0, 2] == pytest.approx(3 / 8e-6 - 6 / 1e-5)
    assert Readout(3, 1.0, law="share", floor=1e-6).forward(current)[0] == pytest.approx(np.exp(scores))


@pytest.mark.parametrize("law", ["share", "log-share"])
def test_noisy_readings_have_shares_only_above_a_floor(law):
    """1 µW at 10 GHz in 50 Ω: a third of the readings are negative. Training goes through nonetheless."""
    rng = np.random.default_rng(0)
    x, labels = rng.uniform(0, 1, (200, 2)), rng.integers(0, 2, 200)

    def network(**options):
        detector = Detector(2, 1.0, takes="powers", bandwidth=10e9, load_resistance=50.0)
        readout = Readout(2, 1.0, law=law, **options)
        return OpticalNetwork([PowerEncoder(2, 1e-6), detector, readout], dtype=np.float64)

    with pytest.raises(ParameterError, match=r"noise of stage 2 \(detector\).*stage 3 \(readout\).*floor"):
        network()
    told = network(floor=1e-8)
    readings = next(out for stage, _, out in told.signals(x, 1) if isinstance(stage, Detector))
    assert np.mean(readings < 0) > 0.2
    loss, _ = told.loss_and_gradient(x, labels, 1)
    assert np.isfinite(loss)
    assert np.all(np.isfinite(told.gradient))


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: Detector(1, 0.0), "responsivity must be > 0 A/W"),
        (lambda: Detector(1, 50.0), "responsivity must be <= 10 A/W"),
        (lambda: Detector(1, 800.0), "did you mean 0.8 A/W .mA/W."),
        (lambda: Detector(1, 1.0, load_resistance=50.0), "load_resistance needs the bandwidth"),
        (lambda: Detector(1, 1.0, relative_intensity_noise=1e-15), "intensity_noise needs the bandwidth"),
        (lambda: Detector(1, 1.0, laser_noise="commun"), "did you mean 'common'"),
        (lambda: Detector(1, 1.0, bandwidth=-1.0), "bandwidth must be > 0 Hz"),
        (lambda: Detector(1, 1.0, takes="numbers"), "kind must be fields or powers"),
        (lambda: Readout(2, 1.0, outputs=3), "outputs must be <= channels = 2"),
        (lambda: Readout(2, 1.0, floor=1e-9), "floor is for shares"),
        (lambda: Readout(2, 1.0, law="share", floor=0.0), "floor must be > 0 A"),
        (lambda: Readout(2, 0.0), "gain must be > 0"),
        (lambda: Readout(2, 1.0, law="shares"), "did you mean 'share'"),
        (lambda: Readout(2, 1.0, trained=("gains",)), "did you mean 'gain'"),
        (lambda: Readout(2, 1.0, offset=[1.0, 2.0, 3.0]), r"one number or 2, got shape \(3,\)"),
    ],
)
def test_impossible_settings_are_refused(build, words):
    with pytest.raises(ParameterError, match=words):
        build()
