"""How statements are written stays as it is: texts of before must come out as they did."""

from __future__ import annotations

from gate.approval.approvals import Statement
from gate.checks.evidence import Digests
from gate.statements.facts import Checked, Facts, Figure, read_facts
from gate.statements.text import digest_text, write_text

STATEMENT = Statement(
    strategy="us@1", to="live", run_id="r1", digests=Digests("s", "c", "d", "e"), policy="p",
    head_seq=7, head_hash="h", given="2026-01-02T03:00:00.000000+00:00",
    expires="2026-04-02T03:00:00+00:00", by="ann", reason="I read\nit",
    although={"reason": "soon", "checks": ["paper_bars"]},
)  # fmt: skip
FACTS = Facts(
    figures=(Figure("sharpe", 0.84123456, "ratio"), Figure("capacity", 2e7, "money"),
             Figure("odd", None, "")),
    checks=(Checked("leak", 1.0, "yes or no", "at least", 1.0, True, False),
            Checked("paper_bars", 3.0, "bars", "at least", 60.0, False, False),
            Checked("delay", -1.0, "ratio", "at least", 0.0, False, True)),
    symbols=("A", "B"), bounds={"gross": 1.0, "long_only": True},
    spec={"name": "us", "data": {"symbols": ["A", "B"]}}, proposer="desk\x1b[0m",
)  # fmt: skip
TEXT = """\
qraft approval, shown text 1
  I approve us@1 to go to live.
  by: ann
  reason: I read\\u000ait
  given: 2026-01-02T03:00:00.000000+00:00
  expires: 2026-04-02T03:00:00+00:00
  run: r1
  proposed by: desk\\u001b[0m
Figures
  sharpe: 0.841235 ratio
  capacity: 20,000,000 money
  odd: not known
Checks for live
  leak holds: yes, must be yes
  paper_bars FAILS: 3 bars, must be at least 60
  delay advises against: -1 ratio, must be at least 0
I APPROVE THIS ALTHOUGH CHECKS FAIL
  failing: paper_bars
  because: soon
Symbols: 2
  A, B
Bounds
  gross: 1.0
  long_only: True
Bound by this signature
  spec: s
  code: c
  data: d
  evidence: e
  policy: p
  ledger: 7:h
Nothing of this study was approved before
Spec
  data.symbols.0: A
  data.symbols.1: B
  name: us
"""


def test_the_text_of_this_edition():
    text = write_text(STATEMENT, FACTS, None)
    assert text == TEXT
    assert write_text(STATEMENT, read_facts(FACTS.document()), None) == text
    assert digest_text(text) != digest_text(text.replace("ann", "bob"))
