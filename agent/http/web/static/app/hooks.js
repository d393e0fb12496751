// What pages stand on: answers that are asked for again when something changed, and channels.

import { useEffect, useState } from "../vendor/preact.js";
import { get, known } from "./api.js";
import { line, listen, watchLine } from "./line.js";

const AGAIN_MS = [60, 1_200, 3_500];
const SURELY_MS = 20_000;
const askers = new Set();

function askAll() { for (const ask of askers) ask(); }

// The server makes an answer anew beside the requests: what is asked at once may be the one before.
export function changed() { for (const wait of AGAIN_MS) setTimeout(askAll, wait); }

setInterval(() => { if (!document.hidden) askAll(); }, SURELY_MS);
document.addEventListener("visibilitychange", () => { if (!document.hidden) askAll(); });

export function useAnswer(path) {
  const [told, tell] = useState({ path, value: path ? known(path) : undefined });
  useEffect(() => {
    if (!path) return undefined;
    let here = true;
    let asking = false;
    const ask = async () => {
      if (asking) return;
      asking = true;
      try {
        const value = await get(path);
        if (here) tell((before) => (before.path === path && before.value === value && !before.error ? before : { path, value }));
      } catch (error) {
        // A server that is away is told by the line; what was seen stays.
        if (here && error.status) tell({ path, value: known(path), error });
      } finally { asking = false; }
    };
    ask();
    const again = setTimeout(ask, AGAIN_MS[1]);
    askers.add(ask);
    return () => { here = false; clearTimeout(again); askers.delete(ask); };
  }, [path]);
  return told.path === path ? told : { path, value: path ? known(path) : undefined };
}

export function useChannel(name, listener) {
  useEffect(() => (name ? listen(name, listener) : undefined), [name]);
}

export function useItems(name, most = 500) {
  const [items, set] = useState([]);
  useEffect(() => {
    set([]);
    if (!name) return undefined;
    let fresh = [];
    let due = 0;
    const flush = () => {
      due = 0;
      const taken = fresh;
      fresh = [];
      set((before) => [...before, ...taken].slice(-most));
    };
    const leave = listen(name, (data, cursor) => {
      fresh.push({ data, cursor });
      if (!due) due = setTimeout(flush, 60);
    }, most);
    return () => { clearTimeout(due); leave(); };
  }, [name]);
  return items;
}

export function useLine() {
  const [told, tell] = useState({ ...line });
  useEffect(() => watchLine((now) => tell({ ...now })), []);
  return told;
}

export function useWidth(least = 240) {
  const [width, set] = useState(least);
  const [node, hold] = useState(null);
  useEffect(() => {
    if (!node) return undefined;
    const watching = new ResizeObserver(([entry]) => set(Math.max(least, Math.floor(entry.contentRect.width))));
    watching.observe(node);
    return () => watching.disconnect();
  }, [node]);
  return [hold, width];
}
