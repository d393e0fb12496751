"""Whatever a prompt is made of, each of its words is used, harmless, or asked about."""

from __future__ import annotations

from datetime import date

from hypothesis import example, given, settings
from hypothesis import strategies as st

from agent.assistant.grammar.plan import plan
from agent.assistant.grammar.reading import read
from agent.assistant.grammar.words.lexicon import phrases
from agent.assistant.grammar.words.sources import SAMPLE

TODAY = date(2026, 11, 20)
KNOWN = sorted(" ".join(key) for key in phrases())
words = st.one_of(
    st.sampled_from(KNOWN),
    st.integers(0, 10_000_000).map(str),
    st.decimals(0, 1_000, places=2).map(str),
    st.sampled_from(
        ["2008", "2010-03", "08", "Q3", "10%", "$5", "NVDA", "VIX", "momentn", "茅", "!"]
    ),
    st.text(min_size=1, max_size=6),
)
prompts = st.lists(words, min_size=1, max_size=14).map(" ".join).filter(str.strip)


@settings(max_examples=300, deadline=None)
@given(prompts)
@example("momentum 2008 - 2010 - 2012")
@example("and and and , , , the the the")
def test_every_character_lands_in_one_place(prompt: str) -> None:
    reading = read(prompt, TODAY, SAMPLE)
    spans = [*reading.used, *reading.harmless, *(span for _, span in reading.asks)]
    spans += [(word.start, word.end) for run in reading.leftovers for word in run]
    covered = [0] * len(prompt)
    for start, end in spans:
        for place in range(start, end):
            covered[place] += 1
    for character, times in zip(prompt, covered, strict=True):
        assert times == 1 or (times == 0 and character.isspace())


@settings(max_examples=300, deadline=None)
@given(prompts)
def test_what_is_left_over_is_asked_about_and_nothing_of_weight_is_harmless(prompt: str) -> None:
    draft = plan(prompt, TODAY)
    reading = read(prompt, TODAY, SAMPLE)
    asked = [span for question in draft.questions for span in question.spans]
    for run in reading.leftovers:
        for word in run:
            assert any(start <= word.start and word.end <= end for start, end in asked)
    for start, end in reading.harmless:
        assert not any(character.isdigit() for character in prompt[start:end])


@settings(max_examples=150, deadline=None)
@given(prompts)
def test_any_text_gives_a_valid_draft(prompt: str) -> None:
    draft = plan(prompt, TODAY)
    assert draft.spec.name == draft.base.name
    assert plan(prompt, TODAY) == draft


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(["banana", "7.3", "香蕉", "GME", "tomorrow", "17", "yesterday", "if", "除非"])
)
def test_an_unused_word_in_a_good_prompt_stops_it(word: str) -> None:
    draft = plan(f"60-day momentum since 2008, {word}, hold the best 2", TODAY)
    assert any(word in question.about for question in draft.questions)
