"""Every place that parses bytes is known, and so is what bounds what it takes in.

A new reader of JSON, YAML, Parquet, CSV, archives or arrays has to be written down here, with its
bound: that is the moment to think of who could make it take all memory.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
ROOMS = ("configs", "taskspecs", "storage", "gate", "tasks", "agent")
MODULES = {"json", "yaml", "np", "numpy", "zipfile", "gzip", "tarfile", "pickle", "tomllib"}
CALLS = {"load", "loads", "safe_load", "ZipFile", "open", "GzipFile"}
TABLES = {"pl", "pq"}
ANYWHERE = {"model_validate_json", "validate_json"}

CAPPED = "a bound that stands in this module"
BOUND = re.compile(r"LARGEST|LONGEST|MOST_|_BYTES|MAX_|refuse_(growth|bombs|large)")
STORE = "ObjectStore.get, which reads at most MOST_BYTES, or what it is told"
RESULT = "Lake.read or Lake.open_file: not longer than the manifest says, and of its digest"
HANDED = "its caller, which has it from a reader that is bounded"
OUTSIDE = "owner and mode: a file outside every workspace, which nobody else can write"
ROWS = "the warehouse's rows, of our own tables, and entries of the ledger that count"
TYPED = "what a person types at the command line, or wrote to this program's own file a moment ago"
OWN = "nothing but the disk: a file of `.qraft` that decides nothing; who fills it slows a command"

SHIPPED = "nothing but its author: a file of a package that Qraft installs"

READERS = {
    "agent/http/push/channels.py": CAPPED,
    "agent/http/push/sockets.py": CAPPED,
    "agent/http/push/streams.py": HANDED,
    "agent/http/routes/runs.py": HANDED,
    "agent/http/tokens.py": OUTSIDE,
    "agent/road/supervision/announcing.py": OWN,
    "agent/checkup/clock.py": HANDED,
    "agent/cli/data/data.py": RESULT,
    "agent/cli/events/events.py": TYPED,
    "agent/cli/data/files.py": OWN,
    "agent/cli/data/inspection.py": TYPED,
    "agent/cli/data/new.py": TYPED,
    "agent/checkup/questions.py": CAPPED,
    "agent/cli/patterns/scan.py": TYPED,
    "agent/road/clock/page.py": HANDED,
    "agent/explain/book.py": RESULT,
    "agent/explain/chapters/signal.py": ROWS,
    "agent/explain/chapters/trial.py": RESULT,
    "agent/explain/checking.py": CAPPED,
    "agent/explain/pattern.py": ROWS,
    "agent/explain/prose/writing.py": HANDED,
    "agent/live/flow/commits.py": HANDED,
    "agent/live/demo.py": SHIPPED,
    "agent/live/home.py": CAPPED,
    "agent/mcp/answering.py": TYPED,
    "agent/memory/recall.py": ROWS,
    "agent/memory/recorded.py": RESULT,
    "agent/models/budget.py": OWN,
    "agent/assistant/llm/voting.py": HANDED,
    "agent/research/journal.py": OWN,
    "agent/research/call_journal.py": OWN,
    "agent/service/runs/process.py": OWN,
    "agent/service/health.py": HANDED,
    "agent/service/patterns/reading.py": ROWS,
    "agent/service/runs/apart.py": OWN,
    "agent/service/runs/finished.py": ROWS,
    "agent/service/runs/sweeping.py": RESULT,
    "agent/road/triggers/dropped.py": CAPPED,
    "configs/endpoints/trust.py": OUTSIDE,
    "configs/validation.py": HANDED,
    "gate/bundle/verifying.py": HANDED,
    "gate/deciding/keyring.py": CAPPED,
    "gate/policy/in_force.py": ROWS,
    "gate/signals/envelope.py": CAPPED,
    "storage/connectors/file.py": CAPPED,
    "storage/events/envelope.py": CAPPED,
    "storage/events/nsq/discovery.py": CAPPED,
    "storage/events/outbox.py": OWN,
    "storage/index/embedding.py": CAPPED,
    "storage/index/kept.py": OWN,
    "storage/index/points.py": HANDED,
    "storage/lake/lake.py": RESULT,
    "storage/leases/holder.py": STORE,
    "storage/ledger/kill_switch.py": CAPPED,
    "storage/ledger/checkpoint.py": OUTSIDE,
    "storage/ledger/entry.py": STORE,
    "storage/lake/manifest.py": STORE,
    "storage/lake/guard.py": RESULT,
    "storage/sql.py": CAPPED,
    "storage/telemetry/lines.py": CAPPED,
    "storage/telemetry/openobserve.py": CAPPED,
    "storage/telemetry/spool.py": CAPPED,
    "storage/warehouse/staging.py": OWN,
    "taskspecs/sources/load.py": HANDED,
    "tasks/aggregation/groups.py": CAPPED,
    "tasks/runs/announcement.py": RESULT,
    "tasks/runs/comparison/page.py": ROWS,
    "tasks/dag/code/kept.py": OUTSIDE,
    "tasks/detection/calibration/injection.py": TYPED,
    "tasks/detection/execution/checkpoints.py": HANDED,
    "tasks/detection/judgement.py": RESULT,
    "tasks/detection/execution/state.py": HANDED,
    "tasks/features/task.py": RESULT,
    "tasks/runs/identification.py": RESULT,
    "tasks/ingest/files/delimited.py": HANDED,
    "tasks/ingest/files/documents.py": HANDED,
    "tasks/ingest/files/folders.py": TYPED,
    "tasks/ingest/opening.py": CAPPED,
    "tasks/ingest/files/packed.py": CAPPED,
    "tasks/ingest/files/tables.py": HANDED,
    "tasks/ingest/files/workbooks.py": CAPPED,
    "tasks/ingest/origin/marks.py": HANDED,
    "tasks/ingest/origin/sources.py": CAPPED,
    "tasks/live/paper/published.py": STORE,
    "tasks/dag/plan.py": STORE,
    "tasks/runs/preflight.py": RESULT,
    "tasks/runs/record/proposing.py": RESULT,
    "tasks/runs/record/task.py": RESULT,
    "tasks/runs/replay.py": STORE,
    "tasks/report/tables/states.py": RESULT,
    "tasks/report/task.py": RESULT,
    "tasks/runs/results.py": STORE,
    "tasks/runs/names.py": STORE,
    "tasks/scheduler/choice.py": CAPPED,
    "tasks/dag/session.py": RESULT,
    "tasks/sources/fetching.py": OWN,
    "tasks/streams/windows/frames.py": HANDED,
    "tasks/sweep/computing.py": RESULT,
    "tasks/sweep/page.py": RESULT,
}


def readers(source: str) -> Iterator[int]:
    """Lines at which a module parses bytes."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        called, of = node.func.attr, node.func.value
        name = of.id if isinstance(of, ast.Name) else ""
        table = name in TABLES and called.startswith(("read_", "scan_"))
        if table or called in ANYWHERE or (name in MODULES and called in CALLS):
            yield node.lineno


@pytest.fixture(scope="module")
def found() -> dict[str, list[int]]:
    modules = (path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py")))
    told = {
        path.relative_to(ROOT).as_posix(): list(readers(path.read_text(encoding="utf-8")))
        for path in modules
    }
    return {name: lines for name, lines in told.items() if lines}


def test_every_reader_and_its_bound_is_known(found):
    assert found.keys() - READERS.keys() == set(), "write down what bounds these"
    assert READERS.keys() - found.keys() == set(), "these read nothing any more"


@pytest.mark.parametrize("module", [name for name, bound in READERS.items() if bound is CAPPED])
def test_a_bound_that_is_said_to_be_in_a_module_is_there(module):
    assert BOUND.search((ROOT / module).read_text(encoding="utf-8"))


def test_nothing_is_unpickled_that_was_not_pickled_a_moment_ago(found):
    pickled = {
        name for name in found
        if re.search(r"^(import pickle|from pickle)", (ROOT / name).read_text(), re.MULTILINE)
        and "pickle.load" in (ROOT / name).read_text()
    }  # fmt: skip
    assert pickled <= {"tasks/detection/calibration/injection.py"}


def test_an_answer_of_a_server_is_never_read_whole():
    """`.json()`, `.content` and `.text` of an answer take in whatever a server sends."""
    whole = re.compile(r"\b(response|answer|reply)\.(json\(\)|content\b)")
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            assert not whole.search(path.read_text(encoding="utf-8")), path
