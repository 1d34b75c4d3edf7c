"""Soref & Bennett 1987: index and absorption of free carriers in silicon, 1.3 and 1.55 µm.

Δn = −(p ΔN + r ΔP^0.8) and Δα = a ΔN + c ΔP, densities in cm⁻³, Δα in 1/cm.
"""

from photonic.provenance import Source

SOURCE = Source(
    "R. A. Soref, B. R. Bennett",
    1987,
    "Electrooptical effects in silicon",
    "IEEE J. Quantum Electron. 23, 123",
    "10.1109/JQE.1987.1073206",
)

# λ [µm], then coefficient and exponent as printed: a, b (electron absorption), c, d (hole
# absorption), p, q (electron index), r, s (hole index).
TABLE = (
    (1.30, 6.0e-18, 1.0, 4.0e-18, 1.0, 6.2e-22, 1.0, 6.0e-18, 0.8),
    (1.55, 8.5e-18, 1.0, 6.0e-18, 1.0, 8.8e-22, 1.0, 8.5e-18, 0.8),
)
