import { type Context, Hono } from "hono";
import { Router } from "itty-router";
import { expect, test } from "vitest";
import { expressMiddleware, honoMiddleware, ittyMiddleware } from "../../../sdk/server/index.ts";
import { openServer } from "../../support/fake-service.ts";

/** What a Worker is handed with a request. */
class FakeContext {
  readonly work: Promise<unknown>[] = [];
  readonly props = {};
  waitUntil(work: Promise<unknown>): void {
    this.work.push(work);
  }
  passThroughOnException(): void {}
  /** Until nothing goes on that the platform would wait for. */
  async idle(): Promise<void> {
    for (const work of this.work) await work;
  }
}

const request = () => new Request("https://app.test/");

test("with Hono on a Worker what is to be sent goes on after the answer", async () => {
  const { headcount, service } = openServer();
  const app = new Hono();
  app.use(honoMiddleware(headcount, { identify: () => Promise.resolve("u-42") }));
  app.get("/", (context) => context.text("ok"));
  const context = new FakeContext();
  const response = await app.fetch(request(), {}, context);
  expect(await response.text()).toBe("ok");
  await context.idle();
  expect(service.beats).toMatchObject([{ user: "u-42" }]);
});

test("Hono's context is typed by the app's Env, or by its own name", async () => {
  type AppEnv = { Bindings: { plan: string }; Variables: { user?: { id: string } } };
  const { headcount, service } = openServer();
  const app = new Hono<AppEnv>();
  app.use(
    honoMiddleware<AppEnv>(headcount, {
      identify: (context) => {
        // @ts-expect-error no such variable
        expect(context.get("usr")).toBeUndefined();
        return context.var.user?.id;
      },
    }),
    honoMiddleware(headcount, { identify: ({ env }: Context<AppEnv>) => env.plan }),
    honoMiddleware<AppEnv>(headcount, { identify: ({ req }) => req.header("x-user") }),
    async (context, next) => {
      context.set("user", { id: "u-42" });
      await next();
    },
  );
  app.get("/", (context) => context.text("ok"));
  const asked = new Request("https://app.test/", { headers: { "x-user": "u-44" } });
  await app.fetch(asked, { plan: "u-43" }, new FakeContext());
  await headcount.flush();
  expect(service.beats).toHaveLength(3);
  expect(new Set(service.beats.map(({ user }) => user))).toEqual(new Set(["u-42", "u-43", "u-44"]));
});

test("with itty-router on a Worker too, and identify is given what the router was", async () => {
  const { headcount, service } = openServer();
  const app = Router<Request, [{ user: string }, FakeContext]>({
    finally: [
      ittyMiddleware(headcount, {
        identify: (_: Request, env: { user: string }, __: FakeContext) => env.user,
      }),
    ],
  });
  app.get("/", () => new Response("ok"));
  const context = new FakeContext();
  const response: Response = await app.fetch(request(), { user: "u-42" }, context);
  expect(await response.text()).toBe("ok");
  await context.idle();
  expect(service.beats).toMatchObject([{ user: "u-42" }]);
});

test("where no route answers nobody is counted, and no answer is made up", async () => {
  const { headcount, service } = openServer();
  const app = Router({ finally: [ittyMiddleware(headcount, { identify: () => "u-42" })] });
  expect(await app.fetch(request())).toBeUndefined();
  await headcount.flush();
  expect(service.requests).toHaveLength(0);
});

test.each([
  [
    "throws",
    () => {
      throw new Error("no session store");
    },
  ],
  ["rejects", () => Promise.reject(new Error("no session store"))],
  ["never answers", () => new Promise<string>(() => {})],
])("an identify that %s changes no answer", async (_, identify) => {
  const { headcount, errors } = openServer();
  const app = new Hono();
  app.use(honoMiddleware(headcount, { identify }));
  app.get("/", (context) => context.text("ok"));
  expect(await (await app.fetch(request())).text()).toBe("ok");

  const router = Router({ finally: [ittyMiddleware(headcount, { identify })] });
  router.get("/", () => new Response("ok"));
  expect(await (await router.fetch(request())).text()).toBe("ok");

  let finish: () => void = () => {};
  let isNext = false;
  const response = { statusCode: 200, once: (__: "finish", listener: () => void) => (finish = listener) };
  expressMiddleware(headcount, { identify })({}, response, () => (isNext = true));
  expect(isNext).toBe(true);
  finish();
  await Promise.resolve();
  expect(errors.map(({ code }) => code)).toEqual(
    Array.from({ length: _ === "never answers" ? 0 : 3 }, () => "identify-failed"),
  );
});

test("the app may say itself which answers count", async () => {
  const { headcount, service } = openServer();
  const app = new Hono();
  app.use(
    honoMiddleware(headcount, {
      identify: (context) => `status-${context.res.status}`,
      counts: (status) => status === 200 || status === 404,
    }),
  );
  app.get("/", (context) => context.text("ok"));
  app.get("/moved", (context) => context.redirect("/"));
  for (const path of ["", "moved", "nowhere"]) await app.fetch(new Request(`https://app.test/${path}`));
  await headcount.flush();
  expect(service.beats.map(({ user }) => user)).toEqual(["status-200", "status-404"]);
});
