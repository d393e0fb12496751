"""Where a person stands: advice is worded so that it works from there."""

from __future__ import annotations

import os
import re
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_option = ""
"""What has to follow `qraft` in a command for the workspace that was asked for."""
_advised = re.compile(r"(?!)")
_BEFORE, _AFTER = r"(?<![\w/.~$-])", r"(?:/|(?=[\s'\";:,)]|$))"


def stand(workspace: str | None, commands: Iterable[str]) -> None:
    """Note what the invocation of the command line was.

    Parameters
    ----------
    workspace
        As it was given by the option; none where it was not.
    commands
        The words that may follow `qraft`.
    """
    global _option, _advised  # noqa: PLW0603 - a process has one command line
    elsewhere = workspace is not None and Path(workspace).expanduser().resolve() != Path.cwd()
    _option = f"-w {shlex.quote(workspace)} " if workspace and elsewhere else ""
    _advised = re.compile(rf"(?<![\w/.-])qraft (?=(?:{'|'.join(commands)})\b)")


def advise(text: str) -> str:
    """Word commands for where the person stands: of the same workspace, with paths from there.

    Parameters
    ----------
    text
        With commands, whose paths are absolute, or as the person gave them.
    """
    return name_workspace(_shorten(text))


def name_workspace(text: str) -> str:
    """Let the commands in a text be of the workspace that was asked for."""
    return _advised.sub(f"qraft {_option}".replace("\\", r"\\"), text) if _option else text


def _shorten(text: str) -> str:
    """Write paths below the current folder as seen from it."""
    try:
        here = str(Path.cwd())
    except FileNotFoundError:
        return text
    if here == os.sep:
        return text

    def seen(found: re.Match[str]) -> str:
        following = found.string[found.end() : found.end() + 1]
        if found[0].endswith(os.sep) and (following.isalnum() or following in {".", "_"}):
            return ""
        return "./" if found[0].endswith(os.sep) else "."

    return re.sub(_BEFORE + re.escape(here) + _AFTER, seen, text)
