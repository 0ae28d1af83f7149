import { expect, test } from "vitest";
import type { GrowthAnswer, PowerAnswer, RetentionAnswer, TimeseriesAnswer } from "../../sdk/answers.ts";
import { AppClient, people } from "./client.ts";

const dayMs = 86_400_000;

const dateOf = (daysAgo: number) => new Date(Date.now() - daysAgo * dayMs).toISOString().slice(0, 10);

async function ask<Answer>(app: AppClient, path: string): Promise<Answer> {
  const response = await app.fetch(path, {}, "read");
  expect([path, response.status]).toEqual([path, 200]);
  return response.json();
}

/** People whose days, first day and plan are known, on each of the last 40 days. */
async function withPlans(name: string) {
  const app = new AppClient(name);
  await app.set({ dimensions: ["plan"] });
  const now = Date.now();
  const users = people(60).map((user, index) => ({
    user,
    plan: index % 3 === 0 ? "paid" : "free",
    signUp: 39 - (index % 40),
    // Some come each day, some each second, …
    isThere: (daysAgo: number) => (daysAgo * 7 + index) % (1 + (index % 5)) === 0,
  }));
  const wasThere = ({ signUp, isThere }: (typeof users)[number], daysAgo: number) =>
    daysAgo <= signUp && (daysAgo === signUp || isThere(daysAgo));
  const beats = users.flatMap((one) =>
    Array.from({ length: 40 }, (_, daysAgo) => daysAgo)
      .filter((daysAgo) => wasThere(one, daysAgo))
      .map((daysAgo) => ({
        user: one.user,
        at: now - daysAgo * dayMs,
        since: dateOf(one.signUp),
        dimensions: { plan: one.plan },
      })),
  );
  await app.import(beats);
  return { app, users, wasThere };
}

test("the power user curve says on how many whole days each person was there", async () => {
  const { app, users, wasThere } = await withPlans("power");
  for (const [query, days, last, plan] of [
    ["", 28, 1, null],
    ["&days=7", 7, 1, null],
    [`&days=14&to=${dateOf(-1)}`, 14, 0, null],
    ["&plan=paid", 28, 1, "paid"],
  ] as const) {
    const answer = await ask<PowerAnswer>(app, `/v1/power?fresh=1${query}`);
    const counts = users
      .filter((one) => plan === null || one.plan === plan)
      .map(
        (one) => Array.from({ length: days }, (_, back) => wasThere(one, last + back)).filter(Boolean).length,
      )
      .filter((count) => count > 0);
    expect([answer.days, answer.to]).toEqual([days, `${dateOf(last - 1)}T00:00:00Z`]);
    expect(answer.people).toEqual({ count: counts.length, low: counts.length, high: counts.length });
    for (const row of answer.curve) {
      const count = counts.filter((one) => one === row.days).length;
      const orMore = counts.filter((one) => one >= row.days).length;
      expect(row).toMatchObject({ count, low: count, high: count, orMore: { count: orMore } });
      expect(row.share.value).toBeCloseTo((100 * count) / counts.length, 1);
    }
    expect(answer.curve).toHaveLength(days);
  }
});

test("before a first day is over there is no curve and no growth, with the reason", async () => {
  const app = new AppClient("young-power");
  await app.beat({ user: "a" });
  const { people: all, curve } = await ask<PowerAnswer>(app, "/v1/power?fresh=1");
  expect([all.count, all.reason, curve]).toEqual([null, expect.stringContaining("first activity"), []]);
  const { periods } = await ask<GrowthAnswer>(app, "/v1/growth");
  expect(periods.at(-1)?.new).toMatchObject({
    count: null,
    reason: expect.stringContaining("first activity"),
  });
});

test("growth accounting puts everybody of a month in one state, and says how many of each come back", async () => {
  const { app, users, wasThere } = await withPlans("growth");
  const { periods } = await ask<GrowthAnswer>(app, "/v1/growth?fresh=1&periods=12");
  expect(periods.map(({ period }) => period)).toEqual(
    Array.from({ length: 12 }, (_, index) => dateOf(12 - index)),
  );
  for (const [index, row] of periods.entries()) {
    const daysAgo = 12 - index;
    const was = (one: (typeof users)[number], from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, back) => daysAgo + from + back).some((ago) =>
        wasThere(one, ago),
      );
    const stateOf = (one: (typeof users)[number]) => {
      const [today, week, month] = [was(one, 0, 0), was(one, 1, 6), was(one, 7, 29)];
      if (today)
        return one.signUp === daysAgo ? "new" : week ? "current" : month ? "reactivated" : "resurrected";
      return week ? "atRiskWau" : month ? "atRiskMau" : null;
    };
    for (const state of ["new", "current", "reactivated", "resurrected", "atRiskWau", "atRiskMau"] as const) {
      const those = users.filter((one) => stateOf(one) === state);
      // The month before isn't whole in the first days of the app.
      const isYoung = state !== "new" && daysAgo + 29 > 39;
      expect([row.period, state, row[state].count]).toEqual([
        row.period,
        state,
        isYoung ? null : those.length,
      ]);
      const rate = { new: row.nurr, current: row.curr, reactivated: row.rurr, resurrected: row.surr }[
        state as "new"
      ];
      if (rate === undefined || isYoung) continue;
      const back = those.filter((one) => wasThere(one, daysAgo - 1)).length;
      if (daysAgo === 1)
        expect(rate).toMatchObject({ value: null, reason: expect.stringContaining("isn't over") });
      else if (those.length === 0) expect(rate.value).toBeNull();
      else expect(rate.value).toBeCloseTo((100 * back) / those.length, 1);
    }
  }
});

test("new people and cohorts are told of a part and split, exactly while they are few", async () => {
  const { app, users, wasThere } = await withPlans("cohort-split");
  const { points } = await ask<TimeseriesAnswer>(
    app,
    `/v1/timeseries?fresh=1&metric=new&by=plan&from=${dateOf(20)}`,
  );
  const { cohorts } = await ask<RetentionAnswer>(app, "/v1/retention?cohorts=20&by=plan");
  const filtered = await ask<RetentionAnswer>(app, "/v1/retention?cohorts=20&plan=paid");
  for (const [index, { cohort, groups }] of cohorts.entries()) {
    const daysAgo = 19 - index;
    expect(cohort).toBe(dateOf(daysAgo));
    const those = users.filter(({ signUp }) => signUp === daysAgo);
    for (const plan of ["paid", "free"]) {
      const ofPlan = those.filter((one) => one.plan === plan);
      const group = groups?.find(({ value }) => value === plan);
      expect(group?.size.count ?? 0).toBe(ofPlan.length);
      if (plan === "paid") expect(filtered.cohorts[index]?.size.count).toBe(ofPlan.length);
      for (const { period, count, rateInterval } of group?.periods ?? []) {
        const back = ofPlan.filter((one) => wasThere(one, daysAgo - period)).length;
        expect([count, rateInterval.value]).toEqual([back, Math.round((1e4 * back) / ofPlan.length) / 100]);
      }
      const point = points.find(({ date }) => date === cohort)?.groups;
      expect(point?.find(({ value }) => value === plan)?.count ?? 0).toBe(ofPlan.length);
    }
  }
});
