"""Physics of the silicon photonic neuron."""

from photonic.curve import Curve
from photonic.errors import ConvergenceError, DataError, OutsideValidityWarning, ParameterError

__version__ = "0.1.0"
__all__ = ["ConvergenceError", "Curve", "DataError", "OutsideValidityWarning", "ParameterError"]
