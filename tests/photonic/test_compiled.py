"""Compiled loops: the same numbers as their source, also when only a callee has changed."""

import os
import subprocess
import sys
import textwrap

import numpy as np
import pytest

from photonic.compiled import compiled

KERNEL = """
    import numpy as np
    from photonic.compiled import compiled
    from formula import term

    @compiled
    def total(x):
        s = 0.0
        for v in x:
            s += term(v)
        return s

    print(total(np.arange(4.0)), total.py_func(np.arange(4.0)))
"""


def test_the_cache_sees_a_change_in_a_callee(tmp_path):
    (tmp_path / "kernel.py").write_text(textwrap.dedent(KERNEL))
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "cache"), "PYTHONDONTWRITEBYTECODE": "1"}
    for formula, offset, expected in (
        ("x * x", 0.0, "14.0 14.0"),
        ("x + SHIFT", 1.0, "10.0 10.0"),
        ("x + SHIFT", 2.0, "14.0 14.0"),
        ("x * x", 0.0, "14.0 14.0"),
    ):
        (tmp_path / "formula.py").write_text(f"SHIFT = {offset}\ndef term(x):\n    return {formula}\n")
        run = subprocess.run(
            [sys.executable, "kernel.py"],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        )
        assert run.stdout.split() == expected.split()


def test_without_numba_the_source_runs_after_one_warning(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)

    @compiled
    def total(x):
        s = 0.0
        for v in x:
            s += v
        return s

    with pytest.warns(RuntimeWarning, match="loops run as plain Python"):
        assert total(np.ones(3)) == 3.0
    assert total(np.ones(4)) == 4.0  # and no second warning: warnings are errors here
