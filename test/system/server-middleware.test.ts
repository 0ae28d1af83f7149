import { createServer, request as httpRequest } from "node:http";
import express, { type Request as ExpressRequest } from "express";
import { Hono } from "hono";
import { Router } from "itty-router";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import {
  createHeadcount,
  expressMiddleware,
  type HeadcountError,
  type HeadcountServer,
  honoMiddleware,
  ittyMiddleware,
} from "../../sdk/server/index.ts";
import { type CountingProxy, startCountingProxy } from "../support/counting-proxy.ts";
import { cleanUp, startServer, type TestServer } from "../support/server.ts";
import { stayWithinSlot } from "../support/slot.ts";
import { listen, type LocalServer } from "../support/static-server.ts";

let service: TestServer;
let proxy: CountingProxy;
let headcount: HeadcountServer;
const errors: HeadcountError[] = [];
/** Everybody who was ever to be counted: the independent truth. */
const people = new Set<string>();

beforeAll(async () => {
  service = await startServer();
  proxy = await startCountingProxy(service.url);
  headcount = createHeadcount({
    endpoint: proxy.url,
    secretKey: service.keys.secret,
    onError: (error) => errors.push(error),
  });
});
afterAll(async () => {
  await headcount?.close();
  await proxy?.close();
  await service?.stop();
  await cleanUp();
});
beforeEach(stayWithinSlot, 60_000);

/** What an app of each framework does: whoever names themselves in a header is authenticated by a handler. */
const apps = {
  async express(): Promise<LocalServer> {
    type Signed = ExpressRequest & { user?: { id: string } };
    const app = express();
    app.use(expressMiddleware(headcount, { identify: (request: Signed) => request.user?.id }));
    app.use((request: Signed, _response, next) => {
      const id = request.get("x-user");
      if (id) request.user = { id };
      next();
    });
    app.get("/ok", (_request, response) => void response.send("ok"));
    app.get("/refused", (_request, response) => void response.status(403).send("no"));
    app.get("/broken", () => {
      throw new Error("broken");
    });
    app.use(((_error, _request, response, _next) => {
      response.status(500).send("broken");
    }) satisfies express.ErrorRequestHandler);
    return listen(createServer(app));
  },

  async hono(): Promise<LocalServer> {
    type Signed = { Variables: { user?: { id: string } } };
    const app = new Hono<Signed>();
    app.use(honoMiddleware<Signed>(headcount, { identify: (context) => context.get("user")?.id }));
    app.use(async (context, next) => {
      const id = context.req.header("x-user");
      if (id) context.set("user", { id });
      await next();
    });
    app.get("/ok", (context) => context.text("ok"));
    app.get("/refused", (context) => context.text("no", 403));
    app.get("/broken", () => {
      throw new Error("broken");
    });
    app.onError((_error, context) => context.text("broken", 500));
    return serveFetch(async (request) => app.fetch(request));
  },

  async "itty-router"(): Promise<LocalServer> {
    type Signed = Request & { user?: { id: string } };
    const app = Router<Signed, []>({
      before: [
        (request) => {
          const id = request.headers.get("x-user");
          if (id) request.user = { id };
        },
      ],
      catch: () => new Response("broken", { status: 500 }),
      finally: [ittyMiddleware(headcount, { identify: (request: Signed) => request.user?.id })],
    });
    app.get("/ok", () => new Response("ok"));
    app.get("/refused", () => new Response("no", { status: 403 }));
    app.get("/broken", () => {
      throw new Error("broken");
    });
    return serveFetch(async (request) => app.fetch(request));
  },
};

/** Serves what answers Requests with Responses on Node. */
async function serveFetch(answer: (request: Request) => Promise<Response>): Promise<LocalServer> {
  return listen(
    createServer((request, response) => {
      const headers = new Headers(request.headers as Record<string, string>);
      answer(new Request(`http://localhost${request.url}`, { headers })).then(
        async (answered) => response.writeHead(answered.status).end(await answered.text()),
        () => response.destroy(),
      );
    }),
  );
}

async function visit(app: LocalServer, path: string, user?: string): Promise<number> {
  const response = await fetch(app.url + path, { headers: user === undefined ? {} : { "x-user": user } });
  await response.arrayBuffer();
  return response.status;
}

/** The count of `/v1/active?fresh=1` is that of everybody, and so is the number of beats; up to 3,000 it is exact. */
async function expectExactCount(): Promise<void> {
  const { windows } = await headcount.query.active({ window: "24h", fresh: true });
  expect(windows).toMatchObject([{ count: people.size, low: people.size, high: people.size }]);
  expect(proxy.beats).toHaveLength(people.size);
  expect(new Set(proxy.beats.map(({ user }) => user))).toEqual(people);
}

test.each(Object.entries(apps))("%s counts whoever it has authenticated, once each", async (name, start) => {
  const app = await start();
  const users = Array.from({ length: 60 }, (_, user) => `${name}-${user}`);
  for (const user of users) people.add(user);
  const visits = users.flatMap((user) => Array.from({ length: 12 }, () => visit(app, "/ok", user)));
  expect(new Set(await Promise.all(visits))).toEqual(new Set([200]));
  // Neither strangers, nor who is refused, nor who meets an error, nor who finds nothing.
  expect(await visit(app, "/ok")).toBe(200);
  expect(await visit(app, "/refused", `${name}-refused`)).toBe(403);
  expect(await visit(app, "/broken", `${name}-unlucky`)).toBe(500);
  if (name !== "itty-router") expect(await visit(app, "/nowhere", `${name}-lost`)).toBe(404);
  expect(await headcount.flush()).toBe(true);
  await expectExactCount();
  expect(errors).toEqual([]);
  await app.close();
});

test.each(Object.entries(apps))(
  "%s answers as ever while the service is down, and counts once it is back",
  async (name, start) => {
    const app = await start();
    proxy.isDown = true;
    const users = Array.from({ length: 40 }, (_, user) => `${name}-down-${user}`);
    for (const user of users) people.add(user);
    for (let round = 0; round < 3; round++) {
      expect(new Set(await Promise.all(users.map((user) => visit(app, "/ok", user))))).toEqual(
        new Set([200]),
      );
    }
    expect(await headcount.flush({ timeoutMs: 100 })).toBe(false);
    expect(errors.splice(0).map(({ code }) => code)).toContain("unreachable");
    proxy.isDown = false;
    expect(await headcount.flush()).toBe(true);
    await expectExactCount();
    await app.close();
  },
);

test("an answer that the client does not wait for is not counted by Express", async () => {
  let arrived: () => void = () => {};
  const isHere = new Promise<void>((resolve) => (arrived = resolve));
  let closed: () => void = () => {};
  const isGone = new Promise<void>((resolve) => (closed = resolve));
  const server = express();
  server.use(expressMiddleware(headcount, { identify: () => "express-gone" }));
  server.get("/slow", (_request, response) => {
    response.once("close", closed);
    arrived();
  });
  const app = await listen(createServer(server));
  const request = httpRequest(`${app.url}/slow`).on("error", () => {});
  request.end();
  await isHere;
  request.destroy();
  await isGone;
  expect(await headcount.flush()).toBe(true);
  await expectExactCount();
  await app.close();
});
