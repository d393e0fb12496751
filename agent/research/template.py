"""The template researcher: of the best study that has one left, the variant of the best rule."""

from __future__ import annotations

from collections import defaultdict
from math import isnan
from statistics import mean
from typing import TYPE_CHECKING, Final

from agent.research.ideas.likeness import fingerprint
from agent.research.rules import vary
from agent.research.steps import Choice, read_study
from configs.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from agent.research.journal import Journal
    from agent.research.rules import Variant
    from agent.research.steps import Step

NONE_LEFT: Final = "every variant that the rules know of the best studies was tried"


def choose_by_rules(
    steps: Sequence[Step], journal: Journal, known: Mapping[str, str]
) -> Choice | str:
    """Choose what to try by the rules alone; see `agent.research.steps.Choose`."""
    chosen = next(admissible(steps, journal, known), None)
    return NONE_LEFT if chosen is None else Choice(chosen[0].number, chosen[1])


def admissible(
    steps: Sequence[Step], journal: Journal, known: Mapping[str, str]
) -> Iterator[tuple[Step, Variant, str]]:
    """Yield parents, their variants that nobody knows yet, and the ideas of these, the best first.

    Ideas that were known before the research are noted in the journal as passed over.
    """
    seen = seen_ideas(steps)
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
            if idea in known and idea not in seen:
                pass_over(journal, idea, variant.hypothesis, known[idea])
            elif idea not in seen:
                seen[idea] = "listed"
                yield parent, variant, idea


def seen_ideas(steps: Sequence[Step]) -> dict[str, str]:
    """Return the ideas of a research, and which of its trials each is."""
    return {step.idea: f"trial {step.number} of this research" for step in steps}


def pass_over(journal: Journal, idea: str, hypothesis: str, because: str) -> None:
    """Note, once, that an idea was known before."""
    if all(line["idea"] != idea for line in journal.of("passed over")):
        journal.write("passed over", idea=idea, hypothesis=hypothesis, because=because)


def _gains(steps: Sequence[Step]) -> dict[str, float]:
    """Return what each rule brought on average, in the figure that trials are compared by."""
    gains: dict[str, list[float]] = defaultdict(list)
    scores = {step.number: step.score for step in steps}
    for step in steps:
        if step.parent is not None:
            gain = step.score - scores[step.parent]
            gains[step.rule].append(float("-inf") if isnan(gain) else gain)
    return {rule: mean(values) for rule, values in gains.items()}
