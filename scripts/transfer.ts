import { setTimeout as sleep } from "node:timers/promises";
import { appPattern } from "../worker/app/keys.ts";
import { forEveryRole } from "../worker/counting/key-revisions.ts";
import { readCommandLine, UsageError } from "./command-line.ts";
import { defaultDataDir, existingSecret, keysOf } from "./data-folder.ts";
import { typed } from "./installation.ts";
import { revisionsAt } from "./key-revisions.ts";

/** Where `npm start` serves when nothing else is said. */
export const defaultUrl = "http://127.0.0.1:8787";

/** Where an app is moved from or to. */
export interface Place {
  app: string;
  url: string;
  /** The app's secret key: of this revision or a later one, where it may be chosen. */
  keyFor: (revision: number) => Promise<string>;
  file: string | undefined;
  withSettings: boolean;
  /** The line at which an import that was interrupted goes on, counted from 1. */
  fromLine: number;
}

/** Reads the command line that `export` and `import` share. */
export async function readPlace(name: "export" | "import"): Promise<Place> {
  const usage = `${typed(name)} APP [--url ${defaultUrl}] [--file FILE] [--key hc_secret_…] [--data DIR]${
    name === "import" ? " [--from LINE] [--settings]" : ""
  }`;
  const { values, positionals } = readCommandLine(
    {
      url: { type: "string", default: defaultUrl },
      file: { type: "string" },
      key: { type: "string" },
      data: { type: "string", default: defaultDataDir },
      from: { type: "string", default: "1" },
      settings: { type: "boolean", default: false },
    },
    usage,
    true,
  );
  const [app = "", ...rest] = positionals;
  if (!appPattern.test(app) || rest.length > 0)
    throw new UsageError(`expected the name of one app. Usage: ${usage}`);
  if (name === "export" && (values.settings || values.from !== "1")) {
    throw new UsageError(`--from and --settings are for import. Usage: ${usage}`);
  }
  if (!/^[1-9][0-9]{0,9}$/.test(values.from)) throw new UsageError("--from: expected the number of a line");
  const url = values.url.replace(/\/$/, "");
  return {
    app,
    url,
    keyFor: values.key === undefined ? await ownKeys(values.data, url, app) : async () => values.key ?? "",
    file: values.file,
    withSettings: values.settings,
    fromLine: Number(values.from),
  };
}

const tries = 6;
const firstPauseMs = 500;
const busy = new Set([429, 502, 503, 504]);

/** Sends NDJSON, again where the service is busy or can't be reached. Gives its answer, which may be a refusal. */
export async function postLines(url: string, key: string, body: string): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    let pauseMs = firstPauseMs * 2 ** attempt * Math.random();
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/x-ndjson" },
        body,
      });
      if (!busy.has(response.status) || attempt === tries) return response;
      pauseMs = Math.max(pauseMs, 1000 * Number(response.headers.get("retry-after") ?? 0));
      await response.body?.cancel();
    } catch (error) {
      if (attempt === tries) {
        throw new UsageError(`${new URL(url).origin} can't be reached: ${(error as Error).message}`);
      }
    }
    await sleep(pauseMs);
  }
}

/** Asks the service at `url`, once. Gives its answer, which may be a refusal; rejects in words where it can't be reached. */
export async function reach(url: string, path: string, init: RequestInit): Promise<Response> {
  return fetch(url + path, init).catch((error: Error) => {
    throw new UsageError(`${url} can't be reached: ${error.message}`);
  });
}

/** Secret keys of the secret at hand, none of which the service has retired. */
export async function ownKeys(
  dataDir: string,
  url: string,
  app: string,
): Promise<(revision: number) => Promise<string>> {
  const secret = await existingSecret(dataDir);
  const current = (await revisionsAt(url, secret, app))?.secret ?? 0;
  return async (revision) => (await keysOf(secret, app, forEveryRole(Math.max(current, revision)))).secret;
}

/** The words of a refusal, as one line. */
export async function refusalOf(response: Response): Promise<UsageError> {
  const text = await response.text();
  try {
    const { detail, status } = JSON.parse(text) as { detail: string; status: number };
    return new UsageError(`the service refused (${status}): ${detail}`);
  } catch {
    return new UsageError(`the service refused (${response.status})`);
  }
}
