"""The exchange in a thread of its own, for commands that run their own loop."""

from __future__ import annotations

import asyncio
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tests.exchange.server import Exchange, quiet

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def served(rest: Any, script: Any = quiet) -> Iterator[Exchange]:
    loop = asyncio.new_event_loop()
    exchange = Exchange(script, rest=rest)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(exchange.__aenter__(), loop).result(10)
    try:
        yield exchange
    finally:
        asyncio.run_coroutine_threadsafe(exchange.__aexit__(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
