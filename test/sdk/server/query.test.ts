import { expect, expectTypeOf, test } from "vitest";
import type * as z from "zod";
import type {
  ActiveAnswer,
  EngagementAnswer,
  HeadcountServer,
  LifecycleAnswer,
  OnlineAnswer,
  RetentionAnswer,
  TimeseriesAnswer,
} from "../../../sdk/server/index.ts";
import type { responses } from "../../../worker/schemas/answer-schemas.ts";
import { openServer, problem, unreachable } from "../../support/fake-service.ts";

const answer = { app: "demo", at: "2026-11-20T10:00:00Z", definition: "active/2", windows: [] };

test.each<[string, (query: HeadcountServer["query"]) => Promise<unknown>]>([
  ["active?window=24h%2C7d", (query) => query.active({ window: ["24h", "7d"] })],
  [
    "active?fresh=1&since=1795203773884",
    (query) => query.active({ since: new Date(1_795_203_773_884), fresh: true }),
  ],
  ["active?from=2026-11-01&to=2026-11-15", (query) => query.active({ from: "2026-11-01", to: "2026-11-15" })],
  ["active?period=week&date=2026-11-19", (query) => query.active({ period: "week", date: "2026-11-19" })],
  [
    "active?window=30m&by=tenant&platform=i+os",
    (query) => query.active({ window: "30m", by: "tenant", where: { platform: "i os" } }),
  ],
  ["engagement", (query) => query.engagement()],
  [
    "timeseries?metric=dau&from=2026-10-01",
    (query) => query.timeseries({ metric: "dau", from: "2026-10-01", to: undefined }),
  ],
  ["retention?interval=week&cohorts=4", (query) => query.retention({ interval: "week", cohorts: 4 })],
  ["lifecycle?periods=3", (query) => query.lifecycle({ periods: 3 })],
  ["retention?by=plan&plan=paid", (query) => query.retention({ by: "plan", where: { plan: "paid" } })],
  [
    "power?days=14&to=2026-11-20&plan=paid",
    (query) => query.power({ days: 14, to: "2026-11-20", where: { plan: "paid" } }),
  ],
  ["growth?interval=week&periods=4", (query) => query.growth({ interval: "week", periods: 4 })],
  ["online", (query) => query.online()],
])("asks /v1/%s", async (path, ask) => {
  const { headcount, service } = openServer();
  service.answer = () => Response.json(answer);
  expect(await ask(headcount.query)).toEqual(answer);
  expect(service.requests).toMatchObject([{ method: "GET", path: `/v1/${path}` }]);
  expect(service.requests[0]?.headers.get("authorization")).toBe("Bearer hc_secret_test_mac");
});

test.each([
  [
    "POST",
    "/v1/links",
    { from: "a", to: "b", days: ["2026-11-19"] },
    (server: HeadcountServer) => server.link("a", "b", { days: ["2026-11-19"] }),
  ],
  ["POST", "/v1/exclusions", { user: "a" }, (server: HeadcountServer) => server.exclude("a")],
  ["DELETE", "/v1/exclusions", { user: "a" }, (server: HeadcountServer) => server.include("a")],
] as const)("%s %s says who counts as whom", async (method, path, body, say) => {
  const { headcount, service } = openServer();
  service.answer = () => Response.json({});
  await say(headcount);
  expect(service.requests).toMatchObject([{ method, path }]);
  expect(JSON.parse(service.requests[0]?.body ?? "")).toEqual(body);
});

test.each([
  ["refused", 400],
  ["refused", 403],
  ["unavailable", 429],
  ["unavailable", 503],
])("a question that fails is %s with the problem document of a %i", async (code, status) => {
  const { headcount, service, errors } = openServer();
  service.answer = problem(status, { "retry-after": "7" });
  const expected = {
    name: "HeadcountError",
    code,
    status,
    problem: { type: "some-slug", status },
    retryAfterMs: 7000,
  };
  await expect(headcount.query.online()).rejects.toMatchObject(expected);
  await expect(headcount.link("a", "b")).rejects.toMatchObject(expected);
  expect(errors).toEqual([]);
});

test("a question without an answer is unreachable, with the cause", async () => {
  const { headcount, service } = openServer();
  service.answer = unreachable;
  await expect(headcount.query.online()).rejects.toMatchObject({
    code: "unreachable",
    cause: expect.any(TypeError),
  });
  service.answer = () => new Response("<html>");
  await expect(headcount.query.online()).rejects.toMatchObject({ code: "unreachable" });
});

test("a question that is called off rejects with the reason", async () => {
  const { headcount, service } = openServer();
  service.answer = () => new Promise(() => {});
  const controller = new AbortController();
  const asked = headcount.query.online({ signal: controller.signal });
  const reason = new Error("not needed any more");
  controller.abort(reason);
  await expect(asked).rejects.toBe(reason);
});

/** What the service documents about itself. */
type Documented = { [Name in keyof typeof responses]: z.infer<(typeof responses)[Name]> };

test("the answers' types are those that the service documents", () => {
  expectTypeOf<Documented["active"]>().toExtend<ActiveAnswer>();
  expectTypeOf<Documented["engagement"]>().toExtend<EngagementAnswer>();
  expectTypeOf<Documented["timeseries"]>().toExtend<TimeseriesAnswer>();
  expectTypeOf<Documented["retention"]>().toExtend<RetentionAnswer>();
  expectTypeOf<Documented["lifecycle"]>().toExtend<LifecycleAnswer>();
  expectTypeOf<Documented["online"]>().toExtend<OnlineAnswer>();
  // And the other way round: nothing is promised that is not documented.
  expectTypeOf<keyof ActiveAnswer["windows"][number]>().toEqualTypeOf<
    keyof Documented["active"]["windows"][number]
  >();
  expectTypeOf<keyof TimeseriesAnswer["points"][number]>().toEqualTypeOf<
    keyof Documented["timeseries"]["points"][number]
  >();
  expectTypeOf<keyof LifecycleAnswer["periods"][number]>().toEqualTypeOf<
    keyof Documented["lifecycle"]["periods"][number]
  >();
});
