"""One word has one meaning: the glossary is complete, and pages and commands keep to it."""

from __future__ import annotations

import re

import pytest

from agent.cli.main import COMMANDS
from configs.document import read_document
from gate.policy.stages import Stage
from scripts.docs.commands import write_commands
from storage.index.words import GLOSSARY
from storage.ledger.bodies.table import KINDS
from tasks.dag.stages import BY_NAME
from tasks.detection.registry import PatternType
from tests.docs.pages import DOCS, REPOSITORY, WRITTEN

PAGE = DOCS / "glossary.md"
ROW = re.compile(r"^\| ([a-z -]+) \| ([^|]+) \| ([^|]+) \| ([^|]*)\|$", flags=re.MULTILINE)
ROWS = ROW.findall(PAGE.read_text("utf-8"))[1:]
WORDS = [row[0] for row in ROWS]
CHINESE = {row[0]: row[1] for row in ROWS}
INSTEAD = sorted({word for row in ROWS for word in re.findall(r"[a-z]+", row[3])})
VERBS = {
    "ask", "demo", "doctor", "explain", "mcp", "new", "serve", "sql", "ui", "up",
}  # fmt: skip
"""Commands that are no words of the field, or do what their name says."""
NOT_YET = {"policy signature", "signal refused", "holdout opened"}
"""Kinds of entries that are made of two words that have their own meanings."""


def singular(word: str) -> str:
    return word.removesuffix("s") if word not in {"analysis", "stress"} else word


def test_each_word_stands_once_in_order_with_its_chinese():
    assert len(ROWS) > 80
    assert sorted(set(WORDS), key=lambda word: word.replace("-", " ")) == WORDS
    assert [word for word, chinese in CHINESE.items() if not re.search("[一-鿿]", chinese)] == []


@pytest.mark.parametrize(
    "nouns",
    [
        pytest.param([singular(name) for name in COMMANDS if name not in VERBS], id="commands"),
        pytest.param(list(BY_NAME), id="stages of a run"),
        pytest.param(
            [{"halted": "halt", "rejected": "rejection", "retired": "retirement"}.get(s, s)
             for s in Stage], id="stages of a strategy",
        ),
        pytest.param(
            [kind.replace("_", " ") for kind in KINDS if kind.replace("_", " ") not in NOT_YET],
            id="kinds of entries",
        ),
        pytest.param(
            [kind.replace("_", " ") for kind in PatternType.__args__], id="types of patterns"
        ),
    ],
)  # fmt: skip
def test_what_the_house_names_is_explained(nouns):
    assert [noun for noun in nouns if singular(noun) not in WORDS and noun not in WORDS] == []


def test_search_knows_the_same_chinese():
    """Where search has a line for a word, the glossary's Chinese is on it."""
    lines = {line[0]: line for line in read_document(GLOSSARY).value["terms"]}
    shared = set(WORDS) & set(lines)
    assert len(shared) > 15
    assert {w: (CHINESE[w], lines[w]) for w in shared if CHINESE[w] not in lines[w]} == {}


def prose(text: str) -> str:
    """What is said, without code."""
    return re.sub(r"```.*?```|`[^`\n]*`", " ", text, flags=re.DOTALL).lower()


@pytest.mark.parametrize("word", INSTEAD)
def test_words_that_stand_for_others_are_not_used(word):
    pages = [page for page in WRITTEN if page != PAGE] + [REPOSITORY / "gate" / "README.md"]
    said = {str(page.relative_to(REPOSITORY)): page.read_text("utf-8") for page in pages}
    said["commands"] = write_commands()
    used = [name for name, text in said.items() if re.search(rf"\b{word}s?\b", prose(text))]
    assert used == []
