import { describe, expect, it } from "vitest";
import type { JourneyDocument } from "@/document/types";
import { again, example, exampleOf, HOUR, moveClock, play, propertiesFor, question, readScript, type Script, startedAt, typed } from "./script";

const START = "2026-11-01T10:00:00.000Z";
const document: JourneyDocument = {
  key: "j", name: {}, entry: { triggers: [], filter: { kind: "attribute", name: "tier", op: "eq", value: "gold" } },
  steps: [{ id: "m", kind: "message", settings: { body: "{{ customer.nickname }}" } }], edges: [], layout: { positions: { m: { x: 1, y: 2 } } },
};
const names = {
  attributes: [{ name: "tier", type: "string" }, { name: "nickname", type: "string" }, { name: "unasked", type: "string" }],
  consents: ["email", "email:night"],
  events: [{ name: "Order Completed", system: false, properties: [{ name: "cart_id", type: "string" }, { name: "revenue", type: "number" }] }],
};
const script: Script = {
  who: { kind: "invented", customer: example(document, names, "Asia/Seoul", "ko") }, start: START, clock: START, far: START, events: [],
};

describe("a test run's script", () => {
  it("plays an event now, and the next one of the same instant a second later", () => {
    const twice = play(play(script, "A", {}), "B", {});
    expect(twice.events.map((event) => event.at)).toEqual([START, "2026-11-01T10:00:01.000Z"]);
    expect(twice.clock).toBe("2026-11-01T10:00:01.000Z");
  });

  it("moves the clock back without forgetting how far it had been, and asks only for what had happened by then", () => {
    const done = play(play(script, "A", {}), "B", {}, HOUR);
    const back = moveClock(done, START);
    expect([back.clock, back.far]).toEqual([START, "2026-11-01T11:00:00.000Z"]);
    expect((question(document, back)["events"] as unknown[]).length).toBe(1);
    expect(moveClock(back, "2020-01-01T00:00:00Z").clock).toBe(START);
  });

  it("starts at the server's time without the fractions that a browser's clock does not have", () => {
    const started = play(startedAt(again(script), "2026-11-01T10:00:00.295591Z"), "A", {});
    expect([started.start, started.clock]).toEqual(["2026-11-01T10:00:00.295Z", "2026-11-01T10:00:00.295Z"]);
  });

  it("asks without the layout, and without a start before the server has set one", () => {
    const asked = question(document, again(script));
    expect(asked["document"]).not.toHaveProperty("layout");
    expect(asked).not.toHaveProperty("start");
  });

  it("makes up a customer with the attributes that the journey uses", () => {
    const customer = example(document, names, "Asia/Seoul", "ko");
    expect(Object.keys(customer.attributes)).toEqual(["name", "tier", "nickname"]);
    expect(customer.consents).toEqual({ email: true, "email:night": false });
  });

  it("keeps properties such as the cart from event to event", () => {
    const earlier = [{ at: START, name: "Cart Updated", properties: { cart_id: "c-7" } }];
    expect(propertiesFor("Order Completed", names, earlier, "ko")).toEqual({ cart_id: "c-7", revenue: 29_000 });
    expect(exampleOf("revenue", "string", "en")).toBe(29_000);
    expect(exampleOf("email", "boolean", "en")).toBe(true);
    expect([exampleOf("name", "string", "en"), exampleOf("name", "string", "en", "event")]).toEqual(["Alex Kim", "Example product"]);
  });

  it("reads numbers and booleans as such, and text as text", () => {
    expect([typed("12.5"), typed("true"), typed("007"), typed("abc"), typed("12", "string"), typed('["a"]'), typed("[oops")]).toEqual([
      12.5, true, "007", "abc", "12", ["a"], "[oops",
    ]);
  });

  it("forgets scripts of another shape", () => {
    expect(readScript({ who: { kind: "elf" }, events: [] })).toBeNull();
    expect(readScript(null)).toBeNull();
    expect(readScript(JSON.parse(JSON.stringify(script)))).toEqual(script);
  });
});
