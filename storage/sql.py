"""SQL over the lake's datasets: one question, read-only, and nothing else within its reach.

The engine is locked before the question is read: no file but those of the datasets, no network, no
extension, no setting. What it may use of time and memory is bounded, and so is the answer. The
engine's own bound leaves out what a function allocates for its result, so the process may not grow
while it answers, where the system can see to that (Linux).
"""

from __future__ import annotations

import re
import resource
import threading
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from configs.errors import BadInput, Damaged, Failed, did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

MEMORY = "2GiB"
"""What the engine may use while it answers."""
GROWTH_BYTES = 4 << 30
"""By how much the process's address space may grow meanwhile, whoever asks for it."""
TIME_S = 60.0
"""Seconds of one answer."""
GRACE_S = 5.0
"""Seconds that the engine has to stop when it is told to."""
LONGEST = 100_000
"""Characters of a query."""
ANSWER_BYTES = 1 << 30
"""What an answer may measure."""
BATCH_ROWS = 1 << 14

COLUMNS = (
    "SELECT table_name, column_name, data_type FROM information_schema.columns"
    " ORDER BY table_name, ordinal_position"
)
"""The query that tells all views and their columns."""

_PATTERN_CHARACTERS = frozenset("*?[")
_NO_TABLE = re.compile(r"Table with name (\S+) does not exist")
_CONFIG: dict[str, Any] = {
    "memory_limit": MEMORY,
    "temp_directory": "",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "python_enable_replacements": "false",
}


class Part(NamedTuple):
    """A local Parquet file, and columns that are the same in all of its rows."""

    path: Path
    labels: Mapping[str, str] = MappingProxyType({})
    """Name to value; a column that the file has itself is left as it is."""


def query(
    views: Mapping[str, Sequence[Part]],
    sql: str,
    limit: int | None = None,
    *,
    on_stuck: Callable[[Failed], None] | None = None,
) -> pl.DataFrame:
    """Answer one ``SELECT`` over Parquet files.

    Parameters
    ----------
    views
        Name of a view, and the files that it consists of; one without files does not exist. Columns
        are matched by name; a file may be in a view more than once, with other labels.
    sql
        One statement that reads, in DuckDB's dialect; ``SHOW TABLES`` and ``DESCRIBE`` read too.
    limit
        Rows of the answer at most; default all.
    on_stuck
        Called from another thread where the engine does not stop when it is told to: within one
        function it does not listen, as in ``repeat('x', 2000000000)``. It may end the process.

    Returns
    -------
    pl.DataFrame
        The answer; times in UTC. Rows come in no order that the query does not ask for.

    Raises
    ------
    BadInput
        If it is not one statement that reads, names what is not there, or asks for too much.
    Damaged
        If a dataset's file cannot be read.
    Failed
        If answering would take more memory than allowed.
    """
    if limit is not None and limit < 0:
        raise BadInput(f"a limit of {limit} rows cannot be kept", hint="allowed: 0 and more")
    if len(sql) > LONGEST:
        raise BadInput(f"the query has {len(sql):,} characters; at most {LONGEST:,} are read")
    if not sql.isascii():
        _check_text(sql)
    existing = {name: paths for name, paths in views.items() if paths}
    with _speaking_of(existing), duckdb.connect(":memory:", config=_CONFIG) as connection:
        _confine(connection, existing)
        with _bounded(connection, on_stuck):
            _check_statement(connection, sql)
            for name in _mentioned(existing, sql):
                _create_view(connection, name, existing[name])
            return _answer(connection.sql(sql), limit)


def _check_text(sql: str) -> None:
    try:
        sql.encode()
    except UnicodeEncodeError as error:
        raise BadInput("the query holds what is no text, as half of a character") from error


@contextmanager
def _bounded(
    connection: duckdb.DuckDBPyConnection, on_stuck: Callable[[Failed], None] | None
) -> Iterator[None]:
    """Interrupt what takes too long, and let nothing allocate without end."""
    timers = [threading.Timer(TIME_S, connection.interrupt)]
    if on_stuck is not None:
        timers.append(threading.Timer(TIME_S + GRACE_S, on_stuck, [_too_long()]))
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    now = _address_space()
    limited = now is not None and (soft == resource.RLIM_INFINITY or soft > now + GROWTH_BYTES)
    if limited and now is not None:
        resource.setrlimit(resource.RLIMIT_AS, (now + GROWTH_BYTES, hard))
    for timer in timers:
        timer.daemon = True
        timer.start()
    try:
        yield
    finally:
        for timer in timers:
            timer.cancel()
        for timer in timers:
            timer.join(GRACE_S)  # else it may hold the connection while the process ends
        if limited:
            resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def _too_long() -> Failed:
    return Failed(
        f"the query takes more than {TIME_S:g} s",
        hint="choose fewer columns, filter earlier, or aggregate",
    )


def _address_space() -> int | None:
    """Return how many bytes of addresses this process uses; None where the system does not say."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    except (OSError, ValueError):
        return None
    return pages * resource.getpagesize()


def _confine(connection: duckdb.DuckDBPyConnection, views: Mapping[str, Sequence[Part]]) -> None:
    files = sorted({str(part.path) for parts in views.values() for part in parts})
    connection.execute("SET TimeZone = 'UTC'")
    connection.execute(f"SET allowed_paths = {_list_of(files)}")
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")


def _check_statement(connection: duckdb.DuckDBPyConnection, sql: str) -> None:
    statements = connection.extract_statements(sql)
    if len(statements) != 1:
        raise BadInput(f"the query has {len(statements)} statements", hint="write one SELECT")
    if statements[0].type != duckdb.StatementType.SELECT:
        raise BadInput(
            f"the lake is read here, not changed: {statements[0].type.name} is not allowed",
            hint="write one SELECT; SHOW TABLES and DESCRIBE tell what there is",
        )


def _mentioned(views: Mapping[str, Sequence[Part]], sql: str) -> list[str]:
    """Return the views that a query can mean, or all for one that asks what there is.

    A view costs a look into each of its files.
    """
    text = sql.casefold()
    return sorted(name for name in views if name.casefold() in text) or sorted(views)


def _create_view(connection: duckdb.DuckDBPyConnection, name: str, parts: Sequence[Part]) -> None:
    try:
        selects = [
            _select(connection, f"{name} {number}", part) for number, part in enumerate(parts)
        ]
        connection.execute(
            f"CREATE VIEW {_identifier(name)} AS {' UNION ALL BY NAME '.join(selects)}"
        )
    except (duckdb.Error, pa.ArrowException, OSError) as error:
        raise Damaged(f"the dataset {name} cannot be read", hint=_first_line(error)) from error


def _select(connection: duckdb.DuckDBPyConnection, alias: str, part: Part) -> str:
    """Return what reads one file, with its labels as its last columns."""
    own = {column.casefold() for column in pq.read_schema(part.path).names}
    labels = "".join(
        f", {_text(value)} AS {_identifier(label)}"
        for label, value in part.labels.items()
        if label.casefold() not in own
    )
    if _PATTERN_CHARACTERS.intersection(str(part.path)):
        # The engine would read such a path as a pattern, and a pattern is not an allowed path.
        from pyarrow import dataset

        connection.register(alias, dataset.dataset([str(part.path)], format="parquet"))
        source = _identifier(alias)
    else:
        source = f"read_parquet({_text(str(part.path))})"
    return f"SELECT *{labels} FROM {source}"  # noqa: S608 - all parts are quoted


def _answer(relation: duckdb.DuckDBPyRelation, limit: int | None) -> pl.DataFrame:
    """Take batches until there are enough; what is not taken is not computed."""
    reader = relation.to_arrow_reader(BATCH_ROWS)
    batches: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in reader:
        if limit is not None and rows >= limit:
            break
        batches.append(batch)
        rows += batch.num_rows
        size += batch.nbytes
        if size > ANSWER_BYTES:
            raise BadInput(
                f"the answer is larger than {ANSWER_BYTES >> 20} MiB",
                hint="aggregate, choose columns, or add a LIMIT",
            )
    return _frame(pa.Table.from_batches(batches, schema=reader.schema).slice(0, limit))


def _frame(table: pa.Table) -> pl.DataFrame:
    columns = table.rename_columns(_distinct(table.column_names))
    return pl.DataFrame([_series(field, columns[i]) for i, field in enumerate(columns.schema)])


def _distinct(names: Sequence[str]) -> list[str]:
    """Number the columns whose name is taken, as a join of two tables makes them.

    Examples
    --------
    >>> _distinct(["symbol", "symbol", "symbol_1"])
    ['symbol', 'symbol_2', 'symbol_1']
    """
    given = set(names)
    distinct: list[str] = []
    for name in names:
        candidates = (f"{name}_{number}" for number in count(1))
        free = (c for c in candidates if c not in given and c not in distinct)
        distinct.append(next(free) if name in distinct else name)
    return distinct


def _series(field: pa.Field, values: pa.ChunkedArray) -> pl.Series:
    try:
        return pl.Series(field.name, values)
    except pl.exceptions.PolarsError as error:
        raise BadInput(
            f"the column `{field.name}` is of the type {field.type}, which has no rendering here",
            hint=f'write CAST("{field.name}" AS VARCHAR)',
        ) from error


@contextmanager
def _speaking_of(views: Mapping[str, Sequence[Part]]) -> Iterator[None]:
    """Turn the engine's errors into ours."""
    try:
        yield
    except duckdb.PermissionException as error:
        raise BadInput(
            "a query reads the lake's datasets and nothing else", hint=_there_is(views)
        ) from error
    except (duckdb.OutOfMemoryException, MemoryError, pa.ArrowMemoryError) as error:
        raise Failed(
            f"the query needs more than {MEMORY} of memory",
            hint="choose fewer columns, filter earlier, or aggregate",
        ) from error
    except duckdb.InterruptException as error:
        raise _too_long() from error
    except duckdb.IOException as error:
        raise Damaged("a dataset cannot be read", hint=_first_line(error)) from error
    except duckdb.Error as error:
        raise BadInput(
            f"the query cannot be answered: {_first_line(error)}", hint=_advice(error, views)
        ) from error


def _advice(error: duckdb.Error, views: Mapping[str, Sequence[Part]]) -> str | None:
    unknown = _NO_TABLE.search(str(error))
    if unknown:
        return did_you_mean(unknown[1], views) if views else _there_is(views)
    return str(error).partition("\n")[2].strip("\n") or None


def _there_is(views: Mapping[str, Sequence[Part]]) -> str:
    return f"there is: {', '.join(sorted(views))}" if views else "there is no dataset yet"


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _list_of(texts: Sequence[str]) -> str:
    return "[" + ", ".join(map(_text, texts)) + "]"
