"""The root of trust: whose keys count, from when until when, and who may change that. Pure.

It is the part of a policy that says who is believed; the rest says what they are asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from configs.keys.public import Person, PublicKey, material
from configs.keys.signers import ed25519
from configs.section import Section

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

Role = Literal["proposer", "approver"]


class Term(Section):
    """A key, what it may be used for, and how long it counts."""

    key: PublicKey
    """The public key, as `qraft gate keys new` or `qraft gate runners list` prints it."""
    since: AwareDatetime | None = Field(default=None, alias="from")
    """Counts from this moment on; default always."""
    until: AwareDatetime | None = None
    """Counts up to this moment; default for good."""
    roles: tuple[Role, ...] = ("proposer", "approver")
    """What a person may do; a runner has no roles of people."""

    model_config = ConfigDict(serialize_by_alias=True)

    def counts_at(self, moment: datetime) -> bool:
        """Whether the key counts at a moment."""
        return (self.since is None or self.since <= moment) and (
            self.until is None or moment < self.until
        )


Listed = PublicKey | Term


class Changes(Section):
    """What a change of the policy itself asks for."""

    signatures: Annotated[int, Field(ge=1, le=20)] = 2
    """How many people listed in the policy in force sign a new one; all, where fewer are listed."""


class Root(BaseModel):
    """Who is believed."""

    keys: dict[Person, Listed] = Field(default_factory=dict)
    """Who may sign, and the public key by which they are known."""
    runners: dict[Person, Listed] = Field(default_factory=dict)
    """Machines whose entries count; where none is listed, the one that began the ledger."""
    changes: Changes = Changes()
    """What a change of the policy itself asks for."""

    @model_validator(mode="after")
    def _one_key_one_name(self) -> Self:
        owners: dict[bytes, str] = {}
        for name, term in (*terms(self.keys), *terms(self.runners)):
            other = owners.setdefault(material(term.key), name)
            if other != name:
                raise ValueError(f"{other} and {name} have the same key: they are one person")
        both = self.keys.keys() & self.runners.keys()
        if both:
            raise ValueError(f"{min(both)} is a person and a runner: give them names of their own")
        for name, term in terms(self.runners):
            if not term.key.startswith(ed25519.PREFIX):
                raise ValueError(f"{name} is a runner, and signs by an `{ed25519.PREFIX}` key")
        return self

    def person(self, name: str) -> Term | None:
        """Return the key of a person, if they are listed."""
        listed = self.keys.get(name)
        return _term(listed) if listed is not None else None

    @property
    def signatures_to_change(self) -> int:
        """How many signatures a change of the policy takes; none where nobody is listed."""
        able = sum("approver" in term.roles for _, term in terms(self.keys))
        return min(self.changes.signatures, able)


def terms(listed: dict[str, Listed]) -> Iterator[tuple[str, Term]]:
    """Iterate over names and keys, written short or with their terms."""
    for name, value in listed.items():
        yield name, _term(value)


def _term(listed: Listed) -> Term:
    return listed if isinstance(listed, Term) else Term(key=listed)
