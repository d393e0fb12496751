"""What every index does.

The server's adapter shares its code with the one in memory; that it reaches a real server is not
shown here, for none can be had from a package registry.
"""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from uuid import NAMESPACE_URL, uuid5

import pytest

from storage.index.local import open_local
from storage.index.port import Passage
from storage.index.qdrant import QdrantIndex
from tests.stand_ins.openai_http import vector

TEXTS = {
    "momentum": "Momentum on large shares fell in the crash of 2009, as losers rebounded.",
    "fees": "With 10 basis points a trade, weekly rebalancing costs more than it earns.",
    "chinese": "动量策略的最大回撤出现在金融危机之后。",
    "detector": "Half-space trees find anomalies of several fields at a time.",
    "other": "The kitchen needs a new kettle.",
}


class Words:
    """Vectors that are near where words are shared."""

    name = "words"

    def embed(self, texts):
        return [vector(text) for text in texts]


@contextmanager
def in_memory(embedder):
    from qdrant_client import QdrantClient

    client = QdrantClient(":memory:")
    try:
        yield QdrantIndex(client, embedder=embedder)
    finally:
        client.close()


@pytest.fixture(params=["memory", "local"])
def open_index(request, tmp_path):
    def opened(embedder=None):
        if request.param == "memory":
            return in_memory(embedder)
        return open_local(tmp_path / "index", key=b"k" * 32, embedder=embedder, lock_timeout_s=5)

    return opened


def passage(name: str, kind: str = "note") -> Passage:
    return Passage(
        str(uuid5(NAMESPACE_URL, name)), name, kind, name, TEXTS[name], "2020-01-01", "r"
    )


ALL = [passage(name, "run" if name == "fees" else "note") for name in TEXTS]


def names(found) -> list[str]:
    return [each.passage.document for each in found]


@pytest.fixture(params=[None, Words()], ids=["words", "and meaning"])
def index(request, open_index):
    with open_index(request.param) as opened:
        opened.upsert(ALL)
        yield opened


def test_an_empty_index_answers_with_nothing(open_index):
    with open_index() as index:
        index.delete(["momentum"])
        assert (index.search("momentum"), index.count()) == ([], 0)


def test_a_passage_comes_back_as_it_went_in(index):
    found = index.search("half-space trees anomaly", limit=1)
    assert [each.passage for each in found] == [passage("detector")]


@pytest.mark.parametrize(
    ("query", "answer"),
    [("why do rebalancing costs matter", "fees"), ("交易成本 手续费", "fees"),
     ("worst drawdown of a strategy", "chinese"), ("ANOMALY", "detector"),
     ("异常 检测", "detector")],
)  # fmt: skip
def test_english_and_chinese_find_each_other(open_index, query, answer):
    with open_index() as index:
        index.upsert(ALL)
        assert names(index.search(query))[0] == answer


def test_a_passage_of_the_same_id_takes_the_others_place(index):
    index.upsert([replace(passage("other"), text="Capacity is bounded by volume.")])
    assert index.count() == len(ALL)
    assert names(index.search("capacity volume", limit=1)) == ["other"]
    assert "other" not in names(index.search("kettle kitchen", limit=1))


def test_documents_that_are_deleted_are_not_found(index):
    index.delete(["momentum", "never there"])
    assert index.count() == len(ALL) - 1
    assert "momentum" not in names(index.search("momentum crash losers"))


def test_what_was_cleared_can_be_filled_again(index):
    index.clear()
    assert (index.count(), index.search("momentum")) == (0, [])
    index.upsert(ALL)
    assert index.count() == len(ALL)


def test_only_the_kinds_that_are_asked_for(index):
    assert names(index.search("rebalancing costs momentum", kinds=["run"])) == ["fees"]
    assert index.search("rebalancing", kinds=["pattern"]) == []


def test_no_more_than_the_limit_the_best_first_and_always_the_same(index):
    found = index.search("momentum costs anomalies crash", limit=2)
    assert len(found) == 2
    assert found[0].score >= found[1].score
    assert found == index.search("momentum costs anomalies crash", limit=2)


def test_a_query_of_no_words_finds_nothing_by_words(open_index):
    with open_index() as index:
        index.upsert(ALL)
        assert index.search("the of ?!") == []


def test_the_embedded_ranking_is_qdrants_own(tmp_path):
    """The inverted index of the folder ranks as Qdrant does, by words and fused."""
    queries = ["momentum crash", "fees 10 basis points", "动量 回撤", "fields at a time", "kettle"]
    for embedder in (None, Words()):
        folder = tmp_path / ("dense" if embedder else "words")
        with (
            in_memory(embedder) as memory,
            open_local(folder, key=b"k" * 32, embedder=embedder, lock_timeout_s=5) as local,
        ):
            for index in (memory, local):
                index.upsert(ALL)
            for query in queries:
                ours, theirs = (index.search(query) for index in (local, memory))
                if embedder is None:
                    assert names(ours) == names(theirs)
                scores = sorted(each.score for each in theirs)
                assert sorted(each.score for each in ours) == pytest.approx(scores, rel=1e-5)
