"""Integration of the rate equations in time: one adaptive method, compiled, for stiff and quiet stretches.

Rodas5P of Steinebach, BIT Numer. Math. 63, 27 (2023): a linearly implicit (Rosenbrock–Wanner)
method of order 5 with eight stages, L-stable, with an embedded error estimate and dense output of
order 4. Each step solves eight linear systems with one exact Jacobian, so that steps follow what
the solution does and not the fastest rate in it. Where the field has no mass, its two equations
are algebraic: the field follows carriers and heat at once (the method keeps its order there).

In each segment of the drive the right-hand side is smooth; steps end on the ends of segments.
`photonic.taylor` is faster where the field rings; this method where it is quiet but fast.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from photonic.compiled import compiled
from photonic.lag import follow, note, ringing
from photonic.rate_equations import evaluate, pulls, slopes
from photonic.stepping import (
    DONE,
    FULL,
    PAUSED,
    STALLED,
    drive_at,
    error_norm,
    factorise,
    on_step,
    raise_scales,
    solve,
)

__all__ = ["ORDER", "advance"]

ORDER = 5

# Coefficients in the form that needs no product with the Jacobian (Hairer & Wanner II, IV.7):
# (M/(hγ) − J) k_i = f(t + c_i h, y + Σ a_ij k_j) + M Σ C_ij k_j/h + h d_i ∂f/∂t.
_GAMMA = 0.21193756319429014
_A = np.zeros((8, 8))
_A[1, :1] = (3.0,)
_A[2, :2] = (2.849394379747939, 0.45842242204463923)
_A[3, :3] = (-6.954028509809101, 2.489845061869568, -10.358996098473584)
_A[4, :4] = (2.8029986275628964, 0.5072464736228206, -0.3988312541770524, -0.04721187230404641)
_A[5:, :5] = (
    -7.502846399306121, 2.561846144803919, -11.627539656261098, -0.18268767659942256, 0.030198172008377946,
)  # fmt: skip
_A[6:, 5] = _A[7, 6] = 1.0
_C = np.zeros((8, 8))
_C[1, :1] = (-14.155112264123755,)
_C[2, :2] = (-17.97296035885952, -2.859693295451294)
_C[3, :3] = (147.12150275711716, -1.41221402718213, 71.68940251302358)
_C[4, :4] = (165.43517024871676, -0.4592823456491126, 42.90938336958603, -5.961986721573306)
_C[5, :5] = (
    24.854864614690072, -3.0009227002832186, 47.4931110020768, 5.5814197821558125, -0.6610691825249471,
)  # fmt: skip
_C[6, :6] = (
    30.91273214028599, -3.1208243349937974, 77.79954646070892, 34.28646028294783, -19.097331116725623,
    -28.087943162872662,
)  # fmt: skip
_C[7, :7] = (
    37.80277123390563, -3.2571969029072276, 112.26918849496327, 66.9347231244047, -40.06618937091002,
    -54.66780262877968, -9.48861652309627,
)  # fmt: skip
_TIMES = np.ones(8)
_TIMES[:5] = (0.0, 0.6358126895828704, 0.4095798393397535, 0.9769306725060716, 0.4288403609558664)
_D = np.zeros(8)
_D[:5] = (_GAMMA, -0.42387512638858027, -0.3384627126235924, 1.8046452872882734, 2.325825639765069)
# Dense output: y(θ) = (1−θ) y_0 + θ (y_1 + (1−θ)(q_1 + θ (q_2 + θ q_3))), q = H k.
_H = np.array(
    [
        (25.948786856663858, -2.5579724845846235, 10.433815404888879, -2.3679251022685204,
         0.524948541321073, 1.1241088310450404, 0.4272876194431874, -0.17202221070155493),
        (-9.91568850695171, -0.9689944594115154, 3.0438037242978453, -24.495224566215796,
         20.176138334709044, 15.98066361424651, -6.789040303419874, -6.710236069923372),
        (11.419903575922262, 2.8879645146136994, 72.92137995996029, 80.12511834622643,
         -52.072871366152654, -59.78993625266729, -0.15582684282751913, 4.883087185713722),
    ]
)  # fmt: skip


def settle_field(y: Any, drive: Any, detuning: Any, c: Any, e: Any, room: Any, known: Any) -> bool:
    """The field that carriers and heat hold at once, a = drive/(γ/2 − iδ), into ``y``; True if it is single.

    Its energy is a root of U |γ/2 − iδ|² = drive², a cubic with Kerr effect or two-photon absorption:
    of three roots the first on the way from the present energy.
    """
    evaluate(y, drive, detuning, c, e, room, known)
    energy, wider, pulled = known[0], c.two_photon / 2, c.kerr
    half, offset = known[3] - wider * energy, known[4] - pulled * energy
    cubic, square = wider * wider + pulled * pulled, 2.0 * (half * wider + offset * pulled)
    line, wanted = half * half + offset * offset, drive * drive
    low, high, inside = 0.0, wanted / (half * half), square * square - 3.0 * cubic * line
    single = True
    if inside > 0.0 and square < 0.0:  # it rises, falls and rises
        top = line / (np.sqrt(inside) - square)
        bottom = (np.sqrt(inside) - square) / (3.0 * cubic)
        if ((cubic * top + square) * top + line) * top < wanted:
            low = bottom
        elif ((cubic * bottom + square) * bottom + line) * bottom > wanted:
            high = top
        else:
            single = False
            rising = ((cubic * energy + square) * energy + line) * energy < wanted
            if energy > top and (energy >= bottom or rising):
                low = bottom
            else:
                high = top
    energy = high
    for _ in range(200):  # Newton, kept between the ends
        miss = ((cubic * energy + square) * energy + line) * energy - wanted
        if miss > 0.0:
            high = energy
        else:
            low = energy
        slope = (3.0 * cubic * energy + 2.0 * square) * energy + line
        step = energy - miss / slope if slope > 0.0 else -1.0
        if not low < step < high:
            step = 0.5 * (low + high)
        if abs(step - energy) <= 4e-16 * energy:
            break
        energy = step
    half, offset = half + wider * energy, offset + pulled * energy
    y[0] = drive * half / (half * half + offset * offset)
    y[1] = drive * offset / (half * half + offset * offset)
    return single


@compiled
def advance(
    y: Any, scale: Any, progress: Any, breaks: Any, poly: Any, detuning: Any, c: Any, e: Any,
    control: Any, times: Any, out: Any, steps: Any, spans: Any, budget: int,
) -> int:  # fmt: skip
    """Integrate until the last of ``times``, or until ``budget`` steps are made; returns how it ended.

    Everything is in the units of the equations; the arrays are changed in place, and a further
    call goes on where this one stopped.

    Parameters
    ----------
    y, scale : arrays (n,)
        State, and largest size of each variable so far.
    progress : array (10 + 2 n,)
        Time, step, segment, next output, steps made, steps refused, last error, estimate of the error
        that the field without mass makes; then `photonic.lag`: the leap (2), the rest (n), the worst (n).
    breaks, poly : arrays (K + 1,), (K, d + 1)
        Ends of the segments of the drive √γ_c s_in, and its polynomials in the time since each start.
    control : array (4,)
        Tolerance; largest step; 1 for a field with mass, 0 without; shortest carrier or thermal lifetime.
    times, out : arrays (m,), (m, n)
    steps, spans : arrays (B, 5 or more, n), (B, 2)
        Record of the steps (B = 0: none), polynomials in the share of the step as `on_step` wants
        them, and their starts and lengths. `FULL` when no more fit.
    """
    size, first = y.shape[0], 3 + e.traps
    tolerance, longest, mass, shortest = control[0], control[1], control[2], control[3]
    t, h, segment, at = progress[0], progress[1], int(progress[2]), int(progress[3])
    end, last = times[times.shape[0] - 1], breaks.shape[0] - 2
    k = np.zeros((8, size))
    m, w = np.zeros((size, size)), np.zeros((size, size))
    f, stage, right, new = np.zeros(size), np.zeros(size), np.zeros(size), np.zeros(size)
    known, ahead, dense = np.zeros(5), np.zeros(5), np.zeros((5, size))
    leap, lag, worst = progress[8:10], progress[10 : 10 + size], progress[10 + size : 10 + 2 * size]
    late, ring = np.zeros(size), np.zeros(2)
    order = np.zeros(size, dtype=np.int64)
    recorded, made = 0, 0
    status = DONE
    fresh, stale, jumped, refused = True, True, False, False
    drive, drift = drive_at(poly[segment], t - breaks[segment])
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
            fresh = True
        stop = min(breaks[segment + 1], end) if segment < last else end
        if fresh:
            before = drive
            drive, drift = drive_at(poly[segment], t - breaks[segment])
            if mass == 0.0:
                before_x, before_y = y[0], y[1]
                single = settle_field(y, drive, detuning, c, e, f, known)
                raise_scales(scale, y, first)
                leap[0] += before_x - y[0]
                leap[1] += before_y - y[1]
                if not single and np.hypot(leap[0], leap[1]) > 1e-3 * scale[0]:
                    worst[0] = max(worst[0], scale[0])  # the field may go to another state
            stale = True
            if abs(drive - before) > 1e-3 * max(abs(drive), abs(before)):  # a jump: what follows is fast
                jumped = True
            fresh = False
        if stale:
            evaluate(y, drive, detuning, c, e, f, known)
            m[:] = 0.0
            slopes(y, known, pulls(y, known[1], c, e), c, e, m)
            stale = False
        if jumped:
            rate = np.sqrt(known[3] * known[3] + known[4] * known[4])
            h = min(h, 0.5 / rate if mass > 0.0 else 0.1 * shortest)
            jumped = False
        wish = h = min(h, longest)
        left = stop - t
        if h >= 0.999 * left:
            h = left
        elif h > 0.5 * left:
            h = 0.5 * left
        if not (h > 1e-14 * max(abs(t), 1.0) or h == left):
            status = STALLED
            break
        for i in range(size):
            for j in range(size):
                w[i, j] = -m[i, j]
            w[i, i] += (mass if i < 2 else 1.0) / (h * _GAMMA)
        factorise(w, order)
        for s in range(8):
            for i in range(size):
                stage[i], new[i], right[i] = y[i], 0.0, f[i]
            for j in range(s):
                for i in range(size):
                    stage[i] += _A[s, j] * k[j, i]
                    new[i] += _C[s, j] * k[j, i]
            if s > 0:
                if poly.shape[1] > 1:
                    drive, _ = drive_at(poly[segment], t - breaks[segment] + _TIMES[s] * h)
                evaluate(stage, drive, detuning, c, e, right, ahead)
            for i in range(size):
                right[i] += new[i] / h if i > 1 else mass * new[i] / h
            right[0] += h * _D[s] * drift
            solve(w, order, right)
            for i in range(size):
                k[s, i] = right[i]
        for i in range(size):
            new[i] = stage[i] + k[7, i]
            right[i] = k[7, i]
        bar = error_norm(right, scale) / tolerance
        made += 1
        if not bar <= 1.0:
            progress[5] += 1
            refused = True
            h *= max(0.2, 0.9 * bar**-0.2) if bar < np.inf else 0.1
            continue
        for i in range(size):
            q1, q2, q3 = 0.0, 0.0, 0.0
            for s in range(8):
                q1 += _H[0, s] * k[s, i]
                q2 += _H[1, s] * k[s, i]
                q3 += _H[2, s] * k[s, i]
            dense[0, i], dense[1, i] = y[i], new[i] - y[i] + q1
            dense[2, i], dense[3, i], dense[4, i] = q2 - q1, q3 - q2, -q3
        start = t
        t = stop if h == left else t + h
        share = 0.0
        if mass == 0.0:
            late[:] = lag
            follow(lag, leap, new[0] - y[0], new[1] - y[1], h, y, known, m, w, order, right, f, c, e)
        while at < times.shape[0] and times[at] <= t:
            share = min((times[at] - start) / h, 1.0)
            on_step(share, dense, out[at])
            if mass == 0.0:
                for i in range(size):
                    right[i] = late[i] + share * (lag[i] - late[i])
                grown = np.exp(-ringing(m).real * (1.0 - share) * h)
                ring[0], ring[1] = leap[0] * grown, leap[1] * grown
                note(right, ring, worst)
            at += 1
        if steps.shape[0] > 0:
            steps[recorded, :5] = dense
            steps[recorded, 5:] = 0.0
            spans[recorded, 0], spans[recorded, 1] = start, h
            recorded += 1
        y[:] = new
        raise_scales(scale, y, first)
        progress[4] += 1
        factor = 0.9 * bar**-0.14 * max(progress[6], 1e-4) ** 0.08 if bar > 0.0 else 6.0
        h = max(h * min(1.0 if refused else 6.0, max(0.2, factor)), wish if h < wish else 0.0)
        progress[6] = bar
        refused = False
        stale = True
        if poly.shape[1] > 1:
            drive, drift = drive_at(poly[segment], t - breaks[segment])
    progress[0], progress[1], progress[2], progress[3] = t, h, segment, at
    progress[7] = 2.0 * error_norm(worst, scale)  # twice what first order says
    if steps.shape[0] > 0:
        spans[recorded:] = 0.0
    return status
