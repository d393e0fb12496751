"""The notebook of a research: what was tried, in the order of its worth, and why. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from agent.research.steps import RULES
from configs.figures import say_figure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from agent.models.answer import Usage
    from agent.research.ranking import Ranked

FIGURES: Final = {"sharpe": "Sharpe", "max_drawdown": "worst fall", "annual_turnover": "turnover"}
HEADS: Final = (
    "trial", "from", "why", "rule", *FIGURES.values(), "not luck", "same bet as", "run",
)  # fmt: skip
TEMPLATE: Final = (
    "The template researcher proposed the variants, by fixed rules; no language model took part."
)
BY_MODEL: Final = (
    "{models} chose {chosen} of the variants, the rules {ruled}; a model chooses what is tried "
    "next, and nothing else: figures, ranks and proposals are code's. It took {used}."
)
WORDS: Final = "Why, in the model's own words"
WORDS_NOTE: Final = "Nobody checked these words, and they are evidence of nothing."


class Part(NamedTuple):
    """A heading, a paragraph, a list or a table; what is not there is empty."""

    heading: str = ""
    text: str = ""
    items: tuple[str, ...] = ()
    heads: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    words: tuple[str, ...] = ("why", "rule")
    """Columns of a table that hold words, not figures."""


@dataclass(frozen=True)
class Notebook:
    """What a research came to.

    Parameters
    ----------
    prompt
        What was asked.
    ranked
        The trials, the best first.
    ended
        Why the research ended.
    trials
        How many there were on these data in all.
    passed_over
        Ideas that were known before: ``hypothesis`` and ``because``.
    proposed
        Strategies that were proposed to the gate.
    placebo
        The trials of the same loop on prices without memory, the best first.
    models
        Who was asked what to try; empty where the rules alone chose.
    used
        What the models' answers took.
    """

    prompt: str
    ranked: Sequence[Ranked]
    ended: str
    trials: int
    passed_over: Sequence[Mapping[str, Any]]
    proposed: Sequence[str]
    placebo: Sequence[Ranked] = ()
    models: tuple[str, ...] = ()
    used: Usage | None = None

    @property
    def title(self) -> str:
        """What stands above it."""
        return f"Research: {self.prompt}"

    def parts(self) -> Iterator[Part]:
        """Yield what it says, from the top to the bottom."""
        yield Part(text=self._about())
        yield _table(self.ranked)
        yield Part(text=self._told_proposals())
        if spoken := tuple(_spoken(self.ranked)):
            yield Part(WORDS, WORDS_NOTE, spoken)
        if self.placebo:
            yield Part("Placebo", _compared(self.ranked, self.placebo))
            yield _table(self.placebo)
        if self.passed_over:
            listed = tuple(f"{p['hypothesis']} ({p['because']})" for p in self.passed_over)
            yield Part("Passed over, as known before", items=listed)

    def _about(self) -> str:
        return (
            f"{self._researcher()} {len(self.ranked)} trials; {self.ended}. On these data "
            f"{self.trials} trials are on the ledger, and the probabilities below are deflated by "
            "all of them. Only the research period was seen."
        )

    def _researcher(self) -> str:
        if not self.models:
            return TEMPLATE
        varied = [each.step for each in self.ranked if each.step.parent is not None]
        chosen = sum(step.by != RULES for step in varied)
        return BY_MODEL.format(
            models=" and ".join(self.models), chosen=chosen, ruled=len(varied) - chosen,
            used=self.used,
        )  # fmt: skip

    def _told_proposals(self) -> str:
        if not self.proposed:
            return "Nothing was proposed."
        return f"Proposed to the gate, at stage dryrun: {', '.join(self.proposed)}."


def _table(ranked: Sequence[Ranked]) -> Part:
    rows = []
    for each in ranked:
        step = each.step
        rows.append(
            (
                str(step.number),
                _shown(step.parent),
                step.refusal or step.hypothesis,
                step.rule,
                *(say_figure(name, step.metrics.get(name)) for name in FIGURES),
                _shown(each.deflated),
                _shown(each.same_as),
                step.run_id or "-",
            )
        )
    return Part(heads=HEADS, rows=tuple(rows))


def _spoken(ranked: Sequence[Ranked]) -> Iterator[str]:
    for each in sorted(ranked, key=lambda one: one.step.number):
        if each.step.words:
            yield f"trial {each.step.number}, {each.step.by}: “{each.step.words}”"


def _compared(ranked: Sequence[Ranked], placebo: Sequence[Ranked]) -> str:
    real, luck = (max((r.step.score for r in rows), default=0.0) for rows in (ranked, placebo))
    return (
        f"The same loop on the same prices in shuffled blocks, under other names. Its best Sharpe "
        f"ratio is {luck:.2f}; of the real prices it is {real:.2f}. What does not exceed the "
        "placebo was found by searching."
    )


def _shown(value: float | None) -> str:
    """Write the number of a trial, or a probability."""
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}"
