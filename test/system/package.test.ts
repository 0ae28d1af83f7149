import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { publint } from "publint";
import { afterAll, beforeAll, expect, test } from "vitest";

const run = promisify(execFile);
const rootDir = fileURLToPath(new URL("../..", import.meta.url));

let dir: string;
let tarball: string;
let exported: string[];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "headcount-package-"));
  const { stdout } = await run(
    "npm",
    ["pack", "--json", "--silent", "--ignore-scripts", "--pack-destination", dir],
    { cwd: rootDir },
  );
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  tarball = join(dir, filename);
  await mkdir(join(dir, "node_modules/headcount"), { recursive: true });
  await run("tar", ["-xzf", tarball, "-C", join(dir, "node_modules/headcount"), "--strip-components=1"]);
  const { exports } = JSON.parse(
    await readFile(join(dir, "node_modules/headcount/package.json"), "utf8"),
  ) as {
    exports: Record<string, unknown>;
  };
  exported = Object.keys(exports);
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** What a bundler makes of a module that imports from the package, minified. */
async function bundled(code: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: dir },
    bundle: true,
    minify: true,
    format: "esm",
    external: ["react"],
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

test("the package is as its readers expect, by publint", async () => {
  const { messages } = await publint({ pkgDir: join(dir, "node_modules/headcount"), strict: true });
  expect(messages).toEqual([]);
});

test("every entry has types that fit it, by Are the types wrong", async () => {
  const { stdout } = await run(
    "npx",
    ["--no-install", "attw", tarball, "--profile", "esm-only", "--format", "json"],
    {
      cwd: rootDir,
      maxBuffer: 1 << 26,
    },
  ).catch((error: { stdout: string }) => error);
  const { analysis, problems } = JSON.parse(stdout) as {
    analysis: { entrypoints: Record<string, unknown> };
    problems?: Record<string, unknown>;
  };
  expect(
    Object.keys(problems ?? {}).filter((kind) => kind !== "CJSResolvesToESM" && kind !== "NoResolution"),
  ).toEqual([]);
  expect(Object.keys(analysis.entrypoints).toSorted()).toEqual(exported.toSorted());
});

test("it depends on nothing, and brings no source that isn't the SDK's", async () => {
  const manifest = JSON.parse(
    await readFile(join(dir, "node_modules/headcount/package.json"), "utf8"),
  ) as Record<string, unknown>;
  expect(manifest["dependencies"]).toBeUndefined();
  expect(manifest["sideEffects"]).toBe(false);
  const { stdout } = await run("tar", ["-tzf", tarball]);
  const folders = new Set(stdout.split("\n").map((path) => path.split("/").slice(1, 3).join("/")));
  expect([...folders].filter((folder) => folder.includes("/"))).toEqual(["dist/sdk"]);
});

test("what isn't used isn't bundled", async () => {
  for (const entry of exported) {
    const name = entry.replace(".", "headcount");
    expect([name, await bundled(`import * as all from "${name}";`)]).toEqual([name, ""]);
  }
  const observing = await bundled(`import { observe } from "headcount/socket"; observe();`);
  expect(observing).not.toContain("headcount.v1");
  const core = await bundled(`import { init } from "headcount"; init();`);
  for (const plugged of ["headcount.v1", "/v1/token", "/v1/activity"]) expect(core).not.toContain(plugged);
});

test("no bundle holds words that blockers look for, or what evaluates code", async () => {
  for (const entry of exported) {
    const name = entry.replace(".", "headcount");
    const code = await bundled(`export * from "${name}";`);
    expect([name, code.match(/sendBeacon|analytics|track|collect|\beval\(|new Function/i)]).toEqual([
      name,
      null,
    ]);
  }
});
