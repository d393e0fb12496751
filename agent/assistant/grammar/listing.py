"""Every slot of a draft with where it is from, and what the choices rest on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Literal

from agent.assistant.grammar.drafts.document import get
from agent.assistant.grammar.drafts.draft import Citation, Slot
from taskspecs.catalogue import FOLDER, SUFFIX

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from agent.assistant.grammar.drafts.document import Plain
    from agent.assistant.grammar.merging import Merged
    from agent.assistant.grammar.studies import Study
    from taskspecs.schema import TaskSpec

SHOWN: Final = (
    "data.source", "data.symbols", "data.start", "data.end", "data.frequency", "data.adjust",
    "features.define", "aggregation.every", "aggregation.normalise", "signal.expression",
    "detection", "backtest.topk", "backtest.n_drop", "backtest.account", "backtest.deal_price",
    "backtest.limit_threshold", "backtest.trade_unit", "backtest.costs.open_bps",
    "backtest.costs.close_bps", "backtest.costs.min_fee", "backtest.costs.slippage_bps",
    "backtest.benchmark",
)  # fmt: skip
"""The slots that are always shown, said or default."""

GROUPS: Final = (
    "data.path", "features.sets", "aggregation.bars", "aggregation.neutralise",
    "aggregation.winsorise", "signal.label",
    "signal.model", "discovery", "backtest.strategy", "backtest.weighting", "backtest.max_weight",
    "backtest.positive_only", "backtest.hold_bars", "backtest.rebalance_bars",
    "backtest.trade_delay_bars", "backtest.suspend_on", "backtest.scale_on", "schedule", "triggers",
    "gate.propose",
)  # fmt: skip
"""The slots that are shown where something is said of them or of a part of them."""

SAID_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "data.symbols": ("symbols.take", "symbols.leave"),
}
"""Slots that are said by keys of another name."""


def list_slots(
    prompt: str, spec: TaskSpec, merged: Merged, derived: Mapping[str, str]
) -> Iterator[Slot]:
    """List the slots in the order of the TaskSpec."""
    plain = spec.model_dump(mode="json")
    teller = _Teller(prompt, merged, derived)
    for key in SHOWN:
        if key == "features.define":
            for name, text in spec.features.define.items():
                yield teller.tell(f"{key}.{name}", text, f"window.{name}")
        elif key == "detection":
            said = (k for k in merged.values if k.startswith("detection."))
            yield teller.tell(key, _detectors(spec), *said)
        else:
            yield teller.tell(key, get(plain, key), *SAID_BY.get(key, (key,)))
    for key in GROUPS:
        parts = [said for said in (*merged.values, *derived) if _within(said, key)]
        if parts:
            yield teller.tell(key, get(plain, key), *parts)


def _within(said: str, key: str) -> bool:
    return said == key or said.startswith(f"{key}.")


class _Teller:
    """Says where a slot is from."""

    def __init__(self, prompt: str, merged: Merged, derived: Mapping[str, str]) -> None:
        self._prompt = prompt
        self._merged = merged
        self._derived = derived

    def tell(self, key: str, value: Any, *said_by: str) -> Slot:
        """Return a slot; `said_by` are the keys that may have said it."""
        keys = [said for said in said_by if said in self._merged.values]
        note = "; ".join(self._merged.notes[said] for said in keys if self._merged.notes[said])
        words = self._merged.words(self._prompt, *keys)
        source: Literal["prompt", "default"] = "prompt" if keys else "default"
        return Slot(key, value, words, source, note or self._derived.get(key, ""))


def _detectors(spec: TaskSpec) -> list[dict[str, Any]]:
    rows = [row.model_dump(mode="json") for row in spec.detection]
    return [{name: row[name] for name in ("detector", "scope", "watch")} for row in rows]


def list_citations(
    study: Study, original: Plain, merged: Merged, derived: Mapping[str, str]
) -> Iterator[Citation]:
    """Name the shipped study and the conventions by which words became values."""
    about = str(get(original, "description", "")).strip()
    title = f"{FOLDER.name}/{study.name}{SUFFIX}"
    yield Citation(1, "taskspec", title, about)
    notes = {key: note for key, note in (*merged.notes.items(), *derived.items()) if note}
    for number, (key, note) in enumerate(sorted(notes.items()), 2):
        yield Citation(number, "convention", key, note)
