"""From the lab: measured curves and spectra, and the physics that can be read from them."""
