import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tarballPath } from "../../scripts/pack.ts";
import { cleanUp, startServer, type TestServer } from "../support/server.ts";

const run = promisify(execFile);

let server: TestServer;
let dir: string;

beforeAll(async () => {
  server = await startServer();
  dir = await mkdtemp(join(tmpdir(), "headcount-served-"));
});
afterAll(async () => {
  await rm(dir, { recursive: true, force: true });
  await cleanUp();
});

test("the service serves the package that was built with it, for a cache to ask for again", async () => {
  const built = await readFile(tarballPath);
  const response = await fetch(`${server.url}/headcount.tgz`);
  const { headers } = response;
  expect([response.status, headers.get("content-type")]).toEqual([200, "application/gzip"]);
  expect(Buffer.from(await response.arrayBuffer()).equals(built)).toBe(true);
  // After an upgrade nobody may be given the package of before.
  expect(headers.get("cache-control")).toBe("no-cache");
  const head = await fetch(`${server.url}/headcount.tgz`, { method: "HEAD" });
  expect(head.headers.get("content-length")).toBe(`${built.length}`);
  expect(head.headers.get("etag")).toBe(headers.get("etag"));
  expect((await head.arrayBuffer()).byteLength).toBe(0);
});

test.each(["/headcount.tgz", "/sdk.js", "/sdk.mjs", "/sdk.dev.js"])(
  "whoever has %s already is told so without its bytes",
  async (path) => {
    const ask = (tag: string) => fetch(`${server.url}${path}`, { headers: { "if-none-match": tag } });
    const etag = (await ask(`"of another version"`)).headers.get("etag") ?? "";
    expect(etag).toMatch(/^"[0-9a-f]{24}"$/);
    for (const known of [etag, `W/${etag}`, `"of another version", ${etag}`, "*"]) {
      const response = await ask(known);
      expect([known, response.status, response.headers.get("etag")]).toEqual([known, 304, etag]);
      expect(await response.text()).toBe("");
    }
    expect((await ask(`"of another version"`)).status).toBe(200);
  },
);

test("npm installs it from the service, where no registry can be reached", async () => {
  await writeFile(join(dir, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const unreachable = ["--registry", "http://127.0.0.1:9", "--fetch-retries", "0"];
  const args = ["install", "--no-audit", "--no-fund", ...unreachable, `${server.url}/headcount.tgz`];
  const { stderr } = await run("npm", args, { cwd: dir });
  // Of a script that has to be approved, say.
  expect(stderr).not.toMatch(/^npm warn/im);
  const code = `
    import { init } from "headcount";
    import { createHeadcount } from "headcount/server";
    import { createRequire } from "node:module";
    const { version } = createRequire(import.meta.url)("headcount/package.json");
    const { query } = createHeadcount({ endpoint: "${server.url}", secretKey: "${server.keys.secret}" });
    console.log(typeof init, version, (await query.online()).app);`;
  const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", code], { cwd: dir });
  const { version } = JSON.parse(await readFile(new URL("../../package.json", import.meta.url), "utf8")) as {
    version: string;
  };
  expect(stdout).toBe(`function ${version} demo\n`);
});
