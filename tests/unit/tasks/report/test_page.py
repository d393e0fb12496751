"""The page as text: whole, the same again, harmless, and for any study."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tasks.report.choice import MOST_SYMBOLS
from tasks.report.page import render
from taskspecs.load import parse

ATTACK = '"><script>alert(1)</script><img src=x onerror=alert(2)><a href="http://evil.example">x'


class Reader(HTMLParser):
    """What a browser would make of the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str, str]] = []
        self.texts: list[str] = []
        self.scripts: list[tuple[dict, str]] = []
        self._inside: dict | None = None
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += [(tag, name, value or "") for name, value in attrs]
        if tag == "script":
            self._inside = dict(attrs)

    def handle_endtag(self, tag):
        if tag == "script":
            self._inside = None

    def handle_data(self, data):
        if self._inside is not None:
            self.scripts.append((self._inside, data))
        else:
            self.texts.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.texts).split())


@pytest.fixture(scope="module")
def reader(study) -> Reader:
    return Reader(render(study))


def daily_bars(symbols: int, days: int, *, seed: int = 7) -> pl.DataFrame:
    """Random walks, for studies of a size that the sample has not."""
    moves = np.random.default_rng(seed).normal(0.0003, 0.02, (symbols, days))
    close = 100 * np.exp(moves.cumsum(axis=1))
    first = datetime(2020, 1, 1, 21, tzinfo=UTC)
    ts = [first + timedelta(days=n) for n in range(days)]
    frames = [
        pl.DataFrame({"symbol": [f"S{number:03}"] * days, "ts": ts, "close": row})
        for number, row in enumerate(close)
    ]
    price = pl.col("close")
    return pl.concat(frames).with_columns(
        pl.col("ts").cast(pl.Datetime("us", "UTC")),
        open=price, high=price, low=price, volume=pl.lit(1e6), factor=pl.lit(1.0),
        known_at=pl.col("ts").cast(pl.Datetime("us", "UTC")),
    )  # fmt: skip


def test_equal_inputs_give_equal_bytes(study):
    assert render(study) == render(replace(study))


@pytest.mark.slow
def test_equal_bytes_in_every_process():
    home = Path(__file__).parent / "conftest.py"
    script = (
        "import hashlib, runpy\n"
        "from tasks.report.page import render\n"
        f"made = runpy.run_path({str(home)!r})\n"
        "study = made['assemble_study'](made['read_sample'](), made['write_spec']())\n"
        "print(hashlib.sha256(render(study).encode()).hexdigest())\n"
    )
    digests = set()
    for seed, threads in (("0", "1"), ("1", "2"), ("4242", "8")):
        environment = {**os.environ, "PYTHONHASHSEED": seed, "POLARS_MAX_THREADS": threads}
        done = subprocess.run(
            [sys.executable, "-c", script], env=environment, capture_output=True, text=True,
            check=True, cwd=Path(__file__).parents[4],
        )  # fmt: skip
        digests.add(done.stdout)
    assert len(digests) == 1


def test_inputs_are_not_changed(study):
    before = {name: getattr(study, name).clone() for name in ("bars", "equity", "patterns", "ic")}
    render(study)
    for name, frame in before.items():
        assert frame.equals(getattr(study, name)), name


def test_says_what_was_found(reader):
    assert "After costs the account grew by 11.6% a year" in reader.text
    assert "not distinguishable from luck" in reader.text
    assert "Does half-year momentum pay" in reader.text


def test_nothing_is_fetched(reader):
    addresses = [v for _, name, v in reader.attributes if name in {"src", "href", "action", "data"}]
    assert addresses
    assert [a for a in addresses if not a.startswith(("#", "data:"))] == []
    style = (Path(__file__).parents[4] / "tasks/report/templates/style.css").read_text()
    assert "url(" not in style
    assert "@import" not in style


def test_policy_allows_these_scripts_and_no_others(study):
    page = render(study)
    reader = Reader(page)
    policy = next(v for tag, name, v in reader.attributes if tag == "meta" and "default-src" in v)
    assert "default-src 'none'" in policy
    run = [text for attributes, text in reader.scripts if "type" not in attributes]
    digests = [base64.b64encode(hashlib.sha256(t.encode()).digest()).decode() for t in run]
    assert re.findall(r"'sha256-([^']+)'", policy) == digests
    assert page.count("plotly.js v") == 1


def test_ids_are_unique_and_plots_have_their_data(reader):
    ids = [value for _, name, value in reader.attributes if name == "id"]
    assert [name for name, count in Counter(ids).items() if count > 1] == []
    wanted = {value for _, name, value in reader.attributes if name == "data-source"}
    assert wanted
    assert wanted <= set(ids)


def test_figures_lead_to_the_digest_of_their_file(study, reader):
    ids = {value for _, name, value in reader.attributes if name == "id"}
    links = {value[1:] for tag, name, value in reader.attributes if tag == "a" and name == "href"}
    assert links <= ids
    metrics = next(f for s in study.lineage for f in s["files"] if f["name"] == "metrics.parquet")
    assert metrics["sha256"] in reader.text
    assert any(link.endswith("backtest-file-2") for link in links)


def test_shows_the_spec_so_that_it_runs_again(study):
    text = re.search(r"<pre[^>]*>(.*?)</pre>", render(study), re.DOTALL)[1]
    import html

    assert parse(html.unescape(text)) == study.spec


def test_hostile_texts_stay_texts(study, reader):
    symbol = pl.col("symbol").replace("AAPL", ATTACK)
    state = json.dumps({ATTACK: {"value": 1.0, "unit": ATTACK}})
    hostile = replace(
        study,
        spec=study.spec.model_copy(update={"description": ATTACK}),
        identity={**study.identity, ATTACK: ATTACK},
        bars=study.bars.with_columns(symbol),
        positions=study.positions.with_columns(symbol),
        patterns=study.patterns.with_columns(
            symbol, source=pl.lit(ATTACK), prev_state=pl.lit(state), new_state=pl.lit(ATTACK),
            detector=pl.lit(ATTACK), pattern_id=pl.lit(ATTACK), type=pl.lit(ATTACK),
            contributors=pl.lit([{"field": ATTACK, "score": 1.0}]),
        ),
        metrics=study.metrics.with_columns(note=pl.lit(ATTACK), unit=pl.lit(ATTACK)),
        health=study.health.with_columns(rule=pl.lit(ATTACK), action=pl.lit(ATTACK),
                                         example=pl.lit(ATTACK), meaning=pl.lit(ATTACK)),
        by_year=study.by_year.rename({"cost": ATTACK}),
        reading={ATTACK: [ATTACK]},
        leak={"clean": False, "cuts": 1, "rows_compared": 1, "text": ATTACK},
        lineage=[{**study.lineage[0], "stage": ATTACK, "key": ATTACK, "inputs": [ATTACK],
                  "files": [{"name": ATTACK, "rows": 1, "bytes": 1, "sha256": ATTACK}]}],
    )  # fmt: skip
    page = render(hostile)
    seen = Reader(page)
    assert seen.tags["img"] == reader.tags["img"] == 0
    assert seen.tags["script"] == reader.tags["script"]
    assert [n for _, n, _ in seen.attributes if n.startswith("on")] == []
    assert not [v for t, n, v in seen.attributes if n == "href" and v.startswith("http")]
    assert seen.text.count("alert(1)") > 20
    for attributes, text in seen.scripts:
        if attributes.get("type") == "application/json":
            assert "<" not in text
            json.loads(text)


def test_an_empty_study_has_a_page(empty_study):
    text = Reader(render(empty_study)).text
    assert "Nothing was traded" in text
    assert "There are no bars" in text
    assert "holds no verdict" in text


def test_without_patterns_it_says_so(study):
    none = replace(study, patterns=study.patterns.clear())
    assert "None of 25 alarms survives" in Reader(render(none)).text
    none = replace(none, cards=study.cards.clear())
    assert "The detectors found nothing." in Reader(render(none)).text
    silent = replace(none, patterns=study.patterns.clear(), spec=study.spec.model_copy(
        update={"detection": ()}))  # fmt: skip
    assert "The spec names no detectors." in Reader(render(silent)).text


def test_without_trades_it_says_so(study):
    zero = pl.lit(0.0)
    idle = replace(
        study,
        positions=study.positions.clear(),
        equity=study.equity.with_columns(
            account=pl.lit(1e6), cash=pl.lit(1e6), position_value=zero, gross_return=zero,
            net_return=zero, turnover=zero, cost=zero, drawdown=zero, holdings=pl.lit(0),
        ),
    )  # fmt: skip
    text = Reader(render(idle)).text
    assert "The strategy held nothing from" in text
    assert "Nothing was held." in text


def test_one_symbol(study, build_study):
    bars = study.bars.filter(pl.col("symbol") == "IBM")
    one = build_study(bars, backtest={"topk": 1, "n_drop": 1})
    text = Reader(render(one)).text
    assert "of 1 symbol," in text
    assert "too few scores and labels" in text


def test_many_symbols_are_not_all_drawn(build_study):
    many = build_study(
        daily_bars(505, 160), every=40, backtest={"topk": 20, "n_drop": 5},
        data={"timezone": "UTC", "source": "file", "path": "bars.parquet"},
    )  # fmt: skip
    page = render(many)
    seen = Reader(page)
    assert f"Drawn are {MOST_SYMBOLS} of 505 symbols" in seen.text
    drawn = [a for a, _ in seen.scripts if a.get("id", "").startswith("data-series-")]
    assert len(drawn) == MOST_SYMBOLS + len(many.market.columns) - 1
    assert "patterns of highest confidence, of" in seen.text
    assert "others" in seen.text
    assert len(page) < 7_000_000


def test_long_series_are_thinned_and_say_so(build_study):
    spec = {"data": {"source": "file", "path": "x.csv", "timezone": "UTC"}}
    long = build_study(daily_bars(3, 6_000), every=2_000, **spec)
    page = render(long)
    assert "are drawn by 5,000" in Reader(page).text


def test_a_leak_is_said_first(study):
    leaky = replace(study, leak={"clean": False, "cuts": 2, "rows_compared": 9, "text": "Late."})
    text = Reader(render(leaky)).text
    assert "Do not rely on this report." in text
    assert text.index("Do not rely") < text.index("Key figures")
