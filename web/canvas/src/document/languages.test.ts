import { describe, expect, it } from "vitest";
import { newStep } from "./edit";
import { inLanguages, languagesOf } from "./languages";
import type { JourneyDocument, StepType } from "./types";

const KNOWN = ["ko", "en"];
const content = { ko: { subject: "소식" }, en: { subject: "News" } };
const label = { ko: "추천", en: "Promoters" };
const says = (words: object) => ({ steps: [{ id: "a", kind: "x", settings: { content: words as never } }] });

describe("the languages of a journey", () => {
  it("are those of what its steps say", () => {
    expect(languagesOf(says({ ko: { subject: "안녕" } }), KNOWN)).toEqual(["ko"]);
    expect(languagesOf(says(label), KNOWN)).toEqual([]); // names of paths are not what a customer reads
    expect(languagesOf({ steps: [] }, KNOWN)).toEqual([]);
  });

  it("are all that new words are begun in, and labels keep both", () => {
    expect(inLanguages({ content, label }, ["ko"], KNOWN)).toEqual({ content: { ko: content.ko }, label });
    expect(inLanguages({ content }, ["ja"], KNOWN)).toEqual({ content });
  });
});

describe("a new step", () => {
  const type = { kind: "say_it", family: "action", title: { ko: "말하기", en: "Say it" }, defaults: { content } } as unknown as StepType;
  const end = { kind: "leave", family: "end", title: { ko: "종료", en: "Exit" }, defaults: {} } as unknown as StepType;
  const journey = (...steps: JourneyDocument["steps"]): JourneyDocument => ({ key: "k", name: {}, entry: {}, steps, edges: [] });

  it("speaks as the journey does, and the first as customers do", () => {
    const first = newStep(journey(), type, null, { known: KNOWN, first: ["ko"] });
    expect(first.settings).toEqual({ content: { ko: content.ko } });
    const second = newStep(journey({ id: "a", kind: "x", settings: { content } }), type, null, { known: KNOWN, first: ["ko"] });
    expect(second.settings).toEqual({ content });
  });

  it("is numbered where there is one of its kind, so that lists tell them apart", () => {
    const one = newStep(journey(), type, null);
    expect(one.label).toBeUndefined();
    expect(newStep(journey(one), type, null).label).toEqual({ ko: "말하기 2", en: "Say it 2" });
    const left = newStep(journey(), end, null);
    expect(newStep(journey(left), end, null).label).toBeUndefined();
  });
});
