import { createHeadcount, type HeadcountServer, ittyMiddleware } from "headcount/server";
import { Router } from "itty-router";

/** Bindings of the Worker: a variable and a secret. */
interface Env {
  HEADCOUNT_ENDPOINT: string;
  HEADCOUNT_SECRET_KEY: string;
}

/** What the platform hands to every request. */
interface Context {
  waitUntil(work: Promise<unknown>): void;
}

interface SignedIn extends Request {
  user?: string;
}

let app: { fetch(request: SignedIn, env: Env, context: Context): Promise<Response> } | undefined;

/** Once for each isolate: what was counted already is remembered between requests. */
function createApp(headcount: HeadcountServer) {
  const router = Router<SignedIn, [Env, Context]>({
    finally: [ittyMiddleware(headcount, { identify: (request: SignedIn) => request.user })],
  });
  return router
    .all("*", (request) => {
      // In place of what authenticates in your app.
      const user = request.headers.get("x-user");
      if (user) request.user = user;
    })
    .get("/", () => new Response("Hello, whoever you are.\n"));
}

export default {
  async fetch(request: SignedIn, env: Env, context: Context): Promise<Response> {
    app ??= createApp(
      createHeadcount({ endpoint: env.HEADCOUNT_ENDPOINT, secretKey: env.HEADCOUNT_SECRET_KEY }),
    );
    return app.fetch(request, env, context);
  },
};
