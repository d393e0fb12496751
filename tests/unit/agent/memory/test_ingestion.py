"""Documents reach the index, and only what changed is embedded again."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agent.memory.document import Document
from agent.memory.ingestion import PASSAGE_WORDS, ingest
from configs.settings import Embeddings
from storage.index.embedding import make_embedder
from storage.index.local import open_local
from tests.stand_ins.openai_http import serving


@pytest.fixture
def server(monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "a secret of ours")
    with serving([]) as opened:
        yield opened


@pytest.fixture
def opened(tmp_path, server):
    settings = Embeddings(model="openai:scripted", base_url=server.url)

    def opening():
        return open_local(
            tmp_path / "index", key=b"k" * 32, embedder=make_embedder(settings), lock_timeout_s=5
        )

    return opening


def note(number: int, text: str = "") -> Document:
    words = text or f"idea {number} about momentum"
    return Document(f"note:{number}.md", "note", f"{number}.md", words, "2020-01-01")


def test_a_thousand_unchanged_documents_cost_no_embedding(opened, tmp_path, server):
    documents = [note(number) for number in range(1_000)]
    with opened() as index:
        assert ingest(documents, index, tmp_path) == (1_000, 1_000)
    assert len(server.embedded) == 1_000
    with opened() as index:
        assert ingest(documents, index, tmp_path) == (0, 0)
    assert len(server.embedded) == 1_000
    changed = [*documents[:-1], replace(documents[-1], text="volatility instead")]
    with opened() as index:
        assert ingest(changed, index, tmp_path) == (1, 1)
        assert index.count() == 1_000
    assert server.embedded[1_000:] == ["999.md\nvolatility instead"]


def test_what_is_gone_is_forgotten_even_where_texts_are_equal(opened, tmp_path):
    documents = [note(number, "the same words") for number in range(3)]
    with opened() as index:
        ingest(documents, index, tmp_path)
        assert index.count() == 3
        ingest(documents[:1], index, tmp_path)
        found = index.search("the same words")
    assert [each.passage.document for each in found] == ["note:0.md"]


def test_long_texts_are_split_at_sentences_with_stable_ids(opened, tmp_path):
    english = " ".join(f"Sentence {n} speaks of returns and of risk." for n in range(100))
    chinese = "".join(f"第{n}句讲的是动量因子的收益。" for n in range(60))
    documents = [note(1, f"# One\n\n{english}\n\n# 二\n\n{chinese}")]
    ids = []
    for _ in range(2):
        with opened() as index:
            index.clear()
            ingest(documents, index, tmp_path)
            found = index.search("returns 动量", limit=50)
        ids.append({each.passage.id for each in found})
        assert len(found) > 5
        assert all(each.passage.text[-1] in ".。" for each in found)
        assert all(len(each.passage.text) < 8 * PASSAGE_WORDS for each in found)
    assert ids[0] == ids[1]


def test_secrets_of_the_environment_are_hidden_before_they_leave(opened, tmp_path, server):
    with opened() as index:
        ingest([note(1, "the key is a secret of ours, keep it")], index, tmp_path)
        (found,) = index.search("key")
    assert "a secret of ours" not in " ".join([*server.embedded, found.passage.text])
