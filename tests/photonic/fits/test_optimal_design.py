"""Choice of rows for their information, against trying all."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from photonic.fits.optimal_design import choice


@pytest.mark.parametrize("target", ["d", "a", 1])
def test_the_choice_is_as_good_as_trying_all(target):
    gaps = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        rows, known = rng.standard_normal((9, 3)), 0.3 * rng.standard_normal((4, 3))

        def value(taken, rows=rows, known=known):
            every = np.concatenate([known, rows[list(taken)]])
            covariance = np.linalg.inv(every.T @ every)
            if target == "d":
                return np.linalg.det(covariance) ** (1 / 3)
            return np.trace(covariance) if target == "a" else covariance[1, 1]

        best = min(value(t) for t in itertools.combinations_with_replacement(range(9), 5))
        found = choice(rows, known, 5, target)
        reached = value(np.repeat(np.arange(9), found.counts))
        assert found.counts.sum() == 5
        gaps.append(best / reached)
        assert found.efficiency <= best / reached + 1e-9  # the promise is a lower bound
        assert found.efficiency > 0.85
    assert min(gaps) >= 0.95


def test_settings_and_repeats_are_limited_on_demand():
    rng = np.random.default_rng(1)
    rows, groups = rng.standard_normal((40, 3)), np.repeat(np.arange(8), 5)
    free = choice(rows, np.zeros((0, 3)), 12, "d", groups=groups)
    few = choice(rows, np.zeros((0, 3)), 12, "d", groups=groups, most_groups=2)
    single = choice(rows, np.zeros((0, 3)), 12, "d", groups=groups, most_repeats=1)
    assert np.unique(groups[free.counts > 0]).size > 2
    assert np.unique(groups[few.counts > 0]).size <= 2
    assert few.counts.sum() == single.counts.sum() == 12
    assert single.counts.max() == 1

    def determinant(counts):
        return np.linalg.det((rows * counts[:, None]).T @ rows)

    pairs = []
    for pair in itertools.combinations(range(8), 2):
        own = np.isin(groups, pair)
        pairs.append(determinant(np.where(own, choice_of(rows, own), 0)))
    assert determinant(few.counts) > 0.85 * max(pairs)
    assert determinant(free.counts) > determinant(few.counts)


def choice_of(rows, own):
    counts = np.zeros(len(rows), dtype=int)
    counts[own] = choice(rows[own], np.zeros((0, 3)), 12, "d").counts
    return counts


def test_nothing_to_gain():
    found = choice(np.zeros((4, 2)), np.eye(2), 3, "d")
    assert found.counts.sum() == 3
    assert found.efficiency == 1.0
