import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import { AppClient, people } from "./client.ts";

const today = new Date().toISOString().slice(0, 10);

function daysAgo(days: number): string {
  return new Date(Date.now() - days * 86_400_000).toISOString().slice(0, 10);
}

/** What the bearer of a view's token is answered. */
function asked(token: string, path: string, init: RequestInit = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${token}` };
  return exports.default.fetch(new Request(`https://headcount.test${path}`, { headers, ...init }));
}

async function statusesOf(token: string, paths: readonly string[]): Promise<Record<string, number>> {
  const statuses: Record<string, number> = {};
  for (const path of paths) {
    const response = await asked(token, path);
    await response.text();
    statuses[path] = response.status;
  }
  return statuses;
}

function all(paths: readonly string[], status: number): Record<string, number> {
  return Object.fromEntries(paths.map((path) => [path, status]));
}

function embed(token: string): Promise<Response> {
  return exports.default.fetch(new Request(`https://headcount.test/embed?view=${encodeURIComponent(token)}`));
}

async function appWithPlans(name: string): Promise<AppClient> {
  const app = new AppClient(name);
  await app.set({ dimensions: ["plan", "region"] });
  await app.import([
    ...people(20).map((user) => ({ user, dimensions: { plan: "pro", region: "eu" } })),
    ...people(7).map((user) => ({ user: `free-${user}`, dimensions: { plan: "free" } })),
  ]);
  expect(await app.count("window=24h")).toBe(27);
  return app;
}

test("a shared view is answered what it shows, the same as its reader", async () => {
  const app = await appWithPlans("share");
  const token = await app.share({
    panels: ["headline", "trend"],
    metric: "wau",
    range: "30",
    only: "plan:pro",
  });
  const trend = `/v1/timeseries?metric=wau&from=${daysAgo(29)}&plan=pro`;
  const questions = [
    "/v1/online?plan=pro",
    "/v1/engagement?plan=pro",
    ...["dau", "mau"].map((metric) => `/v1/timeseries?metric=${metric}&from=${daysAgo(29)}&plan=pro`),
    trend,
    // The order of members says nothing.
    `/v1/timeseries?plan=pro&from=${daysAgo(29)}&metric=wau`,
  ];
  expect(await statusesOf(token, questions)).toEqual(all(questions, 200));
  const answer = await (await asked(token, trend)).json<{ points: { date: string; count: number }[] }>();
  expect(answer.points.at(-1)).toMatchObject({ date: today, count: 20 });
  const own = await (await app.fetch(trend, {}, "read")).json<{ points: unknown[] }>();
  expect(answer.points).toEqual(own.points);
});

test("it is answered nothing else: no other days, filters, figures or doors", async () => {
  const app = await appWithPlans("share-narrow");
  const token = await app.share({ panels: ["trend"], range: "30", only: "plan:pro" });
  const trend = `/v1/timeseries?metric=dau&from=${daysAgo(29)}&plan=pro`;
  const wider = [
    trend.replace("plan=pro", "plan=free"),
    trend.replace("&plan=pro", ""),
    trend.replace("plan=pro", "region=eu"),
    `${trend}&region=eu`,
    `${trend}&plan=free`,
    `${trend}&by=region`,
    `${trend}&fresh=1`,
    trend.replace("dau", "wau"),
    trend.replace("dau", "new"),
    trend.replace(daysAgo(29), daysAgo(31)),
    trend.replace(daysAgo(29), daysAgo(27)),
    `${trend}&to=${today}`,
    "/v1/timeseries",
    "/v1/online",
    "/v1/online?plan=pro",
    "/v1/engagement?plan=pro",
    "/v1/active?window=7d&by=plan",
    "/v1/active?window=1h",
    "/v1/retention",
    "/v1/lifecycle",
    "/v1/power",
    "/v1/growth",
    "/v1/status",
    "/v1/settings",
    "/v1/annotations",
    "/metrics",
    `/v1/sketch?day=${today}`,
    "/v1/export",
  ];
  expect(await statusesOf(token, [trend])).toEqual(all([trend], 200));
  expect(await statusesOf(token, wider)).toEqual(all(wider, 403));
  const writes = [
    ["PUT", "/v1/settings"],
    ["POST", "/v1/share"],
    ["POST", "/v1/links"],
    ["DELETE", "/v1/exclusions"],
    ["POST", "/v1/activity"],
    ["POST", "/v1/import"],
    ["POST", trend],
  ] as const;
  for (const [method, path] of writes) {
    const { status } = await asked(token, path, { method, body: "{}" });
    expect([method, path, status]).toEqual([method, path, path === trend ? 405 : 403]);
  }
  // It opens no door at which keys are shown in another place.
  const badge = await exports.default.fetch(new Request(`https://headcount.test/badge.svg?key=${token}`));
  const apps = await asked(token, "/v1/apps");
  expect([badge.status, apps.status]).toEqual([401, 401]);
});

test("a split shows each value of its own dimension, in its window and days", async () => {
  const app = await appWithPlans("share-split");
  const token = await app.share({ panels: ["split"], by: "plan", window: "24h", range: "30" });
  const trend = `/v1/timeseries?metric=dau&from=${daysAgo(29)}`;
  const shown = ["/v1/active?window=24h&by=plan", `${trend}&plan=pro`, `${trend}&plan=free`];
  expect(await statusesOf(token, shown)).toEqual(all(shown, 200));
  const others = [
    "/v1/active?window=24h&by=region",
    "/v1/active?window=7d&by=plan",
    "/v1/active?window=24h",
    trend,
    `${trend}&region=eu`,
    `${trend}&plan=pro&plan=free`,
    `${trend.replace("dau", "mau")}&plan=pro`,
  ];
  expect(await statusesOf(token, others)).toEqual(all(others, 403));
});

test("its page is told what it shows, and nothing more of the app", async () => {
  const app = await appWithPlans("share-facts");
  const token = await app.share({ panels: ["split", "trend"], compare: "previous" });
  const answer = await (await asked(token, "/v1/share")).json();
  expect(answer).toEqual({
    app: "share-facts",
    at: expect.any(String),
    definition: "share/1",
    view: "by=plan&compare=previous&panels=trend.split",
    timeZone: "UTC",
    firstDay: `${today}T00:00:00Z`,
    dimensions: ["plan"],
  });
  expect((await app.fetch("/v1/share", {}, "read")).status).toBe(401);
});

test("links die with the revision of share keys, and later ones live", async () => {
  const app = new AppClient("share-revoked");
  const former = await app.share({ panels: ["headline"] });
  expect(await statusesOf(former, ["/v1/online", "/v1/share"])).toEqual({
    "/v1/online": 200,
    "/v1/share": 200,
  });
  await app.set({ keyRevisions: { share: 1 } });
  expect(await statusesOf(former, ["/v1/online", "/v1/share"])).toEqual({
    "/v1/online": 401,
    "/v1/share": 401,
  });
  const later = await app.share({ panels: ["headline"] });
  expect(later).toMatch(/^hc_view_share-revoked_r1_/);
  expect(await statusesOf(later, ["/v1/online"])).toEqual({ "/v1/online": 200 });
  // The keys of readers are as good as before.
  expect((await app.fetch("/v1/online", {}, "read")).status).toBe(200);
});

test("a token that was changed is none", async () => {
  const app = new AppClient("share-forged");
  const token = await app.share({ panels: ["trend"] });
  const [head = "", text = ""] = token.split(".");
  const wider = btoa("panels=headline.trend").replaceAll("=", "");
  const [, mac] = (await new AppClient("share-other").share({ panels: ["trend"] })).split("share-other_");
  const forged = [
    `${head}.${wider}`,
    `${head}.${text}A`,
    `${head}.`,
    head,
    `hc_view_share-forged_${mac ?? ""}`,
    token.replace("share-forged_", "share-forged_r1_"),
    await app.key("share"),
  ];
  for (const one of forged) {
    expect([one, (await asked(one, "/v1/share")).status]).toEqual([one, 401]);
    const page = await embed(one);
    expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
    await page.text();
  }
});

test("only pages of `embedOrigins` may frame a view; without any, none", async () => {
  const app = new AppClient("share-embed");
  const token = await app.share({ panels: ["trend"] });
  const framing = async () => {
    const { status, headers } = await embed(token);
    const policy = headers.get("content-security-policy") ?? "";
    return [status, /frame-ancestors (.*)$/.exec(policy)?.[1], headers.get("x-frame-options")];
  };
  expect(await framing()).toEqual([200, "'none'", "DENY"]);
  await app.set({
    embedOrigins: ["https://www.example.com/", "https://*.Example.org", "http://localhost:3000"],
  });
  const listed = "https://www.example.com https://*.example.org http://localhost:3000";
  expect(await framing()).toEqual([200, listed, null]);
  // The dashboard itself is framed by nobody.
  const dashboard = await exports.default.fetch(new Request("https://headcount.test/"));
  expect(dashboard.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  await app.set({ keyRevisions: { share: 1 } });
  expect(await framing()).toEqual([200, "'none'", "DENY"]);
});

test.each([
  [["https://a;script-src.example"]],
  [["https://example.com; script-src *"]],
  [["*"]],
  [["https://*"]],
  [["'self'"]],
  [["null"]],
  [["file://"]],
  [["capacitor://localhost"]],
  [["https://example.com/path"]],
  ["https://example.com"],
])("embedOrigins are origins of web pages: %j is refused", async (embedOrigins) => {
  const init = { method: "PUT", body: JSON.stringify({ embedOrigins }) };
  const response = await new AppClient("share-embed-bad").fetch("/v1/settings", init);
  expect(response.status).toBe(422);
  expect((await response.json<{ detail: string }>()).detail).toContain("embedOrigins");
});

test.each([
  [{}, "panels: expected a list of some of headline"],
  [{ panels: [] }, "panels: expected a list of some of headline"],
  [{ panels: ["settings"] }, "expected a list of some of headline"],
  [{ panels: ["trend"], metric: "new" }, "metric: expected dau or wau or mau"],
  [{ panels: ["trend"], range: "9999" }, "range: expected 30, 90, 365"],
  [{ panels: ["trend"], only: "tenant:acme" }, "only: expected a declared dimension: plan"],
  [{ panels: ["split"], by: "tenant" }, "by: expected a declared dimension: plan"],
  [{ panels: ["split"], only: "plan:pro" }, "panels: growth and split always show everyone"],
  [{ panels: ["trend"], days: 3 }, "expected panels and what the dashboard's address names"],
])("a view that can't be shared is refused in words: %j", async (view, detail) => {
  const app = new AppClient("share-refused");
  await app.set({ dimensions: ["plan"] });
  const response = await app.fetch("/v1/share", { method: "POST", body: JSON.stringify(view) }, "read");
  expect(response.status).toBe(400);
  expect((await response.json<{ detail: string }>()).detail).toContain(detail);
});
