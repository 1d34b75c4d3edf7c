"""Maps from free numbers to settings: inverse, slope, bounds."""

import numpy as np
import pytest

from nets.setting_maps import Bounded, Positive, Shifted
from photonic.errors import ParameterError

MAPS = [Bounded(-3.0, 5.0), Bounded(0.02, 0.98), Positive(2e3), Shifted(1.2, 0.5)]


@pytest.mark.parametrize("smooth", MAPS, ids=repr)
def test_the_inverse_is_the_inverse(smooth) -> None:
    free = np.linspace(-4, 4, 9)
    assert smooth.free(smooth.value(free)) == pytest.approx(free, rel=1e-10)


@pytest.mark.parametrize("smooth", MAPS, ids=repr)
def test_slope_is_that_of_central_differences(smooth) -> None:
    free, step = np.linspace(-4, 4, 9), 1e-5
    found = (smooth.value(free + step) - smooth.value(free - step)) / (2 * step)
    assert smooth.slope(free) == pytest.approx(found, rel=1e-8)


def test_bounds_hold_however_far_the_free_number_goes() -> None:
    ends = Bounded(-3.0, 5.0).value(np.array([-800.0, 800.0]))
    assert ends.tolist() == [-3.0, 5.0]
    assert Positive(2.0).value(-700.0) > 0


def test_a_value_on_the_bound_has_no_free_number() -> None:
    with pytest.raises(ParameterError, match=r"value must lie in \(0.02, 0.98\), got 0.98"):
        Bounded(0.02, 0.98).free(0.98)
    with pytest.raises(ParameterError, match=r"value must lie in \(0, 1\), got 0"):
        Bounded(0.0, 1.0).free([0.5, 0.0])
    with pytest.raises(ParameterError, match="value must be > 0"):
        Positive(1.0).free(0.0)


def test_bounds_in_the_wrong_order_are_refused() -> None:
    with pytest.raises(ParameterError, match="high must be > 1"):
        Bounded(1.0, 0.5)
