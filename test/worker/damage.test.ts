import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { AppClient, problem } from "./client.ts";

interface Status {
  parts: { part: string; index?: number; state: string; damagedRows?: number }[];
}

test("a row of the log that can't be read is put aside and told, and the shard goes on", async () => {
  const app = new AppClient("damaged-log");
  await app.set({ shards: 2 });
  await app.beat({ user: "user-0" }, { user: "user-1" }, { user: "user-2" }, { user: "user-3" });
  const shard = await app.shard(0);
  const garbage = new Uint8Array([1, 0, 255, 255]);
  await runInDurableObject(shard, async (_, { storage }) => {
    expect(storage.sql.exec("SELECT seq FROM log").toArray().length).toBeGreaterThan(0);
    storage.sql.exec("UPDATE log SET parts = ?", garbage);
    await storage.deleteAlarm();
  });
  await evictDurableObject(shard);

  expect((await app.beat({ user: "user-0" }, { user: "new" })).accepted).toBe(2);
  const { parts } = await (await app.fetch("/v1/status?fresh=1")).json<Status>();
  const shards = parts.filter(({ part }) => part === "shard");
  expect(shards.map(({ state }) => state)).toEqual(["damaged", "ok"]);
  expect(shards[0]?.damagedRows).toBeGreaterThan(0);
  const kept = await runInDurableObject(shard, (_, { storage }) =>
    storage.sql.exec<{ parts: ArrayBuffer }>("SELECT parts FROM damaged").toArray(),
  );
  expect(kept.map((row) => new Uint8Array(row.parts))).toContainEqual(garbage);
});

test("a sketch that can't be read is said to be damaged, and is not taken for nobody", async () => {
  const app = new AppClient("damaged-sketch");
  await app.beat({ user: "user-0" });
  expect(await app.count("window=24h")).toBe(1);
  await runInDurableObject(await app.rollup(), (_, { storage }) => {
    storage.sql.exec("UPDATE sketch SET sketch = ?", new Uint8Array(40));
  });
  await evictDurableObject(await app.rollup());
  const response = await app.fetch("/v1/active?window=7d");
  expect(response.headers.get("retry-after")).not.toBeNull();
  const { status, type, detail } = await problem(response);
  expect([status, type]).toEqual([503, "unavailable"]);
  expect(detail).toContain("stored data: a sketch of the");
});

test("data of a newer release is refused in words", async () => {
  const app = new AppClient("newer");
  await app.beat({ user: "user-0" });
  expect(await app.count("window=24h")).toBe(1);
  const rollup = await app.rollup();
  await runInDurableObject(rollup, (_, { storage }) => {
    storage.sql.exec("INSERT INTO schema_version (version) VALUES (99)");
  });
  await evictDurableObject(rollup);
  const { status, detail } = await problem(app.fetch("/v1/active"));
  expect(status).toBe(503);
  expect(detail).toContain("it has version 99");
  expect(detail).toContain("newer release");
});
