"""Target shapes: values worked out by hand, and the boxes of their shape parameters."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from photonic.errors import ParameterError
from photonic.targets import TARGETS, Target, target_named

E = math.e


@pytest.mark.parametrize(
    ("name", "shape", "points"),
    [
        ("sigmoid", (0.5, 0.1), {0.5: 0.5, 0.6: E / (1 + E), 0.4: 1 / (1 + E), 0.7: E**2 / (1 + E**2)}),
        ("tanh-like", (0.5, 0.2), {0.5: 0.0, 0.7: math.tanh(1), 0.3: -math.tanh(1)}),
        ("relu", (0.4,), {0.0: 0.0, 0.4: 0.0, 0.9: 0.5}),
        ("clamped-relu", (0.5, 0.4), {0.2: 0.0, 0.3: 0.0, 0.4: 0.25, 0.5: 0.5, 0.7: 1.0, 0.9: 1.0}),
        ("leaky-relu", (0.4, 0.2), {0.0: -0.08, 0.4: 0.0, 0.9: 0.5}),
        ("softplus", (0.5, 0.1), {0.5: 0.1 * math.log(2), 0.6: 0.1 * math.log(1 + E), 0.0: 6.7153e-4}),
        ("elu", (0.5, 0.2), {0.9: 0.4, 0.5: 0.0, 0.3: 0.2 * (1 / E - 1), 0.1: 0.2 * (E**-2 - 1)}),
        ("radial-basis", (0.5, 0.2), {0.5: 1.0, 0.7: 1 / E, 0.3: 1 / E, 0.9: E**-4}),
        ("swish", (0.5, 0.1), {0.5: 0.0, 0.6: 0.1 * E / (1 + E), 0.4: -0.1 / (1 + E)}),
        ("square", (), {0.0: 0.0, 0.5: 0.25, 1.0: 1.0}),
    ],
)
def test_values_by_hand(name: str, shape: tuple[float, ...], points: dict[float, float]) -> None:
    x = np.array(list(points))
    assert TARGETS[name](x, *shape) == pytest.approx(np.array(list(points.values())), rel=1e-4, abs=1e-12)


@pytest.mark.parametrize(
    ("name", "boxes"),
    [
        ("sigmoid", {"centre": (0.30, 0.70), "width": (0.04, 0.12)}),
        ("clamped-relu", {"centre": (0.40, 0.60), "width": (0.30, 0.70)}),
        ("radial-basis", {"centre": (0.30, 0.70), "width": (0.10, 0.30)}),
        ("softplus", {"centre": (0.35, 0.65), "width": (0.04, 0.12)}),
        ("relu", {"centre": (0.30, 0.60)}),
    ],
)
def test_boxes_of_the_published_shapes(name: str, boxes: dict[str, Any]) -> None:
    """A18."""
    assert dict(TARGETS[name].boxes) == boxes


def test_what_may_be_a_target() -> None:
    assert target_named("relu") is TARGETS["relu"]
    assert target_named(TARGETS["elu"]) is TARGETS["elu"]
    own = target_named(lambda x: x**3)
    assert isinstance(own, Target)
    assert own(0.5) == 0.125
    with pytest.raises(ParameterError, match="unknown target 'rleu': did you mean 'relu'"):
        target_named("rleu")
    with pytest.raises(ParameterError, match="target must be a name or a function"):
        target_named(3)  # type: ignore[arg-type]
