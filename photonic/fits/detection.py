"""What a detector with one pole shows of the light in a simulation."""

from __future__ import annotations

import math

import numpy as np

from photonic.drive import Drive
from photonic.trace import Trace

__all__ = ["detected_power"]

_NODES = (np.polynomial.legendre.leggauss(10)[0] + 1) / 2
_FINE, _FINE_WEIGHTS = (
    (v + shift) / 2 for v, shift in zip(np.polynomial.legendre.leggauss(32), (1, 0), strict=True)
)
_LONG = 16.0  # lifetimes of the detector from which on an interval is integrated by moments


def detected_power(trace: Trace, drive: Drive, times: np.ndarray, bandwidth: float) -> np.ndarray:
    """Output power [W] at ``times`` [s] behind a single pole at ``bandwidth`` [Hz].

    T dy/dt = P_out − y with T = 1/(2π ``bandwidth``), in which P_out is taken as a polynomial of degree 9
    between two of the times, of the integrator's steps and of the drive's pieces, and the rest is exact. The
    detector is settled at the start of the ``trace``, which was made with ``dense=True``.
    """
    lifetime = 1 / (2 * math.pi * bandwidth)
    low, high = float(trace.times[0]), float(times[-1])
    edges = np.concatenate([trace.steps_of().spans[:, 0], drive.breaks, times, [low]])
    edges = np.unique(edges[(edges >= low) & (edges <= high)])
    width = np.diff(edges)
    inside = edges[:-1, None] + width[:, None] * _NODES
    power = trace.at(inside.ravel()).power_out.reshape(inside.shape)
    gained = np.sum(_weights(width / lifetime) * power, axis=1)
    kept = np.exp(-width / lifetime)
    shown = [float(trace.power_out[0])]
    for share, more in zip(kept.tolist(), gained.tolist(), strict=True):
        shown.append(share * shown[-1] + more)
    return np.array(shown)[np.searchsorted(edges, times)]


def _weights(lifetimes: np.ndarray) -> np.ndarray:
    """∫_0^1 l_j(s) H exp(−H (1 − s)) ds for the Lagrange polynomials l_j of the nodes, shape (H, j)."""
    h = lifetimes[:, None]
    kernel = _FINE_WEIGHTS * h * np.exp(-np.minimum(h, _LONG) * (1 - _FINE))
    weights = kernel @ _BASIS
    long = lifetimes >= _LONG
    moment = 1 - np.exp(-lifetimes[long])  # of (1 − s)^k
    moments = [moment]
    for k in range(1, _NODES.size):
        moment = moment * k / lifetimes[long] - np.exp(-lifetimes[long])
        moments.append(moment)
    weights[long] = np.column_stack(moments) @ _SERIES
    return weights


def _lagrange(places: np.ndarray) -> np.ndarray:
    """Lagrange polynomials of the nodes at ``places`` (m,), shape (m, j)."""
    found = np.ones((places.size, _NODES.size))
    for j, node in enumerate(_NODES):
        for other in np.delete(_NODES, j):
            found[:, j] *= (places - other) / (node - other)
    return found


_BASIS = _lagrange(_FINE)
_SERIES = np.linalg.inv(np.vander(1 - _NODES, increasing=True))  # the same in powers of 1 − s
