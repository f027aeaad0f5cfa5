// A list that goes on by itself: what follows is fetched when its end comes into sight, and put behind what is there.
"use strict";

const list = document.querySelector("[data-endless]");
let more = document.querySelector("a[data-more]");

async function goOn() {
  const link = more;
  if (!link || link.dataset.busy) return;
  link.dataset.busy = "1";
  try {
    const answer = await fetch(link.href, { headers: { accept: "text/html" } });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("[data-endless]");
    delete list.dataset.liveList; // what is shown is more than the first page, by which it would be renewed
    if (found) list.append(...found.children);
    const next = page.querySelector("a[data-more]");
    if (next) link.href = next.href;
    else link.remove();
    more = next ? link : null;
  } catch {
    seen.disconnect(); // the link itself leads on
  } finally {
    delete link.dataset.busy;
  }
}

const seen = new IntersectionObserver((entries) => {
  if (entries.some((one) => one.isIntersecting)) goOn();
}, { rootMargin: "400px" });

if (list && more) seen.observe(more);
