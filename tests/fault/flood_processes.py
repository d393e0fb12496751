"""The processes that are killed in the flood: one that tells, one that listens, and its workers.

Run as ``python flood_processes.py tell FOLDER COUNT`` and ``... listen FOLDER EFFECTS``; the bus is
named by ``QRAFT_EVENTS``.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from contextlib import closing
from pathlib import Path

from agent.road.runner.worker import Answer, Request  # no more: each worker imports this file anew

STUDIES = ("flood_a", "flood_b")
BATCH, PAUSE_S = 20, 0.5
RUN_S = 0.5


def effect(request: Request) -> Answer:
    """Stand in for a run: a file for each event, which is there once however often it is made."""
    folder = Path(os.environ["FLOOD_EFFECTS"]) / Path(request.spec).stem
    for number, event_id in enumerate(request.events):
        if number == len(request.events) // 2:
            time.sleep(RUN_S)  # so that kills meet runs that are half done
        try:
            os.close(os.open(folder / event_id, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            with (folder.parent / "repeated").open("a") as file:
                file.write(f"{event_id}\n")
    return Answer(0, run_id="flood")


def tell(folder: str, count: int, stop: threading.Event) -> None:
    """Put all events into the outbox, some of them twice, in any order; and tell them."""
    from agent.road.triggers.listening import telling
    from configs.settings import load_settings
    from configs.workspace import open_workspace
    from storage.events.boxes import Boxes
    from storage.events.envelope import make_event
    from storage.open import open_bus

    workspace = open_workspace(folder)
    numbers = list(range(count))
    numbers += random.Random(1).sample(numbers, count // 10)
    random.Random(2).shuffle(numbers)
    with (
        closing(open_bus(load_settings(workspace), workspace)) as bus,
        Boxes(workspace.home / "events") as boxes,
        telling(bus, boxes),
    ):
        for start in range(0, len(numbers), BATCH):
            batch = numbers[start : start + BATCH]
            new = boxes.outbox.keep(
                make_event("custom.flood", "test", {"n": n}, event_id=f"e{n}") for n in batch
            )
            if stop.wait(PAUSE_S if new else 0.0):
                return
        (workspace.root / "told").touch()
        stop.wait()


def listen(folder: str, effects: str, stop: threading.Event) -> None:
    """Listen with two studies and two workers."""
    from agent.road.runner.pool import RunPool
    from agent.road.studies import Study
    from agent.road.triggers.listening import listening
    from configs.settings import load_settings
    from configs.workspace import open_workspace
    from taskspecs.load import parse

    os.environ["FLOOD_EFFECTS"] = effects
    workspace = open_workspace(folder)
    studies = []
    for name in STUDIES:
        (Path(effects) / name).mkdir(parents=True, exist_ok=True)
        triggers = [{"on": "custom.flood"}]
        text = {"name": name, "signal": {"expression": "$close"}, "triggers": triggers}
        studies.append(Study(Path(f"{name}.yaml"), parse(json.dumps(text))))
    with (
        RunPool(2, effect) as pool,
        listening(
            workspace, load_settings(workspace), studies, pool.submit, concurrency=2,
            say=lambda _: None,
        ) as listener,
    ):  # fmt: skip
        listener.listen(stop)


if __name__ == "__main__":
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    if sys.argv[1] == "tell":
        tell(sys.argv[2], int(sys.argv[3]), ended)
    else:
        listen(sys.argv[2], sys.argv[3], ended)
