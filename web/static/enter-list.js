// A list of customers: looked at as soon as it is chosen, with the lines that name nobody; sent when it is started.
"use strict";

const form = document.querySelector("[data-enter-list]");

if (form) {
  const said = form.querySelector("[data-words]").dataset;
  const file = form.querySelector("input[type=file]");
  const told = form.querySelector("[data-told]");
  const start = form.querySelector("button");
  const chosen = file.closest("label").querySelector("span");
  const csrf = document.querySelector("meta[name=csrf-token]")?.content ?? "";
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const shown = 200; // lines that are listed

  const fill = (phrase, values) => phrase.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

  const notice = (words, good = false) => {
    const line = document.createElement("p");
    line.className = good ? "notice good" : "notice";
    line.textContent = words;
    told.replaceChildren(line);
  };

  const list = (lines, all) => {
    const rows = document.createElement("ul");
    rows.className = "coupon-lines";
    for (const one of lines.slice(0, shown)) {
      const row = document.createElement("li");
      const who = document.createElement("code");
      who.textContent = one.customer;
      row.append(`${fill(said.line, { line: number.format(one.line) })} `, who, ` ${one.message}`);
      rows.append(row);
    }
    if (all > shown) {
      const row = document.createElement("li");
      row.textContent = fill(said.more, { count: number.format(all - shown) });
      rows.append(row);
    }
    told.append(rows);
  };

  const send = async (looking) => {
    const asked = new URLSearchParams({ dry_run: looking, per_second: form.per_second.value, why: form.why.value });
    const answer = await fetch(`${form.dataset.enterList}?${asked}`, {
      method: "POST",
      headers: { "Content-Type": "text/csv", "X-CSRF-Token": csrf, "Accept-Language": document.documentElement.lang },
      body: file.files[0],
    });
    return [answer.ok, await answer.json()];
  };

  const attempt = async (looking) => {
    start.disabled = true;
    notice(said.looking, true);
    try {
      const [ok, found] = await send(looking);
      if (!ok) return notice(found.detail ?? said.away);
      if (found.operation) return location.assign(`/operations/${found.operation}`);
      const counts = { count: number.format(found.accepted), refused: number.format(found.refused) };
      notice(fill(found.accepted ? said.found : said.nobody, counts), found.accepted > 0);
      if (found.refused) {
        told.append(fill(said.refused, counts));
        list(found.lines, found.refused);
      }
      start.disabled = found.accepted === 0;
    } catch {
      notice(said.away);
    }
  };

  file.addEventListener("change", () => {
    if (!file.files[0]) return;
    chosen.textContent = file.files[0].name;
    attempt(true);
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(false);
  });
}
