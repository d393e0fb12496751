"""A person's private keys: each a file of their own, sealed by a passphrase.

The seal is AES-256-GCM under a key that scrypt derives from the passphrase. Its cost is fixed by
the format and not read from the file: a planted file cannot make it cheap, nor ask for all memory.
"""

from __future__ import annotations

import base64
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from configs.errors import BadInput, Failed, Forbidden
from configs.public_keys import write_public_key
from storage.ledger.runner import refuse_shared
from taskspecs.identity import canonical_json

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FORMAT = "qraft private key 1"
SUFFIX = ".key.json"
SHORTEST = 12
"""Letters of a passphrase."""
_SALT_BYTES, _NONCE_BYTES, _MAX_BYTES = 16, 12, 4096
_COST = {"n": 2**16, "r": 8, "p": 1}
"""scrypt's: 64 MiB and a fifth of a second a guess."""


@dataclass(frozen=True, slots=True)
class HeldKey:
    """A key whose private half is here: whose, and its public half as the policy lists it."""

    person: str
    public: str


def default_folder() -> Path:
    """Return where the keys of whoever is logged in are: never in a workspace, which is shared."""
    config = os.environ.get("XDG_CONFIG_HOME") or ""
    base = Path(config) if Path(config).is_absolute() else Path.home() / ".config"
    return base / "qraft" / "keys"


class Keyring:
    """The private keys in a folder that nobody else may read.

    Parameters
    ----------
    folder
        Made when the first key is.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self, person: str, passphrase: str) -> HeldKey:
        """Make a key and keep it sealed.

        Raises
        ------
        BadInput
            If there is a key of that name, or the passphrase is too short.
        """
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        if len(passphrase) < SHORTEST:
            raise BadInput(f"a passphrase has at least {SHORTEST} letters; a few words are good")
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        refuse_shared(self._folder)
        private = Ed25519PrivateKey.generate()
        sealed = _seal(private, person, passphrase)
        try:
            _create(self._path(person), sealed)
        except FileExistsError as error:
            raise BadInput(
                f"there is a key of {person} already, at {self._path(person)}",
                hint="a key is never overwritten; take another name, or use that key",
            ) from error
        return HeldKey(person, _public_of(private))

    def held(self) -> list[HeldKey]:
        """Return the keys that are here, by person."""
        if not self._folder.is_dir():
            return []
        people = sorted(p.name.removesuffix(SUFFIX) for p in self._folder.glob(f"[!.]*{SUFFIX}"))
        return [HeldKey(person, str(self._read(person)["public"])) for person in people]

    def sign(self, person: str, passphrase: str, message: bytes) -> str:
        """Return the signature of a message, in hex.

        Raises
        ------
        BadInput
            If there is no such key here.
        Forbidden
            If the passphrase does not open it.
        """
        private = _open(self._read(person), person, passphrase)
        return private.sign(message).hex()

    def _path(self, person: str) -> Path:
        return self._folder / f"{person}{SUFFIX}"

    def _read(self, person: str) -> dict[str, str]:
        path = self._path(person)
        if not path.exists() and not path.is_symlink():
            raise BadInput(
                f"there is no private key of {person} in {self._folder}",
                next_command=f"qraft gate keys new {person}",
            )
        refuse_shared(self._folder)
        refuse_shared(path)
        try:
            raw = path.read_bytes()[: _MAX_BYTES + 1]
            value = json.loads(raw) if len(raw) <= _MAX_BYTES else None
        except ValueError:
            value = None
        fields = {"format", "person", "public", "salt", "nonce", "sealed"}
        if not isinstance(value, dict) or value.keys() != fields or value["format"] != FORMAT:
            raise Failed(f"{path} is no private key of Qraft's")
        return {name: str(part) for name, part in value.items()}


def _create(path: Path, content: bytes) -> None:
    """Make a file that only its owner may read, whole or not at all, and never over another."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)
    finally:
        fresh.unlink()


def _public_of(private: Ed25519PrivateKey) -> str:
    return write_public_key(private.public_key().public_bytes_raw())


def _header(person: str, public: str) -> dict[str, str]:
    return {"format": FORMAT, "person": person, "public": public}


def _seal(private: Ed25519PrivateKey, person: str, passphrase: str) -> bytes:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    salt, nonce = os.urandom(_SALT_BYTES), os.urandom(_NONCE_BYTES)
    header = _header(person, _public_of(private))
    sealed = AESGCM(_derive(passphrase, salt)).encrypt(
        nonce, private.private_bytes_raw(), canonical_json(header).encode()
    )
    binary = {"salt": salt, "nonce": nonce, "sealed": sealed}
    texts = {name: base64.b64encode(part).decode() for name, part in binary.items()}
    return canonical_json({**header, **texts}).encode() + b"\n"


def _open(kept: dict[str, str], person: str, passphrase: str) -> Ed25519PrivateKey:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    try:
        salt, nonce, sealed = (
            base64.b64decode(kept[name], validate=True) for name in ("salt", "nonce", "sealed")
        )
        header = canonical_json(_header(person, kept["public"])).encode()
        raw = AESGCM(_derive(passphrase, salt)).decrypt(nonce, sealed, header)
        private = Ed25519PrivateKey.from_private_bytes(raw)
    except (InvalidTag, ValueError) as error:
        raise Forbidden(f"the passphrase does not open the key of {person}") from error
    if _public_of(private) != kept["public"]:
        raise Failed(f"the key of {person} is not the one that its file names")
    return private


def _derive(passphrase: str, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    return Scrypt(salt=salt, length=32, **_COST).derive(passphrase.encode())
