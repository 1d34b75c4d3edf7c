"""An independent answer in time for the tests of this folder."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest


@pytest.fixture(scope="session")
def answer(reference: Any, model: Any) -> Callable[..., np.ndarray]:
    """Output of a cross-port interferometer after a step at 0 s, its ring integrated by SciPy."""

    def made(device: Any, times: np.ndarray, low: float, high: float) -> np.ndarray:
        ring, k_in, k_out = device.ring, device.input_coupling, device.output_coupling
        share, steady = 1 - k_in, model(ring, device.detuning)
        grid = np.linspace(0, 1, 200_001) * 4 * ring.coupling_rate * share * low / ring.linewidth**2
        start = steady.state(float(np.interp(share * low, steady.power(grid), grid)))
        size = np.array([1e-8, 1e-8, 1e23, 1.0])
        after = times[times > 0]
        states = reference(ring, device.detuning).solve(
            lambda t, k: share * high, np.concatenate([[0.0], after]), size, start=start
        )
        before = np.tile(start, (times.size - after.size, 1))
        states = np.concatenate([before, states[1:]])
        power = np.where(times > 0, high, low)
        field = states[:, 0] + 1j * states[:, 1]
        # couplers [[√(1−k), i√k], [i√k, √(1−k)]], the ring in arm 1, e^{iφ} in arm 2
        arm = np.sqrt(share * power) - math.sqrt(ring.coupling_rate) * field
        other = 1j * np.sqrt(k_in * power) * np.exp(1j * device.arm_phase)
        out = 1j * math.sqrt(k_out) * arm + math.sqrt(1 - k_out) * other
        return np.asarray(np.abs(out) ** 2)

    return made
