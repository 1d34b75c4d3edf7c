"""What is left out where the field follows carriers and heat at once, to first order, step by step.

With (a, s) the solution of the full equations and (a_0, s_0) that without the field's mass, the
difference e = (a − a_0, s − s_0) obeys to first order

    de/dt = J e − (da_0/dt, 0)

with the Jacobian J of the full equations: the field lags behind by da_0/dt over its rate, and what
follows from that goes its own way. Where the drive leaps, a stays and a_0 leaps with it. Such a
leap p rings down as p_0 exp(λt), λ = iδ − γ/2 (slower with Kerr effect), much faster than a step; it
and what it does to carriers and heat are integrated exactly, the rest q of e by an implicit method of
order 2 (L-stable, of two equal stages: R. Alexander, SIAM J. Numer. Anal. 14, 1006 (1977)).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from photonic.stepping import factorise, solve

__all__ = ["follow", "note", "ringing"]

_GAMMA = 1.0 - 0.5**0.5


def follow(
    q: Any, leap: Any, moved_x: Any, moved_y: Any, h: Any, y: Any, known: Any, m: Any, w: Any, order: Any,
    right: Any, push: Any, c: Any, e: Any,
) -> None:  # fmt: skip
    """Carry ``q`` (n,) and ``leap`` (2,) over a step ``h`` from ``y``, in which a_0 moves by ``moved``.

    ``known`` and ``m`` are those of `photonic.rate_equations.evaluate` and `slopes` at ``y``; ``w``,
    ``order``, ``right``, ``push`` give room for a linear system.
    """
    size, first = q.shape[0], 3 + e.traps
    rate = ringing(m)
    for i in range(size):
        push[i] = 0.0
        for j in range(size):
            w[i, j] = -_GAMMA * h * m[i, j]
        w[i, i] += 1.0
    if h * abs(rate) < 1.0:  # too short for the field to follow: a leap
        leap[0] -= moved_x
        leap[1] -= moved_y
    else:
        push[0] = -moved_x
        push[1] = -moved_y
    p, a = complex(leap[0], leap[1]), complex(y[0], y[1]).conjugate()
    size_p, size_a = (p * p.conjugate()).real, (a * a.conjugate()).real
    if size_p > 1e-30 * size_a:
        # U = |a_0 + p|² and U², less those of a_0, integrated over the step
        light = size_p * passed(2.0 * rate.real, h)
        energy = 2.0 * (a * p * passed(rate, h)).real + light
        squared = 2.0 * size_a * (energy + light) + size_p * size_p * passed(4.0 * rate.real, h)
        squared += 2.0 * (a * a * p * p * passed(2.0 * rate, h)).real
        squared += 4.0 * size_p * (a * p * passed(rate + 2.0 * rate.real, h)).real
        push[2] = c.generation * squared
        lost = (known[2] - c.two_photon * known[0]) * energy + c.two_photon * squared
        for k in range(first, size):
            push[k] = e.heat_shares[k - first] * c.heating * lost
    p = p * np.exp(rate * h)
    leap[0], leap[1] = p.real, p.imag
    factorise(w, order)
    for i in range(size):
        right[i] = q[i] + _GAMMA * push[i]
    solve(w, order, right)
    for i in range(size):
        q[i] += (1.0 / _GAMMA - 1.0) * (right[i] - q[i]) + _GAMMA * push[i]
    solve(w, order, q)


def ringing(m: Any) -> complex:
    """Slowest rate at which the field rings down, from its part of the Jacobian ``m``."""
    middle, twist = (m[0, 0] + m[1, 1]) / 2, m[0, 0] * m[1, 1] - m[0, 1] * m[1, 0]
    inside = twist - middle * middle
    if inside > 0.0:
        return complex(middle, np.copysign(np.sqrt(inside), m[1, 0] - m[0, 1]))
    return complex(min(middle + np.sqrt(-inside), 0.01 * middle), 0.0)


def passed(rate: Any, h: Any) -> Any:
    """∫_0^h exp(rate t) dt."""
    return (np.exp(rate * h) - 1.0) / rate


def note(q: Any, leap: Any, worst: Any) -> None:
    """Raise the ``worst`` difference of each variable (n,) so far to the present one."""
    worst[0] = max(worst[0], np.sqrt((q[0] + leap[0]) ** 2 + (q[1] + leap[1]) ** 2))
    for k in range(2, q.shape[0]):
        worst[k] = max(worst[k], abs(q[k]))
