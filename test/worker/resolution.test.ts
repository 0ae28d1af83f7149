import { runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { type ActiveAnswer, AppClient, problem } from "./client.ts";

const [slotMs, hourMs, dayMs] = [300_000, 3_600_000, 86_400_000];
const kinds = { "5m": ["day", "hour", "slot"], "1h": ["day", "hour"], "1d": ["day"] };
const windowsTold = {
  "5m": [2, 2, 2, 2, 2],
  "1h": [null, 2, 2, 2, 2],
  "1d": [null, null, 2, 2, 2],
};
const reasons = {
  "5m": undefined,
  "1h": "the app counts only hours and longer periods: see the resolution setting",
  "1d": "the app counts only days and longer periods: see the resolution setting",
};

/** Seconds from the start of the running slot to the end of the running hour or day, in UTC. */
function secondsLeft(lengthMs: number): number {
  const now = Date.now();
  return ((Math.floor(now / lengthMs) + 1) * lengthMs - Math.floor(now / slotMs) * slotMs) / 1000;
}

test.each(["5m", "1h", "1d"] as const)(
  "at %s every door says what is known and what isn't",
  async (resolution) => {
    const app = new AppClient(`at-${resolution}`);
    expect(await app.set({ resolution })).toMatchObject({ resolution });
    const interval = secondsLeft({ "5m": slotMs, "1h": hourMs, "1d": dayMs }[resolution]);
    // The secret key's second is answered from memory.
    for (const role of ["pub", "secret", "secret"] as const) {
      const body = JSON.stringify({ key: await app.key(role), beats: [{ user: "a" }] });
      const answer = await app.fetch("/v1/heartbeat", { method: "POST", body });
      expect(await answer.json()).toEqual({ accepted: 1, rejected: [], interval });
    }
    await app.import([{ user: "b" }]);

    const { windows } = await app.active("fresh=1&window=5m,1h,24h,7d,30d");
    // Rolling windows end now and nobody was there before, so what is told is told of the whole.
    const bounds = windows.map(({ count, low, high }) =>
      count === null ? null : low! <= 2 && 2 <= high! ? 2 : [low, high],
    );
    expect(bounds).toEqual(windowsTold[resolution]);
    expect(windows[0]?.reason).toBe(reasons[resolution]);
    for (const period of ["day", "week", "month"]) expect(await app.count(`period=${period}`)).toBe(2);

    const online = (await (await app.fetch("/v1/online", {}, "read")).json()) as ActiveAnswer;
    expect([online.windows[0]?.count, online.windows[0]?.reason]).toEqual(
      resolution === "5m" ? [2, undefined] : [null, reasons[resolution]],
    );
    const metrics = await (await app.fetch("/metrics", {}, "read")).text();
    expect(metrics.includes("headcount_online_users{")).toBe(resolution === "5m");
    expect(metrics).toContain('headcount_active_users{app="');
    const badge = await app.fetch(`/badge.svg?metric=online&key=${await app.key("share")}`);
    expect(/aria-label="([^"]*)"/.exec(await badge.text())?.[1]).toBe(
      resolution === "5m" ? "online: under 10" : "online: –",
    );

    const kept = await runInDurableObject(await app.rollup(), (_, { storage }) =>
      storage.sql.exec<{ kind: string }>("SELECT DISTINCT kind FROM sketch ORDER BY kind").toArray(),
    );
    expect(kept.map(({ kind }) => kind)).toEqual(kinds[resolution]);
  },
);

test("a resolution that isn't known is refused with those that are", async () => {
  const app = new AppClient("no-resolution");
  const refused = app.fetch("/v1/settings", { method: "PUT", body: JSON.stringify({ resolution: "15m" }) });
  expect((await problem(refused)).detail).toBe("resolution: expected one of 5m, 1h, 1d");
});
