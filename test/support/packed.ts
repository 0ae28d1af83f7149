import { execFile } from "node:child_process";
import { cp, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { tarballPath } from "../../scripts/pack.ts";

const run = promisify(execFile);

/** Unpacks the packed package as npm would install it in a folder. Resolves with the tarball's path. */
export async function installPacked(dir: string): Promise<string> {
  const tarball = join(dir, "headcount.tgz");
  await cp(tarballPath, tarball);
  await mkdir(join(dir, "node_modules/headcount"), { recursive: true });
  await run("tar", ["-xzf", tarball, "-C", join(dir, "node_modules/headcount"), "--strip-components=1"]);
  return tarball;
}
