"""The editor: what is wrong is shown at its line, and a study is written as the same study."""

from __future__ import annotations

import json

from configs.document import parse_document
from taskspecs.identity import resolved
from taskspecs.load import understand


def test_an_error_is_shown_at_its_line(site):
    site.load("studies")
    site.wait("return document.querySelector('.editor textarea')")
    site.write(".editor textarea", "name: mine\ndata: {source: sample}\nbogus: 1\n")
    site.wait_for("unknown key `bogus`", "line 3")
    assert site.run("document.querySelector('.gutter .at').innerText") == "3"
    assert (
        site.run("document.querySelector('.editor textarea').getAttribute('aria-invalid')")
        == "true"
    )
    assert site.run("document.querySelector('button.main').disabled")


def test_a_shipped_study_is_written_as_the_same_study(site):
    site.load("studies")
    written = site.run("""(async () => {
      const { taskspec } = await import('/web/app/yaml.js');
      const studies = await (await fetch('/api/v1/studies')).json();
      return Promise.all(studies.map(async ({ name }) => {
        const spec = await (await fetch(`/api/v1/studies/${name}`)).json();
        return [spec, taskspec(spec)];
      }));
    })()""")
    assert len(written) > 3
    for spec, text in written:
        taken = understand(parse_document(text.encode(), file="taskspec"))[0]
        assert json.loads(json.dumps(resolved(taken))) == spec


def test_a_sentence_becomes_a_plan_with_what_each_word_became(site):
    site.load("research")
    site.write("input.wide", "momentum on AAPL and <b>MSFT</b>, weekly, top 1")
    site.click("Ask")
    site.wait_for("aggregation.every", "week")
    assert site.run("document.querySelectorAll('main q, main code').length") > 3
    assert site.wrong() == []


def test_a_run_is_explained_with_its_rows_and_its_report_is_apart(site):
    site.load("research")
    site.click("Explain")
    site.wait_for("What came of it", "Rows behind it")
    site.run("location.hash = '#/runs/last'")
    site.wait_for("Show the report")
    site.click("Show the report")
    site.wait("return document.querySelector('iframe')")
    assert site.run("document.querySelector('iframe').getAttribute('sandbox')") == "allow-scripts"
    assert site.run("document.querySelector('iframe').contentDocument") is None
