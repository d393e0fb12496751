"""Bodies of what people decide on strategies, and of what stops them."""

from __future__ import annotations

from configs.public_keys import Signature
from storage.ledger.bodies.forms import Body, Exact, Hex, Name, Seq, Text
from storage.ledger.bodies.research import Digests


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


class Approval(Body):
    """A person says yes."""

    strategy: Name
    to: Name
    statement: Statement
    key: Text
    signature: Signature


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
