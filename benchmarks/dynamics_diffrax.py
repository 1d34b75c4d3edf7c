"""Problem P of `dynamics.py` with diffrax on JAX (CPU, 64 bits): compiled calls only, at a known true error.

Neither library belongs to this project, and they need an environment of their own:

    python3 -m venv diffrax-venv
    diffrax-venv/bin/pip install diffrax
    python benchmarks/dynamics.py --reference reference.npz
    diffrax-venv/bin/python benchmarks/dynamics_diffrax.py reference.npz

The tolerances of each method are those of the fewest steps in a small search with a true error of at most
1e-6. The time is the shortest of several calls.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

import diffrax
import jax
import jax.numpy as jnp
import numpy as np

TRUE_ERROR = 1e-6  # [1]
METHODS = {"Tsit5": diffrax.Tsit5(), "Dopri8": diffrax.Dopri8(), "Kvaerno5": diffrax.Kvaerno5()}
REPEATS = 7


def rhs(s: Any, x: Any, c: Any) -> Any:
    """The equations of `dynamics_problem.py`; stacked, XLA is six times faster than with a tuple."""
    re, im, n, theta = x
    detuning, kerr, absorption, two_photon, carrier_absorption, *slow = c
    generation, heating, recombination, cooling = slow
    u = re * re + im * im
    absorbed = absorption + two_photon * u + carrier_absorption * n
    half = 1 - absorption / 2 + absorbed / 2
    offset = detuning + kerr * u - n + theta
    return jnp.stack(
        [
            1 - half * re - offset * im,
            offset * re - half * im,
            generation * u * u - recombination * n,
            heating * absorbed * u - cooling * theta,
        ]
    )


def compiled(solver: Any, s: np.ndarray) -> Callable[..., Any]:
    """The call (start, coefficients, rtol, atol) → solution at the times ``s``; the first one compiles."""

    def solve(x: Any, c: Any, rtol: Any, atol: Any) -> Any:
        return diffrax.diffeqsolve(
            diffrax.ODETerm(rhs),
            solver,
            s[0],
            s[-1],
            None,
            x,
            c,
            saveat=diffrax.SaveAt(ts=s),
            stepsize_controller=diffrax.PIDController(rtol=rtol, atol=atol),
            max_steps=None,
            adjoint=diffrax.ForwardMode(),
            throw=False,
        )

    return jax.jit(solve)


def true_error(x: np.ndarray, known: Any) -> float:
    """As in `dynamics_problem.py`: largest distance in units of the largest value, over all variables."""
    _, field, carriers, kelvin = known["scales"]
    a, exact = field * (x[:, 0] + 1j * x[:, 1]), known["field"]
    pairs = [(a, exact), (abs(a) ** 2, abs(exact) ** 2)]
    pairs += [(carriers * x[:, 2], known["carriers"]), (kelvin * x[:, 3], known["temperature"])]
    return max(float(np.max(abs(got - want)) / np.max(abs(want))) for got, want in pairs)


def seconds(call: Callable[[], Any]) -> float:
    """Shortest of several calls [s]."""
    best = float("inf")
    for _ in range(REPEATS):
        begin = time.perf_counter()
        jax.block_until_ready(call())
        best = min(best, time.perf_counter() - begin)
    return best


def main() -> None:
    jax.config.update("jax_enable_x64", True)
    with np.load(sys.argv[1]) as file:
        known = dict(file)
    second, *_, kelvin = known["scales"]
    s, c = known["times"] / second, jnp.asarray(known["coefficients"])
    x = jnp.array([0.0, 0.0, 0.0, known["start"] / kelvin])
    print(f"diffrax {diffrax.__version__}, jax {jax.__version__}, {s.size} times, compiled calls only")
    print(f"{'method':<10}{'rtol':>9}{'atol':>9}{'true error':>12}{'steps':>8}{'rejected':>10}{'time':>12}")
    for name, solver in METHODS.items():
        solve = compiled(solver, s)
        found = []
        for share in (1.0, 0.1):
            for rtol in 10 ** -np.arange(6, 11.1, 0.25):
                got = solve(x, c, rtol, share * rtol)
                error = true_error(np.asarray(got.ys), known)
                if error <= TRUE_ERROR:
                    steps, rejected = int(got.stats["num_steps"]), int(got.stats["num_rejected_steps"])
                    found.append((steps, rejected, rtol, share * rtol, error))
                    break
        steps, rejected, rtol, atol, error = min(found)
        best = seconds(lambda solve=solve, rtol=rtol, atol=atol: solve(x, c, rtol, atol))
        row = f"{name:<10}{rtol:9.1e}{atol:9.1e}{error:12.1e}{steps:8}{rejected:10}"
        print(f"{row}{best * 1e3:9.2f} ms", flush=True)


if __name__ == "__main__":
    main()
