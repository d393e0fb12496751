"""Channels: by pages, by socket and by events; no hole, nothing twice, and the slow are closed."""

from __future__ import annotations

import asyncio
import json

import pytest

from agent.http.answers import Answers
from agent.http.push.hub import QUEUE, Hub, Listener
from agent.http.push.streams import events
from agent.service.service import Service
from configs.errors import BadInput

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
    return [listener.queue.get_nowait() for _ in range(listener.queue.qsize())]


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
            listener.hand(str(number))
        return listener.full.is_set(), listener.queue.qsize()

    assert asyncio.run(fill()) == (True, QUEUE)


def test_an_unknown_channel_and_a_strange_cursor(hub):
    with pytest.raises(BadInput, match="no channel"):
        asyncio.run(hub.listen(Listener(), "nothing", None))
    with pytest.raises(BadInput, match="no cursor"):
        asyncio.run(hub.history("signals", "x'; drop"))


def test_channels_by_socket(client):
    with client.websocket_connect("ws://127.0.0.1:8100/ws") as socket:
        socket.send_json({"subscribe": "signals"})
        assert socket.receive_json() == {"subscribed": "signals", "cursor": None}
        socket.send_json({"subscribe": "nothing"})
        assert "no channel" in socket.receive_json()["error"]
        socket.send_text("[[[[")
        assert "subscribe" in socket.receive_json()["error"]
        socket.send_json({"unsubscribe": "signals"})
        assert socket.receive_json() == {"unsubscribed": "signals"}


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
