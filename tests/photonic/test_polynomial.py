"""Positive roots of polynomials: complete, and equal to prescribed ones."""

from __future__ import annotations

import numpy as np
import pytest

from photonic import polynomial
from photonic.polynomial import positive_roots


def slope(half: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """d/du of u(h² + o²), the polynomial of the folds."""
    return (np.convolve(half, half) + np.convolve(offset, offset)) * np.arange(1, 8)


@pytest.mark.parametrize("roots", [[0.5, 2.0], [1e-3, 1e-2, 3.0, 1e3], [1.0, 1.1], [1, 2, 3, 4, 5, 6]])
def test_prescribed_roots_come_back(roots: list[float]) -> None:
    negative = np.linspace(-2, -1, 6 - len(roots))
    found = positive_roots(np.polynomial.polynomial.polyfromroots([*roots, *negative]))
    assert np.allclose(found[np.isfinite(found)], roots, rtol=1e-9)


def test_number_of_roots_agrees_with_bracketing_on_random_slopes() -> None:
    """4,000 polynomials over nine decades, half of them at a cusp; bisection between the roots of
    the derivatives is the independent count."""
    rng = np.random.default_rng(5)
    counts: dict[int, int] = {}
    for trial in range(4000):
        half, offset = np.zeros(4), np.zeros(4)
        half[0] = 0.5
        half[1:3] = 10.0 ** rng.uniform(-6, 3, 2) * (rng.random(2) < 0.7)
        offset[0] = rng.uniform(0.8, 1.2) if trial % 2 else rng.uniform(-10, 10)
        offset[1:] = 10.0 ** rng.uniform(-6, 3, 3) * rng.choice([-1, 0, 1], 3)
        a = slope(half, offset)
        found = positive_roots(a)
        found = found[np.isfinite(found)]
        expected = np.array(polynomial._bracketed(list(a)))
        assert found.size == expected.size
        assert np.allclose(found, expected, rtol=1e-6)
        counts[found.size] = counts.get(found.size, 0) + 1
    assert set(counts) >= {0, 2, 4}


def test_batches_are_the_same_as_single_ones() -> None:
    rng = np.random.default_rng(1)
    batch = np.array(
        [[slope(rng.uniform(0, 1, 4), rng.uniform(-3, 3, 4)) for _ in range(5)] for _ in range(4)]
    )
    found = positive_roots(batch)
    assert found.shape == (4, 5, 6)
    for index in np.ndindex(4, 5):
        assert np.array_equal(found[index], positive_roots(batch[index]), equal_nan=True)


def test_no_root() -> None:
    assert not np.any(np.isfinite(positive_roots(np.array([1.0, 0.0, 0.0]))))
    assert not np.any(np.isfinite(positive_roots(np.array([1.0, 2.0, 3.0]))))
