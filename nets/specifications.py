"""Activations and networks in words: ``relu``, ``photonic:sigmoid``, ``curve:PATH``, ``mesh:linear``."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from nets import activations
from nets.architecture import Architecture, DenseNetwork
from nets.elementwise import Activation
from nets.photonic_activation import Photonic
from photonic.errors import DataError, ParameterError, unknown_name

if TYPE_CHECKING:
    from nets.optical.architectures import OpticalArchitecture

__all__ = [
    "BIAS",
    "SCALE",
    "activation",
    "contestant",
    "contestants",
    "describe",
    "light_network",
    "names",
    "networks",
]

# Encoding of every programmed shape: x = BIAS + SCALE·z of full scale. Zero stands where the carriers
# begin to act: at the foot of the rising shapes, before the peak of the radial one. Chosen among biases
# of 0.1 to 0.7 and scales of 0.06 to 0.5 by 5,000 held-out MNIST training digits; one rule for all shapes.
BIAS, SCALE = 0.3, 0.15

_PRESETS = ("sigmoid", "clamped-relu", "radial-basis", "softplus", "leaky-relu")
_ALIASES = {"linear": "identity", "none": "identity"}


def names() -> tuple[str, ...]:
    """Specifications that `activation` knows, but for ``curve:PATH``."""
    trainable = [name for name in activations.names() if not activations.get(name).refusal]
    shapes = (*_PRESETS, "trained")
    return (*trainable, "linear", *(f"photonic:{shape}" for shape in shapes))


def networks() -> tuple[str, ...]:
    """Whole networks of light that `contestant` knows, as they are or with ``@LASER_POWER``."""
    from nets.optical.architectures import NETWORKS

    return tuple(NETWORKS)


def activation(spec: Any) -> Activation:
    """Activation behind a specification in words; an activation object is returned as it is.

    Parameters
    ----------
    spec : str or Activation
        The name of a digital activation; ``photonic:SHAPE``, a programmed preset of the default
        neuron; ``photonic:trained``, neurons whose settings are learned with the weights, see
        `nets.trainable_activation`; ``curve:PATH``, a saved transfer curve, or readings of one that
        `photonic.read_curve` knows and that are then smoothed, encoded like the presets;
        ``curve:PATH@BIAS:SCALE``, the same with an encoding of its own.

    Raises
    ------
    ParameterError
        Unknown name (the nearest ones are named), or a whole network.
    DataError
        The file of a curve is missing or damaged.

    Examples
    --------
    >>> activation("linear").name
    'identity'
    >>> activation("rellu")
    Traceback (most recent call last):
    photonic.errors.ParameterError: unknown activation 'rellu': did you mean 'relu' or 'relu6' or 'prelu'?
    """
    if not isinstance(spec, str):
        if isinstance(spec, Activation):
            return spec
        raise ParameterError(f"an activation is a name or an object with value and derivative, got {spec!r}")
    kind, _, rest = spec.strip().partition(":")
    if kind == "curve" and rest:
        return _from_file(rest)
    key = spec.strip().lower().replace("_", "-")
    if key == "photonic:trained":
        from nets.trainable_activation import trained

        return trained()
    if key.startswith("photonic:"):
        shape = key.removeprefix("photonic:")
        if shape not in _PRESETS:
            raise unknown_name("activation", spec, names())
        return preset(shape)
    key = _ALIASES.get(key, key).replace("-", "_")
    if key not in activations.names():
        if key.partition("@")[0] in networks():
            raise ParameterError(
                f"{spec} is a whole network, not an activation: it takes part in compare only"
            )
        raise unknown_name("activation", spec, names())
    found: Activation = activations.get(key)
    return found


def contestant(spec: Any) -> Architecture:
    """What takes part in a comparison under a specification, or the object itself.

    Parameters
    ----------
    spec : str, Activation or Architecture
        The name of a network of `networks`, ``mesh:photonic@5mW`` with another laser power. An
        activation, see `activation`, stands between dense layers.

    Raises
    ------
    ParameterError, DataError
        As for `activation`; an impossible laser power.

    Examples
    --------
    >>> contestant("linear")
    DenseNetwork(linear)
    """
    if isinstance(spec, Architecture):
        return spec
    if isinstance(spec, str) and (light := light_network(spec)) is not None:
        return light
    found = activation(spec)
    linear = isinstance(spec, str) and spec.strip().lower() == "linear"
    return DenseNetwork(found, describe(found), name="linear" if linear else None)


def contestants(words: Sequence[str]) -> list[Architecture]:
    """What takes part under each of ``words``; refused where two of them say the same.

    Raises
    ------
    ParameterError, DataError
        As for `contestant`; the same twice, in other words perhaps.

    Examples
    --------
    >>> contestants(["relu", "linear", "identity"])
    Traceback (most recent call last):
    photonic.errors.ParameterError: 'identity' is the same as 'linear': name it once
    """
    found: dict[tuple[type, str], tuple[str, Architecture]] = {}
    for spec in words:
        one = contestant(spec)
        key = (type(one), one.identity)
        if key in found:
            raise ParameterError(f"{spec!r} is the same as {found[key][0]!r}: name it once")
        found[key] = (spec, one)
    return [one for _, one in found.values()]


def light_network(spec: str) -> OpticalArchitecture | None:
    """The network of light that ``spec`` names, ``NAME`` or ``NAME@5mW``; None for what may be an activation.

    Raises
    ------
    ParameterError
        A name that is nearly one; an impossible laser power.
    """
    from nets.optical.architectures import NETWORKS, optical_architecture
    from photonic.units import power

    name, _, watts = spec.strip().partition("@")
    name = name.lower().replace("_", "-")
    families = {known.partition(":")[0] for known in NETWORKS}
    if name not in NETWORKS:
        if name.partition(":")[0] in families:
            raise unknown_name("network", spec, NETWORKS)
        return None
    if "@" not in spec:
        return optical_architecture(name)
    found = optical_architecture(name, laser_power=power(watts))
    return dataclasses.replace(found, name=f"{name}@{watts}")


def preset(shape: str) -> Photonic:
    """The programmed ``shape`` of the default neuron as an activation."""
    from photonic import presets

    curve = presets.preset(shape).curve()
    return Photonic(curve, bias=BIAS, scale=SCALE, outside="saturate", name=f"photonic:{shape}")


def _from_file(path: str) -> Photonic:
    from photonic.curve import Curve

    bias, scale = BIAS, SCALE
    if "@" in path:
        path, _, numbers = path.rpartition("@")
        try:
            bias, scale = (float(number) for number in numbers.split(":"))
        except ValueError:
            raise ParameterError(
                f"curve:PATH@BIAS:SCALE takes two numbers after the @, as in @0.5:0.15, got {numbers!r}"
            ) from None
    curve = Curve.load(path) if Curve.saved(path) else _smoothed(path)
    return Photonic(curve, bias=bias, scale=scale, name=f"curve:{Path(path).stem}")


def _smoothed(path: str) -> Any:
    """Curve through readings that can be read without being told how."""
    from photonic.lab.reading import read_curve

    try:
        return read_curve(path).curve()
    except (DataError, ParameterError) as error:
        if "(--" not in str(error):
            raise
        # an option of another command settles it
        own = f"photonic measured show {path} ... --save curve.csv"
        raise DataError(f"{error}: options of '{own}', which makes a file to name here") from None


def describe(found: Activation) -> str:
    """How a number enters the activation, in one sentence."""
    sentence = getattr(found, "encoding", "")
    return sentence or f"{found!r}; a number in, a number out, no encoding"
