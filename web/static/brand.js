// The brand is looked at while it is changed: the e-mail beside the form, and whether it can be read.
"use strict";

const form = document.querySelector("[data-brand]");

if (form) {
  const frame = document.querySelector("[data-brand-preview]");
  const dark = document.querySelector("[data-brand-dark]");
  const faint = form.querySelector("[data-brand-faint]");
  const logo = form.querySelector("[data-brand-logo]");
  const drop = form.querySelector("[data-brand-drop]");
  const file = form.querySelector("[data-brand-file]");
  const said = form.querySelector("#h-logo");
  const csrf = document.querySelector("meta[name=csrf-token]")?.content ?? "";
  const locale = document.documentElement.lang;
  let asked = 0;

  const parameters = () => {
    const given = new URLSearchParams(new FormData(form));
    given.delete("csrf");
    return given;
  };

  const line = (words, kind) => {
    const row = document.createElement("p");
    row.className = kind;
    row.textContent = words;
    return row;
  };

  const look = async () => {
    const given = parameters();
    const mine = ++asked;
    if (dark.checked) given.set("scheme", "dark");
    frame.src = `/settings/brand/preview?${given}`;
    const own = /\/media\/[0-9a-f]{32}\.(png|jpg|gif)$/.exec(given.get("logo") ?? "");
    logo.hidden = !own;
    if (own) logo.src = own[0];
    try {
      const found = await (await fetch(`/settings/brand/check?${given}`)).json();
      if (mine !== asked) return;
      const rows = found.faint.map((words) => line(words, "notice"));
      faint.replaceChildren(...(rows.length ? rows : [line(faint.dataset.fine, "faint")]));
    } catch {
      // the form says it again when it is saved
    }
  };

  let timer = 0;
  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(look, 250);
  };
  form.addEventListener("input", (event) => event.target !== file && soon());
  dark.addEventListener("change", look);

  const send = async (one) => {
    said.textContent = drop.dataset.busy;
    try {
      const answer = await fetch(`/api/media?title=${encodeURIComponent(one.name.slice(-200))}`, {
        method: "POST",
        headers: { "content-type": one.type, "accept-language": locale, "x-csrf-token": csrf },
        body: one,
      });
      const body = await answer.json();
      said.textContent = answer.ok ? body.title : body.detail;
      if (answer.ok) form.elements.logo.value = body.url;
    } catch {
      said.textContent = drop.dataset.away;
    }
    look();
  };

  file.addEventListener("change", () => file.files[0] && send(file.files[0]));
  drop.addEventListener("dragover", (event) => event.preventDefault());
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) send(event.dataTransfer.files[0]);
  });
}
