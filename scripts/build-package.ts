import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { build } from "esbuild";
import { buildTestingWorker, rootDir, writeIfChanged } from "./build.ts";
import { packPackage, tarballPath } from "./pack.ts";

const run = promisify(execFile);

/** The package's entries by the name after `headcount/`, and where each lies in `sdk/`. */
const entries = {
  index: "index.ts",
  background: "background.ts",
  "better-auth": "better-auth/index.ts",
  react: "react.ts",
  "react-native": "react-native.ts",
  server: "server/index.ts",
  socket: "socket.ts",
  supertokens: "supertokens/index.ts",
  testing: "testing/index.ts",
  tokens: "tokens.ts",
};

/** What nobody has on a phone. */
const onNodeOnly = new Set(["better-auth", "server", "supertokens", "testing"]);

const outDir = join(rootDir, "dist/sdk");
const testingDir = join(rootDir, "dist/testing");

/** Says from what the package was built last. */
const stampPath = join(rootDir, "dist/package.sha256");

/** All that the package is made of, and what makes it. */
const sources = [
  "sdk",
  "worker",
  "scripts",
  "package.json",
  "package-lock.json",
  "tsconfig.json",
  "README.md",
  "CHANGELOG.md",
  "LICENSE",
];

/**
 * Builds what the package holds:
 *
 * - `dist/sdk`: ES modules for production, their declarations beside them; `dist/sdk/development`: those that talk.
 * - `dist/sdk/cjs`: both of them as CommonJS, in the syntax of 2019, which webpack 4 and old Jest can read.
 * - `dist/sdk/cjs/native`: React Native has no `development` condition, but a global `__DEV__` that Metro resolves.
 * - `dist/testing`: the Worker that `headcount/testing` starts.
 * - a folder for each entry at the root, for readers that know no `exports`.
 * - `dist/headcount.tgz.bin`: all of it packed, which the Worker serves.
 *
 * It is made beside and put in place in one step, so that nobody who reads it meets half of it; and only where something has
 * changed, since every start asks for it.
 */
export async function buildPackage(): Promise<void> {
  const digest = await digestOfSources();
  const isThere = [outDir, testingDir, tarballPath].every((path) => existsSync(path));
  if (isThere && (await readFile(stampPath, "utf8").catch(() => "")) === digest) return;
  const draftDir = `${outDir}.${process.pid}`;
  await mkdir(draftDir, { recursive: true });
  try {
    await Promise.all([
      buildModules(draftDir, false),
      buildModules(join(draftDir, "development"), true),
      emitDeclarations(draftDir),
      buildTestingWorker(),
    ]);
    // esbuild imports for their side effects modules that have none, which makes bundlers warn. The line stays, for the
    // source map.
    await rewrite(draftDir, ".js", (text) => text.replaceAll(/^import "\.[^"]+";$/gm, ""));
    // TypeScript leaves `.ts` in the specifiers of declarations, which it could not read itself before 5.0.
    await rewrite(draftDir, ".d.ts", (text) =>
      text.replaceAll(/(["']\.{1,2}\/[^"']*)\.ts(["'])/g, "$1.js$2"),
    );
    await buildCommonJs(draftDir);
    await writeNativeEntries(join(draftDir, "cjs/native"));
    await packPackage(async (dir) => {
      await cp(draftDir, join(dir, "dist/sdk"), { recursive: true });
      await cp(testingDir, join(dir, "dist/testing"), { recursive: true });
      await writeFolders(dir);
    });
    await rename(outDir, `${draftDir}.old`).catch(() => {});
    // Where another build was faster, its folder is as good.
    await rename(draftDir, outDir).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(`${draftDir}.old`, { recursive: true, force: true });
    await rm(draftDir, { recursive: true, force: true });
  }
  await writeFolders(rootDir);
  await writeIfChanged(stampPath, Buffer.from(digest));
}

async function digestOfSources(): Promise<string> {
  const hash = createHash("sha256");
  for (const source of sources) {
    for (const path of await filesOf(source)) {
      hash
        .update(`${path}\0`)
        .update(await readFile(join(rootDir, path)))
        .update("\0");
    }
  }
  return hash.digest("hex");
}

/** A file, or the files of a folder in a fixed order, by paths below the root. */
async function filesOf(source: string): Promise<string[]> {
  const files = await readdir(join(rootDir, source), { recursive: true, withFileTypes: true }).catch(
    () => null,
  );
  if (files === null) return existsSync(join(rootDir, source)) ? [source] : [];
  return files
    .filter((file) => file.isFile())
    .map((file) => join(file.parentPath, file.name).slice(rootDir.length))
    .toSorted();
}

/** The entries share their modules, and with them the one instance of a key. */
async function buildModules(dir: string, isDevelopment: boolean): Promise<void> {
  await build({
    absWorkingDir: rootDir,
    entryPoints: Object.values(entries).map((path) => `sdk/${path}`),
    outbase: "sdk",
    outdir: dir,
    bundle: true,
    splitting: true,
    format: "esm",
    target: "es2022",
    packages: "external",
    // Takes out what the other build is for.
    minifySyntax: true,
    define: { __DEV__: String(isDevelopment) },
    chunkNames: "shared/[hash]",
    sourcemap: true,
  });
}

/** Rewrites the files of a folder that end so. */
async function rewrite(dir: string, ending: string, change: (text: string) => string): Promise<void> {
  for (const file of await readdir(dir, { recursive: true })) {
    if (!file.endsWith(ending)) continue;
    const path = join(dir, file);
    await writeFile(path, change(await readFile(path, "utf8")));
  }
}

/** From the modules rather than from the sources: these share what they have in common, which esbuild can't do for CommonJS. */
async function buildCommonJs(dir: string): Promise<void> {
  const files = await readdir(dir, { recursive: true });
  await build({
    absWorkingDir: dir,
    entryPoints: files.filter((file) => file.endsWith(".js")),
    outbase: ".",
    outdir: "cjs",
    format: "cjs",
    target: "es2019",
    // Node has both in CommonJS, where `import()` also finds a package that is a module.
    define: { "import.meta.url": "__filename" },
    supported: { "dynamic-import": true },
    sourcemap: true,
  });
  await Promise.all(
    files.filter((file) => file.endsWith(".d.ts")).map((file) => cp(join(dir, file), join(dir, "cjs", file))),
  );
  await writeJson(join(dir, "cjs/package.json"), { type: "commonjs", sideEffects: false });
}

async function emitDeclarations(dir: string): Promise<void> {
  // `npm run test:types` checks them. Without, nothing that only types come from has to be installed to serve.
  const args = ["-p", "sdk/tsconfig.build.json", "--noCheck", "--outDir", dir];
  await run(join(rootDir, "node_modules/.bin/tsc"), args, { cwd: rootDir });
}

async function writeNativeEntries(dir: string): Promise<void> {
  await mkdir(dir);
  for (const name of Object.keys(entries).filter((each) => !onNodeOnly.has(each))) {
    const choice = `__DEV__ ? require("../development/${name}.js") : require("../${name}.js")`;
    await writeFile(join(dir, `${name}.js`), `module.exports = ${choice};\n`);
  }
}

/** What `headcount/react` is to TypeScript's `moduleResolution: node`, webpack 4, Jest 27 and Metro before 0.82. */
async function writeFolders(dir: string): Promise<void> {
  for (const [name, path] of Object.entries(entries)) {
    if (name === "index") continue;
    const built = `../dist/sdk/cjs/${path.replace(/\.ts$/, "")}`;
    const native = onNodeOnly.has(name) ? {} : { "react-native": `../dist/sdk/cjs/native/${name}.js` };
    const manifest = { main: `${built}.js`, ...native, types: `${built}.d.ts`, sideEffects: false };
    await writeJson(join(dir, name, "package.json"), manifest);
  }
}

async function writeJson(path: string, value: object): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await buildPackage();
