// Now: what runs, what was found, what strategies want, and what is not as it should be.

import { html } from "../vendor/preact.js";
import { useAnswer, useItems } from "../app/hooks.js";
import { Answer, Badge, Empty, Panel, RunLink, Table, Trouble } from "../app/parts.js";
import { Bars } from "../app/charts.js";
import { Progress } from "../app/progress.js";
import { local, moment, named, number, percent, whole } from "../app/format.js";
import { t } from "../app/texts.js";

const SHOWN = 8;

export function Now() {
  const runs = useAnswer("/runs");
  return html`<div class="grid">
    <${UnderWay} />
    <${Alerts} />
    <${Newest} any=${Boolean(runs.value?.length)} runs=${runs} />
    <${Opportunities} />
    <${Signals} />
    <${Recent} runs=${runs} />
  </div>`;
}

function UnderWay() {
  const started = useAnswer("/started");
  return html`<${Panel} title=${t("underway")}><${Answer} told=${started}>${(all) => {
    const running = all.filter((one) => one.state === "running");
    if (!running.length) return html`<${Empty}>${t("nothing_runs")} <a href="#/studies">${t("start_one")}</a><//>`;
    return running.map((one) => html`<article class="under" key=${one.id}>
      <h3><a href=${`#/started/${encodeURIComponent(one.id)}`}>${one.study}</a> <span class="soft">${local(one.started_at, "second")}</span></h3>
      <${Progress} id=${one.id} /></article>`);
  }}<//><//>`;
}

function alertsOf(health, inbox) {
  const found = (health || []).filter((each) => each.state !== "ok")
    .map((each) => ({ state: each.state, what: each.what, found: each.found, mend: each.mend }));
  for (const [kind, count] of Object.entries(inbox?.dead || {})) {
    if (count) found.push({ state: "wrong", what: t("dead_letters"), found: `${whole(count)} ${kind}`, mend: "qraft events dead" });
  }
  for (const [study, count] of Object.entries(inbox?.failing || {})) {
    if (count) found.push({ state: "wrong", what: t("failing", study), found: whole(count), mend: null });
  }
  return found.sort((one, other) => (one.state === "wrong" ? 0 : 1) - (other.state === "wrong" ? 0 : 1));
}

function Alerts() {
  const health = useAnswer("/health"), inbox = useAnswer("/events");
  return html`<${Panel} title=${t("alerts")}><${Answer} told=${health}>${(value) => {
    const alerts = alertsOf(value, inbox.value);
    if (!alerts.length) return html`<${Empty}>${t("no_alerts")}<//>`;
    return html`<ul class="list">${alerts.map((each) => html`<li key=${each.what}><${Badge} kind=${each.state}>${t(each.state)}<//> <b>${each.what}</b> ${each.found}
      ${each.mend ? html`<span class="soft"> ${t("mend")}: ${each.mend}</span>` : null}</li>`)}</ul>`;
  }}<//><//>`;
}

function Newest({ any, runs }) {
  const kept = useAnswer(any ? `/patterns?limit=${SHOWN}` : null);
  const nothing = kept.value && !kept.value.patterns.length;
  const withheld = useAnswer(nothing ? `/patterns?withheld=true&limit=${SHOWN}` : null);
  const page = nothing ? withheld.value : kept.value;
  const empty = runs.value && !any;
  return html`<${Panel} title=${t("newest_patterns")} wide extra=${html`<a href="#/patterns">${t("all")}</a>`}>
    ${runs.error || kept.error ? html`<${Trouble} error=${runs.error || kept.error} />` : null}
    ${empty ? html`<${Empty}>${t("no_runs")}<//>` : null}
    ${nothing ? html`<p class="soft pad">${t("none_stands_out", 0, whole(kept.value.withheld))}</p>` : null}
    <div class="cards">${(page?.patterns || []).map((one) => html`<${Card} key=${one.pattern_id} one=${one} page=${page} withheld=${nothing} />`)}</div><//>`;
}

function Card({ one, page, withheld }) {
  const around = useAnswer(`/patterns/${one.pattern_id}/bars?before=40&after=20`);
  const name = one.symbol ?? t("market");
  return html`<article class="card">
    <h3><a href=${`#/pattern/${one.pattern_id}`}>${name}</a> <${Badge} kind=${one.type}>${t(one.type)}<//>${withheld ? html` <${Badge}>${t("withheld")}<//>` : null}
      <span class="grow"></span><time class="soft">${moment(one.ts, page.zone, page.frequency)}</time></h3>
    ${around.value?.bars.length ? html`<${Bars} bars=${around.value.bars} ts=${one.ts} name=${name} field=${one.contributors[0]?.field} zone=${page.zone} frequency=${page.frequency} small />` : html`<div class="hollow">${around.error ? around.error.message : ""}</div>`}
    <p class="soft cut">${one.detector}${withheld ? null : html` · ${t("confidence")} <b>${percent(one.confidence, 0)}</b>`} · <code>${one.source}</code></p></article>`;
}

function Opportunities() {
  const told = useAnswer("/opportunities");
  return html`<${Panel} title=${t("opportunities")}><${Answer} told=${told} empty=${t("no_opportunities")}>${(rows) => html`<${Table} label=${t("opportunities")} rows=${rows} keyOf=${(row) => row.symbol} columns=${[
    { name: "symbol", label: t("symbol") },
    { name: "score", label: t("score"), number: true, cell: (row) => number(row.score, 3) },
    { name: "agreement", label: t("agreement"), number: true, cell: (row) => percent(row.agreement, 0) },
    { name: "stage", label: t("stage"), cell: (row) => html`<${Badge} kind=${row.stage}>${row.stage}<//>` },
    { name: "valid_until", label: t("valid_until"), cell: (row) => local(row.valid_until) },
    { name: "contributors", label: t("who"), long: true, cell: (row) => row.contributors.map((each) => html`<div><a href=${`#/gate/${encodeURIComponent(each.strategy)}`}>${each.strategy}</a> ${number(each.share, 3)}</div>`) },
  ]} />`}<//><//>`;
}

function Signals() {
  const items = useItems("signals", 12);
  const rows = items.map((item) => item.data).reverse();
  return html`<${Panel} title=${t("signals")}>${rows.length ? html`<${Table} label=${t("signals")} rows=${rows} keyOf=${(row) => row.entry} columns=${[
    { name: "strategy", label: t("strategy"), cell: (row) => html`<a href=${`#/gate/${encodeURIComponent(row.strategy)}`}>${row.strategy}</a>` },
    { name: "stage", label: t("stage"), cell: (row) => row.stage ? html`<${Badge} kind=${row.stage}>${row.stage}<//>` : "–" },
    { name: "number", label: t("number"), number: true },
    { name: "published", label: t("published"), long: true, cell: (row) => row.published ? local(row.published) : html`${t("held_back")}: ${row.held_back.join("; ")}` },
  ]} />` : html`<${Empty}>${t("no_signals")}<//>`}<//>`;
}

function Recent({ runs }) {
  return html`<${Panel} title=${t("recent_runs")} wide extra=${html`<a href="#/studies">${t("all")}</a>`}><${Answer} told=${runs} empty=${t("no_runs")}>${(rows) => html`<${RunTable} rows=${rows.slice(0, 6)} />`}<//><//>`;
}

const FIGURES = ["annual_return", "sharpe", "max_drawdown", "annual_turnover", "ic_mean"];

export function RunTable({ rows, choosing }) {
  const columns = [
    { name: "run_id", label: t("run"), cell: (row) => html`<${RunLink} id=${row.run_id} />` },
    { name: "name", label: t("study"), cell: (row) => html`${row.name}${row.variant ? html` <span class="soft">${row.variant}</span>` : null}` },
    { name: "tried_at", label: t("tried"), cell: (row) => local(row.tried_at) },
    { name: "symbols", label: t("symbols"), number: true, cell: (row) => whole(row.symbols) },
    { name: "first_ts", label: t("from"), cell: (row) => moment(row.first_ts, row.zone, "day") },
    { name: "last_ts", label: t("to"), cell: (row) => moment(row.last_ts, row.zone, "day") },
    ...FIGURES.map((name) => ({ name, label: t(name), number: true, cell: (row) => named(name, row.metrics[name]) })),
    { name: "patterns", label: t("patterns"), number: true, cell: (row) => html`<a href=${`#/patterns/${encodeURIComponent(row.run_id)}`}>${whole(row.patterns)}<span class="soft"> / ${whole(row.patterns + row.withheld)}</span></a>` },
    { name: "gate_stage", label: t("stage"), cell: (row) => row.gate_stage ? html`<a href=${`#/gate/${encodeURIComponent(row.strategy)}`}><${Badge} kind=${row.gate_stage}>${row.gate_stage}<//></a>` : "–" },
  ];
  return html`<${Table} label=${t("runs")} rows=${rows} keyOf=${(row) => row.run_id} columns=${choosing ? [choosing, ...columns] : columns} />`;
}
