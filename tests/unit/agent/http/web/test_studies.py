"""The editor: what is wrong is shown at its line; a study is written so that it is the same study."""

from __future__ import annotations

import json

from configs.document import parse_document
from taskspecs.identity import resolved
from taskspecs.load import understand


def write(site, text):
    site.run(f"""(() => {{
      const area = document.querySelector('.editor textarea');
      area.value = {json.dumps(text)};
      area.dispatchEvent(new Event('input', {{ bubbles: true }}));
    }})()""")


def test_an_error_is_shown_at_its_line(site):
    site.load("studies")
    site.wait("return document.querySelector('.editor textarea')")
    write(site, "name: mine\ndata: {source: sample}\nbogus: 1\n")
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
    site.run("""(() => {
      const line = document.querySelector('input.wide');
      line.value = 'momentum on AAPL and <b>MSFT</b>, weekly, top 1';
      line.dispatchEvent(new Event('input', { bubbles: true }));
      return new Promise((done) => setTimeout(done, 50));
    })()""")
    site.run("document.querySelector('form button').click()")
    site.wait_for("aggregation.every", "week")
    assert site.run("document.querySelectorAll('main q, main code').length") > 3
    assert site.wrong() == []


def test_a_run_is_explained_with_its_rows_and_its_report_is_apart(site):
    site.load("research")
    site.run("document.querySelectorAll('form button')[1].click()")
    site.wait_for("What came of it", "Rows behind it")
    site.run("location.hash = '#/runs/last'")
    site.wait_for("Show the report")
    site.run(
        "[...document.querySelectorAll('button')].find(each => each.innerText === 'Show the report').click()"
    )
    site.wait("return document.querySelector('iframe')")
    assert site.run("document.querySelector('iframe').getAttribute('sandbox')") == "allow-scripts"
    assert site.run("document.querySelector('iframe').contentDocument") is None
