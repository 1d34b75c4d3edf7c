"""A smooth curve with known formula, and tasks that are loaded once."""

import numpy as np
import pytest

from nets import tasks
from photonic import Curve

FULL_SCALE = 2e-3  # [W]


def sigmoid_power(power):
    """Output power [W] of the synthetic curve, and its slope [1], from the formula."""
    x = power / FULL_SCALE
    s = 1 / (1 + np.exp(-(x - 0.5) / 0.1))
    return 0.8 * FULL_SCALE * s, 0.8 * s * (1 - s) / 0.1


@pytest.fixture(scope="session")
def formula():
    """(full scale [W], function power -> output power and slope) behind `curve`."""
    return FULL_SCALE, sigmoid_power


@pytest.fixture(scope="session")
def curve():
    power = np.linspace(0, FULL_SCALE, 401)
    out, slope = sigmoid_power(power)
    return Curve(power, out, slope=slope, regime="frozen heat")


@pytest.fixture(scope="session")
def jumping_curve():
    power = np.array([0, 1, 2, 3, 3, 4, 5, 6]) * 1e-4
    return Curve(power, np.array([0, 1, 2, 3, 5, 5.5, 6, 6.5]) * 1e-5, branch="up")


@pytest.fixture(scope="session")
def digits():
    return tasks.load("digits")


@pytest.fixture(scope="session")
def mnist():
    return tasks.load("mnist")
