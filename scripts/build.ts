import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

/** The folder of the repository, or of the installed package. */
export const rootDir = fileURLToPath(new URL("..", import.meta.url));

/** Builds the script of `/sdk.js` into `dist/sdk.js.txt`, the form in which the Worker takes it in. */
export async function buildSdkScript(): Promise<void> {
  const { outputFiles } = await build({
    absWorkingDir: rootDir,
    entryPoints: ["sdk/script.ts"],
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2022",
    write: false,
  });
  await writeIfChanged(`${rootDir}dist/sdk.js.txt`, outputFiles[0]?.contents as Uint8Array);
}

/** Builds the Worker into `dist/worker.js`, which `worker/workerd.capnp` embeds. */
export async function buildWorker(): Promise<void> {
  await buildSdkScript();
  const { outputFiles } = await build({
    absWorkingDir: rootDir,
    entryPoints: ["worker/index.ts"],
    bundle: true,
    format: "esm",
    target: "es2024",
    external: ["cloudflare:*"],
    loader: { ".txt": "text" },
    legalComments: "none",
    write: false,
  });
  await writeIfChanged(`${rootDir}dist/worker.js`, outputFiles[0]?.contents as Uint8Array);
}

/** Writes in one step, and only where something changed, so that a server that starts beside never reads half a file. */
async function writeIfChanged(path: string, contents: Uint8Array): Promise<void> {
  const present = await readFile(path).catch(() => null);
  if (present !== null && Buffer.compare(present, contents) === 0) return;
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, contents);
  await rename(draft, path);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await (process.argv[2] === "sdk" ? buildSdkScript() : buildWorker());
}
