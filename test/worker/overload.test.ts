import { expect, test } from "vitest";
import { maxInFlight } from "../../worker/limits.ts";
import { AppClient, people } from "./client.ts";

test("what is more than can be done at once is shed in words, and all that was acknowledged counts", async () => {
  const app = new AppClient("overloaded");
  await app.beat({ user: "first" });
  const users = people(3 * maxInFlight.reports);
  const acknowledged = ["first"];
  let shed = 0;
  await Promise.all(
    users.map(async (user) => {
      const response = await app.heartbeat([{ user }]);
      if (response.status === 200) {
        acknowledged.push(user);
        await response.text();
        return;
      }
      expect(response.status).toBe(503);
      expect(Number(response.headers.get("retry-after"))).toBeGreaterThan(0);
      expect(await response.json()).toMatchObject({ type: "overloaded" });
      shed++;
    }),
  );
  expect(shed).toBeGreaterThan(0);
  expect(acknowledged.length).toBeGreaterThanOrEqual(maxInFlight.reports);
  const [row] = (await app.active("window=24h&fresh=1")).windows;
  expect(Math.abs((row?.count ?? 0) - acknowledged.length)).toBeLessThanOrEqual(2);

  // It recovers by itself, and whoever was shed is taken when they come again.
  for (let from = 0; from < users.length; from += 500) {
    const again = await Promise.all(users.slice(from, from + 500).map((user) => app.heartbeat([{ user }])));
    expect(again.map(({ status }) => status)).toEqual(again.map(() => 200));
  }
  const [all] = (await app.active("window=24h&fresh=1")).windows;
  expect(Math.abs((all?.count ?? 0) - users.length - 1)).toBeLessThanOrEqual(40);
});

test("questions are answered while reports are shed, and the other way about", async () => {
  const app = new AppClient("both");
  await app.beat({ user: "a" });
  const reports = people(2 * maxInFlight.reports).map((user) => app.heartbeat([{ user }]));
  expect((await app.fetch("/v1/active")).status).toBe(200);
  expect((await app.fetch("/healthz")).status).toBe(200);
  await Promise.all(reports.map(async (response) => (await response).text()));
  const questions = Array.from({ length: 2 * maxInFlight.questions }, () => app.fetch("/v1/status"));
  expect((await app.beat({ user: "b" })).accepted).toBe(1);
  const statuses = await Promise.all(
    questions.map(async (response) => {
      await (await response).text();
      return (await response).status;
    }),
  );
  expect(new Set(statuses)).toEqual(new Set([200, 503]));
});
