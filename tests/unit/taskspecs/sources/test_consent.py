"""A workspace's source reaches nobody, and sends nothing, that a person did not agree to."""

from __future__ import annotations

import pytest

from configs.errors import BadInput, Forbidden
from configs.workspace import Workspace
from taskspecs.sources.catalogue import find
from taskspecs.sources.consent import asked_of, require_consent
from taskspecs.sources.load import load
from taskspecs.sources.urls import check_url, is_here
from tests.consent import agree_to_source

TEXT = """\
name: {name}
symbols: [A]
connect: {{by: poll, url: "{url}", headers: {{Authorization: {{env: QRAFT_TEST_TOKEN}}}}}}
decode: {{fields: {{ts: {{path: t}}, price: {{path: p, decimals: 2}}}}}}
"""
PLAIN = TEXT.replace(", headers: {{Authorization: {{env: QRAFT_TEST_TOKEN}}}}", "")


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    (tmp_path / "work" / "sources").mkdir(parents=True)
    return Workspace((tmp_path / "work").resolve())


def put(workspace, name, text, url):
    path = workspace.root / "sources" / f"{name}.yaml"
    path.write_text(text.format(name=name, url=url))
    return load(path)[0], path


@pytest.mark.parametrize(("text", "url", "asked"), [
    (PLAIN, "https://data.example/a", ["connection at https://data.example"]),
    (TEXT, "https://data.example/a",
     ["QRAFT_TEST_TOKEN at https://data.example", "connection at https://data.example"]),
    (TEXT, "http://127.0.0.1:8080/a", ["QRAFT_TEST_TOKEN at http://127.0.0.1:8080"]),
    (PLAIN, "http://localhost:8080/a", []),
])  # fmt: skip
def test_hosts_and_secrets_are_asked_for_once(workspace, text, url, asked):
    spec, path = put(workspace, "mine", text, url)
    found = [f"{each.variable} at {each.host}" for each in asked_of(workspace)]
    assert found == asked
    if asked:
        with pytest.raises(Forbidden, match="nobody agreed"):
            require_consent(spec, path)
    agree_to_source(spec)
    require_consent(spec, path)
    assert asked_of(workspace) == []


def test_agreeing_to_one_host_is_not_agreeing_to_another(workspace):
    spec, _ = put(workspace, "mine", TEXT, "https://data.example/a")
    agree_to_source(spec)
    other, path = put(workspace, "mine", TEXT, "https://data.example:444/a")
    with pytest.raises(Forbidden, match=r"data\.example:444"):
        require_consent(other, path)


def test_a_broken_source_asks_for_nothing_and_keeps_no_other_from_asking(workspace):
    (workspace.root / "sources" / "broken.yaml").write_text("name: [")
    put(workspace, "mine", PLAIN, "https://data.example/a")
    assert [each.host for each in asked_of(workspace)] == ["https://data.example"]


def test_sources_are_found_by_name_and_by_path(workspace):
    _, path = put(workspace, "mine", PLAIN, "https://data.example/a")
    assert find("mine", workspace) == path
    assert find(str(path), workspace) == path
    with pytest.raises(BadInput, match="did you mean 'mine'"):
        find("mien", workspace)


@pytest.mark.parametrize("url", [
    "ws://127.0.0.1:1/x", "ws://[::1]:1/", "ws://localhost/", "wss://stream.example:9443/ws",
])  # fmt: skip
def test_addresses_that_are_allowed(url):
    check_url(url, "wss")


@pytest.mark.parametrize("url", [
    "ws://10.0.0.1/", "ws://localhost.example/", "ws://127.0.0.1@evil.example/",
    "wss://user@host.example/", "wss://ho st/", "wss://a.example/\n", "https://a.example/",
    "file:///etc/passwd", "wss://{symbol}.example/", "wss://a.example:999999/", "WSS//a.example",
])  # fmt: skip
def test_addresses_that_are_refused(url):
    with pytest.raises(BadInput):
        check_url(url, "wss")


@pytest.mark.parametrize("url", ["http://2130706433/", "http://127.1/", "http://0.0.0.0/"])
def test_what_only_some_resolve_to_this_machine_is_elsewhere(url):
    assert not is_here(url)
