"""What the parts of a SourceSpec say of one another: each check is a line of a table."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from configs.errors import BadInput, did_you_mean
from taskspecs.expressions import check as check_expression
from taskspecs.fields import BAR_FIELDS, MARKET_FIELDS
from taskspecs.sources.connection import (
    FileConnection,
    PollConnection,
    ReplayConnection,
    WebSocketConnection,
)
from taskspecs.sources.urls import PLACEHOLDER, asks_each_alone, check_url

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from configs.document import KeyPath
    from configs.errors import QraftError
    from taskspecs.sources.load import Reading
    from taskspecs.sources.spec import SourceSpec

EVENT_FIELDS: Final = frozenset({"price", "size", "return"})
"""What an expression over events may name."""
Findings: TypeAlias = "Iterator[tuple[KeyPath, QraftError]]"


def addresses(spec: SourceSpec) -> Iterator[tuple[KeyPath, str, str]]:
    """Yield every address of a source: where it stands, what it is, and its encrypted scheme."""
    connect = spec.connect
    if isinstance(connect, WebSocketConnection):
        yield ("connect", "url"), connect.url, "wss"
        if connect.snapshot is not None:
            yield ("connect", "snapshot", "url"), connect.snapshot.url, "https"
    if isinstance(connect, PollConnection):
        yield ("connect", "url"), connect.url, "https"
    if spec.history_url is not None:
        yield ("history_url",), spec.history_url, "https"


def _addresses(reading: Reading) -> Findings:
    for path, url, scheme in addresses(reading.spec):
        try:
            check_url(url, scheme)
        except BadInput as error:
            yield path, error


def _paths(reading: Reading) -> Findings:
    connect = reading.spec.connect
    if isinstance(connect, FileConnection | ReplayConnection):
        parts = connect.path.replace("\\", "/").split("/")
        if ".." in parts or connect.path.startswith(("/", "~")) or "\0" in connect.path:
            yield (
                ("connect", "path"),
                BadInput(
                    f"{connect.path!r} leaves the workspace",
                    hint="write a path below the workspace, as `incoming/trades.jsonl`",
                ),
            )


def _symbols_are_there(reading: Reading) -> Findings:
    spec = reading.spec
    said = json.dumps(spec.connect.model_dump(mode="json"))
    if PLACEHOLDER.search(said) and not spec.symbols:
        yield ("connect",), BadInput("it asks for symbols, and the source names none",
                                     hint="add `symbols: [BTC-USDT]`")  # fmt: skip


def _one_symbol(reading: Reading) -> Findings:
    spec = reading.spec
    fields = spec.decode.fields
    each_alone = isinstance(spec.connect, PollConnection) and asks_each_alone(spec.connect.url)
    if fields is not None and fields.symbol is None and len(spec.symbols) != 1 and not each_alone:
        yield (
            ("decode", "fields"),
            BadInput(
                f"no field says which of {len(spec.symbols)} symbols an event is of",
                hint="add `symbol`, or name one symbol in `symbols`",
            ),
        )


def _aliases(reading: Reading) -> Findings:
    spec = reading.spec
    for theirs, ours in spec.decode.symbols.items():
        if spec.symbols and ours not in spec.symbols:
            yield (
                ("decode", "symbols", theirs),
                BadInput(f"`{ours}` is not among `symbols`", hint=did_you_mean(ours, spec.symbols)),
            )


def _format(reading: Reading) -> Findings:
    spec, formats = reading.spec, reading.known.formats
    name = spec.decode.format
    if name is not None and formats is not None and name not in formats:
        yield (
            ("decode", "format"),
            BadInput(f"there is no format `{name}`", hint=did_you_mean(name, formats)),
        )


def _history(reading: Reading) -> Findings:
    spec, known = reading.spec, reading.known
    name = spec.history
    if name is not None and known.histories is not None and name not in known.histories:
        yield (
            ("history",),
            BadInput(f"there is no history `{name}`", hint=did_you_mean(name, known.histories)),
        )
    if known.formats is None or name is not None:
        return
    chosen = spec.decode.format or ""
    for path, wanted, there in (
        (("order", "gap", "fill"), spec.order.gap.fill == "history", chosen in known.filled),
        (("history_url",), spec.history_url is not None, known.formats.get(chosen, False)),
    ):
        if wanted and not there:
            yield (
                path,
                BadInput("this source has no history to ask for that", hint="name one: `history:`"),
            )


def _sequence(reading: Reading) -> Findings:
    spec = reading.spec
    fields = spec.decode.fields
    if spec.order.step is not None and fields is not None and fields.sequence is None:
        yield (
            ("order", "step"),
            BadInput("there are no sequence numbers to count", hint="add `decode.fields.sequence`"),
        )
    if spec.order.gap.fill == "history" and spec.order.step is None:
        yield (
            ("order", "gap", "fill"),
            BadInput("gaps are not looked for", hint="say how numbers follow: `step: 1`"),
        )


def _expressions(reading: Reading) -> Findings:
    for path, text, known in _texts(reading.spec):
        try:
            check_expression(text, known_fields=known, allow_lookahead=False)
        except BadInput as error:
            yield path, error


def _texts(spec: SourceSpec) -> Iterator[tuple[KeyPath, str, frozenset[str]]]:
    over_bars = BAR_FIELDS | frozenset(spec.features)
    for name, text in spec.features.items():
        yield ("features", name), text, BAR_FIELDS
    for number, each in enumerate(spec.detection):
        of_market = each.detector.scope == "market"
        known = EVENT_FIELDS if each.on == "events" else MARKET_FIELDS if of_market else over_bars
        path: KeyPath = ("detection", number, "detector", "watch")
        if isinstance(each.detector.watch, str):
            yield path, each.detector.watch, known
            continue
        for position, text in enumerate(each.detector.watch):
            yield (*path, position), text, known


def _feature_names(reading: Reading) -> Findings:
    seen: dict[str, str] = {name.lower(): name for name in BAR_FIELDS}
    for name in reading.spec.features:
        if (other := seen.get(name.lower())) is not None:
            what = "a field of bars is called so" if name == other else "only capitals differ"
            yield ("features", name), BadInput(f"`{name}` beside `{other}`: {what}")
        seen[name.lower()] = name


def _operators(reading: Reading) -> Findings:
    check = reading.known.check_operator
    for section in ("operators", "then"):
        for number, operator in enumerate(getattr(reading.spec, section)):
            name, settings = next(iter(operator.items()))
            found = _refused(check, name, settings, last=section == "then")
            if found is not None:
                yield (section, number, name), found


def _refused(
    check: Callable[[str, Any, bool], None] | None, name: str, settings: Any, *, last: bool
) -> QraftError | None:
    if check is None:
        return None
    try:
        check(name, settings, last)
    except BadInput as error:
        return error
    return None


CHECKS: Final[tuple[Callable[[Reading], Findings], ...]] = (
    _addresses, _paths, _symbols_are_there, _one_symbol, _aliases, _format, _history, _sequence,
    _feature_names, _expressions, _operators,
)  # fmt: skip
"""In the order in which a person reads a document."""
