"""Zhang et al. 2013: the normalised silicon ring with the index law of Soref and Bennett.

The numbers are as other programs quote them from the paper; nobody here has checked them against it, so all
are assumed. η_c = 1 is taken with η_lin = 0.4.
"""

from photonic.normalised import Zhang
from photonic.provenance import Source, Sourced

SOURCE = Source(
    "L. Zhang, Y. Fei, T. Cao, Y. Cao, Q. Xu, S. Chen",
    2013,
    "Multibistability and self-pulsation in nonlinear high-Q silicon microring resonators considering "
    "thermo-optical effect",
    "Phys. Rev. A 87, 053805",
    "10.1103/PhysRevA.87.053805",
)


def _quoted(value: float, symbol: str) -> Sourced:
    return Sourced(value, "1", SOURCE, f"{symbol}, as quoted elsewhere; not confirmed", "assumed")


SOURCES = {
    "kerr": _quoted(0.55, "n_K"),
    "carrier_lifetime": _quoted(18.5, "τ"),
    "thermal_lifetime": _quoted(185.0, "τ_θ"),
    "dispersion": _quoted(7.2, "σ_FCD"),
    "heating": _quoted(0.074, "ξ_T"),
    "linear_absorption": _quoted(0.4, "η_c η_lin"),
    "two_photon": _quoted(0.11, "α_TPA"),
    "carrier_absorption": _quoted(0.2, "γ_FCA"),
}

ZHANG_2013 = Zhang(**{name: number.value for name, number in SOURCES.items()}, sources=SOURCES)
