import { execFile } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { rootDir, writeIfChanged } from "./build.ts";
import { packedPages, standAlone } from "./stand-alone.ts";

/** Where the packed package is. The ending tells wrangler that it is bytes. */
export const tarballPath = join(rootDir, "dist/headcount.tgz.bin");

/**
 * Members of package.json that only the repository has a use for. npm would ask whoever installs the package by its address to
 * approve the script `prepare`, and Yarn 1 warns of workspaces.
 */
const repositoryOnly = new Set(["workspaces", "scripts", "devDependencies", "allowScripts"]);

/**
 * Packs what `npm publish` packs, and byte for byte the same from the same content.
 *
 * @param fill puts what was built into the folder that is packed
 */
export async function packPackage(fill: (dir: string) => Promise<void>): Promise<void> {
  const dir = join(rootDir, `dist/package.${process.pid}`);
  try {
    await mkdir(dir, { recursive: true });
    await cp(join(rootDir, "LICENSE"), join(dir, "LICENSE"));
    await writeFile(join(dir, "package.json"), await packedManifest());
    for (const name of packedPages) {
      await writeFile(join(dir, name), standAlone(await readFile(join(rootDir, name), "utf8")));
    }
    await fill(dir);
    // Without what the npm that may have started this was told for itself, such as --dry-run.
    const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
    const args = ["pack", "--json", "--silent", "--ignore-scripts"];
    const { stdout } = await promisify(execFile)("npm", args, { cwd: dir, env });
    const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
    await writeIfChanged(tarballPath, await readFile(join(dir, filename)));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

async function packedManifest(): Promise<string> {
  const manifest = JSON.parse(await readFile(join(rootDir, "package.json"), "utf8")) as object;
  const members = Object.entries(manifest).filter(([name]) => !repositoryOnly.has(name));
  return `${JSON.stringify(Object.fromEntries(members), null, 2)}\n`;
}
