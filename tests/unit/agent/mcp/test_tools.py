"""`qraft mcp` through the protocol's own client: what is offered, found and refused."""

from __future__ import annotations

import json
import os
import socket
import sys
import time
from contextlib import AsyncExitStack
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import anyio
import grimp
import pytest
from mcp import StdioServerParameters
from mcp.client.client import Client
from mcp.client.streamable_http import create_mcp_http_client, streamable_http_client

from agent.cli.context import Context
from agent.mcp.admission import Admission, token_file, token_of
from agent.mcp.server import OFFERS, make_server
from configs.errors import Failed, Forbidden
from configs.keys.private_files import replace_private
from configs.workspace import open_workspace
from storage.open import open_ledger
from tests.conftest import REPOSITORY
from tests.consent import agree_to_settings
from tests.stand_ins.openai_http import Call, Fault, Reply, serving

ALLOWED = {
    "search", "list_runs", "show_run", "list_patterns", "show_pattern", "explain", "plan", "run",
    "propose",
}  # fmt: skip
READ_ONLY = ALLOWED - {"run", "propose"}
DECIDING = ("approve", "promote", "demote", "reject", "halt", "resume", "holdout", "gate", "sql")
PATIENCE_S = 60


def ask(server, *calls, token=None):
    """Call tools, one after the other, over a connection of their own."""

    async def session():
        async with AsyncExitStack() as stack:
            reached = server
            if token is not None:
                sending = create_mcp_http_client(headers={"Authorization": f"Bearer {token}"})
                await stack.enter_async_context(sending)
                reached = streamable_http_client(server, http_client=sending)
            client = await stack.enter_async_context(Client(reached, read_timeout_seconds=200))
            offered = (await client.list_tools()).tools
            return offered, [await client.call_tool(name, given) for name, given in calls]

    return anyio.run(session)


def by_stdio(shell):
    command, *arguments = shell.command("mcp")
    return StdioServerParameters(
        command=command, args=arguments, cwd=REPOSITORY,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )  # fmt: skip


def inside(shell):
    return make_server(Context(str(shell.workspace)))


def content(result):
    assert not result.is_error, result.content
    return result.structured_content["content"]


def error(result):
    assert result.is_error
    text = result.content[0].text
    return json.loads(text[text.index("{") :])


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def http(demo_shell):
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = demo_shell.start("mcp", "--http", str(port))
    try:
        url = process.stdout.readline().strip()
        deadline = time.monotonic() + PATIENCE_S
        while not listens(port):
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.1)
        yield url, token_of(port)
    finally:
        process.terminate()
        process.communicate()


def test_nothing_is_offered_but_what_is_allowed(shell):
    offered, _ = ask(inside(shell))
    assert {tool.name for tool in offered} == ALLOWED == {offer.name for offer in OFFERS}
    assert {tool.name for tool in offered if tool.annotations.read_only_hint} == READ_ONLY
    assert all(tool.description for tool in offered)


def test_the_server_cannot_reach_what_decides():
    graph = grimp.build_graph("agent", "gate", "tasks", "storage", "taskspecs", "configs")
    for deciding in ("gate.deciding", "agent.cli.gate"):
        for module in graph.find_descendants("agent.mcp"):
            assert not graph.find_shortest_chains(module, deciding, as_packages=True), module


@pytest.mark.parametrize("name", DECIDING)
def test_a_tool_that_decides_does_not_exist(demo_shell, name):
    ledger = open_ledger(Context(str(demo_shell.workspace)).settings, workspace_of(demo_shell))
    before = [entry.seq for entry in ledger.entries()]
    _, [refused] = ask(inside(demo_shell), (name, {"strategy": "us_momentum", "to": "live"}))
    assert refused.is_error
    assert [entry.seq for entry in ledger.entries()] == before


def workspace_of(shell):
    return open_workspace(str(shell.workspace))


def test_over_stdio_runs_patterns_and_explanations_come_with_their_run_ids(demo_shell):
    _, (runs, patterns, explained, found) = ask(
        by_stdio(demo_shell), ("list_runs", {}), ("list_patterns", {"limit": 2}), ("explain", {}),
        ("search", {"query": "half-space trees"}),
    )  # fmt: skip
    (run,) = content(runs)
    assert runs.structured_content["run_ids"] == [run["run_id"]]
    assert {p["run_id"] for p in content(patterns)} <= {run["run_id"]}  # none may have survived
    assert len(content(patterns)) <= 2
    assert explained.structured_content["run_ids"] == [run["run_id"]]
    assert all(value["sources"] for value in content(explained)["values"])
    assert all(passage["id"] and passage["kind"] for passage in content(found))
    assert "half" in content(found)[0]["text"].lower()


def test_over_http_on_loopback(http):
    url, token = http
    assert url.startswith("http://127.0.0.1:")
    offered, (shown, planned) = ask(
        url, ("show_run", {}), ("plan", {"prompt": "60-day momentum since 2008, if VIX < 20"}),
        token=token,
    )  # fmt: skip
    assert {tool.name for tool in offered} == ALLOWED
    assert shown.structured_content["run_ids"] == [content(shown)["run_id"]]
    assert [question["about"] for question in content(planned)["questions"]]
    for wrong in (None, "", "Bearer", f"Bearer {token}x", f"Bearer {token[:-1]}", token,
                  f"Basic {token}", f"bearer {token}"):  # fmt: skip
        headers = {} if wrong is None else {"Authorization": wrong}
        for method in ("POST", "GET", "DELETE", "OPTIONS"):
            asked = Request(url, b"{}" if method == "POST" else None, headers, method=method)
            with pytest.raises(HTTPError) as refused:
                urlopen(asked)
            told = refused.value.read().decode()
            assert refused.value.code == 401, (wrong, method)
            assert token not in told
            assert "Authorization: Bearer" in json.loads(told)["hint"]


def test_a_plan_runs_and_is_counted_and_proposed_once(demo_copy):
    _, [planned] = ask(inside(demo_copy), ("plan", {"prompt": "60-day momentum since 2008"}))
    spec = content(planned)["spec"] | {"name": "asked", "detection": []}
    spec["gate"] = {"propose": False}
    _, (run, first, second) = ask(
        inside(demo_copy), ("run", {"taskspec": spec}), ("propose", {"run": "asked"}),
        ("propose", {"run": "asked"}),
    )  # fmt: skip
    run_id = content(run)["run_id"]
    assert run.structured_content["run_ids"] == [run_id]
    ledger = open_ledger(Context(str(demo_copy.workspace)).settings, workspace_of(demo_copy))
    (trial,) = [e for e in ledger.entries("trial") if e.body["run_id"] == run_id]
    assert trial.body["road"] == "mcp"
    assert (content(first)["new"], content(second)["new"]) == (True, False)
    (proposal,) = [e for e in ledger.entries("proposal") if e.body["run_id"] == run_id]
    assert proposal.body["stage"] == "dryrun"


def test_a_plan_is_the_models_where_there_is_one_and_else_says_why_not(shell, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-tests")
    spec = {"features": {"define": {"momentum": "$close / Ref($close, 60) - 1"}}}
    reason = {"key": "features.define.momentum", "words": "60-day momentum", "passage": ""}
    submitted = {"base": "us_momentum", "spec": spec, "reasons": [reason]}
    script = [Reply(calls=(Call("submit_plan", submitted),)), Fault(400)]
    with serving(script) as server:
        llm = {"model": "openai:scripted", "base_url": server.url, "max_retries": 0}
        (shell.workspace / "qraft.yaml").write_text(json.dumps({"llm": llm}))
        agree_to_settings(shell.workspace)
        given = ("plan", {"prompt": "60-day momentum"})
        _, (by_model, instead) = ask(inside(shell), given, given)
    assert content(by_model)["assistant"]["model"] == "openai:scripted"
    assert content(by_model)["questions"] == []
    assert content(instead)["assistant"]["model"] is None
    assert "did not: openai:scripted" in content(instead)["assistant"]["note"]
    assert content(by_model)["spec"]["features"] == content(instead)["spec"]["features"]


@pytest.mark.parametrize(
    ("name", "given", "kind", "key"),
    [
        ("run", {"spec": "../outside.yaml"}, "BadInput", None),
        ("run", {"spec": "/etc/passwd"}, "BadInput", None),
        ("run", {"spec": ".qraft/secret.yaml"}, "BadInput", None),
        ("run", {"spec": "linked.yaml"}, "BadInput", None),
        ("run", {"spec": "us_momentun"}, "BadInput", None),
        ("run", {}, "BadInput", None),
        ("run", {"taskspec": {"name": "x", "signal": {"expression": "$close +"}}}, "BadInput",
         "signal.expression"),
        ("run", {"taskspec": {"name": "x", "data": {"source": "file", "path": "../../etc/passwd"},
                              "signal": {"expression": "$close"}}}, "BadInput", "data.path"),
        ("show_run", {"run": "nothing"}, "BadInput", None),
        ("show_pattern", {"pattern": "zzzz"}, "BadInput", None),
        ("explain", {"id": "zzzz"}, "BadInput", None),
        ("plan", {"prompt": " "}, "BadInput", None),
    ],
)  # fmt: skip
def test_a_refusal_says_its_kind_and_place_and_writes_nothing(
    demo_copy, tmp_path, *, name, given, kind, key
):
    (demo_copy.workspace / ".qraft" / "secret.yaml").write_text("token: sesame-9")
    (tmp_path / "outside.yaml").write_text("token: sesame-9")
    link = demo_copy.workspace / "linked.yaml"
    link.unlink(missing_ok=True)
    link.symlink_to(tmp_path / "outside.yaml")
    ledger = open_ledger(Context(str(demo_copy.workspace)).settings, workspace_of(demo_copy))
    before = [entry.seq for entry in ledger.entries()]
    _, [result] = ask(inside(demo_copy), (name, given))
    refused = error(result)
    assert refused["kind"] == kind
    assert "sesame" not in str(refused)
    assert key is None or refused["place"]["key"] == key
    assert [entry.seq for entry in ledger.entries()] == before


def test_an_argument_out_of_bounds_is_named(shell):
    _, [result] = ask(inside(shell), ("list_runs", {"limit": 0}))
    assert result.is_error
    assert "limit" in result.content[0].text


def test_a_taken_port_is_told(shell):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = shell.run("mcp", "--http", str(taken.getsockname()[1]), exit_code=2)
    assert "cannot be served" in done.stderr


class TestAdmission:
    def test_the_token_is_made_once_and_for_its_owner_alone(self):
        token = token_of(1)
        assert token_of(1) == token != token_of(2)
        assert token_file(1).stat().st_mode & 0o077 == 0

    def test_a_token_that_others_may_read_is_refused(self):
        token_of(3)
        token_file(3).chmod(0o644)
        with pytest.raises(Forbidden, match="is not trusted"):
            token_of(3)

    def test_what_is_no_token_is_told(self):
        replace_private(token_file(4), b"")
        with pytest.raises(Failed, match="holds no token"):
            token_of(4)

    @pytest.mark.parametrize("kind", ["http", "websocket"])
    @pytest.mark.parametrize("shown", [[], [b"Bearer y"], [b"Bearer x", b"Bearer x"]])
    def test_nothing_is_handed_on_without_it(self, kind, shown):
        told = []

        async def send(message):
            told.append(message)

        async def served(*_):
            raise AssertionError

        headers = [(b"authorization", value) for value in shown]
        anyio.run(Admission(served, "x"), {"type": kind, "headers": headers}, None, send)
        assert told[0].get("status", told[0].get("code")) in {401, 1008}
