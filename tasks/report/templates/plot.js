// Draws the plot of a page in the colours of its style sheet, and again when these change.
(() => {
  "use strict";
  const place = document.getElementById("plot");
  if (!place) return;
  const figure = JSON.parse(document.getElementById("content").textContent);

  // Colours are written as var(--name); plotly.js wants values.
  function painted(value, style) {
    if (typeof value === "string") {
      const name = /^var\((--[a-z0-9-]+)\)$/.exec(value);
      return name ? style.getPropertyValue(name[1]).trim() : value;
    }
    if (Array.isArray(value)) {
      // The ends of a list of numbers tell; a step of a scale is a number and a colour.
      const numbers = typeof value[0] === "number" && typeof value[value.length - 1] === "number";
      return numbers ? value : value.map((item) => painted(item, style));
    }
    if (value === null || typeof value !== "object" || value.bdata) return value;
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, painted(v, style)]));
  }

  function draw() {
    const style = getComputedStyle(document.documentElement);
    const colour = (name) => style.getPropertyValue(name).trim();
    const { data, layout } = painted(figure, style);
    layout.paper_bgcolor = layout.plot_bgcolor = "rgba(0,0,0,0)";
    if (matchMedia("(pointer: coarse)").matches) layout.dragmode = false;
    layout.font = { color: colour("--ink-2"), size: place.clientWidth < 560 ? 11 : 12 };
    for (const [name, axis] of Object.entries(layout)) {
      if (!/^[xy]axis\d*$/.test(name)) continue;
      Object.assign(axis, { gridcolor: colour("--grid"), zerolinecolor: colour("--rule") });
    }
    Plotly.react(place, data, layout, { responsive: true, displayModeBar: false });
  }

  draw();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
})();
