import { expect, test } from "vitest";
import { cutDays, type DayRow } from "../../worker/counting/history.ts";
import { everyone } from "../../worker/counting/series.ts";
import { growthFits } from "../../worker/limits.ts";
import { growth, keepGrowth } from "../../worker/query/growth.ts";
import { encode, HyperLogLog } from "../../worker/sketch/index.ts";
import { decodeLine, encodeLine } from "../../worker/transfer/export-line.ts";
import { keyId, randomEntries } from "../sketch/random.ts";
import { type SketchedApp, sketchedApp } from "../support/sketched-app.ts";

const dayMs = 86_400_000;

function rowsOf({ store, startOf }: SketchedApp): DayRow[] {
  return store.dayRows(0, startOf(40));
}

const keptDays = (app: SketchedApp) => rowsOf(app).filter(({ growth: of }) => of?.day !== undefined);

test("an alarm computes a few large days, the newest first, and the next alarm goes on", () => {
  const app = sketchedApp(20_000, 1, { removed: 0 });
  app.state.recordHistory(app.now);
  expect(keptDays(app)).toEqual([]);
  for (let turn = 1; turn <= 3; turn++) {
    keepGrowth(app.state, app.now);
    const kept = keptDays(app).map(({ date }) => date);
    expect(kept).toEqual(
      Array.from({ length: turn * growthFits.alarm.day }, (_, back) => app.dateOf(30 - back)).toReversed(),
    );
  }
});

test("a question computes a few more and keeps them; of the rest it says that they aren't computed yet", () => {
  const app = sketchedApp(20_000, 1, { removed: 0 });
  app.state.recordHistory(app.now);
  const told = () =>
    growth(app.state, "day", 14, app.now).filter(({ new: fresh }) => fresh.count !== null).length;
  expect(told()).toBe(growthFits.question);
  const rows = growth(app.state, "day", 14, app.now);
  expect(rows[0]?.curr).toMatchObject({ value: null, reason: expect.stringContaining("not computed yet") });
  expect(told()).toBe(14);
});

test("before the hourly alarm has written a day's row, its growth is told and nothing is kept", () => {
  const app = sketchedApp(3000, 1);
  expect(growth(app.state, "day", 1, app.now)[0]?.current.count).toBeGreaterThan(0);
  expect(rowsOf(app)).toEqual([]);
});

test("rates come with the next day, and late activity changes what was kept", () => {
  const app = sketchedApp(3000, 1, { removed: 0 });
  const { state, now, people } = app;
  state.recordHistory(now);
  keepGrowth(state, now);
  const [day, newest] = growth(state, "day", 2, now);
  expect(newest?.curr).toMatchObject({ value: null, reason: "the next day isn't over yet" });
  expect(day?.curr.value).toBeGreaterThan(0);
  // A day later: nobody came on day 31, so nobody was retained.
  state.recordHistory(now + dayMs);
  const later = growth(state, "day", 2, now + dayMs)[0];
  expect([later?.period, later?.curr.value]).toEqual([newest?.period, 0]);
  // Somebody who is in none of the days comes late to day 29.
  const sketch = new HyperLogLog(keyId);
  for (const entry of randomEntries(5, 777)) sketch.add(entry);
  const part = { ...state.calendar.dayAt(app.startOf(29)), series: everyone, sketch: encode(sketch) };
  state.absorb([part]);
  state.recordHistory(now + dayMs);
  expect(growth(state, "day", 3, now + dayMs)[0]?.resurrected.count).toBe((day?.resurrected.count ?? 0) + 5);
  expect(people.length).toBe(3000);
});

test("kept growth outlives the sketches", () => {
  const app = sketchedApp(3000, 1);
  const { state, now } = app;
  state.recordHistory(now);
  const before = growth(state, "day", 2, now);
  expect(before[0]?.current.count).toBeGreaterThan(0);
  state.settings.change({ retentionDays: 1 }, now);
  state.expire(now);
  expect(cutDays(state.calendar, state.firstDay() ?? now, now).length).toBeLessThan(4);
  expect(growth(state, "day", 2, now)).toEqual(before);
});

test("weeks have states of their own, in weeks", () => {
  const app = sketchedApp(3000, 1, { removed: 0 });
  const { state, startOf, people } = app;
  const now = startOf(29);
  // Only whole weeks from Monday to Sunday: 0 to 6, 7 to 13, 14 to 20, 21 to 27.
  const [row] = growth(state, "week", 2, now);
  expect(row?.period).toBe(app.dateOf(14));
  const fresh = people.filter(({ firstDay, days }) => firstDay >= 14 && firstDay < 21 && (days >>> 14) & 127);
  expect(row?.new.count).toBe(fresh.length);
  const back = fresh.filter(({ days }) => (days >>> 21) & 127).length;
  expect(row?.nurr.value).toBeCloseTo((100 * back) / fresh.length, 1);
  const [on, next] = [(days: number) => (days >>> 14) & 127, (days: number) => (days >>> 21) & 127];
  const came = people.filter(({ days }) => next(days) && !on(days)).length;
  const went = people.filter(({ days }) => on(days) && !next(days)).length;
  expect(row?.quickRatio.value).toBeCloseTo(came / went, 2);
  // Four weeks before the third one aren't known.
  expect(row?.current).toMatchObject({ count: null, reason: expect.stringContaining("4 weeks") });
});

test("rows with growth travel in an export, and those of 0.1 are read", () => {
  const app = sketchedApp(3000, 1);
  app.state.recordHistory(app.now);
  const plain = rowsOf(app).at(-1) as DayRow;
  expect(plain.growth).toBeUndefined();
  keepGrowth(app.state, app.now);
  const [row] = keptDays(app).slice(-1) as [DayRow];
  for (const day of [plain, row]) {
    const line = decodeLine(JSON.parse(encodeLine({ day }, "day.1")));
    expect(line).toEqual({ ok: true, value: { day } });
  }
});
