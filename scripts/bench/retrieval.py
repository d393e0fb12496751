#!/usr/bin/env python
"""Retrieval from the embedded index: 20,000 passages, ours against Qdrant's local mode as it is.

Usage: retrieval.py [--passages 20000] [--queries 200] [--json]
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import numpy as np

sys.path.insert(0, str(Path(__file__).parents[2]))

from configs.document import read_document
from storage.index.local import open_local
from storage.index.port import Passage
from storage.index.qdrant import QdrantIndex
from storage.index.words import GLOSSARY

PEER_QUERIES = 15


def passages(count: int, words: list[str], rng: random.Random) -> list[Passage]:
    """Passages of 40 to 120 words, English and Chinese, of a few kinds."""
    made = []
    for number in range(count):
        # Some words are common, most are rare, as in any language.
        chosen = [
            words[int(rng.paretovariate(0.7)) % len(words)] for _ in range(rng.randint(40, 120))
        ]
        kind = ("run", "pattern", "note", "spec")[number % 4]
        made.append(
            Passage(str(uuid5(NAMESPACE_URL, str(number))), f"d{number}", kind, f"title {number}",
                    " ".join(chosen))
        )  # fmt: skip
    return made


def vocabulary(rng: random.Random) -> list[str]:
    terms = [term for line in read_document(GLOSSARY).value["terms"] for term in line]
    made = ["".join(rng.choices("abcdefghijklmnopqrstuvwxyz", k=rng.randint(4, 9)))
            for _ in range(20_000)]  # fmt: skip
    return [*terms, *made]


def timed(index: QdrantIndex, queries: list[str]) -> dict[str, float]:
    """Milliseconds by the wall's clock and by the CPU's."""
    wall, cpu = [], []
    for query in queries:
        began, used = time.perf_counter(), time.process_time()
        found = index.search(query)
        wall.append((time.perf_counter() - began) * 1e3)
        cpu.append((time.process_time() - used) * 1e3)
        if not found:
            raise SystemExit(f"nothing was found for: {query}")
    return {"wall_ms_p50": float(np.percentile(wall, 50)),
            "wall_ms_p95": float(np.percentile(wall, 95)),
            "cpu_ms_p50": float(np.percentile(cpu, 50)),
            "cpu_ms_p95": float(np.percentile(cpu, 95))}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--passages", type=int, default=20_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    rng = random.Random(1)  # noqa: S311 - a bench is repeatable
    words = vocabulary(rng)
    queries = [" ".join(rng.choices(words[:500], k=rng.randint(3, 10)))
               for _ in range(asked.queries)]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        where = {"key": b"k" * 32, "embedder": None, "lock_timeout_s": 5}
        began = time.process_time()
        with open_local(Path(folder) / "index", **where) as index:
            index.upsert(passages(asked.passages, words, rng))
        filled = time.process_time() - began
        firsts = {}
        for when in ("after_a_change", "unchanged"):
            began, used = time.perf_counter(), time.process_time()
            with open_local(Path(folder) / "index", **where) as index:
                index.search(queries[0])
                firsts[when] = {"wall_s": time.perf_counter() - began,
                                "cpu_s": time.process_time() - used}  # fmt: skip
        with open_local(Path(folder) / "index", **where) as index:
            ours = timed(index, queries)
            # The class above it asks Qdrant itself, on the very same collection.
            peer = timed(QdrantIndex(index._client, embedder=None), queries[:PEER_QUERIES])  # noqa: SLF001
    result = {
        "passages": asked.passages, "queries": asked.queries, "fill_cpu_s": filled,
        "open_and_first_query": firsts, "ours": ours, "qdrant_local": peer,
        "ratio_cpu_p95": peer["cpu_ms_p95"] / ours["cpu_ms_p95"],
    }  # fmt: skip
    for name, row in (("ours", ours), ("qdrant local", peer)):
        print(f"{name:14}" + "  ".join(f"{key} {value:8.2f}" for key, value in row.items()))
    for when, first in firsts.items():
        print(f"opening and the first query, {when.replace('_', ' ')}: {first['wall_s']:.2f} s, "
              f"of CPU {first['cpu_s']:.2f} s")  # fmt: skip
    if asked.json:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
