import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { buildPackage } from "../../scripts/build-package.ts";
import { tarballPath } from "../../scripts/pack.ts";

const run = promisify(execFile);
const rootDir = fileURLToPath(new URL("../..", import.meta.url));

/** A folder for temporary files in which the packed package and tools from the registry are installed. */
export interface Workshop {
  dir: string;
  /** Imports a tool that is installed there. */
  tool: <Module>(name: string) => Promise<Module>;
  /** Runs a script of the folder, or of a package in it, by Node. */
  node: (args: string[], env?: Record<string, string>) => Promise<{ stdout: string; stderr: string }>;
  remove: () => Promise<void>;
}

export async function openWorkshop(tools: Record<string, string>): Promise<Workshop> {
  const dir = await mkdtemp(join(tmpdir(), "headcount-bundlers-"));
  await writeFile(join(dir, "package.json"), JSON.stringify({ private: true }));
  await buildPackage();
  const tarball = join(dir, "headcount.tgz");
  await cp(tarballPath, tarball);
  const wanted = Object.entries(tools).map(([name, version]) => `${name}@${version}`);
  await run("npm", ["install", "--silent", "--no-audit", "--no-fund", tarball, ...wanted], { cwd: dir });
  await cp(join(rootDir, "test/bundlers/app"), join(dir, "app"), { recursive: true });
  await mkdir(join(dir, "out"));
  const require = createRequire(join(dir, "package.json"));
  return {
    dir,
    tool: (name) => import(pathToFileURL(require.resolve(name)).href),
    node: (args, env = {}) => run(process.execPath, args, { cwd: dir, env: { ...process.env, ...env } }),
    remove: () => rm(dir, { recursive: true, force: true }),
  };
}
