from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from agent.models.chat import Chat
from configs.endpoints.llm import LlmSettings, PriceSpec
from configs.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.stand_ins.openai_http import Server

KEY = "sk-very-secret-key-of-the-tests"
MODEL = "openai:scripted"


@pytest.fixture(autouse=True)
def _key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", KEY)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path)


@pytest.fixture
def chat_with(workspace: Workspace) -> Callable[..., Chat]:
    """Chats that ask a server and hardly wait between retries."""

    def make(server: Server, **settings: Any) -> Chat:
        names = settings.pop("models", (MODEL,))
        price = PriceSpec(input_usd_per_mtok=1.0, output_usd_per_mtok=2.0)
        told = LlmSettings(
            **{"model": names[0], "base_url": server.url, "max_output_tokens": 1000,
               "prices": dict.fromkeys([*names, *settings.get("fallbacks", ())], price),
               **settings}
        )  # fmt: skip
        return Chat(told, workspace, (*names, *told.fallbacks), first_wait_s=0.001)

    return make
