"""The runner's key: by it a machine signs what it writes to a ledger.

It is made once for an account on a machine, outside every workspace, where nobody else may read it.
It needs no passphrase, for a run by the clock has nobody to ask: who is this account on this
machine can sign with it, and who only may write to a workspace cannot.
"""

from __future__ import annotations

import os
import secrets
import stat
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from configs.errors import Failed, Forbidden
from configs.keys import private_files
from configs.keys.private_files import create_private
from configs.keys.public import write_public_key
from configs.remedies import Mend

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

VARIABLE = "QRAFT_STATE"
"""Names the folder of an installation's own state, in place of the account's."""
FILE = "runner.key"
_BYTES = 32


def state_folder() -> Path:
    """Return where an installation keeps what no workspace may hold: its key, and what it saw."""
    if given := os.environ.get(VARIABLE):
        return Path(given).expanduser().absolute()
    return private_files.state_folder()


@dataclass(frozen=True)
class Runner:
    """Who signs what a machine writes."""

    private: Ed25519PrivateKey

    @cached_property
    def public(self) -> str:
        """The public half, as a policy lists it."""
        return write_public_key(self.private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> str:
        """Return the signature of a message, in hex."""
        return self.private.sign(message).hex()


def installed_runner(folder: Path | None = None) -> Runner:
    """Return this installation's runner; its key is made at the first use.

    Parameters
    ----------
    folder
        Default :func:`state_folder`.

    Raises
    ------
    Forbidden
        If somebody else could read or replace the key.
    Failed
        If it cannot be kept, or is no key.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    path = (folder or state_folder()) / FILE
    try:
        if not path.exists() and not path.is_symlink():
            make_private_folder(path.parent)
            create_private(path, secrets.token_bytes(_BYTES))
        refuse_shared(path.parent)
        refuse_shared(path)
        raw = path.read_bytes()
    except OSError as error:
        raise Failed(
            f"this machine's key cannot be kept at {path}",
            hint=f"{error.strerror or error}; {VARIABLE} names another folder",
        ) from error
    if len(raw) != _BYTES:
        raise Failed(
            f"{path} is no key",
            hint="restore it; a new one would have to be enrolled on every ledger anew",
        )
    return Runner(Ed25519PrivateKey.from_private_bytes(raw))


def make_private_folder(folder: Path) -> None:
    """Make a folder that its owner alone may enter."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def refuse_shared(path: Path) -> None:
    """Refuse what another account could read or replace.

    Raises
    ------
    Forbidden
        If the path is a link, another's, or open to others.
    """
    status = path.lstat()
    if stat.S_ISLNK(status.st_mode):
        raise Forbidden(f"{path} is a symbolic link; a key is where it seems to be, or not used")
    if status.st_uid != os.getuid() or stat.S_IMODE(status.st_mode) & 0o077:
        raise Forbidden(
            f"{path} can be read by others",
            remedy=Mend.RESTRICT_FILE(path=path),
        )
