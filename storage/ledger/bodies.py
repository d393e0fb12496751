"""The bodies of entries: a model for each kind. A body that does not fit counts for nothing.

What a kind needs is required and typed; what else a writer adds is kept, for it is signed with the
rest. `BODIES` is the only list of kinds.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)

from configs.public_keys import Person, PublicKey
from configs.root_of_trust import Root

if TYPE_CHECKING:
    from collections.abc import Mapping


def _is_moment(text: str) -> str:
    if datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("a time without a zone")
    return text


def _is_day(text: str) -> str:
    date.fromisoformat(text)
    return text


Text = Annotated[str, StringConstraints(max_length=20_000)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Moment = Annotated[str, StringConstraints(max_length=40), AfterValidator(_is_moment)]
Day = Annotated[str, StringConstraints(max_length=10), AfterValidator(_is_day)]
Hex = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]*$", max_length=256)]
Figures = dict[str, float | None]
Seq = Annotated[int, Field(ge=0)]


class Body(BaseModel):
    """What every body keeps: types are not bent, more than is required is allowed."""

    model_config = ConfigDict(strict=True, extra="allow", allow_inf_nan=False, frozen=True)


class Exact(Body):
    """A body, or a part of one, in which nothing else may stand."""

    model_config = ConfigDict(extra="forbid")


class Sketched(Body):
    """Which bars were read: see `storage.seals.likeness`."""

    data: Text
    print: Text
    hashes: Text
    first: Text
    last: Text


class Data(Sketched):
    """Which bars a trial reads."""

    reading: Text


class Sealed(Sketched):
    """The last part of a source is closed."""

    source: Text
    sealed_from: Day = Field(alias="from")


class Trial(Body):
    """Something is about to be tried."""

    run_id: Name
    strategy: Name
    family: Text
    road: Text


class Series(Exact):
    """Where returns are."""

    zone: Name
    stage: Name
    key: Name
    name: Name
    sha256: Text


class Ended(Exact):
    """How one trial ended."""

    run_id: Name
    status: Literal["finished", "failed", "refused"]
    sharpe: float | None = None
    bars: int = 0
    returns: Series | None
    why: Text = ""


class Moments(Exact):
    """What returns were past a seal."""

    bars: int
    sharpe: float
    skewness: float
    kurtosis: float


class Outcome(Body):
    """How trials, or a look at a holdout, ended."""

    outcomes: list[Ended] = []
    opening: Seq | None = None
    moments: Moments | None = None


class Mandate(Exact):
    """Which symbols may be held, and how much of them."""

    symbols: list[Name]
    gross: Annotated[float, Field(gt=0)]
    weight: Annotated[float, Field(gt=0)]
    long_only: bool


class Evidence(Body):
    """What a run submits."""

    figures: Figures
    keys: dict[str, Text] = {}
    files: dict[str, Text] = {}
    spec: Text = ""
    code: Text = ""
    data: Text = ""
    sealed_from: Day | None = None
    mandate: Mandate | None = None


class Proposal(Body):
    """A run asks to be considered."""

    strategy: Name
    run_id: Name
    evidence: Evidence


class Result(Exact):
    """What one check found."""

    name: Name
    figure: float | None
    bound: Literal["at least", "at most"]
    threshold: float
    passed: bool


class Digests(Exact):
    """What was looked at."""

    spec: Text
    code: Text
    data: Text
    evidence: Text


class Check(Body):
    """What the checks of a step found, or why it was refused."""

    strategy: Name
    to: Name
    verdict: Literal["held", "refused"]
    run_id: Text = ""
    because: list[Text] = []
    digests: Digests | None = None
    policy: Text = ""
    results: list[Result] = []


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


class Approval(Body):
    """A person says yes."""

    strategy: Name
    to: Name
    statement: Statement
    key: Text
    signature: Text


class Move(Body):
    """A strategy is moved, or was to be."""

    strategy: Name
    to: Text = ""
    reason: Text = ""
    run_id: Text = ""
    policy: Text = ""
    check: Seq = 0


class Sworn(Exact):
    """A statement that a person signs; by nobody where nobody could be asked to."""

    by: Text = ""
    key: Text = ""
    signature: Text = ""


class Resumption(Move):
    """A strategy goes on; or all may, by a person's word on one halt."""

    halt: Seq = 0
    halt_hash: Hex = ""
    by: Text = ""
    key: Text = ""
    signature: Text = ""


class Paper(Body):
    """How a running strategy's account fares."""

    strategy: Name
    run_id: Name
    figures: Figures


class Envelope(Exact):
    """What left: the signed bytes, and where they are kept."""

    stage: Literal["paper", "live"]
    sequence: Annotated[int, Field(ge=1)]
    path: Name
    sha256: Hex


class Signal(Body):
    """A decision was published; of earlier ones it is not kept what left."""

    strategy: Name
    ts: Moment
    run_id: Name
    path: Name
    sha256: Text
    envelope: Envelope | None = None


class RefusedSignal(Body):
    """A signal was held back."""

    strategy: Name
    stage: Literal["paper", "live"]
    ts: Moment
    run_id: Name
    because: list[Text]


class Opened(Body):
    """A holdout is opened for a strategy."""

    strategy: Name
    run_id: Name
    data: Text
    sealed_from: Day
    reason: Text


class Key(Body):
    """A person made a key."""

    person: Person
    public: PublicKey


class Feedback(Body):
    """A person rates a pattern."""

    pattern_id: Text
    detector: Text
    source: Text
    card_id: Text
    rating: Literal[-1, 0, 1]
    comment: Text


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
    runner: PublicKey
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


BODIES: dict[str, type[Body]] = {
    "data": Data,
    "seal": Sealed,
    "trial": Trial,
    "outcome": Outcome,
    "proposal": Proposal,
    "check": Check,
    "approval": Approval,
    "rejection": Move,
    "promotion": Move,
    "demotion": Move,
    "halt": Move,
    "resumption": Resumption,
    "retirement": Move,
    "paper": Paper,
    "signal": Signal,
    "signal_refused": RefusedSignal,
    "holdout_opened": Opened,
    "key": Key,
    "feedback": Feedback,
    "policy": Policy,
    "policy_signature": PolicySignature,
    "runner": Enrolment,
    "revocation": Revocation,
    "clock": ClockReset,
    "migration": Migration,
}
"""Kind to what its body must be."""

KINDS = frozenset(BODIES)


def flaw_of(kind: str, body: Mapping[str, Any]) -> str:
    """Say in a sentence what is wrong with a body; empty where nothing is.

    Examples
    --------
    >>> flaw_of("halt", {"strategy": "*", "reason": "stop"})
    ''
    >>> flaw_of("halt", {})
    'a halt has no `strategy`'
    >>> flaw_of("decree", {})
    'there is no kind `decree`'
    """
    model = BODIES.get(kind)
    if model is None:
        return f"there is no kind `{kind[:40]}`"
    try:
        model.model_validate(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part)[:40] for part in first["loc"][:6])
        if first["type"] == "missing":
            return f"a {kind} has no `{where}`"
        return f"`{where}` of this {kind}: {first['msg'][:120].lower()}"
    return ""
