// Studies and runs: a TaskSpec written, validated as it is written, planned, run; and what was run.

import { html, useEffect, useRef, useState } from "../vendor/preact.js";
import { get, post } from "../app/api.js";
import { useAnswer } from "../app/hooks.js";
import { Answer, Badge, Empty, Field, Panel, Table, Trouble } from "../app/parts.js";
import { Line } from "../app/progress.js";
import { local, whole } from "../app/format.js";
import { taskspec } from "../app/yaml.js";
import { t } from "../app/texts.js";
import { RunTable } from "./now.js";

const PAUSE_MS = 600;
let written = "";

export function takeIntoEditor(text) { written = text; }

export function Studies({ rest }) {
  return html`<div class="grid"><${Editor} wanted=${rest[0]} /><${Runs} /><${Started} /><${All} /></div>`;
}

function Editor({ wanted }) {
  const studies = useAnswer("/studies");
  const [text, put] = useState(written);
  const [told, tell] = useState({});
  const [busy, hold] = useState(false);
  const turn = useRef(0);
  const area = useRef(null);
  const change = (next) => { written = next; put(next); };
  const load = async (name) => {
    if (!name) return;
    try { change(taskspec(await get(`/studies/${encodeURIComponent(name)}`))); } catch (error) { tell({ error }); }
  };
  const plan = async () => {
    const own = (turn.current += 1);
    if (!text.trim()) { tell({}); return; }
    tell({ busy: true });
    try {
      const plan = await post("/plans", { taskspec: text });
      if (own === turn.current) tell({ plan });
    } catch (error) { if (own === turn.current) tell({ error }); }
  };
  const start = async () => {
    hold(true);
    try { location.hash = `#/started/${(await post("/runs", { taskspec: text })).id}`; } catch (error) { tell({ error }); }
    hold(false);
  };
  useEffect(() => { if (wanted) load(wanted); }, [wanted]);
  useEffect(() => { const due = setTimeout(plan, PAUSE_MS); return () => clearTimeout(due); }, [text]);
  const keys = (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); plan(); }
  };
  const at = told.error?.place?.line;
  return html`<${Panel} title=${t("editor")} wide extra=${html`<${Field} label=${t("load")} hidden><select onChange=${(event) => load(event.target.value)}>
      <option value="">${t("load")} …</option>${(studies.value || []).map((each) => html`<option value=${each.name}>${each.name}</option>`)}</select><//>`}>
    <div class="edit"><div>
      <${Numbered} area=${area} text=${text} at=${at} onInput=${change} onKeyDown=${keys} />
      <div class="row"><button type="button" onClick=${plan}>${t("plan")}</button>
        <button type="button" class="main" disabled=${busy || !told.plan} onClick=${start}>${t("start")}</button><span class="soft">${t("ctrl_enter")}</span></div></div>
    <div aria-live="polite">${told.error ? html`<${Trouble} error=${told.error} />` : null}${told.plan ? html`<${Plan} plan=${told.plan} />` : null}
      ${told.error || told.plan ? null : html`<${Empty}>${t(told.busy ? "loading" : "plan_here")}<//>`}</div></div><//>`;
}

function Numbered({ area, text, at, onInput, onKeyDown }) {
  const gutter = useRef(null);
  const lines = text.split("\n").length;
  const follow = () => { gutter.current.scrollTop = area.current.scrollTop; };
  useEffect(follow);
  return html`<div class="editor"><div class="gutter" ref=${gutter} aria-hidden="true">${Array.from({ length: Math.max(lines, 1) }, (_, place) => html`<span class=${place + 1 === at ? "at" : ""}>${place + 1}</span>`)}</div>
    <textarea ref=${area} value=${text} onInput=${(event) => onInput(event.target.value)} onKeyDown=${onKeyDown} onScroll=${follow}
      spellcheck="false" autocapitalize="off" wrap="off" aria-label=${t("editor")} aria-invalid=${at != null ? "true" : "false"} rows="22"></textarea></div>`;
}

export function Plan({ plan }) {
  const stages = plan.stages.map((one) => ({ stage: one.stage, state: one.state === "done" ? "done" : "to_compute", reads: one.reads }));
  return html`<p class="good pad">${t("valid", plan.run_id)} <span class="soft">${plan.strategy}</span></p><${Line} stages=${stages} />
    ${plan.features.length ? html`<${Table} label=${t("features")} rows=${plan.features} columns=${[
      { name: "feature", label: t("features") }, { name: "expression", label: t("expression"), long: true, cell: (row) => html`<code>${row.expression}</code>` },
      { name: "history_rows", label: `${t("history")}, ${t("rows")}`, number: true, cell: (row) => row.history_rows == null ? t("all") : whole(row.history_rows) },
    ]} />` : null}`;
}

function Started() {
  const told = useAnswer("/started");
  return html`<${Panel} title=${t("started")}><${Answer} told=${told} empty=${t("no_started")}>${(rows) => html`<${Table} label=${t("started")} rows=${rows.slice(0, 12)} keyOf=${(row) => row.id} columns=${[
    { name: "study", label: t("study"), cell: (row) => html`<a href=${`#/started/${encodeURIComponent(row.id)}`}>${row.study}</a>` },
    { name: "started_at", label: t("time"), cell: (row) => local(row.started_at, "second") },
    { name: "state", label: t("state"), cell: (row) => html`<${Badge} kind=${row.state}>${t(row.state)}<//> ${row.state === "done" ? "" : row.stage || ""}` },
    { name: "error", label: t("reason"), long: true, cell: (row) => row.error?.what || "" },
  ]} />`}<//><//>`;
}

function Runs() {
  const told = useAnswer("/runs");
  const [chosen, choose] = useState([]);
  const toggle = (id) => choose((before) => before.includes(id) ? before.filter((each) => each !== id) : [...before, id].slice(-8));
  const choosing = { label: t("compare"), cell: (row) => html`<input type="checkbox" checked=${chosen.includes(row.run_id)} onChange=${() => toggle(row.run_id)} aria-label=${`${t("compare")} ${row.run_id}`} />` };
  const fits = chosen.length > 1;
  return html`<${Panel} title=${t("runs")} wide extra=${html`<span class="soft">${fits ? "" : t("compare_hint")}</span><button type="button" disabled=${!fits} onClick=${() => { location.hash = `#/compare/${chosen.join("/")}`; }}>${t("compare")}</button>`}>
    <${Answer} told=${told} empty=${t("no_runs")}>${(rows) => html`<${RunTable} rows=${rows} choosing=${choosing} />`}<//><//>`;
}

function All() {
  const told = useAnswer("/studies");
  return html`<${Panel} title=${t("all_studies")}><${Answer} told=${told}>${(rows) => rows.length ? html`<${Table} label=${t("studies")} rows=${rows} keyOf=${(row) => row.path} columns=${[
    { name: "name", label: t("study"), cell: (row) => html`<a href=${`#/studies/${encodeURIComponent(row.name)}`}>${row.name}</a>` },
    { name: "description", label: t("description"), long: true },
    { name: "woken_by", label: t("woken_by"), cell: (row) => [...row.woken_by, row.cron && `${row.cron} ${row.timezone || ""}`].filter(Boolean).join(", ") || "–" },
  ]} />` : html`<${Empty}>${t("none")}<//>`}<//><//>`;
}
