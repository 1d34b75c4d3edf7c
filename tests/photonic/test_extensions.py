"""Traps, thermal modes and sweep-out as numbers of a ring: bounds, hints, provenance, copies."""

from __future__ import annotations

import copy
import dataclasses
import math
import pickle
from typing import Any

import numpy as np
import pytest

import photonic
from photonic import presets
from photonic.devices import RingThrough
from photonic.errors import ParameterError
from photonic.extensions import SweepOut, ThermalModes, Traps
from photonic.parameters import ALDAYA_2017, RIB_RING, RIB_THERMAL_MODES
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.provenance import Sourced, references
from photonic.regime import symbol_error
from photonic.ring import Ring
from photonic.sensitivity import parameter_names

TRAPS: dict[str, Any] = {"density": 1e23, "electron_capture": 2e-14, "hole_capture": 1e-14}
MODES: dict[str, Any] = {"shares": (0.5, 0.5), "lifetimes": (1e-9, 1e-7)}


def test_exported() -> None:
    assert (photonic.Traps, photonic.ThermalModes, photonic.SweepOut) == (Traps, ThermalModes, SweepOut)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"density": 1e16}, r"^density must lie in .* 1/m³, got 1e\+16: did you mean 1e\+22 \(1/cm³\)\?"),
        ({"density": 0.0}, "density must be > 0 1/m³, got 0.0"),
        ({"density": -1e22}, "density must be > 0 1/m³"),
        ({"density": math.nan}, "density must be finite in 1/m³"),
        ({"density": None}, "density must be a number in 1/m³, got None"),
        ({"density": np.array([1e22, 1e15])}, r"density must lie in .* got 1000000000000000\.0"),
        ({"electron_capture": 1e-8}, r"electron_capture must lie .* did you mean 1e-14 \(cm³/s\)"),
        ({"hole_capture": 0.0}, "hole_capture must be > 0 m³/s"),
        ({"hole_capture": math.inf}, "hole_capture must be finite"),
        ({"hole_share": 1.5}, r"hole_share must lie in \[0, 1\]"),
        ({"hole_share": "half"}, r"hole_share must be a number in \[1\]"),
    ],
)
def test_wrong_traps(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        Traps(**{**TRAPS, **change})


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"shares": (0.5, 0.4)}, r"shares must sum to 1, got 0\.9: divide them by it"),
        ({"shares": (0.5, 0.25, 0.25)}, r"lists of one length, 1 or more, got shapes \(3,\) and \(2,\)"),
        ({"shares": (), "lifetimes": ()}, "lists of one length, 1 or more"),
        ({"shares": (1.5, -0.5)}, r"shares must lie in \(0, 1\] \[1\], got 1\.5"),
        ({"shares": (1.0, 0.0)}, r"shares must lie in \(0, 1\] \[1\], got 0\.0"),
        ({"lifetimes": (1e-9, -1e-7)}, "lifetimes must be > 0 s, got -1e-07"),
        (
            {"lifetimes": (1.0, 100.0)},
            r"lifetimes must lie .* got 100\.0: did you mean 1e-07 \(nanoseconds\)",
        ),
        ({"lifetimes": (1e-9, math.inf)}, "lifetimes must be finite in s"),
        ({"lifetimes": (1e-9, math.nan)}, "lifetimes must be finite in s"),
        ({"shares": [[0.5, 0.5]], "lifetimes": [[1e-9, 1e-7]]}, "lists of one length"),
        ({"lifetimes": None}, "lifetimes must be a number in s, got None"),
    ],
)
def test_wrong_modes(change: dict[str, Any], message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        ThermalModes(**{**MODES, **change})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: ThermalModes.from_response([1.0, 2.0], [1e-9]),
            r"weights and lifetimes .* \(2,\) and \(1,\)",
        ),
        (lambda: ThermalModes.from_response([1.0, -2.0], [1e-9, 1e-8]), "weights must be > 0"),
        (lambda: ThermalModes.from_response([1.0], [0.0]), "lifetimes must be > 0 s"),
        (lambda: SweepOut(zero_bias_lifetime=250.0), r"did you mean 2\.5e-07 \(nanoseconds\) or 2\.5e-10"),
        (lambda: SweepOut(shortest_lifetime=0.0), "shortest_lifetime must be > 0 s"),
        (lambda: SweepOut(built_in_voltage=0.0), "built_in_voltage must lie in"),
        (lambda: SweepOut().lifetime(-1.0), "voltage must be >= 0 V, got -1.0"),
        (lambda: SweepOut().lifetime(2000.0), r"voltage .* did you mean 2 \(millivolts\)"),
        (lambda: VV.reverse_biased(-0.5), "voltage must be >= 0 V"),
        (lambda: VV.reverse_biased(1.0, junction=1.1), "junction must be a SweepOut, got 1.1"),  # type: ignore[arg-type]
        (lambda: dataclasses.replace(VV, traps=1e22), "traps must be a Traps, got 1e"),
        (lambda: dataclasses.replace(VV, traps=Traps), "traps must be a Traps, got <class"),
        (lambda: dataclasses.replace(VV, thermal_modes=(1e-9,)), "thermal_modes must be a ThermalModes"),
        (lambda: dataclasses.replace(VV, carrier_lifetime=math.inf), "carrier_lifetime must be finite in s"),
        (lambda: dataclasses.replace(VV, carrier_lifetime=None), r"carrier_lifetime \[s\] is needed"),
        (
            lambda: dataclasses.replace(VV, traps=Traps(**TRAPS), carrier_lifetime=math.nan),
            "carrier_lifetime must be finite",
        ),
        (
            lambda: dataclasses.replace(VV, traps=Traps(**TRAPS), carrier_lifetime=5.3),
            r"did you mean 5\.3e-09 \(nanoseconds\)",
        ),
        (
            lambda: Ring(
                wavelength=1.55e-6, group_index=4.0, coupling_rate=1e10, thermal_modes=ThermalModes(**MODES)
            ),
            r"thermal_lifetime \[s\] is needed with thermal_modes",
        ),
        (lambda: Traps(**TRAPS).late_lifetime(0.0), "holes must be > 0 1/m³"),
    ],
)
def test_refusals(call: Any, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        call()


# ------------------------------------------------------------------ sweep-out
def test_sweep_out_of_the_published_ring() -> None:
    """250 ps (V_bi/(V_bi + V))² + 3 ps, V_bi = 1.1 V."""
    for voltage, expected in ((0.0, 253e-12), (1.1, 65.5e-12), (2.2, 30.7777777777e-12), (9.9, 5.5e-12)):
        assert SweepOut().lifetime(voltage) == pytest.approx(expected, rel=1e-9, abs=0.0)


def test_rates_of_recombination_and_sweep_add() -> None:
    biased = VV.reverse_biased(1.1)
    assert 1 / biased.carrier_lifetime == pytest.approx(1 / 5.3e-9 + 1 / 65.5e-12, rel=1e-12)
    alone = dataclasses.replace(VV, traps=ALDAYA_2017, carrier_lifetime=None)
    for ring in (alone, dataclasses.replace(alone, carrier_lifetime=math.inf)):
        assert ring.reverse_biased(1.1).carrier_lifetime == pytest.approx(65.5e-12, rel=1e-12, abs=0.0)
        assert ring.reverse_biased(1.1).traps is ALDAYA_2017
    many = VV.reverse_biased(np.array([0.0, 1.1]))
    assert many.carrier_lifetime[1] == pytest.approx(biased.carrier_lifetime, rel=1e-12)
    assert RingThrough(many, 0.0).transfer(1e-4).shape == (2,)


def test_the_bias_is_told() -> None:
    biased = VV.reverse_biased(2.0)
    origin = biased.sources["carrier_lifetime"]
    assert (origin.kind, origin.unit) == ("assumed", "s")
    assert origin.value == biased.carrier_lifetime
    for part in ("τ_fc = 5.3e-09 s", "V = 2 V", "V_bi = 1.1 V", "τ_0 = 2.5e-10 s", "τ_s = 3e-12 s"):
        assert part in origin.where
    text = references(biased)
    assert "set by you" not in text
    assert "reverse bias" in text.split("Assumptions")[1]
    assert VV.sources["carrier_lifetime"].value == VV.carrier_lifetime
    assert "set by you (was 2.5e-10 s" in references(SweepOut(zero_bias_lifetime=1e-10))


# ------------------------------------------------------------------ provenance and copies
def test_references_name_the_extensions() -> None:
    ring = dataclasses.replace(VV, traps=ALDAYA_2017, thermal_modes=RIB_THERMAL_MODES)
    text = references(ring)
    assert "Optica 4, 1219" in text
    assert "traps.density = 1e+23 1/m³" in text.split("Assumptions")[1]
    assert "thermal_modes.shares" in text
    changed = dataclasses.replace(ring, traps=dataclasses.replace(ALDAYA_2017, density=2e22))
    assert "set by you (was 1e+23 1/m³" in references(changed)
    assert "traps.density" in references(dataclasses.replace(VV, traps=Traps(**TRAPS)))
    assert max(len(line) for line in text.splitlines()) < 220


@pytest.mark.parametrize(
    "thing", [ALDAYA_2017, RIB_THERMAL_MODES, SweepOut()], ids=lambda t: type(t).__name__
)
def test_copies(thing: Any) -> None:
    for again in (pickle.loads(pickle.dumps(thing)), copy.deepcopy(thing), dataclasses.replace(thing)):
        assert again.same(thing)
        assert dict(again.sources) == dict(thing.sources)
    assert not thing.same(None)
    assert not thing.same(VV)
    assert thing.plain() is thing
    first = thing._names()[0]
    other = (0.5, 0.5) if first == "shares" else 3e-10 if first == "zero_bias_lifetime" else 2e22
    if first != "shares":
        assert not dataclasses.replace(thing, **{first: other}).same(thing)
    with pytest.raises(TypeError):
        thing.sources["x"] = Sourced(1.0, "1")


def test_rings_with_extensions_compare_and_copy() -> None:
    ring = dataclasses.replace(VV, traps=ALDAYA_2017, thermal_modes=RIB_THERMAL_MODES)
    assert ring.same(dataclasses.replace(ring))
    assert ring.same(pickle.loads(pickle.dumps(ring)))
    for other in (
        VV,
        dataclasses.replace(ring, traps=None),
        dataclasses.replace(ring, thermal_modes=None),
        dataclasses.replace(ring, traps=Traps(**TRAPS)),
        dataclasses.replace(ring, thermal_modes=ThermalModes(**MODES)),
    ):
        assert not ring.same(other)
        assert not other.same(ring)
    stepped = dataclasses.replace(ring, traps=dataclasses.replace(ALDAYA_2017, density=1e23 + 1e-10j))
    assert stepped.plain().same(ring)
    assert isinstance(stepped.plain().traps.density, float)
    lists = Traps(**{**TRAPS, "density": [1e22, 1e23]})
    assert lists.density.shape == (2,)
    assert lists.same(Traps(**{**TRAPS, "density": np.array([1e22, 1e23])}))


def test_numbers_with_a_derivative() -> None:
    ring = dataclasses.replace(VV, traps=ALDAYA_2017, thermal_modes=RIB_THERMAL_MODES)
    names = list(parameter_names(ring))
    assert "traps.hole_share" in names
    assert "carrier_lifetime" in names
    assert not any("modes" in name for name in names)
    assert "carrier_lifetime" not in parameter_names(dataclasses.replace(ring, carrier_lifetime=math.inf))


# ------------------------------------------------------------------ thermal modes
def test_modes_of_the_rib() -> None:
    """Shares w τ/Σ w τ; the equivalent lifetime R²/(2∫h² dt), by quadrature of the response."""
    tau = np.array(RIB_THERMAL_MODES.lifetimes)
    share = np.array(RIB_THERMAL_MODES.shares)
    assert math.fsum(share) == pytest.approx(1.0, abs=1e-15)
    assert share[-1] == pytest.approx(0.31388e5 * 3e-6 / 0.1678, rel=1e-3)  # the slowest: 56 %
    time = np.concatenate([[0.0], np.geomspace(1e-13, 1e-4, 200_001)])
    squared = (share / tau @ np.exp(-time / tau[:, None])) ** 2
    area = float(np.sum(np.diff(time) * (squared[1:] + squared[:-1]) / 2))
    assert RIB_THERMAL_MODES.equivalent_lifetime == pytest.approx(0.5 / area, rel=1e-6)
    # the ring's one lifetime was taken from the same response with the settled 0.178 K m/W
    assert RIB_RING.thermal_lifetime == pytest.approx(0.5 / area * (0.178 / 0.1678) ** 2, rel=1e-2)


def test_equal_modes_are_one() -> None:
    """Symbols in time: two modes of the ring's own lifetime leave the error as it is."""
    device = presets.SIGMOID
    powers, times = np.linspace(0, presets.POWER_MAX, 51), np.geomspace(1e-9, 1e-6, 7)
    tau = device.ring.thermal_lifetime
    for modes in (
        ThermalModes(shares=(1.0,), lifetimes=(tau,)),
        ThermalModes(shares=(0.3, 0.7), lifetimes=(tau, tau)),
    ):
        other = dataclasses.replace(device, ring=dataclasses.replace(device.ring, thermal_modes=modes))
        assert np.allclose(
            symbol_error(other, powers, times), symbol_error(device, powers, times), rtol=1e-12
        )
