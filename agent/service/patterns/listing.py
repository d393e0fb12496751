"""Patterns of a run, a page at a time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from agent.service.patterns.models import LessUseful, Pattern, PatternPage
from agent.service.patterns.reading import level_of, with_values
from agent.service.runs.naming import find_run, need_runs
from configs.errors import BadInput, did_you_mean
from storage.warehouse import patterns as queries
from storage.warehouse.patterns import Wanted

if TYPE_CHECKING:
    from collections.abc import Mapping

    from agent.pattern_feedback import Usefulness
    from agent.service.patterns.models import PatternType
    from agent.service.service import Service
    from storage.warehouse.port import Warehouse
    from storage.warehouse.rows import PatternRow


def list_patterns(
    service: Service,
    *,
    run: str = "last",
    type: PatternType | None = None,  # noqa: A002 - the name that patterns have it under
    symbol: str | None = None,
    detector: str | None = None,
    withheld: bool = False,
    everything: bool = False,
    after: str | None = None,
    limit: int = 20,
) -> PatternPage:
    """Return patterns of a run, the newest first.

    Parameters
    ----------
    symbol
        Only this symbol; ``market`` for the market's own.
    withheld
        The alarms that are no patterns, instead.
    everything
        Whatever feedback says of their detector, too.
    after
        The cursor that the page before gave.

    Raises
    ------
    BadInput
        If there is no such run, no alarm of it is about that symbol, or the cursor is none.
    """
    need_runs(service)
    with service.warehouse() as warehouse:
        row = find_run(warehouse, run)
        wanted = Wanted(row["run_id"], type or "", symbol or "", detector or "", withheld)
        found = queries.patterns_of(warehouse, wanted, after=_read_cursor(after))
        if not found and symbol:
            _check_symbol(warehouse, row["run_id"], symbol)
        kept, no_patterns = (
            sum(queries.counts_of(warehouse, withheld=each).get(row["run_id"], {}).values())
            for each in (False, True)
        )
    rules = {} if everything or withheld else _rules(service, level_of(row))
    useful = [each for each in found if (each["confidence"] or 0.0) >= _least(rules, each)]
    shown = useful[:limit]
    return PatternPage(
        run_id=row["run_id"],
        patterns=[Pattern(**with_values(each)) for each in shown],
        next=_cursor(shown[-1]) if len(useful) > limit else None,
        more=len(useful) - len(shown),
        kept=kept,
        withheld=no_patterns,
        level=level_of(row),
        zone=row["zone"],
        frequency=row["frequency"],
        left_out=_told(rules) if len(useful) < len(found) else [],
    )


def _rules(service: Service, level: float) -> dict[str, Usefulness]:
    from agent.pattern_feedback import stricter
    from storage.feedback import KIND, all_feedback

    return stricter(all_feedback(service.ledger.entries(KIND)), level)


def _least(rules: Mapping[str, Usefulness], row: PatternRow) -> float:
    rule = rules.get(row["card_id"])
    return rule.least_confidence if rule else 0.0


def _told(rules: Mapping[str, Usefulness]) -> list[LessUseful]:
    return [
        LessUseful(
            detector=rule.detector, source=rule.source, useful=rule.useful, useless=rule.useless,
            least_confidence=rule.least_confidence,
        )
        for rule in rules.values()
    ]  # fmt: skip


def _check_symbol(warehouse: Warehouse, run_id: str, symbol: str) -> None:
    """Refuse a symbol that no alarm of the run has, with near matches."""
    known = queries.symbols_of(warehouse, run_id)
    if known and symbol not in known:
        raise BadInput(
            f"no alarm of the run {run_id} is about `{symbol}`", hint=did_you_mean(symbol, known)
        )


def _cursor(last: PatternRow) -> str:
    return f"{queries.microseconds(last['ts'])}.{last['pattern_id']}"


def _read_cursor(text: str | None) -> tuple[datetime, str] | None:
    if text is None:
        return None
    at, dot, pattern_id = text.partition(".")
    try:
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(at))
    except (ValueError, OverflowError):
        dot = ""
    if not dot or not pattern_id:
        raise BadInput(
            f"`{text}` is not the cursor of a page", hint="use `next` of the page before"
        )
    return moment, pattern_id
