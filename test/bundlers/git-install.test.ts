import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { afterAll, expect, test } from "vitest";
import { copyRepository } from "../support/repository-copy.ts";

const run = promisify(execFile);
const dirs: string[] = [];

afterAll(async () => {
  for (const dir of dirs) await rm(dir, { recursive: true, force: true });
});

test("npm builds what it installs from git", { timeout: 600_000 }, async () => {
  const repository = await copyRepository();
  dirs.push(repository);
  const git = (...args: string[]) =>
    run("git", ["-c", "user.name=test", "-c", "user.email=test@example.com", ...args], { cwd: repository });
  await git("init", "--quiet");
  await git("add", "--all");
  await git("commit", "--quiet", "--message", "As it is");
  const project = await mkdtemp(join(tmpdir(), "headcount-from-git-"));
  dirs.push(project);
  await writeFile(join(project, "package.json"), JSON.stringify({ private: true, type: "module" }));
  const address = `git+${pathToFileURL(repository).href}`;
  await run("npm", ["install", "--silent", "--no-audit", "--no-fund", address], { cwd: project });
  for (const mode of ["module", "commonjs"]) {
    const get = (name: string) => (mode === "module" ? `await import("${name}")` : `require("${name}")`);
    const code = `
      const entries = [${["", "/server", "/react-native", "/testing"].map((entry) => get(`headcount${entry}`)).join()}];
      console.log(entries.map((entry) => Object.keys(entry).length > 0).join());`;
    const { stdout } = await run(process.execPath, [`--input-type=${mode}`, "--eval", code], {
      cwd: project,
    });
    expect([mode, stdout]).toEqual([mode, "true,true,true,true\n"]);
  }
});
