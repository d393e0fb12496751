"""What is served at `/`: no script or style inside, nothing from elsewhere, and light."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

from agent.http import web

ROOT = Path(web.__file__).parent
STATIC = ROOT / "static"
OURS = [path for room in ("app", "pages") for path in sorted((STATIC / room).glob("*.js"))]
SHELL = (ROOT / "index.html").read_text(encoding="utf-8")
MOST_BYTES = 400_000
MARKUP = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function")
ELSEWHERE = re.compile(r"(?:https?:)?//(?!www\.w3\.org/2000/svg)[\w-]+\.[\w.-]+")


def test_the_shell_has_a_policy_without_inline_script_or_style(client):
    answer = client.get("/")
    policy = answer.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "script-src 'self'; style-src 'self'" in policy
    assert policy.endswith("frame-src 'self'")
    assert not re.search(r"<style|style=|<script(?! type=\"module\" src=)| on\w+=", answer.text)


def test_every_file_that_the_shell_names_is_there_and_each_module_is_named(client):
    named = set(re.findall(r'(?:href|src)="(/web/[^"]+)"', SHELL))
    for path in named:
        answer = client.get(path)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache"), path
    modules = {f"/web/{path.relative_to(STATIC)}" for path in STATIC.rglob("*.js")}
    assert modules == {path for path in named if path.endswith(".js")}


def test_nothing_else_is_served(client):
    for path in (
        "/web/../shell.py",
        "/web/%2e%2e/shell.py",
        "/web/..%2fshell.py",
        "/web/",
        "/web/app",
    ):
        assert client.get(path).status_code == 404, path


def test_the_page_is_light():
    files = [
        ROOT / "index.html",
        *(each for each in STATIC.rglob("*") if each.suffix in {".js", ".css", ".svg"}),
    ]
    assert sum(len(gzip.compress(path.read_bytes())) for path in files) < MOST_BYTES


def test_text_from_data_never_becomes_markup_and_nothing_is_fetched_elsewhere():
    for path in [*OURS, *STATIC.rglob("*.css")]:
        text = path.read_text(encoding="utf-8")
        assert not MARKUP.search(text), path
        assert not ELSEWHERE.search(text), path


def test_every_text_has_two_languages_and_is_used():
    said = (STATIC / "app" / "texts.js").read_text(encoding="utf-8")
    table = re.findall(r'(\w+): \["((?:[^"\\]|\\.)*)", "((?:[^"\\]|\\.)*)"\]', said)
    names = [name for name, _, _ in table]
    assert len(names) == len(set(names))
    assert all(english and chinese for _, english, chinese in table)
    for _, english, chinese in table:
        assert set(re.findall(r"\{\d\}", english)) == set(re.findall(r"\{\d\}", chinese))
    code = "".join(path.read_text(encoding="utf-8") for path in OURS)
    used = set(re.findall(r'\bt\("(\w+)"', code))
    assert used <= set(names)


def test_licences_stand_beside_what_is_vendored():
    assert {path.name for path in (STATIC / "vendor").iterdir()} == {
        "preact.js", "LICENSE.htm.txt", "LICENSE.preact.txt", "README.txt",
    }  # fmt: skip
