"""Names that hold markup are shown as text, on every page."""

from __future__ import annotations

import json

import pytest

MARKUP = "<img src=x onerror=window.hurt=1><script>window.hurt=1</script>"
FIELDS = (
    "symbol", "name", "description", "source", "detector", "note", "study", "found", "what", "mend",
    "field", "actor", "kind", "meaning", "needed", "title", "trouble", "road", "variant", "rule",
    "unit", "watch", "example", "about", "type",
)  # fmt: skip
ALTERED = f"""(() => {{
  const asked = window.fetch, fields = new Set({json.dumps(FIELDS)}), markup = {json.dumps(MARKUP)};
  const inside = (value) => Object.fromEntries(
    Object.entries(value).map(([key, each]) => [key, hurt(each, key)]));
  const hurt = (value, name) => Array.isArray(value) ? value.map((each) => hurt(each, name))
    : value && typeof value === 'object' ? inside(value)
    : typeof value === 'string' && fields.has(name) ? value + markup : value;
  window.fetch = async (...given) => {{
    const answer = await asked(...given);
    if (!answer.headers.get('content-type')?.includes('json')) return answer;
    const body = JSON.stringify(hurt(await answer.json(), ''));
    return new Response(body, {{ status: answer.status, headers: answer.headers }});
  }};
}})()"""


@pytest.fixture
def altered(site):
    """Whatever the API says of names and notes ends in markup."""
    added = site.call("Page.addScriptToEvaluateOnNewDocument", source=ALTERED)["identifier"]
    yield site
    site.call("Page.removeScriptToEvaluateOnNewDocument", identifier=added)


def test_markup_in_data_is_text(altered, alarm):
    for page in (
        "now",
        "studies",
        "runs/last",
        "patterns///withheld",
        f"pattern/{alarm}",
        "gate",
        "system",
    ):
        altered.load(page)
        altered.wait("return document.body.innerText.includes('onerror=window.hurt')")
        found = altered.run(
            "[window.hurt ?? null, document.querySelectorAll('img, main script').length]"
        )
        assert found == [None, 0], page
        assert altered.run(
            "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        )


def test_a_line_of_the_log_is_text(site):
    path = site.workspace / ".qraft" / "telemetry.jsonl"
    with path.open("a", encoding="utf-8") as file:
        file.write(
            json.dumps({"at": MARKUP, "event": MARKUP, "level": MARKUP, MARKUP: MARKUP}) + "\n"
        )
    site.load("system")
    site.click("Show as it happens")
    site.wait("return document.body.innerText.includes('onerror=window.hurt')")
    assert site.run("[window.hurt ?? null, document.querySelectorAll('img').length]") == [None, 0]
