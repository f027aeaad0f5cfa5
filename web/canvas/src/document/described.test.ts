import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { useUi } from "@/ui/state";
import { describedNow, keepDescribed, useDescribed } from "./described";
import { useDraft } from "./draft";
import type { JourneyDocument } from "./types";

type Asked = { document: JourneyDocument; answer: (problems: object[], status?: number) => void };
const EMPTY = { key: "k", name: { en: "0" }, entry: { triggers: [] }, steps: [], edges: [] };
const ERROR = { severity: "error", step: null, code: "unreachable", text: { en: "", ko: "" } };

let asked: Asked[] = [];
let end = (): void => undefined;

/** A server that answers each question when a test says so, and none that was given up. */
const server = (_: string, { body, signal }: { body: string; signal: AbortSignal }): Promise<unknown> =>
  new Promise((resolve, reject) => {
    signal.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
    const answer: Asked["answer"] = (problems, status = 200) => {
      const data = status === 200 ? { steps: {}, entry: { summary: {}, filter: null }, problems, plan_hash: null } : { code: "too_large" };
      resolve({ ok: status === 200, status, text: async () => JSON.stringify(data), headers: new Map() });
    };
    asked.push({ document: JSON.parse(body).document, answer });
  });

const named = (name: string) => useDraft.getState().edit((now) => ({ ...now, name: { en: name } }));
const errors = () => useDescribed.getState().described.problems.length;
const last = (): Asked => asked.at(-1) as Asked;

beforeEach(async () => {
  vi.useFakeTimers();
  vi.stubGlobal("document", { querySelector: () => null, documentElement: { lang: "en" } });
  vi.stubGlobal("fetch", server);
  asked = [];
  useUi.setState({ shown: null });
  useDraft.getState().replace(structuredClone(EMPTY) as JourneyDocument);
  end = keepDescribed();
  await vi.advanceTimersByTimeAsync(0);
  last().answer([ERROR]);
  await vi.advanceTimersByTimeAsync(0);
});
afterEach(() => {
  end();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("waits for the answer to the draft of this moment, asked once", async () => {
  expect(errors()).toBe(1);
  named("mended");
  let done = false;
  void describedNow().then(() => (done = true));
  await vi.advanceTimersByTimeAsync(1000); // longer than an edit is waited for
  expect(asked.map(({ document }) => document.name["en"])).toEqual(["0", "mended"]);
  expect(done).toBe(false);
  last().answer([]);
  await vi.advanceTimersByTimeAsync(0);
  expect(done).toBe(true);
  expect(errors()).toBe(0);
});

it("goes on waiting where something is changed meanwhile", async () => {
  named("mended");
  let done = false;
  void describedNow().then(() => (done = true));
  await vi.advanceTimersByTimeAsync(0);
  named("once more");
  last().answer([ERROR]);
  await vi.advanceTimersByTimeAsync(0);
  expect(done).toBe(false);
  await vi.advanceTimersByTimeAsync(300);
  expect(last().document.name["en"]).toBe("once more");
  last().answer([]);
  await vi.advanceTimersByTimeAsync(0);
  expect([done, errors()]).toEqual([true, 0]);
});

it("takes a refusal for an answer, and the next draft's answer for its end", async () => {
  named("huge");
  let done = false;
  void describedNow().then(() => (done = true));
  await vi.advanceTimersByTimeAsync(0);
  last().answer([], 413);
  await vi.advanceTimersByTimeAsync(0);
  expect([done, useDescribed.getState().refused?.code]).toEqual([true, "too_large"]);
  named("small");
  void describedNow();
  await vi.advanceTimersByTimeAsync(0);
  last().answer([]);
  await vi.advanceTimersByTimeAsync(0);
  expect(useDescribed.getState().refused).toBe(null);
});

it("does not wait for ever for a server that is away", async () => {
  named("mended");
  let done = false;
  void describedNow(2000).then(() => (done = true));
  await vi.advanceTimersByTimeAsync(2000);
  expect(done).toBe(true);
});
