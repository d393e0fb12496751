"""What a prompt says about a file of its own: its path, and how far apart its bars are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent.assistant.grammar.words.grammar import Made, Rule
from agent.assistant.grammar.words.lexeme import Fill
from agent.assistant.grammar.words.making import slot
from agent.assistant.grammar.words.quantities import Duration
from taskspecs.frequencies import MINUTES

if TYPE_CHECKING:
    from agent.assistant.grammar.words.making import Matched

FREQUENCY: Final = "data.frequency"
SHORT: Final = {"minute": "min", "hour": "h"}


def _file(m: Matched) -> Made:
    return slot(Fill("data.source", "file"), Fill("data.path", m["f"].value))


def _file_of(m: Matched) -> Made | None:
    """``bars.parquet at 15 minutes``."""
    far = _frequency(m["w"].value)
    return slot(*_file(m).value, *far.value) if far else None


def fine_bars(m: Matched) -> Made | None:
    """``15-minute bars``, of a file."""
    number = m["n"].value.whole if "n" in m else 1
    return _frequency(Duration(number or 0, m["b"].value))


def _frequency(duration: Duration) -> Made | None:
    """Return how far apart bars are; None where that is no distance that a source can have."""
    if duration.unit not in SHORT:
        return None
    minutes = duration.number * (60 if duration.unit == "hour" else 1)
    told = next((name for name, each in MINUTES.items() if each == minutes), None)
    return slot(Fill(FREQUENCY, told)) if told else None


def rules() -> tuple[Rule, ...]:
    """Return the rules of this file."""
    return (
        Rule("DATA? IN|FROM? DATA? f=FILE DATA?", _file),
        Rule("DATA? IN|FROM? DATA? f=FILE PAREN|IN? w=DUR PAREN|DATA?", _file_of),
    )
