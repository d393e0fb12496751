// One pattern: its series before and after, what changed, why it is believed, what people think.

import { html, useState } from "../vendor/preact.js";
import { post } from "../app/api.js";
import { changed, useAnswer } from "../app/hooks.js";
import { Answer, Badge, Empty, Facts, Field, Panel, RunLink, Table, Trouble } from "../app/parts.js";
import { Bars } from "../app/charts.js";
import { figure, local, moment, number, percent, whole, words } from "../app/format.js";
import { Metrics } from "./run.js";
import { Told } from "./research.js";
import { t } from "../app/texts.js";

const AROUND = [20, 60, 120, 250];

export function Pattern({ rest }) {
  const told = useAnswer(`/patterns/${encodeURIComponent(rest[0])}`);
  return html`<${Answer} told=${told}>${(one) => html`<${Detail} one=${one} />`}<//>`;
}

function Detail({ one }) {
  const [around, show] = useState(60);
  const bars = useAnswer(`/patterns/${one.pattern_id}/bars?before=${around}&after=${around}`);
  const name = one.symbol ?? t("market");
  return html`<div class="grid">
    <${Panel} wide title=${name} note=${moment(one.ts, one.zone, one.frequency)} extra=${html`<${Badge} kind=${one.type}>${t(one.type)}<//><${Badge} kind=${one.kept ? "ok" : ""}>${t(one.kept ? "kept" : "withheld")}<//>
      <${Field} label=${t("bars_shown")}><select value=${String(around)} onChange=${(event) => show(Number(event.target.value))}>${AROUND.map((each) => html`<option value=${String(each)} selected=${each === around}>± ${each}</option>`)}</select><//>`}>
      ${one.kept ? null : html`<p class="soft pad">${t("not_a_pattern")}</p>`}
      <div class="pad"><${Answer} told=${bars}>${(value) => value.bars.length ? html`<${Bars} bars=${value.bars} ts=${one.ts} name=${name} field=${one.contributors[0]?.field} zone=${one.zone} frequency=${one.frequency} height=${340} />` : html`<${Empty}>${t("none")}<//>`}<//></div>
      <${Facts} of=${[[t("detector"), one.detector], [t("watched"), html`<code>${one.source}</code>`], [t("confidence"), percent(one.confidence, 1)], [t("p_value"), figure(one.p_value)],
        [t("runs"), one.runs.map((run) => html`<${RunLink} key=${run} id=${run} /> `)], [t("similar"), html`<a href=${`#/patterns/${encodeURIComponent(one.runs[0] || "")}/${encodeURIComponent(one.detector)}/${one.kept ? "kept" : "withheld"}`}>${one.detector}</a>`]]} /><//>
    <${Panel} title=${t("before_after")}><${Change} one=${one} /><${Metrics} of=${one.metrics} title=${t("metrics")} /><//>
    <div class="stack"><${Panel} title=${t("contributors")}><${Shares} of=${one.contributors} /><//>
      <${Calibration} card=${one.calibration} /></div>
    <${Feedback} one=${one} /><${Explained} id=${one.pattern_id} /></div>`;
}

function Change({ one }) {
  const names = [...new Set([...Object.keys(one.prev_state), ...Object.keys(one.new_state)])];
  const value = (state, name) => { const each = state[name]?.value ?? state[name]; return typeof each === "number" ? figure(each) : words(each); };
  return html`<${Table} label=${t("before_after")} rows=${names} keyOf=${(name) => name} columns=${[
    { label: t("watched"), long: true, cell: (name) => html`<code>${name}</code>` }, { label: t("before"), number: true, cell: (name) => value(one.prev_state, name) }, { label: t("after"), number: true, cell: (name) => value(one.new_state, name) }]} />`;
}

function Shares({ of }) {
  const most = Math.max(...of.map((each) => Math.abs(each.score || 0)), 1e-12);
  const sorted = [...of].sort((one, other) => Math.abs(other.score || 0) - Math.abs(one.score || 0));
  return html`<ul class="shares">${sorted.map((each) => html`<li key=${each.field}><code>${each.field}</code><meter min="0" max=${most} value=${Math.abs(each.score || 0)} aria-label=${each.field}></meter><span>${number(each.score, 2)}</span></li>`)}</ul>`;
}

function Calibration({ card }) {
  if (!card) return null;
  return html`<${Panel} title=${t("calibration")}>
    <${Facts} of=${[[t("false_alarms"), `${number(card.false_alarms_per_1000)} (${t("at_most")} ${number(card.false_alarms_per_1000_upper)})`], [t("null_data"), whole(card.null_bars)], [t("alarms"), `${whole(card.alarms)}, ${t("kept")} ${whole(card.kept)}`]]} />
    ${card.responses.length ? html`<${Table} label=${t("calibration")} rows=${card.responses} columns=${[
      { name: "kind", label: t("planted") }, { name: "size_std", label: t("size"), number: true, cell: (row) => number(row.size_std, 1) },
      { name: "noticed", label: t("noticed"), number: true, cell: (row) => `${whole(row.noticed)} / ${whole(row.planted)}` }, { name: "power", label: t("power"), number: true, cell: (row) => percent(row.power, 0) }, { name: "delay_bars", label: t("delay"), number: true, cell: (row) => number(row.delay_bars, 1) }]} />` : null}<//>`;
}

const THUMBS = [[1, "useful", "▲"], [0, "undecided", "◆"], [-1, "useless", "▼"]];

function Feedback({ one }) {
  const [comment, put] = useState("");
  const [told, tell] = useState({});
  const rate = async (rating) => {
    try { await post(`/patterns/${one.pattern_id}/feedback`, { rating, comment }); put(""); tell({ sent: true }); changed(); } catch (error) { tell({ error }); }
  };
  return html`<${Panel} title=${t("feedback")}>
    <div class="pad"><${Field} label=${t("comment")}><textarea rows="2" maxlength="2000" value=${comment} onInput=${(event) => put(event.target.value)}></textarea><//>
      <div class="row">${THUMBS.map(([rating, name, sign]) => html`<button type="button" onClick=${() => rate(rating)}><span aria-hidden="true">${sign} </span>${t(name)}</button>`)}
      <span role="status" class="good">${told.sent ? t("sent") : ""}</span></div>${told.error ? html`<${Trouble} error=${told.error} />` : null}</div>
    ${one.feedback.length ? html`<ul class="list">${one.feedback.map((each) => html`<li key=${each.feedback_id}><${Badge}>${t(THUMBS.find(([rating]) => rating === each.rating)?.[1] || each.verdict)}<//> <b>${each.actor}</b> <time class="soft">${local(each.at)}</time> ${each.note}</li>`)}</ul>` : html`<${Empty}>${t("no_feedback")}<//>`}<//>`;
}

function Explained({ id }) {
  const [told, tell] = useState({});
  const ask = async () => { try { tell({ value: await post("/explain", { about: [id] }) }); } catch (error) { tell({ error }); } };
  return html`<${Panel} title=${t("explain")} extra=${html`<button type="button" onClick=${ask}>${t("explain")}</button>`}>
    ${told.error ? html`<${Trouble} error=${told.error} />` : null}${told.value ? html`<${Told} value=${told.value} />` : null}<//>`;
}
