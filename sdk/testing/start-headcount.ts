import { createRequire } from "node:module";
import type { WindowRow } from "../answers.ts";
import { createHeadcount } from "../server/create-headcount.ts";
import type { Counts, Keys, StartOptions, TestHeadcount } from "./options.ts";

/** As in `wrangler.toml`. */
const deployedDate = "2026-10-01";

/** What is used of Miniflare, of whichever version is installed. */
interface MiniflareModule {
  Miniflare: new (options: object) => { readonly ready: Promise<URL>; dispose(): Promise<void> };
  /** Of version 4. */
  supportedCompatibilityDate?: string | undefined;
  /** Since version 5, which has other options. */
  convertV4MiniflareOptions?: ((options: object) => object) | undefined;
}

/**
 * Starts the service in this process's Miniflare, on a free port of 127.0.0.1, with all that it stores in a temporary folder.
 * Services know nothing of each other.
 *
 * @throws {TypeError} if an option is not what it should be; the message names it
 * @throws {Error} if Miniflare is not installed, or the service refuses the settings; the message says so
 */
export async function startHeadcount(options: StartOptions = {}): Promise<TestHeadcount> {
  const { app = "test", now } = options;
  if (!/^[a-z0-9-]{1,40}$/.test(app)) {
    throw new TypeError("app: expected 1 to 40 lower-case letters, digits and hyphens");
  }
  if (now !== undefined && !Number.isSafeInteger(Number(now))) {
    throw new TypeError("now: expected Unix milliseconds as a whole number, or a valid Date");
  }
  const token = randomText();
  const miniflare = await startWorker({ HEADCOUNT_SECRET: randomText(), TESTING_TOKEN: token });
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= miniflare.dispose());
  try {
    const url = (await miniflare.ready).origin;
    const order = async (path: string, query: Record<string, string>) => {
      const response = await fetch(`${url}${path}?${new URLSearchParams(query).toString()}`, {
        method: "POST",
        headers: { "x-headcount-testing": token },
      });
      if (!response.ok) throw new Error(`headcount/testing: the service failed with ${response.status}`);
      return (await response.json()) as { now: number; keys: Keys };
    };
    const started = await order("/start", { app, ...(now === undefined ? {} : { now: `${Number(now)}` }) });
    const { keys } = started;
    // By a clock that a test's fake timers leave alone.
    let aheadMs = started.now - performance.now();
    await putSettings(url, keys.secret, options);
    const { query } = createHeadcount({ endpoint: url, secretKey: keys.secret });
    return {
      url,
      keys,
      now: () => Math.round(performance.now() + aheadMs),
      async advance(ms) {
        if (!Number.isSafeInteger(ms) || ms < 0) {
          throw new TypeError("advance: expected milliseconds, a whole number of 0 or more");
        }
        aheadMs = (await order("/advance", { ms: `${ms}` })).now - performance.now();
      },
      async counts(where): Promise<Counts> {
        const active = await query.active({ window: ["24h", "7d", "30d"], where, fresh: true });
        const online = await query.online({ where });
        const [dau, wau, mau] = active.windows.map(known);
        return { online: known(online.windows[0]), dau, wau, mau } as Counts;
      },
      stop,
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startWorker(bindings: Record<string, string>) {
  const library = await loadMiniflare();
  const { Miniflare, convertV4MiniflareOptions: converted, supportedCompatibilityDate: newest } = library;
  const require = createRequire(import.meta.url);
  const options = {
    name: "headcount",
    host: "127.0.0.1",
    port: 0,
    modules: true,
    // By the package's own name: the one file is reached from every build of this module.
    scriptPath: require
      .resolve("headcount/package.json")
      .replace(/package\.json$/, "dist/testing/worker.mjs"),
    // That of the deployed service, or the newest of an older Miniflare, which refuses a later one.
    compatibilityDate: newest !== undefined && newest < deployedDate ? newest : deployedDate,
    compatibilityFlags: ["no_web_socket_compression"],
    durableObjects: {
      SHARDS: { className: "Shard", useSQLite: true },
      GATES: { className: "Gate", useSQLite: true },
      ROLLUPS: { className: "Rollup", useSQLite: true },
      DIRECTORY: { className: "Directory", useSQLite: true },
    },
    // A test waits for one commit after the other.
    bindings: { ...bindings, COMMIT_WINDOW_MS: "2" },
  };
  return new Miniflare(converted ? converted(options) : options);
}

async function loadMiniflare(): Promise<MiniflareModule> {
  try {
    return (await import("miniflare")) as unknown as MiniflareModule;
  } catch (cause) {
    const { code, message = "" } = cause as { code?: string; message?: string };
    const isMissing = code?.endsWith("MODULE_NOT_FOUND") && message.includes("miniflare");
    if (!isMissing) throw cause;
    throw new Error("headcount/testing needs Miniflare: npm install --save-dev miniflare", { cause });
  }
}

/** As whoever runs the service would. */
async function putSettings(url: string, key: string, { timeZone, settings }: StartOptions): Promise<void> {
  const body = { ...settings, ...(timeZone === undefined ? {} : { timeZone }) };
  if (Object.keys(body).length === 0) return;
  const response = await fetch(`${url}/v1/settings`, {
    method: "PUT",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (response.ok) return;
  const { detail } = (await response.json()) as { detail?: string };
  throw new Error(`headcount/testing: settings: ${detail ?? response.status}`);
}

function known(row: WindowRow | undefined): number {
  if (typeof row?.count === "number") return row.count;
  // The service can't tell whether it is new or was set up yesterday; here it is new.
  if (row?.reason === "no activity has been recorded yet") return 0;
  throw new Error(`headcount/testing: no count: ${row?.reason ?? "the service gave none"}`);
}

/** 32 random bytes in base64url. */
function randomText(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(32));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}
