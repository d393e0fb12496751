"""Each route answers with what the service says, and nothing of this machine."""

from __future__ import annotations

import json

import pytest

from tests.conftest import REPOSITORY

API = "/api/v1"
READS = [
    "runs", "runs/last", "runs/last/coefficients", "runs/last/factors", "runs/last/factors/score",
    "patterns", "patterns?withheld=true&limit=3", "studies", "studies/us_momentum", "schedule",
    "schema/taskspec", "gate/strategies", "gate/strategies/last", "gate/entries?limit=2", "signals",
    "opportunities", "processes", "events", "events/dead", "logs?limit=2", "health", "started",
    "sources", "channels", "channels/logs", "memory?words=momentum",
]  # fmt: skip


@pytest.mark.parametrize("route", READS)
def test_reads(client, demo_shell, route):
    answer = client.get(f"{API}/{route}")
    assert answer.status_code == 200, answer.text
    answer.json()
    assert str(demo_shell.workspace) not in answer.text
    assert str(REPOSITORY) not in answer.text


def test_the_page_of_a_run_is_shown_apart(client):
    answer = client.get(f"{API}/runs/last/report")
    assert answer.headers["content-type"].startswith("text/html")
    assert answer.headers["content-security-policy"].startswith("sandbox allow-scripts;")
    assert answer.headers["x-frame-options"] == "SAMEORIGIN"


def test_the_same_question_is_answered_by_its_digest(client):
    first = client.get(f"{API}/runs")
    again = client.get(f"{API}/runs", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_long_answers_are_packed(client):
    answer = client.get(f"{API}/schema/taskspec", headers={"accept-encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.json()["title"] == "TaskSpec"


def test_a_pattern_with_its_bars(client):
    one = client.get(f"{API}/patterns?withheld=true&limit=1").json()["patterns"][0]
    shown = client.get(f"{API}/patterns/{one['pattern_id']}").json()
    assert (shown["detector"], shown["ts"]) == (one["detector"], one["ts"])
    bars = client.get(f"{API}/patterns/{one['pattern_id']}/bars?before=3&after=2").json()["bars"]
    assert len(bars) == 6


def test_pages_of_patterns_follow_each_other_without_a_hole(client):
    whole = client.get(f"{API}/patterns?withheld=true&limit=10").json()["patterns"]
    seen, after = [], ""
    for _ in range(5):
        page = client.get(f"{API}/patterns?withheld=true&limit=2{after}").json()
        seen += page["patterns"]
        after = f"&after={page['next']}"
    assert seen == whole


def test_short_names_answer_alike(client):
    assert client.get("/api/patterns").json() == client.get(f"{API}/patterns").json()


def test_a_plan_and_where_it_does_not_fit(client):
    plan = client.post(f"{API}/plans", json={"study": "us_momentum"}).json()
    assert {stage["state"] for stage in plan["stages"]} == {"done"}
    bad = client.post(f"{API}/plans", json={"taskspec": "name: x\nstrateg: 1\n"})
    assert bad.status_code == 400
    assert bad.headers["content-type"] == "application/problem+json"
    problem = bad.json()
    assert (problem["kind"], problem["place"]["file"]) == ("BadInput", "taskspec")
    assert problem["place"]["line"] == 2


def test_a_sentence_becomes_a_taskspec(client):
    said = client.post(f"{API}/ask", json={"prompt": "momentum over 60 days, monthly"}).json()
    assert said["slots"]


def test_an_explanation_names_its_rows(client):
    said = client.post(f"{API}/explain", json={"about": ["last"]}).json()
    assert said["sections"]


@pytest.mark.parametrize(
    ("route", "status"),
    [
        ("runs/none_such", 400), ("patterns/ffffffffffffffff", 400), ("patterns/..%2f..", 404),
        ("nothing", 404), ("patterns?limit=0", 422), ("runs/last/factors/none", 400),
        ("channels/none", 400), ("stream?channels=none", 400), ("runs/compare?run=last", 422),
        ("patterns?after=x", 400), ("sources/none", 400), ("channels/source.none", 400),
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_problem_document(client, route, status):
    answer = client.get(f"{API}/{route}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


def test_no_route_decides(client):
    deeds = {"approve", "promote", "demote", "reject", "halt", "resume", "retire", "holdout"}
    paths = client.get("/openapi.json").json()["paths"]
    assert not [path for path in paths for deed in deeds if deed in path]
    assert {path for path, verbs in paths.items() if "post" in verbs} == {
        f"{API}/runs", f"{API}/plans", f"{API}/started/{{ident}}/cancel", f"{API}/ask",
        f"{API}/explain", f"{API}/events", f"{API}/patterns/{{ident}}/feedback",
    }  # fmt: skip


def test_the_reference_names_every_route_with_an_example(client):
    page = client.get("/docs").text
    for path in client.get("/openapi.json").json()["paths"]:
        assert path in page
    assert page.count("curl ") >= len(client.get("/openapi.json").json()["paths"])
    assert "<script" not in page


def test_an_event_of_ones_own_is_told_and_none_of_ours(own):
    told = own.post(f"{API}/events", json={"type": "custom.look", "source": "me"})
    assert (told.status_code, told.json()["type"]) == (202, "custom.look")
    ours = own.post(f"{API}/events", json={"type": "drift_detected", "source": "me"})
    assert ours.status_code == 422


def test_a_source_that_was_recorded_is_told(own, tmp_path):
    from agent.live.home import SourceHome
    from configs.workspace import open_workspace
    from storage.journal.record import Kind, Record
    from storage.journal.writer import Writer

    home = SourceHome(open_workspace(str(tmp_path)), "mine")
    with Writer(home.journal) as writer:
        writer.append([Record(1, Kind.TICK, b"")])
    home.status("record").parent.mkdir(parents=True, exist_ok=True)
    home.status("record").write_text('{"state": "ended", "counts": {"messages": 3}}')
    shown = own.get(f"{API}/sources/mine")
    assert shown.status_code == 200, shown.text
    assert (shown.json()["record"], shown.json()["counts"]) == ("ended", {"messages": 3})
    assert own.get("/api/sources").json() == [shown.json()]


def test_an_empty_workspace_says_so(own):
    assert own.get(f"{API}/runs").json() == []
    assert own.get(f"{API}/runs/last").status_code == 400
    assert own.get("/healthz").json() == {"alive": True}
    assert "qraft_http_listeners 0.0" in own.get("/metrics").text


def test_a_body_that_is_no_json(client):
    answer = client.post(f"{API}/ask", content=b"{", headers={"content-type": "application/json"})
    assert answer.status_code == 422
    assert json.loads(answer.text)["kind"] == "BadInput"
