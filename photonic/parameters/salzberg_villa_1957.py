"""Salzberg & Villa 1957: refractive index of silicon, 1.36 to 11 µm, 26 °C."""

from photonic.provenance import Source, Sourced

SOURCE = Source(
    "C. D. Salzberg, J. J. Villa",
    1957,
    "Infrared refractive indexes of silicon, germanium and modified selenium glass",
    "J. Opt. Soc. Am. 47, 244",
    "10.1364/JOSA.47.000244",
)
FIT = Source(
    "B. Tatian",
    1984,
    "Fitting refractive-index data with the Sellmeier dispersion formula",
    "Appl. Opt. 23, 4477",
    "10.1364/AO.23.004477",
)
RANGE = Sourced((1.357e-6, 11.04e-6), "m", SOURCE, "measured wavelengths", "published")
STRENGTHS = Sourced((10.6684293, 0.0030434748, 1.54133408), "1", FIT, "silicon, fit to Salzberg", "published")
RESONANCES = Sourced((0.301516485, 1.13475115, 1104.0), "µm", FIT, "silicon, fit to Salzberg", "published")
