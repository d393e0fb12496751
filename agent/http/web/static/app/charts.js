// Charts as SVG: the theme's colours, sharp at any width, and said in words for who does not see them.

import { html } from "../vendor/preact.js";
import { useWidth } from "./hooks.js";
import { figure, moment, percent } from "./format.js";
import { t } from "./texts.js";

const RIGHT = 54;

function extent(values) {
  let low = Infinity, high = -Infinity;
  for (const value of values) if (Number.isFinite(value)) { low = Math.min(low, value); high = Math.max(high, value); }
  if (low > high) return [0, 1];
  const room = (high - low || Math.abs(high) || 1) * 0.06;
  return [low - room, high + room];
}

function ticks(low, high, most) {
  const rough = (high - low) / most;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough);
  const found = [];
  for (let at = Math.ceil(low / step) * step; at <= high; at += step) found.push(Math.abs(at) < step / 1e6 ? 0 : at);
  return found;
}

function Frame({ width, height, top = 4, low, high, label, scale, children, small, shown = figure }) {
  return html`<svg class="chart" width=${width} height=${height} viewBox=${`0 0 ${width} ${height}`} role="img" aria-label=${label}>
    ${ticks(low, high, small ? 2 : 4).map((at) => html`<g><line class="rule" x1="0" x2=${width - RIGHT} y1=${scale(at)} y2=${scale(at)} /><text class="tick" x=${width - RIGHT + 6} y=${Math.max(top + 8, scale(at) + 4)}>${shown(at)}</text></g>`)}
    ${children}</svg>`;
}

function path(points) {
  let drawn = "", pen = "M";
  for (const [x, y] of points) {
    if (!Number.isFinite(y)) { pen = "M"; continue; }
    drawn += `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = "L";
  }
  return drawn;
}

function seriesOf(bars, field) {
  if (bars.length && "close" in bars[0]) return "close";
  const named = /\$(\w+)/.exec(field || "");
  const columns = Object.keys(bars[0] || {}).filter((name) => typeof bars[0][name] === "number");
  return named && columns.includes(named[1]) ? named[1] : columns[0];
}

// The bars around a pattern: hollow bodies rose, filled ones fell; the line stands at the pattern.
export function Bars({ bars, ts, name, field, zone, frequency, height = 120, small }) {
  const [hold, width] = useWidth(200);
  const column = seriesOf(bars, field);
  if (!column) return null;
  const candles = column === "close" && "open" in bars[0];
  const volume = candles && "volume" in bars[0] && !small;
  const foot = 16, under = volume ? Math.round(height * 0.18) : 0, top = 6;
  const [low, high] = extent(candles ? bars.flatMap((bar) => [bar.low, bar.high]) : bars.map((bar) => bar[column]));
  const plot = width - RIGHT, bottom = height - foot - under;
  const scale = (value) => top + ((high - value) / (high - low)) * (bottom - top);
  const step = plot / Math.max(bars.length, 1), at = (place) => (place + 0.5) * step;
  const marked = bars.findLastIndex((bar) => bar.ts <= ts);
  const most = volume ? Math.max(...bars.map((bar) => bar.volume || 0), 1) : 1;
  const body = Math.max(1, Math.min(9, step * 0.64));
  const label = `${name}, ${column}: ${bars.length} bars, ${moment(bars[0].ts, zone, frequency)} to ${moment(bars.at(-1).ts, zone, frequency)}, ${figure(bars[0][column])} to ${figure(bars.at(-1)[column])}`;
  return html`<div class="plot" ref=${hold}><${Frame} ...${{ width, height, low, high, label, scale, small, top }}>
    ${marked >= 0 && html`<rect class="mark" x=${at(marked) - Math.max(step, 3) / 2} y=${top} width=${Math.max(step, 3)} height=${height - foot - top} />`}
    ${candles ? bars.map((bar, place) => {
      const x = at(place), rose = bar.close >= bar.open;
      const upper = scale(Math.max(bar.open, bar.close)), lower = scale(Math.min(bar.open, bar.close));
      return html`<g class=${rose ? "rose" : "fell"}><title>${`${moment(bar.ts, zone, frequency)}  ${t("opens")} ${figure(bar.open)}  ${t("high")} ${figure(bar.high)}  ${t("low")} ${figure(bar.low)}  ${t("close")} ${figure(bar.close)}`}</title>
        <line x1=${x} x2=${x} y1=${scale(bar.high)} y2=${scale(bar.low)} /><rect x=${x - body / 2} y=${upper} width=${body} height=${Math.max(1, lower - upper)} />
        ${volume && html`<rect class="volume" x=${x - body / 2} y=${height - foot - (under - 4) * ((bar.volume || 0) / most)} width=${body} height=${(under - 4) * ((bar.volume || 0) / most)} />`}</g>`;
    }) : html`<path class="line" d=${path(bars.map((bar, place) => [at(place), scale(bar[column])]))} />`}
    <text class="tick" x="0" y=${height - 3}>${moment(bars[0].ts, zone, frequency)}</text>
    <text class="tick" x=${plot} y=${height - 3} text-anchor="end">${moment(bars.at(-1).ts, zone, frequency)}</text>
    ${!small && marked >= 0 && html`<text class="tick strong" x=${Math.min(Math.max(at(marked), 130), plot - 130)} y=${height - 3} text-anchor="middle">${moment(ts, zone, frequency)}</text>`}
  <//></div>`;
}

// One or two lines over time, each on the scale of the left.
export function Lines({ times, lines, label, height = 160, zone, frequency }) {
  const [hold, width] = useWidth(240);
  const foot = 16, top = 6, plot = width - RIGHT, bottom = height - foot;
  const [low, high] = extent(lines.flatMap((line) => line.values).concat(0));
  const scale = (value) => top + ((high - value) / (high - low)) * (bottom - top);
  const step = Math.max(1, Math.floor(times.length / Math.max(plot, 1)));
  const at = (place) => (place / Math.max(times.length - 1, 1)) * plot;
  return html`<div class="plot" ref=${hold}><${Frame} ...${{ width, height, low, high, label, scale, top }}>
    <line class="zero" x1="0" x2=${plot} y1=${scale(0)} y2=${scale(0)} />
    ${lines.map((line) => html`<path class=${`line ${line.look || ""}`} d=${path(line.values.map((value, place) => [at(place), scale(value)]).filter((_, place) => place % step === 0 || place === times.length - 1))} />`)}
    <text class="tick" x="0" y=${height - 3}>${moment(times[0], zone, frequency)}</text>
    <text class="tick" x=${plot} y=${height - 3} text-anchor="end">${moment(times.at(-1), zone, frequency)}</text><//></div>`;
}

export function Columns({ values, names, label, height = 180 }) {
  const [hold, width] = useWidth(240);
  const foot = 16, top = 6, plot = width - RIGHT, bottom = height - foot;
  const [low, high] = extent(values.concat(0));
  const scale = (value) => top + ((high - value) / (high - low)) * (bottom - top);
  const step = plot / Math.max(values.length, 1);
  return html`<div class="plot" ref=${hold}><${Frame} ...${{ width, height, low, high, label, scale, top, shown: (value) => percent(value, 2) }}>
    ${values.map((value, place) => Number.isFinite(value) && html`<rect class=${value < 0 ? "column below" : "column"} x=${place * step + step * 0.2} width=${step * 0.6} y=${scale(Math.max(value, 0))} height=${Math.max(1, Math.abs(scale(value) - scale(0)))}><title>${`${names[place]}: ${percent(value, 3)}`}</title></rect>`)}
    <line class="zero" x1="0" x2=${plot} y1=${scale(0)} y2=${scale(0)} />
    ${names.map((name, place) => html`<text class="tick" x=${place * step + step / 2} y=${height - 3} text-anchor="middle">${name}</text>`)}<//></div>`;
}
