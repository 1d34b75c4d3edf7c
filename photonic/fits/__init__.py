"""Numbers of a device from what was measured of it, how sure they are, and what to measure next."""
