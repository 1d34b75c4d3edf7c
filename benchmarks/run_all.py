"""Run every benchmark that takes less than a few minutes, one after the other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

QUICK = (
    "import_time", "curve", "programming_speed", "activation_speed", "training_speed", "memory", "dynamics",
    "dynamics_scenes", "fits", "spectra", "meshes",
)  # fmt: skip


def main() -> None:
    here = Path(__file__).parent
    for name in QUICK:
        print(f"\n--- {name}", flush=True)
        subprocess.run([sys.executable, str(here / f"{name}.py")], check=True)


if __name__ == "__main__":
    main()
