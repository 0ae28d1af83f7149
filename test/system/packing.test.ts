import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readFile, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tarballPath } from "../../scripts/pack.ts";
import { copyRepository } from "../support/repository-copy.ts";

const run = promisify(execFile);
const rootDir = fileURLToPath(new URL("../..", import.meta.url));

/** Packing changes pages for a moment, which nobody else may read then. */
let dir: string;

beforeAll(async () => {
  dir = await copyRepository();
  await symlink(join(rootDir, "node_modules"), join(dir, "node_modules"));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

const pages = ["README.md", "CHANGELOG.md"];
const pagesOf = (folder: string) => Promise.all(pages.map((page) => readFile(join(folder, page), "utf8")));

test("what npm packs is what the service serves, byte for byte, and the pages stay as they were", async () => {
  const { stdout } = await run("npm", ["pack", "--silent"], { cwd: dir });
  const packed = await readFile(join(dir, stdout.trim().split("\n").at(-1) as string));
  expect(packed.equals(await readFile(tarballPath))).toBe(true);
  expect(await pagesOf(dir)).toEqual(await pagesOf(rootDir));
});

test("the pages in the package lead to the repository's files, and nowhere by a relative link", async () => {
  const { homepage } = JSON.parse(await readFile(join(dir, "package.json"), "utf8")) as { homepage: string };
  const repository = homepage.replace("#readme", "/");
  for (const page of pages) {
    const { stdout } = await run("tar", ["-xzOf", tarballPath, `package/${page}`]);
    const links = Array.from(stdout.matchAll(/\]\(([^)\s]+)\)/g), ([, link = ""]) => link);
    expect(links.length).toBeGreaterThan(3);
    expect([page, links.filter((link) => !link.startsWith("https://"))]).toEqual([page, []]);
    const paths = links
      .filter((link) => link.startsWith(repository))
      .map((link) => /^(?:blob|raw)\/main\/([^#]+)/.exec(link.slice(repository.length))?.[1] ?? link);
    expect([page, paths.filter((path) => !existsSync(join(rootDir, path)))]).toEqual([page, []]);
  }
});

test("npm has nothing to correct or to warn of when it publishes", async () => {
  const manifest = await readFile(join(dir, "package.json"), "utf8");
  await run("npm", ["pkg", "fix"], { cwd: dir });
  expect(await readFile(join(dir, "package.json"), "utf8")).toBe(manifest);
  const nowhere = ["--registry", "http://127.0.0.1:9", "--fetch-retries", "0"];
  const { stderr } = await run("npm", ["publish", "--dry-run", ...nowhere], { cwd: dir });
  const warnings = stderr.split("\n").filter((line) => /^npm (warn|error)/i.test(line));
  expect(warnings.filter((line) => !line.includes("requires you to be logged in"))).toEqual([]);
  expect(stderr).toContain("headcount@");
});
