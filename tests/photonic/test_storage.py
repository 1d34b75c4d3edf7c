"""Rings and devices as TOML files: exact round trip, and errors that name file and key."""

from __future__ import annotations

import dataclasses
import math
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from photonic.devices import CavityLoadedMZI, RingDrop, RingThrough
from photonic.errors import DataError, ParameterError
from photonic.extensions import ThermalModes
from photonic.heaters import Heaters
from photonic.mach_zehnder import MachZehnder
from photonic.parameters import ALDAYA_2017, GIRON_CASTRO_2024, RIB_THERMAL_MODES
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.provenance import references
from photonic.ring import Ring
from photonic.silicon import NEDELJKOVIC_2011
from photonic.storage import dumps, load, loads, save
from photonic.waveguide import Waveguide

GUIDE = Waveguide(loss=46.05, effective_area=0.1e-12, two_photon_absorption=5e-12)
THINGS: dict[str, Any] = {
    "ring": VV,
    "add-drop ring": GIRON_CASTRO_2024,
    "ring with a carrier law": dataclasses.replace(VV, index_law=NEDELJKOVIC_2011).with_effects(kerr=False),
    "ring with traps alone": dataclasses.replace(VV, traps=ALDAYA_2017, carrier_lifetime=math.inf),
    "ring with every extension": dataclasses.replace(
        VV,
        traps=dataclasses.replace(ALDAYA_2017, density=np.array([1e22, 1e23]), hole_share=0.3),
        thermal_modes=RIB_THERMAL_MODES,
        index_law=NEDELJKOVIC_2011,
    ).reverse_biased(1.5),
    "through with thermal modes": RingThrough(
        dataclasses.replace(VV, thermal_modes=ThermalModes(shares=(0.1, 0.9), lifetimes=(1e-9, 1e-7))), 1e9
    ),
    "batch of rings": dataclasses.replace(VV, coupling_rate=np.array([[1e10, 1.1e10], [0.1 + 0.2, 3e9]])),
    "changed ring": dataclasses.replace(VV, coupling_rate=1.23456789012345e10),
    "through": RingThrough(VV, -1.1e9),
    "drop": RingDrop(GIRON_CASTRO_2024, 0.1 + 0.2),
    "mzi": CavityLoadedMZI(VV, 1e9, 1 / 3, 0.3, 0.7, "cross", 1.1, 1.2),
    "interferometer": MachZehnder(1 / 3, waveguide=GUIDE, arm_length=0.01),
    "plain interferometer": MachZehnder(0.0),
    "waveguide": GUIDE,
    "heaters": Heaters(crosstalk=0.03, detuning_unheated=-1e11),
    "heaters with a matrix": Heaters(crosstalk=np.eye(4) * 0.9 + 0.1),
}


@pytest.mark.parametrize("name", THINGS)
def test_round_trip_is_exact(name: str, tmp_path: Path) -> None:
    thing, path = THINGS[name], tmp_path / "thing.toml"
    save(thing, path)
    again = load(path)
    assert type(again) is type(thing)
    assert again.same(thing)
    assert sorted(references(again).splitlines()) == sorted(references(thing).splitlines())
    assert tomllib.loads(path.read_text(encoding="utf-8"))["schema"] == 1
    save(again, tmp_path / "again.toml")
    assert (tmp_path / "again.toml").read_text() == path.read_text()


@settings(deadline=None, max_examples=50)
@given(st.floats(-1e13, 1e13), st.floats(-1e3, 1e3), st.floats(5e-324, 1e20), st.floats(0, 1))
def test_every_float_comes_back(
    tmp_path_factory: pytest.TempPathFactory, detuning: float, phase: float, rate: float, k: float
) -> None:
    path = tmp_path_factory.mktemp("t") / "device.toml"
    ring = Ring(wavelength=1.55e-6, group_index=4.0, coupling_rate=rate)
    device = CavityLoadedMZI(ring, detuning, phase, 0.5, k)
    device.save(path)
    again = CavityLoadedMZI.load(path)
    assert again.same(device)
    assert np.signbit(again.detuning) == np.signbit(detuning)


def test_methods_check_the_kind(tmp_path: Path) -> None:
    VV.save(tmp_path / "ring.toml")
    assert Ring.load(tmp_path / "ring.toml").same(VV)
    with pytest.raises(DataError, match=r"ring\.toml: kind must be CavityLoadedMZI, got Ring"):
        CavityLoadedMZI.load(tmp_path / "ring.toml")
    Heaters().save(tmp_path / "heaters.toml")
    assert Heaters.load(tmp_path / "heaters.toml").same(Heaters())


def test_a_file_written_by_hand(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(
        """
        schema = 1
        kind = "RingThrough"
        detuning = -1e9
        [ring]
        wavelength = { value = 1.55e-6, unit = "m" }
        group_index = 4
        coupling_rate = { value = 1e10, kind = "assumed", where = "a guess" }
        [ring.effects]
        heating = false
        """
    )
    device = load(path)
    assert device.detuning == -1e9
    assert device.ring.group_index == 4.0
    assert device.regime == "frozen heat"
    assert device.ring.sources["coupling_rate"].where == "a guess"


HEAD = 'schema = 1\nkind = "RingThrough"\n'
RING = "[ring]\nwavelength = 1.55e-6\ngroup_index = 4.0\ncoupling_rate = 1e10\n"

DEVICE = HEAD + "detuning = 0.0\n" + RING
EFFECTS = DEVICE + "[ring.effects]\n"
TRAPS = DEVICE + "[ring.traps]\nelectron_capture = 2e-14\nhole_capture = 1e-14\n"
MODES = DEVICE + "[ring.thermal_modes]\nlifetimes = [1e-9, 1e-7]\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("detuning = = 1", "not a TOML file"),
        ('kind = "Ring"\n', "schema must be 1"),
        ('schema = 2\nkind = "Ring"\n', "schema must be 1"),
        ('schema = 1\nkind = "Rong"\n', "kind: unknown kind 'Rong': did you mean 'Ring'"),
        (HEAD + "detunning = 1.0\n" + RING, "detunning: unknown key 'detunning': did you mean 'detuning'"),
        (HEAD + "detuning = 0.0\n", "RingThrough: missing 1 required .* 'ring'"),
        (HEAD + RING, "missing 1 required .* 'detuning'"),
        (HEAD + 'detuning = "62 pm"\n' + RING, "detuning must be a number in rad/s, got '62 pm'"),
        (HEAD + "detuning = true\n" + RING, "detuning: must be a number, got True"),
        (HEAD + "detuning = [1.0, 'a']\n" + RING, "detuning: must be a number or a list of numbers"),
        (HEAD + 'detuning = { value = 1.0, unit = "GHz" }\n' + RING, "detuning: must be in rad/s, got 'GHz'"),
        (HEAD + 'detuning = { unit = "rad/s" }\n' + RING, "detuning: has no value"),
        (HEAD + "detuning = { value = 1.0, sigma = 1.0 }\n" + RING, r"detuning\.sigma: unknown key"),
        (HEAD + "detuning = 0.0\nring = 3\n", "ring: must be a table"),
        (
            DEVICE + "carrier_lifetime = 5.3\n",
            r"ring: carrier_lifetime .* did you mean 5\.3e-09",
        ),
        (
            DEVICE + 'index_law = "SOREF"\n',
            r"ring\.index_law: unknown carrier law 'SOREF'",
        ),
        (
            EFFECTS + "heat = true\n",
            r"ring\.effects\.heat: unknown effect",
        ),
        (
            EFFECTS + "kerr = 1\n",
            r"ring\.effects\.kerr: must be true or false",
        ),
        (TRAPS, r"ring\.traps: missing 1 required .* 'density'"),
        (TRAPS + "density = 1e16\n", r"ring\.traps: density must .* did you mean 1e\+22 \(1/cm³\)"),
        (TRAPS + 'density = { value = 1.0, unit = "kg/m³" }\n', r"ring\.traps\.density: must be in 1/m³"),
        (TRAPS + "densities = 1.0\n", r"ring\.traps\.densities: unknown key"),
        (DEVICE + "traps = 1e22\n", r"ring\.traps: must be a table"),
        (MODES + "shares = [0.5, 0.4]\n", r"ring\.thermal_modes: shares must sum to 1, got 0\.9"),
        (MODES + "shares = [0.5, 0.5]\n", r"ring: thermal_lifetime \[s\] is needed with thermal_modes"),
        (DEVICE + "carrier_lifetime = inf\n", r"ring: carrier_lifetime must be finite"),
        (
            HEAD
            + "detuning = 0.0\n"
            + RING
            + 'scattering_rate = { value = 1.0, kind = "published", source = 1 }\n',
            r"ring\.scattering_rate\.source: no reference number 1",
        ),
        (
            DEVICE + 'scattering_rate = { value = 1.0, kind = "certain" }\n',
            r"ring\.scattering_rate: kind must be one of",
        ),
        (HEAD + 'detuning = { value = 0.0, kind = "assumed" }\n' + RING, "takes no origin of its numbers"),
    ],
)
def test_wrong_files_name_file_and_key(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "wrong.toml"
    path.write_text(text)
    with pytest.raises(DataError, match=r"wrong\.toml: .*" + message):
        load(path)


def test_what_cannot_be_saved_or_read(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.toml: cannot be read: No such file"):
        load(tmp_path / "none.toml")
    with pytest.raises(ParameterError, match="cannot save a dict: known kinds are CavityLoadedMZI"):
        save({}, tmp_path / "x.toml")
    law = dataclasses.replace(NEDELJKOVIC_2011)
    with pytest.raises(ParameterError, match=r"only if it is one of photonic\.silicon"):
        save(dataclasses.replace(VV, index_law=law), tmp_path / "x.toml")
    assert not (tmp_path / "x.toml").exists()


def test_text_is_what_the_file_holds(tmp_path: Path) -> None:
    VV.save(tmp_path / "ring.toml")
    assert dumps(VV) == (tmp_path / "ring.toml").read_text(encoding="utf-8")
    assert loads(dumps(VV)).same(VV)


def test_a_wrong_text_is_named_by_its_place() -> None:
    with pytest.raises(DataError, match=r"^fit\.json: device: not a TOML file"):
        loads("schema = ", "fit.json: device")
    with pytest.raises(DataError, match=r"^text: schema must be 1"):
        loads("schema = 2")
