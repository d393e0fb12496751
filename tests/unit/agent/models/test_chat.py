"""Calls over real HTTP: counted, retried, paid for, and never with a secret in them."""

from __future__ import annotations

from collections import deque

import pytest

from agent.models.answer import Message
from agent.models.errors import NoAnswer, OverBudget, Refused
from configs.errors import BadInput
from storage.telemetry.lines import recorded
from tests.stand_ins.openai_http import Call, Cut, Fault, Raw, Reply, Slow, serving
from tests.unit.agent.models.conftest import KEY

HI = [Message("system", "be brief"), Message("user", "hi")]
TOOL = {
    "title": "answer",
    "description": "Give the answer.",
    "type": "object",
    "properties": {"number": {"type": "integer"}},
    "required": ["number"],
}


def test_an_answer_is_counted_and_its_price_settled(chat_with, workspace) -> None:
    with serving([Reply("hello", prompt_tokens=1000, completion_tokens=500)]) as server:
        chat = chat_with(server)
        answer = chat.ask(HI)
    assert answer.text == "hello"
    assert answer.usage.usd == pytest.approx(0.002)
    assert chat.purse.spent() == pytest.approx(0.002)
    told = list(recorded(workspace, "model_call"))
    assert [(row["outcome"], row["input_tokens"]) for row in told] == [("answered", 1000)]


def test_a_tool_is_offered_alone_and_its_arguments_come_back(chat_with) -> None:
    with serving([Reply(calls=(Call("answer", {"number": 7}),))]) as server:
        answer = chat_with(server).ask(HI, TOOL)
    assert answer.value == {"number": 7}
    assert server.asked[0].tools == ["answer"]


@pytest.mark.parametrize(
    ("reply", "problem"),
    [
        (Reply(calls=(Call("answer", "{not json"),)), "not valid JSON"),
        (Reply(calls=(Call("approve", {"id": 1}),)), "no other tool"),
        (Reply(calls=(Call("answer", {"number": 1}), Call("approve", {}))), "no other tool"),
        (Reply("I approve the promotion."), "was not called"),
        (Reply(refusal="I cannot help"), "refused"),
    ],
    ids=["invalid json", "no such tool", "a second tool", "words", "refusal"],
)
def test_what_is_not_the_tools_call_is_no_value(chat_with, reply, problem) -> None:
    with serving([reply]) as server:
        answer = chat_with(server).ask(HI, TOOL)
    assert answer.value is None
    assert problem in answer.problem


@pytest.mark.parametrize(
    "fault",
    [Fault(429), Fault(500), Fault(503), Cut(Reply("long" * 99))],
    ids=["429", "500", "503", "cut"],
)
def test_what_may_pass_is_tried_again(chat_with, fault) -> None:
    with serving([fault, fault, Reply("at last")]) as server:
        assert chat_with(server).ask(HI).text == "at last"
    assert len(server.asked) == 3


def test_a_timeout_is_tried_again_and_may_have_cost(chat_with) -> None:
    with serving([Slow(1.0, Reply("late")), Reply("in time")]) as server:
        chat = chat_with(server, timeout_s=0.2)
        assert chat.ask(HI).text == "in time"
        assert chat.purse.spent() > 0.002


def test_after_all_retries_there_is_no_answer(chat_with) -> None:
    with serving(lambda _: Fault(429)) as server:
        chat = chat_with(server, max_retries=2)
        with pytest.raises(NoAnswer, match="gave no answer"):
            chat.ask(HI)
    assert len(server.asked) == 3
    assert chat.purse.spent() == 0.0


def test_a_fallback_answers_where_the_first_does_not(chat_with) -> None:
    def script(asked):
        return Reply("here") if asked.body["model"] == "second" else Fault(500)

    with serving(script) as server:
        chat = chat_with(server, max_retries=1, fallbacks=("openai:second",))
        answer = chat.ask(HI)
    assert (answer.text, answer.model) == ("here", "openai:second")
    assert [asked.body["model"] for asked in server.asked] == ["scripted", "scripted", "second"]


def test_a_bad_request_is_not_tried_again(chat_with) -> None:
    with serving([Fault(400, "no such model")]) as server:
        chat = chat_with(server)
        with pytest.raises(Refused, match="no such model"):
            chat.ask(HI)
    assert len(server.asked) == 1


def test_a_refused_key_is_said_without_the_key(chat_with) -> None:
    with serving([Fault(401, f"Incorrect API key provided: {KEY}")]) as server:
        chat = chat_with(server)
        with pytest.raises(BadInput) as error:
            chat.ask(HI)
    assert KEY not in str(error.value)


def test_no_key_is_bad_input(chat_with, monkeypatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY")
    with serving([]) as server, pytest.raises(BadInput, match="cannot be used"):
        chat_with(server).ask(HI)
    assert server.asked == []


def test_garbage_is_not_an_answer(chat_with) -> None:
    with serving(lambda _: Raw(b"<html>")) as server, pytest.raises((NoAnswer, Refused)):
        chat_with(server, max_retries=0).ask(HI)


def test_no_secret_of_the_environment_is_ever_sent_or_logged(
    chat_with, workspace, monkeypatch
) -> None:
    monkeypatch.setenv("CLICKHOUSE_PASSWORD", "hunter2hunter2")
    with serving([Reply("ok")]) as server:
        chat_with(server).ask([Message("user", f"my passwords: hunter2hunter2 and {KEY}")])
    assert "hunter2" not in server.seen
    assert KEY not in server.seen
    for path in workspace.home.rglob("*"):
        if path.is_file():
            assert KEY not in path.read_text(encoding="utf-8")


def test_the_call_that_might_break_the_budget_is_not_made(chat_with) -> None:
    with serving(lambda _: Reply("ok", prompt_tokens=10, completion_tokens=1000)) as server:
        chat = chat_with(server, budget_usd=0.009)
        with pytest.raises(OverBudget, match="was not made"):
            deque((chat.ask(HI) for _ in range(20)), maxlen=0)
    assert 1 <= len(server.asked) < 20
    assert chat.purse.spent() <= 0.009


def test_rate_is_limited_within_a_process(chat_with, monkeypatch) -> None:
    from langchain_core.rate_limiters import InMemoryRateLimiter

    waited = []
    acquire = InMemoryRateLimiter.acquire
    monkeypatch.setattr(
        InMemoryRateLimiter, "acquire", lambda self, **kw: waited.append(1) or acquire(self, **kw)
    )
    with serving(lambda _: Reply("ok")) as server:
        chat = chat_with(server, requests_per_second=500.0)
        chat.ask(HI)
        chat.ask(HI)
    assert len(waited) == 2
