"""What a prompt says about a model that learns the signal, and the features it learns from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from agent.assistant.grammar.words.grammar import Made, Rule
from agent.assistant.grammar.words.lexeme import Ask, Fill
from agent.assistant.grammar.words.making import asks, claim, said, slot
from agent.assistant.grammar.words.quantities import Duration

if TYPE_CHECKING:
    from agent.assistant.grammar.words.making import Make, Matched

KIND: Final = "signal.model.kind"
WINDOWS: Final = "signal.model.windows"
SETS: Final = "features.sets"


def _model(m: Matched) -> Made:
    return slot(Fill(KIND, m["x"].value))


def _set(m: Matched) -> Made:
    return slot(Fill(SETS, (m["s"].value,)))


def _model_on_set(m: Matched) -> Made:
    return slot(*_model(m).value, *_set(m).value)


def _ridge(m: Matched) -> Made:
    return slot(Fill(KIND, "linear"), Fill("signal.model.alpha", float(m["n"].value.value)))


def _window(m: Matched) -> Made:
    return slot(Fill(f"{WINDOWS}.{m['t'].value}", m["w"].value))


def _refit(duration: Duration) -> Made:
    return slot(Fill(f"{WINDOWS}.test_bars", duration, "a model predicts until the next is fitted"))


def _refit_unit(m: Matched) -> Made | None:
    unit = m["u"].value
    return _refit(Duration(1, unit if unit != "decade" else "year"))


def _refit_so(m: Matched) -> Made:
    return _refit(Duration(m["v"].value[1], m["v"].value[0]))


RULES: Final[tuple[tuple[str, Make], ...]] = (
    ("x=MODEL", _model),
    ("x=MODEL IN|FROM|OVER? s=SET SETWORD?", _model_on_set),
    ("x=MODEL TRAIN IN? s=SET SETWORD?", _model_on_set),
    ("s=SET SETWORD?", _set),
    ("IN|FROM? s=SET SETWORD?", _set),
    ("WALKFORWARD", said(f"{WINDOWS}.expanding", value=False)),
    ("WALKFORWARD x=MODEL", _model),
    ("EXPANDING WINDOW? TRAIN?", said(f"{WINDOWS}.expanding", value=True)),
    ("RIDGE SEP|MARK? ALPHA? n=NUM MARK?", _ridge),
    ("RIDGE", asks("ridge")),
    ("OTHER_MODEL", asks("model")),
    ("t=TRAIN WINDOW? IN|OVER? LAST? w=DUR TRAIN? WINDOW?", _window),
    ("t=VERIFY|TESTWORD w=DUR", _window),
    ("WALKFORWARD t=TRAIN IN? w=DUR", _window),
    ("IN? LAST? w=DUR WINDOW? t=TRAIN WINDOW?", _window),
    ("RETRAIN EVERY? w=DUR", lambda m: _refit(m["w"].value)),
    ("EVERY? w=DUR RETRAIN", lambda m: _refit(m["w"].value)),
    ("RETRAIN EVERY u=UNIT", _refit_unit),
    ("EVERY u=UNIT RETRAIN", _refit_unit),
    ("RETRAIN u=FREQ", _refit_unit),
    ("u=FREQ RETRAIN", _refit_unit),
    ("RETRAIN v=EVERYSO", _refit_so),
    ("v=EVERYSO RETRAIN", _refit_so),
    ("EXPANDING t=TRAIN", claim),
    ("NEG x=MODEL", lambda _: Made("ASK", Ask("model", {}))),
)
"""Models, their windows, and named sets of features."""

OWNERS: Final = frozenset({"FEATURE", "RANKED"})
"""What follows a duration that is its own window, not the model's."""


def rules() -> tuple[Rule, ...]:
    """Return the rules of this file."""
    return tuple(Rule(pattern, make, OWNERS) for pattern, make in RULES)
