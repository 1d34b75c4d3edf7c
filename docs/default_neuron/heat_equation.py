"""Heat in the cross-section of the default neuron's rib: the two numbers behind one time constant.

Solves ρc ∂T/∂t = ∇·(k∇T) on half of the oxide-clad cross-section (finite volumes, implicit Euler
with growing steps), after 1 J/m has been put evenly into the 500 nm × 220 nm under the ridge; the
silicon substrate is the sink. Prints the settled resistance R, ∫h² dt of the impulse response h
of the core, the time constant R²/(2∫h² dt) that gives a single pole the same temperature variance
under independent random symbols, and a fit of h by exponentials.

Run: python docs/default_neuron/heat_equation.py
"""

import numpy as np
import scipy.sparse as sp
from scipy.optimize import nnls
from scipy.sparse.linalg import splu, spsolve

STEP = 20e-9  # [m]
WIDTH, HEIGHT, SLAB = 500e-9, 220e-9, 100e-9  # [m]; the 90 nm slab, rounded to the grid
BOX, TOP, HALF = 2e-6, 2e-6, 8e-6  # buried oxide, oxide above, half width [m]
SILICON = (70.0, 2330 * 700.0)  # film conductivity [W/(m K)], heat capacity [J/(m³ K)]
OXIDE = (1.38, 2200 * 740.0)


def section(slab):
    """Conductivity, heat capacity and core mask, arrays (rows from the substrate up, columns)."""
    rows, columns = round((BOX + HEIGHT + TOP) / STEP), round(HALF / STEP)
    bottom, top = round(BOX / STEP), round((BOX + HEIGHT) / STEP)
    core = np.zeros((rows, columns), dtype=bool)
    core[bottom:top, : round(WIDTH / 2 / STEP)] = True
    silicon = core.copy()
    silicon[bottom : bottom + round(slab / STEP)] = True
    return np.where(silicon, SILICON[0], OXIDE[0]), np.where(silicon, SILICON[1], OXIDE[1]), core


def conduction(k):
    """Sparse matrix of heat flow [W/(m K)] between cells; the substrate and the far side are sinks."""
    index = np.arange(k.size).reshape(k.shape)
    total, blocks = np.zeros(k.size), []
    pairs = [(index[:, 1:], index[:, :-1]), (index[1:], index[:-1])]
    for a, b in ((x.ravel(), y.ravel()) for x, y in pairs):
        flow = 2 * k.ravel()[a] * k.ravel()[b] / (k.ravel()[a] + k.ravel()[b])
        blocks += [(a, b, -flow), (b, a, -flow)]
        np.add.at(total, a, flow)
        np.add.at(total, b, flow)
    total[index[0]] += 2 * k[0]
    total[index[:, -1]] += 2 * k[:, -1]
    blocks.append((index.ravel(), index.ravel(), total))
    row, column, value = (np.concatenate(part) for part in zip(*blocks, strict=True))
    return sp.csr_matrix((value, (row, column)))


def impulse_response(slab):
    """(times [s], core temperature per 1 J/m [K m/J], settled resistance [K m/W])."""
    k, capacity, core = section(slab)
    matrix, heat, inside = conduction(k), (capacity * STEP**2).ravel(), core.ravel()
    temperature = np.where(inside, 0.5 / heat[inside].sum(), 0.0)  # half of 1 J/m in this half
    times, response, step = [0.0], [temperature[inside].mean()], 0.1e-9
    while times[-1] < 40e-6:
        solver = splu((sp.diags(heat / step) + matrix).tocsc())
        for _ in range(20):
            temperature = solver.solve(heat / step * temperature)
            times.append(times[-1] + step)
            response.append(temperature[inside].mean())
        step *= 1.6
    settled = spsolve(matrix.tocsc(), np.where(inside, 0.5 / inside.sum(), 0.0))[inside].mean()
    return np.array(times), np.array(response), settled


def exponentials(times, response):
    """Non-negative weights [K m/J] and lifetimes [s] of Σ w exp(−t/τ), fitted on equal log steps."""
    lifetimes = np.geomspace(0.5e-9, 3e-6, 12)
    chosen = np.unique(np.searchsorted(times, np.geomspace(times[1], 20e-6, 300)))
    scale = 1 / np.maximum(response[chosen], response[1] * 1e-3)
    basis = np.exp(-times[chosen, None] / lifetimes)
    weights, _ = nnls(basis * scale[:, None], response[chosen] * scale)
    return weights[weights > 0], lifetimes[weights > 0]


if __name__ == "__main__":
    for name, slab in (("strip", 0.0), ("rib", SLAB)):
        times, response, settled = impulse_response(slab)
        squared = np.trapezoid(response**2, times)
        equivalent = settled**2 / (2 * squared)
        print(f"{name}: R = {settled:.3f} K m/W, integral of h² = {squared:.3g} K² m²/(J² s⁻¹)")
        share = equivalent / settled * response[0]
        print(f"  time constant {equivalent * 1e9:.0f} ns, {share:.1f} times the core's heat")
        for time in (1e-9, 5e-9, 30e-9, 300e-9):
            print(f"  h({time * 1e9:.0f} ns)/h(0) = {np.interp(time, times, response) / response[0]:.3f}")
        weights, lifetimes = exponentials(times, response)
        print("  weights [K m/J]:", ", ".join(f"{w:.4g}" for w in weights))
        print("  lifetimes [ns]:", ", ".join(f"{t * 1e9:.4g}" for t in lifetimes))
