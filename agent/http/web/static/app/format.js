// Numbers and times as all pages write them: aligned, in the reader's language, none invented.

import { language } from "./texts.js";

const NONE = "–";
const SHARES = new Set(["annual_return", "benchmark_annual_return", "annual_volatility", "max_drawdown",
  "annual_cost", "exposure", "excess_annual_return", "benchmark_annual_volatility", "benchmark_max_drawdown", "hit_rate"]);

export function number(value, digits = 2) {
  if (value == null || !Number.isFinite(value)) return NONE;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits }).replace("-", "−");
}

export function whole(value) { return number(value, 0); }

export function percent(value, digits = 1) { return value == null ? NONE : `${number(value * 100, digits)}%`; }

export function figure(value, digits = 4) {
  if (typeof value !== "number") return value == null ? NONE : String(value);
  if (Number.isInteger(value)) return whole(value);
  const size = Math.abs(value);
  if (size >= 1_000) return whole(value);
  if (size !== 0 && size < 1e-4) return value.toExponential(2).replace("-", "−");
  return number(value, size >= 10 ? 2 : digits);
}

export function named(name, value) { return SHARES.has(name) ? percent(value) : figure(value, 3); }

function zoned(zone) { try { new Intl.DateTimeFormat("en", { timeZone: zone }); return zone; } catch { return "UTC"; } }

export function moment(text, zone = "UTC", frequency = "") {
  if (!text) return NONE;
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return String(text);
  const parts = Object.fromEntries(new Intl.DateTimeFormat("en-GB", {
    timeZone: zoned(zone), year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
  }).formatToParts(at).map((part) => [part.type, part.value]));
  const day = `${parts.year}-${parts.month}-${parts.day}`;
  return frequency === "day" ? day : `${day} ${parts.hour}:${parts.minute}${frequency === "second" ? `:${parts.second}` : ""}`;
}

export function local(text, exact = "") {
  return moment(text, Intl.DateTimeFormat().resolvedOptions().timeZone, exact);
}

export function seconds(value) {
  if (value == null) return NONE;
  return value >= 90 ? `${number(value / 60, 1)} min` : `${number(value, value < 10 ? 1 : 0)} s`;
}

export function words(value) {
  if (value == null) return NONE;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

export function typed(word) { return /^[\w.@:/-]+$/.test(word) ? word : `'${String(word).replaceAll("'", "'\\''")}'`; }

export function tongue() { return language() === "zh" ? "zh-CN" : "en"; }
