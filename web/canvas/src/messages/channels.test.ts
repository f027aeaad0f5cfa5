import { describe, expect, it } from "vitest";
import { type Channel, notShown, writable } from "./channels";

const channel = (name: string, fields: string[], more: Partial<Channel> = {}): Channel => ({
  name,
  title: { en: name, ko: name },
  icon: "mail",
  contact: { kind: "phone", title: { en: "phone number", ko: "전화번호" }, example: null },
  classes: ["advertising"],
  fields,
  approved: false,
  charged_by_length: false,
  preview: "chat",
  ...more,
});
const CHANNELS = [
  channel("letter", ["subject", "body", "preheader"], { preview: "mail" }),
  channel("note", ["subject", "body"]),
  channel("stamped", ["body"], { approved: true }),
];

describe("a step's own content", () => {
  it("leaves out what none of its channels shows", () => {
    expect(notShown(CHANNELS, ["letter"])).toEqual([]);
    expect(notShown(CHANNELS, ["note"])).toEqual(["preheader"]);
    expect(notShown(CHANNELS, ["stamped"])).toEqual(["subject", "preheader"]);
    expect(notShown(CHANNELS, ["stamped", "note"])).toEqual(["preheader"]);
    expect(notShown(CHANNELS, ["stamped", "letter"])).toEqual([]);
  });

  it("is shown whole where a channel is not known", () => {
    expect(notShown(CHANNELS, [""])).toEqual([]);
    expect(notShown(CHANNELS, ["stamped", "gone"])).toEqual([]);
  });
});

describe("a template of a step's content", () => {
  it("has what its channel shows, and on mail the blocks", () => {
    expect(writable(CHANNELS, "letter")).toEqual(["subject", "body", "preheader", "blocks", "theme"]);
    expect(writable(CHANNELS, "note")).toEqual(["subject", "body"]);
    expect(writable(CHANNELS, "gone")).toEqual(["subject", "body"]);
  });

  it("has nothing on a channel whose owner approves texts", () => {
    expect(writable(CHANNELS, "stamped")).toBeNull();
  });
});
