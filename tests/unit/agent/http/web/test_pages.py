"""Every page: it loads, shows the demo, fetches nothing elsewhere, and can be read by everybody."""

from __future__ import annotations

import json

import pytest

from tests.unit.agent.http.web.conftest import NARROW

PAGES = {
    "now": ("us_momentum", "dryrun", "stand out"),
    "studies/us_momentum": ("Valid: run", "crypto_breakout", "to compute|done"),
    "runs/last": ("benchmark_annual_return", "survivorship", "Cross-sectional momentum"),
    "patterns///withheld": ("half_space_trees", "AAPL"),
    "pattern/ALARM": ("own_confidence", "False alarms", "Contributors"),
    "research": ("What do you want to know?",),
    "factors": ("Mean rank IC", "rolling mean of 63"),
    "gate": ("dryrun → paper", "superior_ability", "qraft gate check us_momentum@"),
    "system": (
        "all are installed|telemetry",
        "No study has a schedule",
        "Off until it is asked for",
    ),
}
TAB = {"key": "Tab", "code": "Tab", "windowsVirtualKeyCode": 9}
CONTROLS = """[...document.querySelectorAll(
  'a[href], button:not(:disabled), select, input, textarea, summary, [tabindex="0"]'
)].filter((each) => each.checkVisibility())"""
CHARTS = {"now": 8, "pattern/ALARM": 1, "factors": 3}


@pytest.mark.parametrize("page", PAGES)
def test_a_page(site, alarm, page):
    for width, dark in ((1_400, False), (NARROW, True)):
        site.load(page.replace("ALARM", alarm), width=width, dark=dark)
        for text in PAGES[page]:
            asked = json.dumps(text.split("|"))
            shown = "document.querySelector('main').innerText.toLowerCase()"
            site.wait(f"return {asked}.some(text => {shown}.includes(text.toLowerCase()))")
        if charts := CHARTS.get(page):
            site.wait(f"return document.querySelectorAll('svg.chart').length >= {charts}")
        site.wait("return document.querySelector('.state.live')")
        site.run("document.querySelectorAll('details').forEach(each => each.open = true)")
        assert site.wrong() == []
        assert site.troubles() == []


def test_a_very_wide_window(site):
    site.load("now", width=2_560)
    site.wait_for("us_momentum")
    assert site.wrong() == []


@pytest.mark.parametrize("page", ["studies/us_momentum", "pattern/ALARM", "system"])
def test_the_keyboard_reaches_every_control(site, alarm, page):
    site.load(page.replace("ALARM", alarm))
    site.wait(
        "return document.querySelectorAll('section.panel button, section.panel table').length"
    )
    site.wait("return !document.querySelector('main').innerText.includes('Reading …')")
    site.run("""
      window.reached = new Set();
      document.addEventListener('focusin', (event) => window.reached.add(event.target));
      document.querySelector('.skip').focus();
    """)
    controls = len(site.run(f"{CONTROLS}.map((each) => each.outerHTML)"))
    for _ in range(controls + 5):
        for kind in ("keyDown", "keyUp"):
            site.call("Input.dispatchKeyEvent", type=kind, **TAB)
    missed = site.run(
        f"{CONTROLS}.filter((each) => !window.reached.has(each)).map((each) => each.outerHTML)"
    )
    assert controls > 10
    assert missed == []


def test_theme_and_language_are_chosen_and_kept(site):
    site.load("gate")
    site.wait_for("superior_ability")
    site.run("document.querySelectorAll('button.quiet')[0].click()")
    site.run("document.querySelectorAll('button.quiet')[0].click()")
    site.wait("return document.documentElement.dataset.theme === 'dark'")
    site.run("document.querySelectorAll('button.quiet')[1].click()")
    site.wait_for("只读：由人在终端决定。")
    assert site.wrong() == []
    site.load("gate")
    site.wait_for("策略")
    assert site.run("[document.documentElement.lang, document.documentElement.dataset.theme]") == [
        "zh",
        "dark",
    ]
    site.run("localStorage.clear()")


def test_the_gate_is_only_read(site):
    site.load("gate")
    site.wait_for("superior_ability")
    assert site.run(
        "[...document.querySelectorAll('main button')].map(each => each.innerText)"
    ) == ["Copy"]
