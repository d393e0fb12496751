"""Questions in sentences: a plan from a prompt, an explanation, a search."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from agent.http.told import done, prepared

router = APIRouter(tags=["assistant"])


class Prompt(BaseModel):
    """A sentence."""

    model_config = ConfigDict(extra="forbid")

    prompt: Annotated[str, Field(min_length=1, max_length=4_000)]
    by_model: bool = True
    """Ask the language model of the settings, if there is one."""


class Question(BaseModel):
    """What is to be explained: ids, studies' names, `last`, or a question."""

    model_config = ConfigDict(extra="forbid")

    about: Annotated[
        list[Annotated[str, Field(max_length=1_000)]], Field(min_length=1, max_length=8)
    ]
    by_model: bool = False


@router.post("/ask")
async def ask(request: Request, said: Prompt) -> Response:
    """From a sentence to a TaskSpec: what each of its words became, and what is still open."""
    from agent.service.plans import draft_spec

    return await done(
        request, lambda service: draft_spec(service, said.prompt, by_model=said.by_model)
    )


@router.post("/explain")
async def explain(request: Request, said: Question) -> Response:
    """What the rows of a run or a pattern say, each value with its row."""
    from agent.service.explanations import explain as explained

    return await done(
        request, lambda service: explained(service, *said.about, by_model=said.by_model)
    )


@router.get("/memory")
async def search_memory(
    request: Request,
    words: Annotated[str, Query(min_length=1, max_length=400)],
    limit: Annotated[int, Query(ge=1, le=50)] = 8,
) -> Response:
    """Passages of notes, runs and documents that say something about these words."""
    from agent.service.explanations import search_memory as search

    return await prepared(
        request, "memory", words, limit, make=lambda service: search(service, words, limit=limit)
    )
