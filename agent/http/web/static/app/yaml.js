// Writes plain values as YAML that the loader reads back as the same values.

const WIDE = 88;
const SECTIONS = ["name", "description", "data", "features", "aggregation", "signal", "detection", "discovery", "backtest", "schedule", "triggers", "gate"];
const PLAIN = /^[A-Za-z_$][\w$./()+*-]*( [\w$./()+*<>=,-]+)*$/;
const MEANT = /^(true|false|null|yes|no|on|off|y|n|nan|inf)$/i;

function scalar(value) {
  if (value === null) return "null";
  if (typeof value !== "string") return JSON.stringify(value);
  return PLAIN.test(value) && !MEANT.test(value) ? value : JSON.stringify(value);
}

function block(value, indent) {
  const pad = "  ".repeat(indent);
  if (Array.isArray(value)) {
    return value.map((each) => {
      if (each === null || typeof each !== "object" || !Object.keys(each).length) return `${pad}- ${inline(each)}`;
      return `${pad}- ${block(each, indent + 1).trimStart()}`;
    }).join("\n");
  }
  return Object.entries(value).map(([name, each]) => {
    if (folds(each)) return `${pad}${scalar(name)}: ${each.endsWith("\n") ? ">" : ">-"}\n${folded(each, indent + 1)}`;
    const empty = each === null || typeof each !== "object" || !Object.keys(each).length;
    return `${pad}${scalar(name)}:${empty ? ` ${inline(each)}` : `\n${block(each, indent + 1)}`}`;
  }).join("\n");
}

// A long text of one paragraph is written over several lines; a blank between words is where it may break.
function folds(value) {
  return typeof value === "string" && value.length > WIDE && /^\S+( \S+)*\n?$/.test(value);
}

function folded(value, indent) {
  const pad = "  ".repeat(indent), lines = [""];
  for (const word of value.trimEnd().split(" ")) {
    const last = lines.length - 1;
    if (lines[last] && lines[last].length + word.length + 1 > WIDE) lines.push(word);
    else lines[last] += lines[last] ? ` ${word}` : word;
  }
  return lines.map((line) => pad + line).join("\n");
}

function inline(value) {
  if (Array.isArray(value)) return "[]";
  return value !== null && typeof value === "object" ? "{}" : scalar(value);
}

// What is not said takes its default, so what is null is left out.
function said(value) {
  if (Array.isArray(value)) return value.map(said);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== null).map(([name, each]) => [name, said(each)]));
}

// `features.files` is what the loader read of the files that `features.sets` names.
export function taskspec(spec) {
  const { files, ...features } = spec.features || {};
  const whole = { ...spec, features };
  const names = [...SECTIONS.filter((name) => name in whole), ...Object.keys(whole).filter((name) => !SECTIONS.includes(name))];
  return yaml(Object.fromEntries(names.map((name) => [name, whole[name]])));
}

function yaml(value) { return `${block(said(value), 0)}\n`; }
