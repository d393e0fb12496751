"""Who may ask, from which page, how much, and how often."""

from __future__ import annotations

import pytest
from starlette.websockets import WebSocketDisconnect

from agent.http.guard import LARGEST_BODY, Bucket
from configs.errors import BadInput, Forbidden

API = "/api/v1"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "127.0.0.1:81", "localhost.evil:8100", ""]
)
def test_a_name_of_its_own_finds_nobody(client, host):
    assert client.get(f"{API}/studies", headers={"host": host}).status_code == 421


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"}, {"origin": "null"}, {"origin": ""},
        {"origin": "file://127.0.0.1:8100"}, {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"}, {"origin": "http://127.0.0.1:8101"},
    ],
)  # fmt: skip
def test_a_page_elsewhere_cannot_ask(client, headers):
    assert client.get(f"{API}/studies", headers=headers).status_code == 403


def test_our_own_page_can(client):
    ours = {"origin": "http://127.0.0.1:8100", "sec-fetch-site": "same-origin"}
    assert client.get(f"{API}/studies", headers=ours).status_code == 200


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""]
)
def test_what_a_form_could_send_changes_nothing(client, kind):
    answer = client.post(f"{API}/ask", content=b'{"prompt":"x"}', headers={"content-type": kind})
    assert answer.status_code == 415


def test_a_page_elsewhere_cannot_listen(client):
    with (
        pytest.raises(WebSocketDisconnect) as gone,
        client.websocket_connect(
            "ws://127.0.0.1:8100/ws", headers={"origin": "http://evil.example"}
        ),
    ):
        pass
    assert gone.value.code == 1008


def test_a_body_that_is_too_long_is_not_read(client):
    headers = {"content-type": "application/json", "content-length": str(LARGEST_BODY + 1)}
    assert client.post(f"{API}/ask", content=b"{}", headers=headers).status_code == 413


def test_a_body_that_says_no_length_is_cut_off(client):
    def endless():
        for _ in range(40):
            yield b'{"prompt": "' + b"x" * 65_536

    headers = {"content-type": "application/json"}
    assert client.post(f"{API}/ask", content=endless(), headers=headers).status_code >= 400


def test_headers_have_bounds(client):
    assert client.get(f"{API}/studies", headers={"x-long": "y" * 20_000}).status_code == 431


def test_every_answer_says_what_a_browser_may_do(client):
    for path in ("/docs", f"{API}/studies", f"{API}/nothing", "/static/docs.css"):
        headers = client.get(path).headers
        assert "default-src 'none'" in headers["content-security-policy"]
        assert "unsafe-inline" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


def test_paths_lead_nowhere_else(client):
    for path in ("/static/../serving.py", "/static/%2e%2e/serving.py", "/static//etc/passwd"):
        assert client.get(path).status_code == 404


def test_without_a_token_nobody_asks_from_elsewhere(guarded, tokens):
    assert guarded.get(f"{API}/studies").status_code == 401
    text = tokens.new("ann", ["read"])
    wrong = [text[:-1], text + "x", "qraft_00000000_x", text.replace("qraft", "other"), "x" * 9_999]
    for one in wrong:
        answer = guarded.get(f"{API}/studies", headers={"authorization": f"Bearer {one}"})
        assert answer.status_code == 401
    right = {"authorization": f"Bearer {text}"}
    assert guarded.get(f"{API}/studies", headers=right).status_code == 200
    assert guarded.get("/healthz").status_code == 200
    tokens.drop("ann")
    assert guarded.get(f"{API}/studies", headers=right).status_code == 401


def test_scopes_bound_what_a_token_is_good_for(guarded, tokens):
    texts = {scope: tokens.new(scope, [scope]) for scope in ("read", "run", "feedback")}

    def post(scope, path, body):
        headers = {"authorization": f"Bearer {texts[scope]}"}
        return guarded.post(f"{API}/{path}", json=body, headers=headers).status_code

    ask, rate = ("ask", {"prompt": ""}), ("patterns/ffffffff/feedback", {"rating": 1})
    assert [post(scope, *ask) for scope in texts] == [403, 422, 403]
    assert [post(scope, *rate) for scope in texts] == [403, 403, 400]
    headers = {"authorization": f"Bearer {texts['run']}"}
    assert guarded.get(f"{API}/studies", headers=headers).status_code == 403


def test_what_is_kept_of_a_token_does_not_let_in(tokens):
    text = tokens.new("ann", ["read"])
    kept = tokens.path.read_text()
    assert text.rpartition("_")[2] not in kept
    assert tokens.path.stat().st_mode & 0o077 == 0
    tokens.path.chmod(0o666)
    with pytest.raises(Forbidden):
        tokens.all()


def test_names_and_scopes_are_checked(tokens):
    tokens.new("ann", ["read"])
    with pytest.raises(BadInput, match="already"):
        tokens.new("ann", ["read"])
    with pytest.raises(BadInput, match="scope"):
        tokens.new("bob", ["approve"])


def test_writes_are_few_a_second(own, monkeypatch):
    monkeypatch.setattr(own.app, "_writes", Bucket(0.001, 3))
    told = [own.post(f"{API}/ask", json={"prompt": ""}).status_code for _ in range(5)]
    assert told == [422, 422, 422, 429, 429]
    assert own.get(f"{API}/studies").status_code == 200


def test_a_bucket_forgets_in_time():
    bucket = Bucket(2.0, 3)
    assert [bucket.takes("a", now=0.0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.takes("a", now=1.0) for _ in range(3)] == [True, True, False]
    assert bucket.takes("b", now=1.0)
