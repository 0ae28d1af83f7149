import fc from "fast-check";
import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { Calendar } from "../../worker/counting/calendar.ts";
import { maxWindowsPerQuery } from "../../worker/limits.ts";
import { askedWindows } from "../../worker/query/asked-windows.ts";

const now = Date.parse("2026-11-20T10:02:00Z");
const zone = "Asia/Kathmandu";
const calendar = new Calendar([{ from: 0, zone }]);
const dayMs = 86_400_000;

const ask = (query: string | Record<string, string>) =>
  askedWindows(new URLSearchParams(query), now, calendar);
const told = (query: string | Record<string, string>) => {
  const asked = ask(query);
  return asked.ok ? asked.value : asked.error;
};

test("without a word the last day, week and month of rolling time are asked for", () => {
  expect(told("")).toEqual([
    { window: "24h", from: now - dayMs, to: now, edges: "between" },
    { window: "7d", from: now - 7 * dayMs, to: now, edges: "between" },
    { window: "30d", from: now - 30 * dayMs, to: now, edges: "between" },
  ]);
  expect(told("fresh=1&by=plan")).toEqual(told(""));
});

test("a rolling window is as long as it says, and is named as it was asked for", () => {
  const window = fc.tuple(fc.integer({ min: 1, max: 20_000 }), fc.constantFrom("m", "h", "d"));
  fc.assert(
    fc.property(fc.array(window, { minLength: 1, maxLength: maxWindowsPerQuery }), (windows) => {
      const unit = { m: "minutes", h: "hours", d: "days" } as const;
      expect(told({ window: windows.map((each) => each.join("")).join(", ") })).toEqual(
        windows.map(([amount, letter]) => ({
          window: `${amount}${letter}`,
          from: now - Temporal.Duration.from({ [unit[letter as "m"]]: amount }).total("milliseconds"),
          to: now,
          edges: "between",
        })),
      );
    }),
    { numRuns: 200, seed: 1 },
  );
});

test("windows that are no whole number of a unit, or begin before 1970, are refused all together", () => {
  for (const window of ["", "0d", "1", "1.5h", "-1d", "1w", "1D", "01d", "7d,", "1000000m", "30000d", "d"]) {
    expect([window, told({ window })]).toEqual([window, expect.stringContaining("window: expected a list")]);
  }
  const many = Array(maxWindowsPerQuery + 1)
    .fill("1d")
    .join(",");
  expect(told({ window: many })).toBe(`window: expected at most ${maxWindowsPerQuery} windows in a query`);
});

test("an instant is Unix milliseconds or ISO 8601 with a zone, and is taken to the millisecond", () => {
  fc.assert(
    fc.property(
      // Numbers of these sizes would be seconds of today.
      fc.integer({ min: 0, max: now - 1 }).filter((at) => at < 1e9 || at >= 1e11),
      fc.integer({ min: -14 * 60, max: 14 * 60 }),
      (at, minutes) => {
        const asked = [{ window: "since", from: at, to: now }];
        expect(told({ since: String(at) })).toEqual(asked);
        const sign = minutes < 0 ? "-" : "+";
        const offset = Temporal.PlainTime.from({ hour: 0 })
          .add({ minutes: Math.abs(minutes) })
          .toString()
          .slice(0, 5);
        const since = Temporal.Instant.fromEpochMilliseconds(at).toString({ timeZone: `${sign}${offset}` });
        expect([since, told({ since })]).toEqual([since, asked]);
        // Both ends, too.
        expect(told({ from: String(at), to: since })).toBe("expected a window that ends after it begins");
      },
    ),
    { numRuns: 300, seed: 2 },
  );
});

test("a day stands for its first instant in the app's zone, so a range of days holds the first and not the last", () => {
  expect(told("from=2026-11-01&to=2026-11-03")).toEqual([
    { window: "range", from: Date.parse("2026-10-31T18:15:00Z"), to: Date.parse("2026-11-02T18:15:00Z") },
  ]);
  expect(told("from=2026-11-01")).toEqual([
    { window: "range", from: Date.parse("2026-10-31T18:15:00Z"), to: now },
  ]);
});

test("a period is the calendar's around a date, or around today", () => {
  for (const [query, from, to] of [
    ["period=day&date=2026-11-19", "2026-11-18T18:15:00Z", "2026-11-19T18:15:00Z"],
    ["period=week&date=2026-11-19", "2026-11-15T18:15:00Z", "2026-11-22T18:15:00Z"],
    ["period=month", "2026-10-31T18:15:00Z", "2026-11-30T18:15:00Z"],
  ] as const) {
    const [, window] = /period=(\w+)/.exec(query) ?? [];
    expect(told(query)).toEqual([{ window, from: Date.parse(from), to: Date.parse(to) }]);
  }
});

test("a query asks in one way", () => {
  for (const query of [
    "window=1d&since=1",
    "since=1&from=2",
    "window=1d&date=2026-11-19",
    "to=5&period=day",
  ]) {
    expect(told(query)).toBe("expected one of window, since, from/to and period/date, not several");
  }
});

test("what can't be read is refused with the name of what it was, and what would be right", () => {
  for (const [query, words] of [
    ["since=", "since: expected Unix milliseconds (1795203773000) or ISO 8601 with a zone"],
    [
      "since=2026-11-19",
      "since: expected Unix milliseconds (1795203773000) or ISO 8601 with a zone (2026-11-19T10:00:00Z)",
    ],
    ["since=2026-11-19T10:00:00", "since: expected a zone at the end: Z, or an offset such as +01:00"],
    ["since=2026-11-19T25:00:00Z", "since: expected a day and a time that exist"],
    ["since=-5", "since: expected an instant from 1970 to 9999"],
    ["since=1e12", "since: expected Unix milliseconds"],
    ["since=999999999999999", "since: expected an instant from 1970 to 9999"],
    [
      "from=yesterday",
      "from: expected Unix milliseconds (1795203773000), ISO 8601 with a zone (2026-11-19T10:00:00Z), or a day",
    ],
    ["from=1&to=", "to: expected Unix milliseconds"],
    ["from=2026-02-30", "from: expected a day that exists"],
    ["to=2026-11-19", "from: missing: expected both from and to"],
    ["period=year", "period: expected day, week or month"],
    ["date=2026-11-19", "period: expected day, week or month"],
    ["period=day&date=2026-02-30", "date: expected a day that exists"],
  ] as const) {
    expect([query, told(query)]).toEqual([query, expect.stringContaining(words)]);
  }
});

test("a window begins before the present and before its end", () => {
  const future = "expected a window that begins before now, 2026-11-20T10:02:00Z";
  expect(told({ since: String(now) })).toBe(future);
  expect(told({ since: String(now - 1) })).toEqual([{ window: "since", from: now - 1, to: now }]);
  expect(told("from=2026-12-01&to=2026-12-02")).toBe(future);
  expect(told("period=day&date=2026-12-01")).toBe(future);
  expect(told("from=1000&to=1000")).toBe("expected a window that ends after it begins");
  expect(told("from=1000&to=1001")).toEqual([{ window: "range", from: 1000, to: 1001 }]);
});
