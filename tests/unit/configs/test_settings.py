"""Settings: defaults, the file, the environment above it, and errors that keep secrets."""

from __future__ import annotations

import pytest

from configs.errors import BadInput
from configs.settings import PREFIX, Settings, load_settings
from configs.workspace import Workspace


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)
    return Workspace(tmp_path)


def write(workspace, text):
    (workspace.root / "qraft.yaml").write_text(text)


def test_nothing_need_be_set(workspace):
    assert load_settings(workspace) == Settings()


@pytest.mark.parametrize("text", ["", "# lake: file://elsewhere\n", "\n\n  # nothing\n"])
def test_a_file_without_content_changes_nothing(workspace, text):
    write(workspace, text)
    assert load_settings(workspace) == Settings()


def test_the_file_is_read_and_the_environment_outranks_it(workspace, monkeypatch):
    write(workspace, "lake: file://a\nwait_s: 5\n")
    monkeypatch.setenv("QRAFT_LAKE", "file://b")
    settings = load_settings(workspace)
    assert (settings.lake, settings.wait_s) == ("file://b", 5.0)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("lak: file://x\n", "qraft.yaml:1:1, key lak: unknown key `lak`\ndid you mean 'lake'?"),
        ("wait_s: soon\n", "key wait_s: `soon`: input should be a valid number"),
        ("wait_s: 0\n", "key wait_s: `0`: input should be greater than 0"),
        ("lake: /tmp/x\n", "key lake: `/tmp/x`"),
        ("scheduler: maybe\n", "key scheduler: `maybe`"),
    ],
)  # fmt: skip
def test_mistakes_are_located(workspace, text, expected):
    write(workspace, text)
    with pytest.raises(BadInput) as refused:
        load_settings(workspace)
    assert expected in str(refused.value)


def test_a_mistake_in_the_environment_names_it(workspace, monkeypatch):
    monkeypatch.setenv("QRAFT_WAIT_S", "long")
    with pytest.raises(BadInput, match=r"environment \(QRAFT_\.\.\.\).*wait_s"):
        load_settings(workspace)


def test_an_error_never_shows_a_password(workspace, monkeypatch):
    for url in ("clickhouse:/ann:geheim@db", "Clickhouse://ann:geheim@db", "x?password=geheim"):
        monkeypatch.setenv("QRAFT_WAREHOUSE", url)
        with pytest.raises(BadInput) as refused:
            load_settings(workspace)
        assert "geheim" not in str(refused.value)


def test_a_store_that_nothing_answers_to_is_named_without_its_password(workspace):
    from storage.open import open_lake, open_warehouse

    settings = Settings(lake="s4://k:geheim@host/x", warehouse="duck://ann:geheim@host/x")
    for opening in (open_lake, open_warehouse):
        with pytest.raises(BadInput, match="no store answers to") as refused:
            opening(settings, workspace)
        assert "geheim" not in str(refused.value)
        assert "allowed:" in str(refused.value)
