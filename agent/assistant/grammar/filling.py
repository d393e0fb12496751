"""The chosen study, filled with what was said, validated as the TaskSpec it becomes."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from agent.assistant.grammar.drafts.changes import compare, describe
from agent.assistant.grammar.drafts.document import fill, get, put, to_yaml
from agent.assistant.grammar.questions import ask
from configs.errors import BadInput
from taskspecs.load import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.assistant.grammar.drafts.changes import Change
    from agent.assistant.grammar.drafts.document import Plain
    from agent.assistant.grammar.drafts.draft import Question
    from agent.assistant.grammar.merging import Merged
    from agent.assistant.grammar.studies import Study
    from agent.assistant.grammar.words.sources import Source
    from taskspecs.schema import TaskSpec


OPTIONAL: Final = (
    "signal.model", "schedule", "backtest.suspend_on", "backtest.scale_on",
)  # fmt: skip
"""Sections that a study may not have."""


class Filled(NamedTuple):
    """A TaskSpec, as plain values too, and how it differs from the shipped study."""

    document: Plain
    spec: TaskSpec
    changes: list[Change]
    questions: list[Question]


def symbols_of(values: Mapping[str, Any], source: Source) -> tuple[str, ...]:
    """Return what is studied: all of the source as far as it is known, or what was named."""
    taken = values.get("symbols.take") or source.symbols
    left = values.get("symbols.leave") or ()
    return tuple(sorted(set(taken) - set(left)))


def filled(
    original: Plain, values: Mapping[str, Any], merged: Merged, study: Study, prompt: str
) -> Filled:
    """Fill the study in, and validate it by the round trip through YAML.

    What the schema refuses is a question; the study then stays as it ships.
    """
    shipped = _shipped(to_yaml(original))
    document = fill(original, values)
    try:
        spec = parse(to_yaml(document), file="the draft")
    except BadInput as error:
        return Filled(original, shipped, [], [_refused(error, merged, prompt)])
    compared = compare(shipped.model_dump(mode="json"), spec.model_dump(mode="json"))
    changes = [change for change in compared if not _unsaid(change, original, document)]
    if not changes:
        return Filled(original, shipped, [], [])
    put(document, "description", describe(study.name, changes))
    return Filled(document, parse(to_yaml(document)), changes, [])


@lru_cache(maxsize=16)
def _shipped(text: str) -> TaskSpec:
    """Validate a study as it ships: there are few, and each prompt begins with one."""
    return parse(text)


def _unsaid(change: Change, original: Plain, document: Plain) -> bool:
    """Whether a change is but a default of a section that is new."""
    section = next((name for name in OPTIONAL if change.key.startswith(f"{name}.")), None)
    if section is None or get(original, section) is not None:
        return False
    return get(document, change.key) is None


def _refused(error: BadInput, merged: Merged, prompt: str) -> Question:
    key = (error.place.key if error.place else None) or ""
    about = {span for said, spans in merged.spans.items() if _same(said, key) for span in spans}
    what = f"{key}: {error.what}" if key else error.what
    return ask("refused", prompt, *sorted(about), a=what)


def _same(said: str, key: str) -> bool:
    """Whether what was said is about a key of the TaskSpec, or the detector that it is in."""
    name = said.rpartition(".")[2]
    return said == key or (key.startswith("detection[") and key.endswith(f".{name}"))
