import { expect, it } from "vitest";
import type { Asked } from "./drawing";
import { draw } from "./options";
import { ENGLISH, LOOK } from "./options.fixture";
import { depth, withoutCircles } from "./sankey";
import type { Told } from "./told";

const link = (from: string, to: string) => ({ from, to, value: 1, row: 0 });
const ways = (found: ReturnType<typeof withoutCircles>) => found.links.map((one) => `${one.from}>${one.to.replace("\u0000again", "*")}`);

it("a way back leads to a second place of the same name", () => {
  expect(ways(withoutCircles([link("wait", "ask"), link("ask", "thank"), link("thank", "wait"), link("ask", "ask")]))).toEqual(["wait>ask", "ask>thank", "thank>wait*", "ask>ask*"]);
});

it("has room for the titles of its longest way", () => {
  expect(depth(withoutCircles([link("a", "b"), link("a", "c"), link("b", "c"), link("c", "a")]).links)).toBe(4);
  expect(depth([])).toBe(0);
});

it("two ways to one place are no circle", () => {
  expect(ways(withoutCircles([link("a", "b"), link("a", "c"), link("b", "d"), link("c", "d")]))).toEqual(["a>b", "a>c", "b>d", "c>d"]);
});

it("whatever the ways, there is no circle left", () => {
  const places = ["a", "b", "c", "d", "e"];
  for (let seed = 1; seed <= 200; seed++) {
    let state = seed;
    const next = (): number => {
      state = (state * 48_271) % 2_147_483_647;
      return state;
    };
    const given = Array.from({ length: 8 }, () => link(places[next() % 5] as string, places[next() % 5] as string));
    const { links } = withoutCircles(given);
    expect(links).toHaveLength(given.length);
    const open = new Map(links.map(({ from }) => [from, links.filter((one) => one.from === from).map((one) => one.to)]));
    const visit = (at: string, path: Set<string>): void => {
      expect(path.has(at), `${[...path]} > ${at}`).toBe(false);
      for (const to of open.get(at) ?? []) visit(to, new Set([...path, at]));
    };
    for (const place of places) visit(place, new Set());
  }
});

it("stages stand on both sides, each in its hue, and each way says how many", () => {
  const column = (name: string, unit: "text" | "count") => ({ name, title: name, unit, of: "", numerator: "", currency: "" });
  const chart = { kind: "sankey" as const, x: "from_stage", y: ["customers"], series: "to_stage" };
  const told: Told = {
    columns: [column("from_stage", "text"), column("to_stage", "text"), column("customers", "count")],
    charts: [chart], rows: [["retention", "churn_signal", 12], ["churn_signal", "retention", 5], [null, "intake", 90]], stages: ["from_stage", "to_stage"],
    labels: { from_stage: { "": "New", retention: "Retention", churn_signal: "Churn signal" }, to_stage: { intake: "Intake", retention: "Retention", churn_signal: "Churn signal" } },
  };
  const asked: Asked = { told, chart, look: LOOK, speech: ENGLISH, width: 800 };
  const { option, points } = draw(asked);
  expect(points.map((one) => one.said)).toEqual([["Retention → Churn signal", "12"], ["Churn signal → Retention", "5"], ["New → Intake", "90"]]);
  const [series] = (option as { series: { data: { name: string; itemStyle: { color: string } }[]; label: { formatter: (one: { name: string }) => string } }[] }).series;
  expect(series?.data).toHaveLength(6);
  expect(series?.data.map((one) => series.label.formatter(one))).toContain("New");
  expect(series?.data.find((one) => one.name === "intake\u0000again")?.itemStyle.color).toBe(LOOK.stages.intake);
});
