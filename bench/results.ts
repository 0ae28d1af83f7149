import { readFile, writeFile } from "node:fs/promises";

const file = new URL("RESULTS.md", import.meta.url);

/** Writes these sections, each of which begins with its `## ` heading, into `bench/RESULTS.md`: in place of those of the same heading, or at the end. */
export async function writeResults(sections: readonly string[]): Promise<void> {
  const [head = "", ...held] = (await readFile(file, "utf8")).split(/\n(?=## )/);
  const byHeading = new Map(held.map((section) => [headingOf(section), section]));
  for (const section of sections) byHeading.set(headingOf(section), section);
  await writeFile(
    file,
    [head, ...[...byHeading.values()].map((section) => `${section.trimEnd()}\n`)].join("\n"),
  );
}

function headingOf(section: string): string {
  return section.split("\n", 1)[0]!;
}
