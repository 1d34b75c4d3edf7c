"""What networks are asked to learn: inputs in [0, 1], labels, and where they come from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from nets.idx_files import FILE_CHECKSUMS, FILES, found, idx_array, packed
from nets.image_features import fourier_coefficients, pixel_averages
from nets.vowels import VOWELS, vowel_rows
from photonic.errors import DataError, ParameterError, unknown_name

__all__ = ["Task", "averaged", "fourier", "idx_array", "load", "names"]

_MNIST = "MNIST, Y. LeCun, C. Cortes, C. J. C. Burges (commonly cited as CC BY-SA 3.0)"
_VOWEL = (
    "vowels of British English, D. Deterding, M. Niranjan, A. J. Robinson, UCI Connectionist Bench "
    "(CC BY 4.0): 8 speakers to learn from, 7 others to be judged on"
)
_FASHION = "Fashion-MNIST, H. Xiao, K. Rasul, R. Vollgraf, arXiv:1708.07747 (MIT)"


@dataclass(frozen=True, eq=False, kw_only=True)
class Task:
    """Examples to learn from and examples to be judged on.

    Parameters
    ----------
    name, source : str
        What it is called and where the numbers come from.
    train_inputs, test_inputs : ndarray of float32, shape (examples, features)
        In [0, 1] [1], unless ``domain`` says otherwise.
    train_labels, test_labels : ndarray of int64, shape (examples,)
        Classes, from 0.
    classes : int
        How many classes there are.
    pairs : bool
        Whether features 2k and 2k + 1 are the real and imaginary part of one complex amplitude.
    domain : pair of float
        Smallest and largest number that an input may be [1]; what encodes them must show all of it.
    images : bool
        Whether an input is a square image, row by row: only such ones can be transformed or averaged.
    feature_name : str, optional
        What tables call the features, in the plural: ``"Fourier coefficients"``. If left out, pixels of
        images, complex numbers of pairs, numbers of anything else.
    """

    name: str
    train_inputs: np.ndarray
    train_labels: np.ndarray
    test_inputs: np.ndarray
    test_labels: np.ndarray
    classes: int
    source: str
    pairs: bool = False
    domain: tuple[float, float] = (0.0, 1.0)
    images: bool = False
    feature_name: str = ""

    def __post_init__(self) -> None:
        for part in ("train", "test"):
            x, labels = getattr(self, f"{part}_inputs"), getattr(self, f"{part}_labels")
            if x.ndim != 2 or labels.shape != (len(x),) or not len(x):
                raise DataError(
                    f"task {self.name}: {part} inputs {x.shape} and labels {labels.shape} do not match"
                )
            if labels.min() < 0 or labels.max() >= self.classes:
                raise DataError(f"task {self.name}: {part} labels must lie in [0, {self.classes - 1}]")

    @property
    def features(self) -> int:
        """Width of an input."""
        return int(self.train_inputs.shape[1])

    @property
    def input_words(self) -> str:
        """What an input is, in words: ``64 pixels``, ``16 Fourier coefficients``."""
        plain = "complex numbers" if self.pairs else "pixels" if self.images else "numbers"
        return f"{self.features // 2 if self.pairs else self.features} {self.feature_name or plain}"

    def __repr__(self) -> str:
        n, m = len(self.train_labels), len(self.test_labels)
        return f"Task({self.name}: {n} + {m} examples, {self.features} features, {self.classes} classes)"

    def held_out(self, n: int, seed: int = 0) -> Task:
        """Task judged on ``n`` training examples drawn by ``seed``, trained on the other ones.

        The test set is not touched: this is for choosing settings.
        """
        total = len(self.train_labels)
        _within("n", n, total - 1)
        order = np.random.default_rng(seed).permutation(total)
        # sorted, so that a large set is copied in one sweep
        out, kept = np.sort(order[:n]), np.sort(order[n:])
        return replace(
            self,
            train_inputs=_frozen(self.train_inputs[kept]),
            train_labels=_frozen(self.train_labels[kept]),
            test_inputs=_frozen(self.train_inputs[out]),
            test_labels=_frozen(self.train_labels[out]),
            source=f"{self.source}; judged on {n} training examples held out (seed {seed})",
        )

    def subset(self, n: int) -> Task:
        """Task with the first ``n`` training examples only (no copy); the test set stays whole."""
        _within("n", n, len(self.train_labels))
        return replace(
            self,
            train_inputs=self.train_inputs[:n],
            train_labels=self.train_labels[:n],
            source=f"{self.source}; first {n} training examples",
        )

    def with_permuted_labels(self, seed: int = 0) -> Task:
        """Task whose training labels are shuffled: nothing can be learned but the class shares."""
        labels = np.random.default_rng(seed).permutation(self.train_labels)
        return replace(
            self,
            train_labels=_frozen(labels),
            source=f"{self.source}; training labels permuted (seed {seed})",
        )


def names() -> tuple[str, ...]:
    """Names that `load` knows."""
    return tuple(_TASKS)


def load(name: str, folder: str | Path | None = None) -> Task:
    """Task of that name: one of `names`.

    Parameters
    ----------
    name : str
        ``vowel`` is the benchmark of eleven vowels and ten features. ``vowel-4`` has the four
        at the corners of the vowel space (heed, had, hoard, who'd) and the first four features,
        360 utterances in all, the size of the task of Y. Shen et al., Nature Photonics 11, 441
        (2017), who do not say which vowels theirs are. In both a test value beyond the range met
        in training lies outside [0, 1] and is not clipped. ``mnist-fourier-16`` is
        ``fourier(load("mnist"))``. MNIST comes with the package; Fashion-MNIST is read from
        ``folder``.
    folder : path, optional
        Where the four IDX files are (as they are or gzipped), for MNIST and Fashion-MNIST.

    Raises
    ------
    ParameterError
        Unknown name; a folder given or missing where it should not be.
    DataError
        A file is missing, cut short or not what its name says.

    Examples
    --------
    >>> load("xor").train_labels.tolist()
    [0, 1, 1, 0]
    """
    key = str(name).lower().replace("_", "-")
    if key not in _TASKS:
        raise unknown_name("task", name, _TASKS)
    if folder is not None and "mnist" not in key:
        raise ParameterError(f"task {key!r} is made by the package and reads no folder, got {str(folder)!r}")
    return _TASKS[key](folder)


def averaged(task: Task, pixels: int) -> Task:
    """Task of the square images of ``task`` averaged to fewer pixels, 49 say for 7×7.

    Raises
    ------
    ParameterError
        Inputs that are not square images; pixels that are not a square number within theirs.

    Examples
    --------
    >>> averaged(load("digits"), 16).features
    16
    """
    _check_images(task)
    train, test = (
        _frozen(pixel_averages(getattr(task, name), pixels, f"{task.name}, {name}").astype(np.float32))
        for name in ("train_inputs", "test_inputs")
    )
    return replace(
        task, train_inputs=train, test_inputs=test, name=f"{task.name}-averaged-{pixels}",
        source=f"{task.source}; averaged to {pixels} pixels",
    )  # fmt: skip


def fourier(task: Task, modes: int = 16) -> Task:
    """Task of the lowest Fourier coefficients of the square images of ``task``.

    For an image x of n×n pixels, c[u, v] = Σ x[r, s] exp(−2πi(u r + v s)/n) at the frequencies
    u, v from −⌊m/2⌋ to ⌈m/2⌉ − 1, the centre of m×m, m = √modes, of the shifted transform. Each
    image's coefficients are divided by the mean of their moduli, as in the public notebook to
    I. A. D. Williamson et al., IEEE J. Sel. Top. Quantum Electron. 26, 7700412 (2020): whatever
    the brightness of an image, the mean modulus of its coefficients is 1.

    Parameters
    ----------
    task : Task
        Of square images, row by row.
    modes : int
        How many coefficients: a square number, at most the number of pixels.

    Returns
    -------
    Task
        With 2·modes features [1], negative ones too: real and imaginary part in turn, u slowest.

    Raises
    ------
    ParameterError
        Inputs that are not square images; modes that are not a square number within them.
    DataError
        An image without any light.

    Examples
    --------
    >>> small = fourier(load("digits"), modes=4)
    >>> small.features, small.pairs
    (8, True)
    """
    _check_images(task)
    train, test = (
        _frozen(fourier_coefficients(getattr(task, name), modes, f"{task.name}, {name}"))
        for name in ("train_inputs", "test_inputs")
    )
    return replace(
        task, train_inputs=train, test_inputs=test, name=f"{task.name}-fourier-{modes}", pairs=True,
        domain=(-float(modes), float(modes)), images=False, feature_name="Fourier coefficients",
        source=f"{task.source}; {modes} lowest Fourier coefficients, mean modulus 1, as (re, im)",
    )  # fmt: skip


def _check_images(task: Task) -> None:
    if not task.images:
        raise ParameterError(
            f"task {task.name} holds {task.input_words}, not images; a Task of square images says images=True"
        )


def _within(name: str, n: int, most: int) -> None:
    if int(n) != n or not 1 <= n <= most:
        raise ParameterError(f"{name} must be a whole number in [1, {most}], got {n!r}")


def _frozen(array: np.ndarray) -> np.ndarray:
    array.setflags(write=False)
    return array


# --- made here -------------------------------------------------------------------------------------


def _xor(_: Any) -> Task:
    x = _frozen(np.array([[0, 0], [0, 1], [1, 0], [1, 1]], np.float32))
    y = _frozen(np.array([0, 1, 1, 0], np.int64))
    return Task(
        name="xor", train_inputs=x, train_labels=y, test_inputs=x, test_labels=y, classes=2,
        source="truth table of exclusive or; trained and judged on its four rows",
    )  # fmt: skip


def _two_moons(_: Any) -> Task:
    n, noise, seed = 2000, 0.1, 20201
    generator = np.random.default_rng(seed)
    labels = np.arange(n, dtype=np.int64) % 2
    angle = generator.uniform(0.0, np.pi, n)
    x = np.where(labels == 0, np.cos(angle), 1.0 - np.cos(angle))
    y = np.where(labels == 0, np.sin(angle), 0.5 - np.sin(angle))
    points = np.stack([x, y], axis=1) + noise * generator.standard_normal((n, 2))
    low, high = points.min(axis=0), points.max(axis=0)
    points = _frozen(((points - low) / (high - low)).astype(np.float32))
    labels = _frozen(labels)
    return Task(
        name="two-moons", classes=2, feature_name="coordinates",
        train_inputs=points[: n // 2], train_labels=labels[: n // 2],
        test_inputs=points[n // 2 :], test_labels=labels[n // 2 :],
        source=f"two half circles with normal noise {noise}, made by this package (seed {seed})",
    )  # fmt: skip


def _digits(_: Any) -> Task:
    images = idx_array(packed("t10k-images-idx3-ubyte"), FILE_CHECKSUMS["mnist"])
    labels = idx_array(packed("t10k-labels-idx1-ubyte"), FILE_CHECKSUMS["mnist"]).astype(np.int64)
    small = pixel_averages(images.reshape(len(images), -1), 64) / 255.0
    order = np.random.default_rng(8).permutation(len(labels))
    x = _frozen(small[order].astype(np.float32))
    y = _frozen(labels[order])
    return Task(
        name="digits", classes=10, images=True,
        train_inputs=x[:8000], train_labels=y[:8000], test_inputs=x[8000:], test_labels=y[8000:],
        source=f"the 10,000 test images of {_MNIST}, averaged to 8×8 pixels and split 8,000 / 2,000 (seed 8)",
    )  # fmt: skip


def _vowel(_: Any) -> Task:
    return _spoken("vowel", VOWELS, 10)


def _vowel_4(_: Any) -> Task:
    # the corners of the vowel space: heed, had, hoard, who'd
    return _spoken("vowel-4", ("hid", "hAd", "hod", "hud"), 4)


def _spoken(name: str, chosen: tuple[str, ...], features: int) -> Task:
    x, labels, test_x, test_labels = map(_frozen, vowel_rows(chosen, features))
    outside = np.count_nonzero((test_x < 0) | (test_x > 1)) / test_x.size
    return Task(
        name=name, classes=len(chosen), domain=(-0.25, 1.25), feature_name="log area ratios",
        train_inputs=x, train_labels=labels, test_inputs=test_x, test_labels=test_labels,
        source=f"{_VOWEL}; {features} log area ratios, each from 0 to 1 over the training rows; "
        f"{100 * outside:.1f} % of the test values lie outside and stay there; vowels {', '.join(chosen)}",
    )  # fmt: skip


# --- IDX files -------------------------------------------------------------------------------------


def _mnist(folder: Path | None) -> Task:
    files = {n: packed(n) if folder is None else found(Path(folder), n) for n in FILES.values()}
    return _images("mnist", files, FILE_CHECKSUMS["mnist"], _MNIST)


def _fashion_mnist(folder: Path | None) -> Task:
    if folder is None:
        raise ParameterError("fashion-mnist is not in the package: name the folder of its four IDX files")
    return _images(
        "fashion-mnist",
        {n: found(Path(folder), n) for n in FILES.values()},
        FILE_CHECKSUMS["fashion-mnist"],
        _FASHION,
    )


def _mnist_fourier(folder: Path | None) -> Task:
    return fourier(_mnist(folder), 16)


_TASKS: dict[str, Callable[[Any], Task]] = {
    "xor": _xor,
    "two-moons": _two_moons,
    "digits": _digits,
    "vowel": _vowel,
    "vowel-4": _vowel_4,
    "mnist": _mnist,
    "mnist-fourier-16": _mnist_fourier,
    "fashion-mnist": _fashion_mnist,
}


def _images(name: str, files: dict[str, Any], checksums: Mapping[str, str], source: str) -> Task:
    parts: dict[str, np.ndarray] = {}
    for part in ("train", "test"):
        images = idx_array(files[FILES[f"{part}_images"]], checksums)
        labels = idx_array(files[FILES[f"{part}_labels"]], checksums)
        if images.ndim != 3 or labels.shape != (len(images),):
            raise DataError(f"{name}: {part} images {images.shape} do not go with labels {labels.shape}")
        x = np.empty((len(images), images[0].size), np.float32)
        np.multiply(images.reshape(len(images), -1), np.float32(1 / 255), out=x)
        parts[f"{part}_inputs"] = _frozen(x)
        parts[f"{part}_labels"] = _frozen(labels.astype(np.int64))
    return Task(name=name, classes=10, source=source, images=True, **parts)  # type: ignore[arg-type]
