import { execFile } from "node:child_process";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { buildPackage } from "../../scripts/build-package.ts";
import { tarballPath } from "../../scripts/pack.ts";
import { copyRepository } from "../support/repository-copy.ts";

const run = promisify(execFile);
const dirs: string[] = [];

beforeAll(buildPackage);
afterAll(async () => {
  for (const dir of dirs) await rm(dir, { recursive: true, force: true });
});

/** Each by the package that has it and the name of its command. */
const managers: Record<string, [string, string]> = {
  "pnpm 12": ["pnpm@12.21.0", "pnpm"],
  "Bun 1.4": ["bun@1.4.5", "bun"],
  "Yarn 1": ["yarn@1.22.22", "yarn"],
  "Yarn 4": ["@yarnpkg/cli-dist@4.18.1", "yarn"],
};

/** Runs a package manager in a folder. Resolves with all that it said. */
async function runManager(name: string, dir: string, args: string[]): Promise<string> {
  const [source, command] = managers[name] as [string, string];
  const { stdout, stderr } = await run("npx", ["--yes", `--package=${source}`, "--", command, ...args], {
    cwd: dir,
  });
  return stdout + stderr;
}

test.each(Object.keys(managers))(
  "%s installs the packed package, and warns of nothing in it",
  async (name) => {
    const dir = await mkdtemp(join(tmpdir(), "headcount-managers-"));
    dirs.push(dir);
    await writeFile(
      join(dir, "package.json"),
      JSON.stringify({ name: "app", version: "1.0.0", license: "MIT", private: true, type: "module" }),
    );
    // A project of its own for Yarn 4, with a folder that Node knows.
    await writeFile(join(dir, ".yarnrc.yml"), "nodeLinker: node-modules\n");
    if (name === "Yarn 4") await writeFile(join(dir, "yarn.lock"), "");
    await cp(tarballPath, join(dir, "headcount.tgz"));
    const said = await runManager(name, dir, ["add", "headcount@file:./headcount.tgz"]);
    expect(said).not.toMatch(/\b(warn|warning|error)\b/i);
    const code = `
    const entries = await Promise.all(["", "/server", "/testing"].map((entry) => import("headcount" + entry)));
    console.log(entries.map((entry) => Object.keys(entry).length > 0).join());`;
    const { stdout } = await run(process.execPath, ["--input-type=module", "--eval", code], { cwd: dir });
    expect(stdout).toBe("true,true,true\n");
  },
);

// Yarn doesn't: see CONTRIBUTING.md.
test.each(["pnpm 12", "Bun 1.4"])(
  "%s installs the repository, and what is built there is the same",
  { timeout: 600_000 },
  async (name) => {
    const dir = await copyRepository();
    dirs.push(dir);
    await runManager(name, dir, ["install"]);
    await runManager(name, dir, ["run", "build"]);
    const built = await readFile(join(dir, "dist/headcount.tgz.bin"));
    expect(built.equals(await readFile(tarballPath))).toBe(true);
  },
);
