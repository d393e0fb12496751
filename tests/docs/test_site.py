"""The site: it builds, its notebooks run, its lists are those of the code, it loads nothing."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from html import unescape
from typing import TYPE_CHECKING, get_args

import pytest

from agent.cli.main import COMMANDS
from configs import errors
from configs.settings import Settings
from gate.checks.table import CHECKS
from gate.policy.policy import Policy
from gate.policy.watch import WATCHED
from scripts.docs.notebooks import read_cells
from storage.warehouse.schema import TABLES
from tasks.detection.registry import REGISTRY
from taskspecs.expressions.operators import OPERATORS
from taskspecs.schema import BacktestSpec, TaskSpec
from taskspecs.sources.spec import SourceSpec
from tests.docs.pages import DOCS, REPOSITORY

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow

BARS = "select symbol, ts::date as date, open, high, low, close, volume from bars"
LISTED = {
    "reference/commands": COMMANDS,
    "reference/operators": OPERATORS,
    "reference/detectors": REGISTRY,
    "reference/checks": [*CHECKS, *WATCHED],
    "reference/warehouse": [column.name for table in TABLES for column in table.columns],
    "reference/taskspec": TaskSpec.model_fields,
    "reference/sourcespec": SourceSpec.model_fields,
    "reference/settings": Settings.model_fields,
    "reference/policy": Policy.model_fields,
}
"""Page to what the code knows of its kind."""
LOADED = re.compile(
    r"""<(?:script|img|iframe|source|video|audio)\b[^>]*\ssrc=["']?(?:https?:)?//"""
    r"""|<link\b[^>]*\shref=["']?(?:https?:)?//"""
    r"""|@import\s+(?:url\()?["']?(?:https?:)?//|url\(["']?(?:https?:)?//""",
)
"""What a browser would ask another host for without being told to by a person."""


@pytest.fixture(scope="module")
def site(demo_copy, tmp_path_factory) -> Path:
    """The site, built once as `scripts/docs/site` builds it."""
    bars = demo_copy.run("sql", "--csv", BARS).stdout
    (demo_copy.workspace / "bars.csv").write_text(bars, encoding="utf-8")
    built = tmp_path_factory.mktemp("site")
    told = {"QRAFT_DOCS_WORKSPACE": str(demo_copy.workspace), "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(built)],
        cwd=REPOSITORY, env=os.environ | told, text=True, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return built


def text_of(page: Path) -> str:
    return unescape(re.sub(r"<[^>]+>", "", page.read_text("utf-8")))


@pytest.mark.parametrize("page", LISTED)
def test_every_list_is_the_codes(site, page):
    text = text_of(site / f"{page}.html")
    assert [name for name in LISTED[page] if not re.search(rf"\b{re.escape(name)}\b", text)] == []


def test_every_kind_of_error_has_its_exit_code(site):
    text = (site / "reference/commands.html").read_text("utf-8")
    rows = re.findall(r"<td>(\d)</td>\s*<td><code>(\w+)</code></td>", text)
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    known = [kind for kind in kinds if issubclass(kind, errors.QraftError)]
    assert {name: int(code) for code, name in rows} == {k.__name__: k.exit_code for k in known}


def test_words_and_bounds_of_keys_are_shown(site):
    text = text_of(site / "reference/taskspec.html")
    words = [*get_args(BacktestSpec.model_fields["strategy"].annotation), "robust_zscore", "< 1000"]
    assert [word for word in words if word not in text] == []


@pytest.mark.parametrize("notebook", sorted(p.stem for p in (DOCS / "notebooks").glob("*.py")))
def test_notebooks_were_executed_and_show_what_they_printed(site, notebook):
    page = (site / "notebooks" / f"{notebook}.html").read_text("utf-8")
    cells = read_cells((DOCS / "notebooks" / f"{notebook}.py").read_text("utf-8"))
    printing = [cell for cell in cells if not cell.is_text and "print(" in cell.source]
    code = [cell for cell in cells if not cell.is_text]
    assert page.count('<div class="highlight">') == len(code) + len(printing)
    assert not (site / "notebooks" / f"{notebook}.py").exists()


def test_no_page_loads_anything_from_another_host(site):
    kinds = {".html", ".css"}
    looked = [path for path in site.rglob("*") if path.suffix in kinds]
    assert len(looked) > 40
    found = {path.name: LOADED.findall(path.read_text("utf-8")) for path in looked}
    assert {name: all_ for name, all_ in found.items() if all_} == {}
    (bundle,) = site.glob("assets/javascripts/bundle.*.js")
    assert not re.search(r"https://(?!clipboardjs)[\w.-]+\.\w+/", bundle.read_text("utf-8"))


def test_what_loads_something_would_be_seen():
    assert LOADED.search('<script async src="https://cdn.example/x.js">')
    assert LOADED.search('<link rel="stylesheet" href=//fonts.example/css>')
    assert LOADED.search("body{background:url(https://example/x.png)}")
    assert not LOADED.search('<a href="https://keepachangelog.com">')
