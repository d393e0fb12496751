"""Every benchmark can be run by the set-up that is documented: `scripts/bench/all`."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BENCH = ROOT / "scripts" / "bench"
SCRIPTS = sorted(BENCH.glob("*.py"))
IMPORTED_AS = {"nsq-py": "nsq", "pyqlib": "qlib", "scikit-learn": "sklearn", "kunquant": "KunQuant"}
OWN = {"agent", "configs", "gate", "storage", "tasks", "taskspecs", "tests"}


def installed() -> set[str]:
    """Names of modules that `scripts/environment --bench` brings, by what is asked for."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    asked = [*project["project"]["dependencies"], *project["dependency-groups"]["bench"]]
    names = [re.split(r"[\s<>=!\[;]", text)[0].lower() for text in asked]
    return {IMPORTED_AS.get(name, name.replace("-", "_")) for name in names}


def imported(script: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(script.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.stem)
def test_what_a_benchmark_imports_is_in_its_environment(script):
    beside = {path.stem for path in SCRIPTS}
    known = installed() | beside | OWN | set(sys.stdlib_module_names)
    assert imported(script) <= known


def test_all_runs_every_benchmark_that_can_be_run_alone():
    told = subprocess.run([BENCH / "all", "--list"], capture_output=True, text=True, check=True)
    alone = {path.stem for path in SCRIPTS if "__main__" in path.read_text()}
    assert set(told.stdout.split()) == alone - {"model"}  # which needs shares of one's own


def test_a_benchmark_that_there_is_not_is_said():
    told = subprocess.run([BENCH / "all", "nosuch"], capture_output=True, text=True, check=False)
    assert told.returncode == 2
    assert "there is no benchmark nosuch" in told.stderr
