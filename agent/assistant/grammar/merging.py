"""What a prompt says, brought to one value a key; what contradicts itself is a question."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from agent.assistant.grammar.drafts.document import get
from agent.assistant.grammar.questions import ask
from agent.assistant.grammar.studies import EXPRESSIONS, feature_name
from agent.assistant.grammar.words.quantities import BAR_NAMES, Duration

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from agent.assistant.grammar.drafts.document import Plain
    from agent.assistant.grammar.drafts.draft import Question
    from agent.assistant.grammar.questions import Span
    from agent.assistant.grammar.reading import Reading
    from agent.assistant.grammar.studies import Study
    from agent.assistant.grammar.words.lexeme import Fill

Ways = dict[str, dict[str, list[tuple[int, int]]]]
"""Key to the values that are said of it, each with the words."""

LISTS = frozenset(
    {
        "symbols.take", "symbols.leave", "features.sets", "triggers",
        "detection.drift.named", "detection.anomaly.named", "detection.cluster.named",
        "backtest.suspend_on.types", "backtest.suspend_on.detectors",
        "backtest.scale_on.types", "backtest.scale_on.detectors",
    }
)  # fmt: skip
"""Keys whose values add up."""


class Merged(NamedTuple):
    """One value for each key, and what contradicts itself.

    Attributes
    ----------
    values
        By the key of the fill.
    spans
        The words behind each key, in the order of the prompt.
    notes
        The convention by which the words became the value.
    """

    values: dict[str, Any]
    spans: dict[str, tuple[Span, ...]]
    notes: dict[str, str]
    questions: list[Question]

    def words(self, prompt: str, *keys: str) -> str:
        """Return the words behind some keys, each once."""
        spans = sorted({span for key in keys for span in self.spans.get(key, ())})
        return ", ".join(prompt[start:end] for start, end in spans)


def merge(reading: Reading, prompt: str, study: Study, original: Plain) -> Merged:
    """Bring the fills to one value a key; different values for one key are a question."""
    merged = Merged({}, {}, {}, [])
    ways: Ways = {}
    frequency = bar_length({fill.key: fill.value for fill, _ in reading.fills})
    for raw, span in reading.fills:
        said = _counted(raw, frequency)
        if said is None:
            merged.questions.append(ask("bars_of", prompt, span, a=frequency))
            continue
        fill = _joined(_named(said, study), merged)
        if fill.key in LISTS and fill.value and merged.values.get(fill.key):
            ways.pop(fill.key, None)
        ways.setdefault(fill.key, {}).setdefault(repr(fill.value), []).append(span)
        merged.values[fill.key] = fill.value
        merged.spans[fill.key] = (*merged.spans.get(fill.key, ()), span)
        merged.notes[fill.key] = fill.note
    merged.questions.extend(_contradictions(ways, prompt))
    for key in [key for key, several in ways.items() if len(several) > 1]:
        del merged.values[key]
    for key in [key for key in merged.values if not _fits(key, original)]:
        missing = key.partition(".")[2]
        merged.questions.append(
            ask("feature_missing", prompt, *merged.spans[key], a=study.name, b=missing)
        )
        del merged.values[key]
    return merged


def bar_length(values: Mapping[str, Any]) -> str:
    """Return how far apart the bars are that a study works on."""
    return str(values.get("aggregation.bars") or values.get("data.frequency") or "day")


def _counted(fill: Fill, frequency: str) -> Fill | None:
    """Count a duration in the bars that the study works on; None where no convention does."""
    if not isinstance(fill.value, Duration):
        return fill
    duration = fill.value
    bars = duration.bars_of(frequency)
    if bars is None:
        return None
    plain = duration.unit in {"bar", frequency}
    note = "" if plain else f"{duration} = {bars} {BAR_NAMES[frequency]} bars"
    return fill._replace(value=bars, note="; ".join(part for part in (fill.note, note) if part))


def _joined(fill: Fill, merged: Merged) -> Fill:
    """Join symbols that are named in several places."""
    before = merged.values.get(fill.key)
    if fill.key in LISTS and fill.value and before:
        return fill._replace(value=tuple(_distinct((*before, *fill.value))))
    return fill


def _distinct(values: Sequence[Any]) -> Iterator[Any]:
    """Yield values once each; unlike a dict it takes what cannot be hashed."""
    for place, value in enumerate(values):
        if value not in values[:place]:
            yield value


def _contradictions(ways: Ways, prompt: str) -> Iterator[Question]:
    """Ask about keys with different values; keys that the same words set are asked of at once."""
    keys: dict[tuple[Span, ...], list[str]] = {}
    for key, several in ways.items():
        if len(several) > 1:
            keys.setdefault(tuple(spans[0] for spans in several.values()), []).append(key)
    for spans, named in keys.items():
        yield ask("contradiction", prompt, *spans, key=", ".join(named))


def _named(said: Fill, study: Study) -> Fill:
    """Resolve `momentum` and `the window` to the study's own feature."""
    head, _, rest = said.key.partition(".")
    if head == "window":
        return said._replace(key=f"window.{feature_name(rest, study)}")
    if head == "detection" and rest.endswith(".watch"):
        return said._replace(value=f"${feature_name(said.value, study)}")
    return said


def _fits(key: str, original: Plain) -> bool:
    """Whether the study has the feature that a window is said for."""
    head, _, rest = key.partition(".")
    return head != "window" or (rest in EXPRESSIONS and rest in get(original, "features.define"))
