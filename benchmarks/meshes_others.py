"""The step of `meshes.py` with neuroptica or neurophox, whichever the environment has.

Neither library belongs to this project. Each needs an environment of its own:

    python3 -m venv neuroptica-venv && neuroptica-venv/bin/pip install neuroptica
    python3 -m venv neurophox-venv
    neurophox-venv/bin/pip install tensorflow-cpu torch scipy matplotlib
    neurophox-venv/bin/pip install --no-deps neurophox
    python benchmarks/meshes.py neuroptica-venv/bin/python neurophox-venv/bin/python

This script is started by `meshes.py`: it prints the names of its contestants, and for every line that names
one the seconds of a call. neurophox computes in single precision unless its configuration says otherwise, as
it does here; its PyTorch half knows single precision only. "of the matrix" sends the 64 unit vectors through
the mesh instead of the 512 rows, and multiplies afterwards, which neither library does by itself.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"


def shortest(call: Callable[[], Any], span: float = 0.33) -> float:
    """Shortest of the calls [s] that go into ``span`` [s], after one uncounted call."""
    call()
    best, begin = float("inf"), time.perf_counter()
    while time.perf_counter() - begin < span or best == float("inf"):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best


def neuroptica(signal: np.ndarray, upstream: np.ndarray) -> dict[str, Callable[[], Any]]:
    """Its adjoint method (fields at all phase shifters), in the three ways that it offers."""
    from neuroptica.layers import ClementsLayer

    x, g = signal.T.copy(), upstream.T.conj().copy()
    layer = ClementsLayer(len(x))

    def step(**how: bool) -> Any:
        layer.forward_pass(x, **how)
        layer.backward_pass(g, **how)
        return layer.mesh.compute_gradients(x, g, **how)

    return {
        "neuroptica": lambda: step(),
        "neuroptica, fields kept": lambda: step(cache_fields=True),
        "neuroptica, partial vectors": lambda: step(use_partial_vectors=True),
    }


def neurophox(signal: np.ndarray, upstream: np.ndarray) -> dict[str, Callable[[], Any]]:
    """Its TensorFlow layer: as it is, compiled to a graph, and compiled by XLA."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(1)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    from neurophox import config

    config.TF_FLOAT, config.TF_COMPLEX = tf.float64, tf.complex128
    from neurophox.tensorflow import RM

    tf.keras.backend.set_floatx("float64")
    layer = RM(signal.shape[1])
    x, g = tf.constant(signal), tf.constant(upstream.conj())
    one = tf.eye(signal.shape[1], dtype=tf.complex128)

    def gradients(through: Callable[[Any], Any]) -> Callable[[Any, Any], Any]:
        def step(x: Any, g: Any) -> Any:
            with tf.GradientTape() as tape:
                tape.watch(x)
                loss = tf.reduce_sum(tf.math.real(through(x) * g))
            return tape.gradient(loss, [x, layer.theta, layer.phi, layer.gamma])

        return step

    found: dict[str, Callable[[], Any]] = {}
    for what, through in (("", layer), (" of the matrix", lambda x: x @ layer(one))):
        step = gradients(through)
        for how, call in (
            ("", step),
            (", graph", tf.function(step)),
            (", XLA", tf.function(step, jit_compile=True)),
        ):
            found[f"neurophox{what}{how}"] = lambda call=call: [v.numpy() for v in call(x, g)]
    return found


def main() -> None:
    with np.load(sys.argv[1]) as file:
        signal, upstream = file["signal"], file["upstream"]
    there = neuroptica if importlib.util.find_spec("neuroptica") else neurophox
    contestants = there(signal, upstream)
    print("\t".join(contestants), flush=True)
    for line in sys.stdin:
        print(shortest(contestants[line.rstrip("\n")]), flush=True)


if __name__ == "__main__":
    main()
