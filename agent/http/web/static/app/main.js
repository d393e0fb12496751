// The frame: navigation, the line's state, theme and language, and the page that the address names.

import { html, render, useEffect, useState } from "../vendor/preact.js";
import { connect, listen, watchLine } from "./line.js";
import { changed, useLine } from "./hooks.js";
import { language, remember, remembered, speak, t } from "./texts.js";
import { Now } from "../pages/now.js";
import { Studies } from "../pages/studies.js";
import { Compared, Run, StartedRun } from "../pages/run.js";
import { Patterns } from "../pages/patterns.js";
import { Pattern } from "../pages/pattern.js";
import { Research } from "../pages/research.js";
import { Factors } from "../pages/factors.js";
import { Gate } from "../pages/gate.js";
import { System } from "../pages/system.js";

const PAGES = { now: Now, studies: Studies, runs: Run, started: StartedRun, compare: Compared, patterns: Patterns,
  pattern: Pattern, research: Research, factors: Factors, gate: Gate, system: System };
const MENU = ["now", "studies", "patterns", "research", "factors", "gate", "system"];
const UNDER = { runs: "studies", started: "studies", compare: "studies", pattern: "patterns" };
const THEMES = ["auto", "light", "dark"];

function asked() {
  const [name, ...rest] = location.hash.replace(/^#\/?/, "").split("/");
  return { name: name || "now", rest: rest.map(unescaped) };
}

function unescaped(text) { try { return decodeURIComponent(text); } catch { return text; } }

function wear(theme) {
  if (theme === "auto") document.documentElement.removeAttribute("data-theme");
  else document.documentElement.setAttribute("data-theme", theme);
}

function State() {
  const { state } = useLine();
  return html`<span class=${`state ${state}`} role="status"><i aria-hidden="true"></i>${t(state)}</span>`;
}

function Frame() {
  const [place, go] = useState(asked());
  const [theme, put] = useState(remembered("qraft.theme") || "auto");
  const [, spoken] = useState(language());
  useEffect(() => {
    const moved = () => { go(asked()); document.getElementById("content")?.focus({ preventScroll: true }); scrollTo(0, 0); };
    addEventListener("hashchange", moved);
    return () => removeEventListener("hashchange", moved);
  }, []);
  const here = UNDER[place.name] || place.name;
  const name = Object.hasOwn(PAGES, place.name) ? place.name : null;
  const Page = name && PAGES[name];
  useEffect(() => { document.title = `${t(here)} · Qraft`; });
  const wearNext = () => {
    const next = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    remember("qraft.theme", next); wear(next); put(next);
  };
  const speakNext = () => { speak(language() === "zh" ? "en" : "zh"); spoken(language()); };
  return html`
    <a class="skip" href="#content" onClick=${(event) => { event.preventDefault(); document.getElementById("content").focus(); }}>${t("skip")}</a>
    <header class="bar"><a class="brand" href="#/now">Qraft</a>
      <nav aria-label=${t("pages")}>${MENU.map((each) => html`<a href=${`#/${each}`} aria-current=${each === here ? "page" : null}>${t(each)}</a>`)}</nav>
      <span class="grow"></span><${State} />
      <button type="button" class="quiet" onClick=${wearNext} aria-label=${`${t("theme")}: ${t(theme)}`}>${t(theme)}</button>
      <button type="button" class="quiet" onClick=${speakNext} lang=${language() === "zh" ? "en" : "zh"}>${language() === "zh" ? "English" : "中文"}</button>
    </header>
    <main id="content" tabindex="-1"><h1 class="unseen">${t(here)}</h1>${Page ? html`<${Page} key=${`${name}/${place.rest.join("/")}/${language()}`} rest=${place.rest} />` : html`<p class="empty">${t("gone")}</p>`}</main>`;
}

wear(remembered("qraft.theme") || "auto");
speak(language());
const root = document.getElementById("page");
root.textContent = "";
render(html`<${Frame} />`, root);
watchLine((line) => { if (line.state === "live" && line.breaks) changed(); });
for (const name of ["system.status", "system.processes", "patterns"]) listen(name, changed, 1);
connect();
