import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import { AppClient, people, problem } from "./client.ts";

function badge(query: string): Promise<Response> {
  return exports.default.fetch(new Request(`https://headcount.test/badge.svg?${query}`));
}

async function shown(response: Response): Promise<string | undefined> {
  expect(response.status).toBe(200);
  return /<title>(.*)<\/title>/.exec(await response.text())?.[1];
}

test("a badge shows each metric in steps, to a share token and to a read key", async () => {
  const app = new AppClient("badge");
  const now = Date.now();
  await app.import([
    ...people(1234).map((user) => ({ user, at: now - 2 * 3_600_000 })),
    ...people(2345).map((user) => ({ user, at: now - 5 * 86_400_000 })),
    ...people(70).map((user) => ({ user, at: now })),
  ]);
  await app.fetch("/v1/active?fresh=1");
  for (const role of ["share", "read"] as const) {
    const key = await app.key(role);
    expect(await shown(await badge(`key=${key}`))).toMatch(/^online: [678]0$/);
    expect(await shown(await badge(`key=${key}&metric=online`))).toMatch(/^online: [678]0$/);
    expect(await shown(await badge(`key=${key}&metric=dau`))).toMatch(/^daily users: 1.2[234]k$/);
    expect(await shown(await badge(`key=${key}&metric=mau`))).toMatch(/^monthly users: 2.3[3456]k$/);
  }
});

test("a badge may be cached by anybody for a while, and does not follow each visitor", async () => {
  const app = new AppClient("badge-cached");
  await app.import(people(3).map((user) => ({ user })));
  await app.fetch("/v1/active?fresh=1");
  const key = await app.key("share");
  const first = await badge(`key=${key}`);
  expect(first.headers.get("cache-control")).toBe("public, max-age=60");
  expect(first.headers.get("content-type")).toBe("image/svg+xml; charset=utf-8");
  expect(first.headers.get("content-security-policy")).toBe("default-src 'none'");
  expect(await shown(first)).toBe("online: under 10");
  await app.import([{ user: "one-more" }]);
  await app.fetch("/v1/active?fresh=1");
  expect(await shown(await badge(`key=${key}&anything=else`))).toBe("online: under 10");
});

test("a badge tells of nobody whether they came, not even to whoever adds people until it changes", async () => {
  const figures = new Set<string | undefined>();
  for (const count of [812, 813]) {
    const app = new AppClient(`badge-of-${count}`);
    await app.import(people(count).map((user) => ({ user })));
    await app.fetch("/v1/active?fresh=1");
    figures.add(await shown(await badge(`key=${await app.key("share")}`)));
  }
  for (const figure of figures) expect(figure).toMatch(/^online: (8[012]0)$/);
});

test("an app that nobody has used yet has a badge without a figure", async () => {
  const key = await new AppClient("badge-empty").key("share");
  expect(await shown(await badge(`key=${key}&metric=dau`))).toBe("daily users: –");
});

test("without a good key there is no badge, and a key that does more than read has no place in an address", async () => {
  const app = new AppClient("badge-refused");
  const refusals = await Promise.all(
    [
      "",
      "key=hc_share_badge-refused_0000000000000000000000",
      `key=${await app.key("pub")}`,
      `key=${await app.key("secret")}`,
    ].map(async (query) => {
      const { status, type } = await problem(badge(query));
      return [status, type];
    }),
  );
  expect(refusals).toEqual([
    [401, "credentials-missing"],
    [401, "credentials-invalid"],
    [403, "wrong-role"],
    [403, "wrong-role"],
  ]);
  const { status, detail } = await problem(badge(`key=${await app.key("share")}&metric=wau`));
  expect([status, detail]).toEqual([400, "metric: expected one of online, dau, mau"]);
});

test("a share token shows badges and opens nothing else", async () => {
  const app = new AppClient("badge-only");
  expect((await problem(app.fetch("/v1/active", {}, "share"))).status).toBe(403);
});
