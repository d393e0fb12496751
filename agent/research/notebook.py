"""The notebook of a research: what was tried, in the order of its worth, and why. Markdown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from agent.research.ranking import Ranked

FIGURES: Final = {"sharpe": "Sharpe", "max_drawdown": "worst fall", "annual_turnover": "turnover"}
RESEARCHER: Final = (
    "The template researcher proposed the variants, by fixed rules; no language model took part."
)


def write_notebook(
    prompt: str,
    ranked: Sequence[Ranked],
    *,
    ended: str,
    trials: int,
    passed_over: Sequence[Mapping[str, Any]],
    proposed: Sequence[str],
    placebo: Sequence[Ranked] = (),
) -> str:
    """Write the notebook.

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
    """
    about = (
        f"{RESEARCHER} {len(ranked)} trials; {ended}. On these data {trials} trials are on the "
        "ledger, and the probabilities below are deflated by all of them. Only the research period "
        "was seen."
    )
    parts = [f"# Research: {_cell(prompt)}", about, _table(ranked), _proposed(proposed)]
    if placebo:
        parts += ["## Placebo", _compared(ranked, placebo), _table(placebo)]
    if passed_over:
        listed = [f"- {_cell(p['hypothesis'])} ({_cell(p['because'])})" for p in passed_over]
        parts += ["## Passed over, as known before", "\n".join(listed)]
    return "\n\n".join(parts) + "\n"


def _table(ranked: Sequence[Ranked]) -> str:
    heads = ["trial", "from", "why", "rule", *FIGURES.values(), "not luck", "same bet as", "run"]
    rows = [heads, ["---"] * len(heads)]
    for each in ranked:
        step = each.step
        rows.append(
            [
                str(step.number),
                _shown(step.parent),
                _cell(step.refusal or step.hypothesis),
                step.rule,
                *(_shown(step.metrics.get(name)) for name in FIGURES),
                _shown(each.deflated),
                _shown(each.same_as),
                step.run_id,
            ]
        )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _proposed(proposed: Sequence[str]) -> str:
    if not proposed:
        return "Nothing was proposed."
    return f"Proposed to the gate, at stage dryrun: {', '.join(proposed)}."


def _compared(ranked: Sequence[Ranked], placebo: Sequence[Ranked]) -> str:
    real, luck = (max((r.step.score for r in rows), default=0.0) for rows in (ranked, placebo))
    return (
        f"The same loop on the same prices in shuffled blocks, under other names. Its best Sharpe "
        f"ratio is {luck:.2f}; of the real prices it is {real:.2f}. What does not exceed the "
        "placebo was found by searching."
    )


def _shown(value: float | None) -> str:
    if value is None:
        return "-"
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def _cell(text: str) -> str:
    """Keep a text within its cell, and from becoming markup."""
    kept = " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
    return kept.replace("[", "\\[").replace("`", "\\`")
