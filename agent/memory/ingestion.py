"""Documents into the index, incrementally: LlamaIndex splits them and knows which have changed.

Its docstore, beside the index, holds the digest of each document; what is unchanged is neither
split nor embedded again, what changed takes its earlier passages' place, what is gone goes.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from uuid import NAMESPACE_URL, uuid5

from storage.index.port import Passage
from storage.telemetry.scrubbing import scrub

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from agent.memory.document import Document
    from storage.index.qdrant import QdrantIndex

PASSAGE_WORDS: Final = 220
"""Words, or Chinese characters, of a passage at most."""
_WORDS = re.compile(r"[㐀-鿿]|\w+|[^\w\s]")
_SENTENCES = re.compile(r"[^.!?。！？\n]*[.!?。！？\n]+|[^.!?。！？\n]+")
_FACTS = ("document", "kind", "title", "date", "run")


class Ingested(NamedTuple):
    """What an ingestion did: documents that were new or changed, and the passages of them."""

    documents: int
    passages: int


def ingest(documents: Iterable[Document], index: QdrantIndex, folder: Path) -> Ingested:
    """Bring the index to what the documents are now.

    Parameters
    ----------
    documents
        All that is to be remembered; what is not among them is forgotten. Secrets of the
        environment are hidden in them.
    folder
        Where the docstore is kept, one for each index.
    """
    from llama_index.core.ingestion import DocstoreStrategy, IngestionPipeline
    from llama_index.core.storage.docstore import SimpleDocumentStore

    path = folder / f"docstore-{index.name}.json"
    # Where one of the two was lost, both are made again.
    known = path.exists() and index.count() > 0
    if not known:
        index.clear()
    docstore = SimpleDocumentStore.from_persist_path(str(path)) if known else SimpleDocumentStore()
    gone: list[str] = []
    pipeline = IngestionPipeline(
        transformations=_splitters(),
        docstore=docstore,
        docstore_strategy=DocstoreStrategy.UPSERTS_AND_DELETE,
        vector_store=_deletions(gone),
        disable_cache=True,
    )
    nodes = pipeline.run(documents=[_for_llama(each) for each in documents])
    passages = _passages(nodes)
    index.delete(gone)
    index.upsert(passages)
    _persist(docstore, path)
    return Ingested(len({passage.document for passage in passages}), len(passages))


def _for_llama(document: Document) -> Any:
    """Hand a document over; its id among the facts tells documents of equal text apart."""
    from llama_index.core import Document as LlamaDocument

    facts = {
        "document": document.id, "kind": document.kind, "title": scrub(document.title),
        "date": document.date, "run": document.run,
    }  # fmt: skip
    # The facts ride along; only the text counts as the passage's length.
    return LlamaDocument(
        id_=document.id,
        text=scrub(document.text),
        metadata=facts,
        excluded_embed_metadata_keys=list(facts),
        excluded_llm_metadata_keys=list(facts),
    )


def _splitters() -> list[Any]:
    """Split at headings, then at ends of sentences; neither loads a model or a list of words."""
    from llama_index.core.node_parser import MarkdownNodeParser, SentenceSplitter

    sentences = SentenceSplitter(
        chunk_size=PASSAGE_WORDS,
        chunk_overlap=0,
        tokenizer=_WORDS.findall,
        chunking_tokenizer_fn=_SENTENCES.findall,
    )
    return [MarkdownNodeParser(), sentences]


def _passages(nodes: Sequence[Any]) -> list[Passage]:
    """Number the pieces of each document: their ids are the same wherever it is split."""
    counts: dict[str, int] = {}
    passages = []
    for node in nodes:
        facts = {name: str(node.metadata[name]) for name in _FACTS}
        headings = [part for part in node.metadata.get("header_path", "").split("/") if part]
        facts["title"] = " / ".join([facts["title"], *headings])
        number = counts[facts["document"]] = counts.get(facts["document"], -1) + 1
        if not node.text.strip():
            continue
        identity = str(uuid5(NAMESPACE_URL, f"qraft:{facts['document']}#{number}"))
        passages.append(Passage(id=identity, text=node.text.strip(), **facts))
    return passages


def _deletions(gone: list[str]) -> Any:
    """Return what LlamaIndex deletes from: it notes the documents, to be deleted together."""
    from llama_index.core.vector_stores.types import BasePydanticVectorStore

    class Deletions(BasePydanticVectorStore):
        stores_text: bool = True

        @property
        def client(self) -> None:
            return None

        def add(self, nodes: Sequence[Any], **_: Any) -> list[str]:
            raise NotImplementedError("passages reach the index by its own upsert")

        def delete(self, ref_doc_id: str, **_: Any) -> None:
            gone.append(ref_doc_id)

        def query(self, query: Any, **_: Any) -> Any:
            raise NotImplementedError("the index is asked by its own search")

    return Deletions()


def _persist(docstore: Any, path: Path) -> None:
    """Write the docstore whole, or not at all: after a kill, what it lacks is ingested again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".draft")
    docstore.persist(str(draft))
    draft.replace(path)
