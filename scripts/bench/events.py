"""Events on a real nsqd: batches confirmed, messages consumed, and how soon a run begins.

The peer is nsq-py's own client and reader, in the same run.
Usage: scripts/bench/events.py [--events N] [--runs N] [--most-s S] [--json]; needs scripts/servers.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from datetime import datetime
from pathlib import Path
from typing import Any

from nsq.client import Client
from nsq.reader import Reader

from agent.road.runner.pool import RunPool
from agent.road.studies import named_studies
from agent.road.triggers.listener import Listener
from storage.events.boxes import Boxes
from storage.events.envelope import EVENTS, make_event, to_bytes
from storage.events.nsq.address import parse_address
from storage.events.nsq.bus import NsqBus

ROOT = Path(__file__).resolve().parents[2]
BATCH = 1_000
IN_FLIGHT = 2_500
SPEC = {
    "name": "woken",
    "data": {"source": "file", "path": "prices.csv"},
    "signal": {"expression": "$close / Ref($close, 5) - 1"},
    "backtest": {"topk": 1, "n_drop": 1},
    "triggers": [{"on": "custom.go"}],
}


def main() -> None:
    asked = parser().parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "servers"
        command = [ROOT / "scripts" / "servers", "up", "nsqlookupd", "nsqd", "--home", home]
        told = subprocess.run(
            [*command, "--ports", "free", "--json"], check=True, stdout=subprocess.PIPE
        )
        port = json.loads(told.stdout)["servers"]["nsqd"]["ports"]["tcp"]
        try:
            result = {
                "events": asked.events,
                "ours": measure_ours(port, asked.events),
                "nsq_py": measure_nsq_py(port, asked.events),
                "wake_s": measure_waking(port, Path(folder), asked.runs, asked.most_s),
            }
        finally:
            subprocess.run(
                [command[0], "down", "--home", home], check=True, stdout=subprocess.DEVNULL
            )
    result["ratio"] = {
        name: round(result["ours"][name] / result["nsq_py"][name], 2) for name in result["nsq_py"]
    }
    if not asked.json:
        for name, value in result.items():
            print(f"{name:<8} {value}")
    print(json.dumps(result))


def bodies(count: int) -> list[bytes]:
    return [b'{"event_id":"%032d","type":"custom.go","source":"bench"}' % n for n in range(count)]


class Clock:
    """Measures from when it is made, on the wall and of this process, all its threads."""

    def __init__(self) -> None:
        self._began = time.perf_counter(), time.process_time()

    def rates(self, count: int) -> tuple[int, int]:
        """Return how many of `count` were done in a second, and in a second of the processor."""
        wall, cpu = time.perf_counter() - self._began[0], time.process_time() - self._began[1]
        return round(count / wall), round(count / cpu)


def named(published: tuple[int, int], consumed: tuple[int, int]) -> dict[str, int]:
    return {
        "published_per_s": published[0],
        "consumed_per_s": consumed[0],
        "published_per_cpu_s": published[1],
        "consumed_per_cpu_s": consumed[1],
    }


def measure_ours(port: int, count: int) -> dict[str, int]:
    """Return events a second, published in confirmed batches and consumed with each one settled."""

    bus = NsqBus(parse_address(f"nsq://127.0.0.1:{port}"))
    topic = f"bench.{uuid.uuid4().hex[:8]}"
    with bus.subscribe(topic, "all"):
        pass
    messages = bodies(count)
    clock = Clock()
    for start in range(0, count, BATCH):
        bus.publish(topic, messages[start : start + BATCH])
    published = clock.rates(count)
    taken = 0
    with bus.subscribe(topic, "all", in_flight=IN_FLIGHT) as subscription:
        clock = Clock()
        while taken < count:
            for delivery in subscription.receive(1.0, at_most=BATCH):
                delivery.finish()
                taken += 1
        consumed = clock.rates(count)
    bus.close()
    return named(published, consumed)


def measure_nsq_py(port: int, count: int) -> dict[str, int]:
    """Return the same of nsq-py's own client, with nothing covered."""

    address = f"127.0.0.1:{port}"
    topic = f"bench.{uuid.uuid4().hex[:8]}".encode()
    client = Client(nsqd_tcp_addresses=[address])
    reader = Reader(topic, b"all", nsqd_tcp_addresses=[address], max_in_flight=IN_FLIGHT)
    reader.read()
    messages = bodies(count)
    clock = Clock()
    for start in range(0, count, BATCH):
        client.mpub(topic, *messages[start : start + BATCH])
    published = clock.rates(count)
    taken = 0
    clock = Clock()
    while taken < count:
        for message in reader.read():
            if hasattr(message, "fin"):
                message.fin()
                taken += 1
    return named(published, clock.rates(count))


def measure_waking(port: int, folder: Path, runs: int, most_s: float) -> dict[str, float]:
    """Return the seconds from a confirmed publish to the start of the first stage of its run."""

    workspace = folder / "workspace"
    workspace.mkdir()
    (workspace / "woken.yaml").write_text(json.dumps(SPEC))
    (workspace / "qraft.yaml").write_text(f"events: nsq://127.0.0.1:{port}\n")
    bus = NsqBus(parse_address(f"nsq://127.0.0.1:{port}"))
    stop = threading.Event()
    answers: list[Any] = []
    waits = []
    with RunPool(1) as pool:

        def listen() -> None:
            studies = named_studies([str(workspace / "woken.yaml")])
            with Boxes(workspace / ".qraft" / "events") as boxes:
                Listener(
                    bus, studies, pool.submit, boxes, workspace=str(workspace), say=answers.append
                ).listen(stop)

        thread = threading.Thread(target=listen)
        thread.start()
        try:
            ends = time.monotonic() + most_s
            for number in range(runs + 1):
                if number > 1 and time.monotonic() > ends:
                    break
                write_prices(workspace / "prices.csv", 60 + number)
                before = len(answers)
                bus.publish(EVENTS, [to_bytes(make_event("custom.go", "bench", {"n": number}))])
                confirmed = time.time()
                while len(answers) < before + 2:
                    time.sleep(0.01)
                waits.append(first_stage(workspace) - confirmed)
                print(f"\rrun {number} of {runs}: {waits[-1]:.2f} s ", end="", file=sys.stderr)
        finally:
            stop.set()
            thread.join()
            bus.close()
    waits = waits[1:]  # the first run compiles
    return {
        "median": round(statistics.median(waits), 3),
        "p95": round(sorted(waits)[int(0.95 * len(waits))], 3),
        "runs": len(waits),
    }


def first_stage(workspace: Path) -> float:
    """Return when the first stage of the latest run began, from the telemetry's end of it."""

    lines = (workspace / ".qraft" / "telemetry.jsonl").read_text().splitlines()
    stages = [event for line in lines if (event := json.loads(line))["event"] == "stage"]
    latest = [event for event in stages if event["run_id"] == stages[-1]["run_id"]]
    return datetime.fromisoformat(latest[0]["at"]).timestamp() - float(latest[0]["seconds"])


def write_prices(path: Path, rows: int) -> None:
    lines = ["date,symbol,close"]
    for day in range(rows):
        lines += [
            f"2020-{1 + day // 28:02d}-{1 + day % 28:02d},{symbol},{10 + (day * step) % 7 / 10:.2f}"
            for symbol, step in (("A", 3), ("B", 5))
        ]
    path.write_text("\n".join(lines) + "\n")


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(description=__doc__)
    made.add_argument("--events", type=int, default=200_000)
    made.add_argument("--runs", type=int, default=200)
    made.add_argument("--most-s", type=float, default=600.0, help="begin no further run after")
    made.add_argument("--json", action="store_true")
    return made


if __name__ == "__main__":
    main()
