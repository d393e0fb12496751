"""Tokens: who may ask from elsewhere, and for what; only their scrypt digests are kept.

They are kept outside the workspace, in this installation's private folder: whoever hands a person a
workspace cannot hand themselves a way in.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from configs.errors import BadInput
from configs.keys.private_files import read_private, replace_private, state_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from configs.workspace import Workspace

SCOPES: Final = ("read", "run", "feedback")
PREFIX: Final = "qraft"
_COST: Final = {"n": 2**14, "r": 8, "p": 1, "maxmem": 64 << 20}
_KNOWN_S: Final = 300.0
"""Seconds for which a token that was judged right is not judged again."""
_MOST: Final = 1_000


@dataclass(frozen=True, slots=True)
class Token:
    """A token as it is kept.

    Attributes
    ----------
    ident
        Its public part.
    name
        What a person calls it.
    scopes
        What it is good for.
    salt, digest
        Hex; of its secret part.
    made
        When; seconds since 1970.
    """

    ident: str
    name: str
    scopes: tuple[str, ...]
    salt: str
    digest: str
    made: float


class Tokens:
    """The tokens of a workspace.

    Parameters
    ----------
    path
        The file; one that others could have written is refused.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._judged: dict[bytes, tuple[float, Token]] = {}
        self._seen: tuple[int, dict[str, Token]] = (0, {})

    @classmethod
    def of(cls, workspace: Workspace) -> Tokens:
        """Return those of a workspace."""
        name = hashlib.sha256(str(workspace.root).encode()).hexdigest()[:16]
        return cls(state_folder() / "tokens" / f"{name}.json")

    def all(self) -> list[Token]:
        """Return all, the oldest first.

        Raises
        ------
        Forbidden
            If others could have written the file.
        """
        raw = read_private(self.path)
        rows = json.loads(raw) if raw else []
        return [Token(**{**row, "scopes": tuple(row["scopes"])}) for row in rows]

    def new(self, name: str, scopes: Sequence[str]) -> str:
        """Make a token; what is returned is shown once and kept nowhere.

        Raises
        ------
        BadInput
            If a scope is unknown, or the name is taken.
        """
        wrong = sorted(set(scopes) - set(SCOPES))
        if wrong or not scopes:
            raise BadInput(f"no scope is called `{', '.join(wrong)}`", hint=", ".join(SCOPES))
        kept = self.all()
        if any(token.name == name for token in kept):
            raise BadInput(f"there is a token `{name}` already", hint="drop it first")
        secret, ident, salt = (
            secrets.token_urlsafe(32),
            secrets.token_hex(4),
            secrets.token_bytes(16),
        )
        token = Token(ident, name, tuple(scopes), salt.hex(), _digest(secret, salt), time.time())
        self._write([*kept, token])
        return f"{PREFIX}_{ident}_{secret}"

    def drop(self, name: str) -> None:
        """Take a token back.

        Raises
        ------
        BadInput
            If there is none of that name.
        """
        kept = self.all()
        left = [token for token in kept if token.name != name]
        if len(left) == len(kept):
            raise BadInput(f"there is no token `{name}`")
        self._write(left)

    def remembers(self, text: str) -> bool:
        """Whether a token was judged right not long ago."""
        known = self._judged.get(hashlib.sha256(text.encode()).digest())
        return known is not None and known[0] > time.monotonic()

    def judge(self, text: str) -> Token | None:
        """Return the token that a text is, or none; about as slow for a wrong one."""
        prefix, _, rest = text.partition("_")
        ident, _, secret = rest.partition("_")
        key = hashlib.sha256(text.encode()).digest()
        now = time.monotonic()
        kept = self._kept()
        known = self._judged.get(key)
        if known and known[0] > now and kept.get(known[1].ident) == known[1]:
            return known[1]
        token = kept.get(ident)
        salt = bytes.fromhex(token.salt) if token else b"\0" * 16
        right = hmac.compare_digest(_digest(secret, salt), token.digest if token else "0" * 64)
        if not right or token is None or prefix != PREFIX:
            return None
        if len(self._judged) >= _MOST:
            self._judged.clear()
        self._judged[key] = (now + _KNOWN_S, token)
        return token

    def _kept(self) -> dict[str, Token]:
        """Return the tokens by their public parts; the file is read again once it has changed."""
        try:
            stamp = self.path.stat().st_mtime_ns
        except FileNotFoundError:
            return {}
        if stamp != self._seen[0]:
            self._seen = (stamp, {token.ident: token for token in self.all()})
        return self._seen[1]

    def _write(self, tokens: Sequence[Token]) -> None:
        rows = [asdict(token) for token in tokens]
        replace_private(self.path, json.dumps(rows, indent=1).encode())


def _digest(secret: str, salt: bytes) -> str:
    return hashlib.scrypt(secret.encode(), salt=salt, dklen=32, **_COST).hex()
