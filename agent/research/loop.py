"""The loop: a variant is chosen, tried, and the next choice judged by what it brought.

It knows no store: what tries a study is given, and what it saw is in the journal. The same journal
leads to the same next step, so a loop that was killed goes on as if it had not been.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, Final

from agent.research.ideas.likeness import fingerprint
from agent.research.rules import Variant
from agent.research.steps import BY, Choice, read_study, steps_of
from agent.research.template import choose_by_rules
from configs.errors import BadInput

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from agent.research.journal import Journal
    from agent.research.rules import Plain
    from agent.research.steps import Choose, Result, Step
    from taskspecs.schema import TaskSpec

PATIENCE: Final = 10
"""Trials in a row without a better one, after which there is no progress."""
LEARNT: Final = 6
"""Hexadecimal digits of the idea in a variant's name."""


def search(
    base: Plain,
    journal: Journal,
    try_: Callable[[TaskSpec], Result],
    *,
    known: Mapping[str, str],
    budget_runs: int,
    choose: Choose = choose_by_rules,
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
    choose
        Chooses the variants: the rules, or a model.

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
            chosen = choose(steps, journal, known) if steps else _begin(base)
            if isinstance(chosen, str):
                return chosen
            pending = _announce(journal, len(steps), chosen)
        found = _try(try_, pending)
        journal.write(
            "tried", number=pending["number"], run_id=found.run_id, strategy=found.strategy,
            metrics=dict(found.metrics), refusal=found.refusal,
        )  # fmt: skip
        say(_told(steps_of(journal)[-1]))


def _try(try_: Callable[[TaskSpec], Result], pending: Mapping[str, Any]) -> Result:
    """Try a study; a variant that does not fit the data was refused before it was a trial."""
    spec = read_study(pending["document"])
    try:
        return try_(spec)
    except BadInput as error:
        if pending["parent"] is None:
            raise
        return SimpleNamespace(run_id="", strategy=spec.name, metrics={}, refusal=error.what)


def _pending(journal: Journal) -> dict[str, Any] | None:
    """Return the trial that was begun and has no line of what came of it."""
    done = {line["number"] for line in journal.of("tried")}
    return next((line for line in journal.of("trying") if line["number"] not in done), None)


def _begin(base: Plain) -> Choice:
    return Choice(None, Variant("question", "The question as it was asked.", base))


def _announce(journal: Journal, number: int, chosen: Choice) -> dict[str, Any]:
    variant = chosen.variant
    idea = fingerprint(read_study(variant.document))
    journal.write(
        "trying", number=number, parent=chosen.parent, idea=idea, rule=variant.rule,
        hypothesis=variant.hypothesis, document=_named(variant, idea), by=chosen.by,
        words=chosen.words,
    )  # fmt: skip
    return journal.lines[-1]


def _named(variant: Variant, idea: str) -> Plain:
    """Name a variant by its idea, so that the same one is the same trial wherever it is found."""
    if variant.rule == "question":
        return variant.document
    root = variant.document["name"].partition("_idea_")[0]
    about = {"name": f"{root}_idea_{idea[:LEARNT]}", "description": variant.hypothesis}
    return {**variant.document, **about}


def _best(steps: Sequence[Step]) -> Step:
    return max(steps, key=lambda step: (step.score, -step.number))


def _told(step: Step) -> str:
    figure = step.metrics.get(BY)
    came = step.refusal or (f"{BY} {figure:.2f}" if figure is not None else f"no {BY}")
    return f"{step.number:>3}  {came:<14} {step.hypothesis}"
