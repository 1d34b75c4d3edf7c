"""Single trainings of a comparison: what decides their numbers, and how they survive a stop."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_EXCEPTION, Executor, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from nets.architecture import Architecture
from nets.folders import write_text
from nets.network import Network
from nets.summary import counted
from nets.tasks import Task
from nets.trainable import Trainable
from nets.training import History, train
from photonic.blas import single_threaded_blas
from photonic.errors import ConvergenceError, DataError, OutsideValidityWarning, ParameterError

__all__ = ["Result", "Run", "results", "warnings_told"]

SCHEMA = 1


class Result(NamedTuple):
    """What a training left: its history, and what its architecture tells about the trained network."""

    history: History
    findings: dict[str, Any]


@dataclass(frozen=True, kw_only=True, eq=False)
class Run:
    """One training of one network; the fields decide its numbers to the last bit."""

    label: str
    architecture: Architecture
    task: Task
    data: str
    hidden: tuple[int, ...]
    seed: int
    epochs: int
    batch_size: int
    learning_rate: float
    purpose: str = "result"
    train_noise: bool = False
    test_noise: bool = False

    @property
    def settings(self) -> dict[str, Any]:
        """What must agree for a saved history to be used again; JSON types."""
        noise = {"train noise": self.train_noise, "test noise": self.test_noise}
        return {
            "activation": self.architecture.identity,
            "data": self.data,
            "hidden": list(self.hidden),
            "seed": self.seed,
            "epochs": self.epochs,
            "batch size": self.batch_size,
            "learning rate": self.learning_rate,
            "purpose": self.purpose,
            **{name: True for name, on in noise.items() if on},  # an earlier version kept no such line
        }

    @property
    def file_name(self) -> str:
        """Stem of the files that keep this run."""
        slug = re.sub(r"[^a-z0-9]+", "-", self.label.lower()).strip("-")
        kind = f"rate-{self.learning_rate:g}-" if self.purpose != "result" else ""
        return f"{slug}-{kind}seed-{self.seed}"

    def network(self) -> Trainable:
        """Network of this seed; dense layers are scaled to unit variance on the first batch."""
        network = self.architecture.network(self.task, self.hidden, self.seed)
        if isinstance(network, Network):
            n = len(self.task.train_labels)
            first = np.random.default_rng([self.seed, 0]).permutation(n)[: self.batch_size]
            network.scale_to_unit_variance(self.task.train_inputs[first])
        return network

    def result(
        self,
        folder: Path | None = None,
        resume: bool = False,
        progress: Callable[[int, int, History], None] | None = None,
    ) -> Result:
        """Train, or read what an earlier call with the same settings left in ``folder``."""
        if folder is None:
            return self._trained(None, False, progress)
        finished = folder / f"{self.file_name}.json"
        checkpoint = folder / f"{self.file_name}.npz"
        if resume and finished.exists():
            return self._read(finished)
        history, findings = result = self._trained(checkpoint, resume, progress)
        record = {"schema": SCHEMA, "settings": self.settings, "history": history.as_dict()}
        if findings:
            record["findings"] = findings
        write_text(finished, json.dumps(record, indent=1) + "\n")
        checkpoint.unlink(missing_ok=True)
        return result

    def _trained(
        self, checkpoint: Path | None, resume: bool, progress: Callable[[int, int, History], None] | None
    ) -> Result:
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # a loss that is not finite is an error
                network = self.network()
                history = train(
                    network,
                    self.task,
                    epochs=self.epochs,
                    batch_size=self.batch_size,
                    learning_rate=self.learning_rate,
                    seed=self.seed,
                    progress=progress,
                    checkpoint=checkpoint,
                    resume=resume,
                    train_noise=self.train_noise,
                    test_noise=self.test_noise,
                )
            told = self.architecture.findings(network, self.task) if self.purpose == "result" else {}
            return Result(history, told)
        except ConvergenceError as reason:
            where = f"{self.label}, seed {self.seed}, learning rate {self.learning_rate:g}"
            raise ConvergenceError(f"{where}: {reason}", partial=reason.partial) from None

    def _read(self, path: Path) -> Result:
        try:
            record = json.loads(path.read_text(encoding="utf-8"))
            schema, saved = record["schema"], record["settings"]
            history = History(**{k: tuple(v) for k, v in record["history"].items()})
            findings = dict(record.get("findings", {}))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as reason:
            raise DataError(f"{path}: not a finished run ({reason}); delete it to train again") from None
        if schema != SCHEMA:
            raise DataError(f"{path}: run of schema {schema}, this version reads {SCHEMA}")
        wanted = self.settings
        for key in sorted({*saved, *wanted}):
            if saved.get(key) != (value := wanted.get(key)):
                raise ParameterError(
                    f"{path} was made with {key} {saved.get(key)!r}, not {value!r}: choose another folder"
                )
        return Result(history, findings)


def warnings_told(label: str, told: Sequence[Result]) -> list[tuple[type[Warning], str]]:
    """What the budgets of one contestant, a seed each, warn of: category and words, each category once."""
    from nets.optical.budget import DarkLayerWarning

    seeds: dict[str, list[str]] = {}
    for result in told:
        own: dict[str, list[str]] = {}
        for entry in result.findings.get("budget", {}).get("warnings", ()):
            own.setdefault(entry["category"], []).append(entry["words"])
        for category, words in own.items():
            seeds.setdefault(category, []).append("; ".join(words))
    categories = {each.__name__: each for each in (DarkLayerWarning, OutsideValidityWarning)}
    return [
        (categories[name], f"{label}, {len(words)} of {counted(len(told), 'seed')}: {words[0]}")
        for name, words in seeds.items()
    ]


class _Stopped(Exception):
    """Raised inside a run, after its checkpoint, when the whole comparison is to end."""


def results(
    runs: Sequence[Run],
    *,
    executor: Executor | None = None,
    workers: int = 2,
    folder: Path | None = None,
    resume: bool = False,
    progress: Callable[[int, str], None] | None = None,
) -> list[Result | ConvergenceError]:
    """Results of all ``runs``, in their order, whatever the executor or the number of workers.

    A run that diverges gives its error instead. An interruption (Ctrl-C included) ends every
    run after the epoch under way; finished runs and checkpoints stay in ``folder``.

    Parameters
    ----------
    progress : callable, optional
        Called as ``progress(epochs, text)`` with the epochs done since the last call.
    """
    lock, stop = threading.Lock(), threading.Event()

    def one(run: Run) -> Result | ConvergenceError:
        seen = 0

        def after(done: int, total: int, history: History) -> None:
            nonlocal seen
            if progress is not None:
                with lock:
                    text = f"{run.label}, seed {run.seed}: {100 * history.test_accuracy[-1]:.1f} %"
                    progress(done - seen, text)
            seen = done
            if stop.is_set() and done < total:
                raise _Stopped

        if stop.is_set():
            raise _Stopped
        outcome = _outcome(run, folder, resume, after)
        if progress is not None and seen < run.epochs:
            with lock:
                progress(run.epochs - seen, f"{run.label}, seed {run.seed}")
        return outcome

    if executor is not None:
        futures = [executor.submit(_outcome, run, folder, resume, None) for run in runs]
        if progress is not None:
            for run, future in zip(runs, futures, strict=True):
                future.add_done_callback(lambda _, n=run.epochs, text=run.label: progress(n, text))  # type: ignore[misc]
        return _collect(futures, stop)
    # the limit is set by this thread: a worker may not change what another thread has set
    with single_threaded_blas(), ThreadPoolExecutor(max_workers=workers) as threads:
        return _collect([threads.submit(one, run) for run in runs], stop)


def _outcome(
    run: Run, folder: Path | None, resume: bool, progress: Callable[[int, int, History], None] | None
) -> Result | ConvergenceError:
    try:
        return run.result(folder, resume, progress)
    except ConvergenceError as error:
        return error


def _collect(futures: list[Future[Any]], stop: threading.Event) -> list[Result | ConvergenceError]:
    try:
        wait(futures, return_when=FIRST_EXCEPTION)
        failed = [f for f in futures if f.done() and not f.cancelled() and f.exception() is not None]
        if failed:
            raise failed[0].exception()  # type: ignore[misc]
        return [future.result() for future in futures]
    except BaseException:
        stop.set()
        for future in futures:
            future.cancel()
        raise
