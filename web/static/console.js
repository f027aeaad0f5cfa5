// Keeps a page up to date and lets the clock tick. Everything works without it.
"use strict";

const every = 4000;
const parser = new DOMParser();

// --- figures: the same page is fetched again, and what is marked data-live takes its new text; nothing else moves.

async function refresh() {
  if (document.hidden || !document.querySelector("[data-live], [data-live-list]")) return;
  let fresh;
  try {
    const answer = await fetch(location.href, { headers: { accept: "text/html" }, redirect: "error" });
    if (!answer.ok) return;
    fresh = parser.parseFromString(await answer.text(), "text/html");
  } catch {
    return; // the server is away: what is shown stays
  }
  const found = new Map([...fresh.querySelectorAll("[data-live]")].map((node) => [node.dataset.live, node]));
  for (const node of document.querySelectorAll("[data-live]")) {
    const other = found.get(node.dataset.live);
    if (!other || other.innerHTML === node.innerHTML) continue;
    node.innerHTML = other.innerHTML;
    node.className = other.className;
    if (node.dataset.quiet === undefined) flash(node);
  }
  for (const list of document.querySelectorAll("[data-live-list]")) renew(list, fresh);
}

// A list takes its new rows only while its top is in sight and nothing in it is being read or used.
function renew(list, fresh) {
  const other = fresh.querySelector(`[data-live-list="${list.dataset.liveList}"]`);
  const used = list.contains(document.activeElement) || list.matches(":hover") || list.querySelector("details[open]");
  const busy = used || String(getSelection()) || scrollY > 40;
  if (!other || busy || other.innerHTML === list.innerHTML) return;
  const known = new Set([...list.querySelectorAll("[data-id]")].map((row) => row.dataset.id));
  list.innerHTML = other.innerHTML;
  if (known.size) for (const row of list.querySelectorAll("[data-id]")) if (!known.has(row.dataset.id)) flash(row);
}

function flash(node) {
  node.classList.remove("fresh");
  void node.offsetWidth; // begins the animation anew
  node.classList.add("fresh");
}

setInterval(refresh, every);

// --- the journey clock

const clock = document.querySelector("[data-clock]");
if (clock) {
  const { now, speed, zone } = JSON.parse(clock.dataset.clock);
  const start = performance.now();
  const korean = document.documentElement.lang === "ko";
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    year: "numeric",
    month: korean ? "2-digit" : "short",
    day: korean ? "2-digit" : "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  });
  const tick = () => {
    const at = new Date(1000 * (now + ((performance.now() - start) / 1000) * speed));
    const said = Object.fromEntries(format.formatToParts(at).map((part) => [part.type, part.value]));
    const day = korean ? `${said.year}.${said.month}.${said.day}` : `${said.month} ${said.day}, ${said.year}`;
    clock.textContent = `${day} ${said.hour}:${said.minute}`; // as the server writes it
    for (const short of document.querySelectorAll("[data-clock-time]")) short.textContent = `${said.hour}:${said.minute}`;
  };
  setInterval(tick, speed > 60 ? 200 : 5000);
}

// --- the picture: a step's edges light up while one looks at it

for (const card of document.querySelectorAll(".card[data-step]")) {
  const own = document.querySelectorAll(`.line[data-from="${card.dataset.step}"], .line[data-to="${card.dataset.step}"]`);
  const light = (on) => own.forEach((line) => line.classList.toggle("lit", on));
  for (const event of ["mouseenter", "focusin"]) card.addEventListener(event, () => light(true));
  for (const event of ["mouseleave", "focusout"]) card.addEventListener(event, () => light(false));
}

// --- filters that are lists act when chosen

for (const select of document.querySelectorAll("select[data-submit]")) {
  select.addEventListener("change", () => select.form.requestSubmit());
}

// --- menus close when one clicks elsewhere, or with Escape

const menus = () => document.querySelectorAll("details[data-menu]");
addEventListener("click", (event) => menus().forEach((menu) => menu.contains(event.target) || (menu.open = false)));
addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    if (!menu.open) continue;
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A menu inside of what scrolls would be cut off: it is laid over the page, where there is room for it.
for (const menu of document.querySelectorAll(".row-menu")) keepInSight(menu);
function keepInSight(menu) {
  menu.addEventListener("toggle", () => {
    const panel = menu.querySelector(".menu-panel");
    if (!menu.open) return panel.removeAttribute("style");
    for (const other of document.querySelectorAll(".row-menu[open]")) if (other !== menu) other.open = false;
    const at = menu.getBoundingClientRect();
    Object.assign(panel.style, { position: "fixed", right: `${innerWidth - at.right}px`, left: "auto", bottom: "auto" });
    const fits = at.bottom + 6 + panel.offsetHeight < innerHeight || at.top < panel.offsetHeight + 6;
    panel.style.top = fits ? `${at.bottom + 6}px` : `${at.top - 6 - panel.offsetHeight}px`;
  });
}
addEventListener("scroll", () => document.querySelectorAll(".row-menu[open]").forEach((menu) => (menu.open = false)), true);
document.addEventListener("searched", () => document.querySelectorAll(".row-menu").forEach(keepInSight));

// --- light or dark at once; the server remembers it for the next page

for (const form of document.querySelectorAll("[data-theme-choice]")) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const theme = event.submitter.value;
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    for (const button of form.querySelectorAll("button")) button.setAttribute("aria-pressed", String(button === event.submitter));
    fetch(form.action, { method: "POST", body: new URLSearchParams({ theme }), redirect: "manual" });
  });
}

// --- what is shown once can be copied; what cannot be undone is asked first; a button that was pressed says so

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    button.querySelector("span").textContent = button.dataset.said;
  });
}

for (const input of document.querySelectorAll("[data-copied]")) input.addEventListener("focus", () => input.select());

addEventListener("submit", (event) => {
  if (!event.target.dataset.confirm || confirm(event.target.dataset.confirm)) return;
  event.preventDefault();
  event.target.reset(); // a choice that was not meant shows what is
});

// --- searching while one types: after a short rest; only what was found is put in place, so that the field, and a
// syllable of Hangul that is not yet whole, stay as they are

let searches = 0;

async function search(form) {
  const turn = ++searches;
  const address = new URL(form.getAttribute("action") ?? location.pathname, location.href);
  for (const [name, value] of new FormData(form)) if (value) address.searchParams.set(name, value);
  const parts = document.querySelectorAll("[data-part]");
  const waiting = setTimeout(() => parts.forEach((part) => part.setAttribute("aria-busy", "true")), 150);
  try {
    const answer = await fetch(address, { headers: { accept: "text/html" }, redirect: "error" });
    const fresh = parser.parseFromString(await answer.text(), "text/html");
    if (turn !== searches) return;
    for (const part of parts) {
      const other = fresh.querySelector(`[data-part="${part.dataset.part}"]`);
      if (other) part.innerHTML = other.innerHTML;
    }
    history.replaceState(null, "", address);
    document.dispatchEvent(new Event("searched"));
  } catch {
    if (turn === searches) location.assign(address); // the page itself says what is wrong
  } finally {
    clearTimeout(waiting);
    if (turn === searches) parts.forEach((part) => part.removeAttribute("aria-busy"));
  }
}

for (const form of document.querySelectorAll("form[data-search]")) {
  let resting;
  form.addEventListener("input", () => {
    clearTimeout(resting);
    resting = setTimeout(() => search(form), 250);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(resting);
    search(form);
  });
}

// --- the next page is on its way: a line says so when it takes longer than a moment

let leaving;
const stay = () => {
  clearTimeout(leaving);
  document.documentElement.classList.remove("leaving");
};
addEventListener("beforeunload", () => {
  leaving = setTimeout(() => {
    document.documentElement.classList.add("leaving");
    leaving = setTimeout(stay, 8000); // a file was saved, and the page stayed
  }, 120);
});
addEventListener("pageshow", stay);
