"""Commands of ``nets`` and of ``photonic-neuron``, which has those of both halves and ``demo``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from photonic.console import application, command, progress_bar, show

__all__ = ["all_commands", "commands", "main", "photonic_neuron", "register"]

Json = Annotated[bool, typer.Option("--json", help="Write JSON, and nothing else, to standard output.")]
Workers = Annotated[int, typer.Option(help="Trainings side by side; the numbers do not depend on it.")]
Seed = Annotated[int, typer.Option(help="First seed.")]


def compare(
    task: Annotated[str, typer.Argument(help="xor, two-moons, digits, mnist or fashion-mnist.")],
    activations: Annotated[
        str,
        typer.Option(help="Comma-separated: relu, linear, photonic:sigmoid, curve:PATH[@BIAS:SCALE], ..."),
    ] = "relu,sigmoid,linear,photonic:sigmoid,photonic:radial-basis",
    seeds: Annotated[int, typer.Option(help="How many seeds.")] = 5,
    epochs: Annotated[int, typer.Option(help="Passes over the training examples.")] = 20,
    hidden: Annotated[str, typer.Option(help="Widths of the hidden layers, comma-separated.")] = "100",
    batch_size: Annotated[int, typer.Option(help="Examples a step.")] = 128,
    learning_rates: Annotated[
        str | None, typer.Option(help="Grid of the learning rate, comma-separated; one value: no choice.")
    ] = None,
    train_examples: Annotated[int | None, typer.Option(help="Use the first examples only.")] = None,
    out: Annotated[
        Path | None, typer.Option(help="Folder of report, results and finished trainings.")
    ] = None,
    resume: Annotated[bool, typer.Option(help="Go on with what the folder holds.")] = False,
    data: Annotated[Path | None, typer.Option(help="Folder of IDX files, for fashion-mnist.")] = None,
    seed: Seed = 0,
    workers: Workers = 2,
    json: Json = False,
) -> None:
    """Compare activations in the same network: paired differences with 95 % intervals."""
    from nets import comparison, tasks
    from photonic.errors import ParameterError, check

    check("seeds", seeds, at_least=1)
    check("seed", seed, at_least=0)
    names = [name.strip() for name in activations.split(",") if name.strip()]
    widths = _numbers("hidden", hidden, int)
    rates = _numbers("learning_rates", learning_rates, float) if learning_rates else comparison.LEARNING_RATES
    if resume and out is None:
        raise ParameterError("--resume needs --out, the folder to go on with")
    loaded = tasks.load(task, data)
    if train_examples is not None:
        loaded = loaded.subset(train_examples)
    with progress_bar(f"{task}, {len(names)} activations") as advance:
        result = comparison.compare(
            loaded,
            names,
            hidden=widths,
            seeds=range(seed, seed + seeds),
            epochs=epochs,
            batch_size=batch_size,
            learning_rates=rates,
            workers=workers,
            folder=out,
            resume=resume,
            progress=lambda done, total, text: advance(done / total, text),
        )
        if out is not None:
            report = result.report(out)
    text = result.table() + (f"\n\nreport: {report}" if out is not None else "")
    show(json, result.as_dict(), text)


def _numbers(name: str, text: str, kind: Any) -> tuple[Any, ...]:
    from photonic.errors import ParameterError

    try:
        return tuple(kind(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise ParameterError(f"{name} must be numbers separated by commas, got {text!r}") from None


def properties(
    activations: Annotated[
        list[str], typer.Argument(help="relu, photonic:sigmoid, curve:PATH@BIAS:SCALE, ...")
    ],
    json: Json = False,
) -> None:
    """Property card of activations: range, slopes, smoothness, dead and saturated shares."""
    from nets import property_card
    from nets.specifications import activation

    cards = [property_card.properties(activation(name)) for name in activations]
    show(json, {"schema": 1, "activations": [c.as_dict() for c in cards]}, lambda: property_card.table(cards))


def list_tasks(json: Json = False) -> None:
    """Names of the tasks and of the activations."""
    from nets import specifications, tasks

    values = {"schema": 1, "tasks": list(tasks.names()), "activations": list(specifications.names())}
    known = ", ".join([*specifications.names(), "curve:PATH"])
    text = f"tasks        {', '.join(tasks.names())}\nactivations  {known}"
    show(json, values, text)


def demo(
    out: Annotated[Path, typer.Option(help="Folder of the report.")] = Path("photonic-neuron-demo"),
    seed: Annotated[int, typer.Option(help="Of the search for the biases.")] = 0,
    workers: Workers = 2,
    json: Json = False,
) -> None:
    """Program four shapes on one device, train on MNIST with each, and write a report."""
    from nets.demo import demonstration

    with progress_bar("demo") as advance:
        result = demonstration(out, seed=seed, workers=workers, progress=advance)
    show(json, {**result.as_dict(), "report": str(result.report)}, lambda: result.words())


def register(app: typer.Typer) -> None:
    """Add every command of this module, but for the demonstration, to ``app``."""
    for name, function in (("compare", compare), ("properties", properties), ("tasks", list_tasks)):
        command(app, name, function)


def commands() -> typer.Typer:
    """Every command of ``nets``."""
    app = application("Networks of photonic neurons, and their comparison with digital activations.")
    register(app)
    return app


def all_commands() -> typer.Typer:
    """Every command of ``photonic-neuron``: the demonstration, and those of both halves."""
    from photonic import cli

    app = application("Silicon photonic neurons: physics, programming, networks, comparison.")
    command(app, "demo", demo)
    cli.register(app)
    register(app)
    return app


def main() -> None:
    """Entry point of ``nets``."""
    commands()(prog_name="nets")


def photonic_neuron() -> None:
    """Entry point of ``photonic-neuron``."""
    all_commands()(prog_name="photonic-neuron")
