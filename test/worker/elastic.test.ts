import { expect, test } from "vitest";
import { AppClient, people } from "./client.ts";

interface Status {
  parts: { part: string; index?: number }[];
}

async function shardsOf(app: AppClient): Promise<number> {
  const { parts } = await (await app.fetch("/v1/status")).json<Status>();
  return parts.filter(({ part }) => part === "shard").length;
}

/** A shard tells the roll-up that it is busy, as often as it takes. */
async function beBusy(app: AppClient): Promise<void> {
  const rollup = await app.rollup();
  for (let report = 0; report < 3; report++) await rollup.absorb([], {}, { shard: 0, callsPerSecond: 900 });
}

test("a busy app gets twice as many shards, and counts the same before, during and after", async () => {
  const app = new AppClient("elastic");
  const users = people(1000).map((user) => ({ user }));
  await app.beat(...users.slice(0, 600));
  expect(await app.count("window=24h")).toBe(600);
  await beBusy(app);
  // This Worker does not know yet: it goes on with one shard, as others would.
  await app.beat(...users.slice(300, 800));
  expect(await app.count("window=24h")).toBe(800);
  // Any change of settings lets it know.
  expect(await app.set({})).toMatchObject({ shards: 2 });
  expect(await shardsOf(app)).toBe(2);
  await app.beat(...users);
  expect(await app.count("window=24h")).toBe(1000);
  expect(await app.count("window=1h")).toBe(1000);
});

test("after a doubling it rests, however busy a shard says it is", async () => {
  const app = new AppClient("rests");
  await app.beat({ user: "a" });
  for (let times = 0; times < 5; times++) await beBusy(app);
  expect(await app.set({})).toMatchObject({ shards: 2 });
});

test("all of 256 shards are asked, though nobody makes more than a few dozen calls", async () => {
  const app = new AppClient("wide");
  await app.set({ shards: 256 });
  await app.import(people(2000).map((user) => ({ user })));
  const [row] = (await app.active("fresh=1&window=24h")).windows;
  expect(Math.abs((row?.count ?? 0) - 2000)).toBeLessThanOrEqual(1);
});
