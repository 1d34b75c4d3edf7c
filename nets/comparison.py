"""The fair comparison: one network, one order of examples, many activations, paired differences."""

from __future__ import annotations

import dataclasses
import warnings
from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from pathlib import Path
from typing import Any

from nets import folders, runs, tasks
from nets.architecture import Architecture
from nets.data_digest import fingerprint
from nets.matched_size import DIGITAL, matched, matched_widths
from nets.outcomes import Choice, Comparison, Outcome, Settings
from nets.runs import Run
from nets.specifications import contestant, contestants
from nets.tasks import Task
from nets.trainable import Trainable
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
    learning_rates: Sequence[float] | None = None,
    held_out: int = 5000,
    same_parameters: bool = False,
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

    Whole networks, of light say, may take part beside them: as `nets.architecture.Architecture`.

    For every seed all activations get the same initial weights, up to one factor a layer (each
    layer's pre-activations then have variance 1 on the first batch), the same examples and the
    same order of batches. The learning rate is chosen for each activation on training examples
    held out, in one shorter run each; the test set is met only to report. What counts is the
    last epoch, never the best one.

    Parameters
    ----------
    task : str or Task
        Name for `tasks.load`, or a task.
    activations : sequence of str, Activation or Architecture
        See `nets.specifications.contestant`. Differences are to ``relu`` if it is among them. The same
        word twice is a control, trained twice; other words for the same are refused.
    hidden : sequence of int
        Widths of the hidden layers of the dense networks.
    seeds : int or sequence of int
        How many (0, 1, 2, ...), or which.
    epochs, batch_size : int
        Passes over the training examples; examples a step.
    learning_rates : sequence of float, optional
        The grid of Adam's learning rate [1] for all; one value means no choice. If left out,
        `LEARNING_RATES`, or an architecture's own grid.
    held_out : int
        Training examples on which the learning rate is chosen; at most a sixth of them.
    same_parameters : bool
        Whether ``relu`` and ``sigmoid``, where they are asked for, take part once more for every other
        contestant: on what it makes of the task, with the least hidden widths that give at least as
        many trained numbers. Contestants of one size and task share them.
    train_noise, test_noise : bool
        Whether what has noise (`Photonic` activations of curves with it, amplifiers, detectors)
        has it in training, and in testing; the others have none.
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
        Wrong numbers, unknown names, a task that an architecture cannot take, a folder that is
        not ours or was made with other settings.
    ConvergenceError
        A training that diverges.

    Warns
    -----
    DarkLayerWarning, OutsideValidityWarning
        Too little or too much light in a trained network, once for each contestant.

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
        same_parameters=bool(same_parameters),
    )
    if isinstance(workers, bool) or int(workers) != workers or workers < 1:
        raise ParameterError(f"workers must be a whole number >= 1, got {workers!r}")
    chosen = [activations] if isinstance(activations, str) else list(activations)
    if not chosen:
        raise ParameterError("activations must name at least one activation")
    entrants = _contestants(chosen)
    for found in entrants:
        if found.refusal:
            raise ParameterError(found.refusal)
    if (train_noise or test_noise) and not any(c.noisy for c in entrants):
        raise ParameterError(
            "noise needs a contestant with some: a network of light, or nets.Photonic of a curve with sigma"
        )
    entries = _entries(task, entrants, settings, learning_rates is None)
    if same_parameters:
        entries = _with_opponents(task, entries, settings, learning_rates is None)
    kept = _kept(folder, resume)

    total = len(entries) * settings.epochs * len(settings.seeds)
    total += sum(len(e.rates) * settings.choice_epochs for e in entries if len(e.rates) > 1)
    done = 0

    def advance(more: int, text: str) -> None:
        nonlocal done
        done += more
        if progress is not None:
            progress(done, total, text)

    def trained(jobs: list[Run]) -> list[Any]:
        return runs.results(
            jobs, executor=executor, workers=workers, folder=kept, resume=resume, progress=advance
        )

    tried = _choices(task, settings, entries, trained)
    best = [_best(e.label, c) if c else e.rates[0] for e, c in zip(entries, tried, strict=True)]
    jobs = [
        entry.run(settings, entry.task, entry.data, seed, settings.epochs, rate)
        for seed in settings.seeds
        for entry, rate in zip(entries, best, strict=True)
    ]
    found_all = trained(jobs)
    for result in found_all:
        if isinstance(result, ConvergenceError):
            raise result
    told = [runs.warnings_told(e.label, found_all[k :: len(entries)]) for k, e in enumerate(entries)]
    for category, words in (each for one in told for each in one):
        warnings.warn(words, category, stacklevel=2)
    outcomes = tuple(
        Outcome(
            name=entry.label,
            encoding=entry.architecture.encoding,
            activation=entry.architecture.activation,
            learning_rate=rate,
            tried=choices,
            histories=tuple(result.history for result in found_all[k :: len(entries)]),
            parameters=entry.parameters,
            hidden=entry.architecture.widths(settings.hidden),
            task=entry.task.name,
            findings=found_all[k].findings,
            idle=entry.idle,
            matched=entry.matched,
            as_large_as=entry.as_large_as,
            sees=entry.task.input_words,
            noisy=entry.architecture.noisy and (settings.train_noise or settings.test_noise),
            warnings=tuple(words for _, words in told[k]),
        )
        for k, (entry, rate, choices) in enumerate(zip(entries, best, tried, strict=True))
    )
    return Comparison(
        task=task.name, source=task.source, train_examples=len(task.train_labels),
        test_examples=len(task.test_labels), settings=settings, outcomes=outcomes, note=note,
    )  # fmt: skip


def _contestants(chosen: Sequence[Any]) -> list[Architecture]:
    """What takes part; two words for the same are a mistake, the same word twice is a control."""
    words = list(dict.fromkeys(spec for spec in chosen if isinstance(spec, str)))
    worded = dict(zip(words, contestants(words), strict=True))
    return [worded[spec] if isinstance(spec, str) else contestant(spec) for spec in chosen]


@dataclasses.dataclass(frozen=True, kw_only=True)
class _Entry:
    """A contestant with what it makes of the task."""

    label: str
    architecture: Architecture
    task: Task
    data: str
    rates: tuple[float, ...]
    parameters: int
    idle: int
    matched: str = ""
    as_large_as: str = ""

    def run(
        self, settings: Settings, task: Task, data: str, seed: int, epochs: int, rate: float, **purpose: str
    ) -> Run:
        noisy = self.architecture.noisy
        return Run(
            label=self.label, architecture=self.architecture, task=task, data=data,
            hidden=self.architecture.widths(settings.hidden), seed=seed, epochs=epochs,
            batch_size=settings.batch_size, learning_rate=rate,
            train_noise=settings.train_noise and noisy, test_noise=settings.test_noise and noisy,
            **purpose,
        )  # fmt: skip


def _entries(
    task: Task, entrants: Sequence[Architecture], settings: Settings, own_rates: bool
) -> list[_Entry]:
    found = []
    for label, architecture in zip(_labels([c.name for c in entrants]), entrants, strict=True):
        view = architecture.task(task)
        network = architecture.network(view, settings.hidden, settings.seeds[0])
        if not isinstance(network, Trainable):
            raise ParameterError(
                f"{label}: network must give what nets.train can train, see nets.trainable.Trainable, "
                f"got {type(network).__name__}"
            )
        rates = (own_rates and architecture.learning_rates) or settings.learning_rates
        found.append(
            _Entry(
                label=label,
                architecture=architecture,
                task=view,
                data=fingerprint(view),
                rates=tuple(rates),
                parameters=int(network.parameters.size),
                idle=architecture.idle(view, settings.hidden),
            )
        )
    return found


def _with_opponents(task: Task, entries: list[_Entry], settings: Settings, own_rates: bool) -> list[_Entry]:
    """The entries, told which digital one is of their size, and the digital ones this takes."""
    named = {e.architecture.name: e for e in reversed(entries)}
    digital = [named[name] for name in DIGITAL if name in named]
    if not digital:
        raise ParameterError(f"same_parameters needs {' or '.join(DIGITAL)} among the activations")
    if not settings.hidden:
        raise ParameterError("same_parameters needs a hidden layer, whose width gives the size")
    sizes = {(e.data, e.architecture.widths(settings.hidden)): e.label for e in reversed(digital)}
    groups: dict[Any, list[_Entry]] = {}
    told = []
    for entry in entries:
        if entry.architecture.name not in DIGITAL:
            view = entry.task
            widths = matched_widths(view.features, settings.hidden, view.classes, entry.parameters)
            key = (entry.data, widths)
            if key not in sizes:
                sizes[key] = f"{digital[0].architecture.name} as large as {entry.label}"
            entry = dataclasses.replace(entry, matched=sizes[key])
            groups.setdefault(key, []).append(entry)
        told.append(entry)
    added = []
    for (_, widths), alike in groups.items():
        first = alike[0]
        if first.matched in {e.label for e in digital}:
            continue
        rates = tuple(sorted({*settings.learning_rates, *(r for e in alike for r in e.rates)}))
        more = [
            matched(d.architecture.activation, first.architecture, first.label, widths, rates)
            for d in digital
        ]
        built = _entries(task, more, settings, own_rates)
        added += [dataclasses.replace(e, as_large_as=first.label) for e in built]
    return told + added


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
    rates = tuple(float(r) for r in (LEARNING_RATES if learning_rates is None else learning_rates))
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
    task: Task, settings: Settings, entries: list[_Entry], trained: Callable[[list[Run]], list[Any]]
) -> list[tuple[Choice, ...]]:
    """Learning rates tried for each contestant, on held-out examples and with the first seed."""
    if all(len(e.rates) == 1 for e in entries):
        return [() for _ in entries]
    # too few examples to spare any: judged on the training examples themselves, never on the test set
    judged = (
        task.held_out(settings.held_out)
        if settings.held_out
        else dataclasses.replace(task, test_inputs=task.train_inputs, test_labels=task.train_labels)
    )
    jobs, owners = [], []
    for k, entry in enumerate(entries):
        if len(entry.rates) == 1:
            continue
        view = entry.architecture.task(judged)
        data, seed, epochs = fingerprint(view), settings.seeds[0], settings.choice_epochs
        for rate in entry.rates:
            jobs.append(
                entry.run(settings, view, data, seed, epochs, rate, purpose="choice of the learning rate")
            )
            owners.append(k)
    choices: list[list[Choice]] = [[] for _ in entries]
    for owner, job, result in zip(owners, jobs, trained(jobs), strict=True):
        choices[owner].append(
            Choice(job.learning_rate, None, None)
            if isinstance(result, ConvergenceError)
            else Choice(job.learning_rate, result.history.accuracy, result.history.loss[-1])
        )
    return [tuple(c) for c in choices]


def _best(label: str, choices: tuple[Choice, ...]) -> float:
    converged = [c for c in choices if c.accuracy is not None and c.loss is not None]
    if not converged:
        rates = ", ".join(f"{c.learning_rate:g}" for c in choices)
        raise ConvergenceError(f"{label}: no learning rate of {rates} converges; choose smaller ones")
    return max(converged, key=lambda c: (c.accuracy, -c.loss)).learning_rate  # type: ignore[operator]


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
