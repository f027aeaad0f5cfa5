// What a script adds to the page of a survey: no second tap is sent, and a coupon appears as soon as it is given.
"use strict";

const ask = document.querySelector("form.ask");
if (ask) {
  ask.addEventListener("submit", (event) => {
    if ("preview" in ask.dataset || ask.dataset.sent) event.preventDefault();
    ask.dataset.sent = "1";
  });
  // Back from the page after: what was sent may be sent again, and the server says that it was.
  window.addEventListener("pageshow", () => delete ask.dataset.sent);
}

const coupon = document.querySelector("[data-coupon]");
if (coupon) {
  const look = async (tries) => {
    try {
      const answer = await fetch(coupon.dataset.coupon, { headers: { accept: "application/json" } });
      const found = answer.ok ? await answer.json() : {};
      if (found.code) return show(found);
    } catch {
      // Without a connection the page is still thanks enough.
    }
    if (tries > 0) setTimeout(() => look(tries - 1), 1000);
  };
  const show = ({ code, until }) => {
    coupon.querySelector(".code").textContent = code;
    const line = coupon.querySelector(".until");
    line.textContent = until ? line.dataset.words.replace("{day}", until) : "";
    coupon.hidden = false;
  };
  coupon.querySelector(".copy").addEventListener("click", async (event) => {
    const button = event.currentTarget;
    try {
      await navigator.clipboard.writeText(coupon.querySelector(".code").textContent);
      button.textContent = button.dataset.copied;
    } catch {
      getSelection().selectAllChildren(coupon.querySelector(".code"));
    }
  });
  look(6);
}
