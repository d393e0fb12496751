"""ClickHouse's HTTP interface in front of chDB, for the stock client to speak to.

No ClickHouse server can be installed from a package registry here; the engine behind is the same.
Run as ``python clickhouse_http.py FOLDER PORT``; it listens on loopback only.
"""

from __future__ import annotations

import json
import re
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import chdb
import lz4.frame
import pyarrow as pa

_FORMAT = re.compile(rb"\bFORMAT\s+(\w+)\s*;?\s*$", re.IGNORECASE)
_INSERT = re.compile(
    rb"^\s*(?P<into>INSERT\s+INTO\s+.*?)\s+FORMAT\s+(?P<format>\w+)[ \t]*(?:\n|$)",
    re.IGNORECASE | re.DOTALL,
)
_CODE = re.compile(r"Code: (\d+)")
_ONE_AT_A_TIME = threading.Lock()


class Front(BaseHTTPRequestHandler):
    """One request."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    path_of_data: str
    settings: frozenset[str]

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        if url.path == "/ping":
            self._reply(200, b"Ok.\n")
            return
        options = dict(parse_qsl(url.query, keep_blank_values=True))
        body = self._body()
        try:
            with _ONE_AT_A_TIME:
                headers, answer = self._run(options, body)
        except RuntimeError as error:
            code = _CODE.search(str(error))
            told = {"X-ClickHouse-Exception-Code": code[1] if code else "1000"}
            self._reply(500, str(error).encode(), told)
        else:
            self._reply(200, answer, headers)

    do_POST = do_GET  # noqa: N815

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002
        """Say nothing."""

    def _run(self, options: dict[str, str], body: bytes) -> tuple[dict[str, str], bytes]:
        statement = options.get("query", "").encode()
        whole = b"\n".join(filter(None, [statement, body]))
        connection = chdb.connect(self.path_of_data)
        try:
            if database := options.get("database"):
                connection.query(f"USE `{database}`")
            for name in self.settings & options.keys():
                connection.query(f"SET {name} = {_quoted(options[name])}")
            if insert := _INSERT.match(whole):
                return _insert(connection, insert, whole[insert.end() :])
            return _select(connection, options, whole)
        finally:
            connection.close()

    def _body(self) -> bytes:
        if "chunked" in (self.headers.get("Transfer-Encoding") or ""):
            raw = b"".join(self._chunks())
        else:
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.headers.get("Content-Encoding") != "lz4":
            return raw
        parts = []
        while raw:  # the client sends one frame for each block
            frame = lz4.frame.LZ4FrameDecompressor()
            parts.append(frame.decompress(raw))
            raw = frame.unused_data or b""
        return b"".join(parts)

    def _chunks(self) -> Any:
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()

    def _reply(self, code: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-ClickHouse-Timezone", "UTC")
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)


def _insert(connection: Any, insert: re.Match[bytes], data: bytes) -> tuple[dict[str, str], bytes]:
    form = insert["format"].decode()
    with tempfile.NamedTemporaryFile(suffix=".data") as file:
        file.write(data)
        file.flush()
        into = insert["into"].decode()
        connection.query(f"{into} FROM INFILE '{file.name}' FORMAT {form}")
    rows = pa.ipc.open_file(data).read_all().num_rows if form == "Arrow" else 0
    return {"X-ClickHouse-Summary": json.dumps({"written_rows": str(rows)})}, b""


def _select(
    connection: Any, options: dict[str, str], statement: bytes
) -> tuple[dict[str, str], bytes]:
    found = _FORMAT.search(statement)
    form = found[1].decode() if found else "TabSeparated"
    values = {k.removeprefix("param_"): v for k, v in options.items() if k.startswith("param_")}
    answer = connection.query(statement.decode(), form, params=values).bytes() or b""
    return ({"X-ClickHouse-Format": form} if found or answer else {}), answer


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def main(folder: str, port: int) -> None:
    """Serve until killed."""
    Front.path_of_data = folder
    root = chdb.connect(folder)  # keeps the engine while requests open and close their own
    known = root.query("SELECT name FROM system.settings", "TabSeparated").bytes().split()
    transport = {"database", "session_id", "query_id", "compress", "role", "wait_end_of_query"}
    Front.settings = frozenset(name.decode() for name in known) - transport
    ThreadingHTTPServer(("127.0.0.1", port), Front).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
