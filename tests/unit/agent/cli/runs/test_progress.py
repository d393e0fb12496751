"""The bar moves on, in whatever order the stages come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from agent.cli.runs.progress import Bar, read_by
from tasks.dag.stages import BY_NAME, STAGES


class Progress:
    """Rich's, as far as a bar uses it."""

    def __init__(self):
        self.total, self.shown, self.console = 0.0, [], self

    def add_task(self, _name, total):
        self.total = total
        return 1

    def update(self, _task, *, completed=None, description=None):
        if completed is not None:
            self.shown.append(completed)

    def print(self, *_said, **_how):
        pass


@st.composite
def orders(draw):
    """An order in which Luigi may run some of the stages, and fractions told within each."""
    waiting = draw(st.lists(st.sampled_from([*BY_NAME]), unique=True))
    fractions = st.lists(st.floats(-1, 2), max_size=4)
    order = []
    while waiting:
        ready = [name for name in waiting if not read_by(name) & set(waiting)]
        name = draw(st.sampled_from(sorted(ready)))
        waiting.remove(name)
        order.append((name, draw(fractions)))
    return order


@given(orders(), st.lists(st.floats(0.1, 100), min_size=len(STAGES), max_size=len(STAGES)))
def test_it_never_runs_backwards_and_ends_full(order, seconds):
    progress = Progress()
    bar = Bar(progress, dict(zip(BY_NAME, seconds, strict=True)))
    for name, fractions in order:
        bar.stage_started(name)
        for fraction in fractions:
            bar.stage_progress(name, fraction)
        bar.stage_done(name, 1.0, 1)
    bar.stage_started("record")
    bar.stage_done("record", 1.0, 1)
    assert progress.shown == sorted(progress.shown)
    assert abs(progress.shown[-1] - progress.total) < 1e-6 * progress.total


def test_what_a_stage_reads_is_known_from_the_table():
    assert read_by("ingest") == set()
    assert read_by("backtest") == {"ingest", "resampling", "features", "aggregation", "signal"}
    assert read_by("record") == set(BY_NAME)
