import { existsSync, globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const rootDir = fileURLToPath(new URL("../..", import.meta.url));
const folders = "{.ci,bench,docs,examples,scripts,sdk,test,worker}";

function pathsIn(...patterns: string[]): string[] {
  return globSync(patterns, { cwd: rootDir, exclude: (name) => name.includes("node_modules") }).toSorted();
}

const documents = pathsIn("README.md", "CONTRIBUTING.md", "docs/**/*.md");
const paths = pathsIn("*", `${folders}/**/*`);
const isThere = new Set(paths);

/** A path from the root: it begins with one of the folders there. */
const fromRoot = new RegExp(`^(?:${folders.slice(1, -1).replaceAll(",", "|").replaceAll(".", "\\.")})/`);
/** A source file, by its name or the end of its path. */
const sourceFile = /^[\w.-]+(?:\/[\w.-]+)*\.(?:ts|tsx|capnp|toml)$/;

/** What a document names in code spans: paths from the root, and source files. Patterns and examples in blocks are left out. */
function namesIn(markdown: string): string[] {
  const spans = markdown.replaceAll(/^```[^]*?^```$/gm, "").matchAll(/`([^`]+)`/g);
  return Array.from(spans, ([, span = ""]) => span.split(/\s+/))
    .flat()
    .filter((word) => /^[\w./-]+$/.test(word) && (fromRoot.test(word) || sourceFile.test(word)));
}

function isName(name: string): boolean {
  const path = name.replace(/\/$/, "");
  return isThere.has(path) || (sourceFile.test(name) && paths.some((one) => one.endsWith(`/${path}`)));
}

test("names are read out of a document, and those of no file are found", () => {
  const text =
    "`worker/app/app.ts`, `app.ts`, `npx node bench/cost.ts`, `/sdk.js`, `u.id`\n```ts\n`none.ts`\n```\n";
  expect(namesIn(text)).toEqual(["worker/app/app.ts", "app.ts", "bench/cost.ts"]);
  expect(["worker/app/app.ts", "app/app.ts", "worker/query/", "worker/pace.ts", "p.ts"].map(isName)).toEqual([
    true,
    true,
    true,
    false,
    false,
  ]);
  expect(documents).toContain("docs/walkthrough.md");
});

test.for(documents)("every file that %s names is there", async (document) => {
  const names = namesIn(await readFile(join(rootDir, document), "utf8"));
  expect(names.filter((name) => !isName(name))).toEqual([]);
});

test.for(documents)("every file that %s links to is there", async (document) => {
  const text = await readFile(join(rootDir, document), "utf8");
  const links = Array.from(text.matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g), ([, link = ""]) => link);
  const lost = links.filter((link) => !existsSync(join(rootDir, dirname(document), link)));
  expect(lost).toEqual([]);
});
