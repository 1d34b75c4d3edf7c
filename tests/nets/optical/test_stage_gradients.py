"""Gradients of encoders, passive parts, amplifiers, detectors and readouts against central differences."""

import numpy as np
import pytest

from nets.optical.amplifier import Amplifier
from nets.optical.detectors import Detector
from nets.optical.encoders import FieldEncoder, PowerEncoder
from nets.optical.passive import Attenuator, Combiner, Splitter
from nets.optical.readout import Readout
from nets.optical.stage import Stage

AMPLIFIER = {"noise_figure": 4.0, "bandwidth": 10e9}
LOAD = {"bandwidth": 10e9, "load_resistance": 50.0, "relative_intensity_noise": 1e-15}

# stage, size of what goes in [1, W or √W], whether with noise
CASES = {
    "power encoder": (lambda: PowerEncoder(4, 2e-3, bias=1e-4, domain=(-1.0, 1.5)), 1.0, False),
    "power encoder, total": (lambda: PowerEncoder(4, total_power=2e-3, extinction_ratio=20.0), 1.0, False),
    "field encoder": (lambda: FieldEncoder(4, 2e-3, largest=1.2), 1.0, False),
    "field encoder, pairs": (lambda: FieldEncoder(4, 2e-3, pairs=True, largest=3.0), 1.0, False),
    "field encoder, total": (lambda: FieldEncoder(4, total_power=2e-3, pairs=True), 1.0, False),
    "loss of fields": (lambda: Attenuator(4, [1.0, 1.5, 2.0, 10.0]), 0.03, False),
    "loss of powers": (lambda: Attenuator(4, [1.0, 1.5, 2.0, 10.0], kind="powers"), 1e-3, False),
    "splitter of fields": (lambda: Splitter(4, 3, excess_loss=1.1), 0.03, False),
    "splitter of powers": (lambda: Splitter(4, 3, excess_loss=1.1, kind="powers"), 1e-3, False),
    "combiner of fields": (lambda: Combiner(2, 2, excess_loss=1.1), 0.03, False),
    "combiner of powers": (lambda: Combiner(2, 2, excess_loss=1.1, kind="powers"), 1e-3, False),
    "amplifier of fields": (lambda: Amplifier(4, 30.0, **AMPLIFIER), 0.03, True),
    "amplifier of powers": (lambda: Amplifier(4, 30.0, kind="powers", **AMPLIFIER), 1e-3, False),
    "saturated fields": (lambda: Amplifier(4, 30.0, saturation_power=1e-3, **AMPLIFIER), 0.03, False),
    "saturated fields, noise": (lambda: Amplifier(4, 30.0, saturation_power=1e-7, **AMPLIFIER), 1e-4, True),
    "saturated powers": (
        lambda: Amplifier(4, 30.0, saturation_power=1e-3, kind="powers", **AMPLIFIER),
        1e-3,
        False,
    ),
    "detector of fields": (lambda: Detector(4, 0.8, dark_current=1e-6), 0.03, False),
    "detector of fields, noise": (lambda: Detector(4, 0.8, **LOAD), 0.03, True),
    "detector of powers, noise": (lambda: Detector(4, 0.8, takes="powers", **LOAD), 1e-3, True),
    "detector of many lasers": (
        lambda: Detector(4, 0.8, takes="powers", laser_noise="independent", **LOAD),
        1e-3,
        True,
    ),
    "readout": (lambda: Readout(4, 2e3, outputs=3, trained=("gain", "offset")), 1e-3, False),
    "readout of shares": (
        lambda: Readout(4, 5.0, outputs=3, law="share", trained=("gain", "offset")),
        1e-3,
        False,
    ),
    "readout of logarithms": (lambda: Readout(4, 1.0, law="log-share", trained=("gain",)), 1e-3, False),
    "readout above a floor": (
        lambda: Readout(4, 1.0, law="log-share", floor=5e-4, trained=("gain", "offset")),
        1e-3,
        False,
    ),
}


def signal_of(stage, scale, generator):
    shape = (3, stage.inputs)
    if stage.takes == "fields":
        return scale * (generator.standard_normal(shape) + 1j * generator.standard_normal(shape))
    return scale * generator.uniform(0.1, 1.0, shape)


@pytest.mark.parametrize("name", CASES)
def test_gradients_are_those_of_central_differences(name):
    build, scale, noisy = CASES[name]
    stage = build()
    assert isinstance(stage, Stage)
    generator = np.random.default_rng(3)
    parameters, gradient = 0.3 * generator.standard_normal(stage.size), np.zeros(stage.size)
    stage.bind(parameters, gradient)
    x = signal_of(stage, scale, generator)
    untouched = x.copy()

    def noise():
        return np.random.default_rng(8) if noisy else None

    out, kept = stage.forward(x, noise())
    assert np.array_equal(x, untouched)
    weight = generator.standard_normal(out.shape)
    if stage.gives == "fields":
        weight = weight + 1j * generator.standard_normal(out.shape)
    found = stage.backward(kept, weight.copy(), True)

    def loss(x):
        return float(np.sum(np.real(np.conj(weight) * stage.forward(x, noise())[0])))

    step = 1e-5 * scale
    expected = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        for direction in (1.0, 1j) if stage.takes == "fields" else (1.0,):
            up, down = x.copy(), x.copy()
            up[place] += direction * step
            down[place] -= direction * step
            expected[place] += direction * (loss(up) - loss(down)) / (2 * step)
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-7 * np.abs(expected).max())
    slopes = np.zeros(stage.size)
    for k in range(stage.size):
        parameters[k] += 1e-5
        high = loss(x)
        parameters[k] -= 2e-5
        slopes[k] = (high - loss(x)) / 2e-5
        parameters[k] += 1e-5
    assert gradient == pytest.approx(slopes, rel=1e-6)


@pytest.mark.parametrize("name", CASES)
def test_precision_goes_through_and_nothing_is_sent_back_unasked(name):
    build, scale, noisy = CASES[name]
    stage = build()
    stage.bind(np.zeros(stage.size, np.float32), np.zeros(stage.size, np.float32))
    x = signal_of(stage, scale, np.random.default_rng(3))
    narrow = x.astype(np.complex64 if stage.takes == "fields" else np.float32)
    out, kept = stage.forward(narrow, np.random.default_rng(8) if noisy else None)
    assert out.dtype == (np.complex64 if stage.gives == "fields" else np.float32)
    assert stage.backward(kept, np.ones_like(out), True).dtype == narrow.dtype
    assert stage.backward(kept, np.ones_like(out), False) is None
    wide = stage.forward(x, np.random.default_rng(8) if noisy else None)[0]
    assert out == pytest.approx(wide, rel=2e-4, abs=2e-6 * np.abs(wide).max())


@pytest.mark.parametrize("name", CASES)
def test_identity_tells_settings_apart(name):
    texts = {case: build().identity for case, (build, _, _) in CASES.items()}
    assert list(texts.values()).count(texts[name]) == 1
