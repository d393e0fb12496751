// A run: one that was started, as it goes; one that is finished, with its figures and its report.

import { html, useState } from "../vendor/preact.js";
import { API, post } from "../app/api.js";
import { changed, useAnswer } from "../app/hooks.js";
import { Answer, Badge, Facts, Panel, RunLink, Table, Trouble } from "../app/parts.js";
import { Line, useRun } from "../app/progress.js";
import { figure, local, moment, named, seconds, whole, words } from "../app/format.js";
import { taskspec } from "../app/yaml.js";
import { t } from "../app/texts.js";
import { takeIntoEditor } from "./studies.js";

export function StartedRun({ rest }) {
  const [id] = rest;
  const told = useAnswer(`/started/${encodeURIComponent(id)}`);
  const { items, ended, last, stages } = useRun(told.value ? id : null);
  const [error, fail] = useState(null);
  const cancel = async () => { try { await post(`/started/${encodeURIComponent(id)}/cancel`, {}); changed(); } catch (said) { fail(said); } };
  const state = ended || told.value?.state;
  return html`<div class="grid"><${Panel} wide title=${told.value?.study || t("run")} note=${id} extra=${html`
      ${state ? html`<${Badge} kind=${state}>${t(state)}<//>` : null}
      ${state === "running" ? html`<button type="button" onClick=${cancel}>${t("cancel")}</button>` : null}
      ${last?.run_id ? html`<${RunLink} id=${last.run_id}>${t("see_run")}<//>` : null}`}>
    <${Answer} told=${told}>${() => html`<${Line} stages=${stages} />`}<//>
    ${error ? html`<${Trouble} error=${error} />` : null}
    ${last?.error ? html`<${Trouble} error=${{ message: last.error.what, ...last.error }} />` : null}<//>
    <${Panel} wide title=${t("happened")}><${Table} label=${t("happened")} rows=${items.filter((item) => item.data.kind !== "stage_progress").map((item) => item.data).reverse()} keyOf=${(row) => row.number} columns=${[
      { name: "at", label: t("time"), cell: (row) => local(row.at, "second") }, { name: "kind", label: t("kind") },
      { name: "stage", label: t("stage") }, { name: "seconds", label: "s", number: true, cell: (row) => seconds(row.seconds) },
      { name: "rows", label: t("rows"), number: true, cell: (row) => whole(row.rows) }, { name: "text", label: t("note"), long: true, cell: (row) => row.text || row.error?.what || "" },
    ]} /><//></div>`;
}

export function Run({ rest }) {
  const told = useAnswer(`/runs/${encodeURIComponent(rest[0])}`);
  return html`<${Answer} told=${told}>${(run) => html`<${Detail} run=${run} />`}<//>`;
}

const FIRST = ["annual_return", "benchmark_annual_return", "sharpe", "max_drawdown", "annual_volatility", "annual_turnover", "annual_cost", "ic_mean", "ic_t"];

function Detail({ run }) {
  const [open, show] = useState(false);
  const page = `${API}/runs/${encodeURIComponent(run.run_id)}/report`;
  const order = (row) => { const at = FIRST.indexOf(row.name); return at < 0 ? FIRST.length : at; };
  const figures = [...run.figures].sort((one, other) => order(one) - order(other) || one.name.localeCompare(other.name));
  const found = run.health.filter((each) => each.count);
  return html`<div class="grid">
    <${Panel} wide title=${run.name} note=${run.run_id} extra=${run.gate_stage ? html`<a href=${`#/gate/${encodeURIComponent(run.strategy)}`}><${Badge} kind=${run.gate_stage}>${run.gate_stage}<//></a>` : null}>
      <p class="pad prose">${run.description}</p>
      <${Facts} of=${[[t("tried"), local(run.tried_at)], [t("by"), run.road], [t("symbols"), whole(run.symbols)], [t("from"), moment(run.first_ts, run.zone, "day")], [t("to"), moment(run.last_ts, run.zone, "day")],
        [t("strategy"), run.strategy], [t("patterns"), html`<a href=${`#/patterns/${encodeURIComponent(run.run_id)}`}>${whole(run.patterns)} / ${whole(run.patterns + run.withheld)}</a>`], [t("factors"), html`<a href=${`#/factors/${encodeURIComponent(run.run_id)}`}>${t("ic_series")}</a>`]]} />
      <div class="row pad"><button type="button" onClick=${() => { takeIntoEditor(taskspec(run.spec)); location.hash = "#/studies"; }}>${t("into_editor")}</button>
        <button type="button" aria-expanded=${String(open)} onClick=${() => show(!open)}>${t("show_report")}</button><a href=${page} target="_blank" rel="noreferrer">${t("open_apart")}</a></div>
      ${open ? html`<iframe class="report" title=${t("report")} src=${page} sandbox="allow-scripts"></iframe>` : null}<//>
    <${Panel} title=${t("figures")}><${Table} label=${t("figures")} rows=${figures} keyOf=${(row) => row.name} columns=${[
      { name: "name", label: t("figure") }, { name: "value", label: t("value"), number: true, cell: (row) => named(row.name, row.value) }, { name: "note", label: t("note"), long: true, cell: (row) => html`<span class="soft">${row.note}</span>` }]} /><//>
    <div class="stack"><${Panel} title=${t("data_health")}><${Table} label=${t("data_health")} rows=${found} keyOf=${(row) => row.rule} columns=${[
      { name: "rule", label: t("rule") }, { name: "count", label: t("count"), number: true, cell: (row) => whole(row.count) }, { name: "action", label: t("action") }, { name: "meaning", label: t("meaning"), long: true, cell: (row) => html`<span class="soft">${row.meaning}</span>` }]} /><//>
    <${Panel} title=${t("lineage")}><${Table} label=${t("lineage")} rows=${run.lineage} keyOf=${(row) => row.stage} columns=${[
      { name: "stage", label: t("stage") }, { name: "inputs", label: t("reads"), long: true, cell: (row) => row.inputs.join(", ") }, { name: "key", label: t("key"), cell: (row) => html`<code>${row.key.slice(0, 12)}</code>` }]} /><//>
    <${Panel} title="TaskSpec"><pre class="source" tabindex="0">${taskspec(run.spec)}</pre><//></div></div>`;
}

export function Compared({ rest }) {
  const told = useAnswer(`/runs/compare?${rest.map((id) => `run=${encodeURIComponent(id)}`).join("&")}`);
  return html`<div class="grid"><${Panel} wide title=${t("compare")}><${Answer} told=${told}>${(value) => html`<${Table} label=${t("compare")} rows=${value.figures} keyOf=${(row) => row.name} columns=${[
    { name: "name", label: t("figure") },
    ...value.runs.map((run) => ({ label: html`<${RunLink} id=${run.run_id}>${run.label}<//>`, number: true, cell: (row) => named(row.name, row.values[run.label]) })),
    { name: "unit", label: t("unit"), cell: (row) => html`<span class="soft">${row.unit}</span>` },
  ]} />`}<//><//></div>`;
}

export function Metrics({ of, title }) {
  const rows = Object.entries(of).filter(([, each]) => each && typeof each === "object" && "value" in each).map(([name, each]) => ({ name, ...each }));
  if (!rows.length) return null;
  return html`<${Table} label=${title} rows=${rows} keyOf=${(row) => row.name} columns=${[
    { name: "name", label: title }, { name: "value", label: t("value"), number: true, cell: (row) => typeof row.value === "number" ? figure(row.value) : words(row.value) }, { name: "unit", label: t("unit"), cell: (row) => html`<span class="soft">${row.unit}</span>` }]} />`;
}
