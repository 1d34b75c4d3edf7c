"""Settings of all tests: property tests draw the same examples, and ``approx`` knows small numbers.

``pytest --hypothesis-profile=explore`` draws new ones.
"""

from typing import Any

import numpy as np
import pytest
from hypothesis import settings

settings.register_profile("repeatable", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", deadline=None)
settings.load_profile("repeatable")

_approx = pytest.approx


def approx(expected: Any, rel: Any = None, abs: Any = None, nan_ok: bool = False) -> Any:
    """`pytest.approx`, whose absolute tolerance is 1e-12 of the largest number if it is not given.

    Its own is 1e-12 whatever the numbers: in SI units, with energies of 1e-15 J, that lets everything pass.
    """
    if abs is None:
        try:
            sizes = np.abs(np.asarray(list(expected.values()) if isinstance(expected, dict) else expected))
            largest = float(np.max(sizes[np.isfinite(sizes)], initial=0.0))
        except (TypeError, ValueError):  # no numbers
            largest = 0.0
        abs = 1e-12 * largest if largest > 0.0 else None
    return _approx(expected, rel=rel, abs=abs, nan_ok=nan_ok)


pytest.approx = approx
