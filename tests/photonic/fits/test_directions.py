"""What a Jacobian does not hold, of matrices with known singular values."""

from __future__ import annotations

import numpy as np
import pytest

from photonic.fits.free_parameters import FreeParameter
from photonic.fits.identifiability import Direction, unidentifiable

LIFETIME = FreeParameter("ring.carrier_lifetime", None, "log", 2.0, 1.0)
INDEX = FreeParameter("ring.index_per_carrier", None, "log", -3.0, 1.0)
SECTION = FreeParameter("ring.free_carrier_cross_section", None, "log", 5.0, 1.0)
DETUNING = FreeParameter("detuning", None, "linear", 0.5, 2e9)
BASIS = np.linalg.qr(np.random.default_rng(0).standard_normal((40, 4)))[0]


def found(free: list[FreeParameter], jacobian: np.ndarray, scale: float = 1.0) -> tuple[Direction, ...]:
    return unidentifiable(free, [f.start for f in free], jacobian, scale, False)


def test_a_product_is_held() -> None:
    """τ and dn/dN act by τ dn/dN alone: 6 known to a hundredth."""
    (direction,) = found([LIFETIME, INDEX], BASIS[:, :1] * [100.0, 100.0])
    assert direction.kind == "exact"
    assert dict(direction.exponents) == pytest.approx(
        {"ring.carrier_lifetime": 1.0, "ring.index_per_carrier": -1.0}
    )
    assert "ring.carrier_lifetime × 1.1 is undone by ring.index_per_carrier × 0.9091" in direction.text
    (product,) = direction.known
    assert product.value == pytest.approx(6.0)
    assert product.relative_error == pytest.approx(0.01)
    assert "= 6 ± 1 %" in product.text
    (direction,) = found([LIFETIME, INDEX], BASIS[:, :1] * [100.0, 100.0], scale=3.0)
    assert direction.known[0].relative_error == pytest.approx(0.03)


def test_powers_of_a_product() -> None:
    """τ √σ alone: by the chain rule the slope by ln σ is half of that by ln τ."""
    (direction,) = found([LIFETIME, SECTION], BASIS[:, :1] * [100.0, 50.0])
    assert dict(direction.exponents) == pytest.approx(
        {"ring.carrier_lifetime": 1.0, "ring.free_carrier_cross_section": -2.0}
    )
    assert f"× {1.1**-2:.4g}" in direction.text
    (product,) = direction.known
    assert np.log(product.value) / product.exponents["ring.free_carrier_cross_section"] == pytest.approx(
        np.log(2.0**2 * 5.0)
    )


def test_two_products_of_three() -> None:
    jacobian = np.column_stack([BASIS[:, 0] + 0.5 * BASIS[:, 1], BASIS[:, 0], 0.5 * BASIS[:, 1]]) * 1000
    (direction,) = found([LIFETIME, INDEX, SECTION], jacobian)
    assert sorted(c.value for c in direction.known) == pytest.approx([6.0, 10.0])
    assert sorted(c.relative_error for c in direction.known) == pytest.approx([0.001, 0.002])


def test_a_product_that_is_hardly_held_is_not_told() -> None:
    (direction, *_) = found([LIFETIME, INDEX], BASIS[:, :1] * [0.5, 0.5])
    assert direction.kind == "exact"
    assert direction.known == ()


def test_steps_are_no_powers() -> None:
    (direction,) = found([LIFETIME, DETUNING], BASIS[:, :1] * [100.0, 100.0])
    assert direction.known == ()
    assert "ring.carrier_lifetime × 1.1 is undone by detuning − 2e+08 rad/s" in direction.text


@pytest.mark.parametrize("weakest", [3.0, 1.01])
def test_what_is_held_within_a_factor_of_e_is_held(weakest: float) -> None:
    assert found([LIFETIME, INDEX], BASIS[:, :2] * [100.0, weakest]) == ()
    assert found([LIFETIME, INDEX], BASIS[:, :2] * [300.0, 3 * weakest], scale=3.0) == ()


def test_what_is_not_is_weak() -> None:
    """Standard error 2 of a logarithm: a factor of e² = 7.39."""
    (direction,) = found([LIFETIME, INDEX], BASIS[:, :2] * [100.0, 0.5])
    assert direction.kind == "practical"
    assert dict(direction.exponents) == {"ring.index_per_carrier": 1.0}
    assert "only within a factor of 7.39" in direction.text
    turn = np.array([[0.9, 0.4359], [-0.4359, 0.9]])  # a smaller share of the other number is named too
    (direction,) = found([LIFETIME, INDEX], (BASIS[:, :2] * [100.0, 0.5]) @ turn)
    assert set(direction.exponents) == {"ring.carrier_lifetime", "ring.index_per_carrier"}
    assert max(map(abs, direction.exponents.values())) == 1.0


def test_small_is_not_none() -> None:
    """A hundred-thousandth of the others, yet of so sure readings that it is held."""
    assert found([LIFETIME, INDEX], BASIS[:, :2] * [1e8, 1e3]) == ()
    near = np.column_stack([BASIS[:, 0], BASIS[:, 0] + 1e-5 * BASIS[:, 1]]) * 1e8
    assert found([LIFETIME, INDEX], near) == ()


def test_silent() -> None:
    jacobian = np.column_stack([BASIS[:, 0] * 100, np.zeros(40)])
    (direction,) = found([LIFETIME, DETUNING], jacobian)
    assert direction.kind == "silent"
    assert direction.text == "detuning does nothing to these readings"
    assert len(found([LIFETIME, DETUNING], np.zeros((40, 2)))) == 2
