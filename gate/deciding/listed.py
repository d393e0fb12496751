"""Which private key to sign with: one that is here and that the policy lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from configs.errors import BadInput, Forbidden
from configs.remedies import Mend

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gate.deciding.keyring import HeldKey
    from gate.policy.policy import Policy


def key_to_use(held: Sequence[HeldKey], policy: Policy, person: str | None) -> HeldKey:
    """Return the key that signs.

    Parameters
    ----------
    person
        Whose; default the only one that is both here and listed.

    Raises
    ------
    Forbidden
        If no key that is here is listed.
    BadInput
        If more than one is, and none was named.
    """
    listed = [
        key
        for key in held
        if (term := policy.person(key.person)) is not None
        and term.key == key.public
        and person in {None, key.person}
    ]
    if not listed:
        whose = f"the key of {person} is not both here and" if person else "no key that is here is"
        raise Forbidden(
            f"{whose} listed in the policy, so it cannot sign",
            remedy=Mend.LIST_KEYS(),
        )
    if len(listed) > 1:
        raise BadInput(
            f"keys of {', '.join(key.person for key in listed)} are here", hint="--as says whose"
        )
    return listed[0]
