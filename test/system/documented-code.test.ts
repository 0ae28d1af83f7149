import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { blocksOf } from "../support/documented.ts";
import { frameworkTypes } from "../support/framework-types.ts";

const run = promisify(execFile);
const rootDir = fileURLToPath(new URL("../..", import.meta.url));

/** What the examples take for granted, and no more. */
const placeholders = `
declare const headcount: import("headcount/server").HeadcountServer;
declare const secretKey: string;
declare const log: { warn(error: Error): void };
declare const server: import("node:http").Server;
declare const chrome: {
  storage: { local: { get(name: string): Promise<Record<string, string | undefined>>; set(items: Record<string, string>): Promise<void> } };
  action: { onClicked: { addListener(listener: () => void): void } };
};
declare module "cloudflare:workers" {
  export function waitUntil(work: Promise<unknown>): void;
}
`;

let dir: string;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), "headcount-documented-"));
  await mkdir(join(dir, "node_modules"));
  await symlink(rootDir, join(dir, "node_modules/headcount"));
  for (const name of [
    "@auth",
    "@better-auth",
    "@clerk",
    "@types",
    "better-auth",
    "better-call",
    "express",
    "fastify",
    "hono",
    "itty-router",
    "react",
    "standardwebhooks",
    "supertokens-node",
    "vitest",
  ]) {
    await symlink(join(rootDir, "node_modules", name), join(dir, "node_modules", name));
  }
  await writeFile(join(dir, "package.json"), JSON.stringify({ type: "module" }));
  await writeFile(join(dir, "placeholders.d.ts"), placeholders + frameworkTypes);
  // Without its globals, which a browser's types have too.
  const native = await readFile(join(rootDir, "examples/react-native/react-native.d.ts"), "utf8");
  await writeFile(
    join(dir, "native.d.ts"),
    native.split("// React Native has these as globals.")[0] as string,
  );
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Writes each example of a document into a file of its own, and gives their names. */
async function examplesOf(document: string): Promise<string[]> {
  const blocks = blocksOf(await readFile(join(rootDir, document), "utf8"));
  const examples = blocks.filter(({ language }) => ["js", "jsx", "ts", "tsx"].includes(language));
  return Promise.all(
    examples.map(async ({ lines }, index) => {
      const name = `${document.replaceAll(/\W/g, "-")}-${index + 1}.tsx`;
      await writeFile(join(dir, name), `${lines.join("\n")}\n`);
      return name;
    }),
  );
}

/** What TypeScript has to say against these files. */
async function errorsIn(files: string[]): Promise<string> {
  const compilerOptions = {
    strict: true,
    noEmit: true,
    target: "es2022",
    module: "esnext",
    moduleResolution: "bundler",
    moduleDetection: "force",
    jsx: "react-jsx",
    lib: ["es2022", "dom", "dom.iterable"],
    types: ["node"],
    skipLibCheck: true,
    preserveSymlinks: true,
  };
  await writeFile(
    join(dir, "tsconfig.json"),
    JSON.stringify({ compilerOptions, files: [...files, "placeholders.d.ts", "native.d.ts"] }),
  );
  const tsc = join(rootDir, "node_modules/.bin/tsc");
  return run(tsc, ["-p", dir]).then(
    () => "",
    ({ stdout, message }: { stdout: string; message: string }) => stdout || message,
  );
}

test.each([
  ["README.md", 1],
  ["docs/auth.md", 12],
  ["docs/frameworks.md", 16],
  ["docs/react.md", 5],
  ["docs/sdk.md", 4],
  ["docs/server.md", 8],
  ["docs/testing.md", 2],
  ["docs/tutorial.md", 1],
])("the examples of %s are TypeScript without an error", async (document, count) => {
  const files = await examplesOf(document);
  expect(files.length).toBeGreaterThanOrEqual(count);
  expect(await errorsIn(files)).toBe("");
});

test("an example with an error is found", async () => {
  await writeFile(
    join(dir, "wrong.tsx"),
    `import { init } from "headcount";\ninit({ endpoint: 42, key: "k" });\n`,
  );
  expect(await errorsIn(["wrong.tsx"])).toContain("wrong.tsx(2,8): error TS2322");
});
