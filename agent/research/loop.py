"""The loop: the best study so far is varied, the variant tried, its rule judged by what it brought.

It knows no store: what tries a study is given, and what it saw is in the journal. The same journal
leads to the same next step, so a loop that was killed goes on as if it had not been.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from math import isnan
from statistics import mean
from typing import TYPE_CHECKING, Any, Final, Protocol

from agent.research.likeness import fingerprint
from agent.research.rules import Variant, vary
from configs.document import parse_document
from configs.errors import BadInput
from taskspecs.load import understand

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from agent.research.journal import Journal
    from agent.research.rules import Plain
    from taskspecs.schema import TaskSpec

PATIENCE: Final = 10
"""Trials in a row without a better one, after which there is no progress."""
BY: Final = "sharpe"
LEARNT: Final = 6
"""Hexadecimal digits of the idea in a variant's name."""


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
    """A trial and what came of it."""

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

    @property
    def score(self) -> float:
        """What trials are compared by; of one that was refused, or has none, the lowest."""
        value = self.metrics.get(BY)
        return float("-inf") if value is None else value


def read_study(document: Plain) -> TaskSpec:
    """Read a study from plain values."""
    raw = json.dumps(document, ensure_ascii=False, indent=1).encode()
    return understand(parse_document(raw, file="the study"))[0]


def search(
    base: Plain,
    journal: Journal,
    try_: Callable[[TaskSpec], Result],
    *,
    known: Mapping[str, str],
    budget_runs: int,
    say: Callable[[str], None] = lambda _: None,
) -> str:
    """Search until the budget is spent, nothing gets better, or no idea is left.

    Parameters
    ----------
    base
        The study to begin with, as plain values; it is always tried.
    try_
        Tries a study; called again with the same study where a kill came before its line.
    known
        Ideas that were tried or rejected before, by fingerprint, and what became of them: they are
        passed over before they cost anything.
    budget_runs
        Trials at most, those before a kill included.

    Returns
    -------
    str
        Why it ended.
    """
    while True:
        steps = steps_of(journal)
        pending = _pending(journal)
        if pending is None:
            if len(steps) >= budget_runs:
                return f"the budget of {budget_runs} trials is spent"
            if len(steps) > PATIENCE and _best(steps).number < len(steps) - PATIENCE:
                return f"none of the last {PATIENCE} trials was better than the best before"
            chosen = _next(steps, journal, known) if steps else (None, _begin(base))
            if chosen is None:
                return "every variant that the rules know of the best studies was tried"
            pending = _announce(journal, len(steps), *chosen)
        found = try_(read_study(pending["document"]))
        journal.write(
            "tried", number=pending["number"], run_id=found.run_id, strategy=found.strategy,
            metrics=dict(found.metrics), refusal=found.refusal,
        )  # fmt: skip
        say(_told(steps_of(journal)[-1]))


def steps_of(journal: Journal) -> list[Step]:
    """Return the trials of a journal that are done, in order."""
    begun = {line["number"]: line for line in journal.of("trying")}
    return [
        Step(
            **{name: begun[line["number"]][name] for name in
               ("number", "parent", "rule", "hypothesis", "document", "idea")},
            **{name: line[name] for name in ("run_id", "strategy", "metrics", "refusal")},
        )
        for line in journal.of("tried")
    ]  # fmt: skip


def _pending(journal: Journal) -> dict[str, Any] | None:
    """Return the trial that was begun and has no line of what came of it."""
    done = {line["number"] for line in journal.of("tried")}
    return next((line for line in journal.of("trying") if line["number"] not in done), None)


def _begin(base: Plain) -> Variant:
    return Variant("question", "The question as it was asked.", base)


def _announce(
    journal: Journal, number: int, parent: int | None, variant: Variant
) -> dict[str, Any]:
    idea = fingerprint(read_study(variant.document))
    journal.write(
        "trying", number=number, parent=parent, idea=idea, rule=variant.rule,
        hypothesis=variant.hypothesis, document=_named(variant, idea),
    )  # fmt: skip
    return journal.lines[-1]


def _named(variant: Variant, idea: str) -> Plain:
    """Name a variant by its idea, so that the same one is the same trial wherever it is found."""
    if variant.rule == "question":
        return variant.document
    root = variant.document["name"].partition("_idea_")[0]
    about = {"name": f"{root}_idea_{idea[:LEARNT]}", "description": variant.hypothesis}
    return {**variant.document, **about}


def _next(
    steps: Sequence[Step], journal: Journal, known: Mapping[str, str]
) -> tuple[int, Variant] | None:
    """Choose what to try: of the best study that has one left, the variant of the best rule."""
    seen = {step.idea: f"trial {step.number} of this research" for step in steps}
    passed = {line["idea"] for line in journal.of("passed over")}
    gains = _gains(steps)
    for parent in sorted(steps, key=lambda step: (-step.score, step.number)):
        if parent.refusal:
            continue
        variants = list(vary(parent.document, read_study(parent.document)))
        # A rule that was not tried yet comes first: nothing is known against it.
        for variant in sorted(variants, key=lambda each: -gains.get(each.rule, float("inf"))):
            try:
                idea = fingerprint(read_study(variant.document))
            except BadInput:
                continue  # as a rule's change may not go with the rest of a study
            before = seen.get(idea) or known.get(idea)
            if before is None:
                return parent.number, variant
            if idea not in seen and idea not in passed:
                passed.add(idea)
                journal.write(
                    "passed over", idea=idea, hypothesis=variant.hypothesis, because=before
                )
    return None


def _gains(steps: Sequence[Step]) -> dict[str, float]:
    """Return what each rule brought on average, in the figure that trials are compared by."""
    gains: dict[str, list[float]] = defaultdict(list)
    scores = {step.number: step.score for step in steps}
    for step in steps:
        if step.parent is not None:
            gain = step.score - scores[step.parent]
            gains[step.rule].append(float("-inf") if isnan(gain) else gain)
    return {rule: mean(values) for rule, values in gains.items()}


def _best(steps: Sequence[Step]) -> Step:
    return max(steps, key=lambda step: (step.score, -step.number))


def _told(step: Step) -> str:
    figure = step.metrics.get(BY)
    came = step.refusal or (f"{BY} {figure:.2f}" if figure is not None else f"no {BY}")
    return f"{step.number:>3}  {came:<14} {step.hypothesis}"
