"""What the commands have in common: one line for an error, JSON alone on standard output, progress."""

from __future__ import annotations

import contextlib
import functools
import inspect
import json
import sys
import typing
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import typer

from photonic.errors import ConvergenceError, DataError, ParameterError

__all__ = ["INTERRUPTED", "application", "command", "progress_bar", "show"]

INTERRUPTED = 130  # exit status after Ctrl-C, as shells have it


def application(help: str) -> typer.Typer:
    """Empty command-line application; its commands are added with `command`."""
    return typer.Typer(help=help, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


def command(app: typer.Typer, name: str, function: Callable[..., Any], **settings: Any) -> None:
    """Add ``function`` to ``app``: what it cannot do becomes one line on standard error and status 1."""

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("default")
            warnings.showwarning = _warn
            try:
                function(*args, **kwargs)
            except (ParameterError, DataError, ConvergenceError) as reason:
                _fail(str(reason))
            except BrokenPipeError:
                sys.stderr.close()
                raise typer.Exit(0) from None
            except OSError as reason:
                where = f"{reason.filename}: " if reason.filename else ""
                _fail(f"{where}{reason.strerror or reason}")
            except KeyboardInterrupt:
                typer.echo("interrupted", err=True)
                raise typer.Exit(INTERRUPTED) from None

    # the annotations are text in the module of the function: resolve them for typer
    hints = typing.get_type_hints(function, include_extras=True)
    signature = inspect.signature(function)
    parameters = [p.replace(annotation=hints.get(n, p.annotation)) for n, p in signature.parameters.items()]
    call.__signature__ = signature.replace(parameters=parameters)  # type: ignore[attr-defined]
    call.__annotations__ = hints
    app.command(name, **settings)(call)


def _fail(message: str) -> None:
    typer.echo(f"error: {' '.join(message.split())}", err=True)
    raise typer.Exit(1)


def _warn(message: Any, category: Any, *_: Any, **__: Any) -> None:
    if issubclass(category, UserWarning | RuntimeWarning):
        typer.echo(f"warning: {message}", err=True)


def show(as_json: bool, values: Any, text: str | Callable[[], str]) -> None:
    """Write ``values`` as JSON, or ``text``, to standard output."""
    if as_json:
        typer.echo(json.dumps(values, indent=1, ensure_ascii=False, default=_plain))
    else:
        typer.echo(text if isinstance(text, str) else text())


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    if isinstance(value, complex):
        return [value.real, value.imag]
    return str(value)


@contextlib.contextmanager
def progress_bar(title: str) -> Iterator[Callable[[float, str], None]]:
    """Bar on standard error; call what it yields with the share done in [0, 1] and a text."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn

    columns = (
        TextColumn("{task.fields[title]}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.description}", style="dim"),
    )
    console = Console(stderr=True)
    # off a terminal a bar that is erased leaves an empty line behind
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task("", total=1.0, title=title)

        def advance(share: float, text: str) -> None:
            bar.update(task, completed=share, description=text)

        yield advance
