"""A listener whose runs create a file for each event: what is killed in the flood.

Run as ``python flood_listener.py NSQD_URL FOLDER``.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
from concurrent.futures import Future
from pathlib import Path

from agent.triggers.memory import Memory

from agent.runner.worker import Answer
from agent.studies import Study
from agent.triggers.listener import Listener
from storage.events.nsq.address import parse_address
from storage.events.nsq.bus import NsqBus
from taskspecs.load import parse

TEXT = {"name": "flood", "signal": {"expression": "$close"}, "triggers": [{"on": "custom.flood"}]}


def main(url: str, folder: Path) -> None:
    effects = folder / "effects"
    effects.mkdir(exist_ok=True)

    def run(request) -> Future[Answer]:
        for event_id in request.events:
            try:
                os.close(os.open(effects / event_id, os.O_CREAT | os.O_EXCL))
            except FileExistsError:
                with (folder / "repeated").open("a") as file:
                    file.write(f"{event_id}\n")
        future: Future[Answer] = Future()
        future.set_result(Answer(0, run_id="flood"))
        return future

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    bus = NsqBus(parse_address(url))
    memory = Memory(folder)
    study = Study(Path("flood.yaml"), parse(json.dumps(TEXT)))
    Listener(bus, [study], run, memory, workspace=".", say=lambda _: None).listen(stop)
    memory.close()
    bus.close()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
