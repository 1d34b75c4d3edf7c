"""Light on its way through the stages of a network, and what stops it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from nets.optical.stage import Stage
from photonic.errors import ParameterError

__all__ = ["Passing", "light_through", "passed"]


class Passing(NamedTuple):
    """One stage, what goes in and what comes out, shapes (rows, channels).

    ``out`` is None where the stage does not answer to what arrives, and then ``refused`` says why;
    behind it ``signal`` is None too.
    """

    stage: Stage
    signal: np.ndarray | None
    out: np.ndarray | None
    refused: str = ""


def passed(
    stage: Stage, position: int, signal: np.ndarray, generator: np.random.Generator | None = None
) -> tuple[np.ndarray, Any]:
    """``stage.forward`` of the stage that stands at ``position``, 0 the first.

    Raises
    ------
    ParameterError
        That of the stage, with its position counted from 1.
    """
    try:
        return stage.forward(signal, generator)
    except ParameterError as error:
        raise ParameterError(f"stage {position + 1}: {error}") from error


def light_through(stages: Sequence[Stage], signal: np.ndarray) -> Iterator[Passing]:
    """``signal`` through all stages without noise, also where more light arrives than is allowed.

    A stage with ``without_limit()`` answers above its ``power_max`` as far as it can. Where it cannot,
    nothing is known behind it.

    Raises
    ------
    ParameterError
        What a stage refuses for another reason than too much light.
    """
    reached: np.ndarray | None = signal
    for position, stage in enumerate(stages):
        if reached is None:
            yield Passing(stage, None, None)
            continue
        out, refused = None, ""
        if hasattr(stage, "without_limit"):
            try:
                out = stage.without_limit().forward(reached)[0]
            except ParameterError as error:
                if not _too_much(stage, reached):
                    raise ParameterError(f"stage {position + 1}: {error}") from error
                refused = str(error)
        else:
            out = passed(stage, position, reached)[0]
        yield Passing(stage, reached, out, refused)
        reached = out


def _too_much(stage: Any, signal: np.ndarray) -> bool:
    power = np.abs(signal.astype(np.complex128)) ** 2 if stage.takes == "fields" else signal
    return bool(np.all(np.isfinite(power)) and power.max(initial=0.0) > stage.power_max)
