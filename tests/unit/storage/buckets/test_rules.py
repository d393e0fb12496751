"""Our rules among other people's: theirs stay byte for byte, ours are what they are to be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.buckets.rules import LIFECYCLE, NOTIFICATION, expire, merged, others, rules, tell

THEIRS = (
    "<Rule><ID>theirs</ID><Filter><And><Prefix>logs/</Prefix><ObjectSizeGreaterThan>10"
    "</ObjectSizeGreaterThan><Tag><Key>a</Key><Value>&lt;b&gt;</Value></Tag></And></Filter>"
    "<Status>Disabled</Status><AbortIncompleteMultipartUpload><DaysAfterInitiation>7"
    "</DaysAfterInitiation></AbortIncompleteMultipartUpload></Rule>"
)
OLD = (
    "<Rule><ID>qraft-feature</ID><Status>Enabled</Status>"
    "<Filter><Prefix>{}</Prefix></Filter></Rule>"
)
XMLNS = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'
OURS = {"qraft:lake/feature": expire("qraft:lake/feature", "lake/feature/", days=365)}


def document(*parts: str) -> str:
    return f"<LifecycleConfiguration {XMLNS}>{''.join(parts)}</LifecycleConfiguration>"


def merge(text: str) -> str | None:
    return merged(text, LIFECYCLE, OURS, below="lake/")


@pytest.mark.parametrize(
    "before",
    ["", document(), document(THEIRS), f"<LifecycleConfiguration {XMLNS}/>",
     document(THEIRS, OLD.format("lake/feature"), THEIRS.replace("theirs", "more")),
     document(expire("qraft:lake/feature", "elsewhere/", days=1), THEIRS),
     document("<ExpiryUpdatedAt>2026-01-01T00:00:00Z</ExpiryUpdatedAt>", OLD.format("other/f"))],
)  # fmt: skip
def test_rules_of_others_stay_and_ours_are_put_right_once(before):
    after = merge(before)
    assert after is not None
    assert merge(after) is None
    assert others(after, LIFECYCLE, OURS, below="lake/") == others(
        before, LIFECYCLE, OURS, below="lake/"
    )
    assert [rule.ident for rule in rules(after, LIFECYCLE)].count("qraft:lake/feature") == 1
    assert after.count("ExpiryUpdatedAt") == before.count("ExpiryUpdatedAt")


def test_what_a_store_writes_in_another_order_is_what_we_wrote():
    text = document(
        "<Rule> <Status>Enabled</Status><Expiration><Days>365</Days></Expiration>"
        "<Filter><Prefix>lake/feature/</Prefix></Filter><ID>qraft:lake/feature</ID><Prefix></Prefix>"
        "</Rule>"
    )
    assert merge(text) is None


def test_a_queue_among_queues():
    ours = {"qraft:raw/dropped": tell("qraft:raw/dropped", "raw/dropped/", "arn:q")}
    theirs = tell("theirs", "a&b/", "arn:other").replace("Queue", "Topic")
    before = f"<NotificationConfiguration>{theirs}</NotificationConfiguration>"
    after = merged(before, NOTIFICATION, ours, below="")
    assert theirs in after
    assert [rule.prefix for rule in rules(after, NOTIFICATION)] == ["a&b/", "raw/dropped/"]
    assert merged(after, NOTIFICATION, ours, below="") is None


@pytest.mark.parametrize(
    "text", ["<html/>", "<!DOCTYPE x [<!ENTITY a 'b'>]><LifecycleConfiguration/>", "{"]
)
def test_what_is_no_document_of_rules_is_refused(text):
    with pytest.raises((ValueError, SyntaxError)):
        merge(text)


@given(st.lists(st.text("abqraft-:/&<\\", min_size=1, max_size=12), max_size=4, unique=True))
def test_any_names_survive(names):
    before = document(*(expire(name, f"p{n}/", days=3) for n, name in enumerate(names)))
    after = merge(before) or before
    assert [r for r in rules(before, LIFECYCLE) if r.ident not in OURS] == [
        r for r in rules(after, LIFECYCLE) if r.ident not in OURS
    ]
