"""Bodies of what people decide on strategies, and of what stops them."""

from __future__ import annotations

import hashlib
from typing import Any, Self

from pydantic import model_validator

from configs.keys.public import Signature
from storage.ledger.bodies.forms import Body, Exact, Hex, Name, Seq, Shown, Text
from storage.ledger.bodies.research import Digests, Result


class Although(Exact):
    """Checks fail, and a person approves all the same."""

    reason: Text
    checks: list[Name]


class Statement(Exact):
    """What a person approves."""

    strategy: Name
    to: Name
    run_id: Name
    digests: Digests
    policy: Text
    head_seq: Seq
    head_hash: Hex
    given: Text
    expires: Text
    by: Name
    reason: Text
    mandate: Text = ""
    shown: Hex = ""
    although: Although | None = None


class Figure(Exact):
    """A number that a person was shown."""

    name: Name
    value: float | None
    unit: Text


class Checked(Result):
    """What a check found, as a person was shown it."""

    unit: Text
    advice: bool


class Facts(Exact):
    """All that a person was shown beside the statement itself."""

    figures: list[Figure]
    checks: list[Checked]
    symbols: list[Name]
    bounds: dict[str, Any]
    spec: dict[str, Any]
    proposer: Text
    previous: Seq


class Approval(Body):
    """A person says yes."""

    strategy: Name
    to: Name
    statement: Statement
    key: Text
    signature: Signature
    facts: Facts | None = None
    text: Shown = ""

    @model_validator(mode="after")
    def _is_what_was_signed(self) -> Self:
        """Refuse a text that is not the one whose digest was signed."""
        shown = hashlib.sha256(self.text.encode()).hexdigest() if self.text else ""
        if shown != self.statement.shown:
            raise ValueError("its text is not the one that its statement names")
        return self


class Move(Body):
    """A strategy is moved, or was to be."""

    strategy: Name
    to: Text = ""
    reason: Text = ""
    run_id: Text = ""
    policy: Text = ""
    check: Seq = 0


class Resumption(Move):
    """A strategy goes on; or all may, by a person's word on one halt."""

    halt: Seq = 0
    halt_hash: Hex = ""
    by: Text = ""
    key: Text = ""
    signature: Signature = ""
