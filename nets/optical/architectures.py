"""Whole networks of light under a name: contestants of `nets.compare`, built from the stages."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from types import MappingProxyType

from nets.optical.bank_network import BankNetwork
from nets.optical.coherent_network import CoherentNetwork
from photonic.errors import unknown_name

__all__ = ["NETWORKS", "OpticalArchitecture", "optical_architecture"]

OpticalArchitecture = CoherentNetwork | BankNetwork

# Preset and laser power of the photonic meshes are those of benchmarks/williamson.py, found on held-out
# MNIST training digits; the saturation power did best of 0.03, 0.2 and 1 mW on held-out training vowels.
_SETTINGS = ("detuning", "arm_phase", "input_coupling", "output_coupling")
_TENTH_OF_A_DECIBEL = 10**0.01  # P_in/P_out of an interferometer of the cascade: an assumption

NETWORKS: Mapping[str, OpticalArchitecture] = MappingProxyType(
    {
        found.name: found
        for found in (
            CoherentNetwork(name="mesh:linear", neuron="none"),
            CoherentNetwork(name="mesh:electro-optic", neuron="electro-optic"),
            CoherentNetwork(name="mesh:photonic", neuron="photonic"),
            CoherentNetwork(name="mesh:photonic-trained", neuron="photonic", trained=_SETTINGS),
            BankNetwork(name="bank:photonic"),
            CoherentNetwork(
                name="cascade:photonic",
                neuron="photonic",
                layers=3,
                interferometer_loss=_TENTH_OF_A_DECIBEL,
                amplifier_gain=5.0,
                trained_gain=True,
            ),
            CoherentNetwork(name="svd:saturable", neuron="saturable", matrices="any", trained_gain=True),
        )
    }
)


def optical_architecture(name: str, laser_power: float | None = None) -> OpticalArchitecture:
    """The network of that name, with another laser power [W] if one is given.

    =========================  ======================================================================
    ``mesh:linear``            two 16-guide meshes, no activation
    ``mesh:electro-optic``     the same with the activation of Williamson et al. (2020) behind each
    ``mesh:photonic``          the same with free-carrier neurons, 20 mW in all
    ``mesh:photonic-trained``  the same, detuning, phase and couplings of each neuron learned
    ``bank:photonic``          microring weight banks, modulators and free-carrier neurons
    ``cascade:photonic``       three meshes with loss, free-carrier neurons, amplifiers
    ``svd:saturable``          any matrices as pairs of meshes, saturable absorbers in between
    =========================  ======================================================================

    Raises
    ------
    ParameterError
        Unknown name (the nearest ones are named), an impossible power.

    Examples
    --------
    >>> optical_architecture("mesh:photonic", laser_power=5e-3).laser_power
    0.005
    """
    if name not in NETWORKS:
        raise unknown_name("network", name, NETWORKS)
    found = NETWORKS[name]
    return found if laser_power is None else dataclasses.replace(found, laser_power=laser_power)
