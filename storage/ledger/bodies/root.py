"""Bodies that say who is believed: keys, policies, runners, revocations, the clock."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from configs.keys.public import Person, PublicKey, RunnerKey, Signature
from configs.keys.root_of_trust import Root
from storage.ledger.bodies.forms import Body, Exact, Hex, Moment, Seq, Text


class Key(Body):
    """A person made a key."""

    person: Person
    public: PublicKey


class Sworn(Exact):
    """A statement that a person signs; by nobody where nobody could be asked to."""

    by: Text = ""
    key: Text = ""
    signature: Signature = ""


class Policy(Exact):
    """A version of the policy; in force at once where nobody's signature is asked for."""

    version: Annotated[int, Field(ge=1)]
    previous: Hex
    document: dict[str, Any]
    reason: Text

    def root(self) -> Root:
        """Return the part of the document that says who is believed."""
        return Root.model_validate(self.document)


class PolicySignature(Sworn):
    """A person signs a version of the policy."""

    version: Annotated[int, Field(ge=1)]
    previous: Hex
    digest: Hex
    reason: Text


class Enrolment(Sworn):
    """A runner's entries are to count from here on."""

    name: Person
    runner: RunnerKey
    reason: Text


class Revocation(Sworn):
    """A key counts no more: from an entry on, which may be before this one."""

    revoked: PublicKey
    since: Seq
    reason: Text


class ClockReset(Sworn):
    """The times of all entries up to one are not believed."""

    head_seq: Seq
    head_hash: Hex
    now: Moment
    reason: Text


class Migration(Exact):
    """A ledger of the first edition goes on as one of this."""

    head_seq: Seq
    head_hash: Hex
    document: dict[str, Any]
    reason: Text
