import { brotliCompressSync, constants } from "node:zlib";
import { build, type Format } from "esbuild";
import { dashboardFiles } from "./build.ts";

/**
 * In bytes, minified and compressed with Brotli 11: what a page that embeds it pays. The limits keep it from growing.
 */
const bundles: { name: string; entries: string[]; format: Format; limitBytes: number }[] = [
  { name: "core", entries: ["index"], format: "esm", limitBytes: 2900 },
  { name: "core + socket", entries: ["index", "socket"], format: "esm", limitBytes: 3700 },
  { name: "tokens", entries: ["tokens"], format: "esm", limitBytes: 3450 },
  { name: "/sdk.js", entries: ["script"], format: "iife", limitBytes: 3200 },
];

const sdkDir = `${import.meta.dirname}/../sdk`;

/** All that the dashboard's page loads, together. */
const dashboardLimitBytes = 60 * 1024;

for (const { name, entries, format, limitBytes } of bundles) {
  const { outputFiles } = await build({
    ...(entries.length === 1
      ? { entryPoints: [`${sdkDir}/${entries[0]}.ts`] }
      : {
          stdin: {
            contents: entries.map((entry) => `export * from "./${entry}.ts";`).join("\n"),
            resolveDir: sdkDir,
          },
        }),
    bundle: true,
    minify: true,
    format,
    target: "es2022",
    define: { __DEV__: "false" },
    write: false,
  });
  report(name, outputFiles[0]?.contents ?? new Uint8Array(), limitBytes);
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
