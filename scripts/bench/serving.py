"""How many requests the API answers, and how late what it pushes is.

The server is `qraft serve` in a process of its own over an empty workspace; 32 connections ask for
its check-up, one request after the other. The peer is FastAPI answering bytes of the same length
from memory, by the same uvicorn, with nothing before it. Then sockets listen to the log while lines
are written to it.
Usage: scripts/bench/serving.py [--seconds N] [--sockets N] [--rate N] [--json]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from websockets.asyncio.client import connect

CONNECTIONS = 32
ROUTE = "/api/v1/health"
PEER = """
import sys, socket, uvicorn
from fastapi import FastAPI, Response
app = FastAPI()
body = b"x" * int(sys.argv[1])
@app.get("/")
async def told():
    return Response(body, media_type="application/json")
listening = socket.socket(); listening.bind(("127.0.0.1", 0)); listening.listen(1024)
print(listening.getsockname()[1], flush=True)
config = uvicorn.Config(app, http="httptools", loop="uvloop", log_level="warning", access_log=False)
uvicorn.Server(config).run(sockets=[listening])
"""


def percentile(values: list[float], share: float) -> float:
    """Return a percentile; the values need not be in order."""
    return sorted(values)[min(len(values) - 1, int(share * len(values)))] if values else 0.0


def cpu_s(pid: int) -> float:
    """Return the processor seconds of a process."""
    used = psutil.Process(pid).cpu_times()
    return float(used.user + used.system)


async def _ask(port: int, path: str, until: float, took: list[float]) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    length = 0
    while time.perf_counter() < until:
        begun = time.perf_counter()
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise SystemExit(head.decode())
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        await reader.readexactly(length)
        took.append(time.perf_counter() - begun)
    writer.close()
    return length


async def _load(port: int, path: str, seconds: float) -> tuple[list[float], int]:
    took: list[float] = []
    until = time.perf_counter() + seconds
    lengths = await asyncio.gather(*(_ask(port, path, until, took) for _ in range(CONNECTIONS)))
    return took, max(lengths)


def requests(pid: int, port: int, path: str, seconds: float) -> dict[str, float]:
    """Ask for so long; return how many were answered, and what that took."""
    asyncio.run(_load(port, path, 0.5))
    before, begun = cpu_s(pid), time.perf_counter()
    took, length = asyncio.run(_load(port, path, seconds))
    passed = time.perf_counter() - begun
    return {
        "requests_per_s": len(took) / passed,
        "p50_ms": 1e3 * percentile(took, 0.5),
        "p99_ms": 1e3 * percentile(took, 0.99),
        "cpu_us_per_request": 1e6 * (cpu_s(pid) - before) / len(took),
        "bytes": length,
    }


async def _listen(port: int, log: Path, sockets: int, rate: int, seconds: float) -> dict[str, Any]:
    late: list[float] = []
    lines = int(rate * seconds)

    async def hear() -> int:
        heard = 0
        async with connect(f"ws://127.0.0.1:{port}/ws", compression=None, proxy=None) as socket:
            await socket.send(json.dumps({"subscribe": "logs", "after": str(log.stat().st_size)}))
            ready.append(1)
            async for text in socket:
                told = json.loads(text)
                if "data" in told:
                    late.append(time.time() - told["data"]["written"])
                    heard += 1
                    if heard == lines:
                        return heard
        return heard

    ready: list[int] = []
    hearing = [asyncio.ensure_future(hear()) for _ in range(sockets)]
    while len(ready) < sockets:
        await asyncio.sleep(0.05)
    await asyncio.sleep(1)
    for number in range(lines):
        line = json.dumps({"event": "bench", "number": number, "written": time.time()})
        with log.open("a") as file:
            file.write(line + "\n")
        await asyncio.sleep(1 / rate)
    heard = await asyncio.wait_for(asyncio.gather(*hearing), 60)
    return {"heard": sum(heard), "asked": lines * sockets, "late": late}


def measure(seconds: float, sockets: int, rate: int) -> dict[str, Any]:
    """Return the figures of the API, of its peer, and of what is pushed."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, ".qraft", "telemetry.jsonl")
        log.parent.mkdir()
        log.write_text("")
        command = [sys.executable, "-m", "agent.cli.main", "-w", folder, "serve", "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            try:
                port = int(str(server.stdout and server.stdout.readline()).rsplit(":", 1)[1])
                ours = requests(server.pid, port, ROUTE, seconds)
                before = cpu_s(server.pid)
                pushed = asyncio.run(_listen(port, log, sockets, rate, seconds))
                push_cpu_s = cpu_s(server.pid) - before
            finally:
                server.terminate()
        with subprocess.Popen(
            [sys.executable, "-c", PEER, str(ours["bytes"])], stdout=subprocess.PIPE, text=True
        ) as peer:
            try:
                port = int(str(peer.stdout and peer.stdout.readline()))
                theirs = requests(peer.pid, port, "/", seconds)
            finally:
                peer.terminate()
    return {
        "ours": ours, "peer": theirs,
        "ratio": theirs["cpu_us_per_request"] / ours["cpu_us_per_request"],
        "push": {
            "sockets": sockets, "rate": rate, "heard": pushed["heard"], "asked": pushed["asked"],
            "p50_ms": 1e3 * percentile(pushed["late"], 0.5),
            "p99_ms": 1e3 * percentile(pushed["late"], 0.99),
            "cpu_us_per_delivery": 1e6 * push_cpu_s / max(1, pushed["heard"]),
        },
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--sockets", type=int, default=100)
    parser.add_argument("--rate", type=int, default=10)
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    found = measure(given.seconds, given.sockets, given.rate)
    for name in ("ours", "peer"):
        each = found[name]
        print(
            f"{name:5} {each['requests_per_s']:8,.0f} requests/s  p50 {each['p50_ms']:.1f} ms"
            f"  p99 {each['p99_ms']:.1f} ms  {each['cpu_us_per_request']:.0f} us of CPU each"
        )
    push = found["push"]
    print(
        f"push  {push['heard']:,} of {push['asked']:,} to {push['sockets']} sockets"
        f"  p50 {push['p50_ms']:.0f} ms  p99 {push['p99_ms']:.0f} ms"
        f"  {push['cpu_us_per_delivery']:.0f} us of CPU each"
    )
    if given.json:
        print(json.dumps(found))


if __name__ == "__main__":
    main()
