"""The weight bank as a stage: programming, precision, gradients, refusals."""

import dataclasses
import math

import numpy as np
import pytest

from nets import OpticalNetwork, PowerEncoder, WeightBank
from nets.optical.bank_channels import ChannelOverlapWarning
from nets.optical.bank_ring import BANK_RING
from nets.optical.stage import Stage
from photonic import ParameterError


def bound(bank, dtype=np.float64):
    parameters, gradient = np.zeros(bank.size, dtype), np.zeros(bank.size, dtype)
    bank.bind(parameters, gradient)
    return parameters, gradient


def test_is_a_stage():
    balanced, powers = WeightBank(3, 2), WeightBank(3, 2, detection="drop")
    assert isinstance(balanced, Stage)
    assert (balanced.inputs, balanced.outputs, balanced.size) == (3, 2, 6)
    assert (balanced.takes, balanced.gives, powers.gives) == ("powers", "numbers", "powers")


def test_current_of_hand_computed_weights():
    """Half of the light to each of two banks, another tenth lost; 0.8 A/W and 50 V/A."""
    weights = np.array([[0.5, -0.5], [0.25, 0.0]])
    bank = WeightBank.from_weights(weights, responsivity=0.8, transimpedance=50.0, excess_loss=1.25)
    out, _ = bank.forward(np.array([[1e-3, 2e-3], [0.0, 0.0]]))
    assert out[0] == pytest.approx(
        [-0.5e-3 * 0.5 * 0.8 * 50 / 1.25, 0.25e-3 * 0.5 * 0.8 * 50 / 1.25], rel=1e-7
    )
    assert np.array_equal(out[1], [0.0, 0.0])


def test_powers_on_the_drop_buses():
    bank = WeightBank.from_weights([[0.5, 0.25], [0.1, 0.9]], detection="drop")
    out, _ = bank.forward(np.array([[1e-3, 2e-3]]))
    assert out[0] == pytest.approx([0.5e-3, 0.95e-3], rel=1e-7)
    assert np.sum(out) <= 3e-3


def test_superposition():
    bank = WeightBank.from_weights(np.linspace(-0.8, 0.8, 12).reshape(3, 4))
    a, b = np.random.default_rng(0).uniform(0, 1e-3, (2, 5, 4))
    total = bank.forward(2 * a + b)[0]
    assert total == pytest.approx(2 * bank.forward(a)[0] + bank.forward(b)[0], rel=1e-12)


@pytest.mark.parametrize(
    ("channels", "detection"), [(1, "balanced"), (8, "balanced"), (30, "balanced"), (8, "drop")]
)
def test_programmed_weights_are_reached_with_crosstalk(channels, detection):
    rng = np.random.default_rng(1)
    low, high = (-0.5, 0.8) if detection == "balanced" else (0.05, 0.8)
    wanted = rng.uniform(low, high, (4, channels))
    bank = WeightBank.from_weights(wanted, detection=detection)
    assert bank.weights() == pytest.approx(wanted, abs=1e-9)
    assert bank.detunings.min() >= 0
    half_gap = math.pi * bank.channel_spacing / (BANK_RING.linewidth / 2)
    assert bank.detunings.max() <= half_gap * (1 + 1e-9)


def test_programmed_with_interference():
    rng = np.random.default_rng(2)
    wanted = rng.uniform(-0.7, 0.7, (3, 6))
    settings = {"bus_phases": rng.uniform(0, 6, (3, 5)), "bus_length": 60e-6, "channel_spacing": 200e9}
    assert WeightBank.from_weights(wanted, **settings).weights() == pytest.approx(wanted, abs=1e-8)


@pytest.mark.parametrize("seed", range(4))
def test_programmed_where_neighbours_take_much(seed):
    """Channels 1.7 linewidths apart, where correcting ring by ring need not settle."""
    bank = WeightBank(6, 2, channel_spacing=1.7 * BANK_RING.linewidth / (2 * math.pi))
    bank.detunings[...] = np.random.default_rng(seed).uniform(0.1, 1.6, (2, 6))
    wanted = bank.weights()
    assert bank.programmed(wanted).weights() == pytest.approx(wanted, abs=1e-8)


def test_without_correction_neighbours_are_ignored():
    wanted = np.array([[0.3, -0.6, 0.1]])
    bank = WeightBank(3, 1, channel_spacing=80e9)
    found = bank.programmed(wanted, corrected=False)
    alone = [WeightBank(1, 1, detunings=[[d]]).weights()[0, 0] for d in found.detunings[0]]
    assert alone == pytest.approx(wanted[0], abs=1e-12)
    assert np.max(abs(found.weights() - wanted)) > 0.03
    with pytest.raises(ParameterError, match=r"weights\[0, 1\] = -0.99 is out of reach"):
        bank.programmed([[0.0, -0.99, 0.0]], corrected=False)


def test_ends_of_the_range():
    bank = WeightBank(1, 2)
    low, high = bank.weight_range
    assert bank.programmed([[low], [high]]).weights()[:, 0] == pytest.approx([low, high], abs=1e-10)
    assert -1 < low < -0.98
    assert 0.9 < high < 1


def test_out_of_reach_names_the_entry_and_the_limits():
    with pytest.raises(
        ParameterError, match=r"weights\[1, 0\] = 0.99 is out of reach: the nearest found is 0.94"
    ):
        WeightBank.from_weights([[0.5], [0.99]])
    with pytest.raises(ParameterError, match=r"weights\[0, 2\] = -0.9999.*half a channel spacing"):
        WeightBank.from_weights([[0.0, 0.0, -0.9999, 0.0]])


def test_precision_in_bits_is_range_over_sigma():
    rng = np.random.default_rng(4)
    bank = WeightBank.from_weights(rng.uniform(-0.5, 0.5, (300, 4)))
    low, high = bank.weight_range
    error = bank.with_weight_precision(6, seed=1).weights() - bank.weights()
    assert error.std() == pytest.approx((high - low) / 2**6, rel=0.08)
    assert abs(error.mean()) < 4 * error.std() / math.sqrt(error.size)
    again = bank.with_weight_precision(6, seed=1).weights() - bank.weights()
    assert np.array_equal(error, again)


def test_precision_stays_physical_at_the_ends():
    bank = WeightBank(1, 500)  # every ring on its channel
    worse = bank.with_weight_precision(3, seed=0).weights()
    assert worse.max() <= bank.weight_range[1] + 1e-12
    assert worse.min() > -1
    assert worse.std() > 0.05


def test_a_ring_beyond_halfway_keeps_its_weight_on_average():
    """Its weight lies below that halfway to the next channel, yet can be off to both sides."""
    beyond = 1.2 * WeightBank(4, 1).optics.channels.span
    bank = WeightBank(4, 500, detunings=np.full((500, 4), beyond))
    alone = WeightBank(1, 1, detunings=[[beyond]]).weights()[0, 0]
    moved = bank.with_weight_precision(12, seed=0).detunings
    low, high = bank.weight_range
    rings = [WeightBank(1, 1, detunings=[[d]]).weights()[0, 0] - alone for d in moved[:, 0]]
    assert np.std(rings) == pytest.approx((high - low) / 2**12, rel=0.1)
    assert abs(np.mean(rings)) < 0.2 * np.std(rings)


def test_quantised_weights_lie_on_even_steps():
    bank = WeightBank.from_weights(np.linspace(-0.9, 0.9, 40)[:, None])
    low, high = bank.weight_range
    found = bank.with_quantised_weights(3).weights()
    steps = (found - low) / (high - low) * 7
    assert steps == pytest.approx(np.rint(steps), abs=1e-8)
    assert np.max(abs(found - bank.weights())) <= (high - low) / 14 + 1e-9
    assert len(np.unique(np.rint(steps))) == 8


def test_quantised_keeps_side_and_order_of_a_ring():
    turns = 2 * math.pi / (BANK_RING.linewidth * BANK_RING.round_trip_time() / 2)
    bank = WeightBank(1, 3, detunings=[[-2.0], [2.0], [turns - 2.0]])
    found = bank.with_quantised_weights(20)
    assert found.detunings == pytest.approx(bank.detunings, rel=1e-4)


def test_detuning_error():
    bank = WeightBank.from_weights(np.zeros((200, 5)))
    off = bank.with_detuning_error(0.2, seed=7).detunings - bank.detunings
    assert off.std() == pytest.approx(0.2, rel=0.08)
    assert np.array_equal(bank.with_detuning_error(0.0, seed=7).weights(), bank.weights())


def test_copies_share_nothing():
    bank = WeightBank(2, 2)
    parameters, _ = bound(bank)
    other = bank.with_detuning_error(1.0, seed=0)
    other.detunings[...] = 9.0
    assert np.array_equal(parameters, np.zeros(4))


@pytest.mark.parametrize("setting", ["powers", "fields", "drop", "noise"])
def test_gradients_against_central_differences(setting):
    rng = np.random.default_rng(5)
    rows, n, m = 3, 4, 2
    interfering = {"bus_phases": rng.uniform(0, 6, (m, n - 1)), "bus_length": 50e-6}
    options = {
        "powers": {},
        "drop": {"detection": "drop"},
        "fields": interfering,
        "noise": interfering | {"bandwidth": 1e14, "load_resistance": 50.0},  # a fifth of the currents
    }[setting]
    ring = dataclasses.replace(BANK_RING, drop_coupling_rate=0.6 * BANK_RING.coupling_rate)
    bank = WeightBank(n, m, ring=ring, channel_spacing=60e9, transimpedance=1e3, **options)
    parameters, gradient = bound(bank)
    parameters[...] = rng.uniform(-3, 3, parameters.size)
    signal, upstream = rng.uniform(0, 1e-3, (rows, n)), rng.standard_normal((rows, m))

    def passed(given):
        return bank.forward(given, np.random.default_rng(0))

    def loss(given):
        return float(np.sum(upstream * passed(given)[0]))

    _, kept = passed(signal)
    downstream = bank.backward(kept, upstream, True)
    assert bank.backward(kept, upstream, False) is None
    expected, step = np.empty_like(gradient), 1e-4
    for k, value in enumerate(parameters.copy()):
        parameters[k] = value + step
        above = loss(signal)
        parameters[k] = value - step
        expected[k] = (above - loss(signal)) / (2 * step)
        parameters[k] = value
    assert gradient == pytest.approx(expected, abs=1e-6 * np.max(abs(expected)))
    unit = 1e-8 * np.eye(rows * n).reshape(-1, rows, n)
    assert downstream.ravel() == pytest.approx(
        [(loss(signal + u) - loss(signal - u)) / 2e-8 for u in unit], rel=1e-6
    )


def test_slopes_against_a_complex_step():
    rng = np.random.default_rng(6)
    bank = WeightBank(5, 3, channel_spacing=70e9, detunings=rng.uniform(-3, 3, (3, 5)))
    found = bank.crosstalk_matrix()
    assert found.shape == (3, 5, 5)
    for i in range(5):
        moved = bank.detunings.astype(complex)
        moved[:, i] += 1e-30j
        expected = bank.optics.weigh(moved)[0].imag / 1e-30
        assert found[:, :, i] == pytest.approx(expected, abs=1e-13)
    assert np.max(abs(found[:, 0, 1])) > 1e-3  # neighbours do act


def test_starts_where_programmed_else_at_drawn_weights():
    wanted = np.array([[0.3, -0.4]])
    bank = WeightBank.from_weights(wanted)
    bound(bank)
    bank.initialise(np.random.default_rng(0))
    assert bank.weights() == pytest.approx(wanted, abs=1e-9)
    drawn = WeightBank(16, 200)
    bound(drawn)
    drawn.initialise(np.random.default_rng(0))
    weights = drawn.weights()
    assert weights.std() == pytest.approx(0.25, rel=0.05)  # variance 1/inputs
    assert abs(weights.mean()) < 0.03  # neighbours lift all weights a little
    alone = WeightBank(1, 2000)  # √3 would be out of reach: 80 % of the upper end
    bound(alone)
    alone.initialise(np.random.default_rng(0))
    reach = np.abs(alone.weights()).max() / alone.weight_range[1]
    assert 0.79 < reach <= 0.8 * (1 + 1e-9)
    single = WeightBank(16, 200)
    bound(single, np.float32)
    single.initialise(np.random.default_rng(0))
    assert single.weights() == pytest.approx(weights, abs=1e-5)


def test_float32_network():
    bank, reference = WeightBank(8, 3), WeightBank(8, 3)
    signal = np.random.default_rng(0).uniform(0, 1e-3, (10, 8))
    pairs = []
    for b, dtype in ((bank, np.float32), (reference, np.float64)):
        _, gradient = bound(b, dtype)
        b.initialise(np.random.default_rng(1))
        out, kept = b.forward(signal.astype(dtype))
        down = b.backward(kept, np.ones_like(out), True)
        assert out.dtype == down.dtype == gradient.dtype == dtype
        pairs.append((out, down, gradient))
    for one, two in zip(*pairs, strict=True):
        assert one == pytest.approx(two, abs=1e-4 * np.max(abs(two)))


def test_training_reaches_a_matrix_that_least_squares_want():
    """Gradient descent on the detunings finds the weights that made the data."""
    rng = np.random.default_rng(8)
    wanted = rng.uniform(-0.6, 0.6, (2, 4))
    powers = rng.uniform(0, 1e-3, (64, 4))
    bank = WeightBank(4, 2, transimpedance=1e3)
    parameters, gradient = bound(bank)
    bank.initialise(rng)
    target = powers @ wanted.T * 1e3 / 2
    for _ in range(800):
        out, kept = bank.forward(powers)
        bank.backward(kept, (out - target) / len(powers), False)
        parameters -= 5 * gradient
    assert bank.weights() == pytest.approx(wanted, abs=0.02)


def test_balanced_detection_has_the_noise_of_both_photodiodes():
    """Half of 4 mW to each bank, 0.8 A/W, D + T = 0.97 or so: both diodes see I₊ + I₋, whatever the weight.

    10 GHz, 300 K, twice 50 Ω: shot 2 q (I₊ + I₋) B and thermal 2 · 4 k T B/R = (2.574 µA)².
    """
    bank = WeightBank.from_weights(
        [[0.0, 0.5], [-0.6, 0.3]], responsivity=0.8, transimpedance=1e3, bandwidth=10e9, load_resistance=50.0
    )
    assert bank.noisy
    powers = np.array([1e-3, 3e-3])
    seen = bank.spectra(bank.wavelengths)
    current = 0.8 / 2 * (seen.drop + seen.through) @ powers
    variance = 2 * 1.602176634e-19 * current * 10e9 + 2 * 4 * 1.380649e-23 * 300.0 * 10e9 / 50.0
    quiet = bank.forward(powers[None])[0]
    read = bank.forward(np.tile(powers, (1_000_000, 1)), np.random.default_rng(1))[0]
    assert read.var(axis=0) == pytest.approx(1e6 * variance, rel=0.01)
    assert read.mean(axis=0) == pytest.approx(quiet[0], abs=5e-3 * read.std())
    assert abs(np.corrcoef(read.T)[0, 1]) < 0.005


def test_shot_noise_is_there_where_both_currents_cancel():
    bank = WeightBank.from_weights([[0.0]], bandwidth=1e9)
    seen = bank.spectra(bank.wavelengths)
    assert seen.drop == pytest.approx(seen.through, rel=1e-8)
    read = bank.forward(np.full((1_000_000, 1), 1e-3), np.random.default_rng(2))[0]
    expected = 2 * 1.602176634e-19 * 2 * float(seen.drop[0, 0]) * 1e-3 * 1e9
    assert read.var() == pytest.approx(expected, rel=0.01)


def test_a_bank_is_noisy_only_with_a_bandwidth_and_a_generator():
    x = np.full((3, 2), 1e-3)
    plain, noisy = WeightBank(2, 1), WeightBank(2, 1, bandwidth=1e9, load_resistance=50.0)
    assert not plain.noisy
    assert np.array_equal(plain.forward(x, np.random.default_rng(0))[0], plain.forward(x)[0])
    assert np.array_equal(noisy.forward(x)[0], plain.forward(x)[0])
    dark = WeightBank(2, 1, bandwidth=1e9)
    out, kept = dark.forward(0 * x, np.random.default_rng(0))
    assert np.all(out == 0)
    assert np.all(np.isfinite(dark.backward(kept, np.ones((3, 1)), True)))


CHANGES = (
    ("detection", "drop"),
    ("excess_loss", 1.1),
    ("channel_spacing", 1e11),
    ("bus_phases", 1.0),
    ("bus_phases", 2.0),
    ("ring", dataclasses.replace(BANK_RING, scattering_rate=1e9)),
    ("responsivity", 0.9),
    ("transimpedance", 2.0),
    ("bandwidth", 1e9),
    ("detunings", np.ones((2, 2))),
    ("detunings", np.eye(2)),
)


def test_identity_tells_settings_apart():
    variants = [
        WeightBank(2, 2),
        WeightBank(2, 3),
        *(WeightBank(2, 2, **{name: value}) for name, value in CHANGES),
    ]
    assert len({bank.identity for bank in variants}) == len(variants)
    again = WeightBank(2, 2, detunings=np.eye(2))
    again.detunings += 0.3  # what is trained does not count
    assert again.identity == variants[-1].identity == WeightBank(2, 2, detunings=np.eye(2)).identity


def test_too_many_channels():
    with pytest.raises(
        ParameterError, match=r"inputs must be <= 116: .* 2\.27\d* THz leaves 2\.\d+ GHz .* 784"
    ):
        WeightBank(784, 10)
    with pytest.raises(ParameterError, match=r"inputs must be <= 22: .* does not hold 23 channels, 0.1 THz"):
        WeightBank(23, 1, channel_spacing=100e9)
    assert WeightBank(22, 1, channel_spacing=100e9).wavelengths.size == 22


def test_overlapping_channels_warn():
    with pytest.warns(ChannelOverlapWarning, match="10 GHz apart overlap within a linewidth of 19"):
        WeightBank(4, 1, channel_spacing=10e9)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"excess_loss": 0.5}, "excess_loss must be >= 1.*or 2 .a transmission of 0.5"),
        ({"excess_loss": -3.0}, "excess_loss must be >= 1"),
        ({"excess_loss": math.nan}, "excess_loss must be finite"),
        ({"responsivity": -1.0}, "responsivity must be > 0"),
        ({"channel_spacing": 0.8e-9}, r"channel_spacing must be in Hz.*did you mean 9\.98"),
        ({"detunings": [[1.0]]}, r"detunings must be of shape \(2, 3\)"),
        ({"detunings": [[1.0, 2.0, math.nan]] * 2}, "detunings must be finite"),
        ({"detection": "balance"}, "did you mean 'balanced'"),
        ({"detection": "drop", "bandwidth": 1e9}, "with 'drop' nothing is detected"),
        ({"load_resistance": 50.0}, "load_resistance needs the bandwidth"),
        ({"bandwidth": 0.0}, "bandwidth must be > 0 Hz"),
        ({"bus_phases": np.ones(5)}, r"bus_phases must broadcast to shape \(2, 2\)"),
        ({"bus_length": 1e-5}, "bus_length takes bus_phases"),
        ({"ring": dataclasses.replace(BANK_RING, circumference=None)}, "circumference"),
        ({"ring": dataclasses.replace(BANK_RING, drop_coupling_rate=0.0)}, "drop port"),
        ({"ring": dataclasses.replace(BANK_RING, backscatter_rate=1e9)}, "backscatter_rate"),
        ({"ring": dataclasses.replace(BANK_RING, coupling_rate=[1e10, 2e10])}, "one ring"),
        ({"ring": 3}, r"photonic\.Ring"),
    ],
)
def test_refused_settings(change, words):
    with pytest.raises(ParameterError, match=words):
        WeightBank(3, 2, **change)


@pytest.mark.parametrize(
    ("weights", "words"),
    [
        ([[1.5]], r"weights must lie in \[-1, 1\].*1.5"),
        ([[math.nan]], "weights must be finite"),
        ([0.5, 0.5], r"shape \(outputs, inputs\)"),
        ([[0.5j]], "weights must be real"),
    ],
)
def test_refused_weights(weights, words):
    with pytest.raises(ParameterError, match=words):
        WeightBank.from_weights(weights)
    with pytest.raises(ParameterError, match=r"lie in \[0, 1\]"):
        WeightBank.from_weights([[-0.1]], detection="drop")


@pytest.mark.parametrize(
    ("signal", "words"),
    [
        (np.array([[-1e-3, 0.0]]), "a power must be >= 0 W, got -0.001"),
        (np.array([[math.nan, 0.0]]), "signal must be finite"),
        (np.array([[1j, 0.0]]), "got complex fields"),
        (np.ones((1, 3)), r"shape \(rows, 2\)"),
    ],
)
def test_refused_light(signal, words):
    with pytest.raises(ParameterError, match=words):
        WeightBank(2, 1).forward(signal)


def test_what_is_no_seed_is_refused():
    bank = WeightBank(2, 1)
    for draw in (bank.with_weight_precision, bank.with_detuning_error):
        with pytest.raises(ParameterError, match="seed must be a whole number >= 0, got -1"):
            draw(1.0, seed=-1)


def test_spectra_need_a_wavelength():
    with pytest.raises(ParameterError, match="wavelength must hold at least one number"):
        WeightBank(2, 1).spectra([])


def test_network_keeps_a_programmed_bank_and_computes_with_it():
    weights = np.array([[0.5, -0.5], [0.25, -0.75]])
    network = OpticalNetwork(
        [PowerEncoder(2, 1e-3), WeightBank.from_weights(weights, transimpedance=2e3)], dtype=np.float64
    )
    scores = network.scores(np.array([[1.0, 0.5]]))  # 1 mW and 0.5 mW, shared out to two banks
    assert scores[0] == pytest.approx(weights @ [1.0, 0.5], abs=1e-8)
