"""Networks of photonic neurons, and their comparison with digital activations."""

from __future__ import annotations

import importlib
from typing import Any

# public name -> module that holds it; loaded on first use, so that `import nets` costs NumPy only
_EXPORTS = {
    "Adam": "nets.training",
    "Amplifier": "nets.optical.amplifier",
    "Architecture": "nets.architecture",
    "Attenuator": "nets.optical.passive",
    "BankNetwork": "nets.optical.bank_network",
    "CoherentNetwork": "nets.optical.coherent_network",
    "Combiner": "nets.optical.passive",
    "Comparison": "nets.outcomes",
    "DarkLayerWarning": "nets.optical.budget",
    "Dense": "nets.layers",
    "Detector": "nets.optical.detectors",
    "ElectroOptic": "nets.optical.electro_optic",
    "FieldEncoder": "nets.optical.encoders",
    "History": "nets.training",
    "LightActivation": "nets.optical.light_activation",
    "MZIMesh": "nets.optical.mesh",
    "MatrixMesh": "nets.optical.matrix_mesh",
    "Modulator": "nets.optical.modulator",
    "Network": "nets.network",
    "OpticalNetwork": "nets.optical.optical_network",
    "Photonic": "nets.photonic_activation",
    "PowerBudget": "nets.optical.budget",
    "PowerEncoder": "nets.optical.encoders",
    "PropertyCard": "nets.property_card",
    "Readout": "nets.optical.readout",
    "SaturableAbsorber": "nets.optical.saturable_absorber",
    "Splitter": "nets.optical.passive",
    "Task": "nets.tasks",
    "TrainableActivation": "nets.trainable_activation",
    "WeightBank": "nets.optical.weight_bank",
    "compare": "nets.comparison",
    "fidelity": "nets.optical.mesh_fidelity",
    "optical_architecture": "nets.optical.architectures",
    "properties": "nets.property_card",
    "random_unitary": "nets.optical.haar",
    "single_threaded_blas": "photonic.blas",
    "train": "nets.training",
}
_MODULES = ("activations", "tasks")

__all__ = sorted([*_EXPORTS, *_MODULES])


def __getattr__(name: str) -> Any:
    if name in _EXPORTS:
        return getattr(importlib.import_module(_EXPORTS[name]), name)
    if name in _MODULES:
        return importlib.import_module(f"nets.{name}")
    raise AttributeError(f"module 'nets' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
