// Events as they come in: rows are made by the server, here they are put in place, held back while one reads, and cut.
"use strict";

const most = 300;
const panel = document.querySelector("[data-tail]");
const list = panel.querySelector("[data-rows]");
const nothing = panel.querySelector("[data-empty]");
const newer = panel.querySelector("[data-newer]");
const state = document.querySelector(".live-state");
const pause = document.querySelector("[data-pause]");
let source = null;
let last = new URL(panel.dataset.tail, location.href).searchParams.get("after");
let held = [];

const paused = () => pause.getAttribute("aria-pressed") === "true";
// Rows below the top of the window must not move under the reader's eyes.
const reading = () => scrollY > 80 || list.querySelector("details[open]") !== null;
const say = (what) => (state.dataset.state = what);

function connect() {
  if (source || paused() || document.hidden) return;
  const address = new URL(panel.dataset.tail, location.href);
  address.searchParams.set("after", last);
  for (const [name, value] of new URLSearchParams(location.search)) address.searchParams.set(name, value);
  source = new EventSource(address);
  source.addEventListener("open", () => say("live"));
  source.addEventListener("error", () => {
    say(source.readyState === EventSource.CLOSED ? "lost" : "connecting");
    if (source.readyState === EventSource.CLOSED) setTimeout(() => (leave(), connect()), 5000);
  });
  source.addEventListener("rows", (event) => {
    last = event.lastEventId;
    const template = document.createElement("template");
    template.innerHTML = JSON.parse(event.data).html;
    held = [...template.content.querySelectorAll("details.event"), ...held].slice(0, most);
    if (!reading()) show();
    newer.hidden = held.length === 0;
    newer.querySelector("b").textContent = held.length;
  });
}

function leave() {
  source?.close();
  source = null;
}

// In the order in which it happened: what a shop tells late goes to its place.
const isBefore = (one, other) =>
  (Number(one.dataset.at) - Number(other.dataset.at) || Number(one.dataset.id) - Number(other.dataset.id)) < 0;

function show() {
  const known = new Set([...list.children].map((row) => row.dataset.id));
  const fresh = held.filter((row) => !known.has(row.dataset.id));
  for (const row of fresh.reverse()) list.insertBefore(row, [...list.children].find((other) => isBefore(other, row)) ?? null);
  fresh.forEach((row) => row.classList.add("fresh"));
  while (list.children.length > most) list.lastElementChild.remove();
  nothing.hidden = list.children.length > 0;
  held = [];
  newer.hidden = true;
}

// Other filters: another list, and another stream.
document.addEventListener("searched", () => {
  leave();
  held = [];
  newer.hidden = true;
  nothing.hidden = list.children.length > 0;
  last = Math.max(last, ...[...list.children].map((row) => Number(row.dataset.id)));
  connect();
});

pause.hidden = false;
pause.addEventListener("click", () => {
  pause.setAttribute("aria-pressed", String(!paused()));
  leave();
  say(paused() ? "paused" : "connecting");
  connect();
});
newer.addEventListener("click", () => {
  list.querySelectorAll("details[open]").forEach((row) => (row.open = false));
  scrollTo({ top: 0 });
  show();
});
// A page that nobody sees holds no connection: browsers have few of them for all tabs together.
document.addEventListener("visibilitychange", () => (document.hidden ? leave() : connect()));
addEventListener("pagehide", leave);
connect();
