"""What was published at one decision: the scores, and the prices as they were seen then. Pure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from configs.errors import Damaged
from taskspecs.identity import SHORT, canonical_json

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

FOLDER = "signals"
SCORES: dict[str, pl.DataType | type[pl.DataType]] = {
    "symbol": pl.String,
    "ts": pl.Datetime("us", "UTC"),
    "score": pl.Float64,
}
QUOTES = ("open", "close", "volume", "factor")
"""The fields of a bar that a fill depends on."""


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """A decision that left the house.

    Attributes
    ----------
    ts
        The end of the bar it rests on, UTC.
    published_at
        When it left, UTC.
    run_id, code
        The run that made it, and the digest of the code of its stages.
    scores
        ``symbol, ts, score``, of this decision.
    quotes
        ``symbol, ts, open, close, volume, factor``: that bar as it was seen then.
    """

    ts: datetime
    published_at: datetime
    run_id: str
    code: str
    scores: pl.DataFrame
    quotes: pl.DataFrame

    def to_bytes(self) -> bytes:
        """Return it as the object that is kept; when it left is on the ledger."""
        return canonical_json(
            {
                "ts": self.ts.isoformat(),
                "run_id": self.run_id,
                "code": self.code,
                "scores": self.scores.select("symbol", "score").rows(),
                "quotes": self.quotes.select("symbol", *QUOTES).rows(),
            }
        ).encode()


def path_of(strategy: str, ts: datetime, sha256: str) -> str:
    """Return where a decision is kept: named by its content, so that nothing stands in for it.

    Examples
    --------
    >>> from datetime import UTC
    >>> path_of("a@1", datetime(2026, 1, 2, 21, tzinfo=UTC), "0f" * 32)
    'signals/a@1/20260102T210000000000-0f0f0f0f0f0f.json'
    """
    return f"{FOLDER}/{strategy}/{ts:%Y%m%dT%H%M%S%f}-{sha256[:SHORT]}.json"


def envelope_path(strategy: str, ts: datetime, stage: str, sha256: str) -> str:
    """Return where a signed signal is kept: named by its content, too.

    Examples
    --------
    >>> from datetime import UTC
    >>> envelope_path("a@1", datetime(2026, 1, 2, 21, tzinfo=UTC), "live", "0f" * 32)
    'signals/a@1/sent/20260102T210000000000-live-0f0f0f0f0f0f.json'
    """
    return f"{FOLDER}/{strategy}/sent/{ts:%Y%m%dT%H%M%S%f}-{stage}-{sha256[:SHORT]}.json"


def read_published(raw: bytes, published_at: datetime) -> Published:
    """Read what :meth:`Published.to_bytes` wrote.

    Parameters
    ----------
    published_at
        As the ledger says, UTC.

    Raises
    ------
    Damaged
        If it is something else.
    """
    try:
        kept = json.loads(raw)
        ts = datetime.fromisoformat(kept["ts"])
        scores = _frame(kept["scores"], ts, {"symbol": pl.String, "score": pl.Float64})
        quotes = _frame(
            kept["quotes"], ts, {"symbol": pl.String, **dict.fromkeys(QUOTES, pl.Float64)}
        )
        return Published(ts, published_at, kept["run_id"], kept["code"], scores, quotes)
    except (ValueError, KeyError, TypeError, pl.exceptions.PolarsError) as error:
        raise Damaged("a published signal cannot be read") from error


def _frame(
    rows: list[list[object]], ts: datetime, schema: Mapping[str, type[pl.DataType]]
) -> pl.DataFrame:
    moment = pl.lit(ts).cast(SCORES["ts"]).alias("ts")
    return pl.DataFrame(rows, schema=schema, orient="row").with_columns(moment)


def decision(
    bars: pl.DataFrame, scores: pl.DataFrame, *, now: datetime, run_id: str, code: str
) -> Published | None:
    """Return the newest decision of a run; None where it scored nothing on its last bars.

    Parameters
    ----------
    bars, scores
        Of the run.
    """
    newest = scores["ts"].max()
    if not isinstance(newest, datetime) or newest < bars["ts"].max():  # type: ignore[operator]
        return None
    return Published(
        newest, now, run_id, code,
        scores.filter(pl.col("ts") == newest).sort("symbol"),
        bars.filter(pl.col("ts") == newest).sort("symbol"),
    )  # fmt: skip


def all_scores(published: Iterable[Published]) -> pl.DataFrame:
    """Return the scores of decisions in one frame."""
    frames = [one.scores.select(*SCORES) for one in published]
    return pl.concat(frames).sort("symbol", "ts") if frames else pl.DataFrame(schema=SCORES)
