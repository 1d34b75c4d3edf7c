"""The fair comparison: one network, one order of examples, many activations, paired differences."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from nets import folders, runs, tasks
from nets.outcomes import Choice, Comparison, Outcome, Settings
from nets.runs import Run
from nets.specifications import activation, describe
from nets.tasks import Task
from photonic.errors import ConvergenceError, DataError, ParameterError, check

__all__ = ["LEARNING_RATES", "Comparison", "compare"]

LEARNING_RATES = (1e-3, 2e-3, 4e-3, 8e-3)


def compare(
    task: str | Task,
    activations: Sequence[Any],
    hidden: Sequence[int] = (100,),
    seeds: int | Sequence[int] = 5,
    epochs: int = 20,
    batch_size: int = 128,
    *,
    learning_rates: Sequence[float] = LEARNING_RATES,
    held_out: int = 5000,
    train_noise: bool = False,
    test_noise: bool = False,
    executor: Executor | None = None,
    workers: int = 2,
    folder: str | Path | None = None,
    resume: bool = False,
    progress: Callable[[int, int, str], None] | None = None,
    note: str = "",
) -> Comparison:
    """Train the same network with each activation and compare the test accuracies, seed by seed.

    For every seed all activations get the same initial weights, up to one factor a layer (each
    layer's pre-activations then have variance 1 on the first batch), the same examples and the
    same order of batches. The learning rate is chosen for each activation on training examples
    held out, in one shorter run each; the test set is met only to report. What counts is the
    last epoch, never the best one.

    Parameters
    ----------
    task : str or Task
        Name for `tasks.load`, or a task.
    activations : sequence of str or Activation
        See `nets.specifications.activation`. Differences are to ``relu`` if it is among them.
    hidden : sequence of int
        Widths of the hidden layers.
    seeds : int or sequence of int
        How many (0, 1, 2, ...), or which.
    epochs, batch_size : int
        Passes over the training examples; examples a step.
    learning_rates : sequence of float
        The grid of Adam's learning rate [1]; one value means no choice.
    held_out : int
        Training examples on which the learning rate is chosen; at most a sixth of them.
    train_noise, test_noise : bool
        Whether `Photonic` activations have the noise of their curves in training, and in testing;
        the others have none.
    executor : concurrent.futures.Executor, optional
        Where the trainings run; by default ``workers`` threads. The numbers do not depend on it.
    folder : path, optional
        Keeps every finished training and a checkpoint of those under way.
    resume : bool
        Use what ``folder`` holds; the result is the same as of an uninterrupted call.
    progress : callable, optional
        Called as ``progress(epochs_done, epochs, text)``.

    Returns
    -------
    Comparison

    Raises
    ------
    ParameterError
        Wrong numbers, unknown names, a folder that is not ours or was made with other settings.
    ConvergenceError
        A training that diverges.

    Examples
    --------
    >>> result = compare("xor", ["tanh", "relu"], hidden=(8,), seeds=2, epochs=200, learning_rates=[0.05])
    >>> result["tanh"].per_seed
    (1.0, 1.0)
    """
    task = tasks.load(task) if isinstance(task, str) else task
    settings = dataclasses.replace(
        _settings(task, hidden, seeds, epochs, batch_size, learning_rates, held_out),
        train_noise=bool(train_noise),
        test_noise=bool(test_noise),
    )
    if isinstance(workers, bool) or int(workers) != workers or workers < 1:
        raise ParameterError(f"workers must be a whole number >= 1, got {workers!r}")
    chosen = [activations] if isinstance(activations, str) else list(activations)
    if not chosen:
        raise ParameterError("activations must name at least one activation")
    objects = [activation(spec) for spec in chosen]
    for found in objects:
        if getattr(found, "refusal", ""):
            raise ParameterError(found.refusal)  # type: ignore[attr-defined]
    if (train_noise or test_noise) and not any(map(_noisy, objects)):
        raise ParameterError("noise needs an activation with some: nets.Photonic of a curve with sigma")
    labels = _labels([_label(s, a) for s, a in zip(chosen, objects, strict=True)])
    kept = _kept(folder, resume)

    rates = settings.learning_rates
    total = len(objects) * settings.epochs * len(settings.seeds)
    if len(rates) > 1:
        total += len(objects) * len(rates) * settings.choice_epochs
    done = 0

    def advance(more: int, text: str) -> None:
        nonlocal done
        done += more
        if progress is not None:
            progress(done, total, text)

    def trained(jobs: list[Run]) -> list[Any]:
        return runs.histories(
            jobs, executor=executor, workers=workers, folder=kept, resume=resume, progress=advance
        )

    tried = _choices(task, settings, labels, objects, trained)
    data = runs.fingerprint(task)
    best = [_best(label, c) if c else rates[0] for label, c in zip(labels, tried, strict=True)]
    jobs = [
        Run(
            label=label, activation=found, task=task, data=data, hidden=settings.hidden, seed=seed,
            epochs=settings.epochs, batch_size=settings.batch_size, learning_rate=rate,
            train_noise=settings.train_noise and _noisy(found),
            test_noise=settings.test_noise and _noisy(found),
        )
        for seed in settings.seeds
        for label, found, rate in zip(labels, objects, best, strict=True)
    ]  # fmt: skip
    results = trained(jobs)
    for result in results:
        if isinstance(result, ConvergenceError):
            raise result
    outcomes = tuple(
        Outcome(
            name=label,
            encoding=describe(found),
            activation=found,
            learning_rate=rate,
            tried=choices,
            histories=tuple(results[k :: len(labels)]),
        )
        for k, (label, found, rate, choices) in enumerate(zip(labels, objects, best, tried, strict=True))
    )
    return Comparison(
        task=task.name, source=task.source, train_examples=len(task.train_labels),
        test_examples=len(task.test_labels), settings=settings, outcomes=outcomes, note=note,
    )  # fmt: skip


def _settings(
    task: Task, hidden: Any, seeds: Any, epochs: int, batch_size: int, learning_rates: Any, held_out: int
) -> Settings:
    for name, number in (("epochs", epochs), ("batch_size", batch_size), ("held_out", held_out)):
        if isinstance(number, bool) or int(number) != number or number < 1:
            raise ParameterError(f"{name} must be a whole number >= 1, got {number!r}")
    widths = (hidden,) if isinstance(hidden, int) else tuple(hidden)
    if any(int(n) != n or n < 1 for n in widths):
        raise ParameterError(f"hidden must be whole numbers >= 1, got {widths}")
    if isinstance(seeds, int):
        check("seeds", seeds, at_least=1)
        seeds = range(seeds)
    seeds = tuple(int(s) for s in seeds)
    if not seeds or min(seeds) < 0 or len(set(seeds)) != len(seeds):
        raise ParameterError(f"seeds must be different whole numbers >= 0, got {seeds}")
    rates = tuple(float(r) for r in learning_rates)
    if not rates:
        raise ParameterError("learning_rates must hold at least one learning rate")
    for rate in rates:
        check("learning_rates", rate, above=0.0)
    n = len(task.train_labels)
    return Settings(
        hidden=tuple(int(w) for w in widths),
        seeds=seeds,
        epochs=int(epochs),
        batch_size=int(batch_size),
        learning_rates=tuple(sorted(set(rates))),
        held_out=min(int(held_out), n // 6) if n >= 60 else 0,
        choice_epochs=max(1, int(epochs) // 3),
    )


def _choices(
    task: Task,
    settings: Settings,
    labels: list[str],
    objects: list[Any],
    trained: Callable[[list[Run]], list[Any]],
) -> list[tuple[Choice, ...]]:
    """Learning rates tried for each activation, on held-out examples and with the first seed."""
    rates = settings.learning_rates
    if len(rates) == 1:
        return [() for _ in labels]
    # too few examples to spare any: judged on the training examples themselves, never on the test set
    judged = (
        task.held_out(settings.held_out)
        if settings.held_out
        else dataclasses.replace(task, test_inputs=task.train_inputs, test_labels=task.train_labels)
    )
    data = runs.fingerprint(judged)
    jobs = [
        Run(
            label=label, activation=found, task=judged, data=data, hidden=settings.hidden,
            seed=settings.seeds[0], epochs=settings.choice_epochs, batch_size=settings.batch_size,
            learning_rate=rate, purpose="choice of the learning rate",
            train_noise=settings.train_noise and _noisy(found),
            test_noise=settings.test_noise and _noisy(found),
        )
        for label, found in zip(labels, objects, strict=True)
        for rate in rates
    ]  # fmt: skip
    results = trained(jobs)
    choices = [
        Choice(job.learning_rate, None, None)
        if isinstance(result, ConvergenceError)
        else Choice(job.learning_rate, result.accuracy, result.loss[-1])
        for job, result in zip(jobs, results, strict=True)
    ]
    return [tuple(choices[k : k + len(rates)]) for k in range(0, len(choices), len(rates))]


def _noisy(found: Any) -> bool:
    return bool(getattr(found, "noisy", False))


def _best(label: str, choices: tuple[Choice, ...]) -> float:
    converged = [c for c in choices if c.accuracy is not None and c.loss is not None]
    if not converged:
        rates = ", ".join(f"{c.learning_rate:g}" for c in choices)
        raise ConvergenceError(f"{label}: no learning rate of {rates} converges; choose smaller ones")
    return max(converged, key=lambda c: (c.accuracy, -c.loss)).learning_rate  # type: ignore[operator]


def _label(spec: Any, found: Any) -> str:
    if isinstance(spec, str) and spec.strip().lower() == "linear":
        return "linear"
    return str(found.name)


def _labels(names: list[str]) -> list[str]:
    """The names, made different: a second ``relu`` is ``relu (2)``."""
    return [n if (k := names[: i + 1].count(n)) == 1 else f"{n} ({k})" for i, n in enumerate(names)]


def _kept(folder: str | Path | None, resume: bool) -> Path | None:
    """The folder in which runs are kept, refused where it holds runs that would be lost."""
    if folder is None:
        if resume:
            raise ParameterError("resume needs the folder of the comparison to go on with")
        return None
    path = folders.claim(folder, "comparison") / "runs"
    if not resume and path.is_dir() and any(path.glob("*.json")):
        raise ParameterError(f"{path.parent} holds finished runs: resume, or choose another folder")
    try:
        path.mkdir(exist_ok=True)
    except OSError as reason:
        raise DataError(f"{path}: cannot be written ({reason.strerror or reason})") from None
    return path
