"""What a prompt says about detectors: which, what they watch, and their parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent.assistant.grammar.saying.studying import feature_of, window_fill
from agent.assistant.grammar.studies import DETECTORS as DEFAULTS
from agent.assistant.grammar.words.grammar import Made, Rule
from agent.assistant.grammar.words.lexeme import Fill
from agent.assistant.grammar.words.making import asks, slot, valued

if TYPE_CHECKING:
    from collections.abc import Iterator

    from agent.assistant.grammar.words.lexeme import Lexeme
    from agent.assistant.grammar.words.making import Make, Matched


def _watch(m: Matched) -> Made | None:
    watched = m["f"]
    if watched.kind == "TOPIC" and m["d"].start - watched.end > 1:
        return None  # `momentum with drift detection` is not `momentum drift`
    if ":" in m["d"].value and watched.kind == "TOPIC" and watched.end <= m["d"].start:
        return None  # nor is `momentum KSWIN`
    kind = m["d"].value.partition(":")[0]
    named = [fill for fill in _named(m["d"], "on") if fill.key.endswith("named")]
    if watched.kind == "SERIES":
        return slot(Fill(f"detection.{kind}.market_watch", watched.value), *named)
    return slot(Fill(f"detection.{kind}.watch", feature_of(watched)), *named)


def _window_and_watch(m: Matched) -> Made | None:
    """``drift in 20-day volatility``, said the other way round."""
    window = window_fill(feature_of(m["f"]), m["w"].value)
    watch = _watch(m)
    return slot(*window.value, *watch.value) if window and watch else None


def _detector(mode: str) -> Make:
    return lambda m: slot(*_all_named(m, mode))


def _all_named(m: Matched, mode: str) -> list[Fill]:
    fills = [fill for part in ("d", "e") if part in m for fill in _named(m[part], mode)]
    return list(dict.fromkeys(fills))


def _added(m: Matched) -> Made:
    """``add KSWIN``: beside what is there."""
    fills = _all_named(m, "on")
    there = dict.fromkeys(f for f in fills if f.key.endswith(".named"))
    kept = [Fill(fill.key, (DEFAULTS[fill.key.split(".")[1]],)) for fill in there]
    return slot(*dict.fromkeys([*kept, *fills]))


def _instead(m: Matched) -> Made | None:
    """``KSWIN instead of ADWIN``: in the place of the one that is there."""
    kind, _, name = m["e"].value.partition(":")
    if name != DEFAULTS[kind] or m["d"].value.partition(":")[0] != kind:
        return None
    return slot(*_named(m["d"], "on"))


def _named(lexeme: Lexeme, mode: str) -> Iterator[Fill]:
    """What is said of a type of pattern, and of the detector that is to find it."""
    kind, _, name = lexeme.value.partition(":")
    if mode == "off" and name and name != DEFAULTS[kind]:
        return  # it is not there anyhow
    yield Fill(f"detection.{kind}", mode)
    if name and mode != "off":
        yield Fill(f"detection.{kind}.named", (name,))


def _market_detector(m: Matched) -> Made:
    kind = m["d"].value.partition(":")[0]
    named = [fill for fill in _named(m["d"], "on") if fill.key.endswith("named")]
    return slot(Fill(f"detection.{kind}.market", "on"), *named)


def _parameter(m: Matched) -> Made:
    number = m["n"].value
    return slot(Fill(f"detection.parameter.{m['p'].value}", number.whole or number.value))


def _alpha(m: Matched) -> Made:
    return slot(Fill("detection.parameter.alpha", m["n"].value.value))


def _parameter_bars(m: Matched) -> Made:
    return slot(Fill(f"detection.parameter.{m['p'].value}", m["w"].value))


def _detector_window(m: Matched) -> Made:
    """``KSWIN with a window of 200``: its own, where it stands right behind."""
    window = m["w"].value if "w" in m else m["n"].value.whole
    return slot(*_named(m["d"], "on"), Fill("detection.parameter.window_bars", window))


def _level(m: Matched) -> Made:
    share = m["n"].value / 100 if m["n"].kind == "PCT" else m["n"].value.value
    return slot(Fill("discovery.level", round(share, 9)))


DETECTORS: Final[tuple[tuple[str, Make], ...]] = (
    ("NEG|EXCEPT FILL? d=DETECTOR", _detector("off")),
    ("NEG|EXCEPT FILL? d=DETECTOR SEP e=DETECTOR", _detector("off")),
    ("d=DETECTOR OFF", _detector("off")),
    ("ONLY FILL? d=DETECTOR", _detector("only")),
    ("ADD FILL? d=DETECTOR", _added),
    ("ADD FILL? d=DETECTOR SEP e=DETECTOR", _added),
    ("d=DETECTOR ONLY", _detector("only")),
    ("d=DETECTOR", _detector("on")),
    ("ONLY? d=DETECTOR IN f=FEATURE|SERIES", _watch),
    ("f=FEATURE|SERIES DASH? d=DETECTOR", _watch),
    ("f=SERIES FOUND d=DETECTOR", _watch),
    ("d=DETECTOR INSTEAD e=DETECTOR", _instead),
    ("e=DETECTOR BECOMES d=DETECTOR", _instead),
    ("MARKET DASH? d=DETECTOR", _market_detector),
    ("d=DETECTOR IN? MARKET IN?", _market_detector),
    ("IN? MARKET IN? d=DETECTOR", _market_detector),
    ("OTHER_DETECTOR", asks("detector")),
    ("w=DUR DASH? f=FEATURE d=DETECTOR", _window_and_watch),
    ("PAREN? p=PARAMETER IN? n=NUM PAREN?", _parameter),
    ("n=NUM p=PARAMETER", _parameter),
    ("p=PARAMETER IN? w=DUR", _parameter_bars),
    ("w=DUR p=PARAMETER", _parameter_bars),
    ("ALPHA n=NUM", _alpha),
    ("d=DETECTOR FILL? PAREN? WINDOW IN? n=COUNT PAREN?", _detector_window),
    ("d=DETECTOR FILL? PAREN? WINDOW IN? w=DUR PAREN?", _detector_window),
    ("d=DETECTOR FILL? PAREN? w=DUR WINDOW PAREN?", _detector_window),
    ("d=DETECTOR FILL? d=DETECTOR SEP WINDOW IN? n=COUNT", asks("whose_window")),
    ("d=DETECTOR SEP WINDOW IN? n=COUNT", asks("whose_window")),
    ("FDR IN|ATMOST|CONDITION? n=NUM|PCT", _level),
    ("ATMOST? n=PCT FDR", _level),
    ("v=FDRMETHOD", valued("discovery.method")),
)
"""What is watched, and by what."""


def rules() -> tuple[Rule, ...]:
    """Return the rules of this file."""
    return tuple(Rule(pattern, make) for pattern, make in DETECTORS)
