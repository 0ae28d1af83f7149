import type { ReactElement } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createHeadcount, type HeadcountError, type HeadcountServer } from "../../sdk/server/index.ts";
import { type CountingProxy, startCountingProxy } from "../support/counting-proxy.ts";
import { type FrameworkApp, frameworkApps } from "../support/framework-apps.ts";
import { openRecipes, type Recipes } from "../support/recipes.ts";
import { cleanUp, startServer, type TestServer } from "../support/server.ts";
import { stayWithinSlot } from "../support/slot.ts";

/*
 * docs/frameworks.md, run as it is written against a real service. Fastify, Koa, h3 (of which Nuxt's server is made) and
 * Express (on which Nest runs) are the real ones. What only wraps a Request and a Response is called as its framework
 * would call it.
 */

let recipes: Recipes;
let service: TestServer;
let proxy: CountingProxy;
let headcount: HeadcountServer;
const errors: HeadcountError[] = [];
/** Everybody who was ever to be counted: the independent truth. */
const people = new Set<string>();

beforeAll(async () => {
  recipes = await openRecipes();
  service = await startServer();
  proxy = await startCountingProxy(service.url);
  process.env["HEADCOUNT_ENDPOINT"] = proxy.url;
});
afterAll(async () => {
  delete process.env["HEADCOUNT_ENDPOINT"];
  await proxy?.close();
  await service?.stop();
  await recipes?.close();
  await cleanUp();
});
beforeEach(async () => {
  await stayWithinSlot();
  process.env["HEADCOUNT_SECRET_KEY"] = service.keys.secret;
  headcount = createHeadcount({
    endpoint: proxy.url,
    secretKey: service.keys.secret,
    onError: (error) => errors.push(error),
  });
}, 60_000);
afterEach(async () => {
  delete process.env["HEADCOUNT_SECRET_KEY"];
  await headcount.close();
});

/** The count of `/v1/active?fresh=1` is that of everybody, and so is the number of beats; up to 3,000 it is exact. */
async function expectExactCount(): Promise<void> {
  const { windows } = await headcount.query.active({ window: "24h", fresh: true });
  expect(windows).toMatchObject([{ count: people.size, low: people.size, high: people.size }]);
  expect(proxy.beats).toHaveLength(people.size);
  expect(new Set(proxy.beats.map(({ user }) => user))).toEqual(people);
}

async function start(name: string): Promise<FrameworkApp> {
  const open = frameworkApps[name];
  if (!open) throw new Error(`no app of ${name}`);
  return open(recipes, headcount);
}

test.each(Object.keys(frameworkApps))("%s counts whoever is signed in and was not refused", async (name) => {
  const { visit, close } = await start(name);
  const users = Array.from({ length: 30 }, (_, user) => `${name}-${user}`);
  for (const user of users) people.add(user);
  const visits = users.flatMap((user) => Array.from({ length: 5 }, () => visit("/ok", user)));
  expect(new Set(await Promise.all(visits))).toEqual(new Set([200]));
  expect(await visit("/ok")).toBe(200);
  expect(await visit("/refused", `${name}-refused`)).toBe(403);
  expect(await visit("/broken", `${name}-unlucky`)).toBe(500);
  expect(await headcount.flush()).toBe(true);
  await close?.();
  await expectExactCount();
  expect(errors).toEqual([]);
});

test("what waits is sent when Fastify is closed", async () => {
  const { visit, close } = await start("Fastify");
  people.add("fastify-last");
  expect(await visit("/ok", "fastify-last")).toBe(200);
  await close?.();
  await expectExactCount();
});

test("Astro counts nobody for a page that was rendered by the build", async () => {
  const { visit } = await start("Astro");
  expect(await visit("/static", "astro-static")).toBe(200);
  expect(await headcount.flush()).toBe(true);
  await expectExactCount();
});

test("a loader of Remix counts whoever may see its page", async () => {
  const requireUser = async ({ headers }: Request) => {
    const id = headers.get("x-user");
    if (!id) throw new Response(null, { status: 302 });
    return { id, name: "Ada" };
  };
  const { loader } = await recipes.load<{ loader: (args: { request: Request }) => Promise<unknown> }>(
    "app/routes/signed-in.ts",
    { "../headcount": { headcount }, "../session": { requireUser } },
  );
  await expect(loader({ request: new Request("https://app.test/") })).rejects.toMatchObject({ status: 302 });
  people.add("remix");
  const headers = { "x-user": "remix" };
  expect(await loader({ request: new Request("https://app.test/", { headers }) })).toEqual({ name: "Ada" });
  expect(await headcount.flush()).toBe(true);
  await expectExactCount();
});

test("Next counts by the end of what after() was given, and renders the browser's half", async () => {
  const work: Promise<unknown>[] = [];
  const after = (task: Promise<unknown>) => void work.push(task);
  const client = await recipes.load<{ headcount: HeadcountServer }>("lib/headcount.ts", {
    "next/server": { after },
  });
  let session: { userId: string } | undefined;
  const getSession = async () => session;
  const modules = { "@/lib/headcount": { ...client }, "@/lib/session": { getSession } };
  const { GET } = await recipes.load<{ GET: () => Promise<Response> }>("app/api/notes/route.ts", modules);
  expect((await GET()).status).toBe(401);
  expect(work).toEqual([]);
  session = { userId: "next" };
  people.add("next");
  for (let request = 0; request < 3; request++) expect((await GET()).status).toBe(200);
  await Promise.all(work);
  await expectExactCount();

  type Layout = (props: { children: ReactElement | string }) => Promise<ReactElement>;
  const { default: layout } = await recipes.load<{ default: Layout }>("app/layout.tsx", modules);
  const html = renderToStaticMarkup(await layout({ children: "Notes" }));
  expect(html).toContain("<body>Notes</body>");
});

test("a function of Lambda answers once its user is counted, and also while the service is away", async () => {
  type Handler = (event: object) => Promise<{ statusCode: number; body: string }>;
  const { handler } = await recipes.load<{ handler: Handler }>("lambda.ts", { "./headcount": { headcount } });
  const event = (sub: string) => ({
    rawPath: "/notes",
    requestContext: { authorizer: { jwt: { claims: { sub } } } },
  });
  people.add("lambda-1");
  for (let request = 0; request < 3; request++) {
    expect(await handler(event("lambda-1"))).toEqual({ statusCode: 200, body: "You asked for /notes" });
  }
  await expectExactCount();

  proxy.isDown = true;
  people.add("lambda-2");
  expect(await handler(event("lambda-2"))).toMatchObject({ statusCode: 200 });
  expect(errors.splice(0).map(({ code }) => code)).toContain("unreachable");
  proxy.isDown = false;
  expect(await headcount.flush()).toBe(true);
  await expectExactCount();
});

test("the client of each recipe counts with its keys, and a build of Next or SvelteKit needs none", async () => {
  type Client = { headcount: HeadcountServer };
  const env = process.env;
  const getSecret = (name: string) => env[name];
  const clients = {
    "headcount.ts": {},
    "lib/headcount.ts": { "next/server": { after: undefined } },
    "src/lib/server/headcount.ts": {
      "$app/environment": { building: false },
      "$env/dynamic/private": { env },
    },
    "src/headcount.ts": { "astro:env/server": { getSecret } },
  };
  for (const [name, modules] of Object.entries(clients)) {
    const client = await recipes.load<Client>(name, modules);
    people.add(name);
    client.headcount.touch(name);
    expect(await client.headcount.close()).toBe(true);
    await expectExactCount();
  }

  delete env["HEADCOUNT_SECRET_KEY"];
  for (const [name, modules] of Object.entries(clients)) {
    await expect(recipes.load(name, modules)).rejects.toThrow("secretKey: expected");
  }
  env["NEXT_PHASE"] = "phase-production-build";
  const next = await recipes.load<Client>("lib/headcount.ts", clients["lib/headcount.ts"]);
  delete env["NEXT_PHASE"];
  const svelte = await recipes.load<Client>("src/lib/server/headcount.ts", {
    ...clients["src/lib/server/headcount.ts"],
    "$app/environment": { building: true },
  });
  for (const { headcount: disabled } of [next, svelte]) {
    disabled.touch("nobody");
    expect(await disabled.close()).toBe(true);
  }
  await expectExactCount();
});
