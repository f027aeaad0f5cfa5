// A journey file becomes a draft: read first, with all that is wrong with it and where, and made only when asked to.
"use strict";

const form = document.querySelector("[data-import]");
const most = 30; // problems that are listed

if (form) {
  const said = form.querySelector("[data-import-words]").dataset;
  const text = form.querySelector("textarea");
  const file = form.querySelector("input[type=file]");
  const told = form.querySelector("[data-import-told]");
  const open = form.querySelector("[data-import-open]");
  const locale = document.documentElement.lang;
  const csrf = document.querySelector("meta[name=csrf-token]")?.content ?? "";
  let read = null;

  const ask = (address, type, body) =>
    fetch(address, {
      method: "POST",
      headers: { "content-type": type, "accept-language": locale, "x-csrf-token": csrf },
      body,
    });

  const fill = (phrase, values) => phrase.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

  const notice = (words, good = false) => {
    const line = document.createElement("p");
    line.className = good ? "notice good" : "notice";
    line.textContent = words;
    told.replaceChildren(line);
  };

  const forget = () => {
    read = null;
    open.hidden = true;
    told.replaceChildren();
  };

  // One line for each problem: where it is, then what it is.
  const list = (problems) => {
    const rows = document.createElement("ul");
    rows.className = "import-problems";
    for (const problem of problems.slice(0, most)) {
      const row = document.createElement("li");
      const place = document.createElement("code");
      place.textContent = [problem.step, problem.field].filter(Boolean).join(" · ") || said.journey;
      const kind = document.createElement("strong");
      kind.textContent = problem.severity === "error" ? said.error : said.warning;
      row.append(kind, " ", place, " ", problem.message);
      row.className = problem.severity;
      rows.append(row);
    }
    if (problems.length > most) {
      const row = document.createElement("li");
      row.textContent = fill(said.more, { count: problems.length - most });
      rows.append(row);
    }
    told.append(rows);
  };

  file.addEventListener("change", async () => {
    const chosen = file.files[0];
    if (!chosen) return;
    form.querySelector("[data-import-name]").textContent = chosen.name;
    text.value = await chosen.text();
    form.requestSubmit();
  });

  text.addEventListener("input", forget);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    forget();
    if (!text.value.trim()) return notice(said.empty);
    try {
      const answer = await ask("/api/journeys/read", "application/yaml", text.value); // of which JSON is a part
      const found = await answer.json();
      if (!answer.ok) return notice(`${said.refused} ${found.field ? `${found.field}: ` : ""}${found.detail ?? found.message}`);
      read = found.document;
      const errors = found.problems.filter((problem) => problem.severity === "error").length;
      notice(errors ? fill(said.errors, { count: errors }) : said.fine, !errors);
      list(found.problems);
      open.hidden = false;
      open.focus();
    } catch {
      notice(said.away);
    }
  });

  open.addEventListener("click", async () => {
    if (!read) return;
    open.disabled = true;
    try {
      const named = read.name ? {} : { name: read.key || said.journey };
      const answer = await ask("/api/journeys", "application/json", JSON.stringify({ document: read, ...named }));
      const made = await answer.json();
      if (answer.ok) return location.assign(`/journeys/${encodeURIComponent(made.key)}`);
      notice(`${said.refused} ${made.detail ?? made.message}`);
    } catch {
      notice(said.away);
    }
    open.disabled = false;
  });
}
