"""Live sources on this machine: the journal's cost, socket to judged, back-pressure, reloads, soak.

Each part starts what `qraft stream run` starts, a process that records and one that flows, and a
third that sends trades of fifty symbols through a WebSocket. Latency is from the moment of sending
to the moment at which the flow has judged the trade by ADWIN and half-space trees. The peer of the
journal is a bare file with the same bytes, written and synced.

Usage: scripts/bench/live.py [PART]... [--seconds S] [--rate N] [--json]
       PART: journal speed slow reload soak; default journal and speed
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
from websockets.exceptions import ConnectionClosed
from websockets.sync.server import ServerConnection, serve

from agent.live.children import end
from agent.live.flow.flowing import Make, Runner
from agent.live.flow.making import shipped
from agent.live.flow.replaying import compare, replay
from agent.live.home import SourceHome, read_json, write_json
from agent.live.source import Wanted, run
from configs.children import child_environment
from configs.settings import Settings
from configs.workspace import Workspace
from storage.journal.folder import JournalFolder
from storage.journal.reader import Reader
from storage.journal.record import Kind, Record
from storage.journal.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

SYMBOLS = 50
SAMPLED = 8
"""Of that many trades the latency of one is taken."""
WARM_S = 8.0
"""Seconds left out at the beginning, in which libraries are imported and kernels compiled."""
LONGEST_WARM_S = 60.0
"""A flow that has not caught up by then does not keep up: that is measured, too."""
DOCUMENT = """\
kind: source
name: bench
connect: {{by: websocket, url: "ws://127.0.0.1:{port}/"}}
decode:
  fields:
    symbol: s
    ts: {{path: T, unit: us}}
    sequence: t
    price: {{path: p, decimals: 2}}
    size: {{path: q, decimals: 3}}
order: {{lateness_ms: {lateness}, step: 1}}
bars: {{every: 1min}}
detection:
  - {{on: events, least_confidence: 0.9, detector: {{detector: adwin, watch: $return}}}}
  - {{on: events, least_confidence: 0.9, detector: {{detector: half_space_trees, watch: $return}}}}
"""


def main() -> None:
    asked = _parser().parse_args()
    if asked.role:
        ROLES[asked.role](*asked.parts)
        return
    results = {part: PARTS[part](asked) for part in asked.parts or ["journal", "speed"]}
    if asked.json:
        print(json.dumps(results, indent=2))
        return
    for part, figures in results.items():
        print(f"\n{part}")
        for name, value in figures.items():
            print(f"  {name:<28} {value}")


def measure_journal(_asked: argparse.Namespace) -> dict[str, Any]:
    """Append, read and seal what 138-byte messages cost; beside a bare file."""
    body = json.dumps(_trade(12345)).encode().ljust(138)
    figures: dict[str, Any] = {"message_bytes": len(body)}
    with tempfile.TemporaryDirectory() as folder:
        for batch in (100, 1_000, 10_000):
            count = max(20, 200_000 // batch)
            records = [Record(1_000_000, Kind.RAW, body)] * batch
            journal = JournalFolder(Path(folder) / f"j{batch}")
            with Writer(journal) as writer:
                walls, cpu = _timed(lambda w=writer, r=records: w.append(r), count)
            bare, bare_cpu = _bare(Path(folder) / "bare", body * batch, count)
            figures[f"append_{batch}_us_cpu"] = round(cpu / batch / count * 1e6, 2)
            figures[f"append_{batch}_ms_wall"] = round(statistics.median(walls) * 1e3, 1)
            figures[f"bare_{batch}_ms_wall"] = round(statistics.median(bare) * 1e3, 1)
            figures[f"bare_{batch}_us_cpu"] = round(bare_cpu / batch / count * 1e6, 3)
        reader, began, count = Reader(journal), time.process_time(), 0
        while records := reader.read():
            count += len(records)
        figures["read_us_cpu"] = round((time.process_time() - began) / count * 1e6, 2)
    return figures


def measure_speed(asked: argparse.Namespace) -> dict[str, Any]:
    """Play at a rate, and take latency and processor time."""
    with _at_work(asked.rate, asked.seconds) as work:
        work.warm_up()
        before, began = work.processor_s(), time.monotonic()
        before_raw = work.status()["record"]["counts"]["raw"]
        time.sleep(asked.seconds)
        after, passed = work.processor_s(), time.monotonic() - began
        status = work.status()
        after_raw = status["record"]["counts"]["raw"]
        work.end()
        latencies = sorted(read_json(work.home.folder / "latencies.json")["ms"])
        equality = compare(work.home, shipped())  # first: it imports the libraries
        begun = time.process_time()
        replayed = replay(work.home.journal, shipped())
        spent = time.process_time() - begun
    return {
        "rate_asked": asked.rate,
        "rate_came": round((after_raw - before_raw) / passed),
        "p50_ms": round(_quantile(latencies, 0.5), 1),
        "p99_ms": round(_quantile(latencies, 0.99), 1),
        "max_ms": round(latencies[-1], 1),
        "record_of_a_core": round((after["record"] - before["record"]) / passed, 3),
        "flow_of_a_core": round((after["flow"] - before["flow"]) / passed, 3),
        "behind_s": status["flow"]["behind_s"],
        "replay_per_cpu_s": round(replayed.records / spent),
        "live_equals_replay": equality.holds,
    }


def measure_slow(asked: argparse.Namespace) -> dict[str, Any]:
    """Slow the flow ten times; then let it catch up."""
    with _at_work(asked.rate, asked.seconds, slow=10.0) as work:
        work.warm_up()
        first = work.memory()
        most, lags = dict(first), []
        until = time.monotonic() + asked.seconds
        while time.monotonic() < until:
            time.sleep(1.0)
            lags.append(work.status()["flow"].get("behind_s", 0.0))
            most = {part: max(most[part], now) for part, now in work.memory().items()}
        work.hurry()
        began = time.monotonic()
        while work.status()["flow"].get("behind_s", 0.0) > 1.0:
            time.sleep(0.2)
        caught_up_s = time.monotonic() - began
        work.end()
        raw = work.status()["record"]["counts"]["raw"]
        kept = sum(1 for record in _records(work.home) if record.kind is Kind.RAW)
        equal = compare(work.home, shipped()).holds
    return {
        "rate": asked.rate,
        "largest_lag_s": round(max(lags), 1),
        "grown_mb": {part: round((most[part] - first[part]) / 1e6, 1) for part in first},
        "caught_up_s": round(caught_up_s, 1),
        "caught_up_times_real": round(max(lags) / caught_up_s + 1, 1),
        "raw_lost": raw - kept,
        "live_equals_replay": equal,
    }


def measure_reload(asked: argparse.Namespace) -> dict[str, Any]:
    """Change the document fifty times while trades come."""
    waits = []
    with _at_work(min(asked.rate, 1_000), 60) as work:
        work.warm_up()
        for turn in range(50):
            began = time.monotonic()
            work.write_document(lateness=201 + turn)
            while read_json(work.home.spec)["order"]["lateness_ms"] != 201 + turn:
                time.sleep(0.005)
            waits.append(time.monotonic() - began)
        time.sleep(3.0)
        work.end()
        equality, lost = compare(work.home, shipped()), _lost(work.home)
    return {
        "reloads": len(waits),
        "taken_up_p50_ms": round(statistics.median(waits) * 1e3),
        "taken_up_max_ms": round(max(waits) * 1e3),
        "events_lost": lost,
        "live_equals_replay": equality.holds,
    }


def measure_soak(asked: argparse.Namespace) -> dict[str, Any]:
    """Let it run, and compare memory and open files of the second tenth with those of the end."""
    with _at_work(min(asked.rate, 1_000), asked.seconds) as work:
        work.warm_up()
        time.sleep(asked.seconds * 0.2)
        memory, files = work.memory(), work.files()
        time.sleep(asked.seconds * 0.8)
        later, files_later = work.memory(), work.files()
        status = work.status()
    return {
        "seconds": asked.seconds,
        "messages": status["record"]["counts"]["raw"],
        "memory_mb": {part: round(size / 1e6, 1) for part, size in later.items()},
        "grown_percent": {p: round((later[p] / memory[p] - 1) * 100, 2) for p in memory},
        "files_grown": {p: files_later[p] - files[p] for p in files},
        "behind_s": status["flow"]["behind_s"],
    }


class Work:
    """A source at work: this process records; others send and flow."""

    def __init__(self, home: SourceHome, port: int, flow: subprocess.Popen[bytes]) -> None:
        self.home, self._port = home, port
        self.ending = ExitStack()
        self._processes = {"record": psutil.Process(), "flow": psutil.Process(flow.pid)}

    def end(self) -> None:
        """End the processes, in the order in which trades go."""
        self.ending.close()

    def write_document(self, lateness: int) -> None:
        """Write the document anew."""
        path = self.home.workspace.root / "sources" / "bench.yaml"
        draft = path.with_suffix(".draft")
        draft.write_text(DOCUMENT.format(port=self._port, lateness=lateness))
        draft.replace(path)

    def warm_up(self) -> None:
        """Wait until the flow is at work and has caught up."""
        until = time.monotonic() + LONGEST_WARM_S
        time.sleep(WARM_S)
        while self.status()["flow"].get("behind_s", 1.0) > 0.5 and time.monotonic() < until:
            time.sleep(0.2)
        (self.home.folder / "warm").touch()

    def hurry(self) -> None:
        """Let a slowed flow be as fast as it is."""
        (self.home.folder / "hurry").touch()

    def status(self) -> dict[str, Any]:
        """Return what the processes say."""
        return {part: read_json(self.home.status(part)) for part in ("record", "flow")}

    def processor_s(self) -> dict[str, float]:
        """Return the processor time of each process."""
        return {part: sum(each.cpu_times()[:2]) for part, each in self._processes.items()}

    def memory(self) -> dict[str, int]:
        """Return resident bytes of each process."""
        return {part: each.memory_info().rss for part, each in self._processes.items()}

    def files(self) -> dict[str, int]:
        """Return open files of each process."""
        return {part: each.num_fds() for part, each in self._processes.items()}


@contextmanager
def _at_work(rate: int, seconds: float, *, slow: float = 1.0) -> Iterator[Work]:
    _hurry_process()
    stop = threading.Event()
    with tempfile.TemporaryDirectory(prefix="qraft-bench-") as folder:
        root = Path(folder).resolve()
        (root / "sources").mkdir()
        home = SourceHome(Workspace(root), "bench")
        home.folder.mkdir(parents=True)
        sender = _role("send", str(rate), str(seconds + 600), stdout=subprocess.PIPE)
        port = int(sender.stdout.readline())
        flow = _role("flow", str(root), str(slow))
        work = Work(home, port, flow)
        work.write_document(lateness=200)
        thread = threading.Thread(target=_record, args=(home, stop))
        thread.start()
        work.ending.callback(end, flow, wait_s=120.0)
        work.ending.callback(thread.join)
        work.ending.callback(stop.set)
        work.ending.callback(time.sleep, 1.5)
        work.ending.callback(end, sender)
        with work.ending:
            yield work


def _record(home: SourceHome, stop: threading.Event) -> None:
    wanted = Wanted(flow=False, projector=False)
    run(home.workspace, Settings(), "bench", stop, wanted=wanted, say=lambda *_: None)


def send(rate: str, seconds: str) -> None:
    """Serve trades at a rate; one line at a time is served."""

    def play(line: ServerConnection) -> None:
        per_tick = max(1, int(rate) // 200)
        due, n = time.monotonic(), 0
        with suppress(ConnectionClosed):
            while True:
                line.socket.sendall(b"".join(_frame(k) for k in range(n, n + per_tick)))
                n += per_tick
                due += per_tick / int(rate)
                time.sleep(max(0.0, due - time.monotonic()))

    with serve(play, "127.0.0.1", 0, compression=None) as server:
        print(server.socket.getsockname()[1], flush=True)
        threading.Thread(target=_end_with_parent, args=(server.shutdown,), daemon=True).start()
        threading.Timer(float(seconds), server.shutdown).start()
        server.serve_forever()
    os._exit(0)


def flow(root: str, slow: str) -> None:
    """Run the flow, and note how long after their sending trades are judged."""
    _hurry_process()
    home = SourceHome(Workspace(Path(root)), "bench")
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    threading.Thread(target=_end_with_parent, args=(stop.set,), daemon=True).start()
    while not home.journal.mark.exists():
        time.sleep(0.01)
    taken: list[float] = []
    made = shipped()
    timed = Make(
        lambda spec: Timed(made.new(spec), home, taken, float(slow)), made.thaw, made.decimals
    )
    with Runner(home, timed) as runner:
        runner.run(stop.is_set)
    write_json(home.folder / "latencies.json", {"ms": taken})


class Timed:
    """A flow that notes when it has judged what, and may be slowed."""

    def __init__(self, flow: Any, home: SourceHome, taken: list[float], slow: float) -> None:
        self._flow, self._taken, self._slow = flow, taken, slow
        self._warm, self._hurry = home.folder / "warm", home.folder / "hurry"
        self.freeze = flow.freeze

    @property
    def spec(self) -> Any:
        return self._flow.spec

    def push(self, records: Sequence[Record]) -> Any:
        began = time.perf_counter()
        outputs = self._flow.push(records)
        if self._slow > 1 and not self._hurry.exists():
            time.sleep((time.perf_counter() - began) * (self._slow - 1))
        now_us = time.time_ns() / 1_000
        if self._warm.exists() and len(self._taken) < 1_000_000:
            for record in records[::SAMPLED]:
                if record.kind is Kind.RAW:
                    sent = int(record.body.rpartition(b":")[2][:-1])
                    self._taken.append((now_us - sent) / 1e3)
        return outputs


def _frame(n: int) -> bytes:
    """Return a trade as a WebSocket's text frame: a library's sender would be what is measured."""
    raw = json.dumps(_trade(n)).encode()
    return b"\x81\x7e" + len(raw).to_bytes(2, "big") + raw


def _trade(n: int) -> dict[str, Any]:
    symbol, sequence = n % SYMBOLS, n // SYMBOLS
    now_us = time.time_ns() // 1_000
    price = 100 + symbol + (n * 7919 % 1009) / 100
    return {"s": f"SYM{symbol:02d}", "t": sequence, "T": now_us, "p": f"{price:.2f}",
            "q": "1.250", "pad": "0123456789012345678901234567", "n": now_us}  # fmt: skip


def _role(name: str, *arguments: str, **more: Any) -> subprocess.Popen[bytes]:
    command = [sys.executable, __file__, "--role", name, *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, env=child_environment(), **more)


def _end_with_parent(then: Callable[[], None]) -> None:
    while os.read(sys.stdin.fileno(), 1):
        pass
    then()


def _hurry_process() -> None:
    """Come before others, where that is allowed: the machine may be shared."""
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, 0, -15)
        Path("/proc/self/autogroup").write_text("-12")


def _records(home: SourceHome) -> Iterator[Record]:
    reader = Reader(home.journal)
    while records := reader.read():
        yield from records


def _lost(home: SourceHome) -> int:
    sequences = sorted(
        (each["s"], each["t"])
        for record in _records(home)
        if record.kind is Kind.RAW
        for each in [json.loads(record.body)]
    )
    return len(set(sequences)) - replay(home.journal, shipped()).digests.rows["events"]


def _timed(work: Callable[[], object], count: int) -> tuple[list[float], float]:
    walls, began = [], time.process_time()
    for _ in range(count):
        start = time.perf_counter()
        work()
        walls.append(time.perf_counter() - start)
    return walls, time.process_time() - began


def _bare(path: Path, raw: bytes, count: int) -> tuple[list[float], float]:
    with path.open("wb", buffering=0) as file:

        def write() -> None:
            file.write(raw)
            os.fdatasync(file.fileno())

        return _timed(write, count)


def _quantile(values: Sequence[float], share: float) -> float:
    return values[min(len(values) - 1, int(len(values) * share))]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rate", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--role", choices=sorted(ROLES), help=argparse.SUPPRESS)
    return parser


ROLES = {"send": send, "flow": flow}
PARTS = {
    "journal": measure_journal, "speed": measure_speed, "slow": measure_slow,
    "reload": measure_reload, "soak": measure_soak,
}  # fmt: skip

if __name__ == "__main__":
    main()
