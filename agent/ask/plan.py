"""The template assistant: from a sentence to a draft of a TaskSpec, without any model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from agent.ask.changes import compare, describe
from agent.ask.checks import Said, check_all
from agent.ask.document import fill, get, put, to_yaml
from agent.ask.draft import Base, Citation, Draft, Slot
from agent.ask.leftovers import choices, open_questions
from agent.ask.questions import ask
from agent.ask.reading import read
from agent.ask.sources import SAMPLE
from agent.ask.studies import BY_NAME, EXPRESSIONS, STUDIES, feature_name
from configs.document import read_document
from configs.errors import BadInput
from taskspecs.catalogue import FOLDER, SUFFIX, find
from taskspecs.load import parse

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date

    from agent.ask.changes import Change
    from agent.ask.document import Plain
    from agent.ask.draft import Question
    from agent.ask.lexeme import Fill
    from agent.ask.questions import Span
    from agent.ask.reading import Reading
    from agent.ask.studies import Study
    from taskspecs.schema import TaskSpec

LONGEST: Final = 2_000
"""Characters of a prompt."""

SHOWN: Final = (
    "data.source", "data.symbols", "data.start", "data.end", "data.frequency", "data.adjust",
    "features.define", "aggregation.every", "aggregation.normalise", "signal.expression",
    "detection", "backtest.topk", "backtest.n_drop", "backtest.account", "backtest.deal_price",
    "backtest.limit_threshold", "backtest.trade_unit", "backtest.costs.open_bps",
    "backtest.costs.close_bps", "backtest.costs.min_fee", "backtest.costs.slippage_bps",
    "backtest.benchmark",
)  # fmt: skip
"""The slots that are always shown, said or default."""


class _Merged(NamedTuple):
    """One value for each key, and what contradicts itself."""

    values: dict[str, Any]
    spans: dict[str, Span]
    notes: dict[str, str]
    questions: list[Question]


def plan(prompt: str, today: date) -> Draft:
    """Draft a TaskSpec from a prompt, in English or Chinese.

    Nothing is dropped silently: a number, date, symbol, condition or word of the prompt that sets
    nothing becomes a question, and so does what is ambiguous or contradicts itself. Runs nothing,
    reads no data.

    Parameters
    ----------
    prompt
        At most 2,000 characters.
    today
        What `this year` counts from; `the last five years` counts from the end of the prices.

    Returns
    -------
    Draft
        With a TaskSpec that is valid in itself; it may be run if there are no questions.

    Raises
    ------
    BadInput
        If the prompt is empty or too long.

    Examples
    --------
    >>> from datetime import date
    >>> draft = plan("60-day momentum since 2008, hold the best 3, only if VIX < 20", date(2026, 1, 1))
    >>> draft.spec.features.define["momentum"], draft.spec.backtest.topk, draft.spec.data.start
    ('$close / Ref($close, 60) - 1', 3, datetime.date(2008, 1, 1))
    >>> [question.about for question in draft.questions]
    ['only if VIX < 20']
    """
    if not prompt.strip():
        raise BadInput("the prompt is empty", next_command='qraft ask "60-day momentum since 2008"')
    if len(prompt) > LONGEST:
        raise BadInput(f"the prompt has {len(prompt):,} characters; at most {LONGEST:,} are read")
    reading = read(prompt, today, SAMPLE)
    study, why, open_topics = _choose(reading, prompt)
    original: Plain = dict(read_document(find(study.name)).value)
    merged = _merge(reading, prompt, study, original)
    symbols = _symbols(merged.values)
    values, derived = _derive(merged.values, symbols, original)
    document, spec, changes, invalid = _filled(original, values, study, prompt, merged.spans)
    said = Said(
        prompt, study, SAMPLE, document, merged.values, merged.spans, merged.notes, symbols
    )
    questions = (
        *open_topics,
        *open_questions(reading, prompt, study, SAMPLE),
        *merged.questions,
        *check_all(said),
        *invalid,
    )
    return Draft(
        prompt=prompt,
        base=Base(study.name, why),
        spec=spec,
        document=document,
        slots=tuple(_slots(prompt, spec, merged, derived)),
        changes=tuple(changes),
        questions=tuple(dict.fromkeys(questions)),
        citations=tuple(_citations(study, spec, merged, derived)),
    )


def _choose(reading: Reading, prompt: str) -> tuple[Study, str, list[Question]]:
    """Choose the shipped study that the prompt names."""
    named = {name: span for name, span in reversed(reading.topics)}
    if not named:
        why = "the prompt names no idea; this is the first of the studies that ship"
        return STUDIES[0], why, [ask("no_study", prompt, choices=choices(prompt))]
    study = BY_NAME[reading.topics[0][0]]
    start, end = named[study.name]
    why = f'the prompt says "{prompt[start:end]}"'
    if len(named) == 1:
        return study, why, []
    spans = sorted(named.values())
    return study, why, [ask("two_studies", prompt, *spans, choices=choices(prompt))]


def _merge(reading: Reading, prompt: str, study: Study, original: Plain) -> _Merged:
    """Bring the fills to one value a key; different values for one key are a question."""
    merged = _Merged({}, {}, {}, [])
    said: dict[str, dict[str, tuple[Fill, Span]]] = {}
    for fill_, span in reading.fills:
        named = _named(fill_, study)
        if named.key == "symbols.take" and named.value and (old := merged.values.get(named.key)):
            named = named._replace(value=tuple(dict.fromkeys((*old, *named.value))))
            said[named.key] = {}
        said.setdefault(named.key, {}).setdefault(repr(named.value), (named, span))
        merged.values[named.key] = named.value
        merged.spans[named.key] = span
        merged.notes[named.key] = named.note
    merged.questions.extend(_contradictions(said, prompt))
    for key in [key for key, ways in said.items() if len(ways) > 1]:
        del merged.values[key]
    for key in [key for key in merged.values if not _fits(key, original)]:
        value = key.partition(".")[2]
        merged.questions.append(
            ask("feature_missing", prompt, merged.spans[key], a=study.name, b=value)
        )
        del merged.values[key]
    return merged


def _contradictions(
    said: Mapping[str, Mapping[str, tuple[Fill, Span]]], prompt: str
) -> Iterator[Question]:
    """Ask about keys with different values; keys that the same words set are asked of at once."""
    keys: dict[tuple[Span, ...], list[str]] = {}
    for key, ways in said.items():
        if len(ways) > 1:
            keys.setdefault(tuple(span for _, span in ways.values()), []).append(key)
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


def _symbols(values: Mapping[str, Any]) -> tuple[str, ...]:
    taken = values.get("symbols.take") or SAMPLE.symbols
    left = values.get("symbols.leave") or ()
    return tuple(sorted(set(taken) - set(left)))


def _derive(
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


def _filled(
    original: Plain, values: Mapping[str, Any], study: Study, prompt: str,
    spans: Mapping[str, Span],
) -> tuple[Plain, TaskSpec, list[Change], list[Question]]:
    """Fill the study in, and validate it by the round trip through YAML; a refusal is a question."""
    shipped = parse(to_yaml(original))
    document = fill(original, values)
    try:
        spec = parse(to_yaml(document), file="the draft")
        changes = compare(shipped.model_dump(mode="json"), spec.model_dump(mode="json"))
        if not changes:
            return original, shipped, [], []
        put(document, "description", describe(study.name, changes))
        return document, parse(to_yaml(document)), changes, []
    except BadInput as error:
        key = (error.place.key if error.place else None) or ""
        about = sorted({span for said, span in spans.items() if _same(said, key)})
        what = f"{key}: {error.what}" if key else error.what
        return original, shipped, [], [ask("refused", prompt, *about, a=what)]


def _same(said: str, key: str) -> bool:
    """Whether what was said is about a key of the TaskSpec, or the detector that it is in."""
    name = said.rpartition(".")[2]
    return said == key or (key.startswith("detection[") and key.endswith(f".{name}"))


SAID_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "data.symbols": ("symbols.take", "symbols.leave"),
}
"""Slots that are said by keys of another name."""


def _slots(
    prompt: str, spec: TaskSpec, merged: _Merged, derived: Mapping[str, str]
) -> Iterator[Slot]:
    plain = spec.model_dump(mode="json")
    for key in SHOWN:
        if key == "features.define":
            for name, text in spec.features.define.items():
                yield _slot(prompt, f"{key}.{name}", text, (f"window.{name}",), merged, derived)
        elif key == "detection":
            yield from _detectors(prompt, spec, merged)
        else:
            yield _slot(prompt, key, get(plain, key), SAID_BY.get(key, (key,)), merged, derived)


def _slot(
    prompt: str, key: str, value: Any, said_by: tuple[str, ...], merged: _Merged,
    derived: Mapping[str, str],
) -> Slot:  # fmt: skip
    keys = [said for said in said_by if said in merged.values]
    spans = sorted({merged.spans[said] for said in keys})
    words = ", ".join(prompt[start:end] for start, end in spans)
    note = "; ".join(merged.notes[said] for said in keys if merged.notes[said])
    return Slot(key, value, words, "prompt" if keys else "default", note or derived.get(key, ""))


def _detectors(prompt: str, spec: TaskSpec, merged: _Merged) -> Iterator[Slot]:
    keys = [key for key in merged.values if key.startswith("detection.")]
    spans = sorted({merged.spans[key] for key in keys})
    words = ", ".join(prompt[start:end] for start, end in spans)
    value = [
        {"detector": row.detector, "scope": row.scope, "watch": row.model_dump(mode="json")["watch"]}
        for row in spec.detection
    ]
    yield Slot("detection", value, words, "prompt" if keys else "default")


def _citations(
    study: Study, spec: TaskSpec, merged: _Merged, derived: Mapping[str, str]
) -> Iterator[Citation]:
    about = spec.description.strip()
    title = f"{FOLDER.name}/{study.name}{SUFFIX}"
    yield Citation(1, "taskspec", title, about)
    notes = {key: note for key, note in (*merged.notes.items(), *derived.items()) if note}
    for number, (key, note) in enumerate(sorted(notes.items()), 2):
        yield Citation(number, "convention", key, note)
