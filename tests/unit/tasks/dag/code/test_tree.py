"""A source that cannot be read, or does not say what it loads, is an error and never a key."""

from __future__ import annotations

import os
import py_compile
import shutil
import sys
import zipfile
from importlib.machinery import ModuleSpec
from types import ModuleType

import pytest

from configs.errors import Damaged, Failed
from tasks.dag.code import kept as kept_module
from tasks.dag.code.closure import Code, own_code
from tasks.dag.code.imports import read_imports
from tasks.dag.code.kept import Kept, own_cache
from tasks.dag.code.tree import HOME, PACKAGES, Tree
from tests.unit.tasks.dag.code.test_closure import SPEC

LEAF = "tasks/features/execution/panel.py"


def test_a_package_without_its_sources_is_refused(copy, tmp_path):
    with pytest.raises(Failed, match="the source of agent cannot be read at"):
        Code(Tree(tmp_path)).of_stage("ingest", {})
    archive = tmp_path / "qraft.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(HOME / "agent/__init__.py", "agent/__init__.py")
    with pytest.raises(Failed, match="not as a zip"):
        Code(Tree(archive)).of_stage("ingest", {})


@pytest.mark.parametrize("suffix", [".pyc", ".cpython-311-x86_64-linux-gnu.so"])
def test_a_module_that_is_compiled_is_refused(copy, suffix):
    compiled = (copy.root / LEAF).with_suffix(suffix)
    py_compile.compile(str(copy.root / LEAF), cfile=str(compiled))
    try:
        with pytest.raises(Failed, match=r"panel.* is compiled"):
            copy.plan(SPEC)
    finally:
        compiled.unlink()


def test_a_module_that_is_there_twice_is_refused(copy):
    """Python would load the package, and the other file would be digested."""
    package = (copy.root / LEAF).with_suffix("")
    package.mkdir()
    (package / "__init__.py").write_text("")
    try:
        with pytest.raises(Failed, match=r"tasks\.features\.execution\.panel is there twice"):
            copy.plan(SPEC)
    finally:
        shutil.rmtree(package)


def test_a_module_that_is_gone_is_refused(copy):
    away = copy.root / "panel.away"
    shutil.move(copy.root / LEAF, away)
    try:
        with pytest.raises(
            Failed, match=r"imports tasks\.features\.execution\.panel, which has no source"
        ):
            copy.plan(SPEC)
    finally:
        shutil.move(away, copy.root / LEAF)


@pytest.mark.parametrize(
    ("line", "error", "why"),
    [
        ("import_module(open('x').read())", Failed, "imports by a name that is not"),
        ("__import__(NAME)", Failed, "imports by a name that is not"),
        ("spec_from_file_location('x', 'y.py')", Failed, "imports by a name that is not"),
        ("list(map(import_module, NAMES))", Failed, "imports by a name that is not"),
        ("load = importlib.import_module", Failed, "imports by a name that is not"),
        ("from importlib import import_module as load", Failed, "imports by a name that is not"),
        ("from importlib import resources", Failed, "loads by importlib"),
        ("import pkgutil", Failed, "loads by pkgutil"),
        ("import tasks.nowhere", Failed, "which has no source"),
        ("def (", Damaged, "cannot be read as Python"),
    ],
)
def test_a_source_that_does_not_say_what_it_loads_is_refused(copy, line, error, why):
    with copy.changed(LEAF, f"{line}\n".encode()), pytest.raises(error, match=why) as caught:
        copy.plan(SPEC)
    assert "panel.py" in str(caught.value)


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("if TYPE_CHECKING:\n    import a\nelse:\n    import b", {("b", "")}),
        ("if typing.TYPE_CHECKING:\n    import a", set()),
        ("def f():\n    def g():\n        from a.b import c", {("a.b", "c")}),
        ("class A:\n    import a", {("a", "")}),
        ("try:\n    import a\nexcept ImportError:\n    import b", {("a", ""), ("b", "")}),
        ("from . import c\nfrom ..d import e", {("p.q", "c"), ("p.d", "e")}),
        ("x = lambda: __import__('a.b')", {("a.b", "")}),
        ("importlib.import_module('a.b').f()", {("a.b", "")}),
        ("'''import a'''\n# import b", set()),
    ],
)
def test_what_an_import_names(source, names):
    assert set(read_imports(source.encode(), "p.q").names) == names


def test_every_file_that_is_no_python_is_read_by_a_module_or_computes_nothing():
    tree = Tree(kept=own_cache())
    untold = {"agent.cli.main", "agent.road.runner.worker", "tasks.detection.reference"}
    read = {path for m in tree.modules if m not in untold for path in tree.loaded(m).files}
    there = {path for package in tree.modules for path in tree.files(package)}
    unread = {path.relative_to(HOME).as_posix() for path in there - read}
    assert {path for path in unread if not path.startswith("configs/")} == set()
    assert unread == {
        "configs/compose.env.example", "configs/compose.yaml", "configs/luigid.cfg",
        "configs/openobserve/alerts.json", "configs/openobserve/dashboard.json",
        "configs/prometheus/alerts.yaml", "configs/prometheus/prometheus.yaml",
    }  # fmt: skip


def test_what_is_kept_is_known_by_content_and_not_by_times(copy):
    path = copy.root / "taskspecs/frequencies.py"
    before, was, plan = path.read_bytes(), path.stat(), copy.plan(SPEC)
    other = before.replace(b"60", b"61", 1)
    assert len(other) == len(before)
    assert other != before
    with copy.changed("taskspecs/frequencies.py", other):
        os.utime(path, ns=(was.st_atime_ns, was.st_mtime_ns))
        assert path.stat().st_mtime_ns == was.st_mtime_ns
        assert copy.plan(SPEC).stage("backtest").code != plan.stage("backtest").code


def test_what_others_could_have_written_is_not_believed(copy, tmp_path, monkeypatch):
    path = tmp_path / "own" / "code.json"
    first = Code(Tree(copy.root, Kept(path))).of_stage("ingest", {})
    assert path.stat().st_mode & 0o777 == 0o600
    lies = path.read_bytes().replace(b"tasks.ingest.origin.sources", b"tasks.ingest.bars.symbols")
    untrue = {"lies": (lies, 0o622), "noise": (b"{", 0o600), "deep": (b"[" * 9_999, 0o600)}
    for name, (content, mode) in untrue.items():
        other = tmp_path / name / "code.json"
        other.parent.mkdir(mode=0o700)
        other.write_bytes(content)
        other.chmod(mode)
        assert Code(Tree(copy.root, Kept(other))).of_stage("ingest", {}) == first
    monkeypatch.setattr(kept_module, "_reader", lambda: "another reader")
    assert Kept(path).find(next(iter(Kept(path)._there), "")) is None


def test_nothing_is_read_twice_when_it_is_kept(copy, tmp_path, monkeypatch):
    path = tmp_path / "own" / "code.json"
    first = Code(Tree(copy.root, Kept(path))).of_stage("report", {})
    monkeypatch.setattr("tasks.dag.code.tree.read_imports", lambda *_: pytest.fail("it was kept"))
    assert Code(Tree(copy.root, Kept(path))).of_stage("report", {}) == first


def test_a_folder_that_cannot_be_written_costs_time_and_nothing_else(copy, tmp_path):
    (tmp_path / "file").write_text("")
    there = Kept(tmp_path / "file" / "code.json")
    assert Code(Tree(copy.root, there)).of_stage("ingest", {}) == copy.code.of_stage("ingest", {})


def test_a_package_from_another_folder_is_refused(monkeypatch):
    own_code.cache_clear()
    monkeypatch.setitem(sys.modules, "gate", ModuleType("gate"))
    sys.modules["gate"].__spec__ = ModuleSpec("gate", None, origin="/elsewhere/gate/__init__.py")
    with pytest.raises(Failed, match="gate is loaded from /elsewhere"):
        own_code()


def test_the_packages_are_those_of_the_wheel():
    import tomllib

    project = tomllib.loads((HOME / "pyproject.toml").read_text(encoding="utf-8"))
    assert project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"] == list(PACKAGES)
