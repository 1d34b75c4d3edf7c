"""The shape of the packages: one direction, no cycles, cheap imports, house rules.

Read from the syntax trees, so that a rule holds for code that no test runs.
"""

from __future__ import annotations

import ast
import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FILES = sorted(path for package in ("photonic", "nets") for path in (ROOT / package).rglob("*.py"))
LONGEST = 400  # lines

# Rooms that everyone may use; they use only rooms to their left.
FOUNDATION = ("errors", "namespace", "compiled", "units", "provenance", "material")

# Rooms of physics from the ground up; a room may use those before it, never those after.
FLOORS = (
    ("photonic.parameters.", "photonic.silicon", "photonic.silica"),
    ("photonic.waveguide", "photonic.coupler"),
    ("photonic.ring",),
    ("photonic.cavity",),
    ("photonic.devices",),
    ("photonic.heaters",),
    ("photonic.presets",),
    ("photonic.programming",),
    ("photonic.lab.", "photonic.dynamics", "photonic.variation"),
    ("photonic.fits.",),
    ("photonic.cli",),
)

# Only these may import the library; elsewhere it is an extra second for everyone.
HOMES = {
    "matplotlib": ("photonic.plot", "nets.plot"),
    "numba": ("photonic.compiled",),
    "torch": ("nets.pytorch",),
    "jax": (),
    "lmfit": ("photonic.fits.lmfit_bridge",),
    "logging": (),
    "pickle": (),
}
LAZY = {"scipy", "matplotlib", "numba", "torch", "jax", "sklearn", "xarray", "dask", "pandas"}


def module(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {module(path): path for path in FILES}


def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def statements(node: ast.AST, inside_function: bool = False) -> Iterator[tuple[ast.AST, bool]]:
    """Every node and whether it runs only when a function does.

    Left out: TYPE_CHECKING blocks, and a module's ``__getattr__``, which only re-exports.
    """
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if (
            isinstance(child, ast.FunctionDef)
            and child.name == "__getattr__"
            and isinstance(node, ast.Module)
        ):
            continue
        deeper = inside_function or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield child, inside_function
        yield from statements(child, deeper)


def imports(name: str) -> list[tuple[str, bool]]:
    """(imported module, only inside a function) of one of our modules."""
    found: list[tuple[str, bool]] = []
    for node, lazy in statements(tree(MODULES[name])):
        if isinstance(node, ast.Import):
            found += [(alias.name, lazy) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name}:{node.lineno}: write imports in full"
            base = node.module or ""
            found += [(home(base, alias.name), lazy) for alias in node.names]
    return found


def home(base: str, attribute: str) -> str:
    """Module in which ``attribute`` of ``base`` is defined, lazily exported names included."""
    if f"{base}.{attribute}" in MODULES:
        return f"{base}.{attribute}"
    if base in ("photonic", "nets", "photonic.parameters"):
        exports = getattr(importlib.import_module(base), "_EXPORTS", {})
        return exports.get(attribute) or base
    return base


EDGES = {name: {target for target, _ in imports(name) if target in MODULES} - {name} for name in MODULES}


def reached(name: str) -> set[str]:
    seen: set[str] = set()
    todo = [name]
    while todo:
        for target in EDGES[todo.pop()] - seen:
            seen.add(target)
            todo.append(target)
    return seen


@pytest.mark.parametrize("name", sorted(MODULES))
def test_no_cycle(name: str) -> None:
    assert name not in reached(name), f"{name} imports itself through {sorted(EDGES[name])}"


def test_physics_knows_nothing_of_networks() -> None:
    guilty = {
        name
        for name in MODULES
        if name.startswith("photonic") and any(target.split(".")[0] == "nets" for target, _ in imports(name))
    }
    assert not guilty


def test_foundation_stands_on_itself() -> None:
    for place, room in enumerate(FOUNDATION):
        allowed = {f"photonic.{lower}" for lower in FOUNDATION[:place]}
        assert EDGES[f"photonic.{room}"] <= allowed, room


def test_imports_go_down_the_floors() -> None:
    def floor(name: str) -> int | None:
        for number, rooms in enumerate(FLOORS):
            if any(name == room or (room.endswith(".") and name.startswith(room)) for room in rooms):
                return number
        return None

    for name in MODULES:
        here = floor(name)
        if here is None or name.startswith("photonic.parameters."):
            continue  # a published ring stands on the ring, a published table below it
        above = [t for t in EDGES[name] if (there := floor(t)) is not None and there > here]
        assert not above, f"{name} imports {above}, which is above it"


def test_networks_of_light_stand_between_training_and_comparison() -> None:
    above = ("comparison", "runs", "outcomes", "summary", "report", "demo", "specifications", "cli", "plot")
    below = ("network", "training", "layers", "activations", "trainable_activation", "tasks")
    light = [name for name in MODULES if name.startswith("nets.optical.")]
    assert light
    for name in light:
        assert not EDGES[name] & {f"nets.{room}" for room in above}, name
    for room in below:
        assert not EDGES[f"nets.{room}"] & set(light), room


@pytest.mark.parametrize("library", sorted(HOMES))
def test_library_is_imported_in_its_home_only(library: str) -> None:
    guilty = {
        name
        for name in MODULES
        for target, _ in imports(name)
        if target.split(".")[0] == library and name not in HOMES[library]
    }
    assert not guilty


@pytest.mark.parametrize("package", ["photonic", "nets"])
def test_import_is_cheap(package: str) -> None:
    code = f"import sys, {package}; sys.exit(', '.join(sorted({LAZY!r} & set(sys.modules))) or None)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"import {package} loads {done.stderr}"


@pytest.mark.parametrize("name", sorted(MODULES))
def test_house_rules(name: str) -> None:
    path = MODULES[name]
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= LONGEST, f"{name} has {lines} lines: split it by purpose"
    for node, _ in statements(tree(path)):
        place = f"{name}:{getattr(node, 'lineno', 0)}"
        assert not isinstance(node, ast.Assert), f"{place}: raise an error that names bound and value"
        called = node.func if isinstance(node, ast.Call) else None
        assert not (isinstance(called, ast.Name) and called.id == "print"), f"{place}: no print"
    assert ast.get_docstring(tree(path)), f"{name} has no docstring"


def test_no_module_shares_its_name_with_an_exported_function() -> None:
    """Importing the submodule would replace the function."""
    for package in ("photonic", "nets"):
        exports = getattr(importlib.import_module(package), "_EXPORTS", {})
        for name, defined in exports.items():
            assert f"{package}.{name}" not in MODULES or defined is None, f"{package}.{name}"


def test_rules_can_fail() -> None:
    """The walker sees what it should: lazy imports, and nothing under TYPE_CHECKING."""
    lines = ["if TYPE_CHECKING:", "    import a", "import b", "def f():", "    import c"]
    source = "\n".join([*lines, "def __getattr__(name):", "    import d"])
    seen = [
        (node.names[0].name, lazy)
        for node, lazy in statements(ast.parse(source))
        if isinstance(node, ast.Import)
    ]
    assert seen == [("b", False), ("c", True)]
    assert importlib.util.find_spec("photonic") is not None
