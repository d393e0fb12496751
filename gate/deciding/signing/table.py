"""The table of ways to sign: by the prefix of a key, as `configs.keys.signers` knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from configs.errors import Failed
from configs.keys.public import signature_fits
from configs.keys.signers import ed25519, ssh
from configs.keys.signers import fido2 as assertions
from configs.keys.signers.table import signer_of
from gate.deciding.signing import fido2, passphrase, ssh_agent

if TYPE_CHECKING:
    from collections.abc import Callable

    from gate.deciding.signing.asked import Asked

WAYS: Final[dict[str, Callable[[Asked], str]]] = {
    ed25519.PREFIX: passphrase.sign,
    ssh.PREFIX: ssh_agent.sign,
    assertions.PREFIX: fido2.sign,
}


def sign(asked: Asked) -> str:
    """Return a person's signature, which fits.

    Raises
    ------
    Forbidden
        If the person, the agent or the device does not sign.
    Failed
        If what came back does not fit.
    """
    signature = WAYS[signer_of(asked.key.public).prefix](asked)
    if not signature_fits(asked.key.public, signature, asked.message):
        raise Failed(f"what the key of {asked.key.person} signed does not fit; nothing was decided")
    return signature
