import type { LinkResponse, Via } from "../wire.ts";
import type { HeadcountError } from "./error.ts";
import type { Queries } from "./queries.ts";

/** The options of `createHeadcount()`. Only `endpoint` and `secretKey` are required. */
export interface ServerOptions {
  /** The address of the Worker, such as `https://headcount.example.com`. */
  endpoint: string;

  /** The app's secret key, `hc_secret_…`. It gives full access to the app: use it on servers only. */
  secretKey: string;

  /**
   * `true` counts nobody and sends nothing: for builds and previews that have no secret key. `endpoint` and
   * `secretKey` may then be blank. Touches are dropped, which the development build says once. Methods that return a promise
   * reject with the code `disabled`.
   */
  disabled?: boolean | undefined;

  /**
   * Called with every touch that is invalid and every attempt to send that failed. What it throws is ignored.
   * Default: one line with `console.error`. No error contains a user's id.
   */
  onError?: ((error: HeadcountError) => void) | undefined;

  /**
   * Lets work go on after the response: pass the `waitUntil` of `cloudflare:workers`, `@vercel/functions` and the like.
   * Each new user is then sent at once, without timers, which such platforms stop.
   */
  waitUntil?: WaitUntil | undefined;

  /** Milliseconds for which users are collected before they are sent in one request. Default 1,000. */
  gatherMs?: number | undefined;

  /** Milliseconds after which a request without a response is cancelled. Default 10,000. */
  timeoutMs?: number | undefined;

  /**
   * How many users to remember as counted in the current slot, about 250 bytes each. Beyond that, the user who was
   * touched least recently is forgotten and may be sent again. Default 100,000.
   */
  maxRemembered?: number | undefined;

  /**
   * How many beats may wait while the service can't be reached: one for each user and slot, about 600 bytes each. Beyond that, the
   * oldest are dropped, and `onError` is called with their number. Default 100,000.
   */
  maxWaiting?: number | undefined;

  /** Used instead of the global `fetch`. */
  fetch?: typeof fetch | undefined;
}

/** Takes work that goes on after the response. */
export type WaitUntil = (work: Promise<unknown>) => void;

/** What the app knows about a touch besides the user's id. */
export interface TouchOptions {
  /** When it happened, Unix milliseconds or a `Date`: up to the app's retention in the past. Default now. */
  at?: number | Date | undefined;

  /** When the user signed up or was first active: ISO 8601, or a day of the app's time zone, `YYYY-MM-DD`. New users, returning users and retention are computed from it. */
  since?: string | undefined;

  /** Up to 8 dimensions with values of up to 64 characters. Those that the app's settings don't declare are left out. */
  dimensions?: Record<string, string> | undefined;

  /** What the activity was. Default `server`. */
  via?: Via | undefined;

  /** Used instead of the one given to `createHeadcount()`, where it belongs to a request, as `ctx.waitUntil` does. */
  waitUntil?: WaitUntil | undefined;
}

/** Who sent a request: the user's id, alone or with what the app knows about the user, or nobody. */
export type Identified = string | ({ user: string } & TouchOptions) | null | undefined;

/** What `createHeadcount()` returns. */
export interface HeadcountServer {
  /**
   * Reports that this user is active. Call it as often as you like: a user is sent once in a five-minute slot, and
   * again only with another `since` or other `dimensions`. Returns at once and never throws.
   *
   * @param user the app's own id of the user, 1 to 256 characters
   */
  touch(user: string, options?: TouchOptions): void;

  /**
   * Touches the user whom `identify` returns, if any. Middleware is built on this. If `identify` throws or rejects, `onError` gets
   * the error: unchanged if it is a `HeadcountError`, else as the cause of `identify-failed`. Returns at once and never throws.
   */
  touchIdentified(identify: () => Identified | Promise<Identified>, options?: TouchOptions): void;

  /**
   * Sends everything that waits, including users whom `touchIdentified()` is still looking up. Retries until `timeoutMs` (default 10,000)
   * is over, and keeps the process alive that long. Resolves to whether all of it is durable at the service; the rest keeps waiting.
   * Never rejects.
   */
  flush(options?: { timeoutMs?: number | undefined }): Promise<boolean>;

  /** Flushes and ends the client. Later touches are reported to `onError` and not counted. May be called twice. */
  close(options?: { timeoutMs?: number | undefined }): Promise<boolean>;

  /**
   * Makes two accounts one person: from now on `from` counts as `to`, and past activity of `from` counts for `to`.
   * Resolves to whether the past is exact; rejects with a `HeadcountError`. Safe to repeat.
   *
   * @param options.days the days on which `from` was active, `YYYY-MM-DD`, if you know them: makes the past exact
   * @param options.first the first instant at which `from` was active, Unix milliseconds or ISO 8601 with a zone
   * @param options.last the last instant at which `from` was active
   */
  link(
    from: string,
    to: string,
    options?: {
      days?: string[] | undefined;
      first?: number | string | undefined;
      last?: number | string | undefined;
    },
  ): Promise<LinkResponse>;

  /**
   * Ends a link: from now on the two accounts are two people again. Rejects with a `HeadcountError`. Safe to repeat.
   *
   * @param options.to ends the link only if it leads to this user
   * @param options.days days, `YYYY-MM-DD`, on which the two count as two in the past as well
   */
  unlink(from: string, options?: { to?: string | undefined; days?: string[] | undefined }): Promise<void>;

  /**
   * Stops counting this user (staff, banned, a bot) and removes the user from past counts. Rejects with a
   * `HeadcountError`. Safe to repeat.
   *
   * @param options.days the days on which the user was active, `YYYY-MM-DD`, if you know them
   */
  exclude(user: string, options?: { days?: string[] | undefined }): Promise<void>;

  /**
   * Ends an exclusion: from now on the user is counted again. Rejects with a `HeadcountError`. Safe to repeat.
   *
   * @param options.days days, `YYYY-MM-DD`, on which the user counts in the past as well
   */
  include(user: string, options?: { days?: string[] | undefined }): Promise<void>;

  /** Queries. They reject with a `HeadcountError`. */
  readonly query: Queries;
}
