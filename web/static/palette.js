// Ctrl-K (⌘K): journeys, customers, templates, surveys, coupon pools, pages and actions, found by a part of their name.
// The canvas has a list of its own, in which its steps and tools stand as well: whoever takes the event opens it.
"use strict";
(() => {
  const words = JSON.parse(document.body.dataset.paletteWords ?? "null");
  if (!words) return;
  const mac = /Mac|iPhone|iPad/.test(navigator.platform);
  for (const key of document.querySelectorAll("[data-command-key]")) key.textContent = mac ? "⌘K" : "Ctrl K";

  const make = (tag, attributes = {}, ...children) => {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    made.append(...children);
    return made;
  };
  const sprite = document.querySelector(".icon use")?.getAttribute("href").split("#")[0] ?? "";
  const icon = (name) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    svg.setAttribute("class", "icon");
    svg.setAttribute("aria-hidden", "true");
    use.setAttribute("href", `${sprite}#${name}`);
    svg.append(use);
    return svg;
  };

  let dialog, input, list, status, options, chosen, turn = 0, resting;

  function build() {
    input = make("input", {
      type: "text", role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list", "aria-autocomplete": "list",
      autocomplete: "off", spellcheck: "false", maxlength: "100", placeholder: words.placeholder, "aria-label": words.placeholder,
    });
    list = make("div", { id: "palette-list", role: "listbox", "aria-label": words.title });
    status = make("p", { role: "status", class: "palette-said" });
    dialog = make("dialog", { class: "palette-box", "aria-label": words.title }, make("div", { class: "palette-field" }, icon("search"), input), list, status);
    document.body.append(dialog);
    input.addEventListener("input", () => {
      clearTimeout(resting);
      resting = setTimeout(search, 120);
    });
    dialog.addEventListener("keydown", pressed);
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    list.addEventListener("pointermove", (event) => {
      const option = event.target.closest("[role=option]");
      if (option && option !== options[chosen]) choose(options.indexOf(option), false);
    });
  }

  function open() {
    if (!dialog) build();
    if (dialog.open) return;
    input.value = "";
    show([]);
    dialog.showModal();
    input.focus();
    search();
  }

  async function search() {
    const mine = ++turn;
    const waiting = setTimeout(() => mine === turn && (status.textContent = words.waiting), 300);
    try {
      const answer = await fetch(`/api/search?q=${encodeURIComponent(input.value.trim())}`, {
        headers: { "accept-language": document.documentElement.lang }, redirect: "error",
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const { items } = await answer.json();
      if (mine === turn) show(items, items.length ? "" : words.nothing);
    } catch {
      if (mine === turn) show([], words.failed);
    } finally {
      clearTimeout(waiting);
    }
  }

  function show(items, said = "") {
    const groups = new Map();
    for (const item of items) groups.set(item.group, [...(groups.get(item.group) ?? []), item]);
    options = [];
    list.replaceChildren(
      ...[...groups].map(([title, found], n) => {
        const heading = make("div", { class: "palette-group", id: `palette-group-${n}` }, title);
        const rows = found.map((item) => {
          const link = make("a", { role: "option", href: item.href, tabindex: "-1", "aria-selected": "false", id: `palette-${options.length}` },
            icon(item.icon), make("span", {}, item.title));
          if (item.detail) link.append(make("span", { class: "faint" }, item.detail));
          options.push(link);
          return link;
        });
        return make("div", { role: "group", "aria-labelledby": heading.id }, heading, ...rows);
      }),
    );
    list.hidden = !options.length;
    status.textContent = said || (options.length ? words.found.replace("{count}", options.length) : "");
    status.classList.toggle("hidden", !said);
    choose(0, true);
  }

  function choose(n, scroll) {
    chosen = options.length ? (n + options.length) % options.length : -1;
    options.forEach((one, at) => one.setAttribute("aria-selected", String(at === chosen)));
    if (chosen < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", options[chosen].id);
    if (scroll && chosen >= 0) options[chosen].scrollIntoView({ block: "nearest" });
  }

  function pressed(event) {
    event.stopPropagation();
    if (event.isComposing) return; // a syllable of Hangul is being put together
    if (event.key === "ArrowDown") choose(chosen + 1, true);
    else if (event.key === "ArrowUp") choose(chosen - 1, true);
    else if (event.key === "Home" && event.ctrlKey) choose(0, true);
    else if (event.key === "End" && event.ctrlKey) choose(options.length - 1, true);
    else if (event.key === "Enter" && chosen >= 0) options[chosen].click();
    else if (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey)) dialog.close();
    else return;
    event.preventDefault();
  }

  /** Whoever has a list of their own takes the event; then ours stays shut. */
  const call = () => document.dispatchEvent(new CustomEvent("sojourn:palette", { cancelable: true })) && open();

  for (const button of document.querySelectorAll("[data-palette]")) {
    button.hidden = false;
    button.addEventListener("click", call);
  }
  addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.altKey || event.shiftKey || !(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    call();
  });
})();
