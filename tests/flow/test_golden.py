"""The shipped studies leave what they left before the code was ordered anew."""

from __future__ import annotations

import json

import pytest

from tests.golden import KEPT, STUDIES, digests, leave


@pytest.mark.parametrize("study", STUDIES)
def test_a_shipped_study_leaves_what_it_left(study, tmp_path):
    kept = json.loads(KEPT.read_text())[study]
    assert digests(leave(study, tmp_path)) == kept
