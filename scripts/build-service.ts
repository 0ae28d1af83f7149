import { fileURLToPath } from "node:url";
import type { Metafile } from "esbuild";
import { buildPackage } from "./build-package.ts";
import { bundleService } from "./build.ts";
import { answerHelp, runCommand } from "./command-line.ts";

/** Builds the package and the Worker that serves it. Returns what the Worker was made of. */
export async function buildService(): Promise<Metafile["inputs"]> {
  await buildPackage();
  return bundleService();
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await runCommand(async () => {
    answerHelp("npm run build");
    await buildService();
  });
}
