"""All that a run leaves behind: each file with its columns, its meaning, and who takes it on.

What people ask by SQL, what the warehouse copies, what the report and explanations read, and the
page of outputs in the documentation are derived from this table.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    import polars as pl


class Kind(Enum):
    """Types of columns, by the name that Polars and manifests give them."""

    TEXT = "String"
    COUNT = "Int64"
    NUMBER = "Float64"
    FEATURE = "Float32"
    YEAR = "Int32"
    TIME = "Datetime(time_unit='us', time_zone='UTC')"
    SCORES = "List(Struct({'field': String, 'score': Float64}))"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a file; `optional` where some sources have none."""

    name: str
    kind: Kind
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Output:
    """A file of a run.

    Attributes
    ----------
    name
        Under which people ask for it.
    stage, file
        Where it is.
    meaning
        What it is, in a few words.
    columns
        Of a table, in their order; none of JSON and pages.
    key
        The columns that name a row, by which rows are listed.
    features
        Whether any number of features follow the columns.
    table
        The table of the warehouse that copies it; none where none does.
    shown
        What the report calls it; none where the report does not read it.
    explained
        Whether an explanation of a run reads it.
    """

    name: str
    stage: str
    file: str
    meaning: str
    columns: tuple[Column, ...] = ()
    key: tuple[str, ...] = ()
    features: bool = False
    table: str = ""
    shown: str = ""
    explained: bool = False

    @property
    def stem(self) -> str:
        """The file's name without its ending."""
        return self.file.partition(".")[0]

    @property
    def names(self) -> tuple[str, ...]:
        """Its columns by their names."""
        return tuple(column.name for column in self.columns)

    def schema(self) -> pl.Schema:
        """Return the types of its columns, the optional ones too, but of no features."""
        import polars as pl

        return pl.Schema({column.name: _types()[column.kind] for column in self.columns})

    def fits(self, schema: Mapping[str, str]) -> bool:
        """Whether a table has these columns in this order: name to the type's name in Polars."""
        told = list(schema.items())
        for column in self.columns:
            if told and told[0] == (column.name, column.kind.value):
                told.pop(0)
            elif not column.optional:
                return False
        return all(self.features and kind == Kind.FEATURE.value for _, kind in told)


def _types() -> dict[Kind, pl.DataType]:
    import polars as pl

    scores = pl.List(pl.Struct({"field": pl.String, "score": pl.Float64}))
    return {
        Kind.TEXT: pl.String(), Kind.COUNT: pl.Int64(), Kind.NUMBER: pl.Float64(),
        Kind.FEATURE: pl.Float32(), Kind.YEAR: pl.Int32(), Kind.TIME: pl.Datetime("us", "UTC"),
        Kind.SCORES: scores,
    }  # fmt: skip


def _texts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.TEXT) for name in names)


def _counts(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.COUNT) for name in names)


def _numbers(*names: str, optional: bool = False) -> tuple[Column, ...]:
    return tuple(Column(name, Kind.NUMBER, optional) for name in names)


_SYMBOL = _texts("symbol")
_TS = (Column("ts", Kind.TIME),)
_BARS = (
    *_SYMBOL, *_TS, *_numbers("open", "high", "low", "close", "volume", "factor"),
    Column("known_at", Kind.TIME), *_numbers("amount", "vwap", optional=True),
)  # fmt: skip
_ALARM = (
    *_texts("pattern_id", "type"), *_TS,
    *_texts("symbol", "source", "detector", "prev_state", "new_state", "metrics"),
    *_numbers("confidence"), Column("contributors", Kind.SCORES),
)  # fmt: skip
_PATTERN = (*_ALARM, *_numbers("p_value"), *_texts("card_id"))

OUTPUTS: Final[tuple[Output, ...]] = (
    Output(
        "bars", "ingest", "bars.parquet", "prices and volumes, adjusted",
        _BARS, ("symbol", "ts"), shown="bars",
    ),
    Output(
        "health", "ingest", "health.parquet", "what was wrong with the data, and what was done",
        (
            *_texts("rule", "action"), *_counts("count", "symbols"),
            *_texts("example", "meaning"),
        ),
        ("rule", "action"), table="health", shown="health", explained=True,
    ),
    Output(
        "reading", "ingest", "reading.json", "how the columns of the source were read",
        shown="reading",
    ),
    Output(
        "summary", "ingest", "summary.json",
        "symbols, period, empty columns, and the marks by which a revision is found",
    ),
    Output(
        "study_bars", "resampling", "bars.parquet", "coarser bars, where the study works on such",
        _BARS, ("symbol", "ts"), shown="bars",
    ),
    Output(
        "study_summary", "resampling", "summary.json", "symbols and period of the coarser bars",
    ),
    Output(
        "features", "features", "features.parquet", "one column for each expression",
        (*_SYMBOL, *_TS), ("symbol", "ts"), features=True,
    ),
    Output(
        "aggregated", "aggregation", "features.parquet", "features at the times of decision",
        (*_SYMBOL, *_TS), ("symbol", "ts"), features=True,
    ),
    Output(
        "market", "aggregation", "market.parquet", "series of the whole market",
        (*_TS, *_numbers("equal_weight_return", "breadth", "dispersion", "average_correlation")),
        ("ts",), table="market", shown="market",
    ),
    Output(
        "scores", "signal", "scores.parquet", "the signal, one number a symbol and time",
        (*_SYMBOL, *_TS, *_numbers("score")), ("symbol", "ts"),
    ),
    Output(
        "ic", "signal", "ic.parquet", "information coefficient of the signal",
        (*_TS, *_numbers("ic", "rank_ic"), *_counts("n")),
        ("ts",), table="ic", shown="ic", explained=True,
    ),
    Output(
        "model_windows", "signal", "windows.parquet", "what a model learnt from and predicted",
        (
            *_counts("window"),
            *(
                Column(f"{part}_{end}", Kind.TIME)
                for part in ("train", "valid", "test") for end in ("start", "end")
            ),
            *_counts("train_rows", "valid_rows", "test_rows", "size"),
        ),
        ("window",), table="model_windows", shown="windows",
    ),
    Output(
        "importance", "signal", "importance.parquet", "what each feature does for a model",
        (*_counts("window"), *_texts("feature"), *_numbers("gain", "permutation")),
        ("window", "feature"), table="importance", shown="importance",
    ),
    Output(
        "leak", "signal", "leak.json", "the verdict on look-ahead, and what it rests on",
        shown="leak",
    ),
    Output(
        "alarms", "detection", "alarms.parquet", "all that the detectors said",
        _ALARM, ("ts", "pattern_id"),
    ),
    Output(
        "patterns", "detection", "patterns.parquet", "those of their alarms that stand out",
        _PATTERN, ("ts", "pattern_id"), table="patterns", shown="patterns", explained=True,
    ),
    Output(
        "withheld", "detection", "withheld.parquet", "those that null data bring, too",
        _PATTERN, ("ts", "pattern_id"), table="withheld_patterns",
    ),
    Output(
        "cards", "detection", "cards.parquet", "how often each detector is wrong on these data",
        (
            *_texts("card_id", "detector", "scope", "source", "settings"),
            *_counts("series", "sampled_series", "bars", "null_bars"), *_numbers("block_bars"),
            *_counts("null_alarms"),
            *_numbers("false_alarms_per_1000", "false_alarms_per_1000_upper"),
            *_counts("alarms", "kept", "withheld"),
        ),
        ("card_id",), table="calibration_cards", shown="cards", explained=True,
    ),
    Output(
        "responses", "detection", "responses.parquet", "what each notices of planted changes",
        (
            *_texts("card_id", "kind"), *_numbers("size_std"), *_counts("planted", "noticed"),
            *_numbers("power", "delay_bars"),
        ),
        ("card_id", "kind", "size_std"), table="calibration_responses", shown="responses",
    ),
    Output(
        "detector_scores", "detection", "scores.parquet", "what each detector measured, bar by bar",
        (*_TS, *_texts("symbol", "detector", "source"), *_numbers("score")),
        ("ts", "symbol", "detector", "source"),
    ),
    Output(
        "equity", "backtest", "equity.parquet", "account, returns, costs, drawdown",
        (
            *_TS,
            *_numbers(
                "account", "cash", "position_value", "gross_return", "net_return",
                "benchmark_return", "turnover", "cost", "drawdown",
            ),
            *_counts("holdings"),
        ),
        ("ts",), table="equity", shown="equity", explained=True,
    ),
    Output(
        "positions", "backtest", "positions.parquet", "what was held",
        (*_TS, *_SYMBOL, *_numbers("shares", "price", "value", "weight")),
        ("ts", "symbol"), shown="positions",
    ),
    Output(
        "trades", "backtest", "trades.parquet", "what was bought and sold, and at what cost",
        (
            *_TS, *_texts("symbol", "side"),
            *_numbers("shares", "price", "value", "fee", "slippage", "participation"),
        ),
        ("ts", "symbol", "side"),
    ),
    Output(
        "metrics", "backtest", "metrics.parquet", "the figures of the backtest",
        (*_texts("name"), *_numbers("value"), *_texts("unit", "note")),
        ("name",), table="metrics", shown="metrics", explained=True,
    ),
    Output(
        "by_year", "backtest", "by_year.parquet", "its figures, year by year",
        (
            Column("year", Kind.YEAR), *_counts("bars"),
            *_numbers(
                "return", "benchmark_return", "volatility", "sharpe", "max_drawdown", "turnover",
                "cost",
            ),
        ),
        ("year",), shown="by_year",
    ),
    Output(
        "stress", "backtest", "stress.parquet", "its figures under harder conditions",
        (
            *_texts("scenario", "meaning"), *_counts("bars"),
            *_numbers(
                "total_return", "annual_return", "annual_volatility", "sharpe", "max_drawdown",
                "annual_turnover", "annual_cost",
            ),
        ),
        ("scenario",), shown="stress",
    ),
    Output("page", "report", "report.html", "the report, one page that needs nothing else"),
)  # fmt: skip
"""In the order of the DAG."""

TABLES: Final = tuple(output for output in OUTPUTS if output.columns)
COPIED: Final = tuple(output for output in OUTPUTS if output.table)
"""Those whose rows the warehouse has as they are, beside the run's id."""

SHOWN: Final = {output.shown: output for output in OUTPUTS if output.shown}
"""What the report reads, by what it calls it; coarser bars stand in for the source's."""


def named(name: str) -> Output:
    """Return the output that people ask for by a name."""
    return next(output for output in OUTPUTS if output.name == name)
