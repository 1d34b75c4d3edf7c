"""Compiled sweeps through the interferometers of a mesh, one 2×2 block after the other.

Real and imaginary parts lie in arrays of their own, rows = guides, so that the inner loops run along rows.
"""

from __future__ import annotations

from typing import Any

from photonic.compiled import compiled

__all__ = ["readings", "reverse", "sweep"]


def turn(block: Any, ur: Any, ui: Any, lr: Any, li: Any) -> None:
    """One 2×2 block on one pair of rows, in place."""
    ar, ai, br, bi = block[0, 0], block[0, 1], block[1, 0], block[1, 1]
    cr, ci, dr, di = block[2, 0], block[2, 1], block[3, 0], block[3, 1]
    for j in range(ur.size):
        x, y, v, w = ur[j], ui[j], lr[j], li[j]
        ur[j] = ar * x - ai * y + br * v - bi * w
        ui[j] = ar * y + ai * x + br * w + bi * v
        lr[j] = cr * x - ci * y + dr * v - di * w
        li[j] = cr * y + ci * x + dr * w + di * v


@compiled
def sweep(upper: Any, block: Any, first: int, last: int, re: Any, im: Any) -> None:
    """Send every column of the fields through interferometers ``first`` to ``last`` − 1, in place.

    ``block`` holds (T_00, T_01, T_10, T_11) of each as real and imaginary parts, shape (M, 4, 2).
    """
    for m in range(first, last):
        k = upper[m]
        turn(block[m], re[k], im[k], re[k + 1], im[k + 1])


@compiled
def reverse(
    upper: Any, adjoint: Any, inverse: Any, first: int, last: int, fields: Any, gradient: Any, product: Any
) -> None:
    """Go back from behind interferometer ``last`` − 1 to in front of ``first``.

    On the way ``product``, shape (M, 4, 2), gets Σ_j g_a conj(f_b) behind each interferometer, for the
    guides (a, b) = 00, 01, 10, 11 of its pair. ``fields`` and ``gradient``, shape (2, N, columns), are
    turned back in place, by the ``inverse`` and by the ``adjoint`` of each block.
    """
    fr, fi, gr, gi = fields[0], fields[1], gradient[0], gradient[1]
    for m in range(last - 1, first - 1, -1):
        k = upper[m]
        ur, ui, lr, li = fr[k], fi[k], fr[k + 1], fi[k + 1]
        pr, pi, qr, qi = gr[k], gi[k], gr[k + 1], gi[k + 1]
        s00r = s00i = s01r = s01i = s10r = s10i = s11r = s11i = 0.0
        for j in range(ur.size):
            x, y, v, w = ur[j], ui[j], lr[j], li[j]
            a, b, c, d = pr[j], pi[j], qr[j], qi[j]
            s00r += a * x + b * y
            s00i += b * x - a * y
            s01r += a * v + b * w
            s01i += b * v - a * w
            s10r += c * x + d * y
            s10i += d * x - c * y
            s11r += c * v + d * w
            s11i += d * v - c * w
        out = product[m]
        out[0, 0], out[0, 1], out[1, 0], out[1, 1] = s00r, s00i, s01r, s01i
        out[2, 0], out[2, 1], out[3, 0], out[3, 1] = s10r, s10i, s11r, s11i
        turn(inverse[m], ur, ui, lr, li)
        turn(adjoint[m], pr, pi, qr, qi)


@compiled
def readings(
    upper: Any, order: Any, enter: Any, leave: Any, re: Any, im: Any, power: Any, square: Any
) -> None:
    """Send fields through in ``order``, each interferometer in two halves, and read powers on the way.

    ``power`` and ``square``, shape (3, 2, M), get Σ|f|² and Σ|f|⁴ over the columns: in front of each
    interferometer, between its couplers and behind it, on the upper and the lower guide.
    """
    for m in order:
        k = upper[m]
        ur, ui, lr, li = re[k], im[k], re[k + 1], im[k + 1]
        for place in range(3):
            if place == 1:
                turn(enter[m], ur, ui, lr, li)
            elif place == 2:
                turn(leave[m], ur, ui, lr, li)
            p = q = pp = qq = 0.0
            for j in range(ur.size):
                a = ur[j] * ur[j] + ui[j] * ui[j]
                b = lr[j] * lr[j] + li[j] * li[j]
                p += a
                q += b
                pp += a * a
                qq += b * b
            power[place, 0, m], power[place, 1, m] = p, q
            square[place, 0, m], square[place, 1, m] = pp, qq
