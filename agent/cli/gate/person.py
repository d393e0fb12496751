"""The person at the terminal, as the commands meet them: who signs, or who confirms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from configs import output
from configs.escaping import escaped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gate.deciding.keyring import HeldKey
    from gate.deciding.swearing import Swears
    from gate.policy.policy import Policy
    from storage.ledger import Ledger


def ask_person(
    ledger: Ledger,
    policy: Policy | None,
    person: str | None,
    facts: Mapping[str, object],
    word: str,
) -> Swears | None:
    """Show what is decided, and let a person answer for it.

    Parameters
    ----------
    policy
        The one in force; none where there is none.
    person
        Whose key; default the one that is here.
    facts
        What is decided, as a person reads it.
    word
        What is typed to confirm, where nobody is listed who could sign.

    Returns
    -------
    Swears or None
        Who signs; none where a person confirmed and nobody is listed who could sign.

    Raises
    ------
    Forbidden
        If there is no terminal, no key, or the answer is another.
    """
    if policy is not None and policy.signatures_to_change:
        return _signer(ledger, policy, person, facts)
    from configs.errors import Forbidden
    from gate.deciding.terminal import ControllingTerminal

    _show(facts)
    if ControllingTerminal().ask(f"type {word} to go on: ") != word:
        raise Forbidden("the word does not match; nothing was decided")
    return None


def _signer(
    ledger: Ledger, policy: Policy, person: str | None, facts: Mapping[str, object]
) -> Swears:
    from gate.deciding.swearing import Swears

    key, ask = key_and_sign(policy, person)

    def sign(message: bytes) -> str:
        _show(facts)
        return ask(message)

    return Swears(ledger, key.person, key.public, sign)


def key_and_sign(policy: Policy, person: str | None) -> tuple[HeldKey, Callable[[bytes], str]]:
    """Return the key that signs, and what asks its person for a signature.

    Parameters
    ----------
    person
        Whose key; default the one that is here.

    Raises
    ------
    Forbidden
        If no key that is here is listed.
    """
    from gate.deciding.keyring import Keyring, default_folder
    from gate.deciding.listed import key_to_use
    from gate.deciding.signing.asked import Asked
    from gate.deciding.signing.table import sign
    from gate.deciding.terminal import ControllingTerminal

    keyring = Keyring(default_folder())
    key = key_to_use(keyring.held(), policy, person)
    return key, lambda message: sign(Asked(keyring, key, message, ControllingTerminal()))


def _show(facts: Mapping[str, object]) -> None:
    output.talk("you decide:")
    for name, value in facts.items():
        output.talk(f"  {name}: {escaped(str(value))}")
