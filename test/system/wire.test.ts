import { execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closeCodes, liveProtocol } from "../../sdk/wire.ts";
import { problemTypes } from "../../worker/http/problem.ts";
import { asDocumented, blocksOf, commandsOf } from "../support/documented.ts";
import { askOnline } from "../support/live-client.ts";
import { cleanUp, makeDataDir, startServer, type TestServer } from "../support/server.ts";

/** What docs/wire.md shows, done for real. */
const run = promisify(execFile);
const text = await readFile(new URL("../../docs/wire.md", import.meta.url), "utf8");
const blocks = blocksOf(text);

let server: TestServer;
const variables: Record<string, string> = {};

beforeAll(async () => {
  server = await startServer();
  Object.assign(variables, {
    U: server.url,
    PUB: server.keys.public,
    SECRET: server.keys.secret,
    J: "content-type: application/json",
    HOUR_AGO: String(Date.now() - 3_600_000),
    TODAY: new Date().toISOString().slice(0, 10),
  });
});
afterAll(async () => {
  await server.stop();
  await cleanUp();
});

const hasCurl = isThere("curl");
if (!hasCurl) console.log("skipped: no curl on this machine, so the commands of docs/wire.md were not run");

test.skipIf(!hasCurl)("each command prints what the page says", async () => {
  const commands = blocks.filter(({ language }) => language === "console").flatMap(commandsOf);
  expect(commands.length).toBeGreaterThan(10);
  for (const { command, prints } of commands) {
    const { stdout } = await run("sh", ["-c", command], { env: { ...process.env, ...variables } });
    expect([command, stdout.trim()]).toEqual([command, expect.stringMatching(asDocumented(prints))]);
    variables["TOKEN"] ??= /"token":"([^"]+)"/.exec(stdout)?.[1] ?? "";
    if (variables["TOKEN"] === "") delete variables["TOKEN"];
  }
});

test("each conversation over a socket goes as the page says", async () => {
  const conversations = blocks.filter(({ language }) => language === "live");
  expect(conversations.length).toBeGreaterThan(2);
  for (const { lines } of conversations) {
    const ws = new WebSocket(`${server.url.replace("http", "ws")}/v1/live`, liveProtocol);
    const heard: string[] = [];
    let wake = () => {};
    const hear = (line: string) => {
      heard.push(line);
      wake();
    };
    ws.addEventListener("message", ({ data }) => hear(`← ${data}`));
    ws.addEventListener("close", ({ code, reason }) => hear(`✕ ${code} ${reason}`));
    await once(ws, "open");
    for (const line of lines) {
      if (line.startsWith("→ ")) {
        ws.send(line.slice(2).replace("$PUB", server.keys.public));
        continue;
      }
      while (heard.length === 0) await new Promise<void>((resolve) => (wake = resolve));
      expect(heard.shift()).toBe(line);
    }
    ws.close();
  }
});

/** The page's client as a file. */
async function clientScript(): Promise<string> {
  const block = blocks.find(({ language }) => language === "js");
  const script = join(await makeDataDir(), "client.mjs");
  await writeFile(script, block?.lines.join("\n") ?? "");
  return script;
}

test("the whole client counts its user, and comes back after the service was away", async () => {
  const script = await clientScript();
  const own = await startServer();
  const client = spawn(process.execPath, [script, own.url, own.keys.public, "u-7"], { stdio: "ignore" });
  try {
    const online = { timeout: 30_000, interval: 500 };
    await expect.poll(() => askOnline(own), online).toEqual({ people: 1, sockets: 1 });
    await own.stop();
    const again = await startServer({ dataDir: own.dataDir, port: Number(new URL(own.url).port) });
    await expect.poll(async () => (await askOnline(again)).sockets, online).toBe(1);
    await again.stop();
  } finally {
    client.kill("SIGKILL");
    await once(client, "exit");
  }
});

test("the whole client gives up where the same again would fare the same", async () => {
  const script = await clientScript();
  const { stderr } = await run(process.execPath, [script, server.url, "hc_pub_demo_wrong", "u-7"]);
  expect(stderr).toContain(`given up ${closeCodes.credentials}`);
});

test("the tables name each problem and each close code", () => {
  const rows = Array.from(text.matchAll(/^\| `([a-z-]+)` +\| (\d{3}) +\|/gm), ([, type, status]) => [
    type,
    Number(status),
  ]);
  expect(rows).toEqual(problemTypes());
  for (const code of Object.values(closeCodes)) expect(text).toMatch(new RegExp(`^\\| ${code} +\\|`, "m"));
});

function isThere(command: string): boolean {
  try {
    execFileSync(command, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
