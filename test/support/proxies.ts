import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { makeDataDir } from "./server.ts";

/** A proxy of the documentation that runs in front of an address. */
export interface Proxy {
  url: string;
  stop(): Promise<void>;
}

export const proxyNames = ["nginx", "caddy"] as const;
export type ProxyName = (typeof proxyNames)[number];

/** Whether a program is on this machine. */
export function isThere(command: string, flag = "--version"): boolean {
  try {
    execFileSync(command, [flag], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/**
 * Runs a proxy with its file in `ops/`, of which only the addresses are others and TLS is left out.
 *
 * @param upstream the port on which what it stands in front of listens
 */
export async function startProxy(name: ProxyName, upstream: number): Promise<Proxy> {
  const port = await freePort();
  const dir = await makeDataDir();
  const { command, args } = await (name === "nginx" ? nginx : caddy)(dir, port, upstream);
  const child = spawn(command, args, {
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, HOME: dir },
  });
  let said = "";
  child.stderr.on("data", (chunk: Buffer) => (said += chunk.toString()));
  const ended = once(child, "exit");
  const url = `http://127.0.0.1:${port}`;
  await Promise.race([
    isUp(url),
    ended.then(() => {
      throw new Error(`${name} did not start: ${said}`);
    }),
  ]);
  return {
    url,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

async function nginx(dir: string, port: number, upstream: number) {
  const site = replaced(await readFile("ops/nginx.conf", "utf8"), [
    ["listen 443 ssl;", `listen 127.0.0.1:${port};`],
    ["  ssl_certificate /etc/ssl/headcount.pem;\n", ""],
    ["  ssl_certificate_key /etc/ssl/headcount.key;\n", ""],
    ["127.0.0.1:8787", `127.0.0.1:${upstream}`],
  ]);
  const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
  const config = `
daemon off;
${process.getuid?.() === 0 ? "# Else root would hand over to a user who can't write into the folder.\nuser root;" : ""}
pid ${dir}/pid;
error_log stderr;
events {}
http {
  access_log off;
  ${folders.map((folder) => `${folder}_temp_path ${dir}/${folder};`).join("\n  ")}
  ${site}
}
`;
  await writeFile(join(dir, "nginx.conf"), config);
  return { command: "nginx", args: ["-p", dir, "-c", join(dir, "nginx.conf"), "-e", "stderr"] };
}

async function caddy(dir: string, port: number, upstream: number) {
  const site = replaced(await readFile("ops/Caddyfile", "utf8"), [
    ["headcount.example.com {", `http://127.0.0.1:${port} {`],
    ["127.0.0.1:8787", `127.0.0.1:${upstream}`],
  ]);
  await writeFile(join(dir, "Caddyfile"), `{\n\tadmin off\n}\n${site}`);
  return { command: "caddy", args: ["run", "--adapter", "caddyfile", "--config", join(dir, "Caddyfile")] };
}

function replaced(text: string, changes: [string, string][]): string {
  return changes.reduce((before, [from, to]) => {
    if (!before.includes(from)) throw new Error(`expected ${JSON.stringify(from)} in:\n${text}`);
    return before.replaceAll(from, to);
  }, text);
}

async function isUp(url: string): Promise<void> {
  for (;;) {
    try {
      await fetch(url);
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/** A port of loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, "close");
  return port;
}
