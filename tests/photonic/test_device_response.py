"""Fields of many devices at once: against one device at a time, complex steps and central differences."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from photonic.device_response import SETTINGS, differentiate, response_with_slopes
from photonic.devices import CavityLoadedMZI
from photonic.errors import ParameterError
from photonic.parameters import ALDAYA_2017, RIB_RING
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.sensitivity import field_gradient
from photonic.silicon import NEDELJKOVIC_2011

FROZEN = RIB_RING.with_effects(heating=False)
KERR = dataclasses.replace(VV, kerr_index=4.5e-18, kerr_volume=2.59e-18, drop_coupling_rate=3e9)
CASES = {  # ring, highest power [W], detunings [half-linewidths]
    "rib ring, frozen heat": (FROZEN, 2e-3, (-2.0, 0.75)),
    "rib ring, cw": (RIB_RING, 0.05e-3, (-0.8, 1.5)),
    "add-drop with Kerr effect, cw": (KERR, 0.05e-3, (-0.5, 1.5)),
    "add-drop with Kerr effect, frozen heat": (KERR.with_effects(heating=False), 0.15e-3, (-1.5, 0.6)),
}


def drawn(name: str, n: int = 6, rows: int = 9):
    ring, top, detunings = CASES[name]
    rng = np.random.default_rng(7)
    settings = np.column_stack(
        [
            ring.detuning(half_linewidths=rng.uniform(*detunings, n)),
            rng.uniform(-1.0, 7.0, n),
            rng.uniform(0.02, 0.98, (n, 2)),
        ]
    )
    power = rng.uniform(0.0, top, (rows, n))
    power[0] = 0.0
    return ring, power, settings


@pytest.mark.parametrize("port", ["bar", "cross"])
@pytest.mark.parametrize("name", CASES)
def test_field_and_slopes_are_those_of_each_device(name: str, port: str) -> None:
    ring, power, settings = drawn(name)
    found = response_with_slopes(ring, power, settings, 1.2, 1.1, port)
    assert found.settings_slope is not None
    for j, row in enumerate(settings):
        device = CavityLoadedMZI(ring, *row, port=port, insertion_loss=1.2, arm_loss=1.1)
        assert found.field[:, j] == pytest.approx(device.response(power[:, j]), rel=1e-12)
        assert found.energy[:, j] == pytest.approx(device.energy(power[:, j]), rel=1e-12)
        wanted = field_gradient(device, power[:, j], ("power", *SETTINGS))
        largest = np.max(np.abs(wanted["power"]))
        assert np.max(np.abs(found.field_slope[:, j] - wanted["power"])) < 1e-11 * largest
        for i, setting in enumerate(SETTINGS):
            largest = np.max(np.abs(wanted[setting]))
            assert np.max(np.abs(found.settings_slope[:, j, i] - wanted[setting])) < 1e-11 * largest


@pytest.mark.parametrize("name", CASES)
def test_slopes_are_those_of_central_differences(name: str) -> None:
    ring, power, settings = drawn(name, n=3)
    power = power[1:] * 0.9 + 1e-6
    found = response_with_slopes(ring, power, settings)
    assert found.settings_slope is not None
    steps = (1e-4 * ring.linewidth, 1e-4, 1e-5, 1e-5)
    for i, step in enumerate(steps):
        move = step * np.eye(4)[i]
        up, down = (response_with_slopes(ring, power, settings + s * move).field for s in (1, -1))
        slope = (up - down) / (2 * step)
        assert found.settings_slope[..., i] == pytest.approx(slope, rel=1e-5, abs=1e-5 * np.max(abs(slope)))
    up, down = (response_with_slopes(ring, power * (1 + s * 1e-4), settings).field for s in (1, -1))
    slope = (up - down) / (2e-4 * power)
    assert found.field_slope == pytest.approx(slope, rel=1e-5, abs=1e-5 * np.max(abs(slope)))


def test_dark_devices_are_linear() -> None:
    """t(0) of Lorentz: with Δ in half-linewidths and critical coupling t = −iΔ/(1 − iΔ)."""
    ring = VV.with_effects(heating=False)
    settings = [[float(ring.detuning(half_linewidths=1.0)), 0.0, 0.5, 0.5]]
    found = response_with_slopes(ring, np.zeros((2, 1)), settings, port="bar")
    assert found.energy.tolist() == [[0.0], [0.0]]
    assert found.field[:, 0] == pytest.approx([(-1j / (1 - 1j) - 1) / 2] * 2, rel=1e-12)
    assert np.all(np.isfinite(found.field_slope))


def test_one_row_of_settings_serves_all_and_the_batch_does_not_matter() -> None:
    ring, power, settings = drawn("rib ring, frozen heat", n=5, rows=70)
    together = response_with_slopes(ring, power, settings[:1])
    for j in range(5):
        alone = response_with_slopes(ring, power[:, [j]], settings[:1])
        assert together.field[:, [j]] == pytest.approx(alone.field, rel=1e-13)
    row = response_with_slopes(ring, power[[3]], settings[:1], settings_slopes=False)
    assert row.settings_slope is None
    assert row.field == pytest.approx(together.field[[3]], rel=1e-13)
    assert row.field_slope == pytest.approx(together.field_slope[[3]], rel=1e-11)


def test_the_loop_is_its_python_source(monkeypatch: pytest.MonkeyPatch) -> None:
    ring, power, settings = drawn("rib ring, frozen heat", n=3, rows=5)
    fast = response_with_slopes(ring, power, settings)
    monkeypatch.setattr("photonic.device_response.differentiate", differentiate.py_func)
    slow = response_with_slopes(ring, power, settings)
    for a, b in zip(fast, slow, strict=True):
        assert a == pytest.approx(b, rel=1e-12)


def test_single_valued_up_to_the_power_asked_for_though_it_folds_above() -> None:
    """Kerr effect alone at −3 half-linewidths: the lower fold lies at 5.2988 mW (acceptance test A6)."""
    kerr = dataclasses.replace(VV, kerr_index=4.5e-18, kerr_volume=2.59e-18).with_effects(
        two_photon_loss=False, free_carrier_absorption=False, free_carrier_dispersion=False, heating=False
    )
    setting = [[float(kerr.detuning(half_linewidths=-3.0)), 1.0, 0.5, 0.5]]
    below = response_with_slopes(kerr, [[2 * 5.29e-3]], setting)  # half of it meets the ring
    device = CavityLoadedMZI(kerr, *setting[0], port="cross")
    assert below.field == pytest.approx(np.array([[device.response(2 * 5.29e-3)]]), rel=1e-12)
    with pytest.raises(ParameterError, match=r"device 0 is multivalued above 0.01059\d* W"):
        response_with_slopes(kerr, [[2 * 5.31e-3]], setting)


def test_a_pulsating_ring_is_refused() -> None:
    """The VV ring at resonance with heat: a Hopf point at 0.628 mW in the bus."""
    setting = [[0.0, 1.0, 0.5, 0.5]]
    response_with_slopes(VV, [[2 * 0.62e-3]], setting)
    with pytest.raises(ParameterError, match=r"device 0 self-pulsates above 0.00125\d* W"):
        response_with_slopes(VV, [[2 * 0.64e-3]], setting)


def test_a_fold_is_seen_even_if_the_caller_says_there_is_none() -> None:
    setting = [[float(VV.detuning(half_linewidths=-6.0)), 1.0, 0.02, 0.5]]
    power = np.linspace(0, 2e-3, 60)[:, None]
    with pytest.raises(ParameterError, match="multivalued"):
        response_with_slopes(VV, power, setting, single_valued=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"power": [1e-3]}, r"power must have shape \(rows, devices\), got \(1,\)"),
        ({"power": [[-1e-3]]}, "power must be >= 0"),
        ({"power": [[1e3]]}, "did you mean 1"),
        ({"settings": [0.0, 0.0, 0.5, 0.5]}, r"settings must have shape \(1, 4\) or \(1, 4\), got \(4,\)"),
        ({"settings": [[0.0, 0.0, 1.5, 0.5]]}, "input_coupling must"),
        ({"settings": [[0.0, 0.0, 0.5, 0.0]]}, "couplings whose slopes are wanted must lie in"),
        ({"port": "drop"}, "port must be 'bar' or 'cross'"),
        ({"insertion_loss": 0.5}, "insertion_loss must be >= 1"),
        ({"ring": dataclasses.replace(FROZEN, traps=ALDAYA_2017)}, "linear index law and no traps"),
        ({"ring": dataclasses.replace(FROZEN, index_law=NEDELJKOVIC_2011)}, "linear index law and no traps"),
        ({"ring": dataclasses.replace(FROZEN, coupling_rate=np.array([1e10, 2e10]))}, "one ring, got arrays"),
    ],
)
def test_wrong_input_is_refused(change, message: str) -> None:
    given = {"ring": FROZEN, "power": [[1e-3]], "settings": [[0.0, 0.0, 0.5, 0.5]], **change}
    with pytest.raises(ParameterError, match=message):
        response_with_slopes(**given)
