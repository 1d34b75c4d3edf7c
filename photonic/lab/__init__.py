"""From the lab: files of instruments, measured curves, spectra and answers in time."""
