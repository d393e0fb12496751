// The line: one socket for all channels. What was is read by HTTP, what happens comes by the socket
// from the cursor on; after a break each channel goes on from its own cursor, without a hole.

import { API } from "./api.js";

const QUIET_MS = 20_000;
const feeds = new Map();
const watchers = new Set();
let socket = null;
let waitMs = 250;
let heardAt = 0;
let breaks = 0;

export const line = { state: "connecting", breaks: 0 };

function tell(state) {
  line.state = state;
  line.breaks = breaks;
  for (const watcher of watchers) watcher(line);
}

// Who begins to watch is told at once: the line may have opened since the page was drawn.
export function watchLine(watcher) {
  watchers.add(watcher);
  watcher(line);
  return () => watchers.delete(watcher);
}

function say(told) {
  if (socket && socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(told));
}

function subscribe(name, feed) {
  if (feed.ready) say(feed.cursor === null ? { subscribe: name } : { subscribe: name, after: feed.cursor });
}

function hand(feed, cursor, data) {
  if (cursor === feed.cursor) return;
  feed.cursor = cursor;
  feed.items.push({ cursor, data });
  if (feed.items.length > feed.most) feed.items.splice(0, feed.items.length - feed.most);
  for (const listener of feed.listeners) listener(data, cursor);
}

async function readHistory(name, feed) {
  for (let more = true; more;) {
    const after = feed.cursor === null ? "" : `?after=${encodeURIComponent(feed.cursor)}`;
    const answer = await fetch(`${API}/channels/${encodeURIComponent(name)}${after}`);
    if (!answer.ok) return;
    const { items } = await answer.json();
    for (const item of items) hand(feed, item.cursor, item.data);
    more = items.length >= 500;
  }
}

export function listen(name, listener, most = 500) {
  let feed = feeds.get(name);
  if (feed) {
    for (const item of feed.items) listener(item.data, item.cursor);
  } else {
    feed = { cursor: null, items: [], listeners: new Set(), ready: false, most };
    feeds.set(name, feed);
    const begun = feed;
    readHistory(name, begun).catch(() => {}).finally(() => {
      begun.ready = true;
      if (feeds.get(name) === begun) subscribe(name, begun);
    });
  }
  feed.listeners.add(listener);
  const own = feed;
  return () => {
    own.listeners.delete(listener);
    if (own.listeners.size || feeds.get(name) !== own) return;
    feeds.delete(name);
    say({ unsubscribe: name });
  };
}

export function connect() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const opened = new WebSocket(`${scheme}://${location.host}/ws`);
  socket = opened;
  opened.onopen = () => {
    waitMs = 250;
    heardAt = Date.now();
    tell("live");
    for (const [name, feed] of feeds) subscribe(name, feed);
  };
  opened.onmessage = (message) => {
    if (opened !== socket) return;
    heardAt = Date.now();
    const told = JSON.parse(message.data);
    const feed = feeds.get(told.channel);
    if (feed && "data" in told) hand(feed, told.cursor, told.data);
  };
  opened.onclose = () => {
    if (opened !== socket) return;
    socket = null;
    breaks += 1;
    tell("broken");
    setTimeout(connect, waitMs * (0.75 + Math.random() / 2));
    waitMs = Math.min(waitMs * 2, 5_000);
  };
}

// A line that is cut says nothing: ask now and then, and begin anew where no answer comes.
setInterval(() => {
  if (!socket || socket.readyState !== WebSocket.OPEN) return;
  if (Date.now() - heardAt > 2 * QUIET_MS) socket.close();
  else if (Date.now() - heardAt > QUIET_MS) say({ unsubscribe: "alive" });
}, 5_000);
