import fc from "fast-check";
import { expect, test } from "vitest";
import { maxRememberedApps } from "../../worker/limits.ts";
import { BadgeCache } from "../../worker/query/badge-cache.ts";
import { blank, iso, percent, toldOrBlank } from "../../worker/query/figures.ts";
import { windowRows } from "../../worker/query/window-rows.ts";

const now = Date.parse("2026-11-20T10:02:03.456Z");

test("a row has the name of the window that was asked for, and times to the second", () => {
  const asked = [{ window: "24h", from: 1, to: 2 }];
  const counts = [{ from: now - 1000, to: now, count: 5, low: 4, high: 6 }];
  expect(windowRows(asked, counts)).toEqual([
    { window: "24h", from: "2026-11-20T10:02:02Z", to: "2026-11-20T10:02:03Z", count: 5, low: 4, high: 6 },
  ]);
});

test("per cents have two decimals, and of nobody there are none", () => {
  expect(percent(1, 3)).toBe(33.33);
  expect(percent(2, 3)).toBe(66.67);
  expect(percent(0, 5)).toBe(0);
  expect(percent(0, 0)).toBeNull();
});

test("instants are told in UTC, to the second that they are in", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 4e12 }), (at) => {
      const told = iso(at);
      expect(told).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
      expect(Date.parse(told)).toBe(Math.floor(at / 1000) * 1000);
    }),
  );
});

test("a difference is told where its interval is no wider than itself, or where it is exact", () => {
  const exact = { count: 0, low: 0, high: 0 };
  const narrow = { count: 100, low: 50, high: 150 };
  for (const figure of [exact, narrow]) expect(toldOrBlank(figure)).toEqual(figure);
  const reason = "the interval is wider than the value";
  expect(toldOrBlank({ count: 100, low: 49, high: 150 })).toEqual(blank(reason));
  expect(blank(reason)).toEqual({ count: null, low: null, high: null, reason });
});

test("a badge is kept for as long as it may be old, and the one painted longest ago is forgotten first", () => {
  const badges = new BadgeCache();
  badges.put("a", "<svg>", now);
  expect(badges.get("a", 1000, now + 999)).toBe("<svg>");
  expect(badges.get("a", 1000, now + 1000)).toBeUndefined();
  expect(badges.get("b", 1000, now)).toBeUndefined();
  for (let index = 1; index < maxRememberedApps; index++) badges.put(`app-${index}`, "", now);
  badges.put("a", "<svg/>", now);
  badges.put("one more", "", now);
  expect(badges.get("a", 1000, now)).toBe("<svg/>");
  expect(badges.get("app-1", 1000, now)).toBeUndefined();
  expect(badges.get("app-2", 1000, now)).toBe("");
});
