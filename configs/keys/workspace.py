"""The installation's own secret: whoever holds it is believed to have written what it signs.

It is kept outside the workspace: whoever may write to the workspace would otherwise replace the key
together with what it signs.
"""

from __future__ import annotations

import os
import secrets
from functools import cache

from configs.errors import BadInput, Damaged
from configs.keys.private_files import create_private, read_private, state_folder
from configs.remedies import Mend

VARIABLE = "QRAFT_CHECKPOINT_KEY"
FILE = "checkpoint.key"
_BYTES = 32
_FEWEST_CHARACTERS = 16


def checkpoint_key() -> bytes:
    """Return the key that seals checkpoints and the index, made at its first use.

    It is read from ``QRAFT_CHECKPOINT_KEY`` if that is set, for machines that share a lake; else
    from ``checkpoint.key`` in the person's state folder (``$XDG_STATE_HOME/qraft``). Losing it
    costs a recomputation. Where that folder cannot be written, a key is made for this process.

    Raises
    ------
    BadInput
        If the variable holds fewer than 16 characters.
    Damaged
        If the file holds no key.
    Forbidden
        If another could have written or read it.
    """
    if given := os.environ.get(VARIABLE):
        if len(given) < _FEWEST_CHARACTERS:
            raise BadInput(f"{VARIABLE} has fewer than {_FEWEST_CHARACTERS} characters")
        return given.encode()
    path = state_folder() / FILE
    key = read_private(path)
    if key is None:
        try:
            create_private(path, secrets.token_bytes(_BYTES))
        except OSError:  # no folder of one's own, as in some containers: nothing is resumed
            return _of_this_process()
        key = read_private(path)
    if key is None or len(key) != _BYTES:
        raise Damaged(
            f"{path} is no key",
            remedy=Mend.REMOVE_FILE(path=path),
        )
    return key


@cache
def _of_this_process() -> bytes:
    return secrets.token_bytes(_BYTES)
