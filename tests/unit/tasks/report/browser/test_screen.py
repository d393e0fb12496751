"""The report as a browser shows it."""

from __future__ import annotations

from dataclasses import replace

import polars as pl
import pytest

PLOTS = "[...document.querySelectorAll('.plot')]"
UNDRAWN = f"{PLOTS}.filter(p => !p.querySelector('.main-svg')).map(p => p.id)"
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
ESCAPING = f"""{PLOTS}.filter(p => p.scrollWidth > p.clientWidth + 1).map(p => p.id)"""


def assert_quiet(browser) -> None:
    """Nothing was complained about, and nothing fetched."""
    assert browser.happened("Runtime.exceptionThrown") == []
    errors = [e["entry"] for e in browser.happened("Log.entryAdded")]
    assert [e for e in errors if e["level"] in {"error", "warning"}] == []
    asked = [r["request"]["url"] for r in browser.happened("Network.requestWillBeSent")]
    assert [url[:80] for url in asked if not url.startswith(("file:", "data:"))] == []


@pytest.mark.parametrize(
    ("width", "dark"), [(360, False), (390, True), (390, False), (768, True), (1400, False)]
)
def test_fits_every_window_without_sideways_scroll(browser, page, width, dark):
    browser.open(page, width=width, dark=dark)
    assert browser.run(UNDRAWN) == []
    assert browser.run(WIDER) == 0
    assert browser.run(ESCAPING) == []
    assert_quiet(browser)


@pytest.mark.parametrize("table", ["calibration-table", "stress-table", "health"])
def test_on_a_phone_tables_of_words_are_read_without_scrolling(browser, page, table):
    browser.open(page, width=390)
    figure = f"document.querySelector('#title-{table}').closest('figure')"
    assert browser.run(f"{figure}.querySelectorAll('td[data-column]').length") > 0
    within = "(e => e.scrollWidth - e.clientWidth)"
    assert browser.run(f"{within}({figure}.querySelector('.scroll'))") == 0


def test_plots_have_the_colours_of_their_paper(browser, page):
    colour = "getComputedStyle(document.querySelector('#plot-equity .xtick text')).fill"
    browser.open(page, width=1400)
    on_light = browser.run(colour)
    browser.open(page, width=1400, dark=True)
    assert on_light != browser.run(colour)


def test_unresolved_colours_reach_no_plot(browser, page):
    browser.open(page, width=1400)
    assert browser.run("document.querySelectorAll('.main-svg [style*=\"var(\"]').length") == 0


def test_log_scale_can_be_switched(browser, page):
    browser.open(page, width=1400)
    kind = "document.getElementById('plot-equity').layout.yaxis.type"
    press = "document.querySelector('button[data-plot=equity]').click()"
    assert browser.run(kind) != "log"
    browser.run(press)
    assert browser.run(kind) == "log"
    browser.run(press)
    assert browser.run(kind) != "log"


def test_another_series_can_be_chosen(browser, page):
    browser.open(page, width=1400)
    browser.run(
        "const s = document.getElementById('series');"
        "s.value = [...s.options].find(o => o.textContent == 'dispersion').value;"
        "s.dispatchEvent(new Event('change'))"
    )
    assert browser.run("document.getElementById('series-name').textContent") == "dispersion"
    assert browser.run("document.querySelector('button[data-plot=series]').hidden") is True
    assert_quiet(browser)


def test_paper_shows_everything_in_light(browser, page):
    browser.open(page, width=1400, dark=True)
    browser.run("dispatchEvent(new Event('beforeprint'))")
    assert browser.run(UNDRAWN) == []
    assert browser.run("[...document.querySelectorAll('details')].every(d => d.open)")
    widths = f"{PLOTS}.map(p => p.querySelector('.main-svg').clientWidth)"
    assert set(browser.run(widths)) == {660}
    browser.run("dispatchEvent(new Event('afterprint'))")
    assert not browser.run("[...document.querySelectorAll('details')].every(d => d.open)")


def test_every_link_leads_somewhere(browser, page):
    browser.open(page, width=1400)
    lost = (
        "[...document.querySelectorAll('a[href]')].map(a => a.getAttribute('href'))"
        ".filter(h => !document.getElementById(h.slice(1)))"
    )
    assert browser.run(lost) == []


def test_hostile_texts_run_nothing(study, show):
    attack = '<img src=x onerror="window.hit=1"></script><script>window.hit=1</script>'
    symbol = pl.col("symbol").replace("AAPL", attack)
    hostile = replace(
        study,
        spec=study.spec.model_copy(update={"description": attack}),
        bars=study.bars.with_columns(symbol),
        positions=study.positions.with_columns(symbol),
        patterns=study.patterns.with_columns(symbol, source=pl.lit(attack)),
    )
    browser = show(hostile, width=1400)
    assert browser.run("window.hit === undefined")
    assert browser.run("document.querySelectorAll('img, main a[href^=http]').length") == 0
    assert browser.run(UNDRAWN) == []
    assert_quiet(browser)


def test_an_empty_study_is_shown(empty_study, show):
    browser = show(empty_study, width=390)
    assert browser.run(WIDER) == 0
    assert_quiet(browser)
