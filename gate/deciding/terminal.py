"""The terminal: the one way by which a person answers. No flag, no variable, no pipe stands in."""

from __future__ import annotations

import getpass
import os
import warnings
from pathlib import Path
from typing import Protocol

from configs.errors import BadInput, Forbidden

DEVICE = "/dev/tty"


class Terminal(Protocol):
    """Asks the person who sits there."""

    def ask_secret(self, prompt: str) -> str:
        """Return what is typed without being shown."""

    def ask(self, prompt: str) -> str:
        """Return the line that is typed."""


class ControllingTerminal:
    """The terminal that this process belongs to, whatever its input is redirected to."""

    def ask_secret(self, prompt: str) -> str:
        """Return what is typed without being shown."""
        _require()
        with warnings.catch_warnings():
            # getpass would rather read from a pipe, and show it, than fail.
            warnings.simplefilter("error", getpass.GetPassWarning)
            try:
                return getpass.getpass(prompt)
            except (getpass.GetPassWarning, OSError) as error:
                raise _none() from error

    def ask(self, prompt: str) -> str:
        """Return the line that is typed."""
        _require()
        device = Path(DEVICE)
        with (
            device.open(encoding="utf-8", errors="replace") as keys,
            device.open("a", encoding="utf-8") as screen,
        ):
            if not keys.isatty():
                raise _none()
            screen.write(prompt)
            screen.flush()
            return keys.readline().strip()


def new_passphrase(terminal: Terminal, person: str) -> str:
    """Ask for a new passphrase, twice.

    Raises
    ------
    BadInput
        If the two differ.
    """
    first = terminal.ask_secret(f"passphrase for the key of {person}: ")
    if first != terminal.ask_secret("the same again: "):
        raise BadInput("the two passphrases differ; no key was made")
    return first


def _require() -> None:
    try:
        os.close(os.open(DEVICE, os.O_RDWR | os.O_NOCTTY))
    except OSError as error:
        raise _none() from error


def _none() -> Forbidden:
    return Forbidden(
        "this needs a person at a terminal, and there is none",
        hint="run the command in a terminal; no flag, variable or pipe stands in for it",
    )
