"""What every kind of key is asked for a signature with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from configs.errors import Forbidden

if TYPE_CHECKING:
    from gate.deciding.keyring import HeldKey, Keyring
    from gate.deciding.terminal import Terminal


@dataclass(frozen=True, slots=True)
class Asked:
    """A signature that is asked of a person who has just been shown what they sign.

    Attributes
    ----------
    keyring, key
        Where the key is kept, and which.
    message
        What is signed.
    terminal
        Where the person sits.
    """

    keyring: Keyring
    key: HeldKey
    message: bytes
    terminal: Terminal

    def confirm(self) -> None:
        """Let the person say that they sign: an agent or a device would sign for any program.

        Raises
        ------
        Forbidden
            If they do not, or nobody is there.
        """
        if self.terminal.ask(f"type {self.key.person} to sign: ") != self.key.person:
            raise Forbidden("the name does not match; nothing was signed")
