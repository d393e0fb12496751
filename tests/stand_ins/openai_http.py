"""A stand-in: a server on loopback that speaks OpenAI's HTTP interface and says what a test wrote.

Real HTTP: a client cannot tell it from a model, and a test sees every byte that the model would.

    with serving([Reply("hello")]) as server:
        ...  # OPENAI_API_KEY=anything, base_url=server.url
        assert server.asked[0].messages[-1]["content"] == "hi"

A script is a list of answers, given one after another, or a function from what was asked to an
answer; when a list is over, the server answers 500 and `server.beyond` counts it.
"""

from __future__ import annotations

import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

MODEL = "scripted"
DIMENSIONS = 32


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    path: str
    headers: Mapping[str, str]
    body: Mapping[str, Any]
    text: str
    """The body's own characters, to look for what must not be there."""

    @property
    def messages(self) -> list[dict[str, Any]]:
        return list(self.body.get("messages", []))

    @property
    def tools(self) -> list[str]:
        """The names of the tools that the model may call."""
        return [tool["function"]["name"] for tool in self.body.get("tools", [])]

    def said_by(self, role: str) -> str:
        """All that one role says, each message on lines of its own."""
        return "\n".join(_text(m["content"]) for m in self.messages if m["role"] == role)


@dataclass(frozen=True)
class Call:
    """A tool call; arguments that are a text go out as they are, valid JSON or not."""

    name: str
    arguments: Any


@dataclass(frozen=True)
class Reply:
    """What the model says, calls or refuses."""

    content: str | None = None
    calls: tuple[Call, ...] = ()
    refusal: str | None = None
    prompt_tokens: int = 100
    completion_tokens: int = 20
    finish_reason: str | None = None


@dataclass(frozen=True)
class Fault:
    """An answer that is none: a status, and headers such as ``Retry-After``."""

    status: int
    message: str = "the script says so"
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Cut:
    """The connection ends in the midst of an answer, after so many of its bytes."""

    reply: Reply
    after_bytes: int = 40


@dataclass(frozen=True)
class Slow:
    """An answer that takes its time."""

    seconds: float
    reply: Reply


@dataclass(frozen=True)
class Raw:
    """Any bytes, as an answer of status 200."""

    body: bytes


Answer = Reply | Fault | Cut | Slow | Raw
Script = Iterable[Answer] | Callable[[Asked], Answer]


class Server:
    """What a test sees of the server."""

    def __init__(self, script: Script) -> None:
        self.asked: list[Asked] = []
        """Chats, in the order of their arrival; those answered by a fault too."""
        self.embedded: list[str] = []
        """Texts of which embeddings were asked."""
        self.beyond = 0
        """Chats that came after the script's last answer."""
        self._choose = script if callable(script) else None
        self._answers = iter(()) if callable(script) else iter(script)
        self._lock = threading.Lock()
        self.address: tuple[str, int] = ("127.0.0.1", 0)

    @property
    def url(self) -> str:
        """What goes into a client's `base_url`."""
        return f"http://{self.address[0]}:{self.address[1]}/v1"

    @property
    def seen(self) -> str:
        """All that was ever sent to the model, to look for what must not be there."""
        return "\n".join(asked.text for asked in self.asked)

    def answer(self, asked: Asked) -> Answer:
        with self._lock:
            self.asked.append(asked)
            if self._choose:
                return self._choose(asked)
            for answer in self._answers:
                return answer
            self.beyond += 1
            return Fault(500, "the script is over")


@contextmanager
def serving(script: Script) -> Iterator[Server]:
    """Serve a script on a free port of loopback."""
    server = Server(script)
    http = ThreadingHTTPServer(
        ("127.0.0.1", 0), type("Bound", (Handler,), {"server_of_script": server})
    )
    http.daemon_threads = True
    server.address = ("127.0.0.1", http.server_address[1])
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        http.shutdown()
        http.server_close()
        thread.join(timeout=5)


def vector(text: str) -> list[float]:
    """An embedding: counts of hashed words, so that texts that share words are near."""
    counts = [0.0] * DIMENSIONS
    for word in text.lower().split():
        counts[hashlib.sha256(word.encode()).digest()[0] % DIMENSIONS] += 1.0
    return counts


def _text(content: Any) -> str:
    if isinstance(content, list):
        return "\n".join(str(part.get("text", "")) for part in content)
    return str(content or "")


class Handler(BaseHTTPRequestHandler):
    server_of_script: ClassVar[Server]
    protocol_version = "HTTP/1.1"

    def handle(self) -> None:
        with suppress(ConnectionResetError):  # a client that was killed
            super().handle()

    def do_POST(self) -> None:
        raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        asked = Asked(self.path, dict(self.headers), json.loads(raw), raw.decode())
        if self.path.endswith("/embeddings"):
            self._embed(asked)
        elif self.path.endswith("/chat/completions"):
            self._chat(asked, self.server_of_script.answer(asked))
        else:
            self._fault(Fault(404, f"no such path: {self.path}"))

    def _embed(self, asked: Asked) -> None:
        given = asked.body["input"]
        texts = [given] if isinstance(given, str) else [str(text) for text in given]
        self.server_of_script.embedded.extend(texts)
        rows = [
            {"object": "embedding", "index": i, "embedding": vector(text)}
            for i, text in enumerate(texts)
        ]
        usage = {"prompt_tokens": len(texts), "total_tokens": len(texts)}
        self._send(
            json.dumps({"object": "list", "data": rows, "model": MODEL, "usage": usage}).encode()
        )

    def _chat(self, asked: Asked, answer: Answer) -> None:
        if isinstance(answer, Slow):
            time.sleep(answer.seconds)
            answer = answer.reply
        if isinstance(answer, Fault):
            self._fault(answer)
        elif isinstance(answer, Raw):
            self._send(answer.body)
        else:
            reply = answer.reply if isinstance(answer, Cut) else answer
            streamed = bool(asked.body.get("stream"))
            body = _stream(asked, reply) if streamed else _whole(asked, reply)
            kind = "text/event-stream" if streamed else "application/json"
            cut = answer.after_bytes if isinstance(answer, Cut) else None
            self._send(body, kind, cut=cut)

    def _fault(self, fault: Fault) -> None:
        error = {"message": fault.message, "type": "scripted", "code": str(fault.status)}
        self._send(
            json.dumps({"error": error}).encode(), status=fault.status, headers=fault.headers
        )

    def _send(
        self,
        body: bytes,
        kind: str = "application/json",
        *,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        cut: int | None = None,
    ) -> None:
        try:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body if cut is None else body[:cut])
            self.wfile.flush()
        except (BrokenPipeError, ConnectionResetError):
            pass  # a client that no longer waits
        if cut is not None:
            self.close_connection = True

    def log_message(self, *_: Any) -> None: ...


def _usage(reply: Reply) -> dict[str, int]:
    total = reply.prompt_tokens + reply.completion_tokens
    return {
        "prompt_tokens": reply.prompt_tokens,
        "completion_tokens": reply.completion_tokens,
        "total_tokens": total,
    }


def _calls(reply: Reply) -> list[dict[str, Any]]:
    def arguments(call: Call) -> str:
        given = call.arguments
        return given if isinstance(given, str) else json.dumps(given, ensure_ascii=False)

    return [
        {
            "id": f"call_{number}",
            "type": "function",
            "function": {"name": call.name, "arguments": arguments(call)},
        }
        for number, call in enumerate(reply.calls)
    ]


def _finish(reply: Reply) -> str:
    return reply.finish_reason or ("tool_calls" if reply.calls else "stop")


def _head(asked: Asked, kind: str) -> dict[str, Any]:
    model = asked.body.get("model", MODEL)
    return {"id": "chatcmpl-scripted", "object": kind, "created": 1, "model": model}


def _whole(asked: Asked, reply: Reply) -> bytes:
    message: dict[str, Any] = {
        "role": "assistant",
        "content": reply.content,
        "refusal": reply.refusal,
    }
    if reply.calls:
        message["tool_calls"] = _calls(reply)
    choice = {"index": 0, "message": message, "finish_reason": _finish(reply), "logprobs": None}
    whole = {**_head(asked, "chat.completion"), "choices": [choice], "usage": _usage(reply)}
    return json.dumps(whole, ensure_ascii=False).encode()


def _stream(asked: Asked, reply: Reply) -> bytes:
    head = _head(asked, "chat.completion.chunk")
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    text = reply.content or ""
    deltas += [{"content": text[i : i + 12]} for i in range(0, len(text), 12)]
    deltas += [{"refusal": reply.refusal}] if reply.refusal else []
    deltas += [
        {"tool_calls": [{"index": number, **call}]} for number, call in enumerate(_calls(reply))
    ]
    choices = [{"index": 0, "delta": delta, "finish_reason": None} for delta in deltas]
    choices.append({"index": 0, "delta": {}, "finish_reason": _finish(reply)})
    events: list[dict[str, Any]] = [{**head, "choices": [choice]} for choice in choices]
    events.append({**head, "choices": [], "usage": _usage(reply)})
    lines = [f"data: {json.dumps(event, ensure_ascii=False)}\n\n" for event in events]
    return "".join([*lines, "data: [DONE]\n\n"]).encode()
