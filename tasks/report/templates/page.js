// Draws the plots of the page from the JSON beside them, in the colours of the style sheet.
(() => {
  "use strict";
  const root = document.documentElement;
  const drawn = new Map();
  const touch = matchMedia("(pointer: coarse)").matches;
  const byId = (id) => document.getElementById(id);

  // Colours are written as var(--name); plotly.js wants values.
  function painted(value, style) {
    if (typeof value === "string") {
      const name = /^var\((--[a-z0-9-]+)\)$/.exec(value);
      return name ? style.getPropertyValue(name[1]).trim() : value;
    }
    if (Array.isArray(value)) {
      return typeof value[0] === "number" ? value : value.map((item) => painted(item, style));
    }
    if (value === null || typeof value !== "object" || value.bdata) return value;
    return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, painted(v, style)]));
  }

  function draw(place, width) {
    const figure = JSON.parse(byId(place.dataset.source).textContent);
    const { data, layout } = painted(figure, getComputedStyle(root));
    const room = width || place.clientWidth;
    if (room < 560) {
      layout.font.size = 11;
      layout.margin.l = 44;
      layout.margin.r = 4;
    }
    if (touch) layout.dragmode = false;
    for (const axis of (place.dataset.log || "").split(" ").filter(Boolean)) {
      layout[axis].type = "log";
      layout[axis].tickformat = ",~g";
      if (layout.meta.span > 4) layout[axis].dtick = "D2"; // 1, 2, 5, 10
    }
    if (width) layout.width = width;
    const config = { responsive: !width, displayModeBar: false, doubleClick: "reset+autosize" };
    Plotly.react(place, data, layout, config);
    drawn.set(place.id, place);
  }

  const places = [...document.querySelectorAll(".plot")];
  const watcher = new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting) continue;
      watcher.unobserve(target);
      if (!drawn.has(target.id)) draw(target);
    }
  }, { rootMargin: "800px" });
  places.forEach((place) => watcher.observe(place));

  for (const button of document.querySelectorAll("button.toggle")) {
    const place = byId("plot-" + button.dataset.plot);
    button.addEventListener("click", () => {
      const on = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(on));
      place.dataset.log = on ? button.dataset.axis : "";
      draw(place);
    });
  }

  const select = byId("series");
  function show() {
    const place = byId("plot-series");
    const source = byId("data-series-" + select.value);
    const button = document.querySelector('button.toggle[data-plot="series"]');
    button.hidden = !("log" in source.dataset);
    place.dataset.source = source.id;
    place.dataset.log = !button.hidden && button.getAttribute("aria-pressed") === "true" ? "yaxis" : "";
    place.setAttribute("aria-label", source.dataset.label + ". " + source.dataset.note);
    byId("series-name").textContent = source.dataset.label;
    byId("series-note").textContent = source.dataset.note;
    if (drawn.has(place.id)) draw(place);
  }
  if (select) {
    select.addEventListener("change", show);
    show();
  }

  const redraw = (width) => places.forEach((place) => (width || drawn.has(place.id)) && draw(place, width));
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redraw());

  // Paper is white and 18 cm wide, whatever the screen is.
  addEventListener("beforeprint", () => {
    root.dataset.palette = "light";
    document.querySelectorAll("details").forEach((part) => {
      part.dataset.wasOpen = part.open ? "yes" : "";
      part.open = true;
    });
    redraw(660);
  });
  addEventListener("afterprint", () => {
    delete root.dataset.palette;
    document.querySelectorAll("details").forEach((part) => { part.open = Boolean(part.dataset.wasOpen); });
    redraw();
  });
})();
