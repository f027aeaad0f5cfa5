// Codes are sent to a pool as they are, from a file or pasted, with the progress of sending; then each line that was
// left out is told with its reason.
"use strict";

const form = document.querySelector("[data-coupon-upload]");

if (form) {
  const said = form.querySelector("[data-coupon-words]").dataset;
  const text = form.querySelector("textarea");
  const file = form.querySelector("input[type=file]");
  const told = form.querySelector("[data-coupon-told]");
  const choose = file.closest("label").querySelector("span");
  const unchosen = choose.textContent;
  const bar = form.querySelector("progress");
  const button = form.querySelector("button");
  const csrf = document.querySelector("meta[name=csrf-token]")?.content ?? "";
  const number = new Intl.NumberFormat(document.documentElement.lang);
  const shown = 200; // lines that are listed

  file.addEventListener("change", () => {
    choose.textContent = file.files[0]?.name ?? unchosen;
  });

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
      const code = document.createElement("code");
      code.textContent = one.code;
      row.append(`${fill(said.line, { line: number.format(one.line) })} `, code, ` ${one.message}`);
      rows.append(row);
    }
    if (all > shown) {
      const row = document.createElement("li");
      row.textContent = fill(said.more, { count: number.format(all - shown) });
      rows.append(row);
    }
    told.append(rows);
  };

  const answered = (request) => {
    const found = request.response;
    if (request.status !== 200 || !found) return notice(found?.detail ?? said.away);
    notice(
      [fill(said.added, { count: number.format(found.added) }), found.left_out ? fill(said.leftOut, { count: number.format(found.left_out) }) : ""]
        .filter(Boolean)
        .join(" "),
      found.left_out === 0,
    );
    if (found.left_out) return list(found.lines, found.left_out);
    setTimeout(() => location.reload(), 800);
  };

  file.addEventListener("change", () => {
    const chosen = file.files[0];
    if (chosen) form.requestSubmit();
  });

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const body = file.files[0] ?? text.value;
    if (typeof body === "string" && !body.trim()) return notice(said.none);
    const request = new XMLHttpRequest();
    request.open("POST", form.dataset.couponUpload);
    request.responseType = "json";
    request.setRequestHeader("content-type", "text/csv");
    request.setRequestHeader("accept-language", document.documentElement.lang);
    request.setRequestHeader("x-csrf-token", csrf);
    const over = () => {
      bar.hidden = true;
      button.disabled = false;
      file.value = "";
    };
    request.upload.addEventListener("progress", (step) => {
      bar.value = step.lengthComputable ? (100 * step.loaded) / step.total : 0;
      if (step.loaded === step.total) bar.removeAttribute("value"); // the server is still at it
    });
    request.addEventListener("load", () => {
      over();
      answered(request);
    });
    request.addEventListener("error", () => {
      over();
      notice(said.away);
    });
    notice(said.sending, true);
    bar.hidden = false;
    bar.value = 0;
    button.disabled = true;
    request.send(body);
  });
}
