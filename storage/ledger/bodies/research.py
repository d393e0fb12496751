"""Bodies of what machines write about research: data, trials, proposals, what checks found."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from storage.ledger.bodies.forms import Body, Day, Exact, Figures, Name, Seq, Text


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

    outcomes: list[Ended] = Field(default_factory=list)
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
    keys: dict[str, Text] = Field(default_factory=dict)
    files: dict[str, Text] = Field(default_factory=dict)
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
    because: list[Text] = Field(default_factory=list)
    digests: Digests | None = None
    policy: Text = ""
    results: list[Result] = Field(default_factory=list)


class Opened(Body):
    """A holdout is opened for a strategy."""

    strategy: Name
    run_id: Name
    data: Text
    sealed_from: Day
    reason: Text


class Feedback(Body):
    """A person rates a pattern."""

    pattern_id: Text
    detector: Text
    source: Text
    card_id: Text
    rating: Literal[-1, 0, 1]
    comment: Text
