"""A person's keys: each a file of their own, outside every workspace.

A key of Qraft's own is sealed by a passphrase. Of a key in ssh-agent or on a security key only its
public half is kept, and how to find it.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from configs.errors import BadInput, Failed
from configs.keys.private_files import create_private
from configs.remedies import Mend
from gate.deciding.signing import fido2, passphrase, ssh_agent
from storage.ledger.runner import make_private_folder, refuse_shared
from taskspecs.identity import canonical_json

if TYPE_CHECKING:
    from collections.abc import Mapping

SUFFIX = ".key.json"
_MAX_BYTES = 8_192
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    passphrase.FORMAT: passphrase.SEALED,
    ssh_agent.FORMAT: (),
    fido2.FORMAT: ("credential",),
}
"""By the format of a key's file: what it says beside whose key it is."""


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key that can sign here: whose, and its public half as the policy lists it."""

    person: str
    public: str


def default_folder() -> Path:
    """Return where the keys of whoever is logged in are: never in a workspace, which is shared."""
    config = os.environ.get("XDG_CONFIG_HOME") or ""
    base = Path(config) if Path(config).is_absolute() else Path.home() / ".config"
    return base / "qraft" / "keys"


class Keyring:
    """The keys in a folder that nobody else may read.

    Parameters
    ----------
    folder
        Made when the first key is.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self, person: str, words: str) -> HeldKey:
        """Make a key and keep it sealed by a passphrase.

        Raises
        ------
        BadInput
            If there is a key of that name, or the passphrase is easy to guess.
        """
        passphrase.judge_passphrase(words, person)
        private = passphrase.new_key()
        sealed = passphrase.seal(private, person, words)
        return self.add(person, passphrase.public_of(private), passphrase.FORMAT, sealed)

    def add(
        self, person: str, public: str, form: str, rest: Mapping[str, str] | None = None
    ) -> HeldKey:
        """Keep what is needed to sign by a key.

        Raises
        ------
        BadInput
            If there is a key of that name.
        """
        make_private_folder(self._folder)
        refuse_shared(self._folder)
        kept = {"format": form, "person": person, "public": public, **(rest or {})}
        path = self._path(person)
        if not create_private(path, canonical_json(kept).encode() + b"\n"):
            raise BadInput(
                f"there is a key of {person} already, at {path}",
                hint="a key is never overwritten; take another name, or use that key",
            )
        return HeldKey(person, public)

    def held(self) -> list[HeldKey]:
        """Return the keys that are here, by person."""
        if not self._folder.is_dir():
            return []
        people = sorted(p.name.removesuffix(SUFFIX) for p in self._folder.glob(f"[!.]*{SUFFIX}"))
        return [HeldKey(person, self._read(person)["public"]) for person in people]

    def sign(self, person: str, words: str, message: bytes) -> str:
        """Return the signature of a message, in hex, by the key that a passphrase opens.

        Raises
        ------
        BadInput
            If there is no such key here.
        Forbidden
            If the passphrase does not open it.
        """
        kept = self._of_format(person, passphrase.FORMAT)
        return passphrase.unseal(kept, person, words).sign(message).hex()

    def credential(self, person: str) -> str:
        """Return the name by which a device finds a person's key, in base 64.

        Raises
        ------
        BadInput
            If there is no such key here.
        """
        return self._of_format(person, fido2.FORMAT)["credential"]

    def _path(self, person: str) -> Path:
        return self._folder / f"{person}{SUFFIX}"

    def _of_format(self, person: str, form: str) -> dict[str, str]:
        kept = self._read(person)
        if kept["format"] != form:
            raise BadInput(f"the key of {person} is kept another way: {kept['format']}")
        return kept

    def _read(self, person: str) -> dict[str, str]:
        path = self._path(person)
        if not path.exists() and not path.is_symlink():
            raise BadInput(
                f"there is no private key of {person} in {self._folder}",
                remedy=Mend.MAKE_KEY(person=person),
            )
        refuse_shared(self._folder)
        refuse_shared(path)
        try:
            raw = path.read_bytes()[: _MAX_BYTES + 1]
            value = json.loads(raw) if len(raw) <= _MAX_BYTES else None
        except (ValueError, RecursionError):
            value = None
        known = isinstance(value, dict) and _FIELDS.get(str(value.get("format")))
        if not isinstance(value, dict) or not isinstance(known, tuple):
            raise Failed(f"{path} is no key of Qraft's")
        if value.keys() != {"format", "person", "public", *known}:
            raise Failed(f"{path} is no key of Qraft's")
        return {name: str(part) for name, part in value.items()}
