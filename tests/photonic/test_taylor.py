"""Steps of the Taylor series: as long as its last coefficients allow, and checked at their ends."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from photonic.drive import Drive
from photonic.dynamics import _device, _problems
from photonic.integration import Problem, integrate
from photonic.parameters import VAN_VAERENBERGH_2012 as VV
from photonic.rate_equations import terms
from photonic.rates import Coefficients
from photonic.taylor import order_for


def test_a_series_whose_last_coefficients_vanish_is_found_out() -> None:
    """dx/dt = d − x − x³ with d = 2 + 3t² + 4t³ begins as x = 1 + t³ + O(t⁷): coefficients 5 and 6 are 0, and
    a step of order 6 seems to be exact however long. The truth by SciPy."""
    rtol, end = 1e-3, 1.2
    assert order_for(0.1 * rtol) == 6
    zeros = dict.fromkeys(Coefficients._fields, 0.0)
    c = Coefficients(
        **{**zeros, "coupling": 2.0, "two_photon": 2.0, "carrier_lifetime": 1.0, "thermal_lifetime": 1.0}
    )
    problem = Problem(
        c=c,
        terms=terms(VV),
        detuning=0.0,
        breaks=np.array([0.0, end]),
        roots=np.array([[2.0, 0.0, 3.0, 4.0]]),
        state=np.array([1.0, 0.0, 0.0, 0.0]),
    )
    times = np.array([0.0, 0.3, end])
    found = integrate(problem, times, rtol=rtol, method="series")
    exact = solve_ivp(
        lambda t, x: 2 + 3 * t**2 + 4 * t**3 - x - x**3,
        (0.0, end),
        [1.0],
        t_eval=times,
        rtol=1e-11,
        atol=1e-12,
    ).y[0]
    assert abs(exact[-1] - (1 + end**3)) > 0.5  # what an unchecked step would give
    assert found.refused > 0
    assert found.states[:, 0] == pytest.approx(exact, rel=5 * rtol)
    assert np.all(found.states[:, 1:] == 0.0)


@pytest.mark.parametrize("rtol", [1e-4, 1e-7, 1e-10])
def test_few_steps_are_made_twice(rtol: float) -> None:
    """Where nothing is odd the last coefficients are right: the check refuses one step in twenty at most."""
    powers = np.random.default_rng(4).uniform(0, 2e-3, 40)
    drive: Any = Drive.held(np.linspace(0, 200e-9, 41), powers)
    problem = _problems(_device(VV, VV.detuning(62e-12)), drive, None)[1][0]
    found = integrate(problem, np.array([0.0, 200e-9]), rtol=rtol, method="series")
    assert found.refused <= 0.05 * found.steps
