// The bar on the left remembers how wide it is and what is folded; on narrow windows, and over the canvas, it is a drawer.
"use strict";
(() => {
  const root = document.body;
  const side = document.getElementById("side");
  const toggle = document.getElementById("side-toggle");
  const opener = document.getElementById("side-open");
  if (!side) return;

  const remember = (name, value) => {
    document.cookie = `${name}=${value}; path=/; max-age=31536000; samesite=lax`;
  };
  const narrow = matchMedia("(max-width: 860px)");
  const isDrawer = () => narrow.matches || root.dataset.bar === "over";
  const isOpen = () => root.dataset.drawer === "open";
  const hasWords = () => isOpen() || (!narrow.matches && root.dataset.bar === "wide");

  // Where only icons are shown, their words are in reach of the mouse; for screen readers they are always there.
  function name() {
    for (const one of side.querySelectorAll("[data-name]")) {
      if (hasWords()) one.removeAttribute("title");
      else one.title = one.dataset.name;
      if (hasWords()) one.removeAttribute("aria-label");
      else one.setAttribute("aria-label", one.dataset.name);
    }
    const wide = hasWords();
    const word = wide ? toggle.dataset.narrow : toggle.dataset.wide;
    toggle.title = word;
    toggle.querySelector("span").textContent = word;
    toggle.setAttribute("aria-expanded", String(wide));
    opener.setAttribute("aria-expanded", String(isOpen()));
  }

  const behind = () => [document.getElementById("main"), document.querySelector(".bar-top"), document.querySelector(".skip")];
  function openDrawer() {
    root.dataset.drawer = "open";
    for (const one of behind()) if (one) one.inert = true;
    name();
    (side.querySelector("[aria-current]") ?? side.querySelector(".nav a")).focus();
  }
  function closeDrawer(focus = true) {
    if (!isOpen()) return;
    delete root.dataset.drawer;
    for (const one of behind()) if (one) one.inert = false;
    name();
    if (focus) (narrow.matches ? opener : toggle).focus();
  }

  opener.setAttribute("role", "button");
  opener.addEventListener("click", (event) => {
    event.preventDefault();
    openDrawer();
  });
  document.getElementById("side-close").addEventListener("click", (event) => {
    event.preventDefault();
    closeDrawer();
  });
  document.getElementById("side-scrim").addEventListener("click", () => closeDrawer());
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !isOpen() || side.querySelector("details[open]")) return;
    event.stopPropagation();
    closeDrawer();
  });
  narrow.addEventListener("change", () => {
    closeDrawer(false);
    name();
  });

  toggle.hidden = false;
  toggle.addEventListener("click", () => {
    if (isDrawer()) {
      if (isOpen()) closeDrawer();
      else openDrawer();
      return;
    }
    root.dataset.bar = root.dataset.bar === "wide" ? "narrow" : "wide";
    remember("sojourn_bar", root.dataset.bar);
    name();
    dispatchEvent(new Event("resize")); // what measures its room does so anew
  });

  for (const button of side.querySelectorAll(".nav-fold")) {
    button.addEventListener("click", () => {
      const group = button.closest(".nav-group");
      button.setAttribute("aria-expanded", String(!group.classList.toggle("folded")));
      remember("sojourn_folded", [...side.querySelectorAll(".nav-group.folded")].map((one) => one.dataset.group).join("."));
    });
  }
  name();
  // What is open may stand far down in the bar, and below it what belongs to it.
  const showHere = () => {
    const here = side.querySelector("[aria-current]");
    here?.closest("ul").lastElementChild.scrollIntoView({ block: "nearest" });
    here?.scrollIntoView({ block: "nearest" });
  };
  showHere();
  addEventListener("load", showHere, { once: true }); // once everything has its height
})();
