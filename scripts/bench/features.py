# ruff: noqa: PLC0415, S101 (a measurement imports what it measures, and nothing else)
"""Alpha158 by this project, by qlib and by KunQuant, on the same data in one run.

    .venv/bin/python scripts/bench/features.py --page --json       everything, into docs
    .venv/bin/python scripts/bench/features.py --data bars.parquet
    .venv/bin/python scripts/bench/features.py --large

Without --data, 800 shares over 3,270 days are generated. Every measurement is a process of its own,
so that peak memory is its own; one that fails is said and the others go on. Beside wall time stands
CPU time, which tells more where a machine is shared. KunQuant is measured where it can be imported:
by this interpreter or by the one that --kunquant-python names. With --json the last line is one
object.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Self

from features_table import ratios, surroundings, table, write_page

ROOT = Path(__file__).parents[2]
FIELDS = ("open", "high", "low", "close", "vwap", "volume")


def main() -> None:
    """Measure everything asked for and print it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, help="Parquet of bars: symbol, ts or date, OHLCV")
    parser.add_argument("--symbols", type=int, default=800)
    parser.add_argument("--days", type=int, default=3_270)
    parser.add_argument("--engines", default="kernels,ours,streamed,kunquant,qlib")
    parser.add_argument("--threads", default="1,2")
    parser.add_argument("--repeat", type=int, default=2, help="the best of so many runs counts")
    parser.add_argument("--kunquant-python", default=sys.executable)
    parser.add_argument("--large", action="store_true", help="5,000 shares, out of core, and a day")
    parser.add_argument("--page", action="store_true", help="both sizes, into docs/benchmarks.md")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        engine, threads = options.measure.split(":")
        print(json.dumps(MEASURES[engine](options.folder, int(threads), options.repeat)))
        return
    sizes = [False, True] if options.page else [options.large]
    measured = []
    for large in sizes:
        own = argparse.Namespace(**vars(options))
        if large:
            own.symbols, own.days, own.engines, own.data = 5_000, 2_600, "streamed,increment", None
            own.threads = options.threads.split(",")[-1]
        with tempfile.TemporaryDirectory(prefix="qraft-bench-") as name:
            measured.append(run_all(own, Path(name)))
        print("\n".join(table(measured[-1])), "\n")
    if options.page:
        write_page(measured)
    if options.json:
        print(json.dumps(measured if options.page else measured[0]))


def run_all(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Prepare data, then measure each engine with each number of threads."""
    rows = prepare(options, folder)
    results: dict[str, Any] = {"on": surroundings(), "rows": rows, "features": 158, "runs": []}
    for engine in options.engines.split(","):
        for threads in "1" if engine == "kernels" else options.threads.split(","):
            python = options.kunquant_python if engine == "kunquant" else sys.executable
            command = [python, __file__, "--measure", f"{engine}:{threads}", "--folder", folder]
            done = subprocess.run(
                [*command, "--repeat", str(options.repeat)],
                capture_output=True, text=True, check=False, cwd=ROOT,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )  # fmt: skip
            last = (done.stdout.strip().splitlines() or [""])[-1]
            measured = json.loads(last) if done.returncode == 0 and last.startswith("{") else None
            measured = measured or {"failed": (done.stderr.strip().splitlines() or ["killed"])[-1]}
            results["runs"].append({"engine": engine, "threads": int(threads), **measured})
            print(results["runs"][-1], file=sys.stderr, flush=True)
    results["ratios"] = ratios(results["runs"])
    return results


def prepare(options: argparse.Namespace, folder: Path) -> int:
    """Write bars as Parquet and, where it takes part, in qlib's layout; return their number."""
    bars = load(options.data) if options.data else generate(options.symbols, options.days)
    bars.write_parquet(folder / "bars.parquet", row_group_size=200_000)
    if "increment" in options.engines:
        (folder / "years").mkdir()
        for (year,), part in bars.group_by(bars["ts"].dt.year(), maintain_order=True):
            part.write_parquet(folder / "years" / f"{year}.parquet")
    if "qlib" in options.engines:
        write_qlib(bars, folder / "qlib")
    return bars.height


def load(path: Path) -> Any:
    """Read bars; a missing vwap is the mean of high, low and close."""
    import polars as pl

    bars = pl.read_parquet(path)
    bars = bars.rename({"date": "ts"}) if "ts" not in bars.columns else bars
    if "vwap" not in bars.columns:
        bars = bars.with_columns(vwap=(pl.col("high") + pl.col("low") + pl.col("close")) / 3)
    keys = [pl.col("symbol").cast(pl.String), pl.col("ts").cast(pl.Date)]
    return bars.select(*keys, pl.col(FIELDS).cast(pl.Float32)).sort("symbol", "ts")


def generate(symbols: int, days: int) -> Any:
    """Make random walks; one day in a hundred is missing."""
    import numpy as np
    import polars as pl

    rng = np.random.default_rng(7)
    calendar = np.busday_offset("2007-01-01", np.arange(days), roll="forward")
    parts = []
    for number in range(symbols):
        close = 20 * np.exp(np.cumsum(rng.normal(0.0003, 0.02, days)))
        high, low = (
            close * (1 + rng.uniform(0, 0.02, days)),
            close * (1 - rng.uniform(0, 0.02, days)),
        )
        columns = {
            "open": low + (high - low) * rng.random(days), "high": high, "low": low,
            "close": close, "vwap": (high + low + close) / 3,
            "volume": np.round(np.exp(rng.normal(13, 0.8, days))),
        }  # fmt: skip
        keep = rng.random(days) > 0.01
        keep[[0, -1]] = True
        parts.append(
            pl.DataFrame(
                {"symbol": [f"S{number:05d}"] * days, "ts": calendar, **columns}
            ).filter(pl.Series(keep)).with_columns(pl.col(FIELDS).cast(pl.Float32))
        )  # fmt: skip
    return pl.concat(parts)


def write_qlib(bars: Any, root: Path) -> None:
    """Write a calendar, a list of instruments and one float32 file for each field."""
    import numpy as np

    calendar = bars["ts"].unique().sort()
    for name in ("calendars", "instruments"):
        (root / name).mkdir(parents=True)
    (root / "calendars" / "day.txt").write_text("\n".join(map(str, calendar)) + "\n")
    lines = []
    for (symbol,), own in bars.group_by("symbol", maintain_order=True):
        places = calendar.search_sorted(own["ts"]).to_numpy().astype(np.int64)
        folder = root / "features" / symbol.lower()
        folder.mkdir(parents=True)
        for field in FIELDS:
            column = np.full(places[-1] - places[0] + 2, np.nan, "<f4")
            column[0], column[1 + places - places[0]] = places[0], own[field].to_numpy()
            column.tofile(folder / f"{field}.day.bin")
        lines.append(f"{symbol}\t{own['ts'][0]}\t{own['ts'][-1]}")
    (root / "instruments" / "all.txt").write_text("\n".join(lines) + "\n")


class Clock:
    """Wall and CPU seconds of a block, children included."""

    def __enter__(self) -> Self:
        self._start = (time.perf_counter(), _cpu())
        return self

    def __exit__(self, *_: object) -> None:
        wall, cpu = time.perf_counter() - self._start[0], _cpu() - self._start[1]
        self.cost = {"wall_s": round(wall, 3), "cpu_s": round(cpu, 3)}


def _cpu() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _memory() -> dict[str, float]:
    own, children = (
        resource.getrusage(who).ru_maxrss / 2**20
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return {"peak_gib": round(own, 2), "peak_child_gib": round(children, 2)}


def _best(costs: list[dict[str, float]]) -> dict[str, float]:
    return min(costs, key=lambda cost: cost["wall_s"])


def measure_ours(folder: Path, threads: int, repeat: int) -> dict[str, Any]:
    """Measure start-up, computing into one frame, and persisting a stream."""
    import polars as pl

    with Clock() as start:
        from tasks.features import evaluate
        from taskspecs.expressions.sets import expand

        expressions = expand("alpha158")
        bars = pl.read_parquet(folder / "bars.parquet")
        evaluate(bars.head(2_000), expressions)
    costs = []
    for _ in range(repeat):
        with Clock() as clock:
            result = evaluate(bars, expressions, threads=threads)
        costs.append(clock.cost)
        del result
    return {"start": start.cost, "compute": _best(costs), **_memory()}


def measure_streamed(folder: Path, threads: int, repeat: int) -> dict[str, Any]:
    """Measure what a run does: read, compute and write batch by batch, a thread beside writing."""
    import polars as pl

    from storage.lake.stream import FrameStream, write_stream
    from tasks.features import stream
    from taskspecs.expressions.sets import expand

    expressions = expand("alpha158")
    scan = pl.scan_parquet(folder / "bars.parquet")
    list(stream(scan.head(2_000), expressions))
    costs = []
    for _ in range(repeat):
        rows = 0
        with Clock() as compute:
            for batch in stream(scan, expressions, threads=threads):
                rows += batch.height
        costs.append(compute.cost)
    out = folder / f"out-{threads}.parquet"
    written = []
    for _ in range(repeat):
        with Clock() as persist:
            write_stream(FrameStream(stream(scan, expressions, threads=threads)), out)
        written.append(persist.cost)
        size = round(out.stat().st_size / 2**30, 2)
        out.unlink()
    return {
        "rows": rows, "compute": _best(costs), "persist": _best(written), "file_gib": size,
        **_memory(),
    }  # fmt: skip


def measure_increment(folder: Path, threads: int, repeat: int) -> dict[str, Any]:
    """Measure one more day on the whole history, which lies in a file for each year."""
    import polars as pl

    from tasks.features import evaluate_increment
    from taskspecs.expressions.sets import expand

    scan = pl.scan_parquet(folder / "years" / "*.parquet")
    days = scan.select(pl.col("ts").unique().sort()).collect()["ts"]
    costs = []
    for _ in range(repeat + 1):
        with Clock() as clock:
            new = evaluate_increment(
                scan, expand("alpha158"), after=days[-2], threads=threads
            )  # fmt: skip
        costs.append(clock.cost)
    return {"rows": new.height, "compute": _best(costs[1:]), **_memory()}


def measure_qlib(folder: Path, threads: int, repeat: int) -> dict[str, Any]:
    """Measure D.features with so many kernels, and writing what it gives."""
    import logging

    with Clock() as start:
        import qlib
        from qlib.data import D

        from taskspecs.expressions.sets import expand

        qlib.init(
            provider_uri=str(folder / "qlib"), region="us", kernels=threads,
            logging_level=logging.CRITICAL,
        )  # fmt: skip
    expressions = expand("alpha158")
    with Clock() as compute:
        frame = D.features(D.instruments("all"), list(expressions.values()), freq="day")
    frame.columns = list(expressions)
    out = folder / "qlib.parquet"
    with Clock() as persist:
        frame.reset_index().to_parquet(out, compression=None)
    out.unlink()
    del repeat
    return {
        "start": start.cost, "compute": compute.cost, "persist": persist.cost, **_memory(),
    }  # fmt: skip


def measure_kunquant(folder: Path, threads: int, repeat: int) -> dict[str, Any]:
    """Measure KunQuant's own Alpha158 on a dense table of times and symbols."""
    import numpy as np
    import pyarrow.parquet
    from KunQuant.Driver import KunCompilerConfig
    from KunQuant.jit import cfake
    from KunQuant.Op import Builder, Input, Output
    from KunQuant.predefined.Alpha158 import AllData
    from KunQuant.runner import KunRunner
    from KunQuant.Stage import Function

    with Clock() as start:
        builder = Builder()
        with builder:
            inputs = {name: Input(name) for name in FIELDS}
            data = AllData(**inputs)
            prices = {
                "windows": [0],
                "feature": [(p.upper(), inputs[p]) for p in ("open", "high", "low", "vwap")],
            }
            values, names = data.build({"kbar": {}, "price": prices, "rolling": {}})
            for value, name in zip(values, names, strict=True):
                Output(value, name)
        wide = "avx512f" in Path("/proc/cpuinfo").read_text(encoding="utf-8")
        config = KunCompilerConfig(  # the fastest of those tried
            input_layout="TS", output_layout="TS", partition_factor=8,
            blocking_len=16 if wide else 8, options={"opt_reduce": True, "fast_log": True},
        )  # fmt: skip
        job = ("alpha158", Function(builder.ops), config)
        library = cfake.compileit([job], "alpha158", cfake.CppCompilerConfig())
        module = library.getModule("alpha158")
    table = pyarrow.parquet.read_table(folder / "bars.parquet")
    days, day = np.unique(table["ts"].to_numpy(), return_inverse=True)
    symbols, symbol = np.unique(table["symbol"].to_numpy(), return_inverse=True)
    with Clock() as layout:
        dense = {}
        for name in FIELDS:
            dense[name] = np.full((days.size, symbols.size), np.nan, np.float32)
            dense[name][day, symbol] = table[name].to_numpy()
    executor = KunRunner.createMultiThreadExecutor(threads)
    costs = []
    for _ in range(repeat):
        with Clock() as clock:
            out = KunRunner.runGraph(executor, module, dense, 0, days.size)
        costs.append(clock.cost)
        assert len(out) == 158
        del out
    return {"start": start.cost, "layout": layout.cost, "compute": _best(costs), **_memory()}


def measure_kernels(folder: Path, threads: int, repeat: int) -> dict[str, Any]:
    """Measure compiling all kernels of alpha158 in an empty cache, and loading them from it."""
    del threads, repeat
    program = (
        "import json, time, polars as pl; from tasks.features.warming import warm;"
        "from taskspecs.expressions.sets import expand;"
        f"scan = pl.scan_parquet({str(folder / 'bars.parquet')!r});"
        "began = time.process_time(); warmth = warm(scan.collect_schema(), expand('alpha158'));"
        "print(json.dumps({'kernels': warmth.compiled, 'wall_s': round(warmth.seconds, 3),"
        "'cpu_s': round(time.process_time() - began, 3)}))"
    )
    found = {}
    for state in ("cold", "warm"):
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True,
            env={**os.environ, "NUMBA_CACHE_DIR": str(folder / "kernels")},
        )  # fmt: skip
        found[state] = json.loads(done.stdout)
    return found


MEASURES = {
    "kernels": measure_kernels,
    "increment": measure_increment,
    "kunquant": measure_kunquant,
    "ours": measure_ours,
    "qlib": measure_qlib,
    "streamed": measure_streamed,
}


if __name__ == "__main__":
    main()
