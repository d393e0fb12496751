"""An assistant over MCP that wants to read what it was not given, or to move what is followed."""

from __future__ import annotations

import json
import shutil

import anyio
import pytest
from mcp.server.mcpserver.exceptions import ToolError

from agent.cli.context import Context
from agent.mcp.server import _here_alone, make_server
from tasks.runs import run as running
from tasks.runs.taint import FOLLOWED, is_tainted

SECRET = "canary7f3a91"
STUDY = {"name": "s", "signal": {"expression": "$close"}, "backtest": {"topk": 1}}
PRICES = "symbol,date,open,high,low,close,volume\n" + "".join(
    f"A,2024-01-{day:02},1,1,1,1,1\n" for day in range(1, 20)
)


@pytest.fixture
def folder(tmp_path):
    """A workspace with secrets in it, and an outside with more."""
    root, outside = tmp_path / "workspace", tmp_path / "outside"
    for each in (root, outside, root / ".hidden", root / ".qraft", root / "data"):
        each.mkdir()
    env = f"AWS_{SECRET},{SECRET}\n1,{SECRET}\n"
    for path in (
        root / ".env", root / ".env.csv", root / ".hidden" / "prices.csv",
        root / ".qraft" / "equity.csv", outside / "prices.csv", root / "env", root / "keys.ini",
        root / "data" / "wrong.csv", root / "data" / "wrong.parquet",
    ):  # fmt: skip
        path.write_text(env)
    (root / "secrets.yaml").write_text(f"aws_{SECRET}: {SECRET}\nfeatures: {SECRET}\n")
    (root / "data" / "set.yaml").write_text(f"momentum: {SECRET}(\n")
    (root / "data" / "set2.yml").write_text(f"- {SECRET}\n")
    (root / "data" / "prices.csv").write_text(PRICES)
    (root / "linked.csv").symlink_to(outside / "prices.csv")
    (root / "linked").symlink_to(outside)
    (root / "inner.csv").symlink_to(root / ".env")
    return root


def call(folder, name, **arguments):
    """Call a tool; return its error's text, or None."""
    server = make_server(Context(str(folder)))

    async def called():
        await server.call_tool(name, arguments)

    try:
        anyio.run(called)
    except ToolError as error:
        return str(error)
    return None


FILES = [
    ".env", ".env.csv", "./.env", ".hidden/prices.csv", ".hidden/../.env", ".qraft/equity.csv",
    "../outside/prices.csv", "/etc/passwd", "env", "keys.ini", "linked.csv", "linked/prices.csv",
    "inner.csv", "data/../.env", "data//../.env", "~/.ssh/id_rsa", "secrets.yaml", "data", "",
    "data/wrong.csv", "data/wrong.parquet", "data/nothing.csv", ".env\0.csv", "data/prices.csv/",
    "\u202e.csv", "data/pri\nces.csv", "DATA/../.ENV",
]  # fmt: skip


@pytest.mark.parametrize("path", FILES)
def test_no_error_quotes_a_file(folder, path):
    for section in (
        {"data": {"source": "file", "path": path}},
        {"data": {"source": "file", "path": path, "columns": {"close": "Close"}}},
        {"aggregation": {"groups": {"path": path, "symbol": "a", "group": "b"}}},
        {"features": {"sets": [path]}},
        {"features": {"sets": [f"{path}.yaml", "secrets.yaml"]}},
    ):
        told = call(folder, "run", taskspec={**STUDY, **section})
        assert told is not None
        assert SECRET not in told
        assert json.loads(told[told.index("{") :])["kind"]
    named = call(folder, "run", spec=path)
    assert named is not None
    assert SECRET not in named


@pytest.mark.parametrize("name", ["data/set.yaml", "data/set2.yml", "secrets.yaml"])
def test_no_error_quotes_a_file_of_features(folder, name):
    told = call(folder, "run", taskspec={**STUDY, "features": {"sets": [name]}})
    assert told is not None
    assert SECRET not in told
    assert "told to the person alone" in told


@pytest.mark.parametrize("name", ["secrets.yaml", "data/set.yaml", "data/set2.yml"])
def test_no_error_quotes_a_file_that_is_called_a_taskspec(folder, name):
    told = call(folder, "run", spec=name)
    assert told is not None
    assert SECRET not in told


def test_a_taskspec_of_the_workspace_is_bound_as_one_that_comes_along(folder):
    for path in (".env", "linked.csv", ".qraft/equity.csv"):
        text = json.dumps({**STUDY, "data": {"source": "file", "path": path}})
        (folder / "spec.yaml").write_text(text)
        told = call(folder, "run", spec="spec.yaml")
        assert told is not None
        assert SECRET not in told


def test_no_error_quotes_a_cell_of_a_file_of_bars(folder):
    (folder / "bars.csv").write_text(f"date,symbol,close\n{SECRET},A,1\n")
    told = call(folder, "run", taskspec={**STUDY, "data": {"source": "file", "path": "bars.csv"}})
    assert told is not None
    assert SECRET not in told


def test_what_the_assistant_wrote_itself_is_told_whole(folder):
    told = call(folder, "run", taskspec={**STUDY, "bactest": {}})
    assert "did you mean" in told
    told = call(folder, "run", taskspec={**STUDY, "signal": {"expression": "Reff($close, 1)"}})
    assert "Ref" in told


def deep(levels, make):
    value: object = 1
    for _ in range(levels):
        value = make(value)
    return value


@pytest.mark.parametrize("levels", [50, 2_000, 100_000])
def test_what_is_nested_too_deep_is_an_error_in_words(folder, levels):
    for make in (lambda inner: [inner], lambda inner: {"a": inner}):
        told = call(folder, "run", taskspec={"name": "x", "signal": deep(levels, make)})
        assert told is not None
        assert "nested" in told
        assert "Traceback" not in told


@pytest.mark.parametrize("text", ["\ud800", "a\udfff", "\ud83d\ude00\ud83d"])
def test_what_is_no_text_is_an_error_in_words(folder, text):
    calls = (
        ("run", {"taskspec": {**STUDY, "name": text}}), ("run", {"spec": text}),
        ("run", {"taskspec": {**STUDY, text: 1}}), ("explain", {"id": text}),
        ("show_run", {"run": text}), ("show_pattern", {"pattern": text}),
        ("search", {"query": text}), ("plan", {"prompt": text}), ("propose", {"run": text}),
    )  # fmt: skip
    for name, arguments in calls:
        told = call(folder, name, **arguments)
        if told is not None:
            told.encode()
            assert "Traceback" not in told


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("list_runs", {"limit": 0}), ("list_runs", {"limit": "many"}), ("search", {}),
        ("run", {"taskspec": SECRET}), ("list_patterns", {"type": SECRET}),
        ("show_run", {"run": "x" * 1_000}), ("search", {"query": ["x"]}),
    ],
)  # fmt: skip
def test_wrong_arguments_are_worded(folder, name, arguments):
    told = call(folder, name, **arguments)
    assert "pydantic" not in told
    assert "validation error" not in told
    assert SECRET not in told
    found = json.loads(told[told.index("{") :])
    assert found["kind"] == "BadInput"


def test_only_its_own_address_and_pages_are_answered():
    allowed = _here_alone(8765)
    assert not any("*" in each for each in (*allowed.allowed_hosts, *allowed.allowed_origins))
    assert "http://localhost:8766" not in allowed.allowed_origins


@pytest.fixture(scope="module")
def ran(tmp_path_factory):
    """A workspace in which a small study has run."""
    from configs.settings import Settings
    from configs.workspace import Workspace
    from taskspecs.load import parse

    workspace = Workspace(tmp_path_factory.mktemp("roads").resolve())
    spec = parse(json.dumps({**STUDY, "data": {"start": "2012-01-01"}}))
    running.run(spec, workspace, Settings())
    return spec, workspace, Settings()


@pytest.mark.parametrize(
    "road", ["mcp", "prompt", "research", "sweep", "model", "", "Event", *sorted(FOLLOWED)]
)
def test_only_a_run_that_a_person_set_up_is_followed(ran, road, monkeypatch):
    """Whatever began it by another road, what follows a strategy is not even looked at."""
    from agent.road.runner.telling import tell_of
    from tasks.runs.run import Asked

    followed = []
    monkeypatch.setattr(running, "follow_up", lambda *given: followed.append(given))
    outcome = running.run(*ran, road=road)
    assert outcome.tainted == is_tainted(road) == (road not in FOLLOWED)
    assert len(followed) == (road in FOLLOWED)
    if outcome.tainted:
        assert outcome.following is None
        assert tell_of(outcome, Asked(tells=True)).count == 0


def test_every_road_by_which_a_run_begins_is_known():
    """A road that is added must be judged: by its name in the source."""
    import ast
    from pathlib import Path

    from gate.evidence import trials
    from tests.conftest import REPOSITORY

    roads = set()
    for package in ("agent", "tasks"):
        for path in Path(REPOSITORY, package).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.keyword) and node.arg == "road":
                    roads.add(ast.unparse(node.value))
    constants = {"RESEARCH": trials.RESEARCH, "SWEEP": trials.SWEEP, "ROAD": "mcp"}
    handed_on = {"road", "request.road", "asked['road']", "'run'"}
    assert roads - handed_on == {"'command'", "'prompt'", *constants}
    assert all(is_tainted(road) for road in (*constants.values(), "http", "prompt"))


def test_results_of_qraft_are_no_source_by_whatever_name(ran):
    """Over MCP and at the command line alike: they may hold what is sealed."""
    from configs.errors import BadInput
    from tasks.ingest.origin.sources import inside

    root = ran[1].root
    equity = next((root / ".qraft" / "lake" / "report").rglob("*equity.parquet"))
    named = equity.relative_to(root).as_posix()
    (root / "link.parquet").symlink_to(equity)
    (root / "door").symlink_to(root / ".qraft")
    shutil.copytree(equity.parent, root / "elsewhere" / "equity")
    tried = [
        named, f"./{named}", "link.parquet", f"door/{equity.relative_to(root / '.qraft')}",
        f"elsewhere/equity/{equity.name}",
        next((root / ".qraft" / "lake" / "raw").rglob("*.gz")).relative_to(root).as_posix(),
    ]  # fmt: skip
    for path in tried:
        with pytest.raises(BadInput, match="no source"):
            inside(path, root, key="data.path")
