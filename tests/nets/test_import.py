"""What `import nets` costs, and what it offers."""

import subprocess
import sys

import pytest

import nets


def test_import_loads_no_heavy_library():
    code = (
        "import sys, nets; dir(nets); from nets import activations, tasks;"
        "print([m for m in ('scipy', 'numba', 'matplotlib', 'threadpoolctl', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_export_exists():
    for name in nets.__all__:
        assert getattr(nets, name) is not None
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = nets.nothing
