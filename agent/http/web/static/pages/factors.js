// Factors: what followed low and high values, and the signal's information coefficient over time.

import { html, useMemo, useState } from "../vendor/preact.js";
import { useAnswer } from "../app/hooks.js";
import { Answer, Empty, Facts, Field, Panel, Table } from "../app/parts.js";
import { Columns, Lines } from "../app/charts.js";
import { number, percent, whole } from "../app/format.js";
import { t } from "../app/texts.js";

const GROUPS = [2, 3, 5, 10];
const WINDOW = 63;

export function rolling(values, window) {
  let sum = 0, count = 0;
  return values.map((value, place) => {
    if (Number.isFinite(value)) { sum += value; count += 1; }
    const gone = values[place - window];
    if (Number.isFinite(gone)) { sum -= gone; count -= 1; }
    return place + 1 >= window && count ? sum / count : NaN;
  });
}

export function cumulative(values) { let sum = 0; return values.map((value) => (sum += Number.isFinite(value) ? value : 0)); }

export function Factors({ rest }) {
  const runs = useAnswer("/runs");
  const [run, choose] = useState(rest[0] || "");
  const chosen = run || runs.value?.[0]?.run_id;
  return html`<div class="row pad"><${Field} label=${t("run")}><select onChange=${(event) => choose(event.target.value)}>${(runs.value || []).map((each) => html`<option value=${each.run_id} selected=${each.run_id === chosen}>${each.name} ${each.run_id}</option>`)}</select><//></div>
    <${Answer} told=${runs} empty=${t("no_runs")}>${(all) => html`<${OfRun} key=${chosen} run=${all.find((each) => each.run_id === chosen) || { run_id: chosen }} />`}<//>`;
}

function OfRun({ run }) {
  const base = `/runs/${encodeURIComponent(run.run_id)}`;
  const factors = useAnswer(`${base}/factors`), coefficients = useAnswer(`${base}/coefficients`);
  const [factor, choose] = useState("score");
  const [groups, divide] = useState(5);
  const told = useAnswer(factors.value ? `${base}/factors/${encodeURIComponent(factor)}?quantiles=${groups}` : null);
  return html`<div class="grid">
    <${Panel} title=${t("quantiles")} extra=${html`<${Field} label=${t("factor")}><select onChange=${(event) => choose(event.target.value)}>${(factors.value || ["score"]).map((each) => html`<option value=${each} selected=${each === factor}>${each}</option>`)}</select><//>
      <${Field} label=${t("groups")}><select onChange=${(event) => divide(Number(event.target.value))}>${GROUPS.map((each) => html`<option value=${String(each)} selected=${each === groups}>${each}</option>`)}</select><//>`}>
      <${Answer} told=${factors.error ? factors : told}>${(value) => html`<div class="pad"><${Columns} values=${value.quantiles.map((each) => each.mean_return)} names=${value.quantiles.map((each) => String(each.quantile))} label=${`${t("quantiles")}: ${value.factor}`} /></div>
        <${Facts} of=${[[t("rank_ic"), number(value.rank_ic, 4)], [t("times"), whole(value.times)]]} />
        <${Table} label=${t("quantiles")} rows=${value.quantiles} keyOf=${(row) => row.quantile} columns=${[{ name: "quantile", label: t("quantile"), number: true }, { name: "mean_return", label: t("mean_return"), number: true, cell: (row) => percent(row.mean_return, 3) }, { name: "rows", label: t("rows"), number: true, cell: (row) => whole(row.rows) }]} />
        <p class="soft pad">${t("describes")}</p>`}<//><//>
    <${Panel} title=${t("ic_series")}><${Answer} told=${coefficients}>${(value) => html`<${Series} times=${value.times} run=${run} />`}<//><//></div>`;
}

function Series({ times, run }) {
  const [stamps, values] = useMemo(() => [times.map((each) => each.ts), times.map((each) => each.rank_ic ?? NaN)], [times]);
  if (!times.length) return html`<${Empty}>${t("none")}<//>`;
  return html`<div class="pad"><h3>${t("rolling", WINDOW)}</h3><${Lines} times=${stamps} lines=${[{ values: rolling(values, WINDOW) }]} label=${`${t("ic_series")}, ${t("rolling", WINDOW)}`} zone=${run.zone} frequency=${run.frequency} />
    <h3>${t("cumulative")}</h3><${Lines} times=${stamps} lines=${[{ values: cumulative(values) }]} label=${`${t("ic_series")}, ${t("cumulative")}`} zone=${run.zone} frequency=${run.frequency} /></div>`;
}
