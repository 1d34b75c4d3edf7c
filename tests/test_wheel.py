"""The wheel carries what the packages need: built, installed elsewhere, used from there."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

PROBE = """
import pathlib, sys
import nets, photonic
from photonic.parameters import VAN_VAERENBERGH_2012

site = pathlib.Path(sys.argv[1]).resolve()
for package in (photonic, nets):
    place = pathlib.Path(package.__file__).resolve()
    if site not in place.parents:
        sys.exit(f"{package.__name__} comes from {place}, not from the wheel")
for name in photonic.__all__:
    getattr(photonic, name)
for name in nets.__all__:
    getattr(nets, name)
if not 62000 < VAN_VAERENBERGH_2012.quality_factor < 62500:
    sys.exit("the published ring is not itself")
for name, rows in (("mnist", 60000), ("vowel", 528)):
    if len(nets.tasks.load(name).train_labels) != rows:
        sys.exit(f"no {name}")
for name in ("SIGMOID", "RADIAL_BASIS", "CLAMPED_RELU", "SOFTPLUS", "LEAKY_RELU"):
    if getattr(photonic.presets, name).regime != "frozen heat":
        sys.exit(f"the preset {name} is not itself")
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (built,) = folder.glob("*.whl")
    return built


def test_wheel_holds_both_packages_and_their_data(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for package in ("photonic", "nets"):
        for path in (ROOT / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert path.relative_to(ROOT).as_posix() in names
    outside = {n.split("/")[0] for n in names} - {"photonic", "nets"}
    assert len(outside) == 1, f"only the metadata beside the packages, got {outside}"
    assert next(iter(outside)).endswith(".dist-info")
    assert any(n.endswith("licenses/LICENSE") for n in names)
    for data in ("mnist", "vowel"):
        assert any(n.endswith(f"licenses/nets/data/{data}/LICENSE") for n in names)


def test_installed_wheel_works_from_anywhere(wheel: Path, tmp_path: Path) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    installed = subprocess.run(
        [*command, "--target", str(site), str(wheel)], capture_output=True, text=True, check=False
    )
    assert installed.returncode == 0, installed.stderr
    environment = {**os.environ, "PYTHONPATH": str(site)}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, str(site)],
        cwd=elsewhere,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
