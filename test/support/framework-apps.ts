import { createServer } from "node:http";
import express from "express";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { createApp, createError, eventHandler, getResponseStatus, type H3Event, toNodeListener } from "h3";
import type Koa from "koa";
import type { HeadcountServer } from "../../sdk/server/index.ts";
import type { Recipes } from "./recipes.ts";
import { listen } from "./static-server.ts";

/** One request of a person, or of a stranger: the status of its answer. */
type Visit = (path: string, user?: string) => Promise<number>;

/** An app that counts by a recipe, and answers `/ok`, `/refused` (403) and `/broken` (500). */
export interface FrameworkApp {
  visit: Visit;
  close?: () => Promise<unknown>;
}

interface User {
  id: string;
}

/** What every app answers. */
function answerTo(path: string): Response {
  if (path === "/broken") throw new Error("broken");
  return new Response(null, { status: path === "/refused" ? 403 : 200 });
}

/** A framework's own server answers 500 where a handler throws. */
async function statusOf(answer: () => Promise<Response>): Promise<number> {
  return answer().then(
    ({ status }) => status,
    () => 500,
  );
}

/** Visits a server, which is told by a header who is signed in. */
function overHttp(url: string): Visit {
  return async (path, user) => {
    const response = await fetch(url + path, { headers: user === undefined ? {} : { "x-user": user } });
    await response.arrayBuffer();
    return response.status;
  };
}

/** Starts an app of each framework, with the recipe of docs/frameworks.md that has its name. */
export const frameworkApps: Record<
  string,
  (recipes: Recipes, headcount: HeadcountServer) => Promise<FrameworkApp>
> = {
  async Fastify(recipes, headcount) {
    const { app } = await recipes.load<{ app: FastifyInstance }>("server/fastify.ts", {
      "./headcount": { headcount },
    });
    app.addHook("onRequest", async (request: FastifyRequest & { user?: User }) => {
      const id = request.headers["x-user"];
      if (typeof id === "string") request.user = { id };
    });
    app.get("/*", async (request, reply) => reply.code(answerTo(request.url).status).send());
    const url = await app.listen({ host: "127.0.0.1", port: 0 });
    return { visit: overHttp(url), close: () => app.close() };
  },

  async Koa(recipes, headcount) {
    const { app } = await recipes.load<{ app: Koa }>("server/koa.ts", { "./headcount": { headcount } });
    app.silent = true;
    app.use((context) => {
      const id = context.get("x-user");
      if (id) context.state["user"] = { id };
      context.status = answerTo(context.path).status;
    });
    const handle = app.callback();
    const server = await listen(createServer((request, response) => void handle(request, response)));
    return { visit: overHttp(server.url), close: () => server.close() };
  },

  async Nest(recipes, headcount) {
    const app = express();
    const server = listen(createServer(app));
    const NestFactory = {
      create: async () => ({
        use: app.use.bind(app),
        async listen() {
          app.use((request: express.Request & { user?: User }, response) => {
            const id = request.get("x-user");
            if (id) request.user = { id };
            response.sendStatus(answerTo(request.path).status);
          });
          app.use(((_error, _request, response, _next) => {
            response.sendStatus(500);
          }) satisfies express.ErrorRequestHandler);
        },
      }),
    };
    await recipes.load("src/main.ts", {
      "@nestjs/core": { NestFactory },
      "./app.module": { AppModule: {} },
      "./headcount": { headcount },
    });
    const { url, ...local } = await server;
    return { visit: overHttp(url), close: () => local.close() };
  },

  async Nuxt(recipes, headcount) {
    type Listener = (event: H3Event) => void;
    const listeners: Listener[] = [];
    const work: Promise<unknown>[] = [];
    const nitro = { hooks: { hook: (_: "afterResponse", listener: Listener) => listeners.push(listener) } };
    // Nuxt imports both by itself.
    Object.assign(globalThis, { getResponseStatus, defineNitroPlugin: (plugin: unknown) => plugin });
    const recipe = await recipes.load<{ default: (app: typeof nitro) => void }>(
      "server/plugins/headcount.ts",
      { "../utils/headcount": { headcount } },
    );
    recipe.default(nitro);
    const app = createApp({
      onRequest: (event) =>
        void Object.assign(event, { waitUntil: (going: Promise<unknown>) => work.push(going) }),
      onAfterResponse: (event) => listeners.forEach((tell) => tell(event)),
    });
    app.use(
      eventHandler((event) => {
        const id = event.headers.get("x-user");
        if (id) event.context["user"] = { id };
        try {
          return answerTo(event.path);
        } catch (cause) {
          throw createError({ statusCode: 500, cause });
        }
      }),
    );
    const server = await listen(createServer(toNodeListener(app)));
    return {
      visit: overHttp(server.url),
      async close() {
        await Promise.all(work);
        await server.close();
      },
    };
  },

  async SvelteKit(recipes, headcount) {
    type Event = { path: string; locals: { user?: User } };
    type Resolve = (event: Event) => Promise<Response>;
    const { handle } = await recipes.load<{
      handle: (input: { event: Event; resolve: Resolve }) => Promise<Response>;
    }>("src/hooks.server.ts", { "$lib/server/headcount": { headcount } });
    const resolve: Resolve = async (event) => answerTo(event.path);
    return {
      visit: (path, user) =>
        statusOf(async () => handle({ event: { path, locals: localsOf(user) }, resolve })),
    };
  },

  async Astro(recipes, headcount) {
    type Context = { isPrerendered: boolean; locals: { user?: User } };
    const { onRequest } = await recipes.load<{
      onRequest: (context: Context, next: () => Promise<Response>) => Promise<Response>;
    }>("src/middleware.ts", {
      "astro:middleware": { defineMiddleware: (middleware: unknown) => middleware },
      "./headcount": { headcount },
    });
    return {
      visit: (path, user) =>
        statusOf(async () =>
          onRequest({ isPrerendered: path === "/static", locals: localsOf(user) }, async () =>
            answerTo(path),
          ),
        ),
    };
  },

  async "React Router"(recipes, headcount) {
    const userContext = {};
    type Context = { get(key: object): User | undefined };
    const { countUser } = await recipes.load<{
      countUser: (args: { context: Context }, next: () => Promise<Response>) => Promise<Response>;
    }>("app/count-user.ts", { "./headcount": { headcount }, "./session": { userContext } });
    return {
      visit: (path, user) =>
        statusOf(async () => {
          const context = { get: (key: object) => (key === userContext ? localsOf(user).user : undefined) };
          return countUser({ context }, async () => answerTo(path));
        }),
    };
  },
};

function localsOf(id: string | undefined): { user?: User } {
  return id === undefined ? {} : { user: { id } };
}
