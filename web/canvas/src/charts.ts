/** Draws the charts of a page of the console: of those in sight first, for what draws them is large and comes only then. */

import { show } from "@/charts/figure";
import "@/charts/charts.css";

const inSight = new IntersectionObserver(
  (entries) => {
    for (const { isIntersecting, target } of entries) {
      if (!isIntersecting) continue;
      inSight.unobserve(target);
      void show(target as HTMLElement);
    }
  },
  { rootMargin: "200px" },
);

const look = (within: ParentNode): void => {
  for (const figure of within.querySelectorAll<HTMLElement>("figure.chart:not([data-watched])")) {
    figure.dataset.watched = "";
    inSight.observe(figure);
  }
};

look(document);

/** Figures that take a moment to count come once the page stands. */
async function bring(place: HTMLElement): Promise<void> {
  place.setAttribute("aria-busy", "true");
  try {
    const answer = await fetch(place.dataset.fetch ?? "", { headers: { accept: "text/html" }, redirect: "error" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-figures]");
    if (!answer.ok || !fresh) throw new Error(String(answer.status));
    place.replaceChildren(document.adoptNode(fresh));
    look(place);
  } catch {
    place.textContent = place.dataset.failed ?? "";
  }
  place.removeAttribute("aria-busy");
}
for (const place of document.querySelectorAll<HTMLElement>("[data-fetch]")) void bring(place);

// Dates that somebody writes are a period of their own; what is left empty does not stand in the address.
for (const form of document.querySelectorAll<HTMLFormElement>("form[data-filters]")) {
  form.addEventListener("change", ({ target }) => {
    const period = form.elements.namedItem("period");
    if (target instanceof HTMLInputElement && target.type === "date" && period instanceof HTMLSelectElement) period.value = "own";
  });
  form.addEventListener("formdata", ({ formData }) => {
    const own = formData.get("period") === "own";
    for (const [name, value] of [...formData]) if (value === "" || (!own && (name === "from" || name === "to"))) formData.delete(name);
  });
}
