import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import { rates } from "../../worker/limits.ts";
import type { AppsAnswer } from "../../worker/query/app-list.ts";
import { responses } from "../../worker/schemas/answer-schemas.ts";
import { AppClient, people, problem } from "./client.ts";

const dayMs = 86_400_000;

function ask(query = "", bearer: string | null = env.HEADCOUNT_SECRET, method = "GET"): Promise<Response> {
  const headers: HeadersInit = bearer === null ? {} : { authorization: `Bearer ${bearer}` };
  return exports.default.fetch(new Request(`https://headcount.test/v1/apps${query}`, { headers, method }));
}

async function list(query = ""): Promise<AppsAnswer> {
  const response = await ask(query);
  expect(response.status).toBe(200);
  return responses.apps.parse(await response.json());
}

/** An app that some people used today, and others so many days ago; its roll-up has recomputed. */
async function appWith(name: string, activeByDaysAgo: Record<number, number>): Promise<AppClient> {
  const app = new AppClient(name);
  const beats = Object.entries(activeByDaysAgo).flatMap(([daysAgo, count]) =>
    people(count, Number(daysAgo) * 1000).map((user) => ({ user, at: Date.now() - Number(daysAgo) * dayMs })),
  );
  await app.import(beats);
  await app.count("window=24h");
  await runDurableObjectAlarm(await app.rollup());
  return app;
}

const exactly = (count: number) => ({ count, low: count, high: count });

test("lists the apps that have activity, with their figures, those with the most people first", async () => {
  await appWith("small", { 0: 3, 3: 2 });
  await appWith("large", { 0: 5, 3: 4, 20: 7 });
  await appWith("former", { 100: 4 });
  // Its settings were read and set, and nobody was ever there.
  const idle = new AppClient("idle");
  await idle.set({ timeZone: "Europe/Berlin" });
  await runDurableObjectAlarm(await idle.rollup());
  const { apps, next, definition } = await list();
  expect(apps).toEqual([
    { app: "large", online: exactly(5), dau: exactly(5), wau: exactly(9), mau: exactly(16) },
    { app: "small", online: exactly(3), dau: exactly(3), wau: exactly(5), mau: exactly(5) },
    { app: "former", online: exactly(0), dau: exactly(0), wau: exactly(0), mau: exactly(0) },
  ]);
  expect([next, definition]).toEqual([null, "apps/1"]);
});

test("figures are those of the moment, also where the roll-up has not recomputed since", async () => {
  const app = await appWith("busy", { 0: 2 });
  await app.beat({ user: "another" });
  await app.count("window=24h");
  expect((await list()).apps.find((row) => row.app === "busy")?.dau).toEqual(exactly(3));
});

test("goes on page by page until there is no next one", async () => {
  for (const [name, count] of [
    ["page-b", 31],
    ["page-a", 31],
    ["page-c", 33],
  ] as const) {
    await appWith(name, { 0: count });
  }
  const seen: string[] = [];
  let after = "";
  for (;;) {
    const { apps, next } = await list(`?limit=1${after}`);
    expect(apps).toHaveLength(1);
    seen.push(...apps.map(({ app }) => app));
    if (next === null) break;
    after = `&after=${next}`;
  }
  expect(seen.slice(0, 3)).toEqual(["page-c", "page-a", "page-b"]);
  expect(seen).toEqual((await list()).apps.map(({ app }) => app));
  expect(new Set(seen).size).toBe(seen.length);
});

test("an app that can't be read is listed with the reason, and spoils no other", async () => {
  await appWith("sound", { 0: 2 });
  const lost = await (await appWith("lost", { 0: 40 })).rollup();
  await runInDurableObject(lost, (_, { storage }) => {
    storage.sql.exec("INSERT INTO meta (name, value) VALUES ('lost', 'true')");
  });
  await evictDurableObject(lost);
  const { apps } = await list();
  const figure = { count: null, low: null, high: null, reason: expect.stringContaining("was lost") };
  expect(apps.at(-1)).toEqual({ app: "lost", online: figure, dau: figure, wau: figure, mau: figure });
  expect(apps.find(({ app }) => app === "sound")?.mau).toEqual(exactly(2));
});

test("an app whose activity is kept no longer is taken off the list", async () => {
  const app = await appWith("forgotten", { 0: 2 });
  const names = async () => (await list()).apps.map((row) => row.app);
  expect(await names()).toContain("forgotten");
  const rollup = await app.rollup();
  await runInDurableObject(rollup, (_, { storage }) => {
    storage.sql.exec("DELETE FROM sketch");
  });
  await evictDurableObject(rollup);
  await runDurableObjectAlarm(rollup);
  expect(await names()).not.toContain("forgotten");
});

test("nobody is told who doesn't hold the service's secret", async () => {
  const app = new AppClient("curious");
  const missing = await ask("", null);
  expect([missing.status, missing.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
  const secret = env.HEADCOUNT_SECRET;
  for (const wrong of [
    secret.slice(1),
    `${secret}A`,
    `${secret}=`,
    secret.replace("d", "e"),
    "hc_secret_x_y",
  ]) {
    const told = await problem(ask("", wrong));
    expect([told.type, told.status]).toEqual(["credentials-invalid", 401]);
    expect(told.detail).toContain("HEADCOUNT_SECRET");
    expect(told.detail).not.toContain(wrong);
  }
  for (const role of ["pub", "read", "secret", "share"] as const) {
    const told = await problem(ask("", await app.key(role)));
    expect([told.type, told.status]).toEqual(["wrong-role", 403]);
    expect(told.detail).toContain("HEADCOUNT_SECRET");
  }
});

test("no page may read the answer, and no cache keeps it", async () => {
  const response = await ask();
  expect(response.headers.get("cache-control")).toBe("no-store");
  for (const each of [response, await ask("", null), await ask("?limit=0"), await ask("", null, "OPTIONS")]) {
    expect(each.headers.has("access-control-allow-origin")).toBe(false);
  }
});

test("a query that can't be read is 400 and says what would be right", async () => {
  for (const query of ["limit=0", "limit=301", "limit=x", "limit=1&limit=2", "after=shop", "fresh=1"]) {
    const { type, detail } = await problem(ask(`?${query}`));
    expect([query, type]).toEqual([query, "invalid-query"]);
    expect(detail).toContain("expected");
  }
});

test("one address does not try secret after secret", async () => {
  const tries = Array.from({ length: rates.queries.burst + 50 }, async () => {
    const headers = { authorization: "Bearer guess", "cf-connecting-ip": "203.0.113.77" };
    const response = await exports.default.fetch(new Request("https://headcount.test/v1/apps", { headers }));
    await response.text();
    return response.status;
  });
  const statuses = new Set(await Promise.all(tries));
  expect(statuses).toEqual(new Set([401, 429]));
  expect((await ask()).status).toBe(200);
});
