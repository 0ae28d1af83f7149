import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { operations } from "../../worker/schemas/operations.ts";
import { responses } from "../../worker/schemas/answer-schemas.ts";
import { routes } from "../../worker/routes.ts";
import { AppClient, people } from "./client.ts";

const dayMs = 86_400_000;

/** Real answers of a small app to each operation that gives JSON. */
async function ask(app: AppClient): Promise<Record<string, Response>> {
  await app.set({ dimensions: ["plan"] });
  const now = Date.now();
  const today = new Date(now).toISOString().slice(0, 10);
  await app.import(
    people(30).map((user, index) => ({
      user,
      at: now - (index % 10) * dayMs,
      since: new Date(now - index * dayMs).toISOString().slice(0, 10),
      dimensions: { plan: index % 2 ? "free" : "paid" },
    })),
  );
  const send = (path: string, body: unknown, method = "POST") =>
    app.fetch(path, { method, body: JSON.stringify(body), headers: { "content-type": "application/json" } });
  return {
    "POST /v1/heartbeat": await app.heartbeat([{ user: "a" }, { user: "" }]),
    "POST /v1/token": await app.exchange({ client: "c", user: "a" }),
    "DELETE /v1/token": await send("/v1/token", { user: "a" }, "DELETE"),
    "POST /v1/activity": await send("/v1/activity", { beats: [{ user: "a" }, {}] }),
    "POST /v1/links": await send("/v1/links", { from: "user-1", to: "user-2" }),
    "DELETE /v1/links": await send("/v1/links", { from: "user-1" }, "DELETE"),
    "POST /v1/exclusions": await send("/v1/exclusions", { user: "user-3" }),
    "DELETE /v1/exclusions": await send("/v1/exclusions", { user: "user-3" }, "DELETE"),
    "GET /v1/active": await app.fetch("/v1/active?fresh=1&window=1h,400d&by=plan"),
    "GET /v1/engagement": await app.fetch("/v1/engagement?by=plan"),
    "GET /v1/timeseries": await app.fetch("/v1/timeseries?metric=stickiness&by=plan"),
    "GET /v1/retention": await app.fetch("/v1/retention?interval=week&cohorts=10&by=plan"),
    "GET /v1/lifecycle": await app.fetch("/v1/lifecycle?periods=20"),
    "GET /v1/power": await app.fetch("/v1/power?days=7"),
    "GET /v1/growth": await app.fetch("/v1/growth?periods=20"),
    "GET /v1/online": await app.fetch("/v1/online?by=plan"),
    "GET /v1/sketch": await app.fetch(`/v1/sketch?day=${today}&format=json`),
    "POST /v1/import": await app.fetch("/v1/import", {
      method: "POST",
      body: await (await app.fetch("/v1/export")).text(),
      headers: { "content-type": "application/x-ndjson" },
    }),
    "GET /v1/status": await app.fetch("/v1/status"),
    "GET /v1/settings": await app.fetch("/v1/settings"),
    "PUT /v1/settings": await send("/v1/settings", {}, "PUT"),
    "POST /v1/share": await send("/v1/share", { panels: ["split"] }),
    "GET /v1/share": await app.fetch("/v1/share", {
      headers: { authorization: `Bearer ${await app.share({ panels: ["split"] })}` },
    }),
    "PUT /v1/annotations": await send("/v1/annotations", { day: today, text: "Release" }, "PUT"),
    "GET /v1/annotations": await app.fetch("/v1/annotations"),
    "DELETE /v1/annotations": await send("/v1/annotations", { day: today }, "DELETE"),
    "GET /v1/apps": await app.fetch("/v1/apps", {
      headers: { authorization: `Bearer ${env.HEADCOUNT_SECRET}` },
    }),
    "GET /healthz": await app.fetch("/healthz"),
    "GET /openapi.json": await app.fetch("/openapi.json"),
  };
}

test("each route is documented, and nothing else", () => {
  expect(Object.keys(operations).toSorted()).toEqual(
    routes.map(({ method, path }) => `${method} ${path}`).toSorted(),
  );
  for (const route of routes) {
    const roles = "roles" in route ? route.roles : undefined;
    expect([route.path, operations[`${route.method} ${route.path}`]?.roles]).toEqual([route.path, roles]);
  }
});

test("each answer is as documented, to the member", async () => {
  const answers = await ask(new AppClient("documented"));
  for (const [key, operation] of Object.entries(operations)) {
    const schema = operation.response["application/json"];
    if (schema === undefined || schema === null) continue;
    const answer = answers[key];
    expect([key, answer?.status]).toEqual([key, 200]);
    const read = schema.safeParse(await answer?.json());
    expect([key, read.error?.issues ?? []]).toEqual([key, []]);
  }
});

test("an app without activity answers as documented too", async () => {
  const app = new AppClient("blank");
  for (const path of [
    "active",
    "engagement",
    "timeseries",
    "retention",
    "lifecycle",
    "power",
    "growth",
    "online",
    "status",
  ] as const) {
    const read = responses[path].safeParse(await (await app.fetch(`/v1/${path}`)).json());
    expect([path, read.error?.issues ?? []]).toEqual([path, []]);
  }
});

test("a refusal is as documented", async () => {
  const response = await new AppClient("refusal").fetch("/v1/active?window=x");
  expect(responses.problem.safeParse(await response.json()).success).toBe(true);
});

test("the document is OpenAPI 3.1 and describes what a beat is", async () => {
  const document = await (
    await new AppClient("document").fetch("/openapi.json")
  ).json<{
    openapi: string;
    paths: Record<string, Record<string, { requestBody?: { content: Record<string, { schema: unknown }> } }>>;
  }>();
  expect(document.openapi).toBe("3.1.0");
  const body = document.paths["/v1/heartbeat"]?.["post"]?.requestBody?.content["application/json"]?.schema;
  expect(body).toMatchObject({
    type: "object",
    properties: {
      beats: { items: { properties: { user: { type: "string", minLength: 1, maxLength: 256 } } } },
    },
  });
});
