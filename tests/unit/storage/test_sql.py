from datetime import UTC, datetime

import polars as pl
import pytest

from configs.errors import BadInput, Damaged, Failed
from storage import sql
from storage.sql import Part

NOON = datetime(2020, 1, 1, 12, tzinfo=UTC)
BARS = pl.DataFrame({"symbol": ["A", "A", "B"], "ts": [NOON, NOON, NOON], "close": [1.0, 2.0, 3.0]})


@pytest.fixture
def views(tmp_path):
    folder = tmp_path / "lake"
    folder.mkdir()
    BARS.write_parquet(folder / "bars.parquet")
    BARS.select("symbol", volume="close").write_parquet(folder / "more.parquet")
    pl.DataFrame({"secret": [1]}).write_parquet(folder / "secret.parquet")
    return {
        "bars": [Part(folder / "bars.parquet")],
        "volumes": [Part(folder / "more.parquet")],
        "none": [],
    }


def test_a_file_in_several_parts_is_told_apart_by_their_labels(views):
    (bars,) = views["bars"]
    both = {"bars": [bars._replace(labels={"run_id": each}) for each in ("it's", "b")]}
    answer = sql.query(both, "SELECT run_id, count(*) AS n FROM bars GROUP BY 1 ORDER BY 1")
    assert answer.rows() == [("b", len(BARS)), ("it's", len(BARS))]
    assert sql.query(both, "DESCRIBE bars")["column_name"].to_list()[-1] == "run_id"


def test_a_column_of_the_file_is_not_hidden_by_a_label(views):
    (bars,) = views["bars"]
    labelled = {"bars": [bars._replace(labels={"SYMBOL": "no", "run_id": "r"})]}
    answer = sql.query(labelled, "SELECT DISTINCT symbol, run_id FROM bars ORDER BY 1")
    assert answer.rows() == [("A", "r"), ("B", "r")]


def test_a_question_is_answered(views):
    answer = sql.query(views, "SELECT symbol, sum(close) AS s FROM bars GROUP BY 1 ORDER BY 1")
    assert answer.rows() == [("A", 3.0), ("B", 3.0)]


def test_times_stay_utc(views):
    answer = sql.query(views, "SELECT ts, ts::DATE AS day FROM bars LIMIT 1")
    assert answer["ts"].to_list() == [NOON]
    assert answer.schema["ts"] == pl.Datetime("us", "UTC")


def test_views_can_be_joined_and_names_have_no_case(views):
    answer = sql.query(views, 'FROM "BARS" JOIN Volumes USING (symbol) SELECT count(*) AS n')
    assert answer.rows() == [(5,)]


def test_a_view_of_several_files_matches_columns_by_name(views):
    both = {"all_": [*views["bars"], *views["volumes"]]}
    answer = sql.query(both, "SELECT count(close), count(volume), count(*) FROM all_")
    assert answer.rows() == [(3, 3, 6)]


def test_what_there_is_can_be_asked_for(views):
    assert sql.query(views, "SHOW TABLES")["name"].to_list() == ["bars", "volumes"]
    assert sql.query(views, "DESCRIBE bars")["column_name"].to_list() == ["symbol", "ts", "close"]


@pytest.mark.parametrize(("limit", "rows"), [(0, 0), (1, 1), (3, 3), (99, 3), (None, 3)])
def test_a_limit_keeps_the_first_rows(views, limit, rows):
    answer = sql.query(views, "SELECT close FROM bars ORDER BY close DESC", limit)
    assert answer["close"].to_list() == [3.0, 2.0, 1.0][:rows]
    assert answer.schema == {"close": pl.Float64}


def test_a_limit_stops_the_work(views):
    assert sql.query(views, "SELECT * FROM range(1_000_000_000_000)", 5).height == 5


def test_a_negative_limit_is_refused(views):
    with pytest.raises(BadInput, match="-1"):
        sql.query(views, "SELECT 1", -1)


@pytest.mark.parametrize("name", ["we[i]rd", "st*r", "wh?t", "it's", "ö 市"])
def test_any_folder_name_is_a_name_and_no_pattern(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    BARS.write_parquet(folder / "bars.parquet")
    answer = sql.query({"bars": [Part(folder / "bars.parquet")]}, "SELECT count(*) FROM bars")
    assert answer.rows() == [(3,)]


def test_a_view_may_have_any_name(views):
    odd = {'o"dd; DROP': views["bars"]}
    assert sql.query(odd, 'SELECT count(*) FROM "o""dd; DROP"').rows() == [(3,)]


@pytest.mark.parametrize(
    "attempt",
    [
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM read_text('/etc/passwd')",
        "SELECT * FROM read_blob('/proc/self/environ')",
        "SELECT * FROM '/etc/passwd'",
        "SELECT * FROM read_parquet('{lake}/secret.parquet')",
        "SELECT * FROM '{lake}/secret.parquet'",
        "SELECT * FROM read_parquet('{lake}/*.parquet')",
        "SELECT * FROM read_parquet('{lake}/../lake/secret.parquet')",
        "SELECT * FROM parquet_schema('{lake}/secret.parquet')",
        "SELECT * FROM glob('/etc/*')",
        "SELECT * FROM sniff_csv('/etc/passwd')",
        "SELECT * FROM read_parquet('https://example.com/a.parquet')",
        "SELECT (SELECT count(*) FROM read_text('/etc/passwd')) FROM bars",
        "WITH x AS (SELECT * FROM read_text('/etc/passwd')) SELECT * FROM x",
        "SELECT * FROM query('SELECT * FROM read_text(''/etc/passwd'')')",
        "COPY bars TO '{lake}/out.csv'",
        "COPY bars TO '{lake}/bars.parquet'",
        "COPY (SELECT 1) TO '/dev/stdout'",
        "EXPORT DATABASE '{lake}/out'",
        "ATTACH '{lake}/out.db'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "PRAGMA database_list",
        "SET enable_external_access = true",
        "RESET enable_external_access",
        "SET allowed_paths = ['/etc/passwd']",
        "CREATE TABLE t AS SELECT 1",
        "CREATE VIEW v AS SELECT 1",
        "DROP VIEW bars",
        "INSERT INTO bars VALUES ('C', now(), 1)",
        "DELETE FROM bars",
        "UPDATE bars SET close = 0",
        "CALL pragma_version()",
        "CHECKPOINT",
        "BEGIN",
        "EXPLAIN ANALYZE COPY bars TO '{lake}/out.csv'",
        "SELECT 1; SELECT 2",
        "SELECT 1; COPY bars TO '{lake}/out.csv'",
        "",
        "-- nothing",
        "PREPARE p AS SELECT 1",
    ],
)
def test_nothing_else_is_within_reach(views, attempt):
    lake = views["bars"][0].path.parent
    before = sorted((path, path.read_bytes()) for path in lake.rglob("*"))
    with pytest.raises(BadInput):
        sql.query(views, attempt.format(lake=lake))
    assert sorted((path, path.read_bytes()) for path in lake.rglob("*")) == before


def test_the_callers_own_variables_are_out_of_reach(views):
    hidden = pl.DataFrame({"a": [1]})
    assert hidden.height == 1
    with pytest.raises(BadInput, match="hidden"):
        sql.query(views, "SELECT * FROM hidden")


def test_a_link_in_the_lake_is_no_way_out(views):
    link = views["bars"][0].path.parent / "link.parquet"
    link.symlink_to("/etc/passwd")
    with pytest.raises(BadInput, match="nothing else"):
        sql.query(views, f"SELECT * FROM read_text('{link}')")


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("SELECT * FROM bers", "did you mean 'bars'"),
        ("SELECT clos FROM bars", '"close"'),
        ("SELECT medan(close) FROM bars", '"median"'),
        ("SELEC 1", r"\^"),
        ("SELECT * FROM read_text('/etc/passwd')", "there is: bars, volumes"),
        ("DROP VIEW bars", "DROP is not allowed"),
        ("SELECT 1; SELECT 2", "2 statements"),
        ("SELECT INTERVAL 1 DAY AS gap", 'CAST\\("gap" AS VARCHAR\\)'),
    ],
)
def test_what_is_wrong_is_said_with_what_is_near(views, question, words):
    with pytest.raises(BadInput, match=words):
        sql.query(views, question)


def test_without_datasets_it_is_said_so(views):
    with pytest.raises(BadInput, match="no dataset yet"):
        sql.query({}, "SELECT * FROM bars")
    assert sql.query({}, "SELECT 1 AS one").rows() == [(1,)]


def test_memory_is_bounded(views, monkeypatch):
    monkeypatch.setitem(sql._CONFIG, "memory_limit", "64MiB")
    with pytest.raises(Failed, match="memory"):
        sql.query(views, "SELECT x FROM range(100_000_000) t(x) ORDER BY hash(x)")


def test_an_answer_is_bounded(views, monkeypatch):
    monkeypatch.setattr(sql, "ANSWER_BYTES", 1 << 20)
    with pytest.raises(BadInput, match="larger than 1 MiB"):
        sql.query(views, "SELECT * FROM range(1_000_000_000_000)")


@pytest.mark.parametrize("content", [b"", b"PAR1 is not enough"])
def test_a_file_that_is_no_parquet_is_damaged(views, content):
    views["bars"][0].path.write_bytes(content)
    with pytest.raises(Damaged):
        sql.query(views, "SELECT * FROM bars")


def test_a_file_that_is_gone_is_damaged(views):
    views["bars"][0].path.unlink()
    with pytest.raises(Damaged):
        sql.query(views, "SELECT * FROM bars")


def test_columns_of_one_name_are_all_there(views):
    answer = sql.query(views, "SELECT 1 AS a, 2 AS a, 3 AS a_1, 4 AS a")
    assert answer.to_dicts() == [{"a": 1, "a_2": 2, "a_1": 3, "a_3": 4}]
