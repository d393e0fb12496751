"""What a workspace remembers is found, and kept up to date."""

from __future__ import annotations

import pytest

from agent.cli.context import Context
from agent.memory import ingestion
from agent.memory.recall import retrieve
from configs.errors import BadInput


@pytest.fixture
def context(tmp_path):
    (tmp_path / "notes" / "ideas").mkdir(parents=True)
    note = tmp_path / "notes" / "ideas" / "momentum.md"
    note.write_text("# Crashes\n\nLosers rebound after a crisis, and momentum falls.\n")
    (tmp_path / "notes" / "binary.md").write_bytes(b"\xff\xfe\x00\xd8")
    return Context(str(tmp_path))


def documents(found) -> list[str]:
    return [each.passage.document for each in found]


def test_notes_specs_and_manuals_are_found(context):
    said = []
    found = retrieve(context, "why does momentum crash", say=said.append)
    assert documents(found)[0] == "note:notes/ideas/momentum.md"
    assert any("binary.md is not remembered" in sentence for sentence in said)
    assert documents(retrieve(context, "危机 动量"))[0] == "note:notes/ideas/momentum.md"
    assert documents(retrieve(context, "half space trees", kinds=["detectors"]))
    assert "spec:us_reversal" in documents(retrieve(context, "reversal study", kinds=["spec"]))


def test_nothing_is_read_again_while_nothing_changes(context, monkeypatch):
    retrieve(context, "momentum")
    monkeypatch.setattr(ingestion, "ingest", lambda *_: pytest.fail("it was ingested again"))
    assert retrieve(context, "momentum")


def test_a_note_that_changes_or_goes_is_followed(context):
    retrieve(context, "momentum")
    note = context.workspace.root / "notes" / "ideas" / "momentum.md"
    note.write_text("Capacity matters more than fees.\n")
    assert documents(retrieve(context, "capacity", kinds=["note"])) == [
        "note:notes/ideas/momentum.md"
    ]
    note.unlink()
    assert retrieve(context, "capacity", kinds=["note"]) == []


def test_a_link_out_of_the_workspace_is_not_followed(context, tmp_path_factory):
    outside = tmp_path_factory.mktemp("outside") / "private.md"
    outside.write_text("kettle")
    (context.workspace.root / "notes" / "link.md").symlink_to(outside)
    assert retrieve(context, "kettle", kinds=["note"]) == []


def test_an_unknown_kind_names_those_there_are(context):
    with pytest.raises(BadInput, match="nothing of kind `notes`") as refused:
        retrieve(context, "x", kinds=["notes"])
    assert "did you mean 'note'" in str(refused.value)


def test_runs_patterns_and_decisions_are_found(unjudged_copy):
    pattern = unjudged_copy.json("patterns", "list", "--limit", "1")[0]
    unjudged_copy.run(
        "patterns", "feedback", pattern["pattern_id"], "--rating", "1", "--comment",
        "an earnings announcement",
    )  # fmt: skip
    context = Context(str(unjudged_copy.workspace))
    run, *_ = retrieve(context, "夏普比率 动量", kinds=["run"])
    assert run.passage.run
    assert run.passage.date
    found = retrieve(context, f"pattern {pattern['pattern_id']}", kinds=["pattern"])
    assert documents(found)[0] == f"pattern:{pattern['pattern_id']}"
    (said,) = retrieve(context, "earnings announcement", kinds=["feedback"])
    assert pattern["pattern_id"] in said.passage.title
