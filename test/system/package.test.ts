import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { publint } from "publint";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installPacked } from "../support/packed.ts";

const run = promisify(execFile);
const rootDir = fileURLToPath(new URL("../..", import.meta.url));

let dir: string;
let tarball: string;
let exported: string[];
/** Those that need nothing else to be bundled. */
let bundleable: string[];

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "headcount-package-"));
  tarball = await installPacked(dir);
  const { exports } = JSON.parse(
    await readFile(join(dir, "node_modules/headcount/package.json"), "utf8"),
  ) as {
    exports: Record<string, unknown>;
  };
  exported = Object.keys(exports).filter((entry) => entry !== "./package.json");
  bundleable = exported.filter((entry) => entry !== "./testing" && entry !== "./better-auth");
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** What a bundler makes of a module that imports from the package, minified. */
async function bundled(code: string, conditions: string[] = []): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: code, resolveDir: dir },
    bundle: true,
    minify: true,
    format: "esm",
    external: ["react"],
    conditions,
    write: false,
  });
  return outputFiles[0]?.text ?? "";
}

test("the package is as its readers expect, by publint", async () => {
  const { messages } = await publint({ pkgDir: join(dir, "node_modules/headcount"), strict: true });
  expect(messages).toEqual([]);
});

test("every entry has types that fit it, for whoever imports or requires it, by Are the types wrong", async () => {
  const { stdout } = await run(
    "npx",
    ["--no-install", "attw", tarball, "--profile", "strict", "--format", "json"],
    { cwd: rootDir, maxBuffer: 1 << 26 },
  ).catch((error: { stdout: string }) => error);
  const { analysis, problems } = JSON.parse(stdout) as {
    analysis: { entrypoints: Record<string, unknown> };
    problems?: Record<string, unknown>;
  };
  expect(problems ?? {}).toEqual({});
  expect(Object.keys(analysis.entrypoints)).toEqual(expect.arrayContaining(exported));
});

test("it depends on nothing, and brings nothing but the SDK and the Worker for tests", async () => {
  const manifest = JSON.parse(
    await readFile(join(dir, "node_modules/headcount/package.json"), "utf8"),
  ) as Record<string, unknown>;
  expect(manifest["dependencies"]).toBeUndefined();
  expect(manifest["sideEffects"]).toBe(false);
  const { stdout } = await run("tar", ["-tzf", tarball]);
  const paths = stdout
    .trim()
    .split("\n")
    .map((path) => path.replace("package/", ""));
  const folders = exported.filter((entry) => entry !== ".").map((entry) => `${entry.slice(2)}/package.json`);
  expect(paths.filter((path) => !path.startsWith("dist/sdk/")).toSorted()).toEqual(
    [
      "CHANGELOG.md",
      "LICENSE",
      "README.md",
      "dist/testing/third-party-licenses.txt",
      "dist/testing/worker.mjs",
      "package.json",
      ...folders,
    ].toSorted(),
  );
});

test("every script has a source map that holds the TypeScript that it was made of", async () => {
  const { stdout } = await run("tar", ["-tzf", tarball]);
  const scripts = stdout.split("\n").filter((path) => path.endsWith(".js") && !path.includes("/native/"));
  const mapped = new Set<string>();
  for (const script of scripts) {
    const path = join(dir, "node_modules/headcount", script.replace("package/", ""));
    const { sources, sourcesContent } = JSON.parse(await readFile(`${path}.map`, "utf8")) as {
      sources: string[];
      sourcesContent: (string | null)[];
    };
    expect([script, sourcesContent.filter((text) => !text)]).toEqual([script, []]);
    const layout = script.includes("/development/") ? "development" : "production";
    for (const source of sources) {
      mapped.add(`${script.includes("/cjs/") ? "cjs" : "esm"} ${layout} ${source.split("/sdk/").at(-1)}`);
    }
  }
  for (const source of ["heartbeat.ts", "socket/connect.ts", "server/sender.ts"]) {
    for (const format of ["cjs", "esm"]) {
      for (const layout of ["development", "production"])
        expect(mapped).toContain(`${format} ${layout} ${source}`);
    }
  }
});

test.each(["import", "require"])(
  "what is had by %s shares one instance of a key among its entries",
  async (way) => {
    const get = (name: string) => (way === "import" ? `await import("${name}")` : `require("${name}")`);
    const code = `
    const { init } = ${get("headcount")};
    const tokens = ${get("headcount/tokens")};
    const { createHeadcount } = ${get("headcount/server")};
    const options = { endpoint: "https://hc.test", key: "k" };
    const first = init(options);
    console.log(first === init(options), tokens.init(options).options === first.options, typeof createHeadcount);`;
    const { stdout } = await run(
      process.execPath,
      [`--input-type=${way === "import" ? "module" : "commonjs"}`, "-e", code],
      { cwd: dir },
    );
    expect(stdout).toBe("true true function\n");
  },
);

test("CommonJS is in the syntax of 2019, which webpack 4 and old Jest can read", async () => {
  for (const entry of exported) {
    const path = join(dir, "node_modules/headcount", entry, entry === "." ? "" : "package.json");
    const { main } = JSON.parse(
      await readFile(entry === "." ? join(path, "package.json") : path, "utf8"),
    ) as { main: string };
    const code = await readFile(join(dir, "node_modules/headcount", entry, main), "utf8");
    expect([entry, code.match(/\?\?|\?\.[a-z[(]|#private/)]).toEqual([entry, null]);
  }
});

/** What came after 4.9, whose compiler itself reads them in `npm run test:bundlers`. */
const newerSyntax =
  /export type \*|<const \w|\bNoInfer<|\.ts"|\bwith \{ |import defer|reference lib="esnext\.disposable"/;

test("declarations are in the syntax of TypeScript 4.9", async () => {
  const sdk = join(dir, "node_modules/headcount/dist/sdk");
  const declarations = (await readdir(sdk, { recursive: true })).filter((path) => path.endsWith(".d.ts"));
  expect(declarations.length).toBeGreaterThan(exported.length);
  for (const path of declarations) {
    const text = (await readFile(join(sdk, path), "utf8")).replaceAll(/\/\*[^]*?\*\//g, "");
    expect([path, text.match(newerSyntax)]).toEqual([path, null]);
  }
});

test("what isn't used isn't bundled", async () => {
  for (const entry of bundleable) {
    const name = entry.replace(".", "headcount");
    expect([name, await bundled(`import * as all from "${name}";`)]).toEqual([name, ""]);
  }
  const observing = await bundled(`import { observe } from "headcount/socket"; observe();`);
  expect(observing).not.toContain("headcount.v1");
  const core = await bundled(`import { init } from "headcount"; init();`);
  for (const plugged of ["headcount.v1", "/v1/token", "/v1/activity"]) expect(core).not.toContain(plugged);
});

test("no bundle holds words that blockers look for, or what evaluates code", async () => {
  for (const entry of bundleable) {
    const name = entry.replace(".", "headcount");
    const code = await bundled(`export * from "${name}";`);
    expect([name, code.match(/sendBeacon|analytics|track|collect|\beval\(|new Function/i)]).toEqual([
      name,
      null,
    ]);
  }
});

test("the build for development talks, and the one for production has nothing of it", async () => {
  const talk = /console\.|\[headcount\]|__DEV__/;
  const mayTalk = bundleable.filter((entry) => entry !== "./server" && entry !== "./supertokens");
  for (const entry of mayTalk) {
    const code = `export * from "${entry.replace(".", "headcount")}";`;
    expect([entry, (await bundled(code)).match(talk)]).toEqual([entry, null]);
    if (entry !== "./socket")
      expect([entry, await bundled(code, ["development"])]).toEqual([
        entry,
        expect.stringContaining("[headcount]"),
      ]);
  }
});

test("so it is on a server, where production talks of what fails alone", async () => {
  const code = `export * from "headcount/server";`;
  const [production, development] = [await bundled(code), await bundled(code, ["development"])];
  expect(production).not.toMatch(/\[headcount\]|__DEV__|console\.warn/);
  expect(production.match(/console\.\w+/g)).toEqual(["console.error"]);
  expect(development).toContain("[headcount]");
});
