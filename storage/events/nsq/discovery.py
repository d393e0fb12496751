"""Ask nsqlookupd which brokers have a topic."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import TYPE_CHECKING
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable

    from storage.events.nsq.address import Host

ANSWER_S = 1.0
LARGEST_ANSWER = 1 << 20


def find_brokers(directories: Iterable[Host], topic: str) -> list[Host]:
    """Return the brokers of a topic; a directory that does not answer is passed over.

    Subscriptions go on with the brokers they know, and ask again later.
    """
    found: dict[Host, None] = {}
    for host, port in directories:
        url = f"http://{host}:{port}/lookup?topic={quote(topic)}"
        try:
            with urllib.request.urlopen(url, timeout=ANSWER_S) as answer:
                told = json.loads(answer.read(LARGEST_ANSWER))
            for producer in told["producers"]:
                found[str(producer["broadcast_address"]), int(producer["tcp_port"])] = None
        except (OSError, urllib.error.URLError, ValueError, KeyError, TypeError):
            continue
    return list(found)
