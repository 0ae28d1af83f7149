import { type MiddlewareOptions, touchAnswered } from "./identified.ts";
import type { HeadcountServer, TouchOptions, WaitUntil } from "./options.ts";

/** The part of Hono's context that is used. */
export interface HonoContext {
  readonly res: { readonly status: number };
  /** Throws where the platform has none, as on Node. */
  readonly executionCtx: { waitUntil: WaitUntil };
}

/**
 * Middleware for Hono: `app.use(honoMiddleware(headcount, { identify: (context) => context.get("user")?.id }))`.
 * Counts once the handlers are done. On Workers what is to be sent goes on after the answer.
 */
export function honoMiddleware<Context extends HonoContext>(
  headcount: HeadcountServer,
  options: MiddlewareOptions<[context: Context]>,
): (context: Context, next: () => Promise<void>) => Promise<void> {
  return async (context, next) => {
    await next();
    touchAnswered(headcount, options, context.res.status, platformOf(context), context);
  };
}

function platformOf(context: HonoContext): TouchOptions {
  try {
    const { executionCtx } = context;
    return { waitUntil: (work) => executionCtx.waitUntil(work) };
  } catch {
    return {};
  }
}
