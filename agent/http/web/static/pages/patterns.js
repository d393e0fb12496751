// Patterns of a run: filtered, a page at a time.

import { html, useEffect, useState } from "../vendor/preact.js";
import { get, query } from "../app/api.js";
import { useAnswer } from "../app/hooks.js";
import { Answer, Badge, Empty, Field, Panel, Table, Trouble } from "../app/parts.js";
import { figure, moment, percent, whole } from "../app/format.js";
import { t } from "../app/texts.js";

const TYPES = ["drift", "anomaly", "cluster_change"];
const AT_ONCE = 50;

export function Patterns({ rest }) {
  const runs = useAnswer("/runs");
  const [asked, ask] = useState({ run: rest[0] || "", type: "", symbol: "", detector: rest[1] || "", withheld: rest[2] === "withheld" });
  const run = asked.run || runs.value?.[0]?.run_id;
  const put = (name) => (event) => ask({ ...asked, [name]: event.target.type === "checkbox" ? event.target.checked : event.target.value });
  return html`<div class="grid"><${Panel} title=${t("patterns")} wide>
    <form class="row pad" aria-label=${t("filters")} onSubmit=${(event) => event.preventDefault()}>
      <${Field} label=${t("run")}><select value=${asked.run} onChange=${put("run")}>${(runs.value || []).map((each, place) => html`<option value=${place ? each.run_id : ""} selected=${each.run_id === run}>${each.name} ${each.run_id}</option>`)}</select><//>
      <${Field} label=${t("type")}><select value=${asked.type} onChange=${put("type")}><option value="">${t("all")}</option>${TYPES.map((each) => html`<option value=${each}>${t(each)}</option>`)}</select><//>
      <${Field} label=${t("symbol")}><input value=${asked.symbol} onChange=${put("symbol")} size="9" autocomplete="off" placeholder="AAPL, market" /><//>
      <${Field} label=${t("detector")}><input value=${asked.detector} onChange=${put("detector")} size="14" autocomplete="off" placeholder="adwin" /><//>
      <label class="check"><input type="checkbox" checked=${asked.withheld} onChange=${put("withheld")} /> ${t("show_withheld")}</label>
    </form>
    <${Answer} told=${runs} empty=${t("no_runs")}>${() => html`<${Found} key=${JSON.stringify([run, asked])} asked=${{ ...asked, run }} />`}<//><//></div>`;
}

function Found({ asked }) {
  const path = `/patterns?${query({ ...asked, limit: AT_ONCE })}`;
  const first = useAnswer(path);
  const [later, add] = useState([]);
  const [error, fail] = useState(null);
  const pages = first.value ? [first.value, ...later] : [];
  const rows = pages.flatMap((page) => page.patterns);
  const last = pages.at(-1);
  useEffect(() => add([]), [first.value]);
  const more = async () => {
    try { add([...later, await get(`${path}&after=${encodeURIComponent(last.next)}`)]); } catch (said) { fail(said); }
  };
  return html`<${Answer} told=${first}>${(page) => html`
    <p class="soft pad">${t("kept")} ${whole(page.kept)} · ${t("withheld")} ${whole(page.withheld)} · FDR ${percent(page.level, 0)}</p>
    ${rows.length ? html`<${Table} label=${t("patterns")} rows=${rows} keyOf=${(row) => row.pattern_id} columns=${[
      { name: "ts", label: t("time"), cell: (row) => html`<a href=${`#/pattern/${row.pattern_id}`}>${moment(row.ts, page.zone, page.frequency)}</a>` },
      { name: "symbol", label: t("symbol"), cell: (row) => row.symbol ?? html`<i>${t("market")}</i>` },
      { name: "type", label: t("type"), cell: (row) => html`<${Badge} kind=${row.type}>${t(row.type)}<//>` },
      { name: "detector", label: t("detector") },
      { name: "confidence", label: t("confidence"), number: true, cell: (row) => percent(row.confidence, 0) },
      { name: "p_value", label: t("p_value"), number: true, cell: (row) => figure(row.p_value) },
      { name: "source", label: t("watched"), long: true, cell: (row) => html`<code>${row.source}</code>` },
    ]} />` : html`<${Empty}>${t("nothing_fits")}<//>`}
    ${error ? html`<${Trouble} error=${error} />` : null}
    ${last?.next ? html`<div class="row pad"><button type="button" onClick=${more}>${t("more")} (${whole(last.more)})</button></div>` : null}`}<//>`;
}
