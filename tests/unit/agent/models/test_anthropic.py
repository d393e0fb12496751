"""The extra `anthropic`: the same chat through another provider's interface, over real HTTP."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from agent.models.answer import Message
from agent.models.chat import Chat
from configs.endpoints.llm import LlmSettings, PriceSpec

pytest.importorskip("langchain_anthropic")

MODEL = "anthropic:claude-of-the-tests"
TOOL = {
    "title": "submit",
    "description": "Submit a number.",
    "type": "object",
    "properties": {"n": {"type": "integer"}},
    "required": ["n"],
}


@contextmanager
def speaking(*content):
    """A server that answers every message with some content; yields its URL and what was asked."""
    asked = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            asked.append((self.path, json.loads(raw)))
            body = json.dumps(
                {"id": "msg_1", "type": "message", "role": "assistant", "model": "claude",
                 "content": list(content), "stop_reason": "end_turn", "stop_sequence": None,
                 "usage": {"input_tokens": 100, "output_tokens": 20}}
            ).encode()  # fmt: skip
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_): ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}", asked
    finally:
        server.shutdown()
        server.server_close()
        thread.join(timeout=5)


@pytest.fixture
def chat(workspace, monkeypatch):
    def make(url):
        monkeypatch.setenv("ANTHROPIC_API_URL", url)
        monkeypatch.setenv("ANTHROPIC_API_KEY", "sk-ant-secret-of-the-tests")
        price = PriceSpec(input_usd_per_mtok=1.0, output_usd_per_mtok=2.0)
        settings = LlmSettings(model=MODEL, prices={MODEL: price}, max_retries=0, budget_usd=1.0)
        return Chat(settings, workspace, (MODEL,))

    return make


def test_words_are_answered_counted_and_paid(chat):
    with speaking({"type": "text", "text": "hello"}) as (url, asked):
        mine = chat(url)
        answer = mine.ask([Message("system", "Be kind."), Message("user", "hi")])
    assert answer.text == "hello"
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (100, 20)
    assert mine.purse.spent() == pytest.approx(140e-6)
    ((path, body),) = asked
    assert path == "/v1/messages"
    assert "sk-ant-secret" not in json.dumps(body)
    assert "Be kind." in json.dumps(body["system"])


def test_the_only_tool_is_called_and_its_arguments_come_back(chat):
    called = {"type": "tool_use", "id": "t1", "name": "submit", "input": {"n": 7}}
    with speaking(called) as (url, asked):
        answer = chat(url).ask([Message("user", "submit seven")], TOOL)
    assert answer.value == {"n": 7}
    assert [tool["name"] for tool in asked[0][1]["tools"]] == ["submit"]


def test_another_tool_is_no_value(chat):
    called = {"type": "tool_use", "id": "t1", "name": "promote", "input": {}}
    with speaking(called) as (url, _):
        answer = chat(url).ask([Message("user", "submit seven")], TOOL)
    assert answer.value is None
    assert "submit" in answer.problem
