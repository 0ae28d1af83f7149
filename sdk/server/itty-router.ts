import { type MiddlewareOptions, touchAnswered } from "./identified.ts";
import type { HeadcountServer, TouchOptions, WaitUntil } from "./options.ts";

/**
 * For itty-router, among the router's `finally` handlers: `Router({ finally: [ittyMiddleware(headcount, { identify:
 * (request) => request.user?.id })] })`. Where the router is handed a Worker's `ctx`, what is to be sent goes on after
 * the answer.
 */
export function ittyMiddleware<Request, Arguments extends unknown[]>(
  headcount: HeadcountServer,
  options: MiddlewareOptions<[request: Request, ...args: Arguments]>,
): (response: { status: number } | null | undefined, request: Request, ...args: Arguments) => void {
  return (response, request, ...args) => {
    // Where no route answered there is no response.
    touchAnswered(headcount, options, response?.status ?? 404, platformIn(args), request, ...args);
  };
}

/** By custom a Worker hands over `(request, env, ctx)`, but that is up to the app. */
function platformIn(args: unknown[]): TouchOptions {
  const platform = args.find(hasWaitUntil);
  return platform ? { waitUntil: (work) => platform.waitUntil(work) } : {};
}

function hasWaitUntil(arg: unknown): arg is { waitUntil: WaitUntil } {
  return typeof arg === "object" && arg !== null && "waitUntil" in arg && typeof arg.waitUntil === "function";
}
