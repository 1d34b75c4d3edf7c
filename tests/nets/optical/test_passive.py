"""Losses, splitters and combiners: no power from nowhere, whatever they are chained to."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nets.optical.passive import Attenuator, Combiner, Splitter
from photonic import ParameterError


def total(kind, signal):
    return np.sum(np.abs(signal) ** 2 if kind == "fields" else signal, axis=1)


def light(kind, channels, seed, rows=4):
    generator = np.random.default_rng(seed)
    if kind == "powers":
        return 1e-3 * generator.uniform(0, 1, (rows, channels))
    return 0.03 * (
        generator.standard_normal((rows, channels)) + 1j * generator.standard_normal((rows, channels))
    )


def chain(kind, seed):
    """Random passive parts one after the other, from 6 channels."""
    generator = np.random.default_rng(seed)
    channels, stages = 6, []
    for _ in range(8):
        part = generator.integers(3)
        excess = 1 + generator.exponential(0.3)
        if part == 0:
            stages.append(Attenuator(channels, 1 + generator.exponential(0.5, channels), kind=kind))
        elif part == 1 and channels < 30:
            stages.append(Splitter(channels, int(generator.integers(1, 4)), excess_loss=excess, kind=kind))
        else:
            copies = int(generator.choice([n for n in (1, 2, 3) if channels % n == 0]))
            stages.append(Combiner(channels // copies, copies, excess_loss=excess, kind=kind))
        channels = stages[-1].outputs
    return stages


@given(seed=st.integers(0, 10_000), kind=st.sampled_from(["fields", "powers"]))
def test_passive_chains_never_gain_power_and_superpose(seed, kind):
    one, other = light(kind, 6, seed), light(kind, 6, seed + 1)
    both = one + other
    for stage in chain(kind, seed):
        entering = total(kind, both)
        one, other, both = (stage.forward(s)[0] for s in (one, other, both))
        assert np.all(total(kind, both) <= entering * (1 + 1e-12))
    assert both == pytest.approx(one + other, rel=1e-12)


@pytest.mark.parametrize("kind", ["fields", "powers"])
def test_losses_are_ratios_of_powers(kind):
    x = light(kind, 4, 0)
    assert total(kind, Attenuator(4, 4.0, kind=kind).forward(x)[0]) == pytest.approx(total(kind, x) / 4)
    assert total(kind, Splitter(4, 5, kind=kind).forward(x)[0]) == pytest.approx(total(kind, x))
    copies = Splitter(4, 5, excess_loss=2.0, kind=kind).forward(x)[0]
    assert total(kind, copies[:, 4:8]) == pytest.approx(total(kind, x) / 10)  # one of five, half is lost


def test_a_combiner_keeps_what_fields_have_in_common():
    combiner, x = Combiner(3, 2), light("fields", 3, 1)
    assert total("fields", combiner.forward(np.hstack([x, x]))[0]) == pytest.approx(2 * total("fields", x))
    assert total("fields", combiner.forward(np.hstack([x, -x]))[0]) == pytest.approx(np.zeros(4), abs=1e-30)
    alone = combiner.forward(np.hstack([x, 0 * x]))[0]
    assert total("fields", alone) == pytest.approx(total("fields", x) / 2)


def test_light_that_does_not_interfere_is_shared_out_by_a_combiner():
    x = light("powers", 3, 1)
    out = Combiner(3, 2, kind="powers").forward(np.hstack([x, x]))[0]
    assert out == pytest.approx(x)  # half of each of two: reciprocity of the splitter


def test_splitters_and_combiners_are_reciprocal():
    """The transfer matrix one way is the transpose of the other way."""
    one_way = Splitter(2, 3, excess_loss=1.3).forward(np.eye(2) + 0j)[0]
    other_way = Combiner(2, 3, excess_loss=1.3).forward(np.eye(6) + 0j)[0]
    assert one_way == pytest.approx(other_way.T)


@pytest.mark.parametrize(
    ("build", "words"),
    [
        (lambda: Attenuator(2, 0.5), "insertion_loss must be >= 1 .* 2 .a transmission of 0.5"),
        (lambda: Attenuator(2, -3.0), "did you mean 1.995 .3 dB"),
        (lambda: Attenuator(2, 1e9), "insertion_loss must be <= 1e.06"),
        (lambda: Attenuator(2, [1.0, 2.0, 3.0]), r"one number or 2, got shape \(3,\)"),
        (lambda: Splitter(2, 2, excess_loss=0.9), "excess_loss must be >= 1"),
        (lambda: Splitter(2, 0), "copies must be a whole number >= 1"),
        (lambda: Combiner(2, 2, kind="numbers"), "kind must be fields or powers"),
        (lambda: Attenuator(2, 1.0, kind="field"), "did you mean 'fields'"),
    ],
)
def test_impossible_settings_are_refused(build, words):
    with pytest.raises(ParameterError, match=words):
        build()
