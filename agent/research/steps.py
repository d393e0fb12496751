"""The steps of a research: each a trial, read back from the journal."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from configs.document import parse_document
from taskspecs.load import understand

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.research.journal import Journal
    from agent.research.rules import Plain, Variant
    from taskspecs.schema import TaskSpec

BY: Final = "sharpe"
"""The figure that trials are compared by."""
RULES: Final = "rules"
"""Who chose a trial that no model chose."""


class Result(Protocol):
    """What comes of a trial; `tasks.sweep.trying.Tried` is one."""

    @property
    def run_id(self) -> str:
        """The trial, as the ledger names it."""

    @property
    def strategy(self) -> str:
        """The study, as the gate names it."""

    @property
    def metrics(self) -> Mapping[str, float | None]:
        """Figures by name."""

    @property
    def refusal(self) -> str:
        """Why it could not be traded, else empty."""


@dataclass(frozen=True, slots=True)
class Step:
    """A trial and what came of it.

    Attributes
    ----------
    hypothesis
        What it differs in from its parent and why, in words of the rules or of this code.
    by
        The model that chose it, or `RULES`.
    words
        What the model said of it: no evidence of anything.
    """

    number: int
    parent: int | None
    rule: str
    hypothesis: str
    document: Plain
    idea: str
    run_id: str
    strategy: str
    metrics: Mapping[str, float | None]
    refusal: str
    by: str = RULES
    words: str = ""

    @property
    def score(self) -> float:
        """What trials are compared by; of one that was refused, or has none, the lowest."""
        value = self.metrics.get(BY)
        return float("-inf") if value is None else value


class Choice(NamedTuple):
    """What is tried next: a variant of a trial, and who chose it."""

    parent: int | None
    variant: Variant
    by: str = RULES
    words: str = ""


class Choose(Protocol):
    """Chooses what is tried next."""

    def __call__(
        self, steps: Sequence[Step], journal: Journal, known: Mapping[str, str]
    ) -> Choice | str:
        """Return a choice, or why there is none and the research ends."""


def read_study(document: Plain) -> TaskSpec:
    """Read a study from plain values."""
    raw = json.dumps(document, ensure_ascii=False, indent=1).encode()
    return understand(parse_document(raw, file="the study"))[0]


def steps_of(journal: Journal) -> list[Step]:
    """Return the trials of a journal that are done, in order."""
    begun = {line["number"]: line for line in journal.of("trying")}
    return [
        Step(
            **{name: begun[line["number"]][name] for name in
               ("number", "parent", "rule", "hypothesis", "document", "idea")},
            **{name: line[name] for name in ("run_id", "strategy", "metrics", "refusal")},
            by=begun[line["number"]].get("by", RULES),
            words=begun[line["number"]].get("words", ""),
        )
        for line in journal.of("tried")
    ]  # fmt: skip
