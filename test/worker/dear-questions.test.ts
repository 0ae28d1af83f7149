import { expect, test } from "vitest";
import { maxDearQuestions, rates, splitCost } from "../../worker/limits.ts";
import { AppClient, people, problem } from "./client.ts";

const dayMs = 86_400_000;

async function splitApp(name: string, count = 600): Promise<AppClient> {
  const app = new AppClient(name);
  await app.set({ dimensions: ["tenant"] });
  const now = Date.now();
  await app.import(
    people(count).flatMap((user, index) =>
      [0, 1, 2].map((day) => ({ user, at: now - day * dayMs, dimensions: { tenant: `t-${index}` } })),
    ),
  );
  await app.count("window=24h");
  return app;
}

test("whoever asks for little is answered while a dear question is worked on", async () => {
  const app = await splitApp("dear-and-cheap");
  for (const dear of [
    `/v1/active?by=tenant&window=${Array.from({ length: 20 }, (_, index) => `${index + 1}d`).join()}`,
    "/v1/engagement?by=tenant",
    "/v1/timeseries?metric=mau&by=tenant",
  ]) {
    const order: string[] = [];
    const work = app.fetch(dear).then(async (response) => {
      order.push("dear");
      return [dear, response.status];
    });
    const cheap = (async () => {
      await app.active("window=24h");
      order.push("cheap");
    })();
    await cheap;
    expect(await work).toEqual([dear, 200]);
    expect([dear, order]).toEqual([dear, ["cheap", "dear"]]);
  }
});

test("a split, and asking all shards, is charged for what it costs", async () => {
  const app = await splitApp("charged");
  await app.set({ shards: 64 });
  const read = { authorization: `Bearer ${await app.key("read")}` };
  const windows = Array.from({ length: 20 }, (_, index) => `${index + 1}d`).join();
  for (const [address, path] of [
    ["203.0.113.20", `/v1/active?by=tenant&window=${windows}`],
    ["203.0.113.21", "/v1/engagement?by=tenant"],
    ["203.0.113.22", "/v1/active?fresh=1"],
  ] as const) {
    const headers = { ...read, "cf-connecting-ip": address };
    let taken = 0;
    // Each in words of its own: what was just answered is answered again from memory, and costs nothing.
    const ask = () => app.fetch(path + "&".repeat(taken), { headers });
    let response = await ask();
    for (; response.ok && taken < 12; response = await ask()) taken++;
    expect([path, (await problem(response)).type, taken < rates.queries.burst / splitCost]).toEqual([
      path,
      "too-many-requests",
      true,
    ]);
  }
  // Servers are not limited.
  for (let turn = 0; turn < 4; turn++) {
    expect((await app.fetch(`/v1/active?by=tenant&window=${windows}`)).status).toBe(200);
  }
}, 240_000);

test("more dear questions than can be answered in time are refused, those before them are answered, and then there is room", async () => {
  const app = await splitApp("dear-queue", 40);
  const answers = await Promise.all(
    Array.from({ length: maxDearQuestions * 2 }, (_, index) =>
      app.fetch(`/v1/active?by=tenant&window=${index + 1}d`),
    ),
  );
  const refused = answers.filter(({ status }) => status !== 200);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThanOrEqual(maxDearQuestions);
  for (const response of refused) {
    expect([response.status, response.headers.get("retry-after")]).toEqual([503, "10"]);
    expect(await response.json()).toMatchObject({
      type: "overloaded",
      detail: `${maxDearQuestions} splits and trends of this app are already being computed: try again later`,
    });
  }
  expect((await app.fetch("/v1/active?by=tenant&window=90d")).status).toBe(200);
});
