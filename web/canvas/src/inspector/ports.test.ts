import { describe, expect, it } from "vitest";
import type { JourneyDocument } from "@/document/types";
import { equalWeights, freeName, portFor, renamePort, slug } from "./ports";
import { renameStep } from "./rename";
import type { Schema } from "@/forms/schema";

const journey: JourneyDocument = {
  key: "j",
  name: {},
  entry: {},
  steps: [
    { id: "split", kind: "x", settings: {} },
    { id: "back", kind: "y", settings: { target: "split", deeper: [{ target: "split" }] } },
  ],
  edges: [
    { from: "entry", to: "split" },
    { from: "split", port: "way", to: "back" },
  ],
  layout: { positions: { split: { x: 1, y: 2 } } },
};

describe("names of ports", () => {
  it("are made of the label's letters; Korean ones are romanised", () => {
    expect(slug("Very Important (VIP)")).toBe("very-important-vip");
    expect(slug("우수 고객")).toBe("usu-gogaek");
    expect(freeName("way", new Set(["way", "way-2"]))).toBe("way-3");
  });

  it("follow the label until an edge is tied to them", () => {
    expect(portFor("way", { en: "Bought" }, "way", new Set(), false)).toBe("bought");
    expect(portFor("way-2", { en: "Bought" }, "way", new Set(["bought"]), false)).toBe("bought-2");
    expect(portFor("way", { en: "Bought" }, "way", new Set(), true)).toBe("way");
    expect(portFor("vip", { en: "Bought" }, "way", new Set(), false)).toBe("vip");
    expect(portFor("way", { ko: "구매" }, "way", new Set(), false)).toBe("gumae");
  });

  it("take their edges along when they are changed", () => {
    expect(renamePort(journey, "split", "way", "vip").edges[1]).toEqual({ from: "split", port: "vip", to: "back" });
  });
});

it("weights of equal arms add up to a hundred", () => {
  expect(equalWeights(3)).toEqual([34, 33, 33]);
  expect(equalWeights(2)).toEqual([50, 50]);
});

it("a step's new id is known wherever the old one was", () => {
  const target: Schema = { type: "string", "x-editor": "step_id" };
  const item: Schema = { type: "object", properties: { target } };
  const schema: Schema = { type: "object", properties: { target, deeper: { type: "array", items: item } } };
  const renamed = renameStep(journey, "split", "parted", (kind) => (kind === "y" ? schema : undefined));
  expect(renamed.steps.map((step) => step.id)).toEqual(["parted", "back"]);
  expect(renamed.steps[1]?.settings).toEqual({ target: "parted", deeper: [{ target: "parted" }] });
  expect(renamed.edges.map((edge) => [edge.from, edge.to])).toEqual([
    ["entry", "parted"],
    ["parted", "back"],
  ]);
  expect(renamed.layout?.positions).toEqual({ parted: { x: 1, y: 2 } });
});
