"""Operators are told as something begins and as it ends, and not in between."""

from agent.live.alerting import Alerts, Seen
from taskspecs.sources.flow import AlertSpec


def test_each_is_said_once_as_it_begins_and_once_as_it_ends():
    rules = AlertSpec(silent_s=10, lag_s=5, gaps_per_hour=3)
    clock = iter(range(0, 100_000, 1_200))
    alerts = Alerts(lambda: next(clock))
    said = [
        [(news.about, news.began) for news in alerts.look(rules, Seen(*seen))]
        for seen in ((0, 0, 0), (12, 0, 2), (13, 6, 3), (0, 7, 3), (0, 0, 3), (0, 0, 3), (0, 0, 1))
    ]
    assert said == [
        [],
        [("silent_s", True)],
        [("lag_s", True), ("gaps_per_hour", True)],
        [("silent_s", False)],
        [("lag_s", False), ("gaps_per_hour", False)],
        [],
        [],
    ]


def test_what_a_document_does_not_limit_is_not_told():
    assert list(Alerts().look(AlertSpec(), Seen(1e6, 1e6, 1_000))) == []
