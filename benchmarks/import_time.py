"""Time of the imports against ``import numpy``, each in a new process.

``import photonic`` and ``import nets`` load names only when they are used, so the second pair uses
some: it is what a script pays before its first calculation.
"""

from __future__ import annotations

import subprocess
import sys

from timing import interleaved, report

STATEMENTS = (
    "import numpy",
    "import photonic",
    "import nets",
    "from photonic import CavityLoadedMZI, Curve, Ring",
    "from nets import Network, Photonic, train",
)


def main() -> None:
    contestants = {
        words: lambda code=words: subprocess.run([sys.executable, "-c", code], check=True)
        for words in STATEMENTS
    }
    contestants["start of Python"] = lambda: subprocess.run([sys.executable, "-c", ""], check=True)
    report("a new process that imports and ends", interleaved(contestants, 21), "import numpy")


if __name__ == "__main__":
    main()
