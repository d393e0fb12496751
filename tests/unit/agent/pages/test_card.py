"""The card shows what was judged, is one file, and takes no text for anything but text."""

from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from agent.pages.card.curve import lay_out_curve
from agent.pages.card.drawing import draw_card
from agent.pages.card.strip import WIDTH, lay_out_strip
from gate.checks.evidence import Digests, Evidence, Family
from gate.evidence.judging import evidence_on_hand
from gate.strategies.strategies import stand
from gate.summaries import tell
from storage.lake.lake import Lake
from tests.office import STUDY, Office

HOSTILE = '<script>alert("x")</script>{{ 7 * 7 }}'


def searched(trials: int = 40, mean: float = 0.0) -> Evidence:
    returns = np.random.default_rng(0).normal(mean, 0.01, (300, trials))
    sharpes = returns.mean(axis=0) / returns.std(axis=0, ddof=1)
    return Evidence(
        STUDY, "r1", Digests("s", "c", "d", "e"), returns=returns[:, 0],
        benchmark=returns.mean(axis=1),
        family=Family("f", trials + 2, {"finished": trials, "unfinished": 2}, sharpes, returns, 0),
    )  # fmt: skip


@pytest.fixture
def office() -> Office:
    office = Office()
    office.proposes()
    return office


def page(office: Office, evidence: Evidence) -> str:
    standing = stand(office.ledger.entries(), office.policy)
    return draw_card(tell(standing.strategies[0], standing, office.desk), evidence)


def test_each_check_is_shown_with_its_verdict(office):
    html = page(office, searched())
    assert html.count('class="chip holds"') == 2
    assert "no look-ahead was found" in html
    assert "checks that hold</dt><dd>2 of 2" in html


def test_every_trial_is_a_dot_and_the_aborted_are_told(office):
    html = page(office, searched())
    assert html.count("<circle") == 40
    assert "40 finished, 2 unfinished." in html
    assert "the best of\n42 trials" in html


def test_it_needs_nothing_else_and_runs_nothing(office):
    html = page(office, searched())
    assert "default-src 'none'" in html
    assert not re.search(r"https?://|<script|<link|<img|url\(", html)


def test_text_is_shown_as_text(office):
    office.ledger.append("trial", {"run_id": "x", "family": "f", "road": "run",
                                   "strategy": STUDY}, actor=HOSTILE)  # fmt: skip
    html = page(office, searched())
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "{{ 7 * 7 }}" in html


def test_equal_evidence_gives_equal_pages(office):
    assert page(office, searched()) == page(office, searched())


def test_without_returns_it_says_what_there_is(office):
    bare = evidence_on_hand(office.standing(), office.ledger, Lake(office.store))
    html = page(office, bare)
    assert "<svg" not in html
    assert "nothing of these data is sealed" in html


def test_the_strip_holds_all_that_it_shows():
    strip = lay_out_strip(searched(mean=0.002))
    places = [x for x, _ in strip.dots] + [strip.candidate[0], strip.hurdle[0]]
    assert all(0 < x < WIDTH for x in places)
    assert [x for x, _ in strip.ticks] == sorted(x for x, _ in strip.ticks)
    assert 2 <= len(strip.ticks) <= 14


def test_what_lost_everything_has_no_curve():
    ruined = searched()
    assert lay_out_curve(replace(ruined, returns=np.array([0.1, -1.0, 0.2]))) is None
    assert lay_out_curve(replace(ruined, returns=np.empty(0))) is None
