"""Questions to a client of clickhouse-connect, of which half an answer is none.

Answers come as Arrow, which has a schema even where there are no rows: one that was cut off before
its first byte cannot be taken for one without rows, as it could in the driver's own format.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
from clickhouse_connect.driver.exceptions import ClickHouseError, OperationalError
from urllib3.exceptions import HTTPError

if TYPE_CHECKING:
    from collections.abc import Mapping


LIMITS: Final = {
    "max_execution_time": 300,
    "max_memory_usage": 4 << 30,
    "max_result_bytes": 2 << 30,
}
"""What one statement may take: seconds, bytes while it is worked on, bytes of an answer."""


class CutOff(OperationalError):
    """The server's answer ended before it was whole."""


def limit(client: Any) -> None:
    """Set the limits for all that a client asks from now on.

    Settings of a single question would do the same; in process, each costs seven more statements.
    """
    for name, value in LIMITS.items():
        client.set_client_setting(name, value)


def ask(client: Any, sql: str, parameters: Mapping[str, Any] | None = None) -> list[dict[str, Any]]:
    """Return the rows of an answer as dictionaries; see :func:`ask_arrow`."""
    rows: list[dict[str, Any]] = ask_arrow(client, sql, parameters).to_pylist()
    return rows


def ask_arrow(client: Any, sql: str, parameters: Mapping[str, Any] | None = None) -> pa.Table:
    """Return an answer as an Arrow table.

    Raises
    ------
    ClickHouseError
        If the server refuses, or its answer is not whole.
    """
    try:
        return client.query_arrow(sql, parameters=dict(parameters or {}))
    except pa.ArrowException as error:
        raise CutOff(f"the answer is not whole: {error}") from error


def is_connection_lost(error: ClickHouseError) -> bool:
    """Whether the server was not reached, or its answer not to the end; else it has refused."""
    return isinstance(error, CutOff) or isinstance(error.__cause__, HTTPError | OSError)
