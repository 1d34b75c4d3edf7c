"""Peak memory of a command: everything that one comparison needs, its threads included.

``python benchmarks/memory.py [words of nets ...]``, by default the full MNIST comparison with two
workers and one epoch. A comparison is one process with threads, so its peak is the sum.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time

COMPARISON = (
    *("compare", "mnist", "--activations", "relu,photonic:sigmoid"),
    *("--seeds", "2", "--epochs", "1", "--workers", "2"),
)


def main() -> None:
    words = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        command = words or [*COMPARISON, "--out", f"{folder}/comparison"]
        start = time.perf_counter()
        done = subprocess.run([sys.executable, "-m", "nets", *command], check=False)
        seconds = time.perf_counter() - start
    # kilobytes on Linux, bytes on macOS
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
    print(f"peak memory {peak / 1e6:.0f} MB, {seconds:.1f} s, exit status {done.returncode}")


if __name__ == "__main__":
    main()
