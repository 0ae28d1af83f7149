import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { rootDir } from "./build.ts";
import { repositoryUrl } from "./docs-site.ts";

/** The pages that the package brings along. */
export const packedPages = ["README.md", "CHANGELOG.md"];

/**
 * A page of the repository's root as it reads elsewhere: its links, which are relative so that they work in every copy and
 * branch, lead to the repository.
 */
export function standAlone(markdown: string): string {
  return markdown.replaceAll(
    /(!?)(\[[^\]]*\])\((?![a-z]+:|#)([^)\s]+)\)/g,
    (_, image: string, text: string, path: string) =>
      `${image}${text}(${repositoryUrl()}/${image ? "raw" : "blob"}/main/${path})`,
  );
}

/** The reverse of `standAlone`. */
export function inRepository(markdown: string): string {
  const url = repositoryUrl();
  return markdown.replaceAll(`](${url}/raw/main/`, "](").replaceAll(`](${url}/blob/main/`, "](");
}

// npm packs the pages that are there. It runs this before and after.
if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const change = process.argv[2] === "undo" ? inRepository : standAlone;
  for (const page of packedPages) {
    const path = join(rootDir, page);
    writeFileSync(path, change(readFileSync(path, "utf8")));
  }
}
