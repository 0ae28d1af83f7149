import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { expect, test } from "vitest";
import { eager, rotated, typeOf } from "./eager-tokens.ts";
import { AppClient, people } from "./client.ts";

async function told(app: AppClient, family: string): Promise<Record<string, number>> {
  const text = await (await app.fetch("/metrics", {}, "read")).text();
  const samples = text.matchAll(
    new RegExp(`^headcount_${family}_total\\{.*outcome="(\\w+)"\\} (\\d+)$`, "gm"),
  );
  return Object.fromEntries(Array.from(samples, ([, outcome = "", value]) => [outcome, Number(value)]));
}

/** The shard pushes on its alarm, and is gone. */
async function pushAndEvict(app: AppClient): Promise<void> {
  const shard = await app.shard();
  expect(await runDurableObjectAlarm(shard)).toBe(true);
  await evictDurableObject(shard);
}

test("counters begin at 0, so that the first of anything is a rise", async () => {
  const app = new AppClient("counters-at-0");
  expect(await told(app, "beats")).toEqual({
    accepted: 0,
    absorbed_at_edge: 0,
    late: 0,
    trimmed: 0,
    rejected_bot: 0,
    rejected_in_the_future: 0,
    rejected_malformed: 0,
    rejected_too_old: 0,
  });
  expect(await told(app, "tokens")).toEqual({ issued: 0, rotated: 0, revoked: 0, reused: 0, refused: 0 });
});

test("600 rejected beats are told, though nothing was taken that could take the count along", async () => {
  const app = new AppClient("counters-rejected");
  await app.beat(...people(600).map((user) => ({ user, at: 5 })));
  await pushAndEvict(app);
  expect(await told(app, "beats")).toMatchObject({ rejected_too_old: 600, accepted: 0 });
});

test("thefts of tokens are told, though what comes with a stolen token is not counted", async () => {
  const app = await eager("counters-thefts");
  const first = await app.token({ client: "c", user: "a" });
  await rotated(app, await rotated(app, first));
  await pushAndEvict(app);
  for (let turn = 0; turn < 25; turn++) {
    expect(await typeOf(app.report(first))).toEqual([401, "token-reused"]);
  }
  await pushAndEvict(app);
  expect(await told(app, "tokens")).toMatchObject({ issued: 1, rotated: 2, reused: 25 });
});
