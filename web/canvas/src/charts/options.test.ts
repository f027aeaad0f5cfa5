import { describe, expect, it } from "vitest";
import type { Asked } from "./drawing";
import { contrast } from "./look";
import { draw } from "./options";
import { ENGLISH, KOREAN, LOOK } from "./options.fixture";
import type { Chart, Column, Kind, Told, Unit } from "./told";

const column = (name: string, unit: Unit, more: Partial<Column> = {}): Column => ({ name, title: name, unit, of: "", numerator: "", currency: "", ...more });
const chart = (kind: Kind, x: string, y: string[], series = ""): Chart => ({ kind, x, y, series });
const asked = (told: Omit<Told, "charts">, one: Chart, more: Partial<Asked> = {}): Asked => ({ told: { ...told, charts: [one] }, chart: one, look: LOOK, speech: ENGLISH, width: 800, ...more });
const option = (given: Asked): any => draw(given).option;

const RATES = {
  columns: [column("month", "month"), column("repeat", "share", { of: "buyers", numerator: "again" }), column("again", "count"), column("buyers", "count")],
  rows: [["2026-10-01", 0.31, 120, 387], ["2026-11-01", null, 0, 0]] as (string | number | null)[][],
};

describe("lines and bars", () => {
  it("say a share with its part and its whole, and nothing of what there is none of", () => {
    const { points } = draw(asked(RATES, chart("line", "month", ["repeat"])));
    expect(points.map((one) => one.said)).toEqual([["Oct 2026", "repeat: 31% (120 of 387)"], ["Nov 2026", "repeat: –"]]);
  });

  it("leave a gap where there is no figure, and never draw it as nothing", () => {
    expect(option(asked(RATES, chart("line", "month", ["repeat"]))).series[0].data).toEqual([0.31, null]);
  });

  it("have a line of their own for each value of a series, in the place of its x", () => {
    const told = { columns: [column("day", "day"), column("channel", "text"), column("sent", "count")], rows: [["2026-11-01", "email", 3], ["2026-11-02", "email", 4], ["2026-11-02", "push", 5]], labels: { channel: { email: "E-mail", push: "App push" } } };
    const found = option(asked(told, chart("line", "day", ["sent"], "channel")));
    expect(found.series.map((one: { name: string }) => one.name)).toEqual(["E-mail", "App push"]);
    expect(found.series[1].data).toEqual([null, 5]);
    const [one, other] = found.series;
    expect([one.symbol, one.lineStyle.color]).not.toEqual([other.symbol, other.lineStyle.color]);
    expect(one.symbol, "told apart without colour").not.toBe(other.symbol);
  });

  it("draw a stage in its hue, in the order of life", () => {
    const told = { columns: [column("day", "day"), column("stage", "text"), column("customers", "count")], rows: [["2026-11-01", "retention", 3], ["2026-11-01", "intake", 4], ["2026-11-01", null, 2]], stages: ["stage"] };
    const found = option(asked(told, chart("stacked", "day", ["customers"], "stage")));
    expect(found.series.map((one: { itemStyle: { color: string } }) => one.itemStyle.color)).toEqual([LOOK.stages.intake, LOOK.stages.retention, LOOK.stages.none]);
    expect(new Set(found.series.map((one: { stack: string }) => one.stack)).size).toBe(1);
  });

  it("lie down where names are many or the window is narrow", () => {
    const rows = Array.from({ length: 12 }, (_, n) => [`template ${n}`, n]);
    const told = { columns: [column("template", "text"), column("sent", "count")], rows };
    expect(option(asked(told, chart("bar", "template", ["sent"]))).yAxis.data).toHaveLength(12);
    expect(option(asked({ ...told, rows: rows.slice(0, 2) }, chart("bar", "template", ["sent"]))).xAxis.data).toHaveLength(2);
    expect(option(asked({ ...told, rows: rows.slice(0, 2) }, chart("bar", "template", ["sent"]), { width: 340 })).yAxis.data).toHaveLength(2);
  });

  it("show the period before beside each figure, place by place", () => {
    const told = { columns: [column("day", "day"), column("sent", "count")], rows: [["2026-11-01", 3], ["2026-11-02", 4]], previous: [["2026-10-30", 1]] };
    const found = option(asked(told, chart("line", "day", ["sent"])));
    expect(found.series.map((one: { data: unknown }) => one.data)).toEqual([[3, 4], [1, null]]);
    expect(found.series[1].lineStyle.type).toBe("dashed");
  });

  it("write money in the currency of its row, and numbers in the page's language", () => {
    const told = { columns: [column("month", "month"), column("currency", "text"), column("revenue", "money", { currency: "currency" })], rows: [["2026-11-01", "KRW", "4107510.00"]] };
    expect(draw(asked(told, chart("bar", "month", ["revenue"]))).points[0]?.said[1]).toBe("revenue: ₩4,107,510");
    const axis = option(asked(told, chart("bar", "month", ["revenue"]), { speech: KOREAN })).yAxis[0].axisLabel.formatter;
    expect([axis(4_000_000), axis(500)]).toEqual(["400만", "500"]);
  });

  it("never add what is worth in one currency to another, and count once what stands in the row of each", () => {
    const told = {
      columns: [column("step", "text"), column("template", "text"), column("sent", "count"), column("opened", "count"), column("rate", "share", { of: "sent", numerator: "opened" }), column("currency", "text"), column("revenue", "money", { currency: "currency" })],
      rows: [["nudge", "a", 10, 5, 0.5, "KRW", "1000.00"], ["nudge", "a", 10, 5, 0.5, "USD", "2.00"], ["nudge", "b", 30, 3, 0.1, "KRW", "500.00"]],
    };
    expect(option(asked(told, chart("bar", "step", ["sent"]))).series.map((one: { data: unknown }) => one.data)).toEqual([[40]]);
    expect(draw(asked(told, chart("bar", "step", ["rate"]))).points[0]?.said[1]).toBe("rate: 20% (8 of 40)");
    const worth = option(asked(told, chart("bar", "step", ["revenue"]))).series;
    expect(worth.map((one: { name: string; data: unknown }) => [one.name, one.data])).toEqual([["revenue · KRW", [1500]], ["revenue · USD", [2]]]);
  });

  it("have a place for every day, also for one of which nothing is told", () => {
    const told = { columns: [column("day", "day"), column("sent", "count")], rows: [["2026-11-30", 3], ["2026-12-02", 4]] };
    expect(option(asked(told, chart("bar", "day", ["sent"]))).series[0].data).toEqual([3, null, 4]);
  });

  it("measure different units on two scales", () => {
    const found = option(asked(RATES, chart("line", "month", ["repeat", "buyers"])));
    expect(found.yAxis).toHaveLength(2);
    expect(found.series.map((one: { yAxisIndex: number }) => one.yAxisIndex)).toEqual([0, 1]);
  });
});

describe("what one hovers over", () => {
  it("is never markup, whatever somebody called it", () => {
    const told = { columns: [column("name", "text"), column("sent", "count")], rows: [["<img src=x onerror=alert(1)>", 3]] };
    for (const kind of ["bar", "funnel"] as const) {
      const said = option(asked(told, chart(kind, "name", ["sent"]))).tooltip.formatter({ seriesIndex: 0, dataIndex: 0 });
      expect(said).toContain("&lt;img");
      expect(said).not.toContain("<img");
    }
  });
});

describe("a funnel", () => {
  const told = { columns: [column("stop", "text"), column("customers", "count")], rows: [["entered", 200], ["sent", 150], ["goal", 30]] };

  it("says what part is left of all, and of the stop before", () => {
    expect(draw(asked(told, chart("funnel", "stop", ["customers"]))).points[2]?.said).toEqual(["goal", "customers: 30", "15% (30 of 200)", "→ 20% (30 of 150)"]);
  });

  it("keeps the order of the rows, and writes how many beside each bar", () => {
    const found = option(asked(told, chart("funnel", "stop", ["customers"])));
    expect([found.yAxis.data, found.yAxis.inverse]).toEqual([["entered", "sent", "goal"], true]);
    expect([0, 1, 2].map((dataIndex) => found.series[0].label.formatter({ dataIndex }))).toEqual(["200", "150 · 75%", "30 · 15%"]);
  });

  it("of nobody is drawn without a division by nothing", () => {
    const none = { ...told, rows: [["entered", 0], ["goal", 0]] };
    expect(draw(asked(none, chart("funnel", "stop", ["customers"]))).points[1]?.said).toEqual(["goal", "customers: 0"]);
  });
});

describe("a field of cells", () => {
  const told = {
    columns: [column("cohort", "month"), column("period", "number"), column("share", "share", { of: "size", numerator: "back" }), column("back", "count"), column("size", "count")],
    rows: [["2026-09-01", 0, 1, 10, 10], ["2026-09-01", 1, 0.4, 4, 10], ["2026-10-01", 0, 1, 8, 8], ["2026-10-01", 1, null, 0, 8]] as (string | number | null)[][],
  };

  it("says each cell in full, and leaves out what is not yet known", () => {
    const { points } = draw(asked(told, chart("heatmap", "period", ["share"], "cohort")));
    expect(points).toHaveLength(3);
    expect(points[1]?.said).toEqual(["cohort: Sep 2026", "period: 1", "share: 40% (4 of 10)"]);
  });

  it("is read in every shade, in light and in dark", () => {
    const dark = { ...LOOK, text: "#e7eaee", surface: "#171b1f", accent: "#8ea6ff", low: "#232b45" };
    for (const look of [LOOK, dark]) {
      const rows = Array.from({ length: 21 }, (_, n) => ["2026-09-01", n, n / 20, n, 20]);
      const [series] = option(asked({ ...told, rows }, chart("heatmap", "period", ["share"], "cohort"), { look })).series;
      const worst = Math.min(...series.data.map((one: { label: { color: string }; itemStyle: { color: string } }) => contrast(one.label.color, one.itemStyle.color)));
      expect(worst).toBeGreaterThan(4.5);
    }
  });
});

describe("a scatter", () => {
  it("names each mark by its texts", () => {
    const told = { columns: [column("template", "text"), column("sent", "count"), column("left", "share")], rows: [["Welcome", 100, 0.01]] };
    expect(draw(asked(told, chart("scatter", "sent", ["left"]))).points[0]?.said).toEqual(["Welcome", "sent: 100", "left: 1%"]);
  });
});

it("no chart moves by itself", () => {
  const told = { columns: [column("a", "text"), column("b", "text"), column("n", "count")], rows: [["x", "y", 3]] };
  for (const kind of ["line", "bar", "stacked", "funnel", "sankey", "heatmap", "grid", "scatter"] as const) {
    expect(option(asked(told, chart(kind, "a", ["n"], "b"))).animation).toBe(false);
  }
});

it("nothing at all is drawn without a fault", () => {
  const told = { columns: [column("a", "text"), column("b", "text"), column("n", "count")], rows: [] };
  for (const kind of ["line", "bar", "stacked", "funnel", "sankey", "heatmap", "grid", "scatter"] as const) {
    expect(draw(asked(told, chart(kind, "a", ["n"], "b"))).points).toEqual([]);
  }
});
