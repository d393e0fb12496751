"""The scripted server, spoken to by the client that Qraft uses."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.stand_ins.openai_http import Call, Cut, Fault, Reply, Server, serving, vector


def model(server: Server, **settings: Any) -> Any:
    from langchain.chat_models import init_chat_model

    return init_chat_model(
        "scripted", model_provider="openai", base_url=server.url, api_key="secret-key",
        max_retries=0, stream_usage=True, **settings,
    )  # fmt: skip


def test_a_reply_arrives_with_its_tokens_and_the_request_is_kept() -> None:
    with serving([Reply("你好", prompt_tokens=7, completion_tokens=3)]) as server:
        said = model(server).invoke([("system", "be kind"), ("user", "hi")])
    assert said.content == "你好"
    assert said.usage_metadata["input_tokens"] == 7
    assert server.asked[0].said_by("system") == "be kind"
    assert server.asked[0].said_by("user") == "hi"


def test_a_stream_adds_up_to_the_reply() -> None:
    with serving([Reply("a sentence of more than one chunk")]) as server:
        parts = list(model(server).stream("hi"))
    assert "".join(part.content for part in parts) == "a sentence of more than one chunk"
    assert sum(part.usage_metadata["output_tokens"] for part in parts if part.usage_metadata) == 20


def test_calls_go_out_as_written_even_if_they_are_no_json() -> None:
    with serving([Reply(calls=(Call("Plan", "{broken"),))]) as server:
        said = model(server).invoke("hi")
    assert said.invalid_tool_calls[0]["args"] == "{broken"


def test_faults_cuts_and_what_is_beyond_the_script() -> None:
    import openai

    with serving([Fault(429, headers={"Retry-After": "0"}), Cut(Reply("long" * 50))]) as server:
        with pytest.raises(openai.RateLimitError):
            model(server).invoke("hi")
        with pytest.raises((openai.APIConnectionError, httpx.HTTPError)):
            model(server).invoke("hi")
        with pytest.raises(openai.InternalServerError):
            model(server).invoke("hi")
    assert len(server.asked) == 3
    assert server.beyond == 1


def test_a_function_may_be_the_script() -> None:
    with serving(lambda asked: Reply(asked.said_by("user")[::-1])) as server:
        assert model(server).invoke("abc").content == "cba"


def test_embeddings_of_texts_with_common_words_are_near() -> None:
    with serving([]) as server:
        body = {"model": "any", "input": ["momentum drift", "drift"]}
        rows = httpx.post(f"{server.url}/embeddings", json=body).json()["data"]
    assert [row["embedding"] for row in rows] == [vector("momentum drift"), vector("drift")]
    assert server.embedded == ["momentum drift", "drift"]
