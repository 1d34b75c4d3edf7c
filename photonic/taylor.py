"""Integration of the rate equations in time by their Taylor series.

The equations are polynomials (and powers) of the state, so that the coefficients of the solution
in (t − t_0)^k follow one from another by products of series (J. R. Chang & G. Corliss, Comput.
Math. Appl. 28, 209 (1994); À. Jorba & M. Zou, Exp. Math. 14, 99 (2005)). A step follows radians of
the ringing field and is its own dense output. It is as long as the last two coefficients allow, and
kept only if at its end the slope of the series is that of the equations.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from photonic.compiled import compiled
from photonic.rate_equations import evaluate
from photonic.stepping import DONE, FULL, PAUSED, STALLED, error_norm, on_step, raise_scales

__all__ = ["advance_series", "expand", "order_for"]


def order_for(tolerance: float) -> int:
    """Order of the series with the least work at a ``tolerance`` [1] per step (Jorba & Zou, 3.1)."""
    return int(np.clip(np.ceil(-np.log(tolerance) / 2) + 1, 6, 20))


def shifted(poly: Any, since: Any, out: Any) -> None:
    """The polynomial ``poly`` (constant first) about the time ``since`` its start, into ``out``."""
    size = poly.shape[0]
    for k in range(size):
        out[k] = poly[k]
    for k in range(size - 1):
        for j in range(size - 2, k - 1, -1):
            out[j] += since * out[j + 1]


def expand(series: Any, order: int, drive: Any, detuning: Any, c: Any, e: Any, work: Any) -> None:
    """Coefficients of the solution in ``series``, shape (order + 1, n), from its first row.

    ``drive`` (d + 1,) are those of √γ_c s_in. ``work``, shape (9, order + 1), holds the series of U,
    the absorption rate, γ/2, δ, P, and of the powers in the index law.
    """
    energy, absorbed, half, offset, holes = work[0], work[1], work[2], work[3], work[4]
    first = 3 + e.traps
    modes = len(e.heat_lifetimes)
    constant = c.coupling + c.drop_coupling + c.scattering
    bent = e.electron_power != 1.0 or e.hole_power != 1.0
    for k in range(order):
        carriers = series[k, 2]
        pairs = holes[k] = carriers
        if e.traps:
            holes[k] = carriers + series[k, 3]
            pairs = carriers + e.hole_share * series[k, 3]
        temperature = 0.0
        for i in range(modes):
            temperature += series[k, first + i]
        light = 0.0
        for j in range(k + 1):
            light += series[j, 0] * series[k - j, 0] + series[j, 1] * series[k - j, 1]
        energy[k] = light
        absorbed[k] = c.two_photon * light + c.carrier_absorption * pairs
        half[k] = absorbed[k] / 2
        index = -(e.electron_index * carriers + e.hole_index * holes[k])
        if bent:
            index = -(
                power_term(series[:, 2], k, e.electron_index, e.electron_power, e.faint_density, work, 5)
                + power_term(holes, k, e.hole_index, e.hole_power, e.faint_density, work, 7)
            )
        offset[k] = c.kerr * light + c.index * index + c.thermal * temperature  # (2), (9)
        if k == 0:
            absorbed[0] += c.absorption
            half[0] = (constant + absorbed[0]) / 2  # (3)
            offset[0] += detuning
        damped_x, damped_y, turned_x, turned_y, squared, heat = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
        for j in range(k + 1):
            x, y = series[k - j, 0], series[k - j, 1]
            damped_x += half[j] * x
            damped_y += half[j] * y
            turned_x += offset[j] * x
            turned_y += offset[j] * y
            squared += energy[j] * energy[k - j]
            heat += absorbed[j] * energy[k - j]
        light_in = drive[k] if k < drive.shape[0] else 0.0
        series[k + 1, 0] = (light_in - damped_x - turned_y) / (k + 1)  # (1)
        series[k + 1, 1] = (turned_x - damped_y) / (k + 1)
        made = c.generation * squared - carriers / c.carrier_lifetime  # (4)
        if e.traps:
            caught, freed = e.electron_capture * e.trap_density * carriers, 0.0
            for j in range(k + 1):
                caught -= e.electron_capture * series[j, 2] * series[k - j, 3]
                freed += e.hole_capture * holes[j] * series[k - j, 3]
            made -= caught  # (10)
            series[k + 1, 3] = (caught - freed) / (k + 1)
        series[k + 1, 2] = made / (k + 1)
        for i in range(modes):
            cooled = series[k, first + i] / e.heat_lifetimes[i]
            series[k + 1, first + i] = (e.heat_shares[i] * c.heating * heat - cooled) / (k + 1)  # (5), (11)


def power_term(density: Any, k: int, factor: Any, power: Any, faint: Any, work: Any, row: int) -> float:
    """Coefficient ``k`` of one term of equation (9), factor·N·(N² + N_0²)^((q − 1)/2)."""
    if power == 1.0:
        return factor * density[k]
    squared, raised = work[row], work[row + 1]
    total = 0.0
    for j in range(k + 1):
        total += density[j] * density[k - j]
    exponent = (power - 1.0) / 2
    if k == 0:
        squared[0] = total + faint * faint
        raised[0] = squared[0] ** exponent
    else:
        squared[k] = total
        total = 0.0
        for j in range(1, k + 1):
            total += (exponent * j - (k - j)) * squared[j] * raised[k - j]
        raised[k] = total / (k * squared[0])
    total = 0.0
    for j in range(k + 1):
        total += density[j] * raised[k - j]
    return factor * total


@compiled
def advance_series(
    y: Any, scale: Any, progress: Any, breaks: Any, poly: Any, detuning: Any, c: Any, e: Any,
    control: Any, times: Any, out: Any, steps: Any, spans: Any, budget: int,
) -> int:  # fmt: skip
    """Integrate like `photonic.rosenbrock.advance`, whose arguments these are, by Taylor series.

    ``control`` here: tolerance, largest step, order. ``steps`` has shape (B, order + 1, n).
    """
    size, first = y.shape[0], 3 + e.traps
    tolerance, longest, order = control[0], control[1], int(control[2])
    t, segment, at = progress[0], int(progress[2]), int(progress[3])
    end, last = times[times.shape[0] - 1], breaks.shape[0] - 2
    series, work = np.zeros((order + 1, size)), np.zeros((9, order + 1))
    drive, slope, error, known = np.zeros(poly.shape[1]), np.zeros(size), np.zeros(size), np.zeros(5)
    recorded, made = 0, 0
    status = DONE
    h = wish = progress[1]
    while at < times.shape[0] and times[at] <= t:
        out[at] = y
        at += 1
    while t < end:
        if made >= budget:
            status = PAUSED
            break
        if steps.shape[0] > 0 and recorded >= steps.shape[0]:
            status = FULL
            break
        while segment < last and t >= breaks[segment + 1]:
            segment += 1
        stop = min(breaks[segment + 1], end) if segment < last else end
        shifted(poly[segment], t - breaks[segment], drive)
        series[0] = y
        expand(series, order, drive, detuning, c, e, work)
        raise_scales(scale, y, first)
        last_but_one = max(error_norm(series[order - 1], scale), 1e-300)
        least = max(error_norm(series[order], scale), 1e-300)
        h = min((tolerance / last_but_one) ** (1.0 / (order - 1)), (tolerance / least) ** (1.0 / order))
        left = stop - t
        wish = h = min(h, longest)
        if h >= 0.999 * left:
            h = left
        elif h > 0.5 * left:
            h = 0.5 * left
        made += 1
        while True:
            if not (h > 1e-14 * max(abs(t), 1.0) or h == left):
                status = STALLED
                break
            power = 1.0
            for k in range(1, order + 1):
                power = power * h
                for i in range(size):
                    series[k, i] = series[k, i] * power
            on_step(1.0, series, y)
            now, value = 0.0, 0.0
            for k in range(drive.shape[0] - 1, -1, -1):
                now = now * h + drive[k]
            evaluate(y, now, detuning, c, e, slope, known)
            for i in range(size):
                value = 0.0
                for k in range(1, order + 1):
                    value += k * series[k, i]
                error[i] = h * slope[i] - value
            if error_norm(error, scale) <= 10.0 * order * tolerance:
                break
            progress[5] += 1
            power = 1.0
            for k in range(1, order + 1):  # back to coefficients of time, for a shorter step
                power = power / h
                for i in range(size):
                    series[k, i] = series[k, i] * power
            h = 0.5 * h
        if status == STALLED:
            y[:] = series[0]
            break
        start = t
        t = stop if h == left else t + h
        while at < times.shape[0] and times[at] <= t:
            on_step(min((times[at] - start) / h, 1.0), series, out[at])
            at += 1
        if steps.shape[0] > 0:
            steps[recorded] = series
            spans[recorded, 0], spans[recorded, 1] = start, h
            recorded += 1
        progress[4] += 1
    raise_scales(scale, y, first)
    progress[0], progress[1], progress[2], progress[3] = t, wish, segment, at
    if steps.shape[0] > 0:
        spans[recorded:] = 0.0
    return status
