"""Channels: by pages, by socket and by events; no hole, nothing twice, and the slow are closed."""

from __future__ import annotations

import asyncio
import json
from socket import create_connection

import pytest
from websockets.sync.client import connect

from agent.http.answers import Answers
from agent.http.push.hub import QUEUE, Hub, Listener, Sent
from agent.http.push.streams import events
from agent.service.service import Service
from configs.errors import BadInput
from tests.unit.agent.http.conftest import served

API = "/api/v1"


def write(workspace, *numbers):
    home = workspace / ".qraft"
    home.mkdir(exist_ok=True)
    with (home / "telemetry.jsonl").open("a") as file:
        for number in numbers:
            file.write(json.dumps({"event": "note", "number": number}) + "\n")


def numbers(texts):
    return [json.loads(text)["data"]["number"] for text in texts if '"channel"' in text]


@pytest.fixture
def hub(tmp_path):
    with Service(str(tmp_path)) as service:
        answers = Answers(service)
        yield Hub(answers, service)
        answers.close()


def drained(listener):
    return [listener.queue.get_nowait().text for _ in range(listener.queue.qsize())]


def test_history_goes_on_into_what_is_new(hub, tmp_path):
    write(tmp_path, 1, 2)

    async def listened():
        listener = Listener()
        before = await hub.history("logs", None)
        await hub.listen(listener, "logs", before[0].cursor)
        write(tmp_path, 3)
        watching = asyncio.ensure_future(hub.watch())
        while listener.queue.qsize() < 2:
            await asyncio.sleep(0.01)
        watching.cancel()
        return drained(listener)

    assert numbers(asyncio.run(listened())) == [2, 3]


def test_who_comes_later_hears_what_others_heard(hub, tmp_path):
    async def listened():
        first, second = Listener(), Listener()
        write(tmp_path, 1)
        await hub.listen(first, "logs", None)
        write(tmp_path, 2)
        await hub.listen(second, "logs", "0")
        write(tmp_path, 3)
        watching = asyncio.ensure_future(hub.watch())
        while second.queue.qsize() < 3:
            await asyncio.sleep(0.01)
        watching.cancel()
        return numbers(drained(first)), numbers(drained(second))

    assert asyncio.run(listened()) == ([1, 2, 3], [1, 2, 3])


def test_what_comes_while_one_joins_is_heard_once(hub, tmp_path, monkeypatch):
    write(tmp_path, 1)
    look = hub._look

    async def looks_and_more_comes(name, feed):
        await look(name, feed)
        monkeypatch.undo()
        write(tmp_path, 2)

    async def listened():
        listener = Listener()
        monkeypatch.setattr(hub, "_look", looks_and_more_comes)
        await hub.listen(listener, "logs", "0")
        write(tmp_path, 3)
        watching = asyncio.ensure_future(hub.watch())
        while listener.queue.qsize() < 3:
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.2)
        watching.cancel()
        return drained(listener)

    assert numbers(asyncio.run(listened())) == [1, 2, 3]


def test_a_server_that_begins_anew_goes_on_at_the_same_cursor(tmp_path):
    write(tmp_path, 1, 2)

    async def read(after):
        with Service(str(tmp_path)) as service:
            answers = Answers(service)
            try:
                return await Hub(answers, service).history("logs", after)
            finally:
                answers.close()

    first = asyncio.run(read(None))
    write(tmp_path, 3)
    assert [item.value["number"] for item in asyncio.run(read(first[-1].cursor))] == [3]


def test_one_who_does_not_take_what_comes_is_marked():
    async def fill():
        listener = Listener()
        for number in range(QUEUE + 1):
            listener.hand(Sent(str(number)))
        return listener.full.is_set(), listener.queue.qsize()

    assert asyncio.run(fill()) == (True, QUEUE)


def test_an_unknown_channel_and_a_strange_cursor(hub):
    with pytest.raises(BadInput, match="no channel"):
        asyncio.run(hub.listen(Listener(), "nothing", None))
    with pytest.raises(BadInput, match="no cursor"):
        asyncio.run(hub.history("signals", "x'; drop"))


def said(socket):
    return json.loads(socket.recv(timeout=60))


def test_channels_by_socket(tmp_path):
    write(tmp_path, 1)
    with served(tmp_path) as place, connect(f"ws://{place}/ws") as socket:
        socket.send(json.dumps({"subscribe": "logs"}))
        first = said(socket)
        assert (first["channel"], first["data"]["number"]) == ("logs", 1)
        assert said(socket) == {"subscribed": "logs", "cursor": first["cursor"]}
        write(tmp_path, 2)
        assert said(socket)["data"]["number"] == 2
        socket.send(json.dumps({"subscribe": "nothing"}))
        assert "no channel" in said(socket)["error"]
        socket.send("[[[[")
        assert "subscribe" in said(socket)["error"]
        socket.send(json.dumps({"unsubscribe": "logs"}))
        assert said(socket) == {"unsubscribed": "logs"}


def test_a_client_goes_on_where_it_was_when_the_server_comes_back(tmp_path):
    write(tmp_path, 1, 2)
    with served(tmp_path) as place, connect(f"ws://{place}/ws") as socket:
        socket.send(json.dumps({"subscribe": "logs"}))
        cursor = [said(socket), said(socket)][-1]["cursor"]
    write(tmp_path, 3)
    with served(tmp_path) as place, connect(f"ws://{place}/ws") as socket:
        socket.send(json.dumps({"subscribe": "logs", "after": cursor}))
        assert said(socket)["data"]["number"] == 3


def test_a_connection_that_says_nothing_is_ended(tmp_path, monkeypatch):
    monkeypatch.setattr("agent.http.serving.HEAD_S", 0.2)
    with served(tmp_path) as place:
        host, _, port = place.partition(":")
        with create_connection((host, int(port))) as line:
            line.sendall(b"GET /healthz HT")
            line.settimeout(30)
            assert line.recv(100) == b""


def test_runs_that_ended_are_told_on_patterns(client):
    found = client.get(f"{API}/channels/patterns").json()
    assert found["items"][-1]["data"]["runs"][0]["status"] == "finished"
    after = client.get(f"{API}/channels/patterns?after={found['cursor']}").json()
    assert (after["items"], after["cursor"]) == ([], found["cursor"])


def test_events_carry_the_place_to_go_on_from(hub, tmp_path):
    write(tmp_path, 1, 2)

    async def first(last):
        stream = events(hub, ["logs"], last)
        told = (await anext(stream)).decode()
        await stream.aclose()
        return told

    told = asyncio.run(first(None))
    ident = told.partition("\n")[0].removeprefix("id: ")
    assert '"number":1' in told
    assert '"number":2' in asyncio.run(first(ident))
