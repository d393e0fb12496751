"""The chosen study, filled with what was said, validated as the TaskSpec it becomes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from agent.ask.changes import compare, describe
from agent.ask.document import fill, get, put, to_yaml
from agent.ask.questions import ask
from agent.ask.sources import SAMPLE
from configs.errors import BadInput
from taskspecs.load import parse

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.ask.changes import Change
    from agent.ask.document import Plain
    from agent.ask.draft import Question
    from agent.ask.merging import Merged
    from agent.ask.studies import Study
    from taskspecs.schema import TaskSpec


class Filled(NamedTuple):
    """A TaskSpec, as plain values too, and how it differs from the shipped study."""

    document: Plain
    spec: TaskSpec
    changes: list[Change]
    questions: list[Question]


def symbols_of(values: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what is studied: all of the source, or what was named."""
    taken = values.get("symbols.take") or SAMPLE.symbols
    left = values.get("symbols.leave") or ()
    return tuple(sorted(set(taken) - set(left)))


def derive(
    values: Mapping[str, Any], symbols: tuple[str, ...], original: Plain
) -> tuple[dict[str, Any], dict[str, str]]:
    """Add what follows from what was said; the second is why."""
    kept = {key: value for key, value in values.items() if not key.startswith("symbols.")}
    why: dict[str, str] = {}
    if symbols and set(symbols) != set(SAMPLE.symbols):
        kept["data.symbols"] = list(symbols)
    if len(symbols) == 2 and "backtest.topk" not in kept:
        kept["backtest.topk"] = 1
        why["backtest.topk"] = "of two symbols, so that there is a choice"
    topk = kept.get("backtest.topk", get(original, "backtest.topk"))
    if "backtest.n_drop" not in kept and get(original, "backtest.n_drop") > topk:
        kept["backtest.n_drop"] = topk
        why["backtest.n_drop"] = "not more than are held"
    if (drops := kept.get("backtest.n_drop")) is not None and drops > topk:
        del kept["backtest.n_drop"]
    return kept, why


def filled(
    original: Plain, values: Mapping[str, Any], merged: Merged, study: Study, prompt: str
) -> Filled:
    """Fill the study in, and validate it by the round trip through YAML.

    What the schema refuses is a question; the study then stays as it ships.
    """
    shipped = parse(to_yaml(original))
    document = fill(original, values)
    try:
        spec = parse(to_yaml(document), file="the draft")
    except BadInput as error:
        return Filled(original, shipped, [], [_refused(error, merged, prompt)])
    changes = compare(shipped.model_dump(mode="json"), spec.model_dump(mode="json"))
    if not changes:
        return Filled(original, shipped, [], [])
    put(document, "description", describe(study.name, changes))
    return Filled(document, parse(to_yaml(document)), changes, [])


def _refused(error: BadInput, merged: Merged, prompt: str) -> Question:
    key = (error.place.key if error.place else None) or ""
    about = {span for said, spans in merged.spans.items() if _same(said, key) for span in spans}
    what = f"{key}: {error.what}" if key else error.what
    return ask("refused", prompt, *sorted(about), a=what)


def _same(said: str, key: str) -> bool:
    """Whether what was said is about a key of the TaskSpec, or the detector that it is in."""
    name = said.rpartition(".")[2]
    return said == key or (key.startswith("detection[") and key.endswith(f".{name}"))
