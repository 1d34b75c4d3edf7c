"""Carriers that settle in a ring with traps.

In the steady state of equation (10) of `photonic.rate_equations`, with x = √N,

    n_t = x m(x),   m(x) = 2 c_n N_t/(s x + √(s² x² + 4 c_n c_p N_t)),   s = c_n + c_p        (12)
    g U² = x² k(x),   k(x) = c_p m (x + m) + 1/τ_fc                                       (13)

(12) is the root of c_p n_t² + s N n_t − c_n N_t N = 0 between 0 and N_t; (13) is the sum of both rates,
c_n N (N_t − n_t) = c_p P n_t. The rate k = c_n (N_t − n_t) + 1/τ_fc falls with N, from c_n N_t + 1/τ_fc
to c_n c_p N_t/s + 1/τ_fc, which brackets x; g U² rises with N: with f = n_t/N_t and κ = s/c_n ≥ 1 it is
c_p N_t² f² (1 + e − f)/(1 − κ f), e = 1/(c_n N_t τ_fc), and d ln(g U²)/df = 2/f − 1/(1 + e − f) +
κ/(1 − κ f) ≥ 2/f. So every energy has one N. Nothing is subtracted: N and n_t come out to round-off.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from photonic.errors import ConvergenceError, concrete
from photonic.namespace import is_foreign, namespace

__all__ = ["Balance", "settled_carriers"]


class Balance(NamedTuple):
    """What decides the carriers that settle: the coefficients of equations (4) and (10)."""

    generation: Any  # g [1/(m³ s J²)]
    lifetime: Any  # τ_fc [s], may be infinite
    density: Any  # N_t [1/m³]
    electrons: Any  # c_n [m³/s]
    holes: Any  # c_p [m³/s]


def settled_carriers(energy: Any, b: Balance) -> tuple[Any, Any]:
    """Electrons N and filled traps n_t [1/m³] at a stored ``energy`` [J], any shape.

    Solved on plain floats; then one Newton step in the caller's number type carries exact first
    derivatives. N and n_t are analytic in U, down to N ∝ U² and n_t ∝ U at U = 0.

    Examples
    --------
    >>> few = settled_carriers(1e-16, Balance(1e58, 1e-9, 1e23, 2e-14, 1e-14))
    >>> [f"{density:.4g}" for density in few]
    ['3.335e+16', '8.162e+19']
    """
    plain = Balance(*(concrete(v).astype(float) for v in b))
    root: Any = _root(concrete(energy), plain)
    rate, slope = _rate(root, plain)
    slope = rate**0.5 + root * slope / (2 * rate**0.5)  # of x √k(x)
    foreign = [v for v in (energy, *b) if is_foreign(v)]
    if foreign:
        xp, device = namespace(*foreign), foreign[0].device
        root, slope = (xp.asarray(v, dtype=xp.float64, device=device) for v in (root, slope))
    root = root - (root * _rate(root, b)[0] ** 0.5 - b.generation**0.5 * energy) / slope  # (13)
    return root * root, root * _filling(root, b)[0]


def _filling(x: Any, b: Balance) -> tuple[Any, Any]:
    """m(x) = n_t/x of equation (12) and its derivative."""
    both = b.electrons + b.holes
    wide = (both * both * x * x + 4 * b.electrons * b.holes * b.density) ** 0.5
    m = 2 * b.electrons * b.density / (both * x + wide)
    return m, -m * both / wide


def _rate(x: Any, b: Balance) -> tuple[Any, Any]:
    """k(x) of equation (13) [1/s] and its derivative."""
    m, slope = _filling(x, b)
    return b.holes * m * (x + m) + 1 / b.lifetime, b.holes * (m + (x + 2 * m) * slope)


def _root(energy: np.ndarray, b: Balance) -> np.ndarray:
    """x of equation (13), by Newton's method in ln x inside its bracket, to 1e-8 or better."""
    target = np.sqrt(b.generation) * np.abs(energy)
    slowest = b.electrons * b.holes * b.density / (b.electrons + b.holes) + 1 / b.lifetime
    low, high = target / np.sqrt(b.electrons * b.density + 1 / b.lifetime), target / np.sqrt(slowest)
    low, high = low * (1 - 1e-12), high * (1 + 1e-12)
    x = np.sqrt(low * high)
    for _ in range(100):
        rate, slope = _rate(x, b)
        value = x * np.sqrt(rate)
        low, high = np.where(value <= target, x, low), np.where(value >= target, x, high)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            new = x * np.exp(np.log(target / value) / (1 + x * slope / (2 * rate)))
        inside = (new >= low) & (new <= high)
        new = np.where(inside, new, np.sqrt(low * high))
        done = np.abs(new - x) <= 1e-8 * new
        x = new
        if np.all(done):
            return x
    raise ConvergenceError("no carrier density settled in 100 steps", partial=x * x)
