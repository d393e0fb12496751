"""An exchange is added by the document, and by the decoder file, that the how-to shows."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest

from configs.errors import Forbidden
from configs.workspace import Workspace
from storage.connectors.opening import Around, open_connector
from tasks.streams.decoding import known, make
from tasks.streams.decoding.formats import FORMATS
from tasks.streams.event import Malformed, Trade
from taskspecs.sources.catalogue import find
from taskspecs.sources.consent import require_consent
from taskspecs.sources.load import load
from tests.consent import agree_to_source
from tests.exchange.kept import Kept, running
from tests.exchange.server import Exchange, until

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "add-an-exchange.md"
NOW = 1_767_225_700_000_000


def block(language: str) -> str:
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[0]


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "work" / "sources").mkdir(parents=True)
    return Workspace((tmp_path / "work").resolve())


def add(workspace, text):
    (workspace.root / "sources" / "acme.yaml").write_text(text)
    path = find("acme", workspace)
    return load(path, known())[0], path


def brought(workspace, text, messages):
    """What a source brings of a scripted exchange, from its document alone."""

    async def script(line, number):
        await line.recv()
        for message in messages:
            await line.send(message)
        await line.wait_closed()

    async def main():
        sink = Kept()
        async with Exchange(script, hears=False) as exchange:
            changed = text.replace("wss://stream.acme.example/v1", f"{exchange.ws}/v1")
            spec, path = add(workspace, changed.replace("silent_s: 60", "message_pause_s: 0"))
            require_consent(spec, path)
            decoder = make(spec)
            around = Around(workspace.root, symbols=decoder.names.asked)
            async with running(open_connector(spec, around), sink):
                await until(lambda: len(sink.raw) == len(messages))
        return [event for body in sink.raw for event in decoder.decode(body, NOW)]

    return asyncio.run(main())


def test_one_document_adds_an_exchange(workspace):
    spec, path = add(workspace, block("yaml"))
    with pytest.raises(Forbidden, match="nobody agreed"):
        require_consent(spec, path)
    agree_to_source(spec)
    require_consent(spec, path)
    fill = json.loads(block("json"))
    sent = ['{"op":"pong"}', json.dumps(fill), json.dumps(fill | {"market": "XRP_USD"})]
    assert brought(workspace, block("yaml"), sent) == [
        Trade("BTC-USD", 1_767_225_601_250_000, NOW, 9_051_210, 1_250_000, 1001, 1)
    ]


def test_one_document_and_one_file_add_an_exchange(workspace, tmp_path, monkeypatch):
    file = tmp_path / "acme_format.py"
    file.write_text(block("python"))
    made = spec_from_file_location("acme_format", file)
    module = module_from_spec(made)
    monkeypatch.setitem(sys.modules, "acme_format", module)
    made.loader.exec_module(module)
    for each in module.FORMATS:
        monkeypatch.setitem(FORMATS, each.name, each)
    fields = re.search(r"decode:\n.*?(?=order:)", block("yaml"), re.DOTALL)[0]
    text = block("yaml").replace(fields, "decode: {format: acme_trades}\n")
    rows = [[7, 1_767_225_601_000, "90512.1", "0.5"], [8, 1_767_225_602_000, "90512", "-2"]]
    events = brought(workspace, text, [json.dumps({"market": "ETH_USD", "rows": rows})])
    assert events == [
        Trade("ETH-USD", 1_767_225_601_000_000, NOW, 9_051_210_000_000, 50_000_000, 7, 1),
        Trade("ETH-USD", 1_767_225_602_000_000, NOW, 9_051_200_000_000, 200_000_000, 8, -1),
    ]
    with pytest.raises(Malformed):
        make(add(workspace, text)[0]).decode(b'{"market": 1}', NOW)
