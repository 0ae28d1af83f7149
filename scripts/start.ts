import { fstatSync } from "node:fs";
import { runCommand } from "./command-line.ts";
import { defaultDataDir } from "./data-folder.ts";
import { isBinary, typed } from "./installation.ts";
import { readServeOptions, type Served, serve } from "./serve.ts";

const usage = `${typed("start")} [--port N] [--host H] [--data DIR] [--accept-loss]`;

await runCommand(async () => {
  const server = await serve(readServeOptions({ data: defaultDataDir }, usage));
  process.stdout.write(greeting(server, mayShowKeys(server.isNewSecret)));
  await server.ended;
});

/** Whoever starts it for the first time, or at a terminal, is shown the keys. A log keeps what it is told, for many to read. */
function mayShowKeys(isFirstStart: boolean): boolean {
  return process.stdout.isTTY || (isFirstStart && !isLog());
}

/** Whether standard output goes to systemd's journal, which names itself in the environment, or to the log of a container. */
function isLog(): boolean {
  if (process.pid === 1) return true;
  const { dev, ino } = fstatSync(1);
  return process.env["JOURNAL_STREAM"] === `${dev}:${ino}`;
}

function greeting(server: Served, withKeys: boolean): string {
  return `
Headcount is ready: ${server.url}
${[newSecret(server), addressWarning(), withKeys ? keysAndFirstSteps(server) : whereKeysAre(server)].join("")}
ready
`;
}

function newSecret({ isNewSecret, dataDir }: Served): string {
  if (!isNewSecret) return "";
  return `
A secret was made in ${dataDir}. It gives access to everything: back it up, and keep it private.
`;
}

/** Without it one connection can invent as many people as the machine can count. */
function addressWarning(): string {
  if (process.env["HEADCOUNT_ADDRESS_HEADER"]) return "";
  return `
No rate limit by IP address: HEADCOUNT_ADDRESS_HEADER is not set, so one connection can report any number of
made-up people. Before others can reach this server, put a proxy in front and name its header: docs/operations.md.
`;
}

function whereKeysAre({ url, dataDir }: Served): string {
  return `
The dashboard is at ${url}/. Keys are printed by: ${typed("keys")} demo --data ${dataDir}
`;
}

function keysAndFirstSteps({ url, keys }: Served): string {
  return `
Open the dashboard: ${url}/#key=${keys.read}

The keys of the app "demo" (more with: ${typed("keys")} APP)

  public  ${keys.public}    in pages and apps: reports activity
  read    ${keys.read}    reads counts
  secret  ${keys.secret}    on servers: everything

Put this on a page:

  <script defer src="${url}/sdk.js" data-key="${keys.public}"></script>

${exampleOf(url, keys.public)}and ask how many people were active:

  curl -H "Authorization: Bearer ${keys.read}" "${url}/v1/active?window=24h,7d,30d&fresh=1"
`;
}

function exampleOf(url: string, key: string): string {
  if (isBinary) return "";
  const page = new URL("../examples/web/index.html", import.meta.url);
  return `or open an example in a browser:

  ${page.href}?endpoint=${url}&key=${key}

`;
}
