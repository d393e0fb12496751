// System: processes, events, health, the schedule; the log as it happens where it is asked for.

import { html, useState } from "../vendor/preact.js";
import { useAnswer, useItems } from "../app/hooks.js";
import { Answer, Badge, Empty, Facts, Panel, Table } from "../app/parts.js";
import { local, whole, words } from "../app/format.js";
import { t } from "../app/texts.js";

const SHOWN = 300;

export function System() {
  return html`<div class="grid"><div class="stack"><${Processes} /><${Events} /><${Schedule} /></div><${Health} /><${Log} /></div>`;
}

function Processes() {
  const rows = useItems("system.processes", 1).at(-1)?.data;
  return html`<${Panel} title=${t("processes")}>${rows?.length ? html`<${Table} label=${t("processes")} rows=${rows} columns=${[
    { name: "name", label: t("processes") }, { name: "pid", label: "PID", number: true, cell: (row) => row.pid ?? "–" }, { name: "about", label: t("about"), long: true },
    { name: "parts", label: t("details"), long: true, cell: (row) => Object.entries(row.parts).map(([name, part]) => html`<div><b>${name}</b> <span class="soft">${words(part)}</span></div>`) }]} />`
    : html`<${Empty}>${rows ? t("no_processes") : t("loading")}<//>`}<//>`;
}

function Events() {
  const status = useItems("system.status", 1).at(-1)?.data;
  const dead = useAnswer("/events/dead");
  const inbox = status?.inbox;
  return html`<${Panel} title=${t("events")}>
    ${status ? html`<${Facts} of=${[[t("head"), whole(status.head)], ...(inbox ? [[t("waiting"), whole(inbox.waiting)], [t("running"), whole(inbox.running)], [t("untold"), whole(inbox.untold)], [t("listeners"), whole(inbox.listeners)]] : [])]} />` : null}
    ${status && !inbox ? html`<${Empty}>${t("no_inbox")}<//>` : null}
    <h3 class="pad">${t("dead_letters")}</h3><${Answer} told=${dead} empty=${t("no_dead")}>${(rows) => html`<${Table} label=${t("dead_letters")} rows=${rows} keyOf=${(row) => row.id} columns=${[
      { name: "id", label: "ID" }, { name: "type", label: t("type") }, { name: "study", label: t("study") }, { name: "kind", label: t("kind") }, { name: "reason", label: t("reason"), long: true }]} />`}<//><//>`;
}

function Health() {
  const told = useAnswer("/health");
  const order = { wrong: 0, note: 1, ok: 2 };
  return html`<${Panel} title=${t("health")}><${Answer} told=${told}>${(rows) => html`<${Table} label=${t("health")} rows=${[...rows].sort((one, other) => order[one.state] - order[other.state])} keyOf=${(row) => row.what} columns=${[
    { name: "what", label: t("what") }, { name: "state", label: t("state"), cell: (row) => html`<${Badge} kind=${row.state}>${t(row.state)}<//>` },
    { name: "found", label: t("found"), long: true, cell: (row) => html`${row.found}${row.state !== "ok" && row.mend ? html`<br /><span class="soft">${t("mend")}: ${row.mend}</span>` : null}` }]} />`}<//><//>`;
}

function Schedule() {
  const told = useAnswer("/schedule");
  return html`<${Panel} title=${t("schedule")}><${Answer} told=${told} empty=${t("no_schedule")}>${(rows) => html`<${Table} label=${t("schedule")} rows=${rows} keyOf=${(row) => row.study} columns=${[
    { name: "study", label: t("study") }, { name: "cron", label: "cron", cell: (row) => html`<code>${row.cron}</code> ${row.timezone}` }, { name: "next", label: t("next"), cell: (row) => local(row.next[0]) },
    { name: "failing_because", label: t("reason"), long: true, cell: (row) => row.failing_because || row.note || "" }]} />`}<//><//>`;
}

const OWN = ["at", "event", "level"];

function Log() {
  const [on, turn] = useState(false);
  const items = useItems(on ? "logs" : null, SHOWN);
  return html`<${Panel} title=${t("logs")} wide extra=${html`<button type="button" aria-pressed=${String(on)} onClick=${() => turn(!on)}>${t(on ? "end" : "begin")}</button>`}>
    ${on ? html`<${Table} label=${t("logs")} rows=${[...items].reverse()} keyOf=${(row) => row.cursor} columns=${[
      { label: t("time"), cell: (row) => local(row.data.at, "second") }, { label: t("event"), cell: (row) => words(row.data.event) }, { label: t("level"), cell: (row) => html`<${Badge} kind=${row.data.level === "error" ? "wrong" : ""}>${words(row.data.level)}<//>` },
      { label: t("details"), long: true, cell: (row) => html`<code>${Object.entries(row.data).filter(([name]) => !OWN.includes(name)).map(([name, value]) => `${name}=${words(value)}`).join("  ")}</code>` }]} />` : html`<${Empty}>${t("logs_off")}<//>`}<//>`;
}
