import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
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

/** The files of a tarball, by their paths in it. */
async function filesOf(tarball: string): Promise<Map<string, string>> {
  const folder = await mkdtemp(join(dir, "unpacked-"));
  await run("tar", ["-xzf", tarball, "-C", folder]);
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  return new Map(
    await Promise.all(
      paths.map(
        async (path) => [path.slice(`${folder}/package/`.length), await readFile(path, "latin1")] as const,
      ),
    ),
  );
}

test("what npm packs is what the service serves, but for what only the repository needs, and the pages stay as they were", async () => {
  const { stdout } = await run("npm", ["pack", "--silent"], { cwd: dir });
  const packed = await filesOf(join(dir, stdout.trim().split("\n").at(-1) as string));
  const served = await filesOf(tarballPath);
  expect(await pagesOf(dir)).toEqual(await pagesOf(rootDir));
  expect([...served.keys()].toSorted()).toEqual([...packed.keys()].toSorted());
  const differing = [...packed.keys()].filter((path) => served.get(path) !== packed.get(path));
  expect(differing).toEqual(["package.json"]);
  const { workspaces, scripts, devDependencies, allowScripts, ...rest } = JSON.parse(
    packed.get("package.json") ?? "",
  );
  expect([workspaces, scripts, devDependencies, allowScripts]).not.toContain(undefined);
  expect(JSON.parse(served.get("package.json") ?? "")).toEqual(rest);
});

test("the same content gives the same bytes, in another folder too", async () => {
  await run("npm", ["run", "--silent", "build"], { cwd: dir });
  const again = await readFile(join(dir, "dist/headcount.tgz.bin"));
  expect(again.equals(await readFile(tarballPath))).toBe(true);
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
