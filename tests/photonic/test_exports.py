"""The names that users rely on exist, load on first use, and stay cheap to import."""

from __future__ import annotations

import subprocess
import sys

import pytest

import photonic


@pytest.mark.parametrize("name", sorted(photonic._EXPORTS))
def test_every_exported_name_loads(name: str) -> None:
    assert getattr(photonic, name) is not None
    assert name in dir(photonic)
    assert name in photonic.__all__


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'bogus'"):
        _ = photonic.bogus


def test_no_module_bears_the_name_of_a_function() -> None:
    """Importing a submodule would replace the function of the same name."""
    for name, home in photonic._EXPORTS.items():
        assert home is None or f"photonic.{name}" != home


def test_import_loads_no_heavy_library() -> None:
    code = (
        "import sys, photonic, photonic.errors, photonic.silicon, photonic.curve; "
        "heavy = {'scipy', 'matplotlib', 'numba', 'torch', 'jax', 'pandas', 'array_api_compat'}; "
        "sys.exit(', '.join(sorted(heavy & set(sys.modules))) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
