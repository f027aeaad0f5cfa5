// A file is sent as it is: dropped or chosen. Then the page that shows what was read of it opens.
"use strict";

const place = document.querySelector("[data-upload]");

if (place) {
  const told = place.querySelector("[data-upload-told]");
  const file = place.querySelector("[data-upload-file]");
  const csrf = document.querySelector("meta[name=csrf-token]")?.content ?? "";

  const say = (words, good = false) => {
    const line = document.createElement("p");
    line.className = good ? "notice good" : "notice";
    line.textContent = words;
    told.replaceChildren(line);
  };

  const send = async (one) => {
    if (!one) return;
    say(told.dataset.busy, true);
    place.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(`${place.dataset.upload}?name=${encodeURIComponent(one.name.slice(-200))}`, {
        method: "POST",
        headers: { "content-type": "application/octet-stream", "accept-language": document.documentElement.lang, "x-csrf-token": csrf },
        body: one,
      });
      const body = await answer.json();
      if (answer.ok) return location.assign(place.dataset.uploadNext + body.id);
      say(body.detail);
    } catch {
      say(told.dataset.away);
    }
    place.removeAttribute("aria-busy");
    file.value = "";
  };

  file.addEventListener("change", () => send(file.files[0]));
  place.addEventListener("dragover", (event) => event.preventDefault());
  place.addEventListener("drop", (event) => {
    event.preventDefault();
    send(event.dataTransfer.files[0]);
  });
}
