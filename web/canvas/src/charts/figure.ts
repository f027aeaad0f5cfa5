/** One chart on its page: drawn when it comes into sight, drawn anew when its room or the page's colours change, walked by keys. */

import type { Point } from "./drawing";
import type { ECharts } from "./engine";
import { lookOf } from "./look";
import { draw } from "./options";
import type { Speech } from "./say";
import type { Told } from "./told";

/** What the server wrote into the page for this figure and others of its report. */
export function toldIn(figure: HTMLElement): Told | null {
  try {
    return JSON.parse(document.getElementById(figure.dataset.told ?? "")?.textContent ?? "null") as Told | null;
  } catch {
    return null;
  }
}

export async function show(figure: HTMLElement): Promise<void> {
  const told = toldIn(figure);
  const chart = told?.charts[Number(figure.dataset.chart ?? 0)];
  const place = figure.querySelector<HTMLElement>(".chart-drawing");
  if (!told || !chart || !place) return;
  const { start } = await import("./engine");
  const canvas = document.createElement("div");
  canvas.className = "chart-canvas";
  canvas.setAttribute("aria-hidden", "true");
  place.replaceChildren(canvas);
  figure.dataset.drawn = "";
  const engine = start(canvas);
  let points: Point[] = [];
  const drawIn = (room: number) => {
    const asked = { told, chart, look: lookOf(figure), speech: speechOf(figure), width: room };
    const drawn = draw(asked);
    return drawn.least && drawn.least > room ? draw({ ...asked, width: drawn.least }) : drawn;
  };
  const redraw = (): void => {
    const room = place.clientWidth;
    if (!room) return;
    const drawn = drawIn(room);
    points = drawn.points;
    canvas.style.width = `${Math.max(room, drawn.least ?? 0)}px`;
    canvas.style.height = `${drawn.height}px`;
    engine.resize();
    engine.setOption(drawn.option, { notMerge: true });
  };
  redraw();
  keepUp(place, redraw);
  walk(place, figure.querySelector<HTMLElement>(".chart-said"), engine, () => points);
}

function speechOf(figure: HTMLElement): Speech {
  const given = JSON.parse(figure.dataset.words ?? "{}") as Partial<Speech>;
  return { language: document.documentElement.lang || "en", zone: "UTC", of: "{part} / {whole}", days: "{count}", none: "–", before: "", ...given };
}

/** A window that is pulled, a fold that opens, a scheme that changes: once for all of them in a frame. */
function keepUp(place: HTMLElement, redraw: () => void): void {
  let asked = 0;
  let width = place.clientWidth;
  const soon = (): void => {
    cancelAnimationFrame(asked);
    asked = requestAnimationFrame(redraw);
  };
  new ResizeObserver(() => {
    if (place.clientWidth === width) return;
    width = place.clientWidth;
    soon();
  }).observe(place);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", soon);
  new MutationObserver(soon).observe(document.documentElement, { attributes: true, attributeFilter: ["data-theme"] });
}

/** The arrows go from point to point; what stands there is written below the chart, and read out. */
function walk(place: HTMLElement, said: HTMLElement | null, engine: ECharts, points: () => Point[]): void {
  let at = -1;
  const go = (to: number): void => {
    const all = points();
    at = Math.max(0, Math.min(all.length - 1, to));
    const point = all[at];
    if (!point) return;
    if (said) said.textContent = [point.said[0], point.said.slice(1).join(", ")].filter(Boolean).join(": ");
    if (point.series >= 0) engine.dispatchAction({ type: "showTip", seriesIndex: point.series, dataIndex: point.index });
  };
  const leave = (): void => {
    at = -1;
    if (said) said.textContent = "";
    engine.dispatchAction({ type: "hideTip" });
  };
  place.addEventListener("keydown", (event) => {
    const steps: Record<string, () => void> = {
      ArrowRight: () => go(at + 1), ArrowDown: () => go(at + 1), ArrowLeft: () => go(at - 1), ArrowUp: () => go(at - 1),
      Home: () => go(0), End: () => go(points().length - 1), Escape: leave,
    };
    const step = steps[event.key];
    if (!step || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    step();
  });
  place.addEventListener("blur", leave);
}
