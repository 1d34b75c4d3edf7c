"""References behind values, dataclasses, functions and modules."""

from __future__ import annotations

import io
import types
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from photonic.errors import ParameterError
from photonic.provenance import Source, Sourced, cite, references, sourced

PAPER = Source("A. Author", 2012, "A ring", "J. Rings 3, 4", "10.1000/ring")
SOURCES = {
    "lifetime": Sourced(5e-9, "s", PAPER, "Table 1", "published", "5 ns"),
    "loss": Sourced(46.0, "1/m", None, "typical of foundry strip waveguides", "assumed"),
}


@dataclass(frozen=True)
class Thing:
    lifetime: float = 5e-9
    loss: float = 46.0
    length: float = 1e-3
    sources: Mapping[str, Sourced] = field(default_factory=lambda: SOURCES)


@dataclass(frozen=True)
class Holder:
    ring: Thing
    regime: str = "frozen heat"
    assumptions: tuple[str, ...] = ("heat stands still",)


def test_fields_show_source_place_kind_and_assumptions() -> None:
    text = references(Thing())
    assert "lifetime" in text
    assert "published, [1] Table 1, printed as 5 ns" in text
    assert "loss = 46 1/m: typical of foundry strip waveguides" in text
    assert '[1] A. Author, "A ring", J. Rings 3, 4 (2012), doi:10.1000/ring' in text


def test_changed_field_is_set_by_you() -> None:
    text = references(replace(Thing(), lifetime=1e-9, loss=50.0))
    assert "1e-09 s  set by you (was 5e-09 s: published" in text
    assert "Assumptions" not in text, "an assumption that was replaced is no longer one"


def test_field_without_source_is_set_by_you() -> None:
    line = next(row for row in references(Thing()).splitlines() if "length" in row)
    assert line.endswith("set by you")


def test_nested_objects_regime_and_assumptions() -> None:
    text = references(Holder(Thing()))
    assert "ring.lifetime" in text
    assert "Regime\n  frozen heat" in text
    assert "- heat stands still" in text


def test_array_fields() -> None:
    same = references(replace(Thing(), lifetime=np.array([5e-9, 5e-9])))  # type: ignore[arg-type]
    other = references(replace(Thing(), lifetime=np.array([5e-9, 6e-9])))  # type: ignore[arg-type]
    assert "set by you (was" not in same
    assert "array of shape (2,) s  set by you" in other.replace("   ", "  ")


def test_function_and_module() -> None:
    @sourced(beta=Sourced(8e-12, "m/W", PAPER, "abstract", "published"))
    def law(x: float) -> float:
        return x

    module = types.ModuleType("m")
    module.law = law  # type: ignore[attr-defined]
    module.GAMMA = Sourced(1.0, "1", None, "a guess", "assumed")  # type: ignore[attr-defined]
    assert "beta" in references(law)
    text = references(module)
    assert "law.beta" in text
    assert "GAMMA = 1: a guess" in text


def test_cite_writes_to_file_or_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    buffer = io.StringIO()
    cite(Thing(), file=buffer)
    assert buffer.getvalue() == references(Thing()) + "\n"
    cite(PAPER)
    assert capsys.readouterr().out == f"References\n  [1] {PAPER}\n"


def test_nothing_known() -> None:
    assert references(3.0) == "No sourced value is known behind this float."


def test_refusals() -> None:
    with pytest.raises(ParameterError, match="kind must be one of published"):
        Sourced(1.0, "1", None, "", "guessed")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="must name its source"):
        Sourced(1.0, "1", None, "", "published")
