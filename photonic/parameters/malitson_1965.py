"""Malitson 1965: refractive index of fused silica, 0.21 to 3.71 µm, 20 °C."""

from photonic.provenance import Source, Sourced

SOURCE = Source(
    "I. H. Malitson",
    1965,
    "Interspecimen comparison of the refractive index of fused silica",
    "J. Opt. Soc. Am. 55, 1205",
    "10.1364/JOSA.55.001205",
)
RANGE = Sourced((0.21e-6, 3.71e-6), "m", SOURCE, "measured wavelengths", "published")
STRENGTHS = Sourced((0.6961663, 0.4079426, 0.8974794), "1", SOURCE, "Sellmeier equation", "published")
RESONANCES = Sourced((0.0684043, 0.1162414, 9.896161), "µm", SOURCE, "Sellmeier equation", "published")
