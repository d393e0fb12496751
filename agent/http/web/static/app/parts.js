// What pages are put together from. Text from data is only ever a text node.

import { html, useState } from "../vendor/preact.js";
import { t } from "./texts.js";
import { words } from "./format.js";

let numbered = 0;

export function Panel({ title, wide, extra, children, level = 2, note }) {
  const [id] = useState(() => `panel-${(numbered += 1)}`);
  return html`<section class=${`panel${wide ? " wide" : ""}`} aria-labelledby=${id}>
    <header><h2 id=${id} aria-level=${level}>${title}</h2>${note && html`<span class="soft">${note}</span>`}<span class="grow"></span>${extra}</header>
    ${children}</section>`;
}

export function Empty({ children }) { return html`<p class="empty">${children}</p>`; }

export function Badge({ kind = "", children }) { return html`<span class=${`badge ${kind}`}>${children}</span>`; }

export function Trouble({ error }) {
  const place = error.place;
  const at = place && [place.line != null && t("line_n", place.line), place.key].filter(Boolean).join(", ");
  return html`<div class="trouble" role="alert"><strong>${error.message}</strong>
    ${at ? html`<span> (${at})</span>` : null}
    ${error.hint ? html`<p>${error.hint}</p>` : null}
    ${(error.wrong || []).map((each) => html`<p>${each.place}: ${each.why}</p>`)}</div>`;
}

export function Answer({ told, children, empty }) {
  if (told.value !== undefined) {
    return empty && Array.isArray(told.value) && !told.value.length ? html`<${Empty}>${empty}<//>` : children(told.value);
  }
  if (told.error) return html`<${Trouble} error=${told.error} />`;
  return html`<${Empty}>${t("loading")}<//>`;
}

// columns: {name, label, number, cell(row)}; the first column names the row.
export function Table({ label, columns, rows, chosen, keyOf = (row, at) => at }) {
  return html`<div class="scroll" tabindex="0" role="group" aria-label=${label}><table>
    <thead><tr>${columns.map((column) => html`<th scope="col" class=${column.number ? "n" : ""}>${column.label}</th>`)}</tr></thead>
    <tbody>${rows.map((row, at) => html`<tr key=${keyOf(row, at)} class=${chosen && chosen(row) ? "chosen" : ""}>
      ${columns.map((column, place) => {
        const told = column.cell ? column.cell(row) : words(row[column.name]);
        const look = `${column.number ? "n" : ""}${column.long ? " long" : ""}`;
        return place === 0 ? html`<th scope="row" class=${look}>${told}</th>` : html`<td class=${look}>${told}</td>`;
      })}</tr>`)}</tbody></table></div>`;
}

export function Facts({ of }) {
  return html`<dl class="facts">${of.filter(([, value]) => value != null && value !== "").map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`;
}

export function Field({ label, children, hidden }) {
  return html`<label class="field"><span class=${hidden ? "unseen" : ""}>${label}</span>${children}</label>`;
}

export function Copy({ text }) {
  const [copied, set] = useState(false);
  const copy = async () => {
    try { await navigator.clipboard.writeText(text); set(true); setTimeout(() => set(false), 1_500); } catch { set(false); }
  };
  return html`<div class="command"><code tabindex="0">${text}</code><button type="button" onClick=${copy}>${copied ? t("copied") : t("copy")}</button></div>`;
}

export function RunLink({ id, children }) { return html`<a class="mono" href=${`#/runs/${encodeURIComponent(id)}`}>${children || id}</a>`; }
