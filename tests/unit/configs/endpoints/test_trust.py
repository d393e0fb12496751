"""A line of the workspace's settings sends no secret to a host that nobody agreed to."""

from __future__ import annotations

import json
import os

import pytest

from configs.endpoints import trust
from configs.errors import BadInput, Damaged, Forbidden
from configs.remedies import Mend
from configs.settings import PREFIX, Settings, load_settings
from configs.workspace import Workspace
from tests.consent import agree_to_settings

SENDING = [
    ("embeddings: {model: 'openai:m', base_url: 'http://h.example/v1', api_key_variable: V}", "V"),
    ("embeddings: {model: 'openai:m', api_key_variable: V}", "V"),
    ("embeddings: {model: 'openai:m', base_url: 'http://127.0.0.1:9/v1', api_key_variable: V}",
     "V"),
    ("embeddings: {model: 'openai:m', base_url: 'http://h.example/v1'}", "OPENAI_API_KEY"),
    ("embeddings: {model: 'openai:m', base_url: 'http://api.openai.com/v1'}", "OPENAI_API_KEY"),
    ("embeddings: {model: 'openai:m', base_url: 'https://api.openai.com:8/v1'}",
     "OPENAI_API_KEY"),
    ("llm: {model: 'openai:m', base_url: 'http://h.example/v1'}", "OPENAI_API_KEY"),
    ("llm: {model: 'x:m', fallbacks: ['openai:m'], base_url: 'https://h.example'}",
     "OPENAI_API_KEY"),
    ("llm: {model: 'x:m', vote: ['openai:m'], base_url: 'http://localhost:1'}", "OPENAI_API_KEY"),
    ("lake: 's3://b/l?endpoint=http://h.example:9000'", "AWS_SECRET_ACCESS_KEY"),
    ("lake: 's3://b/l?endpoint=http://h.example:9000'", "AWS_SESSION_TOKEN"),
    ("warehouse: 'clickhouse://ann@h.example/q'", "CLICKHOUSE_PASSWORD"),
    ("index: 'qdrant://h.example'", "QDRANT_API_KEY"),
    ("telemetry: 'openobserve://ann@h.example/o/s'", "OPENOBSERVE_PASSWORD"),
]  # fmt: skip


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    for name in Settings.model_fields:
        monkeypatch.delenv(PREFIX + name.upper(), raising=False)
    for names in trust.SECRETS.values():
        for name in names:
            monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "person"))
    (tmp_path / "workspace").mkdir()
    return Workspace(tmp_path / "workspace")


def write(workspace, text):
    (workspace.root / "qraft.yaml").write_text(text + "\n")


@pytest.mark.parametrize(("text", "variable"), SENDING)
def test_nothing_is_sent_before_somebody_agreed(workspace, monkeypatch, text, variable):
    write(workspace, text)
    monkeypatch.delenv(variable, raising=False)
    load_settings(workspace)  # there is nothing to send
    monkeypatch.setenv(variable, "geheim-geheim")
    with pytest.raises(Forbidden, match=f"{variable} of your environment") as refused:
        load_settings(workspace)
    assert refused.value.remedy == Mend.AGREE_TO_SETTINGS()
    assert "geheim" not in str(refused.value)
    agree_to_settings(workspace.root)
    load_settings(workspace)
    # Agreed is the pair, not the workspace: another host is asked for anew.
    write(workspace, text.replace("h.example", "i.example").replace("127.0.0.1", "127.0.0.2"))
    if "example" in text or "127.0.0.1" in text:
        with pytest.raises(Forbidden):
            load_settings(workspace)


def test_another_secret_to_an_agreed_host_is_asked_for_anew(workspace, monkeypatch):
    line = "embeddings: {model: 'openai:m', base_url: 'http://h/v1', api_key_variable: %s}"
    monkeypatch.setenv("ONE", "secret-1")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret-2")
    write(workspace, line % "ONE")
    agree_to_settings(workspace.root)
    load_settings(workspace)
    write(workspace, line % "AWS_SECRET_ACCESS_KEY")
    with pytest.raises(Forbidden, match="AWS_SECRET_ACCESS_KEY"):
        load_settings(workspace)


def test_whoever_answers_as_the_cluster_runs_code(workspace):
    write(workspace, "compute: 'tcp://h.example:8786'")
    with pytest.raises(Forbidden, match="may run code"):
        load_settings(workspace)
    agree_to_settings(workspace.root)
    load_settings(workspace)


@pytest.mark.parametrize(("text", "variable"), SENDING)
def test_what_the_operators_environment_sets_is_agreed(workspace, monkeypatch, text, variable):
    name, _, value = text.partition(": ")
    monkeypatch.setenv(variable, "geheim-geheim")
    monkeypatch.setenv(PREFIX + name.upper(), value)
    assert load_settings(workspace)


def test_a_secret_goes_to_whom_it_is_of(workspace, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "secret-1")
    write(workspace, "embeddings: {model: 'openai:m'}\nllm: {model: 'openai:m'}")
    assert load_settings(workspace).llm.model == "openai:m"


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com@evil.example/v1", "https://api.openai.com:443@evil.example",
        "https://evil.example#@api.openai.com", "https://evil.example?@api.openai.com",
        "https://evil.example/@api.openai.com", "https://api.openai.com.evil.example",
        "https://API.OPENAI.COM.evil.example", "https://evil.example\\\\@api.openai.com",
    ],
)  # fmt: skip
def test_a_host_that_only_looks_agreed_is_not(workspace, monkeypatch, url):
    monkeypatch.setenv("OPENAI_API_KEY", "secret-1")
    write(workspace, f'embeddings: {{model: "openai:m", base_url: "{url}"}}')
    with pytest.raises((Forbidden, BadInput)) as refused:
        load_settings(workspace)
    assert "api.openai.com of" not in str(refused.value)


def test_what_was_agreed_to_is_believed_only_from_its_owner(workspace, monkeypatch):
    monkeypatch.setenv("QDRANT_API_KEY", "secret-1")
    write(workspace, "index: 'qdrant://h.example'")
    agree_to_settings(workspace.root)
    path = trust._file()
    assert not path.is_relative_to(workspace.root)
    path.chmod(0o622)
    with pytest.raises(Forbidden, match="others may use it"):
        load_settings(workspace)
    path.chmod(0o600)
    for text in ("", "[]", '{"a": 1}', "{", "[" * 100_000):
        path.write_text(text)
        with pytest.raises(Damaged, match="cannot be read"):
            load_settings(workspace)
    path.write_text(json.dumps({"QDRANT_API_KEY": ["qdrant://h.example"]}))
    load_settings(workspace)


def test_no_file_of_the_workspace_agrees(workspace, monkeypatch):
    monkeypatch.setenv("QDRANT_API_KEY", "secret-1")
    write(workspace, "index: 'qdrant://h.example'")
    planted = json.dumps({"QDRANT_API_KEY": ["qdrant://h.example"]})
    for folder in (workspace.root, workspace.home, workspace.home / "qraft"):
        folder.mkdir(exist_ok=True)
        (folder / trust.FILE).write_text(planted)
    with pytest.raises(Forbidden):
        load_settings(workspace)


def test_the_command_needs_a_terminal(workspace, monkeypatch, tmp_path):
    from click.testing import CliRunner

    from agent.cli import trust as command
    from agent.cli.context import Context

    monkeypatch.setenv("QDRANT_API_KEY", "secret-1")
    write(workspace, "index: 'qdrant://h.example'")
    context = Context(str(workspace.root))
    typed = tmp_path / "typed"
    typed.write_text("y\n")
    monkeypatch.setattr(command, "TERMINAL", typed)  # a pipe or a file is no terminal
    refused = CliRunner().invoke(command.trust, obj=context, input="y\n").exception
    assert isinstance(refused, Forbidden)
    assert "terminal" in str(refused)
    ours, theirs = os.openpty()
    monkeypatch.setattr(command, "TERMINAL", command.Path(os.ttyname(theirs)))
    os.write(ours, b"n\n")
    refused = CliRunner().invoke(command.trust, obj=context).exception
    assert isinstance(refused, Forbidden)
    os.write(ours, b"y\n")
    assert CliRunner().invoke(command.trust, obj=context).exception is None
    load_settings(workspace)
    os.close(ours)
    os.close(theirs)
