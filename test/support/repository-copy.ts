import { cp, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const rootDir = fileURLToPath(new URL("../..", import.meta.url));

/** All of the repository that the package is made of, with what installs it. */
const parts = [
  ".gitignore",
  ".npmrc",
  "CHANGELOG.md",
  "LICENSE",
  "README.md",
  "package-lock.json",
  "package.json",
  "scripts",
  "sdk",
  "service/drop-headers.mjs",
  "service/package.json",
  "tsconfig.json",
  "worker",
];

/** Copies the repository as it is now into a folder for temporary files. */
export async function copyRepository(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "headcount-copy-"));
  for (const part of parts) await cp(join(rootDir, part), join(dir, part), { recursive: true });
  return dir;
}
