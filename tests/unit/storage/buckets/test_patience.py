"""A store that is away for a while fails nothing; one that never answered is given up soon."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from configs.errors import Unreachable
from storage.buckets import patience
from storage.buckets.patience import AGAIN_FOR_S, FIRST_FOR_S, LONGEST_PAUSE_S, Patience
from storage.lake.objects import NotFound


class Store:
    """One that does not answer until a time, on a clock of its own."""

    def __init__(self, away_until_s: float):
        self.now, self.back, self.calls = 0.0, away_until_s, 0

    def sleep(self, seconds: float) -> None:
        assert 0 <= seconds <= LONGEST_PAUSE_S
        self.now += seconds

    def get(self) -> str:
        self.calls += 1
        if self.now < self.back:
            raise Unreachable("nobody answers")
        return "answer"


@pytest.fixture(autouse=True)
def fresh(monkeypatch):
    monkeypatch.setattr(patience, "_answered", {"known"})


def ask(store: Store, name: str = "known"):
    return Patience(name, now=lambda: store.now, sleep=store.sleep)(store.get)


@given(st.floats(0, AGAIN_FOR_S - LONGEST_PAUSE_S))
def test_any_outage_within_patience_is_survived_soon_after_its_end(away_s):
    store = Store(away_s)
    assert ask(store) == "answer"
    assert store.now <= away_s + LONGEST_PAUSE_S
    assert store.calls < 100, "pauses grow"


def test_a_longer_one_is_said_in_the_end():
    store = Store(1e9)
    with pytest.raises(Unreachable):
        ask(store)
    assert store.now == pytest.approx(AGAIN_FOR_S)


def test_one_that_never_answered_is_given_up_soon_and_one_that_did_is_not(capsys):
    store = Store(FIRST_FOR_S + 5)
    with pytest.raises(Unreachable):
        ask(store, "new")
    assert store.now == pytest.approx(FIRST_FOR_S)
    assert capsys.readouterr().err.count("does not answer") == 1
    store.now = 1e3
    assert ask(store, "new") == "answer"
    store.back = store.now + 60
    assert ask(store, "new") == "answer"


def test_any_other_error_is_an_answer():
    calls = []

    def missing():
        calls.append(1)
        raise NotFound("nothing there")

    with pytest.raises(NotFound):
        Patience("new")(missing)
    assert len(calls) == 1
    assert "new" in patience._answered
