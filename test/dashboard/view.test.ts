import * as fc from "fast-check";
import { expect, test } from "vitest";
import { dayAfter } from "../../worker/dashboard/format.ts";
import { readView, type View, writeView } from "../../worker/dashboard/view.ts";

const dates = fc
  .integer({ min: Date.UTC(2001, 0, 1) / 86_400_000, max: Date.UTC(2039, 0, 1) / 86_400_000 })
  .map((day) => new Date(day * 86_400_000).toISOString().slice(0, 10));
const views: fc.Arbitrary<View> = fc.record({
  page: fc.constantFrom("figures" as const, "settings" as const, "apps" as const),
  app: fc.option(fc.stringMatching(/^[a-z0-9-]{1,40}$/)),
  sort: fc.constantFrom("mau" as const, "wau" as const, "dau" as const, "online" as const, "name" as const),
  find: fc.option(fc.string({ minLength: 1, unit: "binary" }).filter((text) => text.isWellFormed())),
  metric: fc.constantFrom("dau" as const, "wau" as const, "mau" as const),
  range: fc.oneof(
    fc.constantFrom(30 as const, 90 as const, 365 as const, "week" as const, "month" as const),
    fc.tuple(dates, fc.nat(799)).map(([from, days]) => ({ from, to: dayAfter(from, days) })),
  ),
  compare: fc.option(
    fc.oneof(
      fc.constantFrom("previous" as const, "weekdays" as const, "year" as const),
      dates.map((from) => ({ from })),
    ),
  ),
  by: fc.option(fc.stringMatching(/^[a-z][a-z_]{0,9}$/)),
  window: fc.constantFrom("24h" as const, "7d" as const, "30d" as const),
  interval: fc.constantFrom("day" as const, "week" as const),
  zone: fc.option(fc.constantFrom("UTC", "Asia/Kathmandu", "America/New_York")),
  only: fc.option(
    fc.record({
      dimension: fc.stringMatching(/^[a-z][a-z_]{0,9}$/),
      value: fc.string({ minLength: 1, unit: "binary" }).filter((text) => text.isWellFormed()),
    }),
  ),
});

test("the address holds the whole view", () => {
  fc.assert(
    fc.property(views, (view) => {
      expect(readView(writeView(view))).toEqual(view);
    }),
  );
});

test("the first view needs no address of its own", () => {
  expect(writeView(readView(""))).toBe("");
});

test("what an address says that isn't understood is as if it weren't there", () => {
  const odd = "?metric=yau&range=31&window=1h&interval=year&zone=Mars/Olympus&only=platform&by=tenant";
  expect(readView(odd)).toEqual({ ...readView(""), by: "tenant" });
  for (const range of [
    "2026-02-30..2026-03-01",
    "2026-03-02..2026-03-01",
    "2020-01-01..2026-01-01",
    "30..90",
  ]) {
    expect(readView(`?range=${range}&compare=${range}`)).toEqual(readView(""));
  }
});
