"""Words of a text as search knows them: stems in English, words in Chinese, terms in both.

A Chinese term of the glossary brings its English one with it and the other way round, so that a
question in one language finds what was written in the other. Nothing is downloaded.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

GLOSSARY: Final = Path(__file__).with_name("glossary.yaml")
LONGEST_TERM: Final = 3
"""English words of the longest term."""
_WORD = re.compile(r"[a-z0-9]+(?:'[a-z]+)?")
_CHINESE = re.compile(r"[㐀-鿿]+")


def words_of(text: str) -> list[str]:
    """Return the words of a text that search goes by.

    Examples
    --------
    >>> words_of("Why did the momentum strategies fall?")
    ['momentum', 'strategi', 'fall', '=momentum', '=strategy']
    >>> words_of("动量策略的回撤")
    ['动量', '策略', '回撤', '=momentum', '=strategy', '=drawdown']
    """
    lowered = text.lower()
    english = _WORD.findall(lowered)
    chinese = [word for run in _CHINESE.findall(lowered) for word in _segment(run)]
    said = [_stem(word) for word in english if word not in _ignored()]
    said += [word for word in chinese if word not in _ignored()]
    return [*said, *_terms([_stem(word) for word in english], chinese)]


def _terms(stems: list[str], chinese: list[str]) -> list[str]:
    """Return the glossary's terms that occur, each by its line's first, marked by ``=``."""
    table = _glossary()
    phrases = (
        " ".join(stems[start : start + length])
        for start in range(len(stems))
        for length in range(1, LONGEST_TERM + 1)
        if start + length <= len(stems)
    )
    return [f"={table[phrase]}" for phrase in (*phrases, *chinese) if phrase in table]


@cache
def _glossary() -> Mapping[str, str]:
    """Return each term, English ones stemmed, with its line's first."""
    return {_as_met(term): line[0] for line in _written()["terms"] for term in line}


@cache
def _ignored() -> frozenset[str]:
    return frozenset(_written()["ignored"])


@cache
def _written() -> Any:
    from configs.document import read_document

    return read_document(GLOSSARY).value


def _as_met(term: str) -> str:
    return " ".join(_stem(word) for word in _WORD.findall(term)) or term


@cache
def _stemmer() -> Any:
    import snowballstemmer

    return snowballstemmer.stemmer("english")


@cache
def _stem(word: str) -> str:
    return str(_stemmer().stemWord(word))


def _segment(run: str) -> list[str]:
    """Split Chinese into words, long ones into their parts beside; terms of the glossary hold."""
    return [str(word) for word in _cutter().cut_for_search(run)]


@cache
def _cutter() -> Any:
    """Return a cutter of our own: it shares no cache file, which anyone could have written."""
    import logging
    import warnings

    with warnings.catch_warnings():
        # Its source has escapes that Python 3.12 warns of.
        warnings.simplefilter("ignore")
        import jieba

    jieba.setLogLevel(logging.WARNING)
    cutter = jieba.Tokenizer()
    cutter.FREQ, cutter.total = cutter.gen_pfdict(cutter.get_dict_file())
    cutter.initialized = True
    for term in _glossary():
        if _CHINESE.fullmatch(term):
            cutter.add_word(term)
    return cutter
