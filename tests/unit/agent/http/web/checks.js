// What a page must hold for everybody who reads it; returns what does not, in words.
(() => {
  const wrong = [];
  const shown = (node) => node.checkVisibility() && node.getClientRects().length > 0;
  const rgb = (text) => text.match(/[\d.]+/g).map(Number);
  const light = ([red, green, blue]) => [red, green, blue]
    .map((each) => each / 255)
    .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4))
    .reduce((sum, each, at) => sum + each * [0.2126, 0.7152, 0.0722][at], 0);
  const ground = (node) => {
    for (let at = node; at; at = at.parentElement) {
      const found = rgb(getComputedStyle(at).backgroundColor);
      if (found.length < 4 || found[3] === 1) return found;
    }
    return [255, 255, 255];
  };
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let text = texts.nextNode(); text; text = texts.nextNode()) {
    const node = text.parentElement;
    if (!text.data.trim() || !shown(node) || node.closest(":disabled, noscript, option, .unseen, .skip")) continue;
    const style = getComputedStyle(node);
    const [one, other] = [light(rgb(node.closest("svg") ? style.fill : style.color)), light(ground(node))];
    const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (ratio < 4.5) wrong.push(`contrast ${ratio.toFixed(2)} of "${text.data.trim().slice(0, 40)}"`);
  }
  const name = (node) => node.getAttribute("aria-label") || node.textContent.trim() || node.title
    || [...(node.labels || [])].map((label) => label.textContent.trim()).join("");
  for (const node of document.querySelectorAll("a, button, input, select, textarea, summary, iframe, svg[role=img], meter, progress, [tabindex='0']")) {
    const own = ["INPUT", "SELECT", "TEXTAREA"].includes(node.tagName) ? name(node).replace(node.value, "") : name(node);
    if (shown(node) && !own) wrong.push(`no name: ${node.outerHTML.slice(0, 120)}`);
  }
  for (const [what, least, most] of [["main", 1, 1], ["h1", 1, 1], ["nav[aria-label]", 1, 1], ["header.bar", 1, 1], ["[role=status]", 1, 9]]) {
    const count = document.querySelectorAll(what).length;
    if (count < least || count > most) wrong.push(`${count} of ${what}`);
  }
  const ids = [...document.querySelectorAll("[id]")].map((node) => node.id);
  if (new Set(ids).size !== ids.length) wrong.push("an id twice");
  for (const node of document.querySelectorAll("section")) {
    if (!node.getAttribute("aria-label") && !document.getElementById(node.getAttribute("aria-labelledby"))) wrong.push("a section without a name");
  }
  if (!document.documentElement.lang) wrong.push("no language");
  const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (over > 0) wrong.push(`${over} px beside the window`);
  return wrong;
})()
