import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { asDocumented, blocksOf, commandsOf } from "../support/documented.ts";
import { cleanUp, startServer, type TestServer } from "../support/server.ts";

/** What docs/tutorial.md shows, done for real and in its order. */
const run = promisify(execFile);
let server: TestServer;

beforeAll(async () => {
  server = await startServer();
});
afterAll(async () => {
  await server.stop();
  await cleanUp();
});

const hasCurl = await run("curl", ["--version"]).then(
  () => true,
  () => false,
);
if (!hasCurl)
  console.log("skipped: no curl on this machine, so the commands of docs/tutorial.md were not run");

test.skipIf(!hasCurl)("each command of the tutorial prints what the page says", async () => {
  const blocks = blocksOf(await readFile(new URL("../../docs/tutorial.md", import.meta.url), "utf8"));
  const commands = blocks.filter(({ language }) => language === "console").flatMap(commandsOf);
  expect(commands.length).toBeGreaterThan(7);
  const { url, keys } = server;
  const variables = {
    U: url,
    PUB: keys.public,
    SECRET: keys.secret,
    READ: keys.read,
    J: "content-type: application/json",
  };
  for (const { command, prints } of commands) {
    const { stdout } = await run("sh", ["-c", command], { env: { ...process.env, ...variables } });
    expect([command, stdout.trim()]).toEqual([command, expect.stringMatching(asDocumented(prints))]);
  }
});
