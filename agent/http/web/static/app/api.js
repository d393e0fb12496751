// Asks the API. An answer that did not change is the same object, so nothing is drawn anew for it.

export const API = "/api/v1";
const kept = new Map();
const MOST = 300;

export class Problem extends Error {
  constructor(said, status) {
    super(said.detail || said.title || String(status));
    Object.assign(this, { status, kind: said.kind || said.title, place: said.place, hint: said.hint, wrong: said.wrong });
  }
}

async function answer(response) {
  const text = await response.text();
  if (response.ok) return text;
  let said = {};
  try { said = JSON.parse(text); } catch { said = { title: `${response.status} ${response.statusText}` }; }
  throw new Problem(said, response.status);
}

export function known(path) { return kept.get(path)?.value; }

export async function get(path) {
  const text = await answer(await fetch(API + path));
  const before = kept.get(path);
  if (before && before.text === text) return before.value;
  const value = JSON.parse(text);
  kept.delete(path);
  if (kept.size >= MOST) kept.delete(kept.keys().next().value);
  kept.set(path, { text, value });
  return value;
}

export async function post(path, body) {
  const response = await fetch(API + path, {
    method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body),
  });
  return JSON.parse(await answer(response));
}

export function query(asked) {
  const given = Object.entries(asked).filter(([, value]) => value !== "" && value != null && value !== false);
  return new URLSearchParams(given).toString();
}
