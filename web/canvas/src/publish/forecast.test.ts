import { expect, it } from "vitest";
import { daysOf, type Figures, isExact, margin } from "./forecast";

const exact = (value: number) => ({ value, low: value, high: value });

const figures = (more: Partial<Figures> = {}): Figures => ({
  days: 3,
  since: "2026-03-01T03:00:00Z",
  until: "2026-03-04T03:00:00Z",
  time_zone: "Asia/Seoul",
  walked: 1,
  of: 1,
  exact: true,
  share: 0.95,
  compared: true,
  totals: [],
  sections: [],
  messages_by_day: [
    { day: "2026-03-02", channel: "email", draft: exact(4), live: exact(6) },
    { day: "2026-03-02", channel: "sms", draft: exact(1), live: exact(0) },
    { day: "2026-03-04", channel: "sms", draft: exact(0), live: exact(2) },
  ],
  differs: [],
  ...more,
});

it("every day of the window has a column, also one without messages", () => {
  const days = daysOf(figures());
  expect(days.map((one) => [one.day, one.total, one.live])).toEqual([
    ["2026-03-01", 0, 0],
    ["2026-03-02", 5, 6],
    ["2026-03-03", 0, 0],
    ["2026-03-04", 0, 2],
  ]);
  expect(days[3]?.parts).toEqual([]);
});

it("days are the workspace's: one begins before midnight in London", () => {
  expect(daysOf(figures({ since: "2026-03-01T16:00:00Z" }))[0]?.day).toBe("2026-03-02");
});

it("without a live version there is none to compare with", () => {
  expect(daysOf(figures({ compared: false })).every((one) => one.live === null)).toBe(true);
});

it("an interval says how far the number may be off to the farther side", () => {
  expect(margin({ value: 10, low: 8, high: 15 })).toBe(5);
  expect(isExact(exact(3))).toBe(true);
  expect(isExact({ value: 3, low: 3, high: 4 })).toBe(false);
});
