import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Packs the built package into a folder and unpacks it as npm would install it there. Resolves with the tarball's path. */
export async function installPacked(dir: string): Promise<string> {
  const { stdout } = await run(
    "npm",
    ["pack", "--json", "--silent", "--ignore-scripts", "--pack-destination", dir],
    { cwd: fileURLToPath(new URL("../..", import.meta.url)) },
  );
  const [{ filename }] = JSON.parse(stdout) as [{ filename: string }];
  const tarball = join(dir, filename);
  await mkdir(join(dir, "node_modules/headcount"), { recursive: true });
  await run("tar", ["-xzf", tarball, "-C", join(dir, "node_modules/headcount"), "--strip-components=1"]);
  return tarball;
}
