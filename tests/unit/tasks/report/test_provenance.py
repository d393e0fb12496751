from __future__ import annotations

import re

from tasks.dag.outputs import SHOWN
from tasks.report import arcs
from tasks.report.provenance import sources, stage_rows


def test_everything_read_is_found(study):
    found = sources(stage_rows(study.lineage))
    assert set(found) == set(SHOWN)
    assert found["metrics"].file == "metrics.parquet"
    assert study.lineage[5]["files"][2]["sha256"].startswith(found["metrics"].digest)


def test_what_is_not_stored_has_no_source(study):
    assert sources(stage_rows(study.lineage[:1])).keys() == {"bars", "health", "reading"}
    assert stage_rows([]) == ()


def test_anchors_are_safe_whatever_the_names():
    (stage,) = stage_rows([{"stage": 'a"b<c>', "files": [{"name": "<x>"}]}])
    assert re.fullmatch(r"[a-z0-9-]+", stage.anchor)
    assert re.fullmatch(r"[a-z0-9-]+", stage.files[0].anchor)


def test_an_arc_for_every_input_and_one_to_this_page(study):
    stages = stage_rows(study.lineage)
    diagram = arcs.draw(stages, ["ingest", "backtest"])
    inputs = sum(len(stage["inputs"]) for stage in study.lineage)
    assert len(diagram.arcs) == inputs + 2
    assert [dot.name for dot in diagram.dots] == [s["stage"] for s in study.lineage] + ["report"]
    assert diagram.dots[-1].y < diagram.height


def test_long_arcs_stay_on_the_picture(study):
    diagram = arcs.draw(stage_rows(study.lineage), ["ingest"])
    numbers = [float(n) for arc in diagram.arcs for n in re.findall(r"-?\d+", arc.path)]
    assert min(numbers) >= 0
