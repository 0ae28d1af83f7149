import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { AppClient, people, problem } from "./client.ts";

const dayMs = 86_400_000;
const chrome =
  "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0 Safari/537.36";

interface Group {
  value: string;
  count: number;
}

async function groups(app: AppClient, query: string): Promise<Record<string, number>> {
  const [row] = (await app.active(`fresh=1&${query}`)).windows as unknown as { groups: Group[] }[];
  return Object.fromEntries((row?.groups ?? []).map(({ value, count }) => [value, count]));
}

test("people are counted per tenant, and once in all", async () => {
  const app = new AppClient("tenants");
  await app.set({ dimensions: ["tenant"] });
  await app.beat(
    { user: "a", dimensions: { tenant: "acme" } },
    { user: "b", dimensions: { tenant: "acme" } },
    { user: "b", dimensions: { tenant: "globex" } },
    { user: "c" },
  );
  expect(await groups(app, "window=24h&by=tenant")).toEqual({ acme: 2, globex: 1 });
  expect(await app.count("window=24h&by=tenant")).toBe(3);
  expect(await app.count("window=24h&tenant=acme")).toBe(2);
  expect(await app.count("window=24h&tenant=initech")).toBe(0);
});

test("dimensions are split over days and hours as over one", async () => {
  const app = new AppClient("split");
  await app.set({ dimensions: ["plan"] });
  const now = Date.now();
  await app.import(
    people(90).map((user, index) => ({
      user,
      at: now - (index % 30) * dayMs,
      dimensions: { plan: index % 3 === 0 ? "free" : "paid" },
    })),
  );
  expect(await groups(app, "window=40d&by=plan")).toEqual({ free: 30, paid: 60 });
  // Today, yesterday, the day before, and the hour three days ago in which somebody was there.
  expect(await groups(app, `from=${now - 3 * dayMs}&by=plan`)).toEqual({ free: 6, paid: 6 });
});

test("what is not declared is dropped, and asking for it is refused", async () => {
  const app = new AppClient("undeclared");
  await app.beat({ user: "a", dimensions: { secret: "x" } });
  expect((await app.fetch("/v1/active?by=secret")).status).toBe(400);
  await app.set({ dimensions: ["secret"] });
  expect(await groups(app, "window=24h&by=secret")).toEqual({});
});

test("a value that can't be counted is left out of a heartbeat, and refused in words from a server", async () => {
  const app = new AppClient("odd-values");
  await app.set({ dimensions: ["tenant"] });
  const odd = ["x".repeat(65), "\ud800", null, 42, true, {}, []];
  for (const [index, tenant] of odd.entries()) {
    const answer = await app.beat({ user: `u-${index}`, dimensions: { tenant } });
    expect([tenant, answer]).toEqual([
      tenant,
      { accepted: 1, rejected: [], interval: 300, ignored: ["tenant"] },
    ]);
    const refused = await problem(app.activity([{ user: "server", dimensions: { tenant } }]));
    expect([tenant, refused.status]).toEqual([tenant, 422]);
    expect(refused.detail).toContain("dimensions: tenant: expected a string of at most 64 characters");
  }
  expect(await app.count("window=24h")).toBe(odd.length);
  expect(await groups(app, "window=24h&by=tenant")).toEqual({});
});

test("dimensions that aren't declared are told by name, and the beats are kept", async () => {
  const app = new AppClient("told");
  await app.set({ dimensions: ["plan"] });
  const beat = { user: "a", dimensions: { plan: "pro", seats: null, tenant: "t", "a@b.example": "x" } };
  expect((await app.beat(beat)).ignored).toEqual(["seats", "tenant"]);
  expect((await app.import([beat])).ignored).toEqual(["seats", "tenant"]);
  expect(await groups(app, "window=24h&by=plan")).toEqual({ pro: 1 });
});

test("beyond 1,000 values a day the rest is (other), and nobody is lost", async () => {
  const app = new AppClient("many-values");
  await app.set({ dimensions: ["tenant"] });
  await app.beat(...people(1200).map((user, index) => ({ user, dimensions: { tenant: `t-${index}` } })));
  const counted = await groups(app, "window=24h&by=tenant");
  expect(Object.keys(counted)).toHaveLength(1001);
  expect(counted["(other)"]).toBe(200);
  expect(await app.count("window=24h")).toBe(1200);
});

test("whoever makes values up displaces none for which somebody vouches", async () => {
  const app = new AppClient("made-up-values");
  await app.set({ dimensions: ["tenant"] });
  await app.beat(...people(1100).map((user, index) => ({ user, dimensions: { tenant: `x-${index}` } })));
  await app.count("window=24h");
  await app.import(people(40).map((user, index) => ({ user, dimensions: { tenant: `real-${index}` } })));
  const token = await app.token({ key: await app.key("secret"), client: "c", user: "vouched" });
  await app.report(token, { beats: [{ dimensions: { tenant: "by-token" } }] });
  await app.beat({ user: "late", dimensions: { tenant: "y" } });
  const counted = await groups(app, "window=24h&by=tenant");
  const real = Object.keys(counted).filter((value) => value.startsWith("real-"));
  expect([real.length, counted["by-token"], counted["y"]]).toEqual([40, 1, undefined]);
});

test("where values are listed all others are one, whoever sends them", async () => {
  const app = new AppClient("listed-values");
  await app.set({ dimensions: ["plan", "tenant"], allowedValues: { plan: ["free", "pro"] } });
  const plans = ["free", "pro", "made-up", "Pro"];
  await app.beat(...plans.map((plan) => ({ user: plan, dimensions: { plan, tenant: plan } })));
  await app.import([{ user: "server", dimensions: { plan: "trial" } }]);
  expect(await groups(app, "window=24h&by=plan")).toEqual({ free: 1, pro: 1, "(other)": 3 });
  expect(Object.keys(await groups(app, "window=24h&by=tenant"))).toHaveLength(4);
  const refused = { method: "PUT", body: JSON.stringify({ allowedValues: { plan: [""] } }) };
  expect(await problem(app.fetch("/v1/settings", refused))).toMatchObject({ type: "invalid-settings" });
});

test("platform and browser are known from the start, and a beat may say otherwise", async () => {
  const app = new AppClient("edge");
  const headers = { "user-agent": chrome };
  await app.heartbeat([{ user: "a" }, { user: "b", dimensions: { platform: "kiosk" } }], { headers });
  expect(await groups(app, "window=24h&by=platform")).toEqual({ Windows: 1, kiosk: 1 });
  expect(await groups(app, "window=24h&by=browser")).toEqual({ Chrome: 2 });
});

test("an app of an earlier release that declared nothing goes on without dimensions", async () => {
  const app = new AppClient("before");
  await app.beat({ user: "a" });
  const rollup = await app.rollup();
  // Release 0.1 stored no settings until one was set.
  await runInDurableObject<DurableObject, void>(rollup, (_, { storage }) => {
    storage.sql.exec("DELETE FROM meta WHERE name = 'settings'");
  });
  await evictDurableObject(rollup);
  expect((await rollup.config()).settings.dimensions).toEqual([]);
  expect(await app.set({ retentionDays: 90 })).toMatchObject({ dimensions: [] });
});

test("where nothing tells the country, the status of an app that declares it says so", async () => {
  const app = new AppClient("countryless");
  const rollupRow = async () => {
    const status = await app.fetch("/v1/status?part=rollup", {}, "read");
    return ((await status.json()) as { parts: unknown[] }).parts[0];
  };
  expect(await rollupRow()).not.toHaveProperty("unfilled");
  await app.set({ dimensions: ["country"] });
  expect(await rollupRow()).toMatchObject({
    unfilled: [{ dimension: "country", reason: expect.stringContaining("HEADCOUNT_COUNTRY_HEADER") }],
  });
});

test("only the edge says who is verified", async () => {
  const app = new AppClient("verified");
  await app.set({ dimensions: ["verified"] });
  await app.beat({ user: "stranger", dimensions: { verified: "true" } });
  await app.import([{ user: "known" }]);
  expect(await groups(app, "window=24h&by=verified")).toEqual({ true: 1, false: 1 });
});

test("an app or a script that names its library is taken for a person's", async () => {
  const app = new AppClient("libraries");
  const agents = [
    "okhttp/4.12.0",
    "MyApp/7 CFNetwork/1568 Darwin/24.0.0",
    "Dart/3.5 (dart:io)",
    "node",
    "curl/8.5.0",
  ];
  for (const [index, agent] of agents.entries()) {
    await app.heartbeat([{ user: `u-${index}` }], { headers: { "user-agent": agent } });
  }
  expect(await app.count("window=24h")).toBe(agents.length);
});

test("a bot is told so and not counted", async () => {
  const app = new AppClient("bots");
  await app.beat({ user: "a" });
  const bot = await app.heartbeat([{ user: "bot" }], {
    headers: { "user-agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)" },
  });
  expect(await bot.json()).toMatchObject({ accepted: 0, rejected: [{ index: 0 }] });
  expect(await app.count("window=24h")).toBe(1);
});
