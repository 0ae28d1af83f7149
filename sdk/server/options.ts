import type { LinkResponse, Via } from "../wire.ts";
import type { HeadcountError } from "./error.ts";
import type { Queries } from "./queries.ts";

/** What `createHeadcount()` takes. Only `endpoint` and `secretKey` are needed. */
export interface ServerOptions {
  /** Where the Worker answers, `https://headcount.example.com`. */
  endpoint: string;

  /** The app's secret key, `hc_secret_…`. It may do everything for its app: it belongs on servers only. */
  secretKey: string;

  /**
   * `true` counts nobody and sends nothing: for builds and previews that have no secret key. `endpoint` and
   * `secretKey` may be blank then. Touches are dropped, which the build for development says once; whatever else asks the
   * service rejects with the code `disabled`.
   */
  disabled?: boolean | undefined;

  /**
   * Told of whatever `touch()` could not do, and of every attempt to send that failed. What it throws is dropped.
   * Default: one line with `console.error`. No error quotes anybody's id.
   */
  onError?: ((error: HeadcountError) => void) | undefined;

  /**
   * Keeps the platform from ending what goes on after the answer: that of `cloudflare:workers`, `@vercel/functions`, ….
   * With it every new user is sent at once, and nothing is left to timers, which such platforms stop.
   */
  waitUntil?: WaitUntil | undefined;

  /** Milliseconds for which users are gathered before they are sent in one request. Default 1,000. */
  gatherMs?: number | undefined;

  /** Milliseconds after which a request without an answer is given up. Default 10,000. */
  timeoutMs?: number | undefined;

  /**
   * How many users to remember as counted in the running slot, about 250 bytes each. Beyond that the one who was
   * touched least recently is forgotten, and may be sent once more. Default 100,000.
   */
  maxRemembered?: number | undefined;

  /**
   * How many beats, of one user and slot each and about 600 bytes, may wait while the service can't be reached. Beyond that the
   * oldest go, which `onError` is told with their number. Default 100,000.
   */
  maxWaiting?: number | undefined;

  /** In place of the global `fetch`. */
  fetch?: typeof fetch | undefined;
}

/** Takes work that goes on after the answer. */
export type WaitUntil = (work: Promise<unknown>) => void;

/** What is known of a sign of life beside the user's id. */
export interface TouchOptions {
  /** When it happened, Unix milliseconds or a `Date`: up to the app's retention in the past. Default now. */
  at?: number | Date | undefined;

  /** The day on which the user signed up or first appeared, `YYYY-MM-DD`: feeds new, returning and retention. */
  since?: string | undefined;

  /** At most 8, values of at most 64 characters. Only those that the app's settings declare are kept. */
  dimensions?: Record<string, string> | undefined;

  /** How it came about. Default `server`. */
  via?: Via | undefined;

  /** In place of the one given to `createHeadcount()`: where it belongs to a request, as `ctx.waitUntil` does. */
  waitUntil?: WaitUntil | undefined;
}

/** Whom an app found behind a request: the id, alone or with what is known, or nobody. */
export type Identified = string | ({ user: string } & TouchOptions) | null | undefined;

/** What `createHeadcount()` returns. */
export interface HeadcountServer {
  /**
   * This user is active. To be called as often as the app likes: a user is sent once a slot of five minutes, and
   * again only with another `since` or other `dimensions`. Returns at once and never throws.
   *
   * @param user the app's own id of the user, 1 to 256 characters
   */
  touch(user: string, options?: TouchOptions): void;

  /**
   * Touches whom `identify` finds, if anybody: what middleware is made of. What `identify` throws or rejects with goes
   * to `onError`: as the cause of `identify-failed`, or as it is where it is a `HeadcountError`. Returns at once and never
   * throws.
   */
  touchIdentified(identify: () => Identified | Promise<Identified>, options?: TouchOptions): void;

  /**
   * Sends what waits, and whom `touchIdentified()` is about to find. Resolves with whether all of it is on the service's disk now; what isn't keeps waiting. Tries
   * again until `timeoutMs` (default 10,000) is over, and keeps the process alive that long. Never rejects.
   */
  flush(options?: { timeoutMs?: number | undefined }): Promise<boolean>;

  /** The last `flush()`. Later touches are reported and not counted. May be called twice. */
  close(options?: { timeoutMs?: number | undefined }): Promise<boolean>;

  /**
   * Two accounts are one person: from now on `from` counts as `to`, and so it does in the periods in which it was active.
   * Resolves with whether the past is exact, and rejects with a `HeadcountError`; may be repeated.
   *
   * @param options.days the days on which `from` was active, `YYYY-MM-DD`, where they are known: makes the past exact
   * @param options.first the first instant at which `from` was active, Unix milliseconds or ISO 8601 with a zone
   * @param options.last the last one
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
   * The two accounts are two people again, from now on. Rejects with a `HeadcountError`; may be repeated.
   *
   * @param options.to ends the link only if it leads there
   * @param options.days days, `YYYY-MM-DD`, on which the two count as two in the past as well
   */
  unlink(from: string, options?: { to?: string | undefined; days?: string[] | undefined }): Promise<void>;

  /**
   * This user (staff, banned, a bot) is not counted any more, and taken out of the past. Rejects with a
   * `HeadcountError`; may be repeated.
   *
   * @param options.days the days on which the user was active, `YYYY-MM-DD`, where they are known
   */
  exclude(user: string, options?: { days?: string[] | undefined }): Promise<void>;

  /**
   * From now on an excluded user is counted again. Rejects with a `HeadcountError`; may be repeated.
   *
   * @param options.days days, `YYYY-MM-DD`, on which the user counts in the past as well
   */
  include(user: string, options?: { days?: string[] | undefined }): Promise<void>;

  /** Questions. They reject with a `HeadcountError`. */
  readonly query: Queries;
}
