import { brotliCompressSync, constants } from "node:zlib";
import type { Format } from "esbuild";
import { dashboardFiles } from "./build.ts";
import { sdkBundle } from "./sdk-bundle.ts";

/**
 * In bytes, minified and compressed with Brotli 11: what a page that embeds it pays. The limits keep it from growing.
 * `/sdk.js` and the core (`/sdk.mjs`) are what the service serves. The others are what a bundler that minifies with Terser makes of
 * the package; esbuild's own minifier leaves 6 % more.
 */
const bundles: { name: string; files: string[]; format: Format; limitBytes: number }[] = [
  { name: "core", files: ["index.ts"], format: "esm", limitBytes: 2885 },
  { name: "core + socket", files: ["index.ts", "socket.ts"], format: "esm", limitBytes: 3685 },
  { name: "tokens", files: ["tokens.ts"], format: "esm", limitBytes: 3405 },
  { name: "/sdk.js", files: ["script.ts"], format: "iife", limitBytes: 3130 },
];

/** All that the dashboard's page loads, together. */
const dashboardLimitBytes = 60 * 1024;

for (const { name, files, format, limitBytes } of bundles) {
  report(name, Buffer.from(await sdkBundle(files, format)), limitBytes);
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
