import { execFile } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { rootDir, writeIfChanged } from "./build.ts";
import { packedPages, standAlone } from "./stand-alone.ts";

/** Where the packed package is. The ending tells wrangler that it is bytes. */
export const tarballPath = join(rootDir, "dist/headcount.tgz.bin");

/**
 * Packs the package as `npm publish` does, and byte for byte the same from the same content.
 *
 * @param fill puts what was built into the folder that is packed
 */
export async function packPackage(fill: (dir: string) => Promise<void>): Promise<void> {
  const dir = join(rootDir, `dist/package.${process.pid}`);
  try {
    await mkdir(dir, { recursive: true });
    for (const name of ["package.json", "LICENSE"]) await cp(join(rootDir, name), join(dir, name));
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
