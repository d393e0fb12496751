"""The layering contract of pyproject.toml holds."""

from importlinter.cli import EXIT_STATUS_SUCCESS, lint_imports


def test_imports_go_one_way(monkeypatch):
    monkeypatch.chdir(__file__.rpartition("/tests/")[0])
    assert lint_imports(no_cache=True) == EXIT_STATUS_SUCCESS
