import { expect, test } from "vitest";
import { inJurisdiction, locationHint } from "../../worker/app/jurisdiction.ts";
import { Refusal } from "../../worker/http/problem.ts";
import { fetchRoute } from "../../worker/routes.ts";

type Env = Parameters<typeof inJurisdiction>[0];

const namespace = (where: string) => ({ where, jurisdiction: (name: string) => namespace(name) });
const env = (jurisdiction?: string) =>
  ({
    ...(jurisdiction !== undefined && { JURISDICTION: jurisdiction }),
    HEADCOUNT_SECRET: "secret",
    SHARDS: namespace("anywhere"),
    ROLLUPS: namespace("anywhere"),
    GATES: namespace("anywhere"),
    DIRECTORY: namespace("anywhere"),
  }) as unknown as Env;

test("with a jurisdiction every object is inside of it, and without one nothing is changed", () => {
  const places = ({ SHARDS, ROLLUPS, GATES, DIRECTORY }: Env) =>
    [SHARDS, ROLLUPS, GATES, DIRECTORY].map((held) => (held as unknown as { where: string }).where);
  expect(places(inJurisdiction(env("eu")))).toEqual(["eu", "eu", "eu", "eu"]);
  expect(inJurisdiction(env("eu")).HEADCOUNT_SECRET).toBe("secret");
  expect(places(inJurisdiction(env()))).toEqual(["anywhere", "anywhere", "anywhere", "anywhere"]);
});

test("a jurisdiction that the platform hasn't got is refused in words", () => {
  const broken = {
    ...env("moon"),
    SHARDS: {
      jurisdiction: () => {
        throw new Error("no such jurisdiction");
      },
    },
  } as unknown as Env;
  expect(() => inJurisdiction(broken)).toThrow("JURISDICTION: expected one that the platform supports");
});

test("every door says so where the service can't be opened", async () => {
  const open = () => {
    throw new Refusal("not-configured", "there is no such jurisdiction");
  };
  for (const [method, path] of [
    ["POST", "/v1/heartbeat"],
    ["POST", "/v1/token"],
    ["GET", "/v1/active"],
  ] as const) {
    const request = new Request(`https://headcount.test${path}`, { method });
    const response = await fetchRoute(request, env(), open);
    expect([path, response.status]).toEqual([path, 503]);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
  }
});

test("an object is made near the continent that its first request comes from", () => {
  expect(["EU", "NA", "SA", "AS", "OC", "AF"].map(locationHint)).toEqual([
    "weur",
    "enam",
    "sam",
    "apac",
    "oc",
    "afr",
  ]);
  expect([locationHint(null), locationHint("T1")]).toEqual([undefined, undefined]);
});
