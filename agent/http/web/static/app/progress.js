// A run that was started, as it goes: its stages as a line, from what its channel tells.

import { html } from "../vendor/preact.js";
import { useItems } from "./hooks.js";
import { seconds, whole } from "./format.js";
import { t } from "./texts.js";

export const STAGES = ["ingest", "features", "aggregation", "signal", "detection", "backtest", "report"];

export function stagesOf(items, ended) {
  const found = new Map(STAGES.map((stage) => [stage, { stage, state: "waiting" }]));
  for (const { data } of items) {
    if (!data.stage) continue;
    const one = found.get(data.stage) || { stage: data.stage };
    if (data.kind === "stage_started") Object.assign(one, { state: "running", fraction: 0 });
    if (data.kind === "stage_progress") Object.assign(one, { state: "running", fraction: data.fraction });
    if (data.kind === "stage_done") Object.assign(one, { state: "done", seconds: data.seconds, rows: data.rows });
    found.set(data.stage, one);
  }
  const stages = [...found.values()];
  const first = stages.findIndex((one) => one.state !== "waiting");
  for (const [place, one] of stages.entries()) {
    // What a run passes by was done before: by now where a later stage was reached.
    const passed = ended === "done" || (first >= 0 && place < stages.findLastIndex((each) => each.state !== "waiting"));
    if (one.state === "waiting" && passed) one.state = "found_done";
    if (one.state === "running" && ended && ended !== "done") one.state = ended;
  }
  return stages;
}

export function Line({ stages }) {
  return html`<ol class="stages" aria-label=${t("stages")}>${stages.map((one) => html`<li key=${one.stage} class=${one.state}>
    <b>${one.stage}</b><span>${t(one.state)}${one.seconds != null ? ` ${seconds(one.seconds)}` : ""}</span>
    <span>${one.rows ? `${whole(one.rows)} ${t("rows")}` : one.reads || " "}</span>
    ${one.state === "running" && html`<progress max="1" value=${one.fraction || 0} aria-label=${one.stage}></progress>`}</li>`)}</ol>`;
}

export function useRun(id) {
  const items = useItems(id ? `run.${id}` : null, 2_000);
  const last = items.at(-1)?.data;
  const ended = last && ["done", "failed", "cancelled", "crashed"].includes(last.kind) ? last.kind : "";
  return { items, ended, last, stages: stagesOf(items, ended) };
}

export function Progress({ id }) {
  const { stages } = useRun(id);
  return html`<${Line} stages=${stages} />`;
}
