"""What `features.py` measured: ratios, a table, and its part of the page of benchmarks."""

from __future__ import annotations

import os
import platform
import re
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
BEGIN, END = "<!-- scripts/bench/features.py --page -->", "<!-- end of it -->"
NAMES = {
    "increment": "ours, one more day",
    "kunquant": "KunQuant",
    "ours": "ours, one frame",
    "qlib": "qlib",
    "streamed": "ours, in batches of symbols, as runs do",
}
SIDES = ("wall_s", "cpu_s")
Measured = dict[str, Any]


def surroundings() -> Measured:
    """Describe the machine, the day, how busy the machine was, and what was measured."""
    cpu = re.search(r"model name\s*: (.*)", _read("/proc/cpuinfo"))
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "cpu": cpu[1] if cpu else platform.processor(),
        "cores": os.cpu_count(),
        "load_before": round(os.getloadavg()[0], 2),
        "versions": {
            name: _version(name)
            for name in ("pyqlib", "KunQuant", "numba", "numpy", "polars", "pyarrow")
        },
    }


def _read(path: str) -> str:
    file = Path(path)
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def ratios(runs: list[Measured]) -> dict[str, dict[str, float]]:
    """How many times ours goes into a peer's time at equal threads, and a day into all history."""
    costs = {(r["engine"], r["threads"]): r["compute"] for r in runs if "compute" in r}
    found = {}
    for (engine, threads), cost in costs.items():
        whole = costs.get(("streamed", threads))
        for name, own in (("ours", costs.get(("ours", threads))), ("in batches", whole)):
            if engine in {"qlib", "kunquant"} and own:
                found[f"{engine}:{threads} / {name}:{threads}"] = _divide(cost, own)
        if engine == "increment" and whole:
            found[f"one more day / whole:{threads}"] = _divide(cost, whole)
    return found


def _divide(cost: Measured, other: Measured) -> dict[str, float]:
    return {side: round(cost[side] / other[side], 4) for side in SIDES}


def table(results: Measured) -> list[str]:
    """Write what was measured as a table of Markdown, and the ratios below it."""
    lines = [
        f"{results['rows']:,} rows x {results['features']} features:",
        "",
        "| engine | threads | compute, wall s | CPU s | writing, wall s | peak GiB |",
        "|---|---|---|---|---|---|",
    ]
    lines += [_row(run) for run in results["runs"] if run["engine"] != "kernels"]
    lines += [
        "",
        "In batches, computing includes reading, and writing stands for all three side by side.",
        "",
    ]
    for name, ratio in results["ratios"].items():
        lines.append(f"- {name}: {ratio['wall_s']:.4g} by wall time, {ratio['cpu_s']:.4g} by CPU")
    lines += [
        f"- kernels: {run['cold']['cpu_s']} s of CPU to compile, once on a machine,"
        f" {run['warm']['cpu_s']} s to load"
        for run in results["runs"]
        if "cold" in run
    ]
    return lines


def _row(run: Measured) -> str:
    name = NAMES.get(run["engine"], run["engine"])
    if "compute" not in run:
        return f"| {name} | {run['threads']} | not measured: {run['failed']} | | | |"
    compute, peak = run["compute"], max(run["peak_gib"], run["peak_child_gib"])
    persist = run.get("persist", {}).get("wall_s", "")
    cells = (name, run["threads"], compute["wall_s"], compute["cpu_s"], persist, peak)
    return "| " + " | ".join(map(str, cells)) + " |"


def write_page(measured: list[Measured]) -> None:
    """Put tables in the place of those on the page, with the machine and the day."""
    about = measured[0]["on"]
    where = f"{about['cores']} cores of {about['cpu']}, {about['date']}"
    lines = [f"On {where}, load before {about['load_before']}."]
    for results in measured:
        lines += ["", *table(results)]
    text = PAGE.read_text(encoding="utf-8")
    start, end = text.index(BEGIN) + len(BEGIN), text.index(END)
    new = "\n".join(lines)
    PAGE.write_text(f"{text[:start]}\n\n{new}\n\n{text[end:]}", encoding="utf-8")
