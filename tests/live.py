"""Live sources for tests: a document, a workspace, and a connector that sends what it is told."""

import asyncio
import json

from configs.workspace import Workspace
from storage.journal.record import Kind
from taskspecs.sources.load import ANYTHING, parse

DOCUMENT = """\
kind: source
name: {name}
connect: {{by: websocket, url: "ws://127.0.0.1:9/feed"}}
decode:
  fields:
    symbol: s
    ts: {{path: T, unit: ms}}
    sequence: t
    price: {{path: p, decimals: 2}}
    size: {{path: q, decimals: 3}}
order: {{lateness_ms: {lateness_ms}, step: 1}}
bars: {{every: 1s}}
"""
START_MS = 1_704_160_800_000  # 2024-01-02 02:00 UTC


def document(name="trades", *, lateness_ms=500, more=""):
    return DOCUMENT.format(name=name, lateness_ms=lateness_ms) + more


def spec(name="trades", **more):
    return parse(document(name, **more), ANYTHING)


def workspace_with(root, name="trades", **more):
    """Return a workspace that has a source."""
    (root / "sources").mkdir(parents=True, exist_ok=True)
    (root / "sources" / f"{name}.yaml").write_text(document(name, **more))
    return Workspace(root.resolve())


def trade(n, *, symbols=2, step_ms=10):
    """Return the n-th trade: symbols in turn, prices that wander and are known."""
    symbol, sequence = n % symbols, n // symbols
    price = 100 + symbol + (n * 7919 % 101) / 100
    return {
        "s": f"S{symbol}", "t": sequence, "T": START_MS + n * step_ms, "p": f"{price:.2f}",
        "q": f"{1 + n % 5}.5",
    }  # fmt: skip


def body(n, **more):
    return json.dumps(trade(n, **more)).encode()


def sender(bodies, *, each=None, forever=False):
    """Return a connector that puts messages, and then ends or waits."""

    async def connect(_spec, sink):
        await sink.put(Kind.OPENED, b'{"connection": 1}')
        for raw in bodies:
            await sink.put(Kind.RAW, raw)
            if each is not None:
                await asyncio.sleep(each)
        while forever:
            await asyncio.sleep(1)

    return connect
