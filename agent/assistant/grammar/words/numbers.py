"""Numbers in digits and in words, English and Chinese."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent.assistant.grammar.words.lexeme import Lexeme, Number

if TYPE_CHECKING:
    from collections.abc import Sequence

HAN: Final = frozenset({"HAN_DIGIT", "HAN_TEN", "HAN_SCALE"})
ENGLISH: Final = frozenset({"UNITS", "TENS", "HUNDRED", "SCALE"})

LARGEST: Final = 1e15
"""What is larger is no number that a study could use."""

Found = tuple[Number, int]


def combine(lexemes: Sequence[Lexeme]) -> list[Lexeme]:
    """Replace the words of each number by one lexeme of kind ``NUM``."""
    combined: list[Lexeme] = []
    place = 0
    while place < len(lexemes):
        found = _number_at(lexemes, place)
        if found is None:
            combined.append(lexemes[place])
            place += 1
            continue
        number, end = found
        first = lexemes[place]
        kind = "NUM" if number.value <= LARGEST else "UNKNOWN"
        value = number if kind == "NUM" else ""
        combined.append(Lexeme(kind, value, first.start, lexemes[end - 1].end, first.glued))
        place = end
    return combined


def _number_at(lexemes: Sequence[Lexeme], place: int) -> Found | None:
    kind = lexemes[place].kind
    if kind == "HALF":
        return _half(lexemes, place + 1)
    if kind == "NUM":
        return _scaled(lexemes, place + 1, lexemes[place].value)
    if kind in ENGLISH:
        return _english(lexemes, place)
    if kind == "HAN_DIGIT" or (kind == "HAN_TEN" and lexemes[place].value == 10):
        return _chinese(lexemes, place)
    return None


def _half(lexemes: Sequence[Lexeme], place: int) -> Found | None:
    """Read `half a million`."""
    place += _kind(lexemes, place) == "LINK"
    if _kind(lexemes, place) != "SCALE":
        return None
    return Number(lexemes[place].value / 2, scaled=True), place + 1


def _kind(lexemes: Sequence[Lexeme], place: int) -> str:
    return lexemes[place].kind if place < len(lexemes) else ""


def _scaled(lexemes: Sequence[Lexeme], place: int, number: Number) -> Found:
    """Multiply digits by the scales that follow: `1.5 million`, `100万`."""
    value, scaled = number.value, False
    while _kind(lexemes, place) in {"SCALE", "HUNDRED", "HAN_SCALE", "HAN_TEN"}:
        value, scaled = value * lexemes[place].value, True
        place += 1
    return (Number(value, scaled=True) if scaled else number), place


def _english(lexemes: Sequence[Lexeme], place: int) -> Found:
    """Read `two hundred and fifty thousand`."""
    total, current, scaled = 0.0, 0.0, False
    before = ""
    while True:
        kind = _kind(lexemes, place)
        if kind == "DASH" and before == "TENS" and _kind(lexemes, place + 1) == "UNITS":
            place += 1
            continue
        joins = kind == "AND" and before in {"HUNDRED", "SCALE"}
        if joins and _kind(lexemes, place + 1) in {"UNITS", "TENS"}:
            place += 1
            continue
        if kind not in ENGLISH or not _may_follow(before, kind):
            return Number(total + current, scaled=scaled), place
        value = lexemes[place].value
        if kind == "HUNDRED":
            current = (current or 1.0) * value
        elif kind == "SCALE":
            total, current, scaled = (total + (current or 1.0)) * value, 0.0, True
        else:
            current += value
        before, place = kind, place + 1


def _may_follow(before: str, kind: str) -> bool:
    """Whether a word of `kind` goes on with the number: `twenty five` does, `five five` not."""
    return (
        kind
        in {
            "": {"UNITS", "TENS", "HUNDRED", "SCALE"},
            "UNITS": {"HUNDRED", "SCALE"},
            "TENS": {"UNITS", "HUNDRED", "SCALE"},
            "HUNDRED": {"UNITS", "TENS", "SCALE"},
            "SCALE": {"UNITS", "TENS", "SCALE"},
        }[before]
    )


def _chinese(lexemes: Sequence[Lexeme], place: int) -> Found:
    end = place
    while _kind(lexemes, end) in HAN:
        end += 1
    parts = lexemes[place:end]
    if len(parts) > 1 and all(part.kind == "HAN_DIGIT" for part in parts):
        digits = "".join(str(part.value) for part in parts)
        return Number(float(digits), digits), end
    whole = _sections(parts)
    if _kind(lexemes, end) != "HAN_POINT" or _kind(lexemes, end + 1) != "HAN_DIGIT":
        return whole, end
    end += 1
    digits = ""
    while _kind(lexemes, end) == "HAN_DIGIT":
        digits += str(lexemes[end].value)
        end += 1
    return Number(whole.value + float(f"0.{digits}")), end


def _sections(parts: Sequence[Lexeme]) -> Number:
    """Read `三千五百万`: digits times ten, hundred, thousand within sections of ten thousand."""
    total, section, digit = 0.0, 0.0, None
    unit = 0.0  # the unit just before, while no zero has been said: 一百二 is 120
    scaled = False
    for part in parts:
        if part.kind == "HAN_DIGIT":
            digit = part.value
            unit = unit if digit else 0.0
        elif part.kind == "HAN_TEN":
            section += (1 if digit is None else digit) * part.value
            digit, unit = None, part.value
        else:
            total += (section + (digit or 0)) * part.value
            section, digit, unit, scaled = 0.0, None, part.value, True
    if digit is not None:
        section += digit * (unit / 10 if unit >= 100 else 1)
    return Number(total + section, scaled=scaled)
