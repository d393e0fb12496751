"""The page of commands, from click's own objects."""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import TYPE_CHECKING

import click

from agent.cli.main import COMMANDS, cli
from configs.errors import QraftError

if TYPE_CHECKING:
    from collections.abc import Iterator

_PREAMBLE = """# Commands

`qraft [-w FOLDER] COMMAND ...`. Data goes to standard output, talk and progress to standard error.
Every command that reads takes `--json`.
"""


def write_commands() -> str:
    """Write a chapter for each command, and a part for each of its subcommands."""
    parts = [_PREAMBLE, write_exit_codes()]
    for name, (where, summary) in COMMANDS.items():
        module, _, attribute = where.partition(":")
        command = getattr(import_module(module), attribute)
        parts.append(f"## qraft {name}\n\n{summary}\n")
        parts += _parts(command, f"qraft {name}", 3)
    return "\n".join(parts)


def write_exit_codes() -> str:
    """Write which error ends with which code, from the tree of errors."""
    rows = [
        f"| {kind.exit_code} | `{kind.__name__}` | {_first_line(kind)} |"
        for kind in sorted(_family(QraftError), key=lambda kind: (kind.exit_code, kind.__name__))
    ]
    stated = inspect.cleandoc(cli.help or "").split("\n\n")[1]
    return "\n".join(
        [f"## Exit codes\n\n{stated}\n", "| code | error | when |", "|---|---|---|", *rows, ""]
    )


def _family(kind: type[QraftError]) -> Iterator[type[QraftError]]:
    yield kind
    for child in kind.__subclasses__():
        # What a module of commands adds to the tree of errors belongs to that module.
        if child.__module__ == QraftError.__module__:
            yield from _family(child)


def _first_line(kind: type) -> str:
    return " ".join(inspect.cleandoc(kind.__doc__ or "").split("\n\n")[0].split())


def _parts(command: click.Command, path: str, level: int) -> list[str]:
    context = click.Context(command, info_name=path)
    parts = [f"```text\n{' '.join([path, *command.collect_usage_pieces(context)])}\n```\n"]
    if command.help:
        parts.append(_said(command.help) + "\n")
    options = [row for row in (_option(context, each) for each in command.params) if row]
    if options:
        parts.append("\n".join(["| option | meaning |", "|---|---|", *options, ""]))
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None:
                parts.append(f"{'#' * level} {path} {name}\n")
                parts += _parts(inner, f"{path} {name}", level + 1)
    return parts


def _said(text: str) -> str:
    """Return a help text as Markdown: its paragraphs, and what it keeps as it is as code."""
    paragraphs = inspect.cleandoc(text).partition("\f")[0].split("\n\n")
    return "\n\n".join(
        f"```text\n{paragraph.partition(chr(10))[2]}\n```"
        if paragraph.startswith("\b")
        else paragraph
        for paragraph in paragraphs
    )


def _option(context: click.Context, parameter: click.Parameter) -> str | None:
    if not isinstance(parameter, click.Option) or parameter.hidden:
        return None
    names = ", ".join([*parameter.opts, *parameter.secondary_opts])
    takes = "" if parameter.is_flag else f" {parameter.make_metavar(context)}"
    cells = (f"`{names}{takes}`", " ".join((parameter.help or "").split()))
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
