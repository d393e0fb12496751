"""Each server is asked in its own protocol: a stopped, a wrong, an old and a closed one is told."""

from __future__ import annotations

import os
import signal
import socket
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from agent.checkup.questions import (
    ask_clickhouse,
    ask_luigi,
    ask_nsqd,
    ask_nsqlookupd,
    ask_qdrant,
    ask_telemetry,
    mend,
    within,
)
from agent.checkup.servers import ask_events, ask_lake, ask_scheduler
from agent.cli.context import Context
from storage.index.server import parse_server as parse_qdrant
from storage.telemetry.openobserve import PASSWORD, parse_stream
from storage.warehouse.server import parse_server as parse_clickhouse


@contextmanager
def answering(answer):
    """Serve HTTP: `answer` gets the path and the headers, and gives a status and a body."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = answer(self.path, self.headers)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def deaf():
    """A port whose connections the kernel takes, and nobody answers."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(16)
        yield listening.getsockname()[1]


QUESTIONS = {
    "nsqd": lambda port: ask_nsqd("127.0.0.1", port),
    "nsqlookupd": lambda port: ask_nsqlookupd("127.0.0.1", port),
    "clickhouse": lambda port: ask_clickhouse(
        parse_clickhouse(f"clickhouse://127.0.0.1:{port}", {})
    ),
    "qdrant": lambda port: ask_qdrant(parse_qdrant(f"qdrant://127.0.0.1:{port}", {})),
    "telemetry": lambda port: ask_telemetry(
        parse_stream(f"openobserve://ann@127.0.0.1:{port}/default/qraft", {PASSWORD: "x"})
    ),
    "luigi": lambda port: ask_luigi(f"http://127.0.0.1:{port}"),
}  # fmt: skip


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_takes_connections_and_says_nothing_is_told_from_what_is_not_there(name, deaf):
    ask = QUESTIONS[name]
    silent = within(lambda: ask(deaf), 0.5)
    assert silent == "takes connections and does not answer within 0.5 s"
    assert "stopped" in mend(silent)
    away = within(lambda: ask(9))
    assert away == "does not answer"
    assert "scripts/servers up" in mend(away)


@pytest.mark.parametrize("name", sorted(set(QUESTIONS) - {"telemetry"}))
def test_another_server_is_not_taken_for_it(name):
    with answering(lambda path, headers: (200, b"<html>hello</html>")) as port:
        assert " is no " in f" {within(lambda: QUESTIONS[name](port))}"


def clickhouse(version, *, formats=True, password=""):
    def answer(path, headers):
        if headers.get("X-ClickHouse-Key", "") != password:
            return 403, b"Code: 516. DB::Exception: qraft: Authentication failed"
        query = unquote(parse_qs(urlsplit(path).query)["query"][0])
        if "version()" in query:
            return 200, f"{version}\n".encode()
        return (200, b"ARROW1") if formats else (400, b"Code: 73. Unknown format ArrowStream")

    return answer


def test_a_clickhouse_that_is_too_old_or_closed_is_told():
    with answering(clickhouse("18.16.1", formats=False)) as port:
        said = QUESTIONS["clickhouse"](port)
        assert "ClickHouse 18.16.1, too old" in said
    with answering(clickhouse("25.8.1.1", password="geheim")) as port:
        assert "does not let `default` in" in QUESTIONS["clickhouse"](port)
        server = parse_clickhouse(
            f"clickhouse://127.0.0.1:{port}", {"CLICKHOUSE_PASSWORD": "geheim"}
        )
        assert ask_clickhouse(server) == ""


def test_a_clickhouse_that_works_is_well(clickhouse_http):
    assert QUESTIONS["clickhouse"](clickhouse_http) == ""


def test_closed_doors_are_told():
    with answering(lambda path, headers: (401, b"no")) as port:
        assert "QDRANT_API_KEY" in QUESTIONS["qdrant"](port)
        assert "OPENOBSERVE_PASSWORD" in QUESTIONS["telemetry"](port)
    with answering(lambda path, headers: (200, b'{"result": {"collections": []}}')) as port:
        assert QUESTIONS["qdrant"](port) == ""


@pytest.mark.server
def test_servers_that_are_stopped_are_told_and_well_again_afterwards(
    terminal, servers, monkeypatch
):
    for name, value in servers.environment.items():
        monkeypatch.setenv(name, value.replace("s3://qraft/", "s3://qraft-stopped/"))
    terminal.call("up", "--prepare")
    asked = {"nsqd": ask_events, "minio": ask_lake, "luigid": ask_scheduler}
    monkeypatch.setattr("agent.checkup.servers.BUCKET_S", 2.0)
    monkeypatch.setattr("agent.checkup.questions.LIMIT_S", 2.0)
    assert [ask(Context(str(terminal.workspace))) for ask in asked.values()] == ["", "", ""]
    pids = servers.pids()
    for name, ask in asked.items():
        os.kill(pids[name], signal.SIGSTOP)
        try:
            assert "does not answer" in ask(Context(str(terminal.workspace)))
        finally:
            os.kill(pids[name], signal.SIGCONT)
        assert within(lambda ask=ask: ask(Context(str(terminal.workspace))), 60) == ""
