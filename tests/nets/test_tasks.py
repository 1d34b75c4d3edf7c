"""The data are what they say: counts, content, and clear errors where a file is not."""

import dataclasses
import gzip
import hashlib
import struct
from importlib import resources

import numpy as np
import pytest

import nets
from nets import idx_files, tasks
from photonic import DataError, ParameterError

DIGESTS = {
    "train-images-idx3-ubyte": "6bbc9ace898e44ae57da46a324031adb",
    "train-labels-idx1-ubyte": "a25bea736e30d166cdddb491f175f624",
    "t10k-images-idx3-ubyte": "2646ac647ad5339dbf082846283269ea",
    "t10k-labels-idx1-ubyte": "27ae3e4e09519cfbb04c329615203637",
}


def idx(array):
    head = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return head + array.astype(np.uint8).tobytes()


@pytest.fixture
def fashion_folder(tmp_path):
    generator = np.random.default_rng(0)
    for part, n in (("train", 12), ("t10k", 5)):
        images, labels = generator.integers(0, 256, (n, 28, 28)), np.arange(n) % 10
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(idx(images))
        (tmp_path / f"{part}-labels-idx1-ubyte.gz").write_bytes(gzip.compress(idx(labels)))
    return tmp_path


def test_shipped_files_are_the_canonical_ones():
    folder = resources.files("nets") / "data" / "mnist"
    for name, digest in DIGESTS.items():
        raw = gzip.decompress((folder / f"{name}.gz").read_bytes())
        assert hashlib.md5(raw).hexdigest() == digest
    assert "LeCun" in (folder / "LICENSE").read_text()


def test_mnist_is_whole(mnist):
    assert mnist.train_inputs.shape == (60000, 784)
    assert mnist.test_inputs.shape == (10000, 784)
    assert mnist.train_inputs.dtype == np.float32
    # counts of the labels 0 to 9, as in the published files
    expected = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(mnist.train_labels).tolist() == expected
    assert np.bincount(mnist.test_labels).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert (mnist.train_inputs.min(), mnist.train_inputs.max()) == (0, 1)
    # mean and deviation of the training pixels, as everybody quotes them: 0.1307, 0.3081
    assert mnist.train_inputs.mean(dtype=float) == pytest.approx(0.1307, abs=5e-5)
    assert mnist.train_inputs[::7].std(dtype=float) == pytest.approx(0.3081, abs=1e-3)
    assert not mnist.train_inputs.flags.writeable


def test_digits_are_averaged_mnist(digits, mnist):
    assert digits.train_inputs.shape == (8000, 64)
    assert digits.test_inputs.shape == (2000, 64)
    assert "8×8" in digits.source
    # area averages keep the mean brightness
    order = np.random.default_rng(8).permutation(10000)
    whole = mnist.test_inputs[order[:8000]].mean(axis=1)
    np.testing.assert_allclose(digits.train_inputs.mean(axis=1), whole, atol=1e-6)
    assert np.array_equal(digits.train_labels, mnist.test_labels[order[:8000]])
    # the upper left cell is the mean over 3.5 × 3.5 pixels; checked on doubled pixels
    image = mnist.test_inputs[order[17]].reshape(28, 28).repeat(2, axis=0).repeat(2, axis=1)
    cells = image.reshape(8, 7, 8, 7).mean(axis=(1, 3))
    np.testing.assert_allclose(digits.train_inputs[17].reshape(8, 8), cells, atol=1e-6)


def test_small_tasks():
    xor = tasks.load("xor")
    assert np.array_equal(xor.train_labels, np.logical_xor(*xor.train_inputs.T))
    moons = tasks.load("two_moons")
    assert np.array_equal(moons.train_inputs, tasks.load("two-moons").train_inputs)
    assert moons.train_inputs.min() >= 0
    assert moons.train_inputs.max() <= 1
    linear, curved = (
        nets.train(nets.Network((2, 16, 2), a, seed=0), moons, epochs=100, learning_rate=0.05).accuracy
        for a in ("identity", "tanh")
    )
    assert linear < 0.92 < 0.97 < curved  # two half circles that no line parts


def test_held_out_leaves_the_test_set_alone(digits):
    task = digits.held_out(1000, seed=3)
    assert (len(task.train_labels), len(task.test_labels)) == (7000, 1000)
    both = np.vstack([task.train_inputs, task.test_inputs])
    for rows in (both, digits.train_inputs):
        assert rows.shape == (8000, 64)
    assert np.array_equal(np.sort(both.sum(axis=1)), np.sort(digits.train_inputs.sum(axis=1)))
    assert not np.array_equal(task.test_labels, digits.held_out(1000, seed=4).test_labels)
    assert "held out" in task.source


def test_subset_and_permuted_labels(digits):
    task = digits.subset(50)
    assert np.shares_memory(task.train_inputs, digits.train_inputs)
    assert len(task.test_labels) == 2000
    permuted = task.with_permuted_labels(1)
    assert np.array_equal(np.bincount(permuted.train_labels), np.bincount(task.train_labels))
    assert not np.array_equal(permuted.train_labels, task.train_labels)
    assert np.array_equal(permuted.test_labels, task.test_labels)
    with pytest.raises(ParameterError, match=r"n must be a whole number in \[1, 8000\], got 0"):
        digits.subset(0)


def test_fashion_mnist_from_a_folder(fashion_folder, monkeypatch):
    with pytest.raises(DataError, match="t10k-images-idx3-ubyte: its content is not the published one"):
        tasks.load("fashion-mnist", folder=fashion_folder)
    monkeypatch.setitem(idx_files.FILE_CHECKSUMS, "fashion-mnist", {})
    task = tasks.load("fashion-mnist", folder=fashion_folder)
    assert task.train_inputs.shape == (12, 784)
    assert task.test_labels.tolist() == [0, 1, 2, 3, 4]


def test_mnist_from_a_folder_must_be_mnist(fashion_folder):
    with pytest.raises(DataError, match="MD5 differs"):
        tasks.load("mnist", folder=fashion_folder)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not an IDX file of bytes, it begins with nothing"),
        (b"\x00\x00\x0d\x01\x00\x00\x00\x01abcd", "not an IDX file of bytes, it begins with 00 00 0d 01"),
        (idx(np.zeros((3, 2)))[:-1], r"holds 5 bytes, its header says 6 \(3, 2\)"),
        (gzip.compress(idx(np.zeros((30, 2))))[:-9], "cannot be read"),
        (b"\x1f\x8b not gzip at all", "cannot be read"),
    ],
)
def test_damaged_files(tmp_path, content, message):
    path = tmp_path / "train-images-idx3-ubyte.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=message) as caught:
        tasks.idx_array(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_things_are_named(tmp_path):
    with pytest.raises(DataError, match="train-images-idx3-ubyte: no such file"):
        tasks.load("fashion-mnist", folder=tmp_path)
    with pytest.raises(ParameterError, match="name the folder"):
        tasks.load("fashion-mnist")
    with pytest.raises(ParameterError, match="reads no folder"):
        tasks.load("xor", folder=tmp_path)
    with pytest.raises(ParameterError, match=r"unknown task 'minst'.*'mnist'"):
        tasks.load("minst")


def test_fourier_features_are_the_centre_of_the_shifted_transform(mnist):
    task = tasks.fourier(mnist, 16)
    assert task.train_inputs.shape == (60000, 32)
    assert task.train_inputs.dtype == np.float32
    assert (task.name, task.pairs, task.classes) == ("mnist-fourier-16", True, 10)
    # NumPy's fast transform is the independent origin
    for made, images in ((task.train_inputs, mnist.train_inputs), (task.test_inputs, mnist.test_inputs)):
        whole = np.fft.fftshift(np.fft.fft2(images[::499].reshape(-1, 28, 28)), axes=(1, 2))
        centre = whole[:, 12:16, 12:16].reshape(-1, 16)
        centre /= np.abs(centre).mean(axis=1, keepdims=True)
        np.testing.assert_allclose(made[::499].astype(float).view(complex), centre, atol=2e-6)
    with pytest.raises(ParameterError, match="16 Fourier coefficients, not images"):
        tasks.fourier(task)


def test_fourier_features_know_odd_counts_and_refuse_the_impossible(digits):
    nine = tasks.fourier(digits, 9).test_inputs[:50].astype(float).view(complex)
    whole = np.fft.fftshift(np.fft.fft2(digits.test_inputs[:50].reshape(-1, 8, 8)), axes=(1, 2))
    centre = whole[:, 3:6, 3:6].reshape(-1, 9)
    np.testing.assert_allclose(nine, centre / np.abs(centre).mean(axis=1, keepdims=True), atol=2e-6)
    # a real image: opposite frequencies are conjugate
    np.testing.assert_allclose(nine[:, 0], nine[:, 8].conj(), atol=1e-6)
    for modes in (0, 8, 81, -4):
        with pytest.raises(ParameterError, match=r"modes must be a square number in \[1, 64\]"):
            tasks.fourier(digits, modes)
    # four log area ratios are no image of 2 × 2 pixels, though 4 is a square number
    for reads in (tasks.fourier, tasks.averaged):
        with pytest.raises(ParameterError, match="vowel-4 holds 4 log area ratios, not images"):
            reads(tasks.load("vowel-4"), 4)
    odd = dataclasses.replace(tasks.load("xor"), images=True)
    with pytest.raises(ParameterError, match="must be square images, got 2 features"):
        tasks.fourier(odd, 1)
    dark = dataclasses.replace(digits, test_inputs=np.zeros((2000, 64), np.float32))
    with pytest.raises(DataError, match="digits, test_inputs: row 0 has no light"):
        tasks.fourier(dark, 4)


def nearest_neighbour(task):
    """Share of test rows whose nearest training row has their label."""
    apart = ((task.test_inputs[:, None, :] - task.train_inputs[None]) ** 2).sum(axis=2)
    return float(np.mean(task.train_labels[apart.argmin(axis=1)] == task.test_labels))


def test_vowels_are_the_benchmark():
    task = tasks.load("vowel")
    assert task.train_inputs.shape == (528, 10)
    assert task.test_inputs.shape == (462, 10)
    assert np.bincount(task.train_labels).tolist() == [48] * 11
    assert np.bincount(task.test_labels).tolist() == [42] * 11
    assert task.train_inputs.min(axis=0).tolist() == [0] * 10
    assert task.train_inputs.max(axis=0).tolist() == [1] * 10
    # first row of the file: log area ratio 1 is -3.639, and the training rows run from -5.211 to -0.941
    assert task.train_inputs[0, 0] == pytest.approx((-3.639 + 5.211) / (-0.941 + 5.211), abs=1e-6)
    # 1-nearest-neighbour: 56 % in the description of the data set (A. J. Robinson), features unscaled
    assert nearest_neighbour(_unscaled(task)) == pytest.approx(0.56, abs=0.005)


def _unscaled(task):
    low, high = _raw_range()
    return dataclasses.replace(
        task,
        train_inputs=task.train_inputs * (high - low) + low,
        test_inputs=task.test_inputs * (high - low) + low,
    )


def _raw_range():
    file = resources.files("nets") / "data" / "vowel" / "vowel.csv"
    rows = np.loadtxt(file.read_text().splitlines()[1:], delimiter=",")
    rows = rows[rows[:, 0] == 0, 3:13]
    return rows.min(axis=0), rows.max(axis=0)


def test_four_vowels_have_the_size_of_the_published_task():
    task, whole = tasks.load("vowel-4"), tasks.load("vowel")
    assert len(task.train_labels) + len(task.test_labels) == 360  # Shen et al. 2017: 360 points, 4 features
    assert (task.features, task.classes) == (4, 4)
    assert np.bincount(task.test_labels).tolist() == [42] * 4
    outside = (task.test_inputs < 0) | (task.test_inputs > 1)
    assert 0 < outside.mean() < 0.1
    assert f"{100 * outside.mean():.1f} % of the test values" in task.source
    # the same utterances as in the whole set, up to one line a feature
    rows = np.isin(whole.train_labels, (0, 3, 7, 9))
    assert np.array_equal(np.searchsorted([0, 3, 7, 9], whole.train_labels[rows]), task.train_labels)
    for k in range(4):
        line = np.polyfit(whole.train_inputs[rows, k], task.train_inputs[:, k], 1)
        np.testing.assert_allclose(
            np.polyval(line, whole.train_inputs[rows, k]), task.train_inputs[:, k], atol=1e-5
        )


def test_averages_of_images_keep_what_falls_into_their_squares(mnist):
    task = tasks.averaged(mnist, 49)
    blocks = mnist.test_inputs[:200].reshape(-1, 7, 4, 7, 4).mean(axis=(2, 4)).reshape(-1, 49)
    np.testing.assert_allclose(task.test_inputs[:200], blocks, atol=1e-6)
    assert (task.features, task.pairs, task.train_inputs.dtype) == (49, False, np.float32)
    with pytest.raises(ParameterError, match="pixels must be a square number"):
        tasks.averaged(mnist, 50)


@pytest.mark.parametrize(
    ("name", "words"),
    [("digits", "64 pixels"), ("vowel", "10 log area ratios"), ("xor", "2 numbers")],
)
def test_a_task_says_what_an_input_is(name, words):
    task = tasks.load(name)
    assert task.input_words == words
    if task.images:
        assert tasks.averaged(task, 16).input_words == "16 pixels"
        assert tasks.fourier(task, 9).input_words == "9 Fourier coefficients"
