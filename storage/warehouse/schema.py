"""The warehouse's tables and how older ones are brought forward: the only place of schemas."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

WHOLE = "all"
"""The only partition of a table that is not partitioned; ClickHouse's own name for it."""
REMEMBERED = 1_000
"""Batches that were appended to a table and are known again; only the last one of each source is
ever repeated."""


class Kind(Enum):
    """Types of columns, by their ClickHouse name."""

    TEXT = "String"
    WORD = "LowCardinality(String)"
    """A text of few different values."""
    COUNT = "Int64"
    FLOAT = "Float64"
    FLOAT32 = "Float32"
    FLAG = "Bool"
    TIME = "DateTime64(6, 'UTC')"
    TEXTS = "Array(String)"
    SCORES = "Array(Tuple(field String, score Float64))"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    name: str
    kind: Kind
    nullable: bool = False

    @property
    def sql(self) -> str:
        """Its definition."""
        kind = self.kind.value
        if self.nullable and self.kind is Kind.WORD:
            kind = "LowCardinality(Nullable(String))"
        elif self.nullable:
            kind = f"Nullable({kind})"
        return f"`{self.name}` {kind}"


@dataclass(frozen=True, slots=True)
class Table:
    """A table; rows of one value of `partition` are replaced together."""

    name: str
    columns: tuple[Column, ...]
    order: tuple[str, ...]
    """The columns by which rows are stored and found."""
    partition: str | None = "run_id"
    """The column that says which rows belong together; none where all do."""
    grows: bool = False
    """Whether rows are appended to it, each batch once; they leave by the day of ingestion."""

    @property
    def ddl(self) -> str:
        """The statement that makes the table unless it is there."""
        columns = ",\n  ".join(column.sql for column in self.columns)
        order = ", ".join(f"`{name}`" for name in self.order)
        parts = f"`{self.partition}`" if self.partition else "tuple()"
        more = ""
        if self.grows:
            parts = f"({parts}, toDate(ingest_time))"
            more = f" SETTINGS non_replicated_deduplication_window = {REMEMBERED}"
        return (
            f"CREATE TABLE IF NOT EXISTS `{self.name}` (\n  {columns}\n)\n"
            f"ENGINE = MergeTree PARTITION BY {parts} ORDER BY ({order}){more}"
        )


@dataclass(frozen=True, slots=True)
class Migration:
    """Statements that bring an older warehouse to version `number`.

    New warehouses are made from `TABLES` as they are, and an interrupted migration is repeated:
    every statement must do no harm where its work is done already (``IF NOT EXISTS``).
    """

    number: int
    statements: tuple[str, ...]


def _text(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.TEXT) for name in names)


def _words(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.WORD) for name in names)


def _counts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.COUNT) for name in names)


def _floats(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.FLOAT, nullable=True) for name in names)


_RUN = _text("run_id")
_TS = (Column("ts", Kind.TIME),)

_CAME = (
    *_words("source"), *_counts("segment", "offset"), Column("ingest_time", Kind.TIME),
)  # fmt: skip
"""Whose a row is, where in the journal it was found, and when it was loaded. The engine's own TTL
is not used: it would let rows go before the archive is known to hold what they were made of."""

_PATTERN = (
    *_RUN, *_text("pattern_id"), *_words("type"), *_TS,
    Column("symbol", Kind.WORD, nullable=True), *_words("source", "detector"),
    *_text("prev_state", "new_state", "metrics"), *_floats("confidence"),
    Column("contributors", Kind.SCORES), *_floats("p_value"), *_text("card_id"),
)  # fmt: skip

TABLES: tuple[Table, ...] = (
    Table(
        "runs",
        (
            *_RUN, *_words("name"), *_text("description", "strategy", "spec_hash", "spec"),
            *_words("source", "frequency", "zone", "road"), *_counts("symbols"),
            Column("first_ts", Kind.TIME, nullable=True),
            Column("last_ts", Kind.TIME, nullable=True),
            Column("as_of", Kind.TIME, nullable=True),
            Column("tried_at", Kind.TIME, nullable=True),
            *_text("data_digest", "report"),
        ),
        ("name", "run_id"),
    ),
    Table(
        "metrics",
        (*_RUN, *_words("name"), *_floats("value"), *_words("unit"), *_text("note")),
        ("run_id", "name"),
    ),
    Table(
        "artifacts",
        (
            *_RUN, *_words("stage"), *_text("key", "name", "path", "sha256"), *_counts("bytes"),
            Column("rows", Kind.COUNT, nullable=True),
        ),
        ("run_id", "stage", "name"),
    ),
    Table(
        "lineage",
        (*_RUN, *_words("stage"), *_text("key", "code"), *_words("input"), *_text("input_key")),
        ("run_id", "stage", "input"),
    ),
    Table("patterns", _PATTERN, ("run_id", "ts", "pattern_id")),
    Table("withheld_patterns", _PATTERN, ("run_id", "ts", "pattern_id")),
    Table(
        "calibration_cards",
        (
            *_RUN, *_text("card_id"), *_words("detector", "scope", "source"), *_text("settings"),
            *_counts("series", "sampled_series", "bars", "null_bars"), *_floats("block_bars"),
            *_counts("null_alarms"),
            *_floats("false_alarms_per_1000", "false_alarms_per_1000_upper"),
            *_counts("alarms", "kept", "withheld"),
        ),
        ("run_id", "card_id"),
    ),
    Table(
        "calibration_responses",
        (
            *_RUN, *_text("card_id"), *_words("kind"), *_floats("size_std"),
            *_counts("planted", "noticed"), *_floats("power", "delay_bars"),
        ),
        ("run_id", "card_id"),
    ),
    Table(
        "pattern_feedback",
        (
            *_text("pattern_id", "feedback_id"), *_words("verdict", "actor"), *_text("note"),
            Column("at", Kind.TIME), *_counts("rating"), *_words("detector", "source"),
            *_text("card_id"),
        ),
        ("pattern_id", "at", "feedback_id"),
        partition=None,
    ),
    Table(
        "raw_events",
        (*_CAME, Column("arrival", Kind.TIME), *_words("kind"), *_text("body")),
        ("segment", "offset"), partition="source", grows=True,
    ),
    Table(
        "clean_events",
        (
            *_CAME, *_words("symbol"), *_TS, Column("arrival", Kind.TIME), *_counts("sequence"),
            *_words("side"),
            *_floats("price", "size", "open", "high", "low", "close", "volume", "amount"),
        ),
        ("symbol", "ts", "sequence"), partition="source", grows=True,
    ),
    Table(
        "pattern_events",
        (
            *_CAME, *_text("pattern_id"), *_words("type"), *_TS,
            Column("symbol", Kind.WORD, nullable=True), *_words("watched", "detector"),
            *_text("prev_state", "new_state", "metrics"), *_floats("confidence", "severity"),
            Column("contributors", Kind.SCORES),
        ),
        ("ts", "pattern_id"), partition="source", grows=True,
    ),
    Table(
        "signals",
        (
            *_RUN, *_text("strategy"), *_words("stage"), *_TS, *_words("symbol"),
            *_floats("score", "weight"),
        ),
        ("run_id", "ts", "symbol"),
    ),
    Table(
        "market",
        (*_RUN, *_TS, *_floats(
            "equal_weight_return", "breadth", "dispersion", "average_correlation")),
        ("run_id", "ts"),
    ),
    Table(
        "ic",
        (*_RUN, *_TS, *_floats("ic", "rank_ic"), *_counts("n")),
        ("run_id", "ts"),
    ),
    Table(
        "model_windows",
        (
            *_RUN, *_counts("window"),
            *(
                Column(f"{part}_{end}", Kind.TIME, nullable=True)
                for part in ("train", "valid", "test") for end in ("start", "end")
            ),
            *_counts("train_rows", "valid_rows", "test_rows", "size"),
        ),
        ("run_id", "window"),
    ),
    Table(
        "importance",
        (*_RUN, *_counts("window"), *_words("feature"), *_floats("gain", "permutation")),
        ("run_id", "window", "feature"),
    ),
    Table(
        "equity",
        (
            *_RUN, *_TS,
            *_floats(
                "account", "cash", "position_value", "gross_return", "net_return",
                "benchmark_return", "turnover", "cost", "drawdown",
            ),
            *_counts("holdings"),
        ),
        ("run_id", "ts"),
    ),
    Table(
        "health",
        (*_RUN, *_words("rule", "action"), *_counts("count", "symbols"),
         *_text("example", "meaning")),
        ("run_id", "rule"),
    ),
    Table(
        "feature_sets",
        (*_text("feature_key", "table_name"), Column("features", Kind.TEXTS), *_counts("rows")),
        ("feature_key",),
        partition="feature_key",
    ),
    Table(
        "sweep_points",
        (
            *_text("sweep_id"), *_counts("number"), *_text("run_id"), *_words("study"),
            *_text("changed"),
            *_floats(
                "annual_return", "annual_volatility", "sharpe", "sharpe_standard_error",
                "max_drawdown", "annual_turnover", "annual_cost", "ic_mean",
            ),
            *_text("metrics", "refusal"),
        ),
        ("sweep_id", "number"),
        partition="sweep_id",
    ),
    Table(
        "ledger",
        (*_counts("seq"), *_text("prev"), *_words("kind"), Column("at", Kind.TIME),
         *_words("actor"), *_text("body", "hash")),
        ("seq",),
        partition=None,
    ),
)  # fmt: skip

MIGRATIONS: tuple[Migration, ...] = (
    Migration(1, ()),
    Migration(2, ()),
    Migration(3, ()),
    Migration(
        4,
        (
            "ALTER TABLE patterns ADD COLUMN IF NOT EXISTS `p_value` Nullable(Float64)",
            "ALTER TABLE patterns ADD COLUMN IF NOT EXISTS `card_id` String",
            "DROP TABLE IF EXISTS pattern_feedback",
        ),
    ),
    Migration(5, ()),
)
"""In the order of their numbers. The first is the schema that the first version shipped; the second
adds the points of sweeps, the third windows and importance of models: tables that are made as any
new ones are. The fourth adds what patterns are worth, and makes feedback a projection of the
ledger (before, nothing wrote any); the fifth the events and patterns of live sources."""
