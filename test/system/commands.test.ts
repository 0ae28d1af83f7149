import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { tarballPath } from "../../scripts/pack.ts";
import { npm } from "../support/server.ts";

const run = promisify(execFile);
const rootDir = fileURLToPath(new URL("../..", import.meta.url));

test("every command says how it is used, with exit code 0 and without doing anything", async () => {
  const written = ["docs/operations.md", "bench/RESULTS.md"];
  const before = await Promise.all(written.map((path) => readFile(rootDir + path, "utf8")));
  for (const command of [
    "start",
    "demo",
    "keys",
    "apps",
    "dev",
    "build",
    "build:binary",
    "export",
    "import",
    "import-seen",
    "cost",
    "simulate",
    "bench",
  ]) {
    const { code, stdout, stderr } = await npm(["run", "--silent", command, "--", "--help"]);
    expect([command, code, stderr]).toEqual([command, 0, ""]);
    expect(stdout).toMatch(new RegExp(`^Usage: npm (run )?${command}\\b.*\\n$`));
  }
  expect(await Promise.all(written.map((path) => readFile(rootDir + path, "utf8")))).toEqual(before);
});

test("an install without what serving needs is one sentence that says what to run", async () => {
  const dir = await mkdtemp(join(tmpdir(), "headcount-test-"));
  try {
    for (const path of ["package.json", "scripts", "worker", "sdk"]) {
      await cp(rootDir + path, join(dir, path), { recursive: true });
    }
    // As before `npm ci`, with a Node that runs TypeScript and with one that doesn't know of it.
    await mkdir(join(dir, "node_modules", ".bin"), { recursive: true });
    for (const hasNode of [false, true]) {
      if (hasNode) await symlink(process.execPath, join(dir, "node_modules", ".bin", "node"));
      const ended = await run("npm", ["start", "--silent"], { cwd: dir }).catch((error) => error);
      expect([ended.code, ended.stderr]).toEqual([
        1,
        expect.stringMatching(/^headcount: required packages aren't installed: run npm ci, .*\n$/),
      ]);
    }
  } finally {
    await rm(dir, { recursive: true });
  }
});

test("what `npm start`, `npm run build` and `npm run build:binary` need is what `npm ci --omit=dev` installs", async () => {
  const dir = await mkdtemp(join(tmpdir(), "headcount-test-"));
  try {
    for (const path of [
      "package.json",
      "scripts",
      "worker",
      "sdk",
      "tsconfig.json",
      "README.md",
      "CHANGELOG.md",
      "LICENSE",
    ]) {
      await cp(rootDir + path, join(dir, path), { recursive: true });
    }
    const { packages } = JSON.parse(await readFile(`${rootDir}package-lock.json`, "utf8")) as {
      packages: Record<string, { dev?: boolean; link?: boolean }>;
    };
    const serving = Object.keys(packages).filter((path) => {
      const { dev, link } = packages[path] ?? {};
      return /^node_modules\/(@[^/]+\/)?[^/]+$/.test(path) && !dev && !link;
    });
    // npm also installs what an optional peer dependency of one of them and a tool for tests have in common.
    const forTests = new Set(["vitest", "vite", "react", "better-auth", "miniflare", "@types/node"]);
    expect(serving.filter((path) => forTests.has(path.slice("node_modules/".length)))).toEqual([]);
    for (const path of serving) {
      await mkdir(dirname(join(dir, path)), { recursive: true });
      await symlink(rootDir + path, join(dir, path));
    }
    await mkdir(join(dir, "node_modules/.bin"));
    for (const name of ["node", "tsc"]) {
      await symlink(`${rootDir}node_modules/.bin/${name}`, join(dir, "node_modules/.bin", name));
    }
    // The Worker, of which the bundler takes in every package, and what `npm start` loads to serve it.
    await run("npm", ["run", "build", "--silent"], { cwd: dir });
    expect(await readdir(join(dir, "dist"))).toEqual(expect.arrayContaining(["sdk", "worker.js"]));
    const built = await readFile(join(dir, "dist/headcount.tgz.bin"));
    expect(built.equals(await readFile(tarballPath))).toBe(true);
    const { stdout } = await run("npm", ["start", "--silent", "--", "--help"], { cwd: dir });
    expect(stdout).toMatch(/^Usage: npm start/);
    await run("npm", ["run", "build:binary", "--silent"], { cwd: dir });
    expect((await run(join(dir, "dist/binary/headcount"), ["--help"])).stdout).toMatch(/^Usage: headcount/);
  } finally {
    await rm(dir, { recursive: true });
  }
});

test("what serving needs is the same version for those who develop", async () => {
  const [service, root] = await Promise.all(
    ["service/package.json", "package.json"].map(async (path) =>
      JSON.parse(await readFile(rootDir + path, "utf8")),
    ),
  );
  expect(root.devDependencies).toMatchObject(service.dependencies);
});

test("an install brings the toolchain's Node on Linux and macOS, and runs nothing for it", async () => {
  const { packages } = JSON.parse(await readFile(`${rootDir}package-lock.json`, "utf8")) as {
    packages: Record<string, { os?: string; cpu?: string; version?: string; hasInstallScript?: boolean }>;
  };
  const nodes = Object.entries(packages).filter(([path]) =>
    /^node_modules\/node-(bin-)?(linux|darwin)-/.test(path),
  );
  expect(nodes.map(([, { os, cpu }]) => `${os} ${cpu}`).toSorted()).toEqual([
    "darwin arm64",
    "darwin x64",
    "linux arm64",
    "linux x64",
  ]);
  expect(nodes.filter(([, node]) => node.hasInstallScript || !node.version?.startsWith("24."))).toEqual([]);
});
