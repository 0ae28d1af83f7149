import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile, type Plugin } from "esbuild";
import { apiReferencePage } from "./api-reference.ts";
import { licenseNotices } from "./licenses.ts";
import { sdkBundle } from "./sdk-bundle.ts";

/** The folder of the repository, or of the installed package. */
export const rootDir = fileURLToPath(new URL("..", import.meta.url));

/**
 * Builds the SDK for pages without a bundler, in the form in which the Worker takes it in: the script of `/sdk.js` into
 * `dist/sdk.js.txt`, its development build `/sdk.dev.js`, which is left readable, and the module `/sdk.mjs`.
 */
async function buildSdkScripts(): Promise<void> {
  const scripts = [
    { name: "sdk.js", file: "script.ts", format: "iife", isDevelopment: false },
    { name: "sdk.dev.js", file: "script.ts", format: "iife", isDevelopment: true },
    { name: "sdk.mjs", file: "index.ts", format: "esm", isDevelopment: false },
  ] as const;
  for (const { name, file, format, isDevelopment } of scripts) {
    const text = await sdkBundle([file], format, isDevelopment);
    await writeIfChanged(`${rootDir}dist/${name}.txt`, Buffer.from(text));
  }
}

/**
 * The files of the page at `/`. The page names its script and style with a hash of their contents, so that a browser
 * may keep them for good.
 */
export async function dashboardFiles(): Promise<{ name: string; contents: Uint8Array }[]> {
  return (await bundleDashboard()).files;
}

/** The files, and what they were made of. */
async function bundleDashboard() {
  const { outputFiles, metafile } = await build({
    absWorkingDir: rootDir,
    entryPoints: { dashboard: "worker/dashboard/main.tsx" },
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    jsx: "automatic",
    jsxImportSource: "preact",
    outdir: "dist",
    legalComments: "none",
    metafile: true,
    write: false,
  });
  let page = await readFile(`${rootDir}worker/dashboard/index.html`, "utf8");
  const files = outputFiles.map(({ path, contents }) => ({ name: basename(path), contents }));
  for (const { name, contents } of files) {
    const hash = createHash("sha256").update(contents).digest("base64url").slice(0, 12);
    page = page.replace(`"/${name}"`, `"/${name}?v=${hash}"`);
  }
  return {
    files: [...files, { name: "dashboard.html", contents: Buffer.from(page) }],
    inputs: metafile.inputs,
  };
}

/** Builds the page at `/` into `dist/dashboard.{html,js,css}.txt`. Returns what it was made of. */
async function buildDashboard(): Promise<Metafile["inputs"]> {
  const { files, inputs } = await bundleDashboard();
  for (const { name, contents } of files) await writeIfChanged(`${rootDir}dist/${name}.txt`, contents);
  return inputs;
}

/** Builds the page at `/docs` into `dist/reference.{html,css}.txt`. */
async function buildReference(): Promise<void> {
  const style = await readFile(`${rootDir}worker/reference/reference.css`);
  await writeIfChanged(`${rootDir}dist/reference.html.txt`, Buffer.from(apiReferencePage("/docs.css")));
  await writeIfChanged(`${rootDir}dist/reference.css.txt`, style);
}

/** Builds what the Worker serves as text. Returns what the page was made of; the SDK holds no code of others. */
async function buildAssets(): Promise<Metafile["inputs"]> {
  const [inputs] = await Promise.all([buildDashboard(), buildSdkScripts(), buildReference()]);
  return inputs;
}

/**
 * Builds the Worker into `dist/worker.js`, which `worker/workerd.capnp` embeds, and beside it the notices of what it
 * holds of others. The packed package stays a file of its own. Returns what it was made of.
 */
export async function bundleService(): Promise<Metafile["inputs"]> {
  return bundleWorker("worker/index.ts", "dist", "worker.js", false);
}

/**
 * Builds the Worker that `headcount/testing` starts into `dist/testing`, in the same way. The package brings that folder, so
 * that this Worker can't bring the package.
 */
export async function buildTestingWorker(): Promise<void> {
  await bundleWorker("worker/testing/index.ts", "dist/testing", "worker.mjs", true);
}

/** Leaves the import of bytes to the engine, from beside the Worker; or has it give nothing. */
function bytesModules(areThere: boolean): Plugin {
  return {
    name: "bytes",
    setup(bundler) {
      bundler.onResolve({ filter: /\.bin$/ }, ({ path }) =>
        areThere ? { path: `./${basename(path)}`, external: true } : { path, namespace: "nothing" },
      );
      bundler.onLoad({ filter: /./, namespace: "nothing" }, () => ({
        contents: "export default undefined;",
      }));
    },
  };
}

async function bundleWorker(
  entry: string,
  dir: string,
  name: string,
  isForTests: boolean,
): Promise<Metafile["inputs"]> {
  const pageInputs = await buildAssets();
  const { outputFiles, metafile } = await build({
    absWorkingDir: rootDir,
    entryPoints: [entry],
    bundle: true,
    minify: isForTests,
    format: "esm",
    target: "es2024",
    external: ["cloudflare:*"],
    loader: { ".txt": "text" },
    plugins: [bytesModules(!isForTests)],
    legalComments: "none",
    metafile: true,
    write: false,
  });
  const inputs = { ...pageInputs, ...metafile.inputs };
  const notices = await licenseNotices(rootDir, inputs);
  await writeIfChanged(`${rootDir}${dir}/third-party-licenses.txt`, Buffer.from(notices));
  await writeIfChanged(`${rootDir}${dir}/${name}`, outputFiles[0]?.contents as Uint8Array);
  return inputs;
}

/** Writes in one step, and only where something changed, so that a server that starts beside never reads half a file. */
export async function writeIfChanged(path: string, contents: Uint8Array): Promise<void> {
  const present = await readFile(path).catch(() => null);
  if (present !== null && Buffer.compare(present, contents) === 0) return;
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, contents);
  await rename(draft, path);
}
