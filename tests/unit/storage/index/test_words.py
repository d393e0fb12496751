"""Words of search, and the glossary between the languages."""

from __future__ import annotations

import pytest

from configs.document import read_document
from storage.index.words import GLOSSARY, words_of


@pytest.mark.parametrize("line", read_document(GLOSSARY).value["terms"], ids=lambda line: line[0])
def test_every_term_of_a_line_is_met_as_its_first(line):
    for term in line:
        assert f"={line[0]}" in words_of(f"x {term} y" if term.isascii() else f"，{term}。"), term


def test_no_term_is_on_two_lines():
    terms = [term for line in read_document(GLOSSARY).value["terms"] for term in line]
    assert len(terms) == len(set(terms))
