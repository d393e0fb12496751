// Writes plain values as YAML that the loader reads back as the same values.

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
    const empty = each === null || typeof each !== "object" || !Object.keys(each).length;
    return `${pad}${scalar(name)}:${empty ? ` ${inline(each)}` : `\n${block(each, indent + 1)}`}`;
  }).join("\n");
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

export function yaml(value) { return `${block(said(value), 0)}\n`; }
