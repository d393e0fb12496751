"""What was tried: data, signal, trading, and how many trials there were."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from agent.explain.book import column_of
from configs.errors import BadInput
from taskspecs.expressions import fields, parse

if TYPE_CHECKING:
    from agent.explain.book import Book
    from agent.explain.rows import RunRows

RHYTHM = {None: "every bar", "day": "every day", "week": "every week", "month": "every month"}
ROADS = {
    "command": "a command", "prompt": "a prompt", "event": "an event", "clock": "the clock",
    "sweep": "a sweep, which varied the study as it is written",
    "sweep, as written": "a sweep, which left the study as it is written",
    "research": "a research, which varied the study as it is written",
}  # fmt: skip
SPEC = (
    ("spec.topk", ("backtest", "topk"), "count"),
    ("spec.open_bps", ("backtest", "costs", "open_bps"), "bps"),
    ("spec.close_bps", ("backtest", "costs", "close_bps"), "bps"),
    ("spec.slippage_bps", ("backtest", "costs", "slippage_bps"), "bps"),
    ("spec.min_fee", ("backtest", "costs", "min_fee"), "money"),
    ("spec.benchmark", ("backtest", "benchmark"), "text"),
)
"""References into the spec that the run's row holds."""

HELD = {
    "topk_dropout": (
        ("spec.n_drop", ("backtest", "n_drop"), "count"),
        "the best {{spec.topk}} are held, at most {{spec.n_drop}} are replaced at a time",
    ),
    "weights": (
        ("spec.weighting", ("backtest", "weighting"), "text"),
        "the best {{spec.topk}} are brought to weights, by the rule {{spec.weighting}}",
    ),
}
"""What a strategy holds: a further reference, and a clause."""

ACTS = {
    "suspend_on": "nothing is bought",
    "scale_on": "less is invested",
}
"""What patterns may do to a backtest."""


def tell_trial(rows: RunRows, book: Book) -> list[str]:
    """Say what was tried."""
    run = rows.run
    for column in ("run_id", "name", "source", "frequency"):
        book.read(f"run.{column}", run, column)
    book.read("run.symbols", run, "symbols", "count")
    for column in ("first_ts", "last_ts", "tried_at"):
        book.read(f"run.{column}", run, column)
    for reference, path, unit in SPEC:
        book.read(reference, run, "spec", unit, path=path)
    spec: dict[str, Any] = json.loads(run["spec"])
    rhythm = RHYTHM.get(spec["aggregation"]["every"], "from time to time")
    return [
        (
            "Run {{run.run_id}} is the study {{run.name}} on {{run.symbols}} symbols of the source "
            "{{run.source}}, bars of one {{run.frequency}} from {{run.first_ts}} to "
            "{{run.last_ts}}."
        ),
        _signal(rows, book, spec),
        (
            f"Decisions are taken {rhythm}: {_held(rows, book, spec)}; a purchase costs "
            "{{spec.open_bps}}, a sale {{spec.close_bps}}, each at least {{spec.min_fee}}, and "
            "slippage takes {{spec.slippage_bps}} on either side."
        ),
        *_acting(rows, book, spec),
        *_asked(rows, book),
    ]


def _held(rows: RunRows, book: Book, spec: dict[str, Any]) -> str:
    (reference, path, unit), clause = HELD[spec["backtest"].get("strategy", "topk_dropout")]
    book.read(reference, rows.run, "spec", unit, path=path)
    return clause


def _acting(rows: RunRows, book: Book, spec: dict[str, Any]) -> list[str]:
    """Say which patterns act on the backtest, where any do."""
    said = []
    for name, effect in ACTS.items():
        if spec["backtest"].get(name):
            for key, unit in (("scope", "text"), ("bars", "bars")):
                path = ("backtest", name, key)
                book.read(f"spec.{name}.{key}", rows.run, "spec", unit, path=path)
            said.append(
                f"For {{{{spec.{name}.bars}}}} from the bar after a pattern of scope "
                f"{{{{spec.{name}.scope}}}} is known, {effect}."
            )
    return said


def _signal(rows: RunRows, book: Book, spec: dict[str, Any]) -> str:
    """Say by what symbols are scored, and what the features in it are."""
    if spec["signal"].get("model"):
        return _model(rows, book)
    book.read("spec.signal", rows.run, "spec", "text", path=("signal", "expression"))
    named = []
    defined = spec["features"]["define"]
    for number, feature in enumerate(sorted(_used(spec["signal"]["expression"]) & set(defined))):
        book.read(
            f"spec.features[{number}]", rows.run, "spec", path=("features", "define", feature)
        )
        book.derive(
            f"spec.names[{number}]",
            f"${feature}",
            "text",
            "the feature's key in the spec",
            book.source(f"spec.features[{number}]"),
        )
        named.append(f"{{{{spec.names[{number}]}}}} is {{{{spec.features[{number}]}}}}")
    where = f", where {' and '.join(named)}" if named else ""
    return f"Symbols are scored by {{{{spec.signal}}}}{where}."


MODEL = (
    ("spec.model", ("signal", "model", "kind"), "text"),
    ("spec.label", ("signal", "label"), "text"),
    ("spec.train_bars", ("signal", "model", "windows", "train_bars"), "count"),
    ("spec.test_bars", ("signal", "model", "windows", "test_bars"), "count"),
)


def _model(rows: RunRows, book: Book) -> str:
    """Say what learns, what it learns, and by which windows."""
    for reference, path, unit in MODEL:
        book.read(reference, rows.run, "spec", unit, path=path)
    return (
        "Symbols are scored by the model {{spec.model}}, which learns {{spec.label}} from windows "
        "of {{spec.train_bars}} bars and predicts the {{spec.test_bars}} that follow, none of which"
        " it has seen."
    )


def _used(expression: str) -> frozenset[str]:
    try:
        return fields(parse(expression))
    except BadInput:
        # A run of a version whose language was larger is explained without this detail.
        return frozenset()


def _asked(rows: RunRows, book: Book) -> list[str]:
    road = ROADS.get(rows.run["road"], "another road")
    if rows.run["tried_at"] is None:
        return []
    sentence = f"It was asked for by {road} on {{{{run.tried_at}}}}"
    if not rows.trials:
        return [f"{sentence}."]
    book.derive(
        "trials.count",
        len(rows.trials),
        "count",
        "number of rows",
        column_of(rows.trials, "seq", kind="trial", data=rows.run["data_digest"]),
    )
    return [f"{sentence}; trials on the same data so far: {{{{trials.count}}}}."]
