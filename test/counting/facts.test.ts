import { expect, test } from "vitest";
import { factsOf } from "../../worker/counting/facts.ts";
import { countedApp } from "../support/counted-app.ts";

const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
/** A Thursday, an hour after midnight in Berlin. */
const now = Date.parse("2026-03-12T00:07:00Z");
const zone = "Europe/Berlin";

/** An app in which these many people come at these hours, counted back from the last full one. */
async function appWith(visits: { hoursAgo: number; people: number }[]) {
  const app = await countedApp(zone, now);
  const lastHour = Math.floor(now / hourMs) * hourMs;
  for (const { hoursAgo, people } of visits) {
    for (let person = 0; person < people; person++) {
      await app.add({ user: `u-${person}`, at: lastHour - hoursAgo * hourMs + person });
    }
  }
  await app.flush();
  return app.state;
}

const weekHours = 7 * 24;
const fourWeeks = [1, 2, 3, 4].map((week) => ({ hoursAgo: week * weekHours + 2, people: 30 }));

test("it is silent where nobody came for three hours, and many in the same hours of four weeks", async () => {
  const earlier = { hoursAgo: 4, people: 50 };
  const silence = factsOf(await appWith([...fourWeeks, earlier]), "shop", now).silence();
  expect(silence).toEqual({
    from: Date.parse("2026-03-11T21:00:00Z"),
    to: now,
    isSilent: true,
    usual: 30,
  });
  // One person three hours ago, or within the hour that has begun.
  for (const hoursAgo of [3, 0]) {
    const state = await appWith([...fourWeeks, earlier, { hoursAgo, people: 1 }]);
    expect([hoursAgo, factsOf(state, "shop", now).silence().isSilent]).toEqual([hoursAgo, false]);
  }
});

test("nights, and hours in which a week had too few, are not called silent", async () => {
  const night = await appWith([{ hoursAgo: 5, people: 500 }]);
  expect(factsOf(night, "shop", now).silence().isSilent).toBeNull();
  const quietWeek = fourWeeks.map((visit, week) => (week === 2 ? { ...visit, people: 19 } : visit));
  expect(factsOf(await appWith(quietWeek), "shop", now).silence()).toMatchObject({
    isSilent: null,
    usual: 19,
  });
});

test("rows are of closed days, up to yesterday in the app's zone, once they are written", async () => {
  const state = await appWith([
    { hoursAgo: 0, people: 7 },
    { hoursAgo: 3, people: 5 },
    { hoursAgo: 24 + 3, people: 4 },
  ]);
  expect(factsOf(state, "shop", now).rows).toEqual([]);
  state.recordHistory(now);
  const rows = factsOf(state, "shop", now).rows.map(({ date, dau }) => [date, dau.count]);
  expect(rows).toEqual([
    ["2026-03-10", 4],
    ["2026-03-11", 5],
  ]);
  // A day later the row of yesterday isn't there yet: nothing is known of it.
  expect(factsOf(state, "shop", now + dayMs).rows).toEqual([]);
});

test("days of which only last activities are known are left out", async () => {
  const state = await appWith([
    { hoursAgo: 3, people: 5 },
    { hoursAgo: 48 + 3, people: 4 },
  ]);
  state.recordHistory(now);
  state.settings.change({ lastSeenUntil: Date.parse("2026-03-11T00:00:00Z") }, now);
  expect(factsOf(state, "shop", now).rows.map(({ date }) => date)).toEqual(["2026-03-11"]);
});
