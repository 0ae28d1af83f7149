import { warn } from "../warn.ts";
import { type Beat, type LinkResponse, maxUserIdLength, slotMs } from "../wire.ts";
import { HeadcountError } from "./error.ts";
import type { HeadcountServer, Identified, ServerOptions, TouchOptions } from "./options.ts";
import { queriesOf } from "./queries.ts";
import { Remembered } from "./remembered.ts";
import { Sender, within } from "./sender.ts";
import { callService, type Service } from "./service.ts";

/**
 * Counts the users of an app from its own server, and asks how many there are. One instance for the whole process.
 * Starts nothing until it is used. Runs wherever there are `fetch`, `AbortSignal` and timers.
 *
 * @throws {TypeError} if an option is not what it should be; the message names it
 */
export function createHeadcount(options: ServerOptions): HeadcountServer {
  const service = checkedService(options);
  const report = reporter(options.onError);
  const gatherMs = checkedNumber("gatherMs", options.gatherMs ?? 1000, 0);
  const remembered = new Remembered(checkedNumber("maxRemembered", options.maxRemembered ?? 100_000, 1));
  const sender = new Sender(service, checkedNumber("maxWaiting", options.maxWaiting ?? 100_000, 1), report);
  /** Whoever is being found out. */
  const identifying = new Set<Promise<void>>();
  let isClosed = false;

  function touch(user: string, about: TouchOptions = {}, isLate = isClosed): void {
    if (options.disabled) return sayDisabled();
    if (isLate)
      throw new HeadcountError("closed", "touch() was called after close(): not counted", { count: 1 });
    const { via = "server", since, dimensions, waitUntil = options.waitUntil } = about;
    if (typeof user !== "string" || user.length < 1 || user.length > maxUserIdLength) {
      throw invalid(`user: expected a string of 1 to ${maxUserIdLength} characters, got ${sizeOf(user)}`);
    }
    const now = Date.now();
    const at = about.at === undefined ? undefined : Number(about.at);
    if (at !== undefined && !Number.isSafeInteger(at)) {
      throw invalid("at: expected Unix milliseconds as a whole number, or a valid Date");
    }

    // Another touch in the same slot changes nothing; a time of the past has a sign of its own.
    const slotStart = (at ?? now) - ((at ?? now) % slotMs);
    const sign = `${at === undefined ? "now" : slotStart} ${signOf(user, since, dimensions)}`;
    if (!remembered.isNew(sign, slotStart)) return;
    const beat: Beat = { user, at, via, since, dimensions };
    sender.outbox.add(`${slotStart} ${sign}`, { beat, touchedAt: now });
    // In a later task, so that what is touched together goes together.
    if (waitUntil) waitUntil(Promise.resolve().then(() => sender.sendNow()));
    else sender.sendWithin(gatherMs);
  }

  /** Nothing of this may reach the request that it is done in. */
  function contained(work: () => void): void {
    try {
      work();
    } catch (error) {
      report(error instanceof HeadcountError ? error : invalid("touch() failed", error));
    }
  }

  async function touchFound(identify: () => Identified | Promise<Identified>, about: TouchOptions) {
    const isLate = isClosed;
    try {
      const found = await identify();
      if (found === null || found === undefined) return;
      const { user, ...known } = typeof found === "string" ? { user: found } : found;
      contained(() => touch(user, { ...about, ...known }, isLate));
    } catch (cause) {
      const message = "identify failed: not counted";
      report(
        cause instanceof HeadcountError
          ? cause
          : new HeadcountError("identify-failed", message, { count: 1, cause }),
      );
    }
  }

  async function flush(timeoutMs: number): Promise<boolean> {
    if (identifying.size === 0) return sender.flush(timeoutMs);
    const startedAt = Date.now();
    const areFound = await within(timeoutMs, Promise.all(identifying));
    return (await sender.flush(timeoutMs - (Date.now() - startedAt))) && areFound;
  }

  async function change(what: string, path: string, method: string, body: unknown): Promise<unknown> {
    return callService(service, what, path, { method, body: JSON.stringify(body) });
  }

  return {
    touch: (user, about) => contained(() => touch(user, about)),
    touchIdentified(identify, about = {}) {
      if (options.disabled) return sayDisabled();
      const found = touchFound(identify, about).finally(() => identifying.delete(found));
      identifying.add(found);
      const waitUntil = about.waitUntil ?? options.waitUntil;
      if (waitUntil) contained(() => waitUntil(found));
    },
    flush: async ({ timeoutMs = 10_000 } = {}) => flush(timeoutMs),
    async close({ timeoutMs = 10_000 } = {}) {
      isClosed = true;
      const isAllSent = await flush(timeoutMs);
      sender.stop();
      return isAllSent;
    },
    link: async (from, to, { days, first, last } = {}) =>
      (await change("linking", "/v1/links", "POST", { from, to, days, first, last })) as LinkResponse,
    unlink: async (from, { to, days } = {}) =>
      void (await change("unlinking", "/v1/links", "DELETE", { from, to, days })),
    exclude: async (user, { days } = {}) =>
      void (await change("excluding", "/v1/exclusions", "POST", { user, days })),
    include: async (user, { days } = {}) =>
      void (await change("including", "/v1/exclusions", "DELETE", { user, days })),
    query: queriesOf(service),
  };
}

function checkedService({
  disabled,
  endpoint,
  secretKey,
  timeoutMs = 10_000,
  fetch,
}: ServerOptions): Service {
  if (disabled) return { endpoint: "", secretKey: "", timeoutMs: 1, fetch: refuse };
  if (typeof endpoint !== "string" || !/^https?:\/\/[^/]/.test(endpoint)) {
    throw new TypeError("endpoint: expected an address, such as https://headcount.example.com");
  }
  if (typeof secretKey !== "string" || !/^hc_secret_\S+$/.test(secretKey)) {
    throw new TypeError("secretKey: expected the app's secret key, hc_secret_…");
  }
  return {
    endpoint: endpoint.replace(/\/+$/, ""),
    secretKey,
    timeoutMs: checkedNumber("timeoutMs", timeoutMs, 1),
    fetch,
  };
}

/** In the build for development. */
function sayDisabled(): void {
  if (typeof __DEV__ !== "undefined" && __DEV__)
    warn("nobody is counted: this client was made with `disabled`. touch() does nothing");
}

async function refuse(): Promise<never> {
  throw new HeadcountError("disabled", "this client was created with `disabled`, so it sends nothing");
}

function checkedNumber(name: string, value: number, least: number): number {
  if (!Number.isFinite(value) || value < least) throw new TypeError(`${name}: expected ${least} or more`);
  return value;
}

/** What the app wants to hear, with whatever it throws contained. */
function reporter(onError: ServerOptions["onError"]): (error: HeadcountError) => void {
  return (error) => {
    try {
      if (onError) onError(error);
      else console.error(`Headcount: ${error.code}: ${error.message}`);
    } catch {
      // The app's own doing, in the app's own request.
    }
  };
}

function invalid(message: string, cause?: unknown): HeadcountError {
  return new HeadcountError("invalid", message, { count: 1, cause });
}

/** What was given in place of an id, without quoting it. */
function sizeOf(user: unknown): string {
  return typeof user === "string" ? `${user.length}` : typeof user;
}

/** The same for touches that say the same of the same user. */
function signOf(user: string, since: string | undefined, dimensions: TouchOptions["dimensions"]): string {
  if (since === undefined && dimensions === undefined) return `user ${user}`;
  return `about ${JSON.stringify([user, since, dimensions])}`;
}
