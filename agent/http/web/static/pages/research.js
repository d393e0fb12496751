// Research: a sentence becomes a plan that shows what each word became; rows become sentences.

import { html, useState } from "../vendor/preact.js";
import { post } from "../app/api.js";
import { Badge, Empty, Field, Panel, Table, Trouble } from "../app/parts.js";
import { words } from "../app/format.js";
import { taskspec } from "../app/yaml.js";
import { t } from "../app/texts.js";
import { takeIntoEditor } from "./studies.js";

let remembered = { prompt: "", drafted: null, about: "last", explained: null };

export function Research() { return html`<div class="grid"><${Ask} /><${Explain} /></div>`; }

function Ask() {
  const [prompt, put] = useState(remembered.prompt);
  const [told, tell] = useState({ value: remembered.drafted });
  const [busy, hold] = useState(false);
  const ask = async (event) => {
    event.preventDefault();
    if (!prompt.trim()) return;
    hold(true);
    try { const value = await post("/ask", { prompt }); remembered = { ...remembered, prompt, drafted: value }; tell({ value }); } catch (error) { tell({ error }); }
    hold(false);
  };
  return html`<${Panel} title=${t("ask")} wide>
    <form class="row pad" onSubmit=${ask}><${Field} label=${t("sentence")}><input class="wide" value=${prompt} onInput=${(event) => put(event.target.value)} placeholder=${t("ask_hint")} maxlength="4000" /><//>
      <button class="main" disabled=${busy}>${t("ask")}</button></form>
    <div aria-live="polite">${told.error ? html`<${Trouble} error=${told.error} />` : null}${told.value ? html`<${Drafted} value=${told.value} />` : null}</div><//>`;
}

function Drafted({ value }) {
  const said = value.slots.filter((slot) => slot.source !== "default"), rest = value.slots.filter((slot) => slot.source === "default");
  const take = () => { takeIntoEditor(taskspec(value.spec)); location.hash = "#/studies"; };
  return html`
    <p class="pad">${t("base")} <b>${value.base.name}</b> <span class="soft">${value.base.why}</span></p>
    ${value.questions.length ? html`<section class="trouble" aria-label=${t("questions")}><strong>${t("questions")}</strong><ul>${value.questions.map((each) => html`<li>${each.text}${each.about ? html` <q>${each.about}</q>` : null}</li>`)}</ul><p>${t("answer_first")}</p></section>` : null}
    <h3 class="pad">${t("became")}</h3>${said.length ? html`<${Slots} rows=${said} />` : html`<${Empty}>${t("no_words")}<//>`}
    <details><summary>${t("defaults", rest.length)}</summary><${Slots} rows=${rest} /></details>
    <details><summary>TaskSpec</summary><pre class="source" tabindex="0">${taskspec(value.spec)}</pre></details>
    <div class="row pad"><button type="button" class="main" disabled=${value.questions.length > 0} onClick=${take}>${t("into_editor")}</button></div>`;
}

function Slots({ rows }) {
  return html`<${Table} label=${t("became")} rows=${rows} keyOf=${(row) => row.key} columns=${[
    { name: "key", label: t("key"), cell: (row) => html`<code>${row.key}</code>` }, { name: "words", label: t("words"), long: true, cell: (row) => row.words ? html`<q>${row.words}</q>` : "–" },
    { name: "value", label: t("value"), long: true, cell: (row) => html`<code>${words(row.value)}</code>` }, { name: "note", label: t("note"), long: true, cell: (row) => html`${row.source === "model" ? html`<${Badge}>${row.source}<//> ` : null}${row.note}` }]} />`;
}

function Explain() {
  const [about, put] = useState(remembered.about);
  const [told, tell] = useState({ value: remembered.explained });
  const [busy, hold] = useState(false);
  const explain = async (event) => {
    event.preventDefault();
    if (!about.trim()) return;
    hold(true);
    try { const value = await post("/explain", { about: [about.trim()] }); remembered = { ...remembered, about, explained: value }; tell({ value }); } catch (error) { tell({ error }); }
    hold(false);
  };
  return html`<${Panel} title=${t("explain")} wide>
    <form class="row pad" onSubmit=${explain}><${Field} label=${`${t("about")}: ${t("about_hint")}`}><input class="wide" value=${about} onInput=${(event) => put(event.target.value)} maxlength="1000" /><//><button class="main" disabled=${busy}>${t("explain")}</button></form>
    <div aria-live="polite">${told.error ? html`<${Trouble} error=${told.error} />` : null}${told.value ? html`<${Told} value=${told.value} />` : null}</div><//>`;
}

export function Told({ value }) {
  return html`<div class="prose pad">${value.sections.map((section) => html`<h3>${section.title}</h3>${section.sentences.map((each) => html`<p>${each}</p>`)}`)}</div>
    <details><summary>${t("rows_behind")} (${value.citations.length})</summary><${Table} label=${t("rows_behind")} rows=${value.citations} keyOf=${(row) => row.number} columns=${[
      { name: "number", label: t("number"), number: true, cell: (row) => `[${row.number}]` }, { name: "table", label: t("table") }, { name: "column", label: t("column") },
      { name: "key", label: t("key"), long: true, cell: (row) => html`<code>${words(row.key)}</code>` }, { name: "rows", label: t("rows"), number: true }, { name: "sha256", label: "sha256", cell: (row) => html`<code>${row.sha256.slice(0, 12)}</code>` }]} /></details>`;
}
