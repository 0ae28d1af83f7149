import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "./proxies.ts";
import { makeDataDir } from "./server.ts";
import { logIn, type LoginOptions, type XmppClient } from "./xmpp-client.ts";

const modulesDir = fileURLToPath(new URL("../../examples/prosody", import.meta.url));
const password = "an invented password";

/** Options of Prosody's configuration, as Lua. */
type LuaOptions = Record<string, string>;

/** A real Prosody with mod_headcount. */
export interface Prosody {
  dir: string;
  /** Where its own HTTP server listens. */
  httpUrl: string;
  /** What it has logged so far, since it was first started. */
  log(): string;
  /** Starts it, also after `stop`; resolves when clients can log in. */
  start(): Promise<void>;
  /** Ends it by SIGTERM; resolves once it is gone. */
  stop(): Promise<void>;
  /** Writes other options of its hosts, and has it read them. */
  reconfigure(hosts: Record<string, LuaOptions>): Promise<void>;
  /** Makes an account where there is none, and logs in to it. */
  logIn(jid: string, options?: Partial<LoginOptions>): Promise<XmppClient>;
}

/**
 * Makes a Prosody with a folder, ports and accounts of its own, which does not run yet.
 *
 * @param hosts the options of each virtual host
 * @param global options that hold for all
 */
export async function makeProsody(
  hosts: Record<string, LuaOptions>,
  global: LuaOptions = {},
): Promise<Prosody> {
  const dir = await makeDataDir();
  const port = await freePort();
  const httpPort = await freePort();
  const file = join(dir, "prosody.cfg.lua");
  const write = (each: Record<string, LuaOptions>) =>
    writeFile(file, configuration(dir, { port, httpPort }, each, global));
  await write(hosts);
  const accounts = new Map<string, Promise<void>>();
  let log = "";
  let running: ReturnType<typeof run> | undefined;
  const run = () => {
    const child = spawn("prosody", ["-F", "--config", file], { stdio: ["ignore", "pipe", "pipe"] });
    child.stdout.on("data", (chunk: Buffer) => (log += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (log += chunk.toString()));
    return { child, ended: once(child, "exit") };
  };
  const prosody: Prosody = {
    dir,
    httpUrl: `http://127.0.0.1:${httpPort}`,
    log: () => log,
    async start() {
      const { child, ended } = (running = run());
      started.push(child);
      const from = log.length;
      const failed = ended.then(() => Promise.reject(new Error(`Prosody did not start: ${log}`)));
      // It is seen to end by whoever waits for that.
      failed.catch(() => undefined);
      while (!/Activated service 'c2s' on \[/.test(log.slice(from)))
        await Promise.race([once(child.stdout, "data"), failed]);
    },
    async stop() {
      running?.child.kill("SIGTERM");
      await running?.ended;
    },
    async reconfigure(each) {
      await write(each);
      const from = log.length;
      if (running === undefined) return;
      const { child } = running;
      child.kill("SIGHUP");
      while (!log.slice(from).includes("Reloading configuration file")) await once(child.stdout, "data");
    },
    async logIn(jid, options) {
      // Only once: Prosody may be reading it already.
      const account = accounts.get(jid) ?? makeAccount(dir, jid);
      accounts.set(jid, account);
      await account;
      return logIn({ port, jid, password, ...options });
    },
  };
  return prosody;
}

/** Ends each Prosody that a test has left running. */
export function endProsodies(): void {
  for (const child of started.splice(0)) child.kill("SIGKILL");
}

const started: { kill(signal: NodeJS.Signals): boolean }[] = [];

/** Prosody writes what is no letter or digit as `%` and two hexadecimal digits. */
export function encoded(name: string): string {
  return name.replaceAll(/[^a-z0-9]/gi, (character) => `%${character.charCodeAt(0).toString(16)}`);
}

async function makeAccount(dir: string, jid: string): Promise<void> {
  const [name = "", host = ""] = jid.split("@");
  if (name === "") return;
  const accounts = join(dir, "data", encoded(host), "accounts");
  await mkdir(accounts, { recursive: true });
  await writeFile(join(accounts, `${encoded(name)}.dat`), `return { ["password"] = "${password}" };\n`);
}

function configuration(
  dir: string,
  ports: { port: number; httpPort: number },
  hosts: Record<string, LuaOptions>,
  global: LuaOptions,
): string {
  const common: LuaOptions = {
    run_as_root: "true",
    pidfile: `"${dir}/pid"`,
    data_path: `"${dir}/data"`,
    log: '{ { levels = { min = "debug" }, to = "console" } }',
    plugin_paths: `{ "${modulesDir}" }`,
    modules_enabled: '{ "saslauth", "smacks", "ping", "headcount" }',
    modules_disabled: '{ "s2s", "s2s_auth_certs" }',
    storage: '"internal"',
    authentication: '"internal_plain"',
    allow_unencrypted_plain_auth: "true",
    c2s_require_encryption: "false",
    c2s_interfaces: '{ "127.0.0.1" }',
    c2s_ports: `{ ${ports.port} }`,
    c2s_direct_tls_ports: "{}",
    http_interfaces: '{ "127.0.0.1" }',
    http_ports: `{ ${ports.httpPort} }`,
    https_ports: "{}",
    ...global,
  };
  const lines = (options: LuaOptions) => Object.entries(options).map(([name, value]) => `${name} = ${value}`);
  const parts = Object.entries(hosts).map(
    ([host, options]) => `VirtualHost "${host}"\n${lines(options).join("\n")}\n`,
  );
  return [...lines(common), "", ...parts].join("\n");
}
