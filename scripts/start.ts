import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { buildWorker, rootDir } from "./build.ts";
import { readCommandLine, runCommand, UsageError } from "./command-line.ts";
import { type AppKeys, defaultDataDir, keysOf, lockDataDir, openDataDir, readSecret } from "./data-folder.ts";
import { startEngine } from "./engine.ts";

const usage = "npm start -- [--port N] [--host H] [--data DIR]";
/** A server that was killed just now may need a moment to let go of its port and its data. */
const graceMs = 3000;
const npmWatchMs = 250;

await runCommand(async () => {
  const { values } = readCommandLine(
    {
      port: { type: "string", default: "8787" },
      host: { type: "string", default: "127.0.0.1" },
      data: { type: "string", default: defaultDataDir },
    },
    usage,
  );
  const port = Number(values.port);
  if (!/^\d{1,5}$/.test(values.port) || port > 65_535) {
    throw new UsageError(`--port: expected a number from 0 to 65535, 0 for any free one. Usage: ${usage}`);
  }
  const { host } = values;
  const dataDir = await openDataDir(values.data);
  const lock = await within(graceMs, async () => lockDataDir(dataDir));
  if (lock === null) {
    throw new UsageError(
      `the data folder ${dataDir} is in use by another start: stop it, or choose another with --data`,
    );
  }
  const obstacle = await within(graceMs, async () =>
    (await whyNotListen(host, port)) === null ? true : null,
  );
  if (obstacle === null) {
    throw new UsageError(
      `can't listen on ${host}:${port} (${await whyNotListen(host, port)}): choose another with --port or --host`,
    );
  }

  const { secret, isNew } = await readSecret(dataDir);
  await buildWorker();
  const engine = await startEngine({ host, port, dataDir, secret });
  let isStopping = false;
  const stop = () => {
    isStopping = true;
    engine.stop();
  };
  stopWithNpm(stop);
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, stop);

  const url = `http://${host.includes(":") ? `[${host}]` : host}:${engine.port}`;
  const health = await fetch(`${url}/healthz`);
  if (!health.ok) throw new UsageError(`the engine answered ${health.status} to /healthz`);
  process.stdout.write(greeting(url, await keysOf(secret, "demo"), isNew ? dataDir : null));
  const ended = await engine.ended;
  lock.release();
  if (!isStopping)
    throw new UsageError(`the engine ended by itself (${ended}); nothing acknowledged is lost: start again`);
});

/** Tries until it gives something, for a bounded time. */
async function within<Value>(limitMs: number, attempt: () => Promise<Value | null>): Promise<Value | null> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const value = await attempt();
    if (value !== null || Date.now() > deadline) return value;
    await sleep(100);
  }
}

/** Why nobody can listen there, by the system's code, or null. */
function whyNotListen(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "unknown error"));
    probe.listen({ host, port, exclusive: true }, () => probe.close(() => resolve(null)));
  });
}

/** npm does not take its script along when it is killed outright, so the script looks after that itself. */
function stopWithNpm(stop: () => void): void {
  if (!process.env["npm_lifecycle_event"]) return;
  const npm = process.ppid;
  const watch = setInterval(() => {
    if (process.ppid === npm) return;
    clearInterval(watch);
    stop();
  }, npmWatchMs);
  watch.unref();
}

function greeting(url: string, keys: AppKeys, newSecretIn: string | null): string {
  const page = pathToFileURL(`${rootDir}examples/web/index.html`).href;
  const example = `${page}?endpoint=${url}&key=${keys.public}`;
  return `
Headcount is ready: ${url}
${newSecretIn === null ? "" : `\nA secret was made in ${newSecretIn}. Whoever has it has every key: keep it, and keep it to yourself.\n`}
The keys of the app "demo" (more with: npm run keys -- APP)

  public  ${keys.public}    in pages and apps: reports activity
  read    ${keys.read}    asks for figures
  secret  ${keys.secret}    on servers: everything

Put this on a page:

  <script defer src="${url}/sdk.js" data-key="${keys.public}"></script>

or open an example in a browser:

  ${example}

and ask how many people were active:

  curl -H "Authorization: Bearer ${keys.read}" "${url}/v1/active?window=24h,7d,30d&fresh=1"

ready
`;
}
