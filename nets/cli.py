"""Commands of ``nets`` and of ``photonic-neuron``, which has those of both halves and ``demo``."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from photonic.console import application, command, progress_bar, show

__all__ = ["all_commands", "commands", "main", "photonic_neuron", "register"]

Json = Annotated[bool, typer.Option("--json", help="Write JSON, and nothing else, to standard output.")]
Workers = Annotated[int, typer.Option(help="Trainings side by side; the numbers do not depend on it.")]
Seed = Annotated[int, typer.Option(help="First seed.")]


def compare(
    task: Annotated[str, typer.Argument(help="xor, digits, vowel, mnist, ...; see the command tasks.")],
    activations: Annotated[
        str,
        typer.Option(
            help="Comma-separated: relu, linear, photonic:sigmoid, curve:PATH[@BIAS:SCALE], or whole "
            "networks: mesh:photonic[@LASER_POWER], ..."
        ),
    ] = "relu,sigmoid,linear,photonic:sigmoid,photonic:radial-basis",
    seeds: Annotated[int, typer.Option(help="How many seeds.")] = 5,
    epochs: Annotated[int, typer.Option(help="Passes over the training examples.")] = 20,
    hidden: Annotated[str, typer.Option(help="Widths of the hidden layers, comma-separated.")] = "100",
    batch_size: Annotated[int, typer.Option(help="Examples a step.")] = 128,
    learning_rates: Annotated[
        str | None, typer.Option(help="Grid of the learning rate, comma-separated; one value: no choice.")
    ] = None,
    same_parameters: Annotated[
        bool,
        typer.Option(
            "--same-parameters", help="relu and sigmoid also of the size and features of each other."
        ),
    ] = False,
    train_noise: Annotated[
        bool, typer.Option("--train-noise", help="Noise, of what has any, in training.")
    ] = False,
    test_noise: Annotated[
        bool, typer.Option("--test-noise", help="Noise, of what has any, in testing.")
    ] = False,
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
    from nets.specifications import contestants
    from nets.summary import counted
    from photonic.errors import ParameterError, check

    check("seeds", seeds, at_least=1)
    check("seed", seed, at_least=0)
    chosen = contestants([name.strip() for name in activations.split(",") if name.strip()])
    widths = _numbers("hidden", hidden, int)
    rates = _numbers("learning_rates", learning_rates, float) if learning_rates else None
    if resume and out is None:
        raise ParameterError("--resume needs --out, the folder to go on with")
    loaded = _first_of(tasks.load(task, data), train_examples)
    with progress_bar(f"{task}, {counted(len(chosen), 'contestant')}") as advance:
        result = comparison.compare(
            loaded,
            chosen,
            hidden=widths,
            seeds=range(seed, seed + seeds),
            epochs=epochs,
            batch_size=batch_size,
            learning_rates=rates,
            same_parameters=same_parameters,
            train_noise=train_noise,
            test_noise=test_noise,
            workers=workers,
            folder=out,
            resume=resume,
            progress=lambda done, total, text: advance(done / total, text),
        )
        if out is not None:
            report = result.report(out)
    text = result.table() + (f"\n\nreport: {report}" if out is not None else "")
    show(json, result.as_dict(), text)


def _first_of(task: Any, train_examples: int | None) -> Any:
    from photonic.errors import check

    if train_examples is None:
        return task
    check("train_examples", train_examples, at_least=1, at_most=len(task.train_labels))
    return task.subset(train_examples)


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
    import numpy as np

    from nets import property_card
    from nets.specifications import activation

    found = [activation(name) for name in activations]
    cards = [property_card.properties(each) for each in found]
    learns = [bool(np.size(getattr(each, "parameters", ()))) for each in found]
    notes = [
        f"{c.name} learns its shape: card of its starting values"
        for c, on in zip(cards, learns, strict=True)
        if on
    ]
    entries = [{**c.as_dict(), "starting_values": on} for c, on in zip(cards, learns, strict=True)]
    text = "\n".join([property_card.table(cards), *(["", *notes] if notes else [])])
    show(json, {"schema": 1, "activations": entries}, text)


def budget(
    architecture: Annotated[
        str, typer.Argument(help="mesh:photonic, cascade:photonic@5mW, bank:photonic, ...")
    ],
    task: Annotated[str, typer.Option(help="What it reads; see the command tasks.")] = "mnist",
    laser_power: Annotated[str | None, typer.Option(help="Of all guides together, as in 10mW.")] = None,
    hidden: Annotated[
        str | None, typer.Option(help="Hidden widths, where the network takes any; 30 if left out.")
    ] = None,
    epochs: Annotated[int, typer.Option(help="Train so many before; 0: starting values.")] = 0,
    examples: Annotated[int, typer.Option(help="Test examples the budget is taken over.")] = 256,
    train_examples: Annotated[int | None, typer.Option(help="Train on the first examples only.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder of IDX files, for fashion-mnist.")] = None,
    seed: Seed = 0,
    json: Json = False,
) -> None:
    """Power behind every stage of a network of light, and whether its activations get enough."""
    from nets import tasks
    from nets.optical.architectures import NETWORKS, optical_architecture
    from nets.specifications import light_network
    from nets.summary import counted
    from nets.training import train
    from photonic.errors import ParameterError, check, unknown_name
    from photonic.units import parse

    check("epochs", epochs, at_least=0)
    check("examples", examples, at_least=1)
    check("seed", seed, at_least=0)
    found = light_network(architecture)
    if found is None:
        raise unknown_name("network", architecture, NETWORKS)
    if laser_power is not None:
        if "@" in architecture:
            raise ParameterError(f"laser_power is given twice: {laser_power} and in {architecture}")
        found = optical_architecture(found.name, parse(laser_power, "power", "laser_power"))
    view = found.task(_first_of(tasks.load(task, data), train_examples))
    widths = _numbers("hidden", hidden or "30", int)
    check("hidden", widths, at_least=1)
    network = found.network(view, widths, seed)
    if epochs:
        rate = sorted(found.learning_rates or (1e-2,))[1]
        with progress_bar(f"{architecture}, {task}") as advance:
            train(
                network, view, epochs=epochs, seed=seed, learning_rate=rate,
                progress=lambda done, total, _: advance(done / total, f"epoch {done}"),
            )  # fmt: skip
    result = network.budget(view.test_inputs[:examples])
    state = f"trained for {counted(epochs, 'epoch')}" if epochs else "starting values, untrained"
    values = {
        "schema": 1,
        "architecture": architecture,
        "task": view.name,
        "laser_power": found.laser_power,
        "encoding": found.encoding,
        "sees": view.input_words,
        "hidden": list(found.widths(widths)),
        "state": f"{state}, seed {seed}",
        **result.as_dict(),
    }
    note = (
        f"{found.encoding}\n{view.name}, {view.input_words} each, mean of {result.rows} test examples, "
        f"{values['state']}"
    )
    if hidden and not found.widths(widths):
        note += f"\n{found.name} takes no hidden widths: {hidden} is left aside"
    show(json, values, lambda: f"{result.table()}\n\n{note}")


def list_tasks(json: Json = False) -> None:
    """Names of the tasks, of the activations and of the networks of light."""
    from nets import specifications, tasks

    groups = {
        "tasks": tasks.names(),
        "activations": specifications.names(),
        "networks": specifications.networks(),
    }
    values = {"schema": 1, **{kind: list(found) for kind, found in groups.items()}}
    more = {"activations": ["curve:PATH"], "tasks": [], "networks": []}
    text = "\n".join(f"{kind:<12} {', '.join([*found, *more[kind]])}" for kind, found in groups.items())
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
    found: dict[str, Callable[..., None]] = {
        "compare": compare,
        "properties": properties,
        "budget": budget,
        "tasks": list_tasks,
    }
    for name, function in found.items():
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
