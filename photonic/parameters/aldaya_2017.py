"""Aldaya et al. 2017: carriers in silicon strip waveguides that vanish ever more slowly.

Pump and probe from 1e17 down to 1e14 cm⁻³: a lifetime of about 800 ps at first and up to about
300 ns late, by trap-assisted recombination. The paper says so; the trap density and capture
coefficients here are *not* its own. They are chosen so that equation (10) of
`photonic.rate_equations`, started with 1e17 cm⁻³ pairs and empty traps, has these two lifetimes of
the absorption, at the start and at 1e14 cm⁻³. Only N_t c_n and c_p are told by that, and N_t to the
extent that it must be about the first density.
"""

from photonic.extensions import Traps
from photonic.provenance import Source, Sourced

SOURCE = Source(
    "I. Aldaya, A. Gil-Molina, J. L. Pita, L. H. Gabrielli, H. L. Fragnito, P. Dainese",
    2017,
    "Nonlinear carrier dynamics in silicon nano-waveguides",
    "Optica 4, 1219 (arXiv:1707.07646)",
    "10.1364/OPTICA.4.001219",
)


def _assumed(value: float, unit: str, why: str) -> Sourced:
    return Sourced(value, unit, SOURCE, f"not in it: {why}", "assumed")


SOURCES = {
    "density": _assumed(1e23, "1/m³", "1e17 cm⁻³, the highest density of the experiment"),
    "electron_capture": _assumed(2e-14, "m³/s", "from about 800 ps at the start"),
    "hole_capture": _assumed(1.4e-14, "m³/s", "from about 300 ns at 1e14 cm⁻³"),
    "hole_share": _assumed(0.41, "1", "holes' share of absorption at 1.55 µm, 6.0/14.5 of Soref & Bennett"),
}

ALDAYA_2017 = Traps(
    density=SOURCES["density"].value,
    electron_capture=SOURCES["electron_capture"].value,
    hole_capture=SOURCES["hole_capture"].value,
    hole_share=SOURCES["hole_share"].value,
    sources=SOURCES,
)
