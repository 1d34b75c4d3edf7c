"""A mesh of 64 guides: matrix, product with 512 rows of fields, and the gradient of all 4096 phases.

Run: python benchmarks/meshes.py [PYTHON ...]

Each PYTHON is the interpreter of an environment with neuroptica or neurophox in it; `meshes_others.py`, which
it runs, says how to make them. All take turns on one thread, in double precision; a turn is the shortest of
as many calls as go into a third of a second.
"""

from __future__ import annotations

import argparse
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from meshes_others import shortest
from timing import report

from nets import MZIMesh, random_unitary, single_threaded_blas
from nets.optical.decomposition import phases_of
from nets.optical.mesh_layout import KINDS, layout

MODES, ROWS, ROUNDS = 64, 512, 9


def step(mesh: MZIMesh, signal: np.ndarray, upstream: np.ndarray) -> Callable[[], object]:
    """The call that is timed: forward, and backward with the gradient of phases and signal."""

    def run() -> object:
        _, kept = mesh.forward(signal)
        return mesh.backward(kept, upstream, True)

    return run


def others(python: str, data: Path) -> dict[str, Callable[[], float]]:
    """Seconds of a call of each contestant of another environment, measured there when asked for."""
    script = Path(__file__).with_name("meshes_others.py")
    threads = {f"{library}_NUM_THREADS": "1" for library in ("OMP", "OPENBLAS", "MKL", "NUMBA")}
    child = subprocess.Popen(
        [python, str(script), str(data)],
        env=os.environ | threads,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def asked(name: str) -> Callable[[], float]:
        def seconds() -> float:
            print(name, file=child.stdin, flush=True)
            return float(child.stdout.readline())

        return seconds

    return {name: asked(name) for name in child.stdout.readline().rstrip("\n").split("\t")}


def in_turns(measures: dict[str, Callable[[], float]]) -> dict[str, list[float]]:
    """Seconds of each contestant in each round."""
    seconds: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(ROUNDS):
        for name, measure in measures.items():
            seconds[name].append(measure())
    return seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("python", nargs="*", help="interpreters with neuroptica or neurophox")
    arguments = parser.parse_args()
    rng = np.random.default_rng(0)
    signal, upstream = (
        rng.standard_normal((ROWS, MODES)) + 1j * rng.standard_normal((ROWS, MODES)) for _ in range(2)
    )
    unitary = random_unitary(MODES, 0)
    decompositions = {
        f"{kind}, decomposition": lambda kind=kind: shortest(lambda: phases_of(unitary, layout(kind, MODES)))
        for kind in KINDS
    }
    report(f"{MODES} × {MODES} unitary to phases", in_turns(decompositions), "clements, decomposition")

    meshes = {
        "ours": MZIMesh.from_unitary(unitary),
        "ours, all imperfections": MZIMesh.from_unitary(
            unitary, splitter_error=0.02, insertion_loss=1.05, crosstalk=0.01, bits=10
        ),
        "ours, in-situ": MZIMesh.from_unitary(unitary, gradient="in-situ"),
    }
    measures = {
        name: lambda mesh=mesh: shortest(step(mesh, signal, upstream)) for name, mesh in meshes.items()
    }
    with TemporaryDirectory() as folder:
        data = Path(folder) / "fields.npz"
        np.savez(data, signal=signal, upstream=upstream)
        for python in arguments.python:
            measures |= others(python, data)
        with single_threaded_blas():
            seconds = in_turns(measures)
    report(f"\n{MODES} guides, {ROWS} rows, forward and backward", seconds, "ours")


if __name__ == "__main__":
    main()
