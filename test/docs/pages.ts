import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** The folder of the repository, with a slash at its end. */
export const rootDir = new URL("../../", import.meta.url).pathname;

/** The text of a file of the repository. */
export function textOf(path: string): string {
  return readFileSync(join(rootDir, path), "utf8");
}

/** The files below folders of the repository, by paths from its root. */
export function filesIn(...folders: string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(rootDir, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.parentPath.includes("node_modules"))
      .map((entry) => join(entry.parentPath, entry.name).slice(rootDir.length)),
  );
}

/** Every page of the documentation, by its path from the root. */
export const pages = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...filesIn("docs", "examples").filter((path) => path.endsWith(".md")),
];

/** The cells of each row of the tables in a Markdown text, without backticks. */
export function rowsOf(markdown: string): string[][] {
  return markdown
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .slice(1, -1)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim().replaceAll("`", "")),
    );
}

/** What the first column of each table of a Markdown text lists, below its head. */
export function listsIn(markdown: string): string[][] {
  const firsts = rowsOf(markdown).map(([first = ""]) => first);
  const isRule = (cell: string | undefined) => /^:?-+:?$/.test(cell ?? "");
  const lists: string[][] = [];
  for (const [index, first] of firsts.entries()) {
    if (isRule(first)) lists.push([]);
    else if (!isRule(firsts[index + 1])) lists.at(-1)?.push(first);
  }
  return lists;
}

/** The text below a heading, up to the next one of its level or a higher one. */
export function sectionOf(markdown: string, heading: string): string {
  const [, marks = ""] = /^(#+) /.exec(heading) ?? [];
  const [, rest = ""] = markdown.split(`\n${heading}\n`);
  return rest.split(new RegExp(`^#{1,${marks.length}} `, "m"))[0] ?? "";
}
