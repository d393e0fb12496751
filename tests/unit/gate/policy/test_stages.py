"""The table of moves is the state machine."""

from __future__ import annotations

from itertools import pairwise, product

import pytest

from configs.errors import Forbidden
from gate.policy.stages import MOVES, Act, Stage, move_of, step_after
from gate.strategies.tightening import TIGHTENING


def test_no_two_moves_of_one_act_begin_at_one_stage():
    starts = [(move.act, move.before) for move in MOVES]
    assert len(starts) == len(set(starts))


def test_nothing_leads_out_of_retired_and_everything_leads_there():
    assert all(move.before is not Stage.RETIRED for move in MOVES)
    ends = {move.before for move in MOVES if move.act is Act.RETIRE}
    assert ends == set(Stage) - {Stage.RETIRED}


def test_what_reaches_paper_or_live_from_below_needs_the_policy():
    order = [Stage.REJECTED, Stage.HALTED, Stage.DRYRUN, Stage.PAPER, Stage.LIVE]
    for move in MOVES:
        if move.after in {Stage.PAPER, Stage.LIVE}:
            rises = order.index(move.after) > order.index(move.before)
            assert move.needs == rises, move


def test_live_is_reached_from_paper_alone():
    assert [m.before for m in MOVES if m.after is Stage.LIVE] == [Stage.PAPER]


def test_the_stages_that_a_policy_leads_to_follow_each_other():
    assert [step_after(stage) for stage in (Stage.DRYRUN, Stage.PAPER, Stage.LIVE)] == [
        Stage.PAPER, Stage.LIVE, None,
    ]  # fmt: skip
    assert step_after(Stage.HALTED) is Stage.PAPER


@pytest.mark.parametrize(("act", "stage"), list(product(sorted(TIGHTENING), Stage)))
def test_every_act_that_takes_away_follows_the_table_or_is_refused(office, act, stage):
    paths = {
        Stage.DRYRUN: [], Stage.PAPER: [], Stage.LIVE: [],
        Stage.HALTED: [Act.HALT], Stage.REJECTED: [Act.REJECT], Stage.RETIRED: [Act.RETIRE],
    }  # fmt: skip
    office.reaches_live() if stage is Stage.LIVE else office.reaches_paper()
    if stage is Stage.DRYRUN:
        office.tightens(Act.DEMOTE)
    for step in paths[stage]:
        office.tightens(step)
    assert office.stage is stage
    move = move_of(act, stage)
    if move is None:
        with pytest.raises(Forbidden, match=f"is at {stage}; a {act} leads from"):
            office.tightens(act)
        assert office.stage is stage
    else:
        office.tightens(act)
        assert office.stage is move.after


def test_what_is_moved_back_and_up_again_needs_new_approvals(office):
    office.reaches_live()
    for _, below in pairwise([Stage.LIVE, Stage.PAPER, Stage.DRYRUN]):
        office.tightens(Act.DEMOTE)
        assert office.stage is below
    with pytest.raises(Forbidden, match="moved after it was given"):
        office.promotes(Stage.PAPER)


def test_a_demotion_given_twice_goes_one_stage_back(office):
    office.reaches_live()
    office.tightens(Act.DEMOTE, to=Stage.PAPER)
    with pytest.raises(Forbidden, match="is at paper"):
        office.tightens(Act.DEMOTE, to=Stage.PAPER)
    assert office.stage is Stage.PAPER
