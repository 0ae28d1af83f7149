import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { maxAliases, maxTokenRows } from "../../worker/limits.ts";
import { AppClient, problem } from "./client.ts";

const numbers = "WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number WHERE n < ?)";

async function signIn(app: AppClient, anonymous: string, user: string): Promise<Record<string, unknown>> {
  const body = { key: await app.key("pub"), beats: [{ user }], link: { anonymous } };
  const response = await app.heartbeat([], { body: JSON.stringify(body) });
  expect(response.status).toBe(200);
  return response.json();
}

const link = (app: AppClient, from: string, to: string) =>
  app.fetch("/v1/links", { method: "POST", body: JSON.stringify({ from, to }) });

test("who was counted under an installation's id is forgotten with the last sketch that could hold it", async () => {
  const app = new AppClient("forgotten-installations");
  await signIn(app, "i", "u");
  expect((await link(app, "a", "b")).status).toBe(200);
  const [rollup, shard] = [await app.rollup(), await app.shard()];
  for (const object of [rollup, shard]) {
    const rows = () =>
      runInDurableObject<DurableObject, { until: number | null }[]>(object, (_, { storage }) =>
        storage.sql.exec<{ until: number | null }>("SELECT until FROM alias").toArray(),
      );
    const held = (await rows()).map(({ until }) => until);
    expect(held).toHaveLength(2);
    expect(held).toContain(null);
    const keptMs = 408 * 86_400_000;
    expect(Math.abs(Math.max(...held.map(Number)) - Date.now() - keptMs)).toBeLessThan(60_000);
    await runInDurableObject<DurableObject, void>(object, async (_, { storage }) => {
      storage.sql.exec("UPDATE alias SET until = 1 WHERE until IS NOT NULL");
      await storage.setAlarm(Date.now() + 60_000);
    });
    expect(await runDurableObjectAlarm(object)).toBe(true);
    expect(await rows()).toEqual([{ until: null }]);
  }
  // From now on that installation is somebody of its own.
  await app.beat({ anonymous: "i" }, { user: "a" }, { user: "b" });
  expect(await app.count("window=24h")).toBe(3);
});

/** Gives an app so many links, of nobody. */
async function fill(app: AppClient, count: number): Promise<void> {
  await runInDurableObject<DurableObject, void>(await app.rollup(), (_, { storage }) => {
    storage.sql.exec("DELETE FROM alias");
    storage.sql.exec(
      `${numbers} INSERT INTO alias (entry, spread, target, target_spread) SELECT 64 * n, 0, 1, 0 FROM number`,
      count,
    );
  });
}

test("an app keeps so many links and no more, those of installations leave room, and what is refused is said", async () => {
  const app = new AppClient("full-of-links");
  await app.beat({ user: "u" });
  await fill(app, maxAliases.installations);
  expect(await signIn(app, "i", "u")).toMatchObject({ accepted: 1, linkDeferred: true });
  await fill(app, maxAliases.all);
  const exclusion = { method: "POST", body: JSON.stringify({ user: "u" }) };
  for (const refused of [link(app, "a", "b"), app.fetch("/v1/exclusions", exclusion)]) {
    expect(await problem(refused)).toMatchObject({
      type: "full",
      status: 409,
      detail: expect.stringContaining("500000 links and exclusions"),
    });
  }
  const lines = ["a", "b"].map((from) => JSON.stringify({ from, to: "c" })).join("\n");
  const headers = { "content-type": "application/x-ndjson" };
  const many = await problem(app.fetch("/v1/links", { method: "POST", body: lines, headers }));
  expect(many).toMatchObject({ type: "nothing-accepted", linked: 0, rejected: 2 });
});

test("what a shard writes for the sake of writing is one row, which counts nobody", async () => {
  const app = new AppClient("written-again");
  await app.beat({ user: "a" });
  await app.count("window=24h");
  const shard = await app.shard();
  for (let time = 0; time < 3; time++) await app.beat({ user: "a" });
  const numbersOf = () =>
    runInDurableObject<DurableObject, unknown[]>(shard, (_, { storage }) =>
      Array.from(storage.sql.exec("SELECT seq FROM log"), ({ seq }) => seq),
    );
  expect(await numbersOf()).toEqual([0]);
  const exclusion = { method: "POST", body: JSON.stringify({ user: "a" }) };
  expect((await app.fetch("/v1/exclusions", exclusion)).status).toBe(200);
  await evictDurableObject(shard);
  expect(await app.count("window=24h")).toBe(0);
});

test("a shard keeps so many clients' tokens and no more, and those that are vouched for have room of their own", async () => {
  const app = new AppClient("full-of-tokens");
  await app.beat({ user: "u" });
  const fillTokens = async (count: number) =>
    runInDurableObject(await app.shard(), (_, { storage }) => {
      storage.sql.exec("DELETE FROM token");
      storage.sql.exec(
        `${numbers} INSERT INTO token SELECT CAST(n + 1000000000000000 AS BLOB), 1, 1, 0, 0, 0, 0, 0, 0, ? FROM number`,
        count,
        Date.now() + 86_400_000,
      );
    });
  await fillTokens(maxTokenRows.unverified);
  expect(await problem(app.exchange({ client: "c", user: "a" }))).toMatchObject({
    type: "full",
    status: 409,
  });
  const key = await app.key("secret");
  const token = await app.token({ key, client: "c", user: "a" });
  expect((await app.report(token)).status).toBe(200);
  // Whoever is known already needs no room.
  await app.token({ key, client: "c", user: "a" });
});
