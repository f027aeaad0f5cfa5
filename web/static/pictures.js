// Pictures are sent one after the other: dropped, pasted, or chosen. Then the library is shown anew.
"use strict";

const drop = document.querySelector("[data-pictures-drop]");

if (drop) {
  const told = drop.querySelector("[data-pictures-told]");
  const file = drop.querySelector("[data-pictures-file]");
  const csrf = document.querySelector("meta[name=csrf-token]")?.content ?? "";
  const locale = document.documentElement.lang;
  const fill = (phrase, values) => phrase.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

  const notice = (words, good = false) => {
    const line = document.createElement("p");
    line.className = good ? "notice good" : "notice";
    line.textContent = words;
    return line;
  };

  const send = async (one) => {
    const answer = await fetch(`/api/media?title=${encodeURIComponent(one.name.slice(-200))}`, {
      method: "POST",
      headers: { "content-type": one.type || "application/octet-stream", "accept-language": locale, "x-csrf-token": csrf },
      body: one,
    });
    const body = await answer.json();
    return answer.ok ? null : body.detail;
  };

  const sendAll = async (files) => {
    const wanted = [...files];
    if (wanted.length === 0) return;
    const wrong = [];
    drop.setAttribute("aria-busy", "true");
    for (const [n, one] of wanted.entries()) {
      told.replaceChildren(notice(fill(told.dataset.busy, { n: n + 1, count: wanted.length }), true));
      try {
        const fault = await send(one);
        if (fault) wrong.push(`${one.name}: ${fault}`);
      } catch {
        wrong.push(`${one.name}: ${told.dataset.away}`);
      }
    }
    drop.removeAttribute("aria-busy");
    file.value = "";
    if (wrong.length === 0) return location.assign(wanted.length === 1 ? "/pictures?done=picture_added" : "/pictures?done=pictures_added");
    told.replaceChildren(...wrong.map((words) => notice(words)));
  };

  file.addEventListener("change", () => sendAll(file.files));
  document.addEventListener("dragover", (event) => {
    if (![...event.dataTransfer.types].includes("Files")) return;
    event.preventDefault();
    drop.dataset.over = "";
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) delete drop.dataset.over;
  });
  document.addEventListener("drop", (event) => {
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    delete drop.dataset.over;
    sendAll(event.dataTransfer.files);
  });
  document.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])].filter((one) => one.type.startsWith("image/"));
    if (files.length) sendAll(files);
  });
}
