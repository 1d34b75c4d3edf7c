"""Value and slope of a photonic activation against SciPy's sigmoid: 1024 × 1024 numbers, processor time."""

from __future__ import annotations

import time

import numpy as np
from scipy.special import expit
from timing import interleaved, report

from nets import activations, specifications


def main() -> None:
    photonic = specifications.activation("photonic:sigmoid")
    for dtype in (np.float64, np.float32):
        x = np.random.default_rng(0).normal(size=(1024, 1024)).astype(dtype)
        value, slope = np.empty_like(x), np.empty_like(x)

        def scipy_sigmoid(x: np.ndarray = x) -> tuple[np.ndarray, np.ndarray]:
            s = expit(x)
            return s, s * (1 - s)

        contestants = {
            "scipy expit, s*(1-s)": scipy_sigmoid,
            "photonic, new arrays": lambda x=x: photonic.value_and_derivative(x),
            "photonic, in place": lambda x=x, v=value, s=slope: photonic.value_and_derivative(x, v, s),
        }
        for name in ("relu", "sigmoid", "tanh"):
            f = activations.get(name)
            contestants[f"{name}, in place"] = lambda f=f, x=x, v=value, s=slope: f.value_and_derivative(
                x, v, s
            )
        report(
            f"value and slope, 1024 × 1024 {np.dtype(dtype)}",
            interleaved(contestants, 15, time.process_time),
            "scipy expit, s*(1-s)",
        )


if __name__ == "__main__":
    main()
