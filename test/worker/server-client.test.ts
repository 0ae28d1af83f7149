import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import { createHeadcount, type HeadcountError } from "../../sdk/server/index.ts";
import { AppClient } from "./client.ts";

test("a Worker counts its users inside waitUntil and asks how many there are", async () => {
  const app = new AppClient("server-client");
  const work: Promise<unknown>[] = [];
  const errors: HeadcountError[] = [];
  const headcount = createHeadcount({
    endpoint: "https://headcount.test",
    secretKey: await app.key("secret"),
    fetch: (target, init) => exports.default.fetch(new Request(target, init)),
    waitUntil: (promise) => work.push(promise),
    onError: (error) => errors.push(error),
  });
  for (let round = 0; round < 3; round++) {
    for (let user = 0; user < 20; user++) headcount.touch(`u-${user}`);
  }
  await Promise.all(work);
  await headcount.link("u-0", "u-1");
  const { windows } = await headcount.query.active({ window: "24h", fresh: true });
  expect(windows).toMatchObject([{ count: 19 }]);
  await expect(headcount.query.online({ where: { nonsense: "x" } })).rejects.toMatchObject({
    code: "refused",
    problem: { type: "invalid-query" },
  });
  expect(errors).toEqual([]);
  expect(await headcount.close()).toBe(true);
});
