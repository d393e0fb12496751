"""What every warehouse does."""

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from functools import partial

import polars as pl
import pyarrow as pa
import pytest

from configs.errors import Failed
from storage.warehouse.chdb import open_chdb
from storage.warehouse.features import feature_table, load_features
from storage.warehouse.port import Warehouse
from storage.warehouse.schema import TABLES, WHOLE
from storage.warehouse.server import open_server, parse_server

Opener = Callable[[], AbstractContextManager[Warehouse]]
T0, T1 = datetime(2020, 1, 1, 21, tzinfo=UTC), datetime(2020, 1, 2, 21, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture(params=["chdb", "http"])
def opener(request, tmp_path) -> Opener:
    if request.param == "chdb":
        return partial(open_chdb, tmp_path / "warehouse", lock_timeout_s=10)
    port = request.getfixturevalue("clickhouse_http")
    url = f"clickhouse://127.0.0.1:{port}/test_{uuid.uuid4().hex[:8]}"
    return partial(open_server, parse_server(url))


@pytest.fixture
def warehouse(opener):
    with opener() as opened:
        yield opened


def metrics(*values: float | None) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "name": [f"m{i}" for i in range(len(values))],
            "value": list(values),
            "unit": ["ratio"] * len(values),
            "note": ["after costs"] * len(values),
        },
        schema_overrides={"value": pl.Float64, "name": pl.String, "unit": pl.String,
                          "note": pl.String},
    )  # fmt: skip


def stored(warehouse: Warehouse) -> list[tuple[str, str, float | None]]:
    frame = warehouse.query("SELECT run_id, name, value FROM metrics ORDER BY ALL")
    return frame.rows()


def test_every_table_is_there_with_the_columns_of_the_schema(warehouse):
    for table in TABLES:
        columns = warehouse.rows(
            "SELECT name, type FROM system.columns WHERE database = currentDatabase()"
            " AND table = {table:String} ORDER BY position",
            {"table": table.name},
        )
        assert [f"`{c['name']}` {c['type']}" for c in columns] == [c.sql for c in table.columns]


def test_a_new_table_answers_with_no_rows_and_its_types(warehouse):
    frame = warehouse.query("SELECT * FROM ic")
    assert frame.is_empty()
    assert frame.schema["ts"] == pl.Datetime("us", "UTC")


def test_a_repeated_load_changes_nothing(opener):
    for _ in range(3):
        with opener() as warehouse:
            warehouse.replace("metrics", "r1", metrics(1.0, 2.0))
            assert stored(warehouse) == [("r1", "m0", 1.0), ("r1", "m1", 2.0)]


def test_a_load_replaces_its_partition_and_no_other(warehouse):
    warehouse.replace("metrics", "r1", metrics(1.0, 2.0))
    warehouse.replace("metrics", "r2", metrics(3.0))
    warehouse.replace("metrics", "r1", metrics(4.0))
    assert stored(warehouse) == [("r1", "m0", 4.0), ("r2", "m0", 3.0)]


def test_no_rows_empty_a_partition(warehouse):
    warehouse.replace("metrics", "r1", metrics(1.0))
    warehouse.replace("metrics", "r2", metrics(2.0))
    warehouse.replace("metrics", "r1", metrics())
    warehouse.replace("metrics", "r3", metrics())
    assert stored(warehouse) == [("r2", "m0", 2.0)]


def test_rows_may_come_from_polars_or_pyarrow(warehouse):
    table = metrics(1.0).to_arrow()
    assert isinstance(table, pa.Table)
    warehouse.replace("metrics", "r1", table)
    warehouse.replace("metrics", "r2", metrics(1.0))
    assert len(stored(warehouse)) == 2


def test_every_kind_of_value_survives(warehouse):
    patterns = pl.DataFrame(
        {
            "pattern_id": ["a", "b"],
            "type": ["drift", "anomaly"],
            "ts": [T0, T1],
            "symbol": ["AAPL", None],
            "source": ["$close", "市场"],
            "detector": ["adwin", "half_space_trees"],
            "prev_state": ['{"mean":0.1}', "'; DROP TABLE runs; --"],
            "new_state": ["{}", "\\\t\n\0"],
            "metrics": ["{}", ""],
            "confidence": [0.25, float("nan")],
            "p_value": [0.01, None],
            "card_id": ["", "c"],
            "contributors": [[{"field": "f", "score": 0.1}, {"field": "g", "score": -1e300}], []],
        }
    )
    warehouse.replace("patterns", "r1", patterns)
    back = warehouse.query("SELECT * FROM patterns ORDER BY pattern_id").drop("run_id")
    assert set(back.columns) == set(patterns.columns)
    expected = patterns.with_columns(pl.col("confidence").fill_nan(None))
    assert back.select(patterns.columns).equals(expected)
    assert back.schema["ts"] == pl.Datetime("us", "UTC")


def test_columns_come_in_any_order_and_other_zones(warehouse):
    rows = pl.DataFrame({"n": [3], "rank_ic": [None], "ic": [0.5], "ts": [T1]})
    zoned = rows.with_columns(pl.col("ts").dt.convert_time_zone("Asia/Shanghai"))
    warehouse.replace("ic", "r1", zoned.with_columns(pl.col("n").cast(pl.Int32)))
    assert warehouse.rows("SELECT * FROM ic") == [
        {"run_id": "r1", "ts": T1, "ic": 0.5, "rank_ic": None, "n": 3}
    ]


def test_rows_and_parameters(warehouse):
    warehouse.replace("metrics", "r1", metrics(1.0))
    warehouse.replace("metrics", "r2", metrics(2.0))
    sql = "SELECT value FROM metrics WHERE run_id = {run:String}"
    assert warehouse.rows(sql, {"run": "r2"}) == [{"value": 2.0}]
    assert warehouse.rows(sql, {"run": "' OR 1 = 1 --"}) == []


def test_a_table_without_partitions_is_replaced_whole(warehouse):
    entries = pl.DataFrame(
        {"seq": [1, 2], "prev": ["", ""], "kind": ["trial", "trial"], "at": [T0, T1],
         "actor": ["x", "x"], "body": ["{}", "{}"], "hash": ["", ""]}
    )  # fmt: skip
    for height in (2, 1, 0, 2):
        warehouse.replace("ledger", WHOLE, entries.head(height))
        assert warehouse.rows("SELECT count() AS n FROM ledger") == [{"n": height}]


def test_many_rows_in_several_batches(warehouse, monkeypatch):
    monkeypatch.setattr("storage.warehouse.clickhouse.BATCH_BYTES", 100_000)
    n = 30_000
    warehouse.replace("metrics", "r1", metrics(*[float(i) for i in range(n)]))
    warehouse.replace("metrics", "r1", metrics(*[float(i) for i in range(n)]))
    answer = warehouse.rows("SELECT count() AS n, sum(value) AS total FROM metrics")
    assert answer == [{"n": n, "total": n * (n - 1) / 2}]


def ic(ts: datetime, n: float) -> pl.DataFrame:
    return pl.DataFrame({"ts": [ts], "ic": [0.1], "rank_ic": [0.1], "n": [n]})


def with_column(name: str, value: str | None) -> pl.DataFrame:
    return metrics(1.0).with_columns(pl.lit(value).alias(name))


@pytest.mark.parametrize(
    ("table", "run", "rows", "words"),
    [
        ("metrcs", "r1", metrics(1.0), "did you mean 'metrics'"),
        ("metrics", "r1", metrics(1.0).drop("unit"), "lack the column `unit`"),
        ("metrics", "r1", metrics(1.0).rename({"unit": "unt"}), "did you mean 'unit'"),
        ("metrics", "r1", with_column("value", "x"), "Float64"),
        ("metrics", "r1", with_column("unit", None), "without a value"),
        ("metrics", "r1", with_column("run_id", "r2"), "another run_id"),
        ("metrics", "r1' OR 1=1", metrics(1.0), "no partition"),
        ("metrics", "", metrics(1.0), "no partition"),
        ("ledger", "r1", metrics(1.0), "no partition"),
        ("ic", "r1", ic(T0.replace(tzinfo=None), 1), "UTC"),
        ("ic", "r1", ic(T0, 1.5), "Int64"),
    ],
)
def test_rows_that_do_not_fit_are_refused_and_change_nothing(warehouse, table, run, rows, words):
    warehouse.replace("metrics", "r1", metrics(7.0))
    with pytest.raises(Failed, match=words):
        warehouse.replace(table, run, rows)
    assert stored(warehouse) == [("r1", "m0", 7.0)]


def test_a_refused_query_fails_in_the_warehouses_own_words(warehouse):
    with pytest.raises(Failed, match="valu"):
        warehouse.query("SELECT valu FROM metrics")
    assert stored(warehouse) == []


def test_nothing_of_a_load_is_left_behind(warehouse):
    warehouse.replace("metrics", "r1", metrics(1.0))
    with pytest.raises(Failed):
        warehouse.replace("metrics", "r1", metrics(1.0).drop("unit"))
    tables = warehouse.rows(
        "SELECT name FROM system.tables WHERE database = currentDatabase() ORDER BY name"
    )
    assert [t["name"] for t in tables] == sorted([*(t.name for t in TABLES), "schema_version"])


def features(**columns: list[float | None]) -> pl.DataFrame:
    frame = pl.DataFrame({"symbol": ["A", "B"], "ts": [T0, T0]})
    return frame.with_columns(pl.Series(k, v, dtype=pl.Float32) for k, v in columns.items())


def test_feature_sets_of_the_same_names_share_a_table(warehouse):
    one = load_features(warehouse, "k1", features(momentum=[0.5, None], KMID=[1.0, 2.0]))
    two = load_features(warehouse, "k2", features(KMID=[3.0, 4.0], momentum=[0.0, 0.0]))
    assert one == two
    back = warehouse.query(f"SELECT * FROM {one} WHERE feature_key = 'k1' ORDER BY symbol")
    assert back["momentum"].to_list() == [0.5, None]
    assert back.schema["momentum"] == pl.Float32
    sets = warehouse.rows("SELECT * FROM feature_sets ORDER BY feature_key")
    assert [(s["feature_key"], s["table_name"], s["rows"]) for s in sets] == [
        ("k1", one, 2), ("k2", one, 2),
    ]  # fmt: skip
    assert sorted(sets[0]["features"]) == ["KMID", "momentum"]


def test_a_feature_set_is_loaded_once(opener):
    for _ in range(2):
        with opener() as warehouse:
            table = load_features(warehouse, "k1", features(f=[1.0, 2.0]))
    with opener() as warehouse:
        assert warehouse.rows(f"SELECT count() AS n FROM {table}") == [{"n": 2}]


def test_a_half_loaded_feature_set_is_loaded_again(opener):
    rows = features(f=[1.0, 2.0])
    table = feature_table(["f"])
    with opener() as warehouse:
        warehouse.create(table)
        warehouse.replace(table.name, "k1", rows.head(1))
        load_features(warehouse, "k1", rows)
        assert warehouse.rows(f"SELECT count() AS n FROM {table.name}") == [{"n": 2}]


@pytest.mark.parametrize("name", ["a`b", "", "a b", "1a", "a;b"])
def test_a_feature_that_cannot_be_a_column_is_refused(warehouse, name):
    with pytest.raises(Failed, match="cannot be a column"):
        load_features(warehouse, "k1", features(ok=[1.0, 1.0]).rename({"ok": name}))


def raw_events(source: str, first: int, count: int, *, at: datetime = T1) -> pl.DataFrame:
    return pl.DataFrame(
        {
            "source": [source] * count,
            "segment": [first // 100] * count,
            "offset": range(first, first + count),
            "ingest_time": [at] * count,
            "arrival": [T0] * count,
            "kind": ["raw"] * count,
            "body": ['{"p":"1.5"}'] * count,
        }
    )


def test_a_batch_is_added_once_however_often_it_comes(opener):
    for _ in range(3):
        with opener() as warehouse:
            for source, first in (("a", 0), ("a", 200), ("b", 0)):
                rows = raw_events(source, first, 10)
                warehouse.append("raw_events", rows, token=f"{source}-{first}")
            counts = warehouse.rows("SELECT source, count() AS n FROM raw_events GROUP BY ALL")
            assert {row["source"]: row["n"] for row in counts} == {"a": 20, "b": 10}


def test_rows_leave_by_the_day_on_which_they_were_loaded_alone(warehouse):
    """Whatever the time of the events: a recording of long ago is kept whole."""
    for source in ("a", "b"):
        for day, at in enumerate((T0, T1)):
            rows = raw_events(source, day * 100, 5, at=at)
            warehouse.append("raw_events", rows, token=f"{source}{day}")
    assert warehouse.days("raw_events", "a") == {T0.date(): 0, T1.date(): 1}
    warehouse.forget("raw_events", "a", T0.date())
    warehouse.forget("raw_events", "a", T0.date())
    assert warehouse.days("raw_events", "a") == {T1.date(): 1}
    assert warehouse.days("raw_events", "b") == {T0.date(): 0, T1.date(): 1}


def test_what_is_replaced_does_not_grow(warehouse):
    with pytest.raises(Failed, match="does not grow"):
        warehouse.append("metrics", metrics(1.0), token="t")
