import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Metafile } from "esbuild";

/**
 * The notices of all packages that a bundle holds code of, as their licences ask for.
 *
 * @param inputs what the bundler read, by path below `rootDir`
 */
export async function licenseNotices(rootDir: string, inputs: Metafile["inputs"]): Promise<string> {
  const folders = new Set(Object.keys(inputs).flatMap((path) => packageFolder(path) ?? []));
  const notices = await Promise.all([...folders].toSorted().map((folder) => noticeOf(join(rootDir, folder))));
  return `Headcount contains code of the packages below, each under its own licence.\n\n${notices.join("\n\n")}`;
}

/** `node_modules/zod` of `node_modules/zod/v4/index.js`; of nested ones the innermost. */
function packageFolder(path: string): string | null {
  return /^.*node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path)?.[0] ?? null;
}

async function noticeOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8")) as {
    name: string;
    version: string;
    license: string;
  };
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|notice|copying)/i.test(file));
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), "utf8")));
  const text =
    texts.length > 0 ? texts.map((each) => each.trim()).join("\n\n") : "(it contains no licence file)";
  return `${name} ${version} (${license})\n\n${text}\n`;
}
