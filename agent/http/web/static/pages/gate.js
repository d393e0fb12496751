// The gate, to be read: where strategies stand, what their next step asks, and the command to type.

import { html } from "../vendor/preact.js";
import { useAnswer } from "../app/hooks.js";
import { Answer, Badge, Copy, Empty, Facts, Panel, RunLink, Table } from "../app/parts.js";
import { figure, local, typed, whole } from "../app/format.js";
import { t } from "../app/texts.js";

const ORDER = ["live", "paper", "dryrun"];

export function Gate({ rest }) {
  const strategies = useAnswer("/gate/strategies");
  const chosen = rest[0] || strategies.value?.[0]?.strategy;
  const rank = (row) => { const at = ORDER.indexOf(row.stage); return at < 0 ? ORDER.length : at; };
  return html`<div class="grid"><${Panel} title=${t("strategies")} wide note=${t("read_only")}><${Answer} told=${strategies} empty=${t("no_strategies")}>${(rows) => html`<${Table} label=${t("strategies")} rows=${[...rows].sort((one, other) => rank(one) - rank(other))} keyOf=${(row) => row.strategy} chosen=${(row) => row.strategy === chosen} columns=${[
    { name: "strategy", label: t("strategy"), cell: (row) => html`<a href=${`#/gate/${encodeURIComponent(row.strategy)}`}>${row.strategy}</a>` },
    { name: "stage", label: t("stage"), cell: (row) => html`<${Badge} kind=${row.stage}>${row.stage}<//>` },
    { name: "next_stage", label: t("next_step"), cell: (row) => row.next_stage || "–" },
    { label: t("checks"), number: true, cell: (row) => `${row.checks.filter((each) => each.passed).length} / ${row.checks.length}` },
    { label: t("approvals"), number: true, cell: (row) => `${row.approvals.filter((each) => !each.void).length} / ${row.approvals_needed}` },
    { name: "proposals", label: t("proposals"), number: true }, { name: "trials_in_family", label: t("trials"), number: true },
    { name: "run_id", label: t("run"), cell: (row) => html`<${RunLink} id=${row.run_id} />` },
  ]} />`}<//><//>${chosen ? html`<${Story} key=${chosen} wanted=${chosen} />` : null}<${Ledger} /></div>`;
}

// What a person types next; nothing here types it for them.
export function commandFor(story) {
  if (!story.next_stage) return null;
  const counting = story.approvals.filter((each) => !each.void).length;
  const name = typed(story.strategy);
  if (story.unmet.length) return `qraft gate check ${name}`;
  return counting >= story.approvals_needed ? `qraft gate promote ${name}` : `qraft gate approve ${name} --reason "..."`;
}

function Story({ wanted }) {
  const told = useAnswer(`/gate/strategies/${encodeURIComponent(wanted.split("@")[0])}`);
  return html`<${Answer} told=${told}>${(story) => html`
    <${Panel} title=${`${story.stage} → ${story.next_stage || "–"}`} note=${story.strategy}>
      ${story.halted ? html`<p class="bad pad">${t("halted")}</p>` : null}${story.trouble ? html`<p class="bad pad">${story.trouble}</p>` : null}
      <h3 class="pad">${t("needs")}</h3>${story.unmet.length ? html`<ul class="list">${story.unmet.map((each) => html`<li>${each}</li>`)}</ul>` : html`<${Empty}>${t("nothing_needed")}<//>`}
      ${commandFor(story) ? html`<h3 class="pad">${t("command")}</h3><${Copy} text=${commandFor(story)} />` : null}
      <h3 class="pad">${t("approvals")} ${story.approvals.filter((each) => !each.void).length} / ${story.approvals_needed}</h3>
      ${story.approvals.length ? html`<ul class="list">${story.approvals.map((each) => html`<li><b>${each.by}</b> ${local(each.at)} · ${t("expires")} ${local(each.expires)} · ${each.void || t("counts")}: ${each.reason}</li>`)}</ul>` : html`<${Empty}>${t("none")}<//>`}
      <${Facts} of=${Object.entries(story.evidence.figures || {}).map(([name, value]) => [name, figure(value)])} /><//>
    <${Panel} title=${t("checks")}><${Table} label=${t("checks")} rows=${story.checks} keyOf=${(row) => row.name} columns=${[
      { name: "name", label: t("checks"), cell: (row) => html`<b>${row.name}</b><br /><span class="soft">${row.meaning}</span>`, long: true },
      { label: t("state"), cell: (row) => html`<${Badge} kind=${row.passed ? "ok" : row.advice ? "note" : "wrong"}>${t(row.passed ? "passed" : row.advice ? "advice" : "failed")}<//>` },
      { name: "figure", label: t("figure"), number: true, cell: (row) => figure(row.figure) },
      { label: t("bound"), number: true, cell: (row) => `${row.bound === "at most" ? "≤" : "≥"} ${figure(row.threshold)}` },
      { name: "unit", label: t("unit"), cell: (row) => html`<span class="soft">${row.unit}</span>` }]} /><//>
    <${Panel} title=${`${t("ledger")}: ${story.strategy}`} wide><${Entries} rows=${[...story.entries].reverse()} /><//>`}<//>`;
}

function Ledger() {
  const told = useAnswer("/gate/entries?limit=50");
  return html`<${Panel} title=${t("ledger")} wide><${Answer} told=${told} empty=${t("none")}>${(rows) => html`<${Entries} rows=${[...rows].reverse()} />`}<//><//>`;
}

function Entries({ rows }) {
  return html`<${Table} label=${t("ledger")} rows=${rows} keyOf=${(row) => row.seq} columns=${[
    { name: "seq", label: t("number"), number: true, cell: (row) => whole(row.seq) }, { name: "at", label: t("time"), cell: (row) => local(row.at, "second") },
    { name: "kind", label: t("kind"), cell: (row) => html`<${Badge}>${row.kind}<//>${row.void ? html` <span class="bad">${row.void}</span>` : null}` }, { name: "actor", label: t("actor") },
    { name: "body", label: t("details"), long: true, cell: (row) => html`<details><summary>${Object.keys(row.body).slice(0, 4).join(", ")}</summary><pre class="source" tabindex="0">${JSON.stringify(row.body, null, 1)}</pre></details>` },
    { name: "hash", label: "hash", cell: (row) => html`<code>${row.hash.slice(0, 12)}</code>` }]} />`;
}
