import { expect, test } from "vitest";
import { AppClient, problem } from "./client.ts";

function put(app: AppClient, change: Record<string, unknown>): Promise<Response> {
  return app.fetch("/v1/settings", { method: "PUT", body: JSON.stringify(change) });
}

test("of two changes that are each right alone and not together, at the same time, one is refused", async () => {
  const app = new AppClient("at-once");
  const [hour, day] = [3600, 86_400];
  await app.set({ tokenTtl: 10 * day, tokenMinTtl: hour });
  const answers = await Promise.all([put(app, { tokenTtl: day }), put(app, { tokenMinTtl: 2 * day })]);
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 422]);
  const refused = answers.find(({ status }) => status === 422) as Response;
  expect((await problem(refused)).detail).toContain("expected less than tokenTtl");
  const { tokenTtl, tokenMinTtl } = await app.set({});
  expect(Number(tokenMinTtl)).toBeLessThan(Number(tokenTtl));
});

test("a secret that is sent back hidden stays what it is, and there has to be one", async () => {
  const app = new AppClient("hidden-secret");
  expect((await problem(put(app, { jwt: { secret: "(hidden)" } }))).detail).toContain(
    "no secret is stored yet",
  );
  await app.set({ jwt: { secret: "s".repeat(40), audience: "a" } });
  const kept = await app.set({ jwt: { secret: "(hidden)", audience: "b" } });
  expect(kept["jwt"]).toMatchObject({ secret: "(hidden)", audience: "b" });
});
