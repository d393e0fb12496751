"""A key in ssh-agent: the agent's protocol, of which two messages are needed.

See draft-miller-ssh-agent: a message is its length in 32 bits, a byte that says which, and strings.
The private half never comes here; a key on a device is touched by its person.
"""

from __future__ import annotations

import os
import socket
from typing import TYPE_CHECKING, Final, NamedTuple

from configs.errors import BadInput, Failed, Forbidden
from configs.keys.signers import ssh
from configs.keys.signers.ssh import Reader, pack
from configs.remedies import Mend

if TYPE_CHECKING:
    from gate.deciding.signing.asked import Asked

VARIABLE: Final = "SSH_AUTH_SOCK"
FORMAT: Final = "qraft key of an agent 1"
_LIST, _LISTED, _SIGN, _SIGNED = 11, 12, 13, 14
_MOST_BYTES = 262_144
"""What an agent answers is no longer, by the protocol."""
_WAIT_S = 120.0
"""Time to touch a device, or to answer the agent's own question."""
_MOST_KEYS = 1_000


class Identity(NamedTuple):
    """A key that an agent holds."""

    blob: bytes
    comment: str

    @property
    def fingerprint(self) -> str:
        """As OpenSSH prints it."""
        return ssh.fingerprint(self.blob)


class Agent:
    """The agent behind a socket.

    Parameters
    ----------
    path
        Of the socket; default what ``SSH_AUTH_SOCK`` names.
    """

    def __init__(self, path: str | None = None) -> None:
        self._path = path if path is not None else os.environ.get(VARIABLE, "")

    def identities(self) -> list[Identity]:
        """Return the keys that the agent holds, of kinds that the gate takes.

        Raises
        ------
        Failed
            If there is no agent, or it answers something else.
        """
        answer = self._ask(bytes([_LIST]), _LISTED)
        found = []
        for _ in range(min(answer.number(), _MOST_KEYS)):
            blob, comment = answer.string(), answer.string()
            try:
                ssh.read_blob(blob)
            except ValueError:
                continue
            found.append(Identity(blob, comment.decode("utf-8", "replace")))
        return found

    def sign(self, blob: bytes, message: bytes) -> bytes:
        """Return what the agent's key makes of a message, as SSH writes signatures."""
        request = bytes([_SIGN]) + pack(blob) + pack(message) + bytes(4)
        return self._ask(request, _SIGNED).string()

    def _ask(self, request: bytes, wanted: int) -> Reader:
        if not self._path:
            raise Failed(
                f"there is no ssh-agent: {VARIABLE} names none",
                remedy=Mend.START_SSH_AGENT(),
            )
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(_WAIT_S)
                connection.connect(self._path)
                connection.sendall(pack(request))
                length = int.from_bytes(_receive(connection, 4), "big")
                if not 0 < length <= _MOST_BYTES:
                    raise Failed("the ssh-agent answers nothing that can be read")
                answer = _receive(connection, length)
        except OSError as error:
            raise Failed(
                f"the ssh-agent at {self._path} does not answer: {error.strerror or error}",
                remedy=Mend.LIST_SSH_KEYS(),
            ) from error
        if answer[0] != wanted:
            raise Forbidden(
                "the ssh-agent refused", hint="is the key still in it, and did its person agree?",
                remedy=Mend.LIST_SSH_KEYS(),
            )  # fmt: skip
        return Reader(answer[1:])


def choose(name: str, identities: list[Identity]) -> Identity:
    """Return the key that a comment or a fingerprint names.

    Raises
    ------
    BadInput
        If none or several are named.
    """
    named = [one for one in identities if name in {one.comment, one.fingerprint}]
    if len(named) == 1:
        return named[0]
    there = "\n".join(f"{one.fingerprint}  {one.comment}" for one in named or identities)
    raise BadInput(
        f"{'several' if named else 'no'} Ed25519 keys in the ssh-agent are called `{name}`",
        hint=there or "it holds no Ed25519 key (ssh-keygen -t ed25519, or -t ed25519-sk)",
        remedy=Mend.LIST_SSH_KEYS(),
    )


def sign(asked: Asked) -> str:
    """Sign by the agent's key, where the person at the terminal says so."""
    key = ssh.read_key(asked.key.public)
    asked.confirm()
    answer = Agent().sign(key.to_blob(), ssh.to_be_signed(asked.message))
    return ssh.write_signature(key, answer)


def _receive(connection: socket.socket, count: int) -> bytes:
    parts = bytearray()
    while len(parts) < count:
        part = connection.recv(count - len(parts))
        if not part:
            raise Failed("the ssh-agent closed the connection")
        parts += part
    return bytes(parts)
