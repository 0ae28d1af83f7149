import { brotliCompressSync, constants } from "node:zlib";
import { build, type Format } from "esbuild";
import { dashboardFiles } from "./build.ts";

/** In bytes, minified and compressed with Brotli 11: what a page that embeds it pays. */
const entries: { entry: string; format: Format; limitBytes: number }[] = [
  { entry: "sdk/index.ts", format: "esm", limitBytes: 1280 },
  { entry: "sdk/tokens.ts", format: "esm", limitBytes: 1900 },
  { entry: "sdk/script.ts", format: "iife", limitBytes: 1460 },
];

/** All that the dashboard's page loads, together. */
const dashboardLimitBytes = 60 * 1024;

for (const { entry, format, limitBytes } of entries) {
  const { outputFiles } = await build({
    entryPoints: [entry],
    absWorkingDir: `${import.meta.dirname}/..`,
    bundle: true,
    minify: true,
    format,
    target: "es2022",
    write: false,
  });
  report(entry, outputFiles[0]?.contents ?? new Uint8Array(), limitBytes);
}
report(
  "dashboard",
  Buffer.concat((await dashboardFiles()).map(({ contents }) => contents)),
  dashboardLimitBytes,
);

function report(name: string, minified: Uint8Array, limitBytes: number): void {
  const { length } = brotliCompressSync(minified, {
    params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY },
  });
  const verdict = length > limitBytes ? "TOO BIG" : "ok";
  console.log(`${name.padEnd(16)} ${minified.length} B minified, ${length} of ${limitBytes} B  ${verdict}`);
  if (length > limitBytes) process.exitCode = 1;
}
