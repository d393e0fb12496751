"""Reports, as a real browser shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tasks.report.page import render

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.browsing import Browser


@pytest.fixture(scope="session")
def page(study: Any, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the sample study, on disk."""
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(render(study), encoding="utf-8")
    return path


@pytest.fixture
def show(browser: Browser, tmp_path: Path) -> Callable[..., Browser]:
    """Open the report of any study."""

    def opened(inputs: Any, **how: Any) -> Browser:
        path = tmp_path / "report.html"
        path.write_text(render(inputs), encoding="utf-8")
        browser.open(path, **how)
        return browser

    return opened
