import { type MiddlewareOptions, touchAnswered } from "./identified.ts";
import type { HeadcountServer, TouchOptions, WaitUntil } from "./options.ts";

/** The part of Hono's context that is used. */
export interface HonoContext {
  readonly res: { readonly status: number };
  /** Throws where the platform has none, as on Node. */
  readonly executionCtx: { waitUntil: WaitUntil };
}

/** An app's `Env`, as in `new Hono<Env>()`. */
export interface HonoEnv {
  Bindings?: object;
  Variables?: object;
}

type VariablesOf<Env extends HonoEnv> = Env extends { Variables: infer Variables } ? Variables : object;

/** What `identify` is most likely to look at in the context of an app with this `Env`. */
export interface HonoContextOf<Env extends HonoEnv> extends HonoContext {
  get<Key extends keyof VariablesOf<Env>>(key: Key): VariablesOf<Env>[Key];
  readonly var: Readonly<VariablesOf<Env>>;
  readonly req: { readonly raw: Request; header(name: string): string | undefined };
}

/**
 * Middleware for Hono: `app.use(honoMiddleware<AppEnv>(headcount, { identify: (context) => context.get("user")?.id }))`,
 * where `AppEnv` is that of `new Hono<AppEnv>()`. Where all of Hono's context is needed, name its type in place of the
 * app's: `(context: Context<AppEnv>) => …`. Counts once the handlers are done. On Workers what is to be sent goes on
 * after the answer.
 */
export function honoMiddleware<Context extends HonoContext>(
  headcount: HeadcountServer,
  options: MiddlewareOptions<[context: Context]>,
): (context: Context, next: () => Promise<void>) => Promise<void>;
export function honoMiddleware<Env extends HonoEnv>(
  headcount: HeadcountServer,
  options: MiddlewareOptions<[context: HonoContextOf<Env>]>,
): (context: HonoContextOf<Env>, next: () => Promise<void>) => Promise<void>;
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
