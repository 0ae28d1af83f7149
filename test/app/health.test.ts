import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { isolateOf } from "../../worker/app/isolate.ts";
import type { Env } from "../../worker/env.ts";
import { fetchRoute } from "../../worker/routes.ts";
import { FakeEnv } from "./fake-env.ts";

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

async function health(env: Env): Promise<[status: number, body: unknown]> {
  const response = await fetchRoute(new Request("https://headcount.test/healthz"), env);
  return [response.status, await response.json()];
}

test("health is well with a secret alone", async () => {
  expect(await health(new FakeEnv().env)).toEqual([200, { status: "ok" }]);
  for (const secret of ["", "short"]) {
    const [status, body] = await health(new FakeEnv(secret).env);
    expect([status, body]).toEqual([503, expect.objectContaining({ type: "not-configured" })]);
  }
});

test("health is damaged where a start or a shard has found data lost", async () => {
  const damaged = [503, expect.objectContaining({ status: "damaged" })];
  expect(await health({ ...new FakeEnv().env, LOST_ROLLUPS: "id" })).toEqual(damaged);
  const { env } = new FakeEnv();
  expect((await health(env))[0]).toBe(200);
  isolateOf(env).isDamaged = true;
  expect(await health(env)).toEqual(damaged);
});
